//! Square roots, in both fields: as p = 3 modulo 4, by one exponentiation in the base field and two
//! in the quadratic one.

use super::fq::Fq;
use super::fq2::Fq2;
use super::number::{MODULUS, WORD_BITS};

/// A square root of −5. The norm of [`ZETA`] is 5.
pub(super) const ROOT_OF_MINUS_5: Fq = Fq::from_hex(
    "186417302d5a65347a88b0f999ab2b504614aa5e2eebdeb1a014c40bceb7d2306c12a6d436befcf94d39c9db7b263cd4",
);
/// (p + 1) / 2.
pub(super) const HALF: Fq = Fq::from_hex(
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
/// Bits of the exponent, (p − 3) / 4: p without its two lowest bits, which are ones.
const EXPONENT_BITS: u32 = 379;

/// A part of the exponent: so many squarings, and then a product with an odd power, the one that has this place
/// among them.
#[derive(Clone, Copy)]
struct Window {
    squarings: u32,
    power: usize,
}

/// The parts of the exponent from above, and the squarings after the last.
const WINDOWS: ([Window; WINDOWS_COUNT], u32) = {
    let mut windows = [Window { squarings: 0, power: 0 }; WINDOWS_COUNT];
    let (mut count, mut left, mut zeros) = (0, EXPONENT_BITS, 0);
    while left > 0 {
        if bit(left - 1) == 0 {
            (left, zeros) = (left - 1, zeros + 1);
            continue;
        }
        let (digit, bits) = window(left);
        windows[count] = Window { squarings: zeros + bits, power: digit / 2 };
        (count, left, zeros) = (count + 1, left - bits, 0);
    }
    (windows, zeros)
};

const WINDOWS_COUNT: usize = {
    let (mut count, mut left) = (0, EXPONENT_BITS);
    while left > 0 {
        let bits = if bit(left - 1) == 0 { 1 } else { window(left).1 };
        (count, left) = (count + bit(left - 1), left - bits);
    }
    count
};

/// The longest odd number of at most [`WINDOW`] bits that begins with the one below bit `left`, and its bits.
const fn window(left: u32) -> (usize, u32) {
    let mut bits = if left < WINDOW { left } else { WINDOW };
    while bit(left - bits) == 0 {
        bits -= 1;
    }
    let (mut digit, mut at) = (0, left);
    while at > left - bits {
        at -= 1;
        digit = digit << 1 | bit(at);
    }
    (digit, bits)
}

/// A bit of the exponent.
const fn bit(at: u32) -> usize {
    let at = at + 2;
    let word = MODULUS[(at / WORD_BITS) as usize];
    if word >> (at % WORD_BITS) & 1 == 1 { 1 } else { 0 }
}

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
    let (windows, last) = &WINDOWS;
    for Window { squarings, power } in windows {
        for _ in 0..*squarings {
            result = result.squared();
        }
        // There is one for every window.
        result = result.times(powers.get(*power).unwrap_or(a));
    }
    for _ in 0..*last {
        result = result.squared();
    }
    result
}
