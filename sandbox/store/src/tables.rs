//! What is in the file: its tables, their keys and values, and the limits of the store.
//!
//! The head is the state after the last level, as rows of the durable storage. For each level kept
//! there are the rows that lead back to the state before it.

use redb::TableDefinition;

/// The format of the file. Newer ones are refused, and an older one becomes this one when it is opened.
pub const FORMAT: u32 = 2;

/// The oldest format that is opened. Hashes of its states are not known.
pub(crate) const OLDEST_FORMAT: u32 = 1;

/// The version of exports. Newer ones are refused. The first has no inboxes, and neither it nor the second
/// has hashes of states.
pub const EXPORT_VERSION: u16 = 3;

/// The oldest version of exports that is read.
pub(crate) const OLDEST_EXPORT_VERSION: u16 = 1;

/// The longest name of a snapshot, in bytes.
pub const MAX_SNAPSHOT_NAME_BYTES: usize = 64;

/// Rows that one level may change. A kernel can copy a subtree to many paths, in one cheap call for each.
/// The store has to write the rows of every copy.
pub const MAX_ROWS_PER_LEVEL: u64 = 1 << 22;

/// What the database may hold in memory, in bytes.
pub const CACHE_BYTES: usize = 16 << 20;

/// Facts about the whole, by name: those below.
pub(crate) const META: TableDefinition<'_, &str, &[u8]> = TableDefinition::new("meta");

/// In [`META`]: the format, an `u32`, little-endian.
pub(crate) const META_FORMAT: &str = "format";

/// In [`META`]: what never changes.
pub(crate) const META_IDENTITY: &str = "identity";

/// In [`META`]: the machine after the last level.
pub(crate) const META_MACHINE: &str = "machine";

/// Path and part of each row of the head.
pub(crate) const HEAD: TableDefinition<'_, (&str, u32), &[u8]> = TableDefinition::new("head");

/// Level, path and part of each row that the level changed: what it was before, if it was there.
pub(crate) const UNDO: TableDefinition<'_, (i32, &str, u32), Option<&[u8]>> =
    TableDefinition::new("undo");

/// Each level kept: the machine before it, and what is told about it. They follow each other
/// without a gap, up to the last one played.
pub(crate) const LEVELS: TableDefinition<'_, i32, &[u8]> = TableDefinition::new("levels");

/// The outbox of each level kept, by level and place.
pub(crate) const OUTBOX: TableDefinition<'_, (i32, u32), &[u8]> = TableDefinition::new("outbox");

/// The inbox of each level kept, without the protocol's own messages, by level and place. Files of before
/// it was kept have none of their first levels.
pub(crate) const INBOX: TableDefinition<'_, (i32, u32), &[u8]> = TableDefinition::new("inbox");

/// Snapshots by name: the level at whose end they are.
pub(crate) const SNAPSHOTS: TableDefinition<'_, &str, i32> = TableDefinition::new("snapshots");
