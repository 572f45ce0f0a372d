//! One value: bytes in chunks, so that clones share all chunks nobody has written to since.

use imbl::OrdMap;
use std::sync::Arc;

/// The size of a chunk. Values up to this size are kept whole.
pub(super) const CHUNK: usize = 4_096;

static ZEROS: [u8; CHUNK] = [0; CHUNK];

/// The bytes at a key. Cloning is O(1); a write copies the chunks it touches, if shared.
#[derive(Clone, Debug)]
pub(crate) enum Value {
    /// At most [`CHUNK`] bytes.
    Short(Arc<Vec<u8>>),
    /// More than that. A chunk not in the map is all zeros, which makes a created value of
    /// 2 GiB cheap. Bytes beyond `len` in the last chunk are zeros.
    Long {
        /// The length of the value.
        len: usize,
        /// Chunks by index.
        chunks: OrdMap<usize, Arc<[u8; CHUNK]>>,
    },
}

impl Default for Value {
    fn default() -> Self {
        Self::Short(Arc::default())
    }
}

impl Value {
    /// A value with these bytes.
    pub(crate) fn new(bytes: &[u8]) -> Self {
        let mut value = Self::zeros(0);
        value.write(0, bytes);
        value
    }

    /// A value of zeros.
    pub(crate) fn zeros(len: usize) -> Self {
        if len <= CHUNK {
            Self::Short(Arc::new(vec![0; len]))
        } else {
            Self::Long { len, chunks: OrdMap::new() }
        }
    }

    /// The length in bytes.
    pub(crate) fn len(&self) -> usize {
        match self {
            Self::Short(bytes) => bytes.len(),
            Self::Long { len, .. } => *len,
        }
    }

    /// Up to `max` bytes from `offset`; fewer, or none, where the value ends before.
    pub(crate) fn read(&self, offset: usize, max: usize) -> Vec<u8> {
        let start = offset.min(self.len());
        let end = start.saturating_add(max).min(self.len());
        match self {
            Self::Short(bytes) => bytes.get(start..end).unwrap_or_default().to_vec(),
            Self::Long { .. } => {
                let mut out = Vec::with_capacity(end - start);
                let mut at = start;
                while at < end {
                    let from = at % CHUNK;
                    let upto = CHUNK.min(from + (end - at));
                    out.extend_from_slice(&self.chunk(at / CHUNK)[from..upto]);
                    at += upto - from;
                }
                out
            }
        }
    }

    /// All bytes.
    pub(crate) fn to_vec(&self) -> Vec<u8> {
        self.read(0, self.len())
    }

    /// Writes `bytes` at `offset`; extends the value where needed, with zeros in a gap.
    pub(crate) fn write(&mut self, offset: usize, bytes: &[u8]) {
        let end = offset.saturating_add(bytes.len());
        if end > CHUNK && matches!(self, Self::Short(_)) {
            self.lengthen();
        }
        match self {
            Self::Short(own) => {
                if bytes.is_empty() && own.len() >= end {
                    return;
                }
                let own = Arc::make_mut(own);
                if own.len() < end {
                    own.resize(end, 0);
                }
                own[offset..end].copy_from_slice(bytes);
            }
            Self::Long { len, chunks } => {
                *len = end.max(*len);
                let mut rest = bytes;
                let mut at = offset;
                while !rest.is_empty() {
                    let from = at % CHUNK;
                    let (now, later) = rest.split_at(rest.len().min(CHUNK - from));
                    let chunk = chunks.entry(at / CHUNK).or_insert_with(|| Arc::new(ZEROS));
                    Arc::make_mut(chunk)[from..from + now.len()].copy_from_slice(now);
                    at += now.len();
                    rest = later;
                }
            }
        }
    }

    /// Turns a short value into the long form.
    fn lengthen(&mut self) {
        if let Self::Short(bytes) = self {
            let mut chunk = ZEROS;
            chunk[..bytes.len()].copy_from_slice(bytes);
            let chunks = OrdMap::unit(0, Arc::new(chunk));
            *self = Self::Long { len: bytes.len(), chunks };
        }
    }

    fn chunk(&self, index: usize) -> &[u8; CHUNK] {
        match self {
            Self::Short(_) => &ZEROS,
            Self::Long { chunks, .. } => chunks.get(&index).map_or(&ZEROS, |chunk| chunk),
        }
    }

    /// Whether both are one and the same in memory (then they are equal).
    pub(crate) fn same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Short(a), Self::Short(b)) => Arc::ptr_eq(a, b),
            (Self::Long { len: a, chunks: x }, Self::Long { len: b, chunks: y }) => {
                a == b && x.ptr_eq(y)
            }
            _ => false,
        }
    }
}

impl PartialEq for Value {
    fn eq(&self, other: &Self) -> bool {
        // A value is short or long by its length alone.
        self.same(other)
            || self.len() == other.len()
                && match (self, other) {
                    (Self::Short(a), Self::Short(b)) => a == b,
                    (Self::Long { chunks: a, .. }, Self::Long { chunks: b, .. }) => a
                        .keys()
                        .chain(b.keys())
                        .all(|&index| self.chunk(index) == other.chunk(index)),
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
                prop_assert_eq!(value.read(offset, max), &model[start..end]);
            }
        }
    }

    #[test]
    fn a_small_write_to_a_large_shared_value_copies_one_or_two_chunks() {
        let old = Value::new(&vec![7; 10 << 20]);
        let mut new = old.clone();
        new.write(5_000_000, &[1; 2_048]);
        let (Value::Long { chunks: a, .. }, Value::Long { chunks: b, .. }) = (&old, &new) else {
            panic!("10 MiB is long");
        };
        let copied = a.iter().filter(|&(i, c)| b.get(i).is_none_or(|d| !Arc::ptr_eq(c, d))).count();
        assert!(copied <= 2, "{copied} chunks copied");
    }

    #[test]
    fn zeros_are_equal_to_written_zeros() {
        let mut written = Value::zeros(9_000);
        written.write(4_000, &[0; 2_000]);
        assert_eq!(written, Value::zeros(9_000));
        assert_eq!(written, Value::new(&[0; 9_000]));
        written.write(8_999, &[1]);
        assert_ne!(written, Value::zeros(9_000));
    }
}
