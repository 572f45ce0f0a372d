//! Hashing to G2: BLS12381G2_XMD:SHA-256_SSWU_RO_ of RFC 9380.

use super::field::{self, fq};
use super::group::clear_cofactor;
use super::root::{ZETA, root_or_twisted};
use crate::backend::FP_BYTES;
use crate::backend::expand::{DIGEST_BYTES, EXPANDED_BYTES, UNIFORM_BYTES, expand};
use ark_bls12_381::{Fq, Fq2, G2Projective, g2};
use ark_ec::hashing::curve_maps::wb::{IsogenyMap, WBConfig};
use ark_ec::short_weierstrass::SWCurveConfig;
use ark_ff::{BigInteger, Field, MontFp, One, Zero};

/// The curve that has an isogeny to ours.
type Isogenous = <g2::Config as WBConfig>::IsogenousCurve;

/// 2²⁵⁶.
const SHIFT: Fq =
    MontFp!("115792089237316195423570985008687907853269984665640564039457584007913129639936");

/// Hashes `prefix ‖ message`.
pub(super) fn hash_to_g2(dst: &[u8], prefix: &[u8], message: &[u8]) -> G2Projective {
    let expanded = expand(dst, prefix, message);
    let (first, second) = expanded.split_at(EXPANDED_BYTES / 2);
    clear_cofactor(&(map_to_curve(element(first)) + map_to_curve(element(second))))
}

/// The element of twice 64 uniform bytes.
fn element(uniform: &[u8]) -> Fq2 {
    let (c0, c1) = uniform.split_at(UNIFORM_BYTES);
    let coefficient = |bytes: &[u8]| {
        let (high, low) = bytes.split_at(DIGEST_BYTES);
        number(high) * SHIFT + number(low)
    };
    Fq2::new(coefficient(c0), coefficient(c1))
}

/// The number of 32 bytes, which is always below the modulus.
fn number(bytes: &[u8]) -> Fq {
    let mut padded = [0; FP_BYTES];
    padded[FP_BYTES - DIGEST_BYTES..].copy_from_slice(bytes);
    fq(&padded).unwrap_or_default()
}

/// The simplified SWU map (6.6.2) to the isogenous curve, and from there to ours.
fn map_to_curve(u: Fq2) -> G2Projective {
    let (a, b) = (Isogenous::COEFF_A, Isogenous::COEFF_B);
    let twist = ZETA * u.square();
    let sum = twist.square() + twist;
    let divisor = a * if sum.is_zero() { ZETA } else { -sum };
    // Never zero, as neither `a` nor ZETA is.
    let mut x = b * (sum + Fq2::one()) * divisor.inverse().unwrap_or_default();
    let (mut y, is_square) = root_or_twisted((x.square() + a) * x + b);
    if !is_square {
        // The other x, whose right side is that of the first times (ZETA u²)³.
        x *= twist;
        y *= twist * u;
    }
    if is_odd(&y) != is_odd(&u) {
        y = -y;
    }
    across(&g2::Config::ISOGENY_MAP, x, y)
}

/// The isogeny, without a division: in Jacobian coordinates.
fn across(map: &IsogenyMap<'_, Isogenous, g2::Config>, x: Fq2, y: Fq2) -> G2Projective {
    let at_x = |polynomial: &[Fq2]| {
        polynomial.iter().rev().fold(Fq2::zero(), |value, coefficient| value * x + coefficient)
    };
    let (x_over, x_under) = (at_x(map.x_map_numerator), at_x(map.x_map_denominator));
    let (y_over, y_under) = (at_x(map.y_map_numerator), at_x(map.y_map_denominator));
    let z = x_under * y_under;
    let z_y = z * y_under;
    // Where z is zero this is the identity, as it should be (6.6.3).
    G2Projective::new_unchecked(x_over * z_y, y * y_over * z_y * x_under.square(), z)
}

/// `sgn0` (4.1): the parity of the first coefficient that is not zero.
fn is_odd(element: &Fq2) -> bool {
    let first = if element.c0.is_zero() { element.c1 } else { element.c0 };
    field::number(first).is_odd()
}
