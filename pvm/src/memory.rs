//! How host functions reach into a kernel's memory.

use crate::codes::Code;
use std::ops::Range;

/// The memory of a kernel. Lengths are the ABI's signed integers, so a negative one is possible.
pub(crate) trait Memory {
    /// An address in it.
    type Address: Copy;

    /// The bytes of a range.
    fn load(&self, at: Self::Address, len: i32) -> Result<&[u8], Code>;

    /// Writes bytes.
    fn store(&mut self, at: Self::Address, bytes: &[u8]) -> Result<(), Code>;

    /// The check `read_input` makes of its buffers before it takes a message. Stricter than that
    /// of a store: a range that ends where memory ends is refused.
    fn check_room(&self, at: Self::Address, len: i32) -> Result<(), Code>;
}

/// The memory of a WASM instance. Addresses are the ABI's integers.
pub(crate) struct Linear<'m>(pub(crate) &'m mut [u8]);

impl Linear<'_> {
    fn range(&self, at: i32, len: usize) -> Result<Range<usize>, Code> {
        let start = usize::try_from(at.cast_unsigned()).map_err(|_| Code::BadMemory)?;
        let end = start.checked_add(len).ok_or(Code::BadMemory)?;
        if end > self.0.len() { Err(Code::BadMemory) } else { Ok(start..end) }
    }
}

impl Memory for Linear<'_> {
    type Address = i32;

    fn load(&self, at: i32, len: i32) -> Result<&[u8], Code> {
        let len = usize::try_from(len).map_err(|_| Code::BadMemory)?;
        Ok(&self.0[self.range(at, len)?])
    }

    fn store(&mut self, at: i32, bytes: &[u8]) -> Result<(), Code> {
        let range = self.range(at, bytes.len())?;
        self.0[range].copy_from_slice(bytes);
        Ok(())
    }

    fn check_room(&self, at: i32, len: i32) -> Result<(), Code> {
        let len = usize::try_from(len).map_err(|_| Code::BadMemory)?;
        if self.range(at, len)?.end < self.0.len() { Ok(()) } else { Err(Code::BadMemory) }
    }
}
