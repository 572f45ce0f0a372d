//! One value: bytes in chunks, so that clones share all chunks nobody has written to since.
//!
//! The reference keeps pages of 512 bytes, and none that was never written to. What a kernel reads
//! there is zeros either way, but the hash of the state tells: so a value knows which pages it has.

use super::kept::Kept;
use super::page::{CHUNK, PageIndex, Pages, pages};
use crate::merkle::Dir;
use imbl::OrdMap;
use std::borrow::Cow;
use std::sync::Arc;

static ZEROS: [u8; CHUNK] = [0; CHUNK];

/// The bytes at a key. Cloning is O(1); a write copies the chunks it touches, if shared.
#[derive(Clone, Debug)]
pub(crate) enum Value {
    /// At most [`CHUNK`] bytes, and which pages of them are there.
    Short(Arc<[u8]>, Pages),
    /// More than that.
    Long(Arc<Long>),
}

/// A value of more than [`CHUNK`] bytes.
#[derive(Clone, Debug)]
pub(crate) struct Long {
    /// The length of the value.
    pub(super) len: usize,
    /// Chunks by index. One that is not there has no page, which makes a created value of 2 GiB
    /// cheap. Bytes beyond `len` in the last chunk are zeros.
    pub(super) chunks: Chunks,
    /// What was hashed last.
    pub(super) kept: Kept<Hashed>,
}

/// What was hashed last of a long value.
#[derive(Debug)]
pub(super) struct Hashed {
    pub(super) chunks: Chunks,
    pub(super) pages: Dir<PageIndex>,
}

/// Chunks of a long value by index.
pub(super) type Chunks = OrdMap<usize, Arc<Chunk>>;

/// A chunk of a long value. Pages that are not there are zeros.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Chunk {
    pub(super) bytes: [u8; CHUNK],
    pub(super) pages: Pages,
}

impl Default for Value {
    fn default() -> Self {
        Self::Short(Arc::default(), 0)
    }
}

impl Value {
    /// A value with these bytes.
    pub(crate) fn new(bytes: &[u8]) -> Self {
        let mut value = Self::default();
        value.write(0, bytes);
        value
    }

    /// A value of zeros without any page.
    pub(crate) fn zeros(len: usize) -> Self {
        if len <= CHUNK {
            Self::Short(Arc::from(&ZEROS[..len]), 0)
        } else {
            Self::long(len, OrdMap::new())
        }
    }

    /// A value of more than [`CHUNK`] bytes.
    pub(super) fn long(len: usize, chunks: Chunks) -> Self {
        Self::Long(Arc::new(Long { len, chunks, kept: Kept::default() }))
    }

    /// The chunks of a value that is long.
    pub(super) fn chunks(&self) -> Option<&Chunks> {
        match self {
            Self::Short(..) => None,
            Self::Long(long) => Some(&long.chunks),
        }
    }

    /// The length in bytes.
    pub(crate) fn len(&self) -> usize {
        match self {
            Self::Short(bytes, _) => bytes.len(),
            Self::Long(long) => long.len,
        }
    }

    /// Up to `max` bytes from `offset`; fewer, or none, where the value ends before.
    /// Those of one chunk are not copied.
    pub(crate) fn read(&self, offset: usize, max: usize) -> Cow<'_, [u8]> {
        let start = offset.min(self.len());
        let end = start.saturating_add(max).min(self.len());
        match self {
            Self::Short(bytes, _) => Cow::Borrowed(bytes.get(start..end).unwrap_or_default()),
            Self::Long(long) => {
                let first = start % CHUNK;
                if end - start <= CHUNK - first {
                    let chunk = long.chunk(start / CHUNK);
                    return Cow::Borrowed(&chunk[first..first + (end - start)]);
                }
                let mut out = Vec::with_capacity(end - start);
                let mut at = start;
                while at < end {
                    let from = at % CHUNK;
                    let upto = CHUNK.min(from + (end - at));
                    out.extend_from_slice(&long.chunk(at / CHUNK)[from..upto]);
                    at += upto - from;
                }
                Cow::Owned(out)
            }
        }
    }

    /// All bytes.
    pub(crate) fn to_vec(&self) -> Vec<u8> {
        self.read(0, self.len()).into_owned()
    }

    /// Writes `bytes` at `offset`; extends the value where needed, with zeros in a gap.
    pub(crate) fn write(&mut self, offset: usize, bytes: &[u8]) {
        let end = offset.saturating_add(bytes.len());
        if end > CHUNK && matches!(self, Self::Short(..)) {
            self.lengthen();
        }
        match self {
            Self::Short(own, there) => {
                *there |= pages(offset, end);
                if bytes.is_empty() && own.len() >= end {
                    return;
                }
                if offset == 0 && end >= own.len() {
                    // All of it is new: what others share is not copied first.
                    match Arc::get_mut(own).filter(|own| own.len() == end) {
                        Some(own) => own.copy_from_slice(bytes),
                        None => *own = Arc::from(bytes),
                    }
                    return;
                }
                if own.len() < end {
                    let mut longer = Vec::with_capacity(end);
                    longer.extend_from_slice(own);
                    longer.resize(end, 0);
                    *own = Arc::from(longer);
                }
                Arc::make_mut(own)[offset..end].copy_from_slice(bytes);
            }
            Self::Long(long) => {
                let Long { len, chunks, .. } = Arc::make_mut(long);
                *len = end.max(*len);
                let mut rest = bytes;
                let mut at = offset;
                while !rest.is_empty() {
                    let from = at % CHUNK;
                    let (now, later) = rest.split_at(rest.len().min(CHUNK - from));
                    let chunk = chunks.entry(at / CHUNK).or_insert_with(Arc::default);
                    let chunk = Arc::make_mut(chunk);
                    chunk.bytes[from..from + now.len()].copy_from_slice(now);
                    chunk.pages |= pages(from, from + now.len());
                    at += now.len();
                    rest = later;
                }
            }
        }
    }

    /// Turns a short value into the long form.
    fn lengthen(&mut self) {
        if let Self::Short(bytes, pages) = self {
            let mut chunk = Chunk { pages: *pages, ..Chunk::default() };
            chunk.bytes[..bytes.len()].copy_from_slice(bytes);
            let there = (chunk.pages != 0).then(|| (0_usize, Arc::new(chunk)));
            let chunks = there.into_iter().collect();
            *self = Self::long(bytes.len(), chunks);
        }
    }

    /// Whether both are one and the same in memory (then they are equal).
    pub(crate) fn same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Short(a, pages), Self::Short(b, others)) => Arc::ptr_eq(a, b) && pages == others,
            (Self::Long(a), Self::Long(b)) => {
                Arc::ptr_eq(a, b) || a.len == b.len && a.chunks.ptr_eq(&b.chunks)
            }
            _ => false,
        }
    }
}

