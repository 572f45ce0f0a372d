//! Every limit of the rollup, each with its unit and where it comes from.
//!
//! The first group is the protocol's; we can only respect it. The second is ours.

// --- The PVM's and layer 1's ---------------------------------------------------------------

/// Bytes: the longest inbox message a kernel is handed, its tag included.
pub const INBOX_MESSAGE_BYTES: usize = 4_096;
/// Bytes: the longest outbox message.
pub const OUTBOX_MESSAGE_BYTES: usize = 4_096;
/// Messages: what the outbox of one level takes.
pub const OUTBOX_MESSAGES_PER_LEVEL: usize = 100;
/// Bytes: the most one `store_read` or `store_write` moves.
pub const STORE_IO_BYTES: usize = 2_048;
/// Bytes: the longest durable storage path.
pub const PATH_BYTES: usize = 240;
/// Bytes: the longest entrypoint name.
pub const ENTRYPOINT_BYTES: usize = 31;

// --- Ours ----------------------------------------------------------------------------------

/// Bytes: the longest ticket content, as Micheline. A ticketer and a content fit one value.
pub const TICKET_CONTENT_BYTES: usize = 2_000;
/// Messages: batches taken in that wait for verification. One more is refused as `busy`.
pub const WAITING_BATCHES: u64 = 256;
/// Batches: how many of the waiting ones may be passed over because the level's budget for
/// large batches is spent. Their numbers fit one value.
pub const DEFERRED_BATCHES: usize = 128;
/// Parts: what one run verifies before it asks for a reboot. A part is one (signer, transaction)
/// pair: one hash to the curve and at most one Miller loop.
pub const PARTS_PER_RUN: usize = 20;
/// Parts: up to this many a batch is small and has the level's second budget to itself.
pub const SMALL_BATCH_PARTS: u32 = 4;
/// Parts: what large batches may use of one level.
pub const LARGE_PARTS_PER_LEVEL: u32 = 512;
/// Parts: what small batches may use of one level when large ones have used theirs.
pub const SMALL_PARTS_PER_LEVEL: u32 = 128;
/// Messages: deposits applied in one run before it asks for a reboot.
pub const DEPOSITS_PER_RUN: usize = 1_000;
/// Levels: results are kept in generations of this many (a day at 6 s a block).
pub const LEVELS_PER_GENERATION: i32 = 14_400;
/// Generations: how many are kept, the current one included.
pub const GENERATIONS_KEPT: i32 = 2;

// What the limits owe each other.
const _: () = assert!(TICKET_CONTENT_BYTES + 21 <= STORE_IO_BYTES);
const _: () = assert!(DEFERRED_BATCHES * 8 <= STORE_IO_BYTES);
const _: () = assert!((DEFERRED_BATCHES as u64) < WAITING_BATCHES);
const _: () = assert!(SMALL_BATCH_PARTS <= SMALL_PARTS_PER_LEVEL);
// A content of the greatest size still leaves room for one withdrawal of it in an outbox message.
const _: () = assert!(TICKET_CONTENT_BYTES + 256 <= OUTBOX_MESSAGE_BYTES);
