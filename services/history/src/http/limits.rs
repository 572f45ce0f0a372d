//! Every limit of the history's HTTP interface, with its unit. Those of pages are in [`crate::limits`].

use std::time::Duration;

use web::Rate;

/// Requests of one address. Whoever is on this machine is not limited.
pub const REQUESTS: Rate = Rate { per_second: 50, burst: 200 };
/// Addresses whose rates are remembered. Those beyond it share the rate of one.
pub const ADDRESSES: usize = 65_536;
/// Requests that read the index or wait for that, at once: others are told to come back.
pub const WAITING: usize = 256;
/// Seconds: when to come back where nothing better is known.
pub const BUSY_SECONDS: u64 = 1;
/// Seconds: when to come back while the index has no level.
pub const AWAY_SECONDS: u64 = 5;

/// What a client may take of a server that has the history alone.
pub const WEB: web::Limits = web::Limits {
    connections: 2_000,
    kept_connections: 1_500,
    backlog: 1_024,
    files: 4_096,
    head_bytes: 16 << 10,
    headers: 64,
    body_bytes: 0,
    small_bytes: 64 << 10,
    bodies_bytes: 0,
    answers_bytes: 64 << 20,
    head_time: Duration::from_secs(5),
    body_time: Duration::from_secs(10),
    answer_time: Duration::from_secs(10),
    idle_time: Duration::from_secs(30),
    linger_time: Duration::from_millis(500),
    last_answers_time: Duration::from_secs(1),
};
