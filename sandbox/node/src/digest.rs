//! The hash that the simulation makes its own hashes with.

use blake2::digest::consts::U32;
use blake2::{Blake2b, Digest};

/// Blake2b-256 over parts. The name says for what, so that no two uses collide.
pub(crate) fn digest(name: &str, parts: &[&[u8]]) -> [u8; 32] {
    let mut hash = Blake2b::<U32>::new();
    hash.update(name.as_bytes());
    for part in parts {
        hash.update(part);
    }
    hash.finalize().into()
}
