//! Every limit of the sandbox, with its unit.

use std::time::Duration;

use crate::error::NodeError;
use web::Limits;

/// Bytes: the request line and headers of a request. A service that is served beside the sandbox may take a thousand
/// accounts in a query.
pub const MAX_HEAD_BYTES: usize = 64 << 10;
/// Headers of a request.
pub const MAX_HEADERS: usize = 64;
/// Bytes: the body of a request.
pub const MAX_BODY_BYTES: usize = 1 << 20;
/// Bytes: what one answer may tell of durable storage, before it is written as hex.
pub const MAX_ANSWER_BYTES: usize = 16 << 20;
/// Connections served at once. More are told to come back.
pub const MAX_CONNECTIONS: usize = 2_000;
/// Connections that may be there while one is kept for another request. With more, each ends after
/// its answer, so that nobody keeps others out.
pub const MAX_KEPT_CONNECTIONS: usize = 1_900;
/// Connections that the system keeps until they are taken. The system may have less room.
pub const MAX_BACKLOG: i32 = 1_024;
/// Open files that are asked of the system, for those connections and all else.
pub const WANTED_FILES: u64 = 8_192;
/// How long a kept connection may be silent.
pub const IDLE_TIME: Duration = Duration::from_secs(30);
/// Streams of blocks at once.
pub const MAX_STREAMS: usize = 64;
/// Blocks that the reader of a stream may be behind.
pub const MAX_BLOCKS_BEHIND: usize = 4_096;
/// Bytes: bodies and answers up to this size are not counted.
pub const SMALL_BYTES: usize = 16 << 10;
/// Bytes: the larger bodies that are in memory at once.
pub const MAX_BODIES_BYTES: usize = 64 << 20;
/// Bytes: the larger answers that are on their way at once.
pub const MAX_ANSWERS_BYTES: usize = 128 << 20;
/// Requests that are served before what they sent gets to the disk, for all of them at once.
pub const MAX_GROUP: usize = 1_000;
/// How long they may take.
pub const GROUP_TIME: Duration = Duration::from_millis(20);
/// How long a client may take for the head of its request.
pub const HEAD_TIME: Duration = Duration::from_secs(5);
/// How long a client may take for the body of its request.
pub const BODY_TIME: Duration = Duration::from_secs(10);
/// How long a client may take to read its answer.
pub const ANSWER_TIME: Duration = Duration::from_secs(10);
/// How long the rest of a refused request is read, so that its sender sees the answer.
pub const LINGER_TIME: Duration = Duration::from_millis(500);
/// How long answers that are on their way are waited for at the end.
pub const LAST_ANSWERS_TIME: Duration = Duration::from_secs(1);
/// Those of them that are about connections.
pub const WEB: Limits = Limits {
    backlog: MAX_BACKLOG,
    files: WANTED_FILES,
    connections: MAX_CONNECTIONS,
    kept_connections: MAX_KEPT_CONNECTIONS,
    head_bytes: MAX_HEAD_BYTES,
    headers: MAX_HEADERS,
    body_bytes: MAX_BODY_BYTES,
    small_bytes: SMALL_BYTES,
    bodies_bytes: MAX_BODIES_BYTES,
    answers_bytes: MAX_ANSWERS_BYTES,
    head_time: HEAD_TIME,
    body_time: BODY_TIME,
    answer_time: ANSWER_TIME,
    idle_time: IDLE_TIME,
    linger_time: LINGER_TIME,
    last_answers_time: LAST_ANSWERS_TIME,
};
/// Messages of one request to the batcher or of one simulation.
pub const MAX_MESSAGES_PER_REQUEST: usize = 1_000;
/// Pages that a simulation may reveal.
pub const MAX_PAGES_PER_REQUEST: usize = 1_000;
/// Values that a simulation may be asked for.
pub const MAX_INSIGHTS_PER_REQUEST: usize = 1_000;
/// Messages that wait for a level.
pub const MAX_QUEUED_MESSAGES: usize = 10_000;
/// Messages of which it is known what became of them; the oldest are forgotten.
pub const MAX_KNOWN_MESSAGES: usize = 20_000;
/// Bytes: the messages of a level, each counted with [`MESSAGE_OVERHEAD_BYTES`], as manager
/// operations have 512 KiB of a block. The rest waits for the next level.
pub const MAX_LEVEL_BYTES: usize = 512 << 10;
/// Bytes: what a message takes in an operation beside itself.
pub const MESSAGE_OVERHEAD_BYTES: usize = 4;
/// Bytes: of those, what operations of layer 1 may send to the rollup in a level. Operations beyond it are
/// refused, and can be done in the next level.
pub const MAX_SENT_BYTES: usize = 384 << 10;
/// Messages that operations of layer 1 may send to the rollup in a level.
pub const MAX_SENT_MESSAGES: usize = 4_000;
/// Operations of layer 1 that an answer tells.
pub const MAX_TOLD_OPERATIONS: usize = 100;
/// Bytes: the payload of an external message, which has a tag before it.
pub const MAX_EXTERNAL_BYTES: usize = pvm::MAX_MESSAGE_BYTES - 1;
/// Levels baked by one request.
pub const MAX_LEVELS_PER_REQUEST: u32 = 10_000;
/// Levels without messages that get to the disk together.
pub const UNSYNCED_LEVELS: u32 = 128;
/// Levels: how long layer 1 accepts an outbox message: until the last cemented level is so many beyond
/// the outbox's (`sc_rollup_max_active_outbox_levels`).
pub const ACTIVE_OUTBOX_LEVELS: i32 = 151_200;
/// Levels: the storage of so many is kept at hand for those who look at it.
pub const RECENT_LEVELS: usize = 8;
/// Levels: how far the final block is behind the head.
pub const FINALITY_LEVELS: i32 = 2;
/// Levels: the longest commitment period and challenge window that can be set.
pub const MAX_PERIOD_LEVELS: i32 = 1_000_000;

/// Refuses more than a limit.
pub(crate) fn at_most(what: &'static str, found: usize, limit: usize) -> Result<(), NodeError> {
    if found > limit { Err(NodeError::TooMuch { what, found, limit }) } else { Ok(()) }
}
