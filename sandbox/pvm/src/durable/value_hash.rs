//! The hash of a value: a directory of its length, and of those of its pages that are there.

use super::value::{CHUNK, Chunk, Chunks, PAGE, Pages, Value};
use crate::merkle::{Dir, Hash, Kind, Label, Tree, contents};
use imbl::ordmap::DiffItem;

/// Pages of a chunk.
const PAGES: usize = CHUNK / PAGE;

/// The index of a page, as a name.
#[derive(Clone, Copy, Debug)]
pub(super) struct PageIndex(u32);

impl Label for PageIndex {
    fn kind(&self) -> Kind {
        Kind::Contents
    }

    fn with_bytes<R>(&self, then: impl FnOnce(&[u8]) -> R) -> R {
        then(self.0.to_string().as_bytes())
    }
}

/// What was hashed last of a long value.
#[derive(Debug)]
pub(super) struct Hashed {
    chunks: Chunks,
    pages: Dir<PageIndex>,
}

/// The hash of the directory of a value.
pub(super) fn of(value: &Value) -> Hash {
    let pages = match value {
        Value::Short(bytes, there) => short(bytes, *there),
        Value::Long(long) => match long.kept.get() {
            Some(kept) if kept.chunks.ptr_eq(&long.chunks) => kept.pages.hash(),
            kept => {
                let (old, mut pages) = match kept {
                    Some(kept) => (kept.chunks.clone(), kept.pages.clone()),
                    None => (Chunks::new(), Dir::default()),
                };
                pages.update(changes(&old, &long.chunks));
                let hash = pages.hash();
                long.kept.set(Hashed { chunks: long.chunks.clone(), pages });
                hash
            }
        },
    };
    let length = u64::try_from(value.len()).unwrap_or(u64::MAX);
    let pages = pages.map(|hash| ("contents", Tree::Kept(hash)));
    let length = ("length", Tree::Contents(length.to_be_bytes().to_vec()));
    Tree::Directory(pages.into_iter().chain([length]).collect()).hash()
}

/// The pages of a short value.
fn short(bytes: &[u8], there: Pages) -> Option<Hash> {
    let pages = bytes.chunks(PAGE).zip(0_u32..).filter(|(_, index)| is_there(there, *index));
    let hashed = |(page, index): (&[u8], u32)| {
        let mut whole = [0; PAGE];
        whole[..page.len()].copy_from_slice(page);
        (PageIndex(index), contents(&whole))
    };
    pages.map(hashed).collect::<Dir<PageIndex>>().hash()
}

fn is_there(pages: Pages, index: u32) -> bool {
    pages.checked_shr(index).unwrap_or(0) & 1 == 1
}

/// The pages that differ.
fn changes(old: &Chunks, new: &Chunks) -> Vec<(PageIndex, Option<Hash>)> {
    let none = Chunk::default();
    let mut out = Vec::new();
    for item in old.diff(new) {
        let (index, old, new) = match item {
            DiffItem::Add(index, chunk) => (index, None, Some(chunk)),
            DiffItem::Remove(index, chunk) => (index, Some(chunk), None),
            DiffItem::Update { old: (index, old), new: (_, new) } => (index, Some(old), Some(new)),
        };
        let [old, new] = [old, new].map(|chunk| chunk.map_or(&none, |chunk| &**chunk));
        // A value has at most 2^22 pages.
        let first = u32::try_from(index.saturating_mul(PAGES)).unwrap_or(u32::MAX);
        let pages = old.bytes.chunks(PAGE).zip(new.bytes.chunks(PAGE));
        for ((before, after), page) in pages.zip(0_u32..) {
            let index = PageIndex(first.saturating_add(page));
            match (is_there(old.pages, page), is_there(new.pages, page)) {
                (true, true) if before == after => {}
                (_, true) => out.push((index, Some(contents(after)))),
                (true, false) => out.push((index, None)),
                (false, false) => {}
            }
        }
    }
    out
}
