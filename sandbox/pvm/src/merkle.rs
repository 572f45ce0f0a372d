//! The rules by which a rollup's state is hashed: numbers, contents, directories, buckets and inodes.
//!
//! The state is a tree of directories and contents. A hash depends on nothing but the paths and the
//! contents: see docs/statehash.md.

mod dir;
mod reveal;
mod tree;

use blake2::digest::consts::U32;
use blake2::{Blake2b, Digest};
pub(crate) use dir::{Dir, Label};
pub(crate) use reveal::{Child, Revealed};
pub(crate) use tree::{Tree, small_directory};

/// A hash of 32 bytes.
pub(crate) type Hash = [u8; 32];

/// The most children that a directory, or a part of one, lists in one piece.
pub(crate) const MAX_LISTED: usize = 2;

/// What a child of a directory is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Bytes.
    Contents,
    /// A directory.
    Directory,
}

/// Blake2b of 32 bytes.
pub(crate) fn blake(bytes: &[u8]) -> Hash {
    Blake2b::<U32>::digest(bytes).into()
}

/// Appends a number: 7 bits a byte, the least significant first.
pub(crate) fn put_nat(out: &mut Vec<u8>, mut number: u64) {
    loop {
        let [low, ..] = (number & 0x7f).to_le_bytes();
        number >>= 7;
        if number == 0 {
            out.push(low);
            return;
        }
        out.push(low | 0x80);
    }
}

/// A number, as [`put_nat`] appends it.
pub(crate) fn nat(number: u64) -> Vec<u8> {
    let mut out = Vec::new();
    put_nat(&mut out, number);
    out
}

/// A number whose first byte has a sign beside 6 of its bits.
pub(crate) fn int(number: u64) -> Vec<u8> {
    let [low, ..] = (number & 0x3f).to_le_bytes();
    let rest = number >> 6;
    if rest == 0 {
        return vec![low];
    }
    let mut out = vec![low | 0x80];
    put_nat(&mut out, rest);
    out
}

/// Bytes behind their length.
pub(crate) fn string(bytes: &[u8]) -> Vec<u8> {
    let length = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
    [&length.to_be_bytes()[..], bytes].concat()
}

fn count(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}

/// The hash of contents.
pub(crate) fn contents(bytes: &[u8]) -> Hash {
    let mut hash = Blake2b::<U32>::new();
    hash.update(count(bytes.len()).to_be_bytes());
    hash.update(bytes);
    hash.finalize().into()
}

/// The hash of a directory of one or two children, in order of their names. The names themselves need not
/// be hashed for that.
pub(crate) fn directory<'a>(
    children: impl ExactSizeIterator<Item = (&'a [u8], Kind, Hash)>,
) -> Hash {
    let mut out = Vec::with_capacity(128);
    out.extend(count(children.len()).to_be_bytes());
    for (name, kind, hash) in children {
        out.push(match kind {
            Kind::Contents => 0xff,
            Kind::Directory => 0,
        });
        out.extend([0; 7]);
        put_nat(&mut out, count(name.len()));
        out.extend(name);
        out.extend(32_u64.to_be_bytes());
        out.extend(hash);
    }
    blake(&out)
}

/// The hash of one or two children, in order of their names, in a larger directory.
fn bucket<'a>(children: impl ExactSizeIterator<Item = (&'a [u8], Kind, Hash)>) -> Hash {
    let mut out = Vec::with_capacity(128);
    out.push(0);
    put_nat(&mut out, count(children.len()));
    for (name, kind, hash) in children {
        put_nat(&mut out, count(name.len()));
        out.extend(name);
        out.push(match kind {
            Kind::Contents => 1,
            Kind::Directory => 0,
        });
        out.extend(hash);
    }
    blake(&out)
}

/// The hash of three children or more, in two parts by the bit of their names' hashes at this depth.
fn inode(depth: usize, children: usize, parts: [Option<Hash>; 2]) -> Hash {
    let mut out = Vec::with_capacity(80);
    out.push(1);
    put_nat(&mut out, count(depth));
    put_nat(&mut out, count(children));
    put_nat(&mut out, count(parts.iter().flatten().count()));
    for (side, hash) in (0..).zip(parts) {
        if let Some(hash) = hash {
            put_nat(&mut out, side);
            out.extend(hash);
        }
    }
    blake(&out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_as_the_reference_writes_them() {
        assert_eq!(nat(1_000), [0xe8, 0x07]);
        assert_eq!(nat(0), [0]);
        assert_eq!(nat(50_000_000_000_000), [0x80, 0xc0, 0xf4, 0xc1, 0x98, 0xaf, 0x0b]);
        assert_eq!(int(100), [0xa4, 0x01]);
        for below in 0..64 {
            assert_eq!(int(below), nat(below));
        }
        assert_eq!(int(64), [0x80, 0x01]);
        assert_ne!(int(64), nat(64));
        assert_eq!(int(u64::MAX).len(), 10);
        assert_eq!(string(b"Some"), b"\0\0\0\x04Some");
    }
}
