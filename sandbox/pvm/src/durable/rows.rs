//! A storage as rows of plain bytes, for those who keep it elsewhere.
//!
//! A value is a *head* and perhaps *chunks*. The head, part 0, is the length, four bytes
//! little-endian, and behind it all bytes of a value of up to [`CHUNK`]. Part n of a longer one is
//! its n-th chunk without the zeros at its end; a chunk of zeros has no row. So a write to a long
//! value changes the rows of the chunks it touches, and a storage has one set of rows.

use super::name::Steps;
use super::node::{find, find_mut, make, prune};
use super::value::{CHUNK, Value};
use super::{Durable, MAX_VALUE_BYTES, key};
use std::sync::Arc;
use thiserror::Error;

/// Bytes of the length in a head.
const LENGTH_BYTES: usize = 4;

/// Why a row cannot be part of a storage.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum RowError {
    /// Its path is not valid.
    #[error("{path:?} is no path")]
    Path {
        /// The path as given.
        path: String,
    },
    /// A head that says nothing sensible.
    #[error("the head of the value at {path} does not hold what its length says")]
    Head {
        /// Whose it is.
        path: String,
    },
    /// A chunk that its value has no place for.
    #[error("the value at {path} has no place for a part {part} of {bytes} bytes")]
    Chunk {
        /// Where the value is.
        path: String,
        /// Which part it should be.
        part: u32,
        /// How long it is.
        bytes: usize,
    },
}

/// The head of a value.
pub(super) fn head(value: &Value) -> Vec<u8> {
    let len = u32::try_from(value.len()).unwrap_or(u32::MAX);
    let mut row = len.to_le_bytes().to_vec();
    if let Value::Short(bytes) = value {
        row.extend_from_slice(bytes);
    }
    row
}

/// The row of a chunk, if it has one.
pub(super) fn chunk_row(chunk: &[u8; CHUNK]) -> Option<&[u8]> {
    let end = chunk.iter().rposition(|&byte| byte != 0)? + 1;
    chunk.get(..end)
}

/// The part that a chunk is.
pub(super) fn part_of(index: usize) -> u32 {
    // A value has at most 2^19 chunks.
    u32::try_from(index).unwrap_or(u32::MAX).saturating_add(1)
}

impl Durable {
    /// Puts a row, or takes one out. The rows of a value come in the order of their parts; a head
    /// that goes takes the whole value with it.
    ///
    /// # Errors
    /// When no storage can have this row here. Then nothing has changed.
    pub fn set_row(&mut self, path: &str, part: u32, row: Option<&[u8]>) -> Result<(), RowError> {
        if !key::is_well_formed(path.as_bytes()) {
            return Err(RowError::Path { path: path.to_owned() });
        }
        let index = usize::try_from(part).unwrap_or(usize::MAX).checked_sub(1);
        match (index, row) {
            (None, Some(row)) => self.set_head(path, row),
            (None, None) => {
                prune(&mut self.root, Steps::new(path.as_bytes()), self.epoch, |node| node.value = None);
                Ok(())
            }
            (Some(index), row) => self.set_chunk(path, index, row),
        }
    }

    fn value_at(&self, path: &str) -> Option<&Value> {
        find(&self.root, Steps::new(path.as_bytes()))?.value.as_ref()
    }

    fn set_head(&mut self, path: &str, row: &[u8]) -> Result<(), RowError> {
        let wrong = || RowError::Head { path: path.to_owned() };
        let (len, bytes) = row.split_first_chunk::<LENGTH_BYTES>().ok_or_else(wrong)?;
        let len = usize::try_from(u32::from_le_bytes(*len)).map_err(|_| wrong())?;
        let expected = if len <= CHUNK { len } else { 0 };
        if bytes.len() != expected || len > MAX_VALUE_BYTES {
            return Err(wrong());
        }
        let value = if len <= CHUNK {
            Value::Short(Arc::from(bytes))
        } else {
            // What a shorter value has no place for must not come back when it grows.
            let chunks = self.value_at(path).and_then(Value::chunks);
            let chunks = chunks.map(|chunks| chunks.split(&len.div_ceil(CHUNK)).0);
            Value::long(len, chunks.unwrap_or_default())
        };
        make(&mut self.root, Steps::new(path.as_bytes()), self.epoch).value = Some(value);
        Ok(())
    }

