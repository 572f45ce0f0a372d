//! Hashing to G2: BLS12381G2_XMD:SHA-256_SSWU_RO_ of RFC 9380.

use super::fq::Fq;
use super::fq2::Fq2;
use super::group::clear_cofactor;
use super::number::Number;
use super::point::Point;
use super::root::{ZETA, root_or_twisted};
use crate::backend::FP_BYTES;
use crate::backend::expand::{DIGEST_BYTES, EXPANDED_BYTES, UNIFORM_BYTES, expand};

/// 2²⁵⁶.
const SHIFT: Fq = Fq::from_hex("10000000000000000000000000000000000000000000000000000000000000000");

/// The curve y² = x³ + ax + b that has an isogeny to ours (8.8.2).
const A: Fq2 = Fq2::small(0, 240);
const B: Fq2 = Fq2::small(1012, 1012);

/// Hashes `prefix ‖ message`.
pub(super) fn hash_to_g2(dst: &[u8], prefix: &[u8], message: &[u8]) -> Point<Fq2> {
    let expanded = expand(dst, prefix, message);
    let (first, second) = expanded.split_at(EXPANDED_BYTES / 2);
    clear_cofactor(&map_to_curve(&element(first)).plus(&map_to_curve(&element(second))))
}

/// The element of twice 64 uniform bytes.
fn element(uniform: &[u8]) -> Fq2 {
    let (c0, c1) = uniform.split_at(UNIFORM_BYTES);
    let coefficient = |bytes: &[u8]| {
        let (high, low) = bytes.split_at(DIGEST_BYTES);
        number(high).times(&SHIFT).plus(&number(low)).carried()
    };
    Fq2::new(coefficient(c0), coefficient(c1))
}

/// The number of 32 bytes, which is always below the modulus.
fn number(bytes: &[u8]) -> Fq {
    let mut padded = [0; FP_BYTES];
    padded[FP_BYTES - DIGEST_BYTES..].copy_from_slice(bytes);
    Number::from_big_endian(&padded).map_or(Fq::ZERO, |number| Fq::new(&number))
}

/// The simplified SWU map (6.6.2) to the isogenous curve, and from there to ours.
fn map_to_curve(u: &Fq2) -> Point<Fq2> {
    let twist = ZETA.times(&u.squared());
    let sum = twist.squared().plus(&twist).carried();
    let divisor = A.times(&if sum.is_zero() { ZETA } else { sum.negated() });
    // Never divided by zero, as neither `a` nor ZETA is.
    let mut x = B.times(&sum.plus(&Fq2::ONE)).times(&divisor.inverse());
    let (mut y, is_square) = root_or_twisted(&x.squared().plus(&A).times(&x).plus(&B).carried());
    if !is_square {
        // The other x, whose right side is that of the first times (ZETA u²)³.
        x = x.times(&twist);
        y = y.times(&twist).times(u);
    }
    if y.is_odd() != u.is_odd() {
        y = y.negated();
    }
    across(&x, &y)
}

/// The isogeny to our curve (appendix E.3), as Vélu's formulas make it: its kernel are the points whose x is
/// x₀ = 6i − 6 and whose y² is 4(1 + i). With d = x − x₀ it takes a point to
///
/// ```text
/// ( x + 48i/d + 16(1 + i)/d²,  y·(1 − 48i/d² − 32(1 + i)/d³) )
/// ```
///
/// on y² = x³ + 4·3⁶·(1 + i), whose points (9x, −27y) are those of ours. In Jacobian coordinates that takes no
/// division, and where d is zero it is the identity, as it should be (6.6.3).
fn across(x: &Fq2, y: &Fq2) -> Point<Fq2> {
    const X0: Fq2 = Fq2::small(-6, 6);
    const LINEAR: Fq2 = Fq2::small(0, 48);
    const OF_X: Fq2 = Fq2::small(16, 16);
    const OF_Y: Fq2 = Fq2::small(32, 32);

    let d = x.minus(&X0);
    let square = d.squared();
    let linear = LINEAR.times(&d);
    let of_y = linear.plus(&OF_Y).minus(&square.times(&d)).carried();
    Point {
        x: x.times(&square).plus(&linear).plus(&OF_X).carried(),
        y: y.times(&of_y),
        z: d.tripled().carried(),
    }
}
