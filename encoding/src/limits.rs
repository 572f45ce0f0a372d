//! Every limit of the rollup, each with its unit and where it comes from.
//!
//! The first group is the protocol's; we can only respect it. The second is ours.

use crate::VerificationGas;

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
/// Bytes: what stands before the body of an external message of ours: two tags, the rollup's address
/// and the version.
pub const ROLLUP_FRAME_BYTES: usize = 1 + 1 + 20 + 1;

// --- Ours ----------------------------------------------------------------------------------

/// Bytes: the longest ticket content, as Micheline. A ticketer and a content fit one value.
pub const TICKET_CONTENT_BYTES: usize = 2_000;
/// Batches: how many may be deferred to a later level. When there is one more, the one of the lowest class
/// is refused as `BUSY`.
pub const DEFERRED_BATCHES: usize = 150;
/// The highest price class. A batch of class `n` pays at least `2^n` bytes of the inbox for each unit of
/// verification gas, and this class is open to above: it is that of a full message which asks for 4 gas, as a
/// batch does that all its signers have signed.
pub const TOP_PRICE_CLASS: u8 = 10;
/// Price classes, from 0.
pub const PRICE_CLASSES: usize = TOP_PRICE_CLASS as usize + 1;
/// Verification gas: what verifying one part costs, by definition.
pub const GAS_PER_PART: VerificationGas = VerificationGas::new(1);
/// Verification gas: what a batch costs beyond its parts: its signature and the final exponentiation.
pub const GAS_PER_BATCH: VerificationGas = VerificationGas::new(2);
/// Keys: so many new ones in a batch cost 1 gas more, to be stored once it has been verified.
pub const KEYS_PER_GAS: u32 = 7;
/// Proofs: so many proofs of possession in a batch cost 1 gas more.
pub const PROOFS_PER_GAS: u32 = 3;
/// Keys: so many signers of one message cost 1 gas more, for the sum of their keys.
pub const SUMMED_KEYS_PER_GAS: u32 = 1_024;
/// Parts: so many signings of one v2 batch may be individual, over the signer's own transaction instead of
/// the batch. So no message asks for more than a quarter of a level.
pub const INDIVIDUAL_SIGNATURES_PER_BATCH: u32 = 100;
/// Accounts: so many have an index. The wire form is `index + 2`, below 2^32.
pub const MAX_ACCOUNTS: u32 = u32::MAX - 1;
/// Verification gas: what one run verifies before it asks for a reboot. Some billion instructions.
pub const GAS_PER_RUN: VerificationGas = VerificationGas::new(20);
/// Verification gas: what one level spends on batches.
pub const GAS_PER_LEVEL: VerificationGas = VerificationGas::new(640);
/// Verification gas: the most that one message asks for.
pub const GAS_PER_MESSAGE: VerificationGas = VerificationGas::new(GAS_PER_LEVEL.get() / 4);
/// Messages: deposits applied in one run before it asks for a reboot.
pub const DEPOSITS_PER_RUN: usize = 1_000;
/// Messages: batches looked at in one run before it asks for a reboot.
pub const BATCHES_PER_RUN: usize = 1_000;
/// Messages: so many may wait for the outbox. They leave at 100 a level.
pub const QUEUE_MESSAGES: u64 = 1 << 20;
/// Bytes: what waits for the outbox may take, as it is kept.
pub const QUEUE_BYTES: u64 = 64 << 20;
/// Messages: so many of one account, or of one depositor, may wait for the outbox.
pub const QUEUE_MESSAGES_PER_OWNER: u64 = 1_000;
/// Levels: results are kept in generations of this many (a day at 6 s a block).
pub const LEVELS_PER_GENERATION: i32 = 14_400;
/// Generations: how many are kept, the current one included.
pub const GENERATIONS_KEPT: i32 = 2;
/// Levels: the most whose results one root may sum up. Half a generation, so that the leaves are kept for
/// half of one at least after the root was written.
pub const LEVELS_PER_WINDOW: i32 = LEVELS_PER_GENERATION / 2;
/// Leaves: from so many results on, their root is written at the end of the level, whatever the
/// configuration says. Their hashes take 32 MiB.
pub const LEAVES_PER_WINDOW: u64 = 1 << 20;
/// Levels: between the last page of a new kernel and its installation, where the configuration says
/// nothing else. A week at 6 s a block.
pub const UPGRADE_DELAY_LEVELS: i32 = 100_800;
/// Bytes: the largest kernel that is taken for an upgrade.
pub const KERNEL_BYTES: usize = 4 << 20;
/// Steps: of a migration of the state, made in one run before it asks for a reboot.
pub const MIGRATION_STEPS_PER_RUN: u32 = 256;
/// Runs: so many may be cut off at the same step of a migration before the kernel of before it is
/// put back.
pub const MIGRATION_ATTEMPTS: u32 = 3;

// What the limits owe each other.
const _: () = assert!(TICKET_CONTENT_BYTES + 21 <= STORE_IO_BYTES);
// What a block of layer 1 has room for, 512 KiB of operations, cannot take a level's whole budget in the
// highest class: what is in it is verified in its own level.
const _: () = assert!((GAS_PER_LEVEL.get() as usize) << TOP_PRICE_CLASS > 512 << 10);
// A full message that all sign is in that class.
const _: () = assert!(
    INBOX_MESSAGE_BYTES / (GAS_PER_PART.get() + 1 + GAS_PER_BATCH.get()) as usize
        >= 1 << TOP_PRICE_CLASS
);
// A content of the greatest size still leaves room for one withdrawal of it in an outbox message.
const _: () = assert!(TICKET_CONTENT_BYTES + 256 <= OUTBOX_MESSAGE_BYTES);
