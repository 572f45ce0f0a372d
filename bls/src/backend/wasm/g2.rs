//! Points of G2: signatures and hashed messages.

use super::fq::Fq;
use super::fq2::Fq2;
use super::group::is_in_g2;
use super::hash::hash_to_g2;
use super::number::Number;
use super::point::Point;
use super::root::root_or_twisted;
use crate::backend::FP_BYTES;
use crate::canonical::{COMPRESSED, IDENTITY, SIGN, without_flags};

/// A point of G2: a signature, a hashed message or a sum of either.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct G2(pub(super) Point<Fq2>);

impl Eq for G2 {}

/// What the second curve, y² = x³ + 4(1 + i), adds.
const B: Fq2 = Fq2::small(4, 4);

impl G2 {
    /// Decompresses, and checks curve and subgroup.
    pub(crate) fn decompress(bytes: &[u8; 96]) -> Option<G2> {
        let (sign, bytes) = without_flags(bytes)?;
        let coordinate = |bytes: &[u8; 48]| Some(Fq::new(&Number::from_big_endian(bytes)?));
        // The second coefficient comes first.
        let (c1, c0) = (coordinate(bytes.first_chunk()?)?, coordinate(bytes.last_chunk()?)?);
        let x = Fq2::new(c0, c1);
        let (mut y, on_curve) = root_or_twisted(&x.squared().times(&x).plus(&B).carried());
        if y.is_larger() != sign {
            y = y.negated();
        }
        let point = Point { x, y: y.carried(), z: Fq2::ONE };
        (on_curve && is_in_g2(&point)).then_some(G2(point))
    }

    /// The 96-byte compressed form.
    pub(crate) fn compress(&self) -> [u8; 96] {
        let mut bytes = [0; 96];
        let Some((x, y)) = self.0.to_affine() else {
            bytes[0] = COMPRESSED | IDENTITY;
            return bytes;
        };
        let (c1, c0) = bytes.split_at_mut(FP_BYTES);
        c1.copy_from_slice(&x.c1.number().big_endian());
        c0.copy_from_slice(&x.c0.number().big_endian());
        bytes[0] |= COMPRESSED | if y.is_larger() { SIGN } else { 0 };
        bytes
    }

    /// Hashes `prefix ‖ message` to a point.
    pub(crate) fn hash(dst: &[u8], prefix: &[u8], message: &[u8]) -> G2 {
        G2(hash_to_g2(dst, prefix, message))
    }

    /// The sum.
    pub(crate) fn add(&self, other: &G2) -> G2 {
        G2(self.0.plus(&other.0))
    }
}
