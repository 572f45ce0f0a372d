//! Parts of a module as it was, and the places of functions in it as it will be.

use std::ops::Range;

use wasm_encoder::reencode::{self, Reencode};

use super::error::InstrumentError;

/// Writes a module anew, with its own functions at higher places.
pub(super) struct Shifted {
    /// The functions that were imported, and stay where they are.
    pub(super) imported: u32,
    /// How many are imported beyond them.
    pub(super) added: u32,
}

impl Reencode for Shifted {
    type Error = std::convert::Infallible;

    fn function_index(&mut self, function: u32) -> Result<u32, reencode::Error> {
        Ok(if function < self.imported { function } else { function.saturating_add(self.added) })
    }
}

/// The bytes of a part.
pub(super) fn slice(wasm: &[u8], range: Range<u64>) -> Result<&[u8], InstrumentError> {
    let bounds = usize::try_from(range.start).ok().zip(usize::try_from(range.end).ok());
    let found = bounds.and_then(|(start, end)| wasm.get(start..end));
    found.ok_or(InstrumentError::OutOfFile(range))
}
