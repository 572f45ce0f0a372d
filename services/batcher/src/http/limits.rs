//! Every limit of the batcher's HTTP interface, with its unit. Those that clients have to know are in
//! [`batcher_api::limits`] and in the quote.

use std::time::Duration;

use web::Rate;

/// Requests of one address, of any kind.
pub const REQUESTS: Rate = Rate { per_second: 100, burst: 300 };
/// Transactions that one address submits or simulates. A burst is at least a request.
pub const TRANSACTIONS: Rate = Rate { per_second: 500, burst: 2_000 };
/// Signatures of offers that one address gives. A burst is at least a request.
pub const SIGNATURES: Rate = Rate { per_second: 500, burst: 2_000 };
/// Addresses whose rates are remembered. Those beyond it share the rate of one.
pub const ADDRESSES: usize = 65_536;
/// Event streams of one address.
pub const STREAMS_PER_ADDRESS: usize = 32;
/// Event streams in all: less than [`CONNECTIONS`], so that they never keep out who asks something else.
pub const STREAMS: usize = 10_000;
/// Event streams in all where the batcher is served beside a sandbox, whose connections they are.
pub const STREAMS_BESIDE: usize = 800;
/// How long an event stream is silent at most: then it has a comment.
pub const SILENCE: Duration = Duration::from_secs(15);
/// Seconds: when to come back where nothing better is known.
pub const BUSY_SECONDS: u64 = 1;
/// Seconds: when to come back while the rollup node is away.
pub const NODE_AWAY_SECONDS: u64 = 5;
/// Bytes: the body of a request.
pub const BODY_BYTES: usize = 4 << 20;
/// Bytes: the request line and headers. A stream of as many accounts as it may have fits.
pub const HEAD_BYTES: usize = 64 << 10;
/// Bytes: bodies up to this size are read where connections are served, and larger ones beside them.
pub const SMALL_BYTES: usize = 16 << 10;
/// Connections served at once.
pub const CONNECTIONS: usize = 12_000;
/// Connections that may be open while one is kept for another request.
pub const KEPT_CONNECTIONS: usize = 11_000;
/// Open files that are asked of the system.
pub const FILES: u64 = 16_384;

/// What a client may take of the server.
pub const WEB: web::Limits = web::Limits {
    connections: CONNECTIONS,
    kept_connections: KEPT_CONNECTIONS,
    backlog: 1_024,
    files: FILES,
    head_bytes: HEAD_BYTES,
    headers: 64,
    body_bytes: BODY_BYTES,
    small_bytes: SMALL_BYTES,
    bodies_bytes: 64 << 20,
    answers_bytes: 128 << 20,
    head_time: Duration::from_secs(5),
    body_time: Duration::from_secs(10),
    answer_time: Duration::from_secs(10),
    idle_time: Duration::from_secs(30),
    linger_time: Duration::from_millis(500),
    last_answers_time: Duration::from_secs(1),
};

const _: () = assert!(STREAMS < CONNECTIONS && KEPT_CONNECTIONS < CONNECTIONS);
const _: () = assert!(TRANSACTIONS.burst as usize >= batcher_api::limits::TRANSACTIONS_PER_REQUEST);
const _: () = assert!(SIGNATURES.burst as usize >= batcher_api::limits::SIGNATURES_PER_REQUEST);
// `account=tz4…&` has 45 bytes.
const _: () = assert!(HEAD_BYTES > 46 * batcher_api::limits::ACCOUNTS_PER_STREAM);
