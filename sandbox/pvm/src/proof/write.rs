//! Proofs as bytes: what is shown of a tree, and hashes for the rest.

use crate::merkle::{Child, Dir, Hash, Kind, Label, Revealed};
use std::collections::{BTreeSet, HashMap};

/// What a proof begins with: both states are directories, and the trees are binary.
const HEADER: [u8; 3] = [3, 0, 2];

/// A directory that is shown, whatever its names are kept as.
pub(super) trait Shows {
    /// The ways to these children.
    fn show(&self, names: &BTreeSet<Vec<u8>>) -> Option<Revealed>;
}

impl<K: Label> Shows for Dir<K> {
    fn show(&self, names: &BTreeSet<Vec<u8>>) -> Option<Revealed> {
        self.reveal(names.iter().map(Vec::as_slice))
    }
}

/// Something that is shown, wherever it is in the tree.
enum Shown {
    Contents(Vec<u8>),
    Directory { dir: Box<dyn Shows>, names: BTreeSet<Vec<u8>> },
}

/// What a proof shows: contents that were read, and directories that were walked into, by their
/// hashes. The reference knows them by nothing else, so that what is equal is shown everywhere.
#[derive(Default)]
pub(super) struct Proof {
    shown: HashMap<Hash, Shown>,
}

impl Proof {
    /// Shows contents.
    pub(super) fn read(&mut self, hash: Hash, bytes: &[u8]) {
        self.shown.insert(hash, Shown::Contents(bytes.to_vec()));
    }

    /// Shows the way to a child of a directory.
    pub(super) fn walk<K: Label + 'static>(&mut self, dir: &Dir<K>, name: &str) {
        let Some(hash) = dir.hash() else { return };
        let shown = self.shown.entry(hash).or_insert_with(|| Shown::Directory {
            dir: Box::new(dir.clone()),
            names: BTreeSet::new(),
        });
        if let Shown::Directory { names, .. } = shown {
            names.insert(name.as_bytes().to_vec());
        }
    }

    /// The proof about the state of a hash.
    pub(super) fn write(&self, state: &Hash) -> Vec<u8> {
        let mut out = HEADER.to_vec();
        out.extend(state);
        out.extend(state);
        self.tree(Kind::Directory, state, &mut out);
        out
    }

    fn tree(&self, kind: Kind, hash: &Hash, out: &mut Vec<u8>) {
        match (kind, self.shown.get(hash)) {
            (Kind::Contents, Some(Shown::Contents(bytes))) => contents(bytes, out),
            (Kind::Directory, Some(Shown::Directory { dir, names })) => match dir.show(names) {
                Some(root) => self.part(&root, true, out),
                None => blinded(0xd0, hash, out),
            },
            (Kind::Contents, _) => blinded(0xc8, hash, out),
            (Kind::Directory, _) => blinded(0xd0, hash, out),
        }
    }

    /// A part of a directory: its root, or what is below it.
    fn part(&self, part: &Revealed, is_root: bool, out: &mut Vec<u8>) {
        match part {
            Revealed::Hidden(hash) => blinded(0xc0, hash, out),
            Revealed::Listed(children) => self.listed(children, out),
            Revealed::Inode { count, sides } => {
                let (segment, end) = one_sided(part);
                if segment.len() > 1 {
                    length(if is_root { 0xd8 } else { 0xd0 }, *count, out);
                    put_segment(&segment, out);
                    return self.part(end, false, out);
                }
                length(0, *count, out);
                for side in sides {
                    match side {
                        Some(side) => self.part(side, false, out),
                        None => out.push(0xe0),
                    }
                }
            }
        }
    }

    fn listed(&self, children: &[Child], out: &mut Vec<u8>) {
        out.push(if children.len() == 1 { 0x81 } else { 0x82 });
        for (name, kind, hash) in children {
            // Names of the state have a few dozen bytes, and keys are shorter than 256.
            out.push(u8::try_from(name.len()).unwrap_or(u8::MAX));
            out.extend(name);
            self.tree(*kind, hash, out);
        }
    }
}

/// The sides of inodes with one side alone, from a part downwards, and what comes then.
fn one_sided(part: &Revealed) -> (Vec<bool>, &Revealed) {
    let mut bits = Vec::new();
    let mut end = part;
    while let Revealed::Inode { sides, .. } = end {
        end = match sides {
            [Some(left), None] => {
                bits.push(false);
                left
            }
            [None, Some(right)] => {
                bits.push(true);
                right
            }
            _ => break,
        };
    }
    (bits, end)
}

fn blinded(tag: u8, hash: &Hash, out: &mut Vec<u8>) {
    out.push(tag);
    out.extend(hash);
}

fn contents(bytes: &[u8], out: &mut Vec<u8>) {
    let length = bytes.len();
    if let Ok(length) = u8::try_from(length) {
        out.extend([0xc0, length]);
    } else if let Ok(length) = u16::try_from(length) {
        out.push(0xc1);
        out.extend(length.to_be_bytes());
    } else {
        out.push(0xc3);
        out.extend(u32::try_from(length).unwrap_or(u32::MAX).to_be_bytes());
    }
    out.extend(bytes);
}

/// A tag with the form of a number in its lowest bits, and the number.
fn length(tag: u8, count: usize, out: &mut Vec<u8>) {
    if let Ok(count) = u8::try_from(count) {
        out.extend([tag, count]);
    } else if let Ok(count) = u16::try_from(count) {
        out.push(tag | 1);
        out.extend(count.to_be_bytes());
    } else if let Ok(count) = i32::try_from(count) {
        out.push(tag | 2);
        out.extend(count.to_be_bytes());
    } else {
        out.push(tag | 3);
        out.extend(i64::try_from(count).unwrap_or(i64::MAX).to_be_bytes());
    }
}

/// Bits, the first as the highest, behind the number of their bytes. A one ends them, and zeros fill the
/// last byte.
fn put_segment(bits: &[bool], out: &mut Vec<u8>) {
    let mut bytes = vec![0_u8; bits.len() / 8 + 1];
    for (i, is_set) in bits.iter().chain([&true]).enumerate() {
        if let Some(byte) = bytes.get_mut(i / 8).filter(|_| *is_set) {
            *byte |= 0x80 >> (i % 8);
        }
    }
    out.push(u8::try_from(bytes.len()).unwrap_or(u8::MAX));
    out.extend(bytes);
}
