//! The limits of the index.

use std::time::Duration;

/// Rows of one page at most.
pub const MAX_PAGE: usize = 200;

/// Rows of a page unless somebody asks for more or less.
pub const USUAL_PAGE: usize = 50;

/// Messages that are told which a transaction or a batch is in.
pub const MAX_PLACES: usize = 20;

/// Operations of a batch that are told because they were not applied.
pub const MAX_FAILURES: usize = 50;

/// Connections that read at once; who comes later waits for one of them.
pub const READERS: usize = 4;

/// How long somebody waits for another one's transaction.
pub const BUSY_TIME: Duration = Duration::from_secs(5);

/// Hexadecimal digits of a hash that a search needs at least.
pub const MIN_HASH_DIGITS: usize = 8;

/// How often the node is asked for its head.
pub const HEAD_POLL: Duration = Duration::from_millis(200);

/// The longest pause between two attempts while the node does not answer.
pub const MAX_HEAD_POLL: Duration = Duration::from_secs(5);

/// How long a client waits for a connection to a history that is served elsewhere.
pub const CONNECT_TIME: Duration = Duration::from_secs(5);

/// How long a client waits for an answer.
pub const ANSWER_TIME: Duration = Duration::from_secs(30);

/// Bytes: the longest answer that a client reads. A page of the longest rows has a tenth of it.
pub const MAX_ANSWER_BYTES: u64 = 16 << 20;

/// How long a client asks again where a history is busy, or has just begun.
pub const CATCHING_UP_TIME: Duration = Duration::from_secs(5);

/// Between two of those attempts.
pub const CATCHING_UP_PAUSE: Duration = Duration::from_millis(100);
