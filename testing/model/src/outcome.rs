//! What becomes of messages and operations.

use std::collections::BTreeMap;

/// A result: code, first, second.
pub type Reason = (u16, u64, u64);

/// Level and place in the inbox.
pub type MessageIndex = (i32, u32);

/// What became of an operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// Why.
    pub reason: Reason,
    /// Where its message is.
    pub message: MessageIndex,
    /// Place of its transaction, and its own in that.
    pub position: (u16, u16),
}

/// What became of an operation: why, and its memo.
pub type Line = (Reason, Option<Vec<u8>>);

/// The lines of a batch, by transaction and operation.
pub type Lines = BTreeMap<(u32, u32), Line>;
