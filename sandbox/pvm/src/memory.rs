//! How host functions reach into a kernel's memory.

use crate::codes::Code;
use std::ops::Range;

/// The memory of a kernel. Lengths are the ABI's signed integers, so a negative one is possible.
pub(crate) trait Memory {
    /// An address in it.
    type Address: Copy;

    /// The bytes of a range. A negative length is [`Code::Other`]; where no byte is read, no address
    /// is looked at.
    fn load(&self, at: Self::Address, len: i32) -> Result<&[u8], Code>;

    /// Writes bytes, one by one: those before the end of memory are written even if the last is
    /// not. Where no byte is written, no address is looked at.
    fn store(&mut self, at: Self::Address, bytes: &[u8]) -> Result<(), Code>;

    /// The check `read_input` makes of its buffers before it takes a message. Stricter than that
    /// of a store: a range that ends where memory ends is refused.
    fn check_room(&self, at: Self::Address, len: i32) -> Result<(), Code>;
}

/// The memory of a WASM instance. Addresses are the ABI's integers.
pub(crate) struct Linear<'m> {
    bytes: &'m mut [u8],
}

impl<'m> Linear<'m> {
    /// This memory.
    pub(crate) fn new(bytes: &'m mut [u8]) -> Self {
        Self { bytes }
    }

    fn range(&self, at: i32, len: usize) -> Result<Range<usize>, Code> {
        let start = start_of(at)?;
        let end = start.checked_add(len).ok_or(Code::BadMemory)?;
        if end > self.bytes.len() { Err(Code::BadMemory) } else { Ok(start..end) }
    }
}

/// An address as an index: the ABI's integer has no sign here.
fn start_of(at: i32) -> Result<usize, Code> {
    usize::try_from(at.cast_unsigned()).map_err(|_| Code::BadMemory)
}

impl Memory for Linear<'_> {
    type Address = i32;

    fn load(&self, at: i32, len: i32) -> Result<&[u8], Code> {
        let len = usize::try_from(len).map_err(|_| Code::Other)?;
        if len == 0 {
            return Ok(&[]);
        }
        Ok(&self.bytes[self.range(at, len)?])
    }

    fn store(&mut self, at: i32, bytes: &[u8]) -> Result<(), Code> {
        let room = self.bytes.get_mut(start_of(at)?..).unwrap_or_default();
        let fitting = room.len().min(bytes.len());
        room[..fitting].copy_from_slice(&bytes[..fitting]);
        if fitting < bytes.len() { Err(Code::BadMemory) } else { Ok(()) }
    }

    fn check_room(&self, at: i32, len: i32) -> Result<(), Code> {
        let len = usize::try_from(len).map_err(|_| Code::BadMemory)?;
        if self.range(at, len)?.end < self.bytes.len() { Ok(()) } else { Err(Code::BadMemory) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_looked_at_where_no_byte_moves() {
        let mut bytes = [0; 4];
        let mut memory = Linear::new(&mut bytes);
        for at in [0, 4, 5, -1, i32::MIN] {
            assert_eq!(memory.load(at, 0), Ok(&[][..]), "{at}");
            assert_eq!(memory.store(at, &[]), Ok(()), "{at}");
            assert_eq!(memory.load(at, -1), Err(Code::Other), "{at}");
        }
    }

    #[test]
    fn a_store_across_the_end_writes_what_fits() {
        let mut bytes = [0; 4];
        let mut memory = Linear::new(&mut bytes);
        assert_eq!(memory.store(2, &[1, 2, 3]), Err(Code::BadMemory));
        assert_eq!(memory.store(4, &[9]), Err(Code::BadMemory));
        assert_eq!(memory.store(-1, &[9]), Err(Code::BadMemory));
        assert_eq!(memory.load(2, 3), Err(Code::BadMemory));
        assert_eq!(memory.check_room(2, 2), Err(Code::BadMemory), "it would end where memory does");
        assert_eq!(memory.check_room(1, 2), Ok(()));
        assert_eq!(bytes, [0, 0, 1, 2]);
    }
}
