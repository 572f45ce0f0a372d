//! arkworks, in pure Rust: the backend of the kernel's WASM. It verifies only; nothing here is
//! constant in time, and nothing here is secret.

mod field;
mod group;
mod hash;
mod root;

use ark_bls12_381::{
    Bls12_381, Config, Fq, Fq2, Fq6, Fq12, G1Affine, G1Projective, G2Affine, G2Projective, g1, g2,
};
use ark_ec::bls12::{Bls12Config, G2Prepared};
use ark_ec::pairing::{MillerLoopOutput, Pairing};
use ark_ec::short_weierstrass::SWCurveConfig;
use ark_ec::{AffineRepr, CurveGroup};
use ark_ff::{BitIteratorBE, CyclotomicMultSubgroup, Field, One, PrimeField, Zero};

use crate::canonical::{COMPRESSED, IDENTITY, SIGN, is_stored_form, without_flags};

use field::{big_endian, fq, number};

use super::{FP_BYTES, FP12_COEFFICIENTS};

/// A point of G1 other than the identity: a public key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct G1(G1Affine);

/// A sum of points of G1.
#[derive(Clone, Copy, Debug)]
pub(crate) struct G1Sum(G1Projective);

/// A point of G2: a signature, a hashed message or a sum of either.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct G2(G2Projective);

/// A product of Miller loops, before the final exponentiation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Product(Fq12);

impl G1 {
    /// The generator's negative: the signature's partner in the check of a product.
    pub(crate) fn minus_generator() -> G1 {
        G1(-G1Affine::generator())
    }

    /// Decompresses, and checks curve and subgroup.
    pub(crate) fn decompress(bytes: &[u8; 48]) -> Option<G1> {
        let (sign, bytes) = without_flags(bytes)?;
        let x = fq(&bytes)?;
        let mut y = root::root(x.square() * x + g1::Config::COEFF_B)?;
        if is_larger(y) != sign {
            y = -y;
        }
        let point = G1Affine::new_unchecked(x, y);
        group::is_in_g1(&point).then_some(G1(point))
    }

    /// Reads the 96-byte form of a point that was checked before it was stored. Nothing but its form
    /// is looked at again.
    pub(crate) fn load(bytes: &[u8; 96]) -> Option<G1> {
        if !is_stored_form(bytes) {
            return None;
        }
        let point = G1Affine::new_unchecked(fq(&bytes[..FP_BYTES])?, fq(&bytes[FP_BYTES..])?);
        Some(G1(point))
    }

    /// The 96-byte form, x and y big-endian.
    pub(crate) fn store(&self) -> [u8; 96] {
        let mut bytes = [0; 96];
        bytes[..FP_BYTES].copy_from_slice(&big_endian(self.0.x));
        bytes[FP_BYTES..].copy_from_slice(&big_endian(self.0.y));
        bytes
    }

    /// The 48-byte form.
    pub(crate) fn compress(&self) -> [u8; 48] {
        let mut bytes = big_endian(self.0.x);
        bytes[0] |= COMPRESSED | if is_larger(self.0.y) { SIGN } else { 0 };
        bytes
    }

    /// Some bits of the point, the same for the same point: a comparison that costs next to
    /// nothing.
    pub(crate) fn fingerprint(&self) -> u64 {
        self.0.x.0.0[0]
    }
}

impl G1Sum {
    /// The sum of nothing.
    pub(crate) fn new() -> G1Sum {
        G1Sum(G1Projective::default())
    }

    /// The same: points are added one by one.
    pub(crate) fn with_capacity(_points: usize) -> G1Sum {
        G1Sum::new()
    }

    /// Adds a point.
    pub(crate) fn add(&mut self, point: &G1) {
        self.0 += &point.0;
    }

    /// The sum, unless it is the identity.
    pub(crate) fn point(&self) -> Option<G1> {
        let point = self.0.into_affine();
        (!point.is_zero()).then_some(G1(point))
    }
}

impl G2 {
    /// Decompresses, and checks curve and subgroup.
    pub(crate) fn decompress(bytes: &[u8; 96]) -> Option<G2> {
        let (sign, bytes) = without_flags(bytes)?;
        let x = Fq2::new(fq(&bytes[FP_BYTES..])?, fq(&bytes[..FP_BYTES])?);
        let (mut y, on_curve) = root::root_or_twisted(x.square() * x + g2::Config::COEFF_B);
        if is_larger_of_two(y) != sign {
            y = -y;
        }
        let point = G2Affine::new_unchecked(x, y);
        (on_curve && group::is_in_g2(&point)).then(|| G2(point.into()))
    }

