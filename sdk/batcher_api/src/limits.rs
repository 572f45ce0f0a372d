//! The limits of a batcher that its clients have to know. Those that an operator may change are in the quote.

/// Transactions in one request.
pub const TRANSACTIONS_PER_REQUEST: usize = 1_000;
/// Signatures of offers in one request.
pub const SIGNATURES_PER_REQUEST: usize = 1_000;
/// Open batches that are listed in one answer.
pub const OPEN_BATCHES: usize = 100;
/// Accounts that one event stream follows.
pub const ACCOUNTS_PER_STREAM: usize = 1_000;
/// Levels: last levels are multiples of this, so that transactions of different people expire together and share a
/// transfer group.
pub const EXPIRY_GRID: u32 = 60;
/// Levels: a transaction may expire at most so many after the head when it is submitted.
pub const MAX_VALID_LEVELS: u32 = 14_400;
/// Levels: a transaction has to be valid for at least so many after the head, so that a round and an inbox fit in.
pub const MIN_VALID_LEVELS: u32 = 3;