impl Long {
    fn chunk(&self, index: usize) -> &[u8; CHUNK] {
        self.chunks.get(&index).map_or(&ZEROS, |chunk| &chunk.bytes)
    }
}

impl Default for Chunk {
    fn default() -> Self {
        Self { bytes: ZEROS, pages: 0 }
    }
}

/// The same bytes, in the same pages.
impl PartialEq for Value {
    fn eq(&self, other: &Self) -> bool {
        // A value is short or long by its length alone.
        self.same(other)
            || match (self, other) {
                (Self::Short(a, pages), Self::Short(b, others)) => pages == others && a == b,
                (Self::Long(a), Self::Long(b)) => a.len == b.len && a.chunks == b.chunks,
                _ => false,
            }
    }
}

impl Eq for Value {}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn behaves_like_a_vector(
            writes in prop::collection::vec((0usize..20_000, 0usize..6_000, any::<u8>()), 1..12),
            reads in prop::collection::vec((0usize..30_000, 0usize..9_000), 1..8),
        ) {
            let mut value = Value::default();
            let mut model: Vec<u8> = Vec::new();
            for (offset, len, byte) in writes {
                let offset = offset.min(model.len());
                let bytes = vec![byte; len];
                let before = value.clone();
                let frozen = model.clone();
                value.write(offset, &bytes);
                if model.len() < offset + len {
                    model.resize(offset + len, 0);
                }
                model[offset..offset + len].copy_from_slice(&bytes);
                prop_assert_eq!(before.to_vec(), frozen);
            }
            prop_assert_eq!(value.len(), model.len());
            prop_assert_eq!(&value.to_vec(), &model);
            prop_assert_eq!(&value, &Value::new(&model));
            for (offset, max) in reads {
                let start = offset.min(model.len());
                let end = (start + max).min(model.len());
                prop_assert_eq!(&*value.read(offset, max), &model[start..end]);
            }
        }
    }

    #[test]
    fn a_small_write_to_a_large_shared_value_copies_one_or_two_chunks() {
        let old = Value::new(&vec![7; 10 << 20]);
        let mut new = old.clone();
        new.write(5_000_000, &[1; 2_048]);
        let (Some(a), Some(b)) = (old.chunks(), new.chunks()) else {
            panic!("10 MiB is long");
        };
        let copied = a.iter().filter(|&(i, c)| b.get(i).is_none_or(|d| !Arc::ptr_eq(c, d))).count();
        assert!(copied <= 2, "{copied} chunks copied");
    }

    #[test]
    fn zeros_that_were_written_are_not_those_that_were_not() {
        for len in [600, 9_000] {
            let mut written = Value::zeros(len);
            written.write(0, &[]);
            assert_eq!(written, Value::zeros(len));
            written.write(511, &[0]);
            assert_ne!(written, Value::zeros(len));
            assert_ne!(written, Value::new(&vec![0; len]));
            assert_eq!(written.to_vec(), Value::zeros(len).to_vec());
            written.write(512, &vec![0; len - 512]);
            assert_eq!(written, Value::new(&vec![0; len]));
        }
    }
}
