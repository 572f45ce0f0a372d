//! Elements of the base field as bytes and as numbers.

use ark_bls12_381::Fq;
use ark_ff::{BigInt, PrimeField};

use crate::backend::FP_BYTES;

/// A field element from 48 big-endian bytes, unless they are not reduced.
pub(super) fn fq(bytes: &[u8]) -> Option<Fq> {
    let mut limbs = [0; 6];
    for (limb, chunk) in limbs.iter_mut().rev().zip(bytes.chunks(8)) {
        *limb = u64::from_be_bytes(chunk.try_into().ok()?);
    }
    Fq::from_bigint(BigInt(limbs))
}

/// The number that a field element stands for, below the modulus.
///
/// The product with a one that was not brought into Montgomery's form takes the element out of it.
/// arkworks has an unrolled function for that, as large as its multiplication.
pub(super) fn number(element: Fq) -> BigInt<6> {
    (element * Fq::new_unchecked(BigInt::one())).0
}

/// The 48 big-endian bytes of a field element.
pub(super) fn big_endian(element: Fq) -> [u8; FP_BYTES] {
    let mut bytes = [0; FP_BYTES];
    for (chunk, limb) in bytes.chunks_mut(8).zip(number(element).0.iter().rev()) {
        chunk.copy_from_slice(&limb.to_be_bytes());
    }
    bytes
}
