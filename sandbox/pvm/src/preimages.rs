//! Where the preimages that a kernel reveals come from.

use blake2::digest::consts::U32;
use blake2::{Blake2b, Digest};
use std::collections::HashMap;
use std::path::PathBuf;

/// The hash a kernel names a preimage by: one byte for the hash function (0), then 32.
pub type PreimageHash = [u8; 33];

/// The name a kernel would ask for these bytes by.
#[must_use]
pub fn preimage_hash(bytes: &[u8]) -> PreimageHash {
    let mut hash = [0; 33];
    hash[1..].copy_from_slice(&Blake2b::<U32>::digest(bytes));
    hash
}

/// A source of preimages. What it gives is hashed and held against the name.
pub trait Preimages {
    /// The preimage of a hash, if it is there.
    fn get(&self, hash: &PreimageHash) -> Option<Vec<u8>>;

    /// Where the preimage of a hash would have to be, for the error when it is not.
    fn location(&self, hash: &PreimageHash) -> String {
        hex::encode(hash)
    }
}

/// A directory as the rollup node and the installer lay it out: the hash in hex is the file name.
#[derive(Clone, Debug)]
pub struct PreimageDir {
    dir: PathBuf,
}

impl PreimageDir {
    /// The preimages in this directory, which is looked into on each request.
    #[must_use]
    pub fn new(dir: impl Into<PathBuf>) -> Self {
        Self { dir: dir.into() }
    }
}

impl Preimages for PreimageDir {
    fn get(&self, hash: &PreimageHash) -> Option<Vec<u8>> {
        std::fs::read(self.dir.join(hex::encode(hash))).ok()
    }

    fn location(&self, hash: &PreimageHash) -> String {
        self.dir.join(hex::encode(hash)).display().to_string()
    }
}

/// Preimages in memory. The default holds none.
impl Preimages for HashMap<PreimageHash, Vec<u8>> {
    fn get(&self, hash: &PreimageHash) -> Option<Vec<u8>> {
        HashMap::get(self, hash).cloned()
    }
}
