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

/// Bytes that are taken in at a time.
const BLOCK_BYTES: usize = 128;

const START: [u64; 8] = [
    0x6a09_e667_f3bc_c908,
    0xbb67_ae85_84ca_a73b,
    0x3c6e_f372_fe94_f82b,
    0xa54f_f53a_5f1d_36f1,
    0x510e_527f_ade6_82d1,
    0x9b05_688c_2b3e_6c1f,
    0x1f83_d9ab_fb41_bd6b,
    0x5be0_cd19_137e_2179,
];

const ROUNDS: usize = 12;
/// In which order each round takes the words of a block; the last two rounds are as the first two.
const ORDERS: [[u8; 16]; 10] = [
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15],
    [14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3],
    [11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4],
    [7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8],
    [9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13],
    [2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9],
    [12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11],
    [13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10],
    [6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5],
    [10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0],
];

/// Blake2b with a digest of `N` bytes, of the concatenated parts: RFC 7693, without a key.
///
/// The library's is unrolled to 7 KB of WASM; the tests hold this one against it.
pub(crate) fn blake2b<const N: usize>(parts: &[&[u8]]) -> [u8; N] {
    const { assert!(N > 0 && N <= 64) };
    let bytes = parts.concat();
    let mut state = START;
    state[0] ^= 0x0101_0000 ^ N as u64;
    // No bytes are one block too.
    let blocks = bytes.len().div_ceil(BLOCK_BYTES).max(1);
    for number in 1..=blocks {
        let end = bytes.len().min(number * BLOCK_BYTES);
        let taken = bytes.get((number - 1) * BLOCK_BYTES..end).unwrap_or_default();
        let mut block = [0; BLOCK_BYTES];
        block[..taken.len()].copy_from_slice(taken);
        compress(&mut state, &block, end as u64, number == blocks);
    }
    let mut digest = [0; N];
    digest.copy_from_slice(&state.map(u64::to_le_bytes).as_flattened()[..N]);
    digest
}

/// Takes in a block, which ends after so many bytes of the whole.
fn compress(state: &mut [u64; 8], block: &[u8; BLOCK_BYTES], end: u64, is_last: bool) {
    let mut words = [0; 16];
    for (word, bytes) in words.iter_mut().zip(block.chunks(8)) {
        *word = bytes.try_into().map_or(0, u64::from_le_bytes);
    }
    let mut v = [0; 16];
    v[..8].copy_from_slice(state);
    v[8..].copy_from_slice(&START);
    v[12] ^= end;
    if is_last {
        v[14] = !v[14];
    }
    for round in 0..ROUNDS {
        let order = &ORDERS[round % ORDERS.len()];
        let pair = |n: usize| [order[n], order[n + 1]].map(|at| words[usize::from(at % 16)]);
        mix(&mut v, [0, 4, 8, 12], pair(0));
        mix(&mut v, [1, 5, 9, 13], pair(2));
        mix(&mut v, [2, 6, 10, 14], pair(4));
        mix(&mut v, [3, 7, 11, 15], pair(6));
        mix(&mut v, [0, 5, 10, 15], pair(8));
        mix(&mut v, [1, 6, 11, 12], pair(10));
        mix(&mut v, [2, 7, 8, 13], pair(12));
        mix(&mut v, [3, 4, 9, 14], pair(14));
    }
    for (at, word) in state.iter_mut().enumerate() {
        *word ^= v[at] ^ v[at + 8];
    }
}

#[inline(always)]
fn mix(v: &mut [u64; 16], [a, b, c, d]: [usize; 4], [first, second]: [u64; 2]) {
    v[a] = v[a].wrapping_add(v[b]).wrapping_add(first);
    v[d] = (v[d] ^ v[a]).rotate_right(32);
    v[c] = v[c].wrapping_add(v[d]);
    v[b] = (v[b] ^ v[c]).rotate_right(24);
    v[a] = v[a].wrapping_add(v[b]).wrapping_add(second);
    v[d] = (v[d] ^ v[a]).rotate_right(16);
    v[c] = v[c].wrapping_add(v[d]);
    v[b] = (v[b] ^ v[c]).rotate_right(63);
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
