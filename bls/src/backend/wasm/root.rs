//! Square roots, in both fields: as p = 3 modulo 4, by one exponentiation in the base field and two
//! in the quadratic one.

use super::fq::Fq;
use super::fq2::Fq2;
use super::number::{MODULUS, Number, WORD_BITS, WORDS};

/// A square root of −5. The norm of [`ZETA`] is 5.
const ROOT_OF_MINUS_5: Fq = Fq::from_hex(
    "186417302d5a65347a88b0f999ab2b504614aa5e2eebdeb1a014c40bceb7d2306c12a6d436befcf94d39c9db7b263cd4",
);
/// (p + 1) / 2.
const HALF: Fq = Fq::from_hex(
    "d0088f51cbff34d258dd3db21a5d66bb23ba5c279c2895fb39869507b587b120f55ffff58a9ffffdcff7fffffffd556",
);

/// No square: −(2 + i), the Z of the map to the curve in RFC 9380, 8.8.2.
pub(super) const ZETA: Fq2 = Fq2::small(-2, -1);

/// The square root, if there is one.
pub(super) fn root(a: &Fq) -> Option<Fq> {
    let root = a.times(&nearly_root(a));
    (root.squared() == *a).then_some(root)
}

/// The square root of `a` and `true`, or that of `ZETA · a` and `false`: one of them is a square, as a
/// is one exactly if its norm is.
pub(super) fn root_or_twisted(a: &Fq2) -> (Fq2, bool) {
    let norm = a.norm().carried();
    let of_norm = norm.times(&nearly_root(&norm));
    // `of_norm` squared is the norm or its negative.
    if of_norm.squared() == norm {
        (root_by_norm(a, &of_norm), true)
    } else {
        (root_by_norm(&a.times(&ZETA), &of_norm.times(&ROOT_OF_MINUS_5)), false)
    }
}

/// The square root of a square, given the root of its norm. With n for the latter, the root is
/// `y + c1 / (2y)·i` where y² is `(c0 + n) / 2`, or where −y² is that, times i.
fn root_by_norm(a: &Fq2, of_norm: &Fq) -> Fq2 {
    let half = a.c1.times(&HALF);
    let mut square = a.c0.plus(of_norm).times(&HALF);
    if square.is_zero() {
        square = of_norm.negated();
    }
    // With `inverse · part = ±1`, and `part` squared = ±`square`, by the same sign.
    let inverse = nearly_root(&square);
    let part = square.times(&inverse);
    let other = half.times(&inverse);
    if part.squared() == square { Fq2::new(part, other) } else { Fq2::new(other.negated(), part) }
}

/// Bits of an exponent that are taken at once.
const WINDOW: u32 = 5;
/// The powers that this takes: odd ones.
const ODD_POWERS: usize = 1 << (WINDOW - 1);

/// The exponent, (p − 3) / 4: p without its two lowest bits, which are ones.
const EXPONENT: Number = {
    let mut words = MODULUS;
    let mut at = 0;
    while at < WORDS {
        let above = if at + 1 < WORDS { MODULUS[at + 1] & 3 } else { 0 };
        words[at] = (MODULUS[at] >> 2) | above << (WORD_BITS - 2);
        at += 1;
    }
    Number(words)
};
/// Bits of the exponent.
const EXPONENT_BITS: u32 = 379;

/// `a` to the power of (p − 3) / 4: times `a`, that is a root of `a` or of `-a`.
fn nearly_root(a: &Fq) -> Fq {
    let square = a.squared();
    let mut powers = [*a; ODD_POWERS];
    let mut power = *a;
    for slot in powers.iter_mut().skip(1) {
        power = power.times(&square);
        *slot = power;
    }
    let mut result = Fq::ONE;
    let mut left = EXPONENT_BITS;
    while left > 0 {
        let (digit, bits) = window(left);
        for _ in 0..bits {
            result = result.squared();
        }
        left = left.saturating_sub(bits);
        if let Some(power) = digit.and_then(|digit| powers.get(digit)) {
            result = result.times(power);
        }
    }
    result
}

/// What the exponent has below bit `left`: a zero, or a window that ends with a one: which of the odd
/// numbers it is, and its bits.
fn window(left: u32) -> (Option<usize>, u32) {
    let mut bits = WINDOW.min(left);
    let mut digit = 0;
    for at in (left - bits..left).rev() {
        digit = digit << 1 | bit(at);
    }
    if bit(left - 1) == 0 {
        return (None, 1);
    }
    while digit & 1 == 0 {
        digit >>= 1;
        bits -= 1;
    }
    (Some(digit >> 1), bits)
}

/// A bit of the exponent.
fn bit(at: u32) -> usize {
    let word = usize::try_from(at / WORD_BITS).ok().and_then(|word| EXPONENT.0.get(word));
    usize::from(word.is_some_and(|word| word >> (at % WORD_BITS) & 1 == 1))
}
