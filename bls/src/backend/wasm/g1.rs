//! Points of G1: public keys. Their coordinates are the numbers that are stored, not yet in Montgomery's form:
//! most keys are only added up, and [`super::sum`] does that without.

use super::fq::Fq;
use super::group::is_in_g1;
use super::number::Number;
use super::point::Point;
use super::root::root;
use crate::backend::FP_BYTES;
use crate::canonical::{COMPRESSED, SIGN, is_stored_form, without_flags};

/// A point of G1 other than the identity: a public key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct G1 {
    pub(super) x: Number,
    pub(super) y: Number,
}

/// What the first curve, y² = x³ + 4, adds.
const B: Fq = Fq::small(4);

/// The generator's negative.
const MINUS_GENERATOR: G1 = G1 {
    x: Number::from_hex(
        "17f1d3a73197d7942695638c4fa9ac0fc3688c4f9774b905a14e3a3f171bac586c55e83ff97a1aeffb3af00adb22c6bb",
    ),
    y: Number::from_hex(
        "114d1d6855d545a8aa7d76c8cf2e21f267816aef1db507c96655b9d5caac42364e6f38ba0ecb751bad54dcd6b939c2ca",
    ),
};

impl G1 {
    /// The generator's negative: the signature's partner in the check of a product.
    pub(crate) fn minus_generator() -> G1 {
        MINUS_GENERATOR
    }

    /// Decompresses, and checks curve and subgroup.
    pub(crate) fn decompress(bytes: &[u8; 48]) -> Option<G1> {
        let (sign, bytes) = without_flags(bytes)?;
        let x_number = Number::from_big_endian(&bytes)?;
        let x = Fq::new(&x_number);
        let mut y = root(&x.squared().times(&x).plus(&B))?;
        if y.number().is_above_half() != sign {
            y = y.negated();
        }
        let point = G1 { x: x_number, y: y.number() };
        is_in_g1(&Point { x, y, z: Fq::ONE }).then_some(point)
    }

    /// Reads the 96-byte form of a point that was checked before it was stored. Nothing but its form
    /// is looked at again.
    pub(crate) fn load(bytes: &[u8; 96]) -> Option<G1> {
        if !is_stored_form(bytes) {
            return None;
        }
        let (x, y) = (bytes.first_chunk()?, bytes.last_chunk()?);
        Some(G1 { x: Number::from_big_endian(x)?, y: Number::from_big_endian(y)? })
    }

    /// The 96-byte form, x and y big-endian.
    pub(crate) fn store(&self) -> [u8; 96] {
        let mut bytes = [0; 96];
        let (x, y) = bytes.split_at_mut(FP_BYTES);
        x.copy_from_slice(&self.x.big_endian());
        y.copy_from_slice(&self.y.big_endian());
        bytes
    }

    /// The 48-byte form.
    pub(crate) fn compress(&self) -> [u8; 48] {
        let mut bytes = self.x.big_endian();
        bytes[0] |= COMPRESSED | if self.y.is_above_half() { SIGN } else { 0 };
        bytes
    }

    /// Some bits of the point, the same for the same point: a comparison that costs next to
    /// nothing.
    pub(crate) fn fingerprint(&self) -> u64 {
        self.x.0[0].cast_unsigned()
    }
}