    fn set_chunk(&mut self, path: &str, index: usize, row: Option<&[u8]>) -> Result<(), RowError> {
        let bytes = row.map_or(0, <[u8]>::len);
        let fits = match self.value_at(path) {
            Some(Value::Long(long)) => {
                let end = index.checked_mul(CHUNK).and_then(|start| start.checked_add(bytes));
                bytes <= CHUNK && end.is_some_and(|end| end <= long.len)
            }
            _ => false,
        };
        match (fits, row) {
            (false, Some(_)) => {
                return Err(RowError::Chunk { path: path.to_owned(), part: part_of(index), bytes });
            }
            // The value has become short, or has gone, and its chunks with it.
            (false, None) => return Ok(()),
            (true, _) => {}
        }
        let node = find_mut(&mut self.root, Steps::new(path.as_bytes()), self.epoch);
        if let Some(Value::Long(long)) = node.and_then(|node| node.value.as_mut()) {
            let chunks = &mut Arc::make_mut(long).chunks;
            match row {
                None => {
                    chunks.remove(&index);
                }
                Some(row) => {
                    let mut chunk = [0; CHUNK];
                    chunk[..row.len()].copy_from_slice(row);
                    chunks.insert(index, Arc::new(chunk));
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head_of(len: u32, bytes: &[u8]) -> Vec<u8> {
        [&len.to_le_bytes()[..], bytes].concat()
    }

    #[test]
    fn rows_that_no_storage_has_are_refused_and_change_nothing() {
        let mut durable = Durable::default();
        durable.set("/long", &[1; 5_000]).unwrap();
        durable.set("/short", b"x").unwrap();
        let before = durable.clone();
        for (path, part, row) in [
            ("no path", 0, head_of(0, b"")),
            ("/a/", 0, head_of(0, b"")),
            ("/a", 0, vec![0; 3]),
            ("/a", 0, head_of(2, b"x")),
            ("/a", 0, head_of(0, b"x")),
            ("/a", 0, head_of(5_000, b"x")),
            ("/a", 0, head_of(u32::MAX, b"")),
            ("/a", 1, vec![1]),
            ("/short", 1, vec![1]),
            ("/long", 1, vec![1; 4_097]),
            ("/long", 2, vec![1; 905]),
            ("/long", 3, vec![1]),
            ("/long", u32::MAX, vec![1]),
        ] {
            assert!(durable.set_row(path, part, Some(&row)).is_err(), "{path} {part} {row:?}");
            assert_eq!(durable, before);
        }
        durable.set_row("/long", 2, Some(&[1; 904])).unwrap();
        durable.set_row("/gone", 7, None).unwrap();
        assert_eq!(durable, before);
    }

    #[test]
    fn a_path_may_be_longer_than_a_kernel_can_name() {
        let path = "/a".repeat(300);
        let mut durable = Durable::default();
        durable.set_row(&path, 0, Some(&head_of(1, b"x"))).unwrap();
        assert_eq!(durable.iter_values().collect::<Vec<_>>(), [(path.clone(), b"x".to_vec())]);
        durable.set_row(&path, 0, None).unwrap();
        assert_eq!(durable, Durable::default());
    }

    #[test]
    fn what_a_value_lost_does_not_come_back_when_it_grows() {
        let mut durable = Durable::default();
        durable.set("/v", &[1; 9_000]).unwrap();
        durable.set_row("/v", 0, Some(&head_of(5_000, b""))).unwrap();
        durable.set_row("/v", 0, Some(&head_of(9_000, b""))).unwrap();
        assert_eq!(durable.get("/v").unwrap()[8_192..], [0; 808]);
    }
}
