//! The limits of this crate.

/// The largest file of vectors, unpacked, in bytes.
pub const FILE_BYTES_MAX: u64 = 1 << 30;

/// How far an estimate of ticks may be from the reference's count, in percent.
pub const TICKS_TOLERANCE_PERCENT: u64 = 5;

/// How far it may be in any case, in ticks: where a phase fails in its first steps, a percentage says nothing.
pub const TICKS_TOLERANCE_MIN: u64 = 10;

/// The longest text that is shown of a value, in characters.
pub const SHOWN_CHARS_MAX: usize = 80;

/// The largest value, in bytes, of which what lies between its written chunks is compared too.
pub const SPARSE_BYTES_MAX: usize = 1 << 20;
