//! Blake2b, the hash of everything on Tezos.

use std::fmt::{self, Write};

use blake2::Blake2bVar;
use blake2::digest::{Update, VariableOutput};

/// A Blake2b-256 digest.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hash32(pub [u8; 32]);

impl fmt::Display for Hash32 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // To format each byte as a number takes the kernel ten times as long.
        let digit = |four_bits: u8| char::from_digit(four_bits.into(), 16).unwrap_or('0');
        self.0.iter().try_for_each(|byte| {
            f.write_char(digit(byte >> 4))?;
            f.write_char(digit(byte & 15))
        })
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
///
/// Of the same authors as most hashes in Rust. The tests hold it against that of tezos_crypto_rs. Its form for size takes
/// 3 KB less of the WASM and three times the instructions.
pub(crate) fn blake2b<const N: usize>(parts: &[&[u8]]) -> [u8; N] {
    // The library refuses other lengths, and a digest of zeros would be everyone's.
    const { assert!(N > 0 && N <= 64) };
    let mut digest = [0; N];
    if let Ok(mut hash) = Blake2bVar::new(N) {
        parts.iter().for_each(|part| hash.update(part));
        let filled = hash.finalize_variable(&mut digest);
        debug_assert!(filled.is_ok(), "{filled:?}");
    }
    digest
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn digests_are_those_of_the_library(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
            let of_library = |size| tezos_crypto_rs::blake2b::digest(&bytes, size).ok();
            prop_assert_eq!(Some(blake2b::<32>(&[&bytes]).to_vec()), of_library(32));
            prop_assert_eq!(Some(blake2b::<20>(&[&bytes]).to_vec()), of_library(20));
            prop_assert_eq!(Some(blake2b::<64>(&[&bytes]).to_vec()), of_library(64));
        }
    }

    #[test]
    fn digests_are_those_of_the_library_at_the_ends_of_blocks() {
        for length in [0, 1, 127, 128, 129, 255, 256, 257, 4_096] {
            let bytes = vec![0xa5; length];
            let theirs = tezos_crypto_rs::blake2b::digest_256(&bytes);
            assert_eq!(blake2b_256(&[&bytes]).0.to_vec(), theirs, "{length}");
        }
    }

    #[test]
    fn known_digest_whatever_the_split() {
        // Blake2b-256("abc").
        let expected = "bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319";
        assert_eq!(blake2b_256(&[b"abc"]).to_string(), expected);
        assert_eq!(blake2b_256(&[b"a", b"", b"bc"]).to_string(), expected);
    }
}
