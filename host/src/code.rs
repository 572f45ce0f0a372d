//! The PVM's error codes, by name.

/// A path of more than 250 bytes, its root included.
pub const KEY_TOO_LONG: i32 = -1;
/// A path that breaks the rules for paths.
pub const INVALID_KEY: i32 = -2;
/// No value at the path.
pub const NO_VALUE: i32 = -3;
/// An offset beyond the value.
pub const BAD_OFFSET: i32 = -4;
/// A value that would be too large.
pub const VALUE_TOO_LARGE: i32 = -5;
/// A range that is not in the kernel's memory.
pub const BAD_ADDRESS: i32 = -6;
/// More bytes than one call takes.
pub const IO_TOO_LARGE: i32 = -7;
/// Whatever has no code of its own.
pub const OTHER: i32 = -8;
/// A path that a kernel cannot write.
pub const READONLY: i32 = -9;
/// No subtree at the path.
pub const NO_TREE: i32 = -10;
/// The outbox of the level takes no more messages.
pub const OUTBOX_FULL: i32 = -11;
