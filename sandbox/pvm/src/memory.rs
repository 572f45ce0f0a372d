//! How host functions reach into a kernel's memory.

use crate::codes::Code;
use crate::ticks;
use std::cell::Cell;
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

/// How many bytes a host function read and wrote.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Moved(usize);

impl Moved {
    /// What they cost.
    pub(crate) fn ticks(self) -> u64 {
        u64::try_from(self.0).unwrap_or(u64::MAX).saturating_mul(ticks::PER_BYTE_HOST)
    }
}

/// The memory of a WASM instance. Addresses are the ABI's integers.
pub(crate) struct Linear<'m> {
    bytes: &'m mut [u8],
    moved: Cell<usize>,
}

impl<'m> Linear<'m> {
    /// This memory, of which nothing has been read or written.
    pub(crate) fn new(bytes: &'m mut [u8]) -> Self {
        Self { bytes, moved: Cell::new(0) }
    }

    /// What has been read and written.
    pub(crate) fn moved(&self) -> Moved {
        Moved(self.moved.get())
    }

    fn count(&self, len: usize) {
        self.moved.set(self.moved.get().saturating_add(len));
    }

    fn range(&self, at: i32, len: usize) -> Result<Range<usize>, Code> {
        let start = usize::try_from(at.cast_unsigned()).map_err(|_| Code::BadMemory)?;
        let end = start.checked_add(len).ok_or(Code::BadMemory)?;
        if end > self.bytes.len() { Err(Code::BadMemory) } else { Ok(start..end) }
    }
}

impl Memory for Linear<'_> {
    type Address = i32;

    fn load(&self, at: i32, len: i32) -> Result<&[u8], Code> {
        let len = usize::try_from(len).map_err(|_| Code::BadMemory)?;
        let range = self.range(at, len)?;
        self.count(len);
        Ok(&self.bytes[range])
    }

    fn store(&mut self, at: i32, bytes: &[u8]) -> Result<(), Code> {
        let range = self.range(at, bytes.len())?;
        self.count(bytes.len());
        self.bytes[range].copy_from_slice(bytes);
        Ok(())
    }

    fn check_room(&self, at: i32, len: i32) -> Result<(), Code> {
        let len = usize::try_from(len).map_err(|_| Code::BadMemory)?;
        if self.range(at, len)?.end < self.bytes.len() { Ok(()) } else { Err(Code::BadMemory) }
    }
}