    /// The 96-byte compressed form.
    pub(crate) fn compress(&self) -> [u8; 96] {
        let mut bytes = [0; 96];
        let point = self.0.into_affine();
        if point.is_zero() {
            bytes[0] = COMPRESSED | IDENTITY;
            return bytes;
        }
        bytes[..FP_BYTES].copy_from_slice(&big_endian(point.x.c1));
        bytes[FP_BYTES..].copy_from_slice(&big_endian(point.x.c0));
        bytes[0] |= COMPRESSED | if is_larger_of_two(point.y) { SIGN } else { 0 };
        bytes
    }

    /// Hashes `prefix ‖ message` to a point.
    pub(crate) fn hash(dst: &[u8], prefix: &[u8], message: &[u8]) -> G2 {
        G2(hash::hash_to_g2(dst, prefix, message))
    }

    /// The sum.
    pub(crate) fn add(&self, other: &G2) -> G2 {
        G2(self.0 + other.0)
    }
}

impl Product {
    /// The empty product.
    pub(crate) fn one() -> Product {
        Product(Fq12::one())
    }

    /// The product of the Miller loops of all pairs, which share their squarings. A pair with the
    /// identity contributes one.
    pub(crate) fn of_pairs(pairs: &[(G1, G2)]) -> Product {
        let qs: Vec<G2Projective> = pairs.iter().map(|(_, q)| q.0).collect();
        let qs = G2Projective::normalize_batch(&qs);
        let mut lines: Vec<_> = pairs
            .iter()
            .zip(qs)
            .filter(|(_, q)| !q.is_zero())
            .map(|((p, _), q)| (p.0, G2Prepared::<Config>::from(q).ell_coeffs.into_iter()))
            .collect();
        let mut product = Fq12::one();
        let mut step = |product: &mut Fq12| {
            for (p, lines) in &mut lines {
                let Some((c0, mut c1, mut c2)) = lines.next() else { continue };
                c2.mul_assign_by_fp(&p.y);
                c1.mul_assign_by_fp(&p.x);
                product.mul_by_014(&c0, &c1, &c2);
            }
        };
        for bit in BitIteratorBE::without_leading_zeros(Config::X).skip(1) {
            product.square_in_place();
            step(&mut product);
            if bit {
                step(&mut product);
            }
        }
        // The curve's parameter is negative.
        product.cyclotomic_inverse_in_place();
        Product(product)
    }

    /// The product of two.
    pub(crate) fn times(&self, other: &Product) -> Product {
        Product(self.0 * other.0)
    }

    /// Whether the final exponentiation makes this one: whether a product of pairings is one.
    pub(crate) fn is_one_when_exponentiated(&self) -> bool {
        Bls12_381::final_exponentiation(MillerLoopOutput(self.0)).is_some_and(|one| one.0.is_one())
    }

    /// The twelve coefficients, each big-endian, in the order of the tower.
    pub(crate) fn coefficients(&self) -> [[u8; FP_BYTES]; FP12_COEFFICIENTS] {
        let mut out = [[0; FP_BYTES]; FP12_COEFFICIENTS];
        for (bytes, coefficient) in out.iter_mut().zip(self.0.to_base_prime_field_elements()) {
            *bytes = big_endian(coefficient);
        }
        out
    }

    /// Reads [`Product::coefficients`] back.
    pub(crate) fn from_coefficients(bytes: &[[u8; FP_BYTES]; FP12_COEFFICIENTS]) -> Product {
        let [a, b, c, d, e, f, g, h, i, j, k, l] =
            bytes.map(|bytes| fq(&bytes).unwrap_or_default());
        let fq6 = |a, b, c, d, e, f| Fq6::new(Fq2::new(a, b), Fq2::new(c, d), Fq2::new(e, f));
        Product(Fq12::new(fq6(a, b, c, d, e, f), fq6(g, h, i, j, k, l)))
    }
}

/// Whether an element is larger than its negative: what the sign bit says of y.
fn is_larger(y: Fq) -> bool {
    number(y) > Fq::MODULUS_MINUS_ONE_DIV_TWO
}

/// The same for a pair, where the second coordinate decides first.
fn is_larger_of_two(y: Fq2) -> bool {
    is_larger(if y.c1.is_zero() { y.c0 } else { y.c1 })
}
