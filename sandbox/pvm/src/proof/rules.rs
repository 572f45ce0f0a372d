//! The rules of hashes, for checking proofs. They are written a second time here, so that whoever checks
//! a proof relies on nothing that makes one.

use super::read::{Hash, Part, Tree};
use blake2::digest::consts::U32;
use blake2::{Blake2b, Digest};

/// A hash that is being made.
#[derive(Default)]
struct Hashing(Blake2b<U32>);

impl Hashing {
    fn add(&mut self, bytes: &[u8]) -> &mut Self {
        self.0.update(bytes);
        self
    }

    /// A number of 64 bits.
    fn long(&mut self, number: u64) -> &mut Self {
        self.add(&number.to_be_bytes())
    }

    /// A number, 7 bits a byte.
    fn short(&mut self, mut number: u64) -> &mut Self {
        while number >= 0x80 {
            let [low, ..] = (number | 0x80).to_le_bytes();
            self.add(&[low]);
            number >>= 7;
        }
        let [low, ..] = number.to_le_bytes();
        self.add(&[low])
    }

    fn finish(self) -> Hash {
        self.0.finalize().into()
    }
}

fn number(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}

/// The hash of a name: its bits say on which side of each inode it is.
pub(super) fn of_name(name: &[u8]) -> Hash {
    Blake2b::<U32>::digest(name).into()
}

/// Which side a name is on at a depth.
pub(super) fn side(name: &Hash, depth: usize) -> Option<bool> {
    name.get(depth / 8).map(|byte| byte & (0x80 >> (depth % 8)) != 0)
}

/// The hash of what is shown of something. The reader has seen to it that nothing nests too deep.
pub(super) fn of_tree(tree: &Tree<'_>) -> Hash {
    match tree {
        Tree::Contents(bytes) => {
            let mut hash = Hashing::default();
            hash.long(number(bytes.len())).add(bytes);
            hash.finish()
        }
        Tree::HiddenContents(hash) | Tree::HiddenDirectory(hash) => *hash,
        Tree::Directory(part) => of_part(part, 0),
    }
}

fn is_contents(tree: &Tree<'_>) -> bool {
    matches!(tree, Tree::Contents(_) | Tree::HiddenContents(_))
}

/// The hash of a part of a directory that is so many bits below its root.
fn of_part(part: &Part<'_>, depth: usize) -> Hash {
    match part {
        Part::Hidden(hash) => *hash,
        Part::Listed(children) if depth == 0 => {
            let mut hash = Hashing::default();
            hash.long(number(children.len()));
            for (name, child) in children {
                hash.add(if is_contents(child) { &[0xff] } else { &[0] }).add(&[0; 7]);
                hash.short(number(name.len())).add(name).long(32).add(&of_tree(child));
            }
            hash.finish()
        }
        Part::Listed(children) => {
            let mut hash = Hashing::default();
            hash.add(&[0]).short(number(children.len()));
            for (name, child) in children {
                hash.short(number(name.len())).add(name);
                hash.add(if is_contents(child) { &[1] } else { &[0] }).add(&of_tree(child));
            }
            hash.finish()
        }
        Part::Inode { count, sides } => {
            let sides = sides.each_ref();
            let sides = sides.map(|side| side.as_ref().map(|side| of_part(side, depth + 1)));
            of_inode(depth, *count, sides)
        }
        Part::Extender { count, bits, end } => {
            let mut hash = of_part(end, depth + bits.len());
            for (i, bit) in bits.iter().enumerate().rev() {
                let sides = if *bit { [None, Some(hash)] } else { [Some(hash), None] };
                hash = of_inode(depth + i, *count, sides);
            }
            hash
        }
    }
}

fn of_inode(depth: usize, count: u64, sides: [Option<Hash>; 2]) -> Hash {
    let mut hash = Hashing::default();
    hash.add(&[1]).short(number(depth)).short(count);
    hash.short(number(sides.iter().flatten().count()));
    for (side, below) in (0..).zip(sides) {
        if let Some(below) = below {
            hash.short(side).add(&below);
        }
    }
    hash.finish()
}
