//! What the two groups need beyond adding: membership, by endomorphisms, and clearing G2's cofactor.

use ark_bls12_381::{Config, Fq, Fq2, G1Affine, G1Projective, G2Affine, G2Projective, g1};
use ark_ec::bls12::Bls12Config;
use ark_ec::scalar_mul::glv::GLVConfig;
use ark_ec::short_weierstrass::{Projective, SWCurveConfig};
use ark_ff::{AdditiveGroup, BitIteratorBE, Field, MontFp};

/// `1 / (1 + i)^((p − 1) / 3)`, of which the real part is zero.
const PSI_X: Fq2 = Fq2::new(
    Fq::ZERO,
    MontFp!(
        "4002409555221667392624310435006688643935503118305586438271171395842971157480381377015405980053539358417135540939437"
    ),
);

/// `1 / (1 + i)^((p − 1) / 2)`.
const PSI_Y: Fq2 = Fq2::new(
    MontFp!(
        "2973677408986561043442465346520108879172042883009249989176415018091420807192182638567116318576472649347015917690530"
    ),
    MontFp!(
        "1028732146235106349975324479215795277384839936929757896155643118032610843298655225875571310552543014690878354869257"
    ),
);

/// Whether a point of the first curve is in G1: `φ(P) = −x²P` there and nowhere else, see section 6
/// of <https://eprint.iacr.org/2021/1130>.
pub(super) fn is_in_g1(point: &G1Affine) -> bool {
    let point: G1Projective = (*point).into();
    let once = times_parameter(&point);
    // The points of order 3 and their like, for which that is not enough.
    once != point && -times_parameter(&once) == g1::Config::endomorphism(&point)
}

/// Whether a point of the second curve is in G2: `ψ(P) = xP` there and nowhere else, see section 4
/// of the same.
pub(super) fn is_in_g2(point: &G2Affine) -> bool {
    let point: G2Projective = (*point).into();
    times_parameter(&point) == psi(&point)
}

/// Takes a point of the second curve into G2: appendix G.3 of RFC 9380.
pub(super) fn clear_cofactor(point: &G2Projective) -> G2Projective {
    let t1 = times_parameter(point);
    let t2 = psi(point);
    let t3 = psi(&psi(&point.double())) - t2;
    t3 + times_parameter(&(t1 + t2)) - t1 - *point
}

/// The curve's parameter, x, times a point. It is negative and has six bits that are set.
fn times_parameter<C: SWCurveConfig>(point: &Projective<C>) -> Projective<C> {
    let mut product = *point;
    for bit in BitIteratorBE::without_leading_zeros(Config::X).skip(1) {
        product.double_in_place();
        if bit {
            product += *point;
        }
    }
    -product
}

/// The endomorphism: untwist, Frobenius, twist.
fn psi(point: &G2Projective) -> G2Projective {
    let conjugate = |mut element: Fq2| {
        element.frobenius_map_in_place(1);
        element
    };
    G2Projective::new_unchecked(
        conjugate(point.x) * PSI_X,
        conjugate(point.y) * PSI_Y,
        conjugate(point.z),
    )
}
