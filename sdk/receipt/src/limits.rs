//! The limits of receipts.

/// Bytes: the longest file of a receipt. A message of layer 1, a proof of it and a record of a batch take
/// some 100,000 characters of hexadecimal at the most.
pub const MAX_RECEIPT_BYTES: u64 = 1 << 20;

/// Hashes: the longest list in a path. A tree of 2^64 leaves has a path of as many.
pub(crate) const MAX_PATH_HASHES: usize = 64;
