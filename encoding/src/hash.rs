//! Blake2b, the hash of everything on Tezos.

use std::fmt;

/// A Blake2b-256 digest.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hash32(pub [u8; 32]);

impl fmt::Display for Hash32 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Hash32 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Blake2b-256 of the concatenated parts.
pub fn blake2b_256(parts: &[&[u8]]) -> Hash32 {
    Hash32(blake2b(parts))
}

/// Blake2b with a digest of `N` bytes, of the concatenated parts.
pub(crate) fn blake2b<const N: usize>(parts: &[&[u8]]) -> [u8; N] {
    // The library refuses other lengths, and a digest of zeros would be everyone's.
    const { assert!(N >= 16 && N <= 64) };
    let mut digest = [0; N];
    if let Ok(bytes) = tezos_crypto_rs::blake2b::digest_all(parts, N)
        && bytes.len() == N
    {
        digest.copy_from_slice(&bytes);
    }
    digest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_digest_whatever_the_split() {
        // Blake2b-256("abc").
        let expected = "bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319";
        assert_eq!(blake2b_256(&[b"abc"]).to_string(), expected);
        assert_eq!(blake2b_256(&[b"a", b"", b"bc"]).to_string(), expected);
    }
}
