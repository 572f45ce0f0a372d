//! Square roots, which are most of the cost of decompressing a point and half that of hashing to
//! one. arkworks has them for any field; for this one they take two exponentiations instead of five.

use ark_bls12_381::{Fq, Fq2};
use ark_ff::{Field, MontFp, One, PrimeField, Zero};

/// A square root of −5. The norm of [`ZETA`] is 5.
const ROOT_OF_MINUS_5: Fq = MontFp!(
    "3754115229487400743760384662840082984744650971178826659753975400945528899667118516813924993650507119217982417812692"
);

/// No square: −(2 + i), the Z of the map to the curve in RFC 9380, 8.8.2.
pub(super) const ZETA: Fq2 = Fq2::new(MontFp!("-2"), MontFp!("-1"));

const HALF: Fq = MontFp!(
    "2001204777610833696708894912867952078278441409969503942666029068062015825245418932221343814564507832018947136279894"
);

/// The square root, if there is one.
pub(super) fn root(a: Fq) -> Option<Fq> {
    let root = a * nearly_root(a);
    (root.square() == a).then_some(root)
}

/// The square root of `a` and `true`, or that of `ZETA · a` and `false`: one of them is a square.
pub(super) fn root_or_twisted(a: Fq2) -> (Fq2, bool) {
    let norm = a.c0.square() + a.c1.square();
    let of_norm = norm * nearly_root(norm);
    // As p = 3 mod 4, `of_norm` squared is the norm or its negative.
    if of_norm.square() == norm {
        (root_by_norm(a, of_norm), true)
    } else {
        (root_by_norm(a * ZETA, of_norm * ROOT_OF_MINUS_5), false)
    }
}

/// The square root of a square, given the root of its norm.
fn root_by_norm(a: Fq2, of_norm: Fq) -> Fq2 {
    let half = a.c1 * HALF;
    let mut square = (a.c0 + of_norm) * HALF;
    if square.is_zero() {
        square -= of_norm;
    }
    // With `inverse · part = ±1`, and `part` squared = ±`square`, by the same sign.
    let inverse = nearly_root(square);
    let part = square * inverse;
    if part.square() == square {
        Fq2::new(part, half * inverse)
    } else {
        Fq2::new(-(half * inverse), part)
    }
}

/// `a` to the power of (p − 3) / 4: times `a`, that is a root of `a` or of `-a`.
fn nearly_root(a: Fq) -> Fq {
    const WINDOW: usize = 4;
    let mut powers = [Fq::ONE; 1 << WINDOW];
    let mut power = Fq::ONE;
    for slot in powers.iter_mut().skip(1) {
        power *= a;
        *slot = power;
    }
    // (p − 3) / 4 is p without its last two bits, which are ones.
    let exponent = Fq::MODULUS >> 2u32;
    let mut result = Fq::one();
    for limb in exponent.0.iter().rev() {
        for shift in (0..u64::BITS).step_by(WINDOW).rev() {
            for _ in 0..WINDOW {
                result.square_in_place();
            }
            // Skipping zeros saves little, and saves the leading ones' multiplications.
            let digit = (limb >> shift) & ((1 << WINDOW) - 1);
            if let Some(power) = usize::try_from(digit).ok().and_then(|digit| powers.get(digit))
                && digit != 0
            {
                result *= power;
            }
        }
    }
    result
}

#[cfg(test)]
mod tests {
    use ark_ff::AdditiveGroup;

    use super::*;

    #[test]
    fn constants() {
        assert_eq!(ROOT_OF_MINUS_5.square(), -Fq::from(5));
        assert_eq!(HALF.double(), Fq::one());
        assert!(ZETA.sqrt().is_none());
    }

    #[test]
    fn roots_are_roots_and_exist_where_arkworks_finds_one() {
        let small = || (-3..=3).map(Fq::from);
        let mut seen = [0; 2];
        for (c0, c1) in small().flat_map(|c0| small().map(move |c1| (c0, c1))) {
            for a in [Fq2::new(c0, c1), Fq2::new(c0, c1).square(), Fq2::new(c0, c1) * ZETA] {
                let (root, is_square) = root_or_twisted(a);
                assert_eq!(root.square(), if is_square { a } else { a * ZETA }, "{a}");
                assert_eq!(is_square, a.sqrt().is_some(), "{a}");
                seen[usize::from(is_square)] += 1;
            }
            assert_eq!(root(c0).is_some(), c0.sqrt().is_some());
        }
        assert!(seen.iter().all(|count| *count > 20), "{seen:?}");
    }
}
