//! What becomes of messages and operations.

use std::collections::BTreeMap;

/// A result: code, first, second.
pub type CodeAndValues = (u16, u64, u64);

/// Level and place in the inbox.
pub type MessageIndex = (i32, u32);

/// What became of an operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// Why.
    pub reason: CodeAndValues,
    /// Where its message is.
    pub message: MessageIndex,
    /// Place of its transaction, and its own in that.
    pub position: (u16, u16),
}

/// What became of an operation: why, and its memo.
pub type OperationResult = (CodeAndValues, Option<Vec<u8>>);

/// The lines of a batch, by transaction and operation.
pub type BatchResults = BTreeMap<(u32, u32), OperationResult>;
