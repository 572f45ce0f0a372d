//! A storage as rows of plain bytes, for those who keep it elsewhere.
//!
//! A value is a *head* and perhaps *chunks*. The head, part 0, is the length, four bytes
//! little-endian, and behind it all bytes of a value of up to [`CHUNK`] and a byte that says which
//! pages are there, the first in the lowest bit. Part n of a longer one is its n-th chunk without the
//! zeros at its end, that byte, and a zero; a chunk without pages has no row. So a write to a long
//! value changes the rows of the chunks it touches, and a storage has one set of rows.
//!
//! Rows of before pages were kept are read, too: they have no such byte, and no zero at the end of a
//! chunk. All pages count as there in what has a row.

use super::name::Steps;
use super::node::{find, find_mut, make, prune};
use super::page::{CHUNK, PAGE, Pages, pages};
use super::value::{Chunk, Value};
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
    #[error("the value at {path} has no place for this part {part}, which has {bytes} bytes")]
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
    if let Value::Short(bytes, pages) = value {
        row.extend_from_slice(bytes);
        row.push(*pages);
    }
    row
}

/// What a row says of its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RowContent<'r> {
    /// It is this value.
    Whole(&'r [u8]),
    /// The value has so many bytes, which are in other rows.
    Length(usize),
    /// These are bytes of the value, without zeros at their end.
    Chunk(&'r [u8]),
}

/// What a row of this part says of its value; of a row that no storage has, what there is of it.
#[must_use]
pub fn row_content(part: u32, row: &[u8]) -> RowContent<'_> {
    if part > 0 {
        // A chunk with pages has them at its end, and a zero, which no other has.
        let bytes = match row {
            [bytes @ .., _, 0] => bytes,
            bytes => bytes,
        };
        return RowContent::Chunk(bytes);
    }
    let (length, bytes) = row.split_first_chunk::<LENGTH_BYTES>().unwrap_or((&[0; 4], &[]));
    let length = usize::try_from(u32::from_le_bytes(*length)).unwrap_or(usize::MAX);
    if length > CHUNK {
        return RowContent::Length(length);
    }
    RowContent::Whole(bytes.get(..length).unwrap_or(bytes))
}

/// The row of a chunk, if it has one.
pub(super) fn chunk_row(chunk: &Chunk) -> Option<Vec<u8>> {
    let end = chunk.bytes.iter().rposition(|&byte| byte != 0).map_or(0, |last| last + 1);
    let bytes = chunk.bytes.get(..end).unwrap_or_default();
    (chunk.pages != 0).then(|| [bytes, &[chunk.pages, 0]].concat())
}

/// A chunk from its row, where its value has so many bytes in it. `None` if there is no such chunk.
fn read_chunk(row: &[u8], room: usize) -> Option<Chunk> {
    let all = pages(0, room);
    let (bytes, there) = match row {
        [] => return None,
        [bytes @ .., there, 0] => (bytes, *there),
        bytes => (bytes, all),
    };
    let is_good = bytes.len() <= room && there != 0 && there & !all == 0;
    (is_good && lies_in(bytes, there)).then(|| {
        let mut chunk = Chunk { pages: there, ..Chunk::default() };
        chunk.bytes[..bytes.len()].copy_from_slice(bytes);
        chunk
    })
}

/// Whether all that is not zero is in pages that are there.
fn lies_in(bytes: &[u8], there: Pages) -> bool {
    let is_there = |index: u32| there.checked_shr(index).unwrap_or(0) & 1 == 1;
    let mut pages = bytes.chunks(PAGE).zip(0..);
    pages.all(|(page, index)| is_there(index) || page.iter().all(|byte| *byte == 0))
}

