//! Every limit of the simulated layer 1, with its unit.

/// Transactions of one operation, those that contracts make included.
pub const MAX_CALLS: usize = 256;
/// Transactions that a user puts into one operation.
pub const MAX_CONTENTS: usize = 64;
/// Operations that are told about; the oldest are forgotten.
pub const MAX_TOLD: usize = 1_000;
