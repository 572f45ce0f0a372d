//! Pages: what the reference keeps of a value, or does not.

use crate::merkle::{Kind, Label};

/// The size of a chunk. Values up to this size are kept whole.
pub(super) const CHUNK: usize = 4_096;

/// The size of a page, which is what the reference calls a chunk.
pub(super) const PAGE: usize = 512;

/// Which pages of a chunk are there: the first is the lowest bit.
pub(super) type Pages = u8;

/// The pages of bytes from an offset in a chunk to the end of the bytes in it.
pub(super) fn pages(from: usize, end: usize) -> Pages {
    let upto = |pages: usize| u32::try_from(pages).ok().and_then(|n| Pages::MAX.checked_shl(n));
    let before_end = !upto(end.div_ceil(PAGE)).unwrap_or(0);
    if end > from { before_end & upto(from / PAGE).unwrap_or(0) } else { 0 }
}

/// The index of a page, as a name.
#[derive(Clone, Copy, Debug)]
pub(super) struct PageIndex(pub(super) u32);

impl Label for PageIndex {
    fn kind(&self) -> Kind {
        Kind::Contents
    }

    fn with_bytes<R>(&self, then: impl FnOnce(&[u8]) -> R) -> R {
        then(self.0.to_string().as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_are_those_that_bytes_are_in() {
        for (from, end, expected) in [
            (0, 0, 0),
            (0, 1, 1),
            (511, 512, 1),
            (511, 513, 3),
            (512, 513, 2),
            (0, 4_096, 255),
            (4_095, 4_096, 128),
            (1_024, 4_000, 252),
        ] {
            assert_eq!(pages(from, end), expected, "{from} {end}");
        }
    }
}
