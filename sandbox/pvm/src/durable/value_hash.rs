//! The hash of a value: a directory of its length, and of those of its pages that are there.

use super::page::{CHUNK, PAGE, PageIndex, Pages};
use super::value::{Chunk, Chunks, Hashed, Value};
use crate::merkle::{Dir, Hash, Kind, Label, contents, directory};
use imbl::ordmap::DiffItem;

/// Pages of a chunk.
const PAGES: usize = CHUNK / PAGE;

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
    let length = (&b"length"[..], Kind::Contents, contents(&length.to_be_bytes()));
    match pages {
        Some(pages) => directory([(&b"contents"[..], Kind::Directory, pages), length].into_iter()),
        None => directory([length].into_iter()),
    }
}

/// The pages of a short value.
fn short(bytes: &[u8], there: Pages) -> Option<Hash> {
    let pages = bytes.chunks(PAGE).zip(0_u32..).filter(|(_, index)| is_there(there, *index));
    let mut hashed = pages.map(|(page, index)| {
        let mut whole = [0; PAGE];
        whole[..page.len()].copy_from_slice(page);
        (PageIndex(index), contents(&whole))
    });
    let first = hashed.next()?;
    let Some(second) = hashed.next() else {
        return Some(
            first.0.with_bytes(|name| directory([(name, Kind::Contents, first.1)].into_iter())),
        );
    };
    [first, second].into_iter().chain(hashed).collect::<Dir<PageIndex>>().hash()
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