/// How many bytes of a value of this length are in a chunk.
fn room(len: usize, index: usize) -> usize {
    index.checked_mul(CHUNK).map_or(0, |start| len.saturating_sub(start).min(CHUNK))
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
                prune(&mut self.root, Steps::new(path.as_bytes()), self.epoch, |node| {
                    node.value = None
                });
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
        if len > MAX_VALUE_BYTES {
            return Err(wrong());
        }
        let value = if len <= CHUNK {
            let (bytes, rest) = bytes.split_at_checked(len).ok_or_else(wrong)?;
            let all = pages(0, len);
            let there = match *rest {
                [] => all,
                [there] if there & !all == 0 && lies_in(bytes, there) => there,
                _ => return Err(wrong()),
            };
            Value::Short(Arc::from(bytes), there)
        } else if bytes.is_empty() {
            // What a shorter value has no place for must not come back when it grows.
            let chunks = self.value_at(path).and_then(Value::chunks);
            let mut chunks = chunks.map(|chunks| chunks.split(&len.div_ceil(CHUNK)).0);
            let last = chunks.as_mut().and_then(|chunks| chunks.get_mut(&(len / CHUNK)));
            if let Some(chunk) = last.map(Arc::make_mut) {
                chunk.pages &= pages(0, room(len, len / CHUNK));
                chunk.bytes[room(len, len / CHUNK)..].fill(0);
            }
            Value::long(len, chunks.unwrap_or_default())
        } else {
            return Err(wrong());
        };
        make(&mut self.root, Steps::new(path.as_bytes()), self.epoch).value = Some(value);
        Ok(())
    }

    fn set_chunk(&mut self, path: &str, index: usize, row: Option<&[u8]>) -> Result<(), RowError> {
        let room = match self.value_at(path) {
            Some(Value::Long(long)) => room(long.len, index),
            _ => 0,
        };
        let chunk = match row {
            Some(row) => Some(read_chunk(row, room).ok_or_else(|| RowError::Chunk {
                path: path.to_owned(),
                part: part_of(index),
                bytes: row.len(),
            })?),
            // The value has become short, or has gone, and its chunks with it.
            None if room == 0 => return Ok(()),
            None => None,
        };
        let node = find_mut(&mut self.root, Steps::new(path.as_bytes()), self.epoch);
        if let Some(Value::Long(long)) = node.and_then(|node| node.value.as_mut()) {
            let chunks = &mut Arc::make_mut(long).chunks;
            match chunk {
                None => {
                    chunks.remove(&index);
                }
                Some(chunk) => {
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
            ("/long", 1, vec![]),
            // No pages, pages beyond the end, bytes in a page that is not there.
            ("/long", 1, vec![0, 0]),
            ("/long", 2, vec![1, 4, 0]),
            ("/long", 1, vec![1, 2, 0]),
            ("/a", 0, head_of(1, b"x\x02")),
            ("/a", 0, head_of(1, b"x\0")),
            ("/a", 0, head_of(0, b"\x01")),
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
    fn rows_of_before_pages_were_kept_are_read() {
        let mut durable = Durable::default();
        for (part, row) in [(0, head_of(5_000, b"")), (1, vec![1; 4_096]), (2, vec![1; 904])] {
            durable.set_row("/long", part, Some(&row)).unwrap();
        }
        durable.set_row("/short", 0, Some(&head_of(3, b"abc"))).unwrap();
        let mut new = Durable::default();
        new.set("/long", &[1; 5_000]).unwrap();
        new.set("/short", b"abc").unwrap();
        assert_eq!(durable, new);
    }

    #[test]
    fn pages_that_are_not_there_stay_so() {
        let mut durable = Durable::default();
        for (path, size) in [("/short", 3_000), ("/long", 9_000), ("/none", 9_000)] {
            durable.create(super::super::Key::known(path), size).unwrap();
        }
        for path in ["/short", "/long"] {
            durable.write(super::super::Key::known(path), 1_000, 1, || Ok(&[0])).unwrap();
        }
        let mut copy = Durable::default();
        durable
            .rows::<crate::TooDeep>(|row| {
                copy.set_row(row.path, row.part, row.after.as_deref()).unwrap();
                Ok(())
            })
            .unwrap();
        assert_eq!(copy, durable);
        copy.set("/long", &[0; 9_000]).unwrap();
        assert_ne!(copy, durable);
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
