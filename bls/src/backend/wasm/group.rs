//! What the two groups need beyond adding: membership, by endomorphisms, and clearing G2's cofactor.

use super::fq::Fq;
use super::fq2::Fq2;
use super::point::Point;

/// A cube root of one in the base field: the one by which φ multiplies x where it is −x² (x being the
/// curve's parameter).
pub(super) const BETA: Fq = Fq::from_hex(
    "5f19672fdf76ce51ba69c6076a0f77eaddb3a93be6f89688de17d813620a00022e01fffffffefffe",
);

/// `1 / ξ^((p − 1) / 3)`.
pub(super) const PSI_X: Fq2 = Fq2::new(
    Fq::ZERO,
    Fq::from_hex(
        "1a0111ea397fe699ec02408663d4de85aa0d857d89759ad4897d29650fb85f9b409427eb4f49fffd8bfd00000000aaad",
    ),
);

/// `1 / ξ^((p − 1) / 2)`.
pub(super) const PSI_Y: Fq2 = Fq2::new(
    Fq::from_hex(
        "135203e60180a68ee2e9c448d77a2cd91c3dedd930b1cf60ef396489f61eb45e304466cf3e67fa0af1ee7b04121bdea2",
    ),
    Fq::from_hex(
        "6af0e0437ff400b6831e36d6bd17ffe48395dabc2d3435e77f76e17009241c5ee67992f72ec05f4c81084fbede3cc09",
    ),
);

/// Whether a point of the first curve is in G1: `φ(P) = −x²P` there and nowhere else, see section 6
/// of <https://eprint.iacr.org/2021/1130>.
pub(super) fn is_in_g1(point: &Point<Fq>) -> bool {
    let once = point.times_parameter();
    // The points of order 3 and their like, for which that is not enough.
    once != *point
        && once.times_parameter().negated() == Point { x: point.x.times(&BETA), ..*point }
}

/// Whether a point of the second curve is in G2: `ψ(P) = xP` there and nowhere else, see section 4
/// of the same.
pub(super) fn is_in_g2(point: &Point<Fq2>) -> bool {
    point.times_parameter() == psi(point)
}

/// Takes a point of the second curve into G2: appendix G.3 of RFC 9380, which is Budroni and Pintore,
/// Efficient hash maps to G2 on BLS curves, 2017.
pub(super) fn clear_cofactor(point: &Point<Fq2>) -> Point<Fq2> {
    let t1 = point.times_parameter();
    let t2 = psi(point);
    let t3 = psi(&psi(&point.doubled())).plus(&t2.negated());
    let sum = t3.plus(&t1.plus(&t2).times_parameter());
    sum.plus(&t1.negated()).plus(&point.negated())
}

/// The endomorphism: untwist, Frobenius, twist.
fn psi(point: &Point<Fq2>) -> Point<Fq2> {
    Point {
        x: point.x.conjugate().times(&PSI_X),
        y: point.y.conjugate().times(&PSI_Y),
        z: point.z.conjugate().carried(),
    }
}
