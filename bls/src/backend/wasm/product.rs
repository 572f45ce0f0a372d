//! Products of the base field: sums of products of limbs, column by column, and Montgomery's
//! reduction (Modular multiplication without trial division, 1985) with R = 2³⁹², in the order that
//! Koç, Acar and Kaliski call FIPS (Analyzing and comparing Montgomery multiplication algorithms, 1996).
//!
//! A column of weight 2^28k adds up products of limbs before anything is carried. Between two limbs
//! all arithmetic wraps: what a column adds up to fits 64 bits, as [`super::worst`] says and the
//! tests check, and what is only on the way to it need not fit.

use super::number::{MODULUS, WORD_BITS, WORDS};
use super::unroll::each;

/// Limbs of a number: two to a word.
pub(super) const LIMBS: usize = 2 * WORDS;
/// Bits of a limb.
pub(super) const LIMB_BITS: u32 = WORD_BITS / 2;
pub(super) const LIMB_MASK: i64 = (1 << LIMB_BITS) - 1;
/// Bits above those of a limb.
const ABOVE: u32 = i64::BITS - LIMB_BITS;

type Words = [i64; WORDS];
pub(super) type Limbs = [i64; LIMBS];

/// The modulus.
pub(super) const P: Limbs = limbs(&MODULUS);
/// −1/p mod 2²⁸, in the upper bits of a word, so that a product with it keeps the sign of a limb.
const MINUS_INVERSE: i64 = {
    let mut inverse = 1i64;
    let mut bits = 1;
    // Newton's iteration: each step doubles the bits that are right, from one on.
    while bits < LIMB_BITS {
        inverse = inverse.wrapping_mul(2i64.wrapping_sub(P[0].wrapping_mul(inverse)));
        bits *= 2;
    }
    inverse.wrapping_neg() << ABOVE
};

/// The limbs of words: the lower one of a word is not negative, the upper one has the word's sign.
#[inline(always)]
pub(super) const fn limbs(words: &Words) -> Limbs {
    let mut limbs = [0; LIMBS];
    each!(K in 0..7 {
        limbs[2 * K] = words[K] & LIMB_MASK;
        limbs[2 * K + 1] = words[K] >> LIMB_BITS;
    });
    limbs
}

/// A limb, or zero where there is none.
#[inline(always)]
const fn limb(limbs: &Limbs, at: usize) -> i64 {
    if at < LIMBS { limbs[at] } else { 0 }
}

#[inline(always)]
pub(super) const fn add_product(sum: i64, one: i64, other: i64) -> i64 {
    sum.wrapping_add(one.wrapping_mul(other))
}

/// What times p makes a column divisible by 2²⁸: between −2²⁷ and 2²⁷, so that the result of a
/// reduction is hardly larger than p / 2.
#[inline(always)]
pub(super) const fn quotient(column: i64) -> i64 {
    column.wrapping_mul(MINUS_INVERSE) >> ABOVE
}

/// A column with the products of quotients found before. Those not found yet are zero.
#[inline(always)]
const fn with_quotients(mut column: i64, quotients: &Limbs, at: usize) -> i64 {
    each!(I in 0..14 {
        column = add_product(column, quotients[I], limb(&P, at.wrapping_sub(I)));
    });
    column
}

/// A column of a product.
#[inline(always)]
const fn product_column(x: &Limbs, y: &Limbs, at: usize) -> i64 {
    let mut column = 0;
    each!(I in 0..14 {
        column = add_product(column, x[I], limb(y, at.wrapping_sub(I)));
    });
    column
}

/// A column of a square, from the number and its double.
#[inline(always)]
const fn square_column(x: &Limbs, twice: &Limbs, at: usize) -> i64 {
    let mut column = 0;
    each!(I in 0..14 {
        let other = at.wrapping_sub(I);
        if I < other {
            column = add_product(column, twice[I], limb(x, other));
        } else if I == other {
            column = add_product(column, x[I], x[I]);
        }
    });
    column
}

/// The reduction of columns as they come, the lowest first.
struct Reduction {
    quotients: Limbs,
    carry: i64,
    words: Words,
}

impl Reduction {
    #[inline(always)]
    const fn new() -> Reduction {
        Reduction { quotients: [0; LIMBS], carry: 0, words: [0; WORDS] }
    }

    /// Takes a column that disappears.
    #[inline(always)]
    const fn lower(&mut self, at: usize, column: i64) {
        let column = with_quotients(self.carry.wrapping_add(column), &self.quotients, at);
        self.quotients[at] = quotient(column);
        self.carry = add_product(column, self.quotients[at], P[0]) >> LIMB_BITS;
    }

    /// Takes a column that becomes the limb `to` of the result.
    #[inline(always)]
    const fn upper(&mut self, at: usize, to: usize, column: i64) {
        let column = with_quotients(self.carry.wrapping_add(column), &self.quotients, at);
        if to + 1 == LIMBS {
            // The uppermost limb has the sign.
            self.words[to / 2] |= column << LIMB_BITS;
            return;
        }
        let limb = column & LIMB_MASK;
        self.words[to / 2] |= if to.is_multiple_of(2) { limb } else { limb << LIMB_BITS };
        self.carry = column >> LIMB_BITS;
    }
}

/// `x · y / R`.
#[inline(never)]
pub(super) const fn product(x: &Words, y: &Words) -> Words {
    let (x, y) = (limbs(x), limbs(y));
    let mut reduction = Reduction::new();
    each!(K in 0..14 { reduction.lower(K, product_column(&x, &y, K)); });
    each!(K in 14..28 { reduction.upper(K, K - LIMBS, product_column(&x, &y, K)); });
    reduction.words
}

/// `x² / R`.
#[inline(never)]
pub(super) const fn square(x: &Words) -> Words {
    let x = limbs(x);
    let twice = doubled(&x);
    let mut reduction = Reduction::new();
    each!(K in 0..14 { reduction.lower(K, square_column(&x, &twice, K)); });
    each!(K in 14..28 { reduction.upper(K, K - LIMBS, square_column(&x, &twice, K)); });
    reduction.words
}

/// `x / R`.
#[inline(never)]
pub(super) const fn quotient_by_r(x: &Words) -> Words {
    let x = limbs(x);
    let mut reduction = Reduction::new();
    each!(K in 0..14 { reduction.lower(K, x[K]); });
    each!(K in 14..28 { reduction.upper(K, K - LIMBS, 0); });
    reduction.words
}

/// `x / 2¹⁹⁶`, the square root of R: half a reduction.
#[inline(never)]
pub(super) const fn quotient_by_root_of_r(x: &Words) -> Words {
    let x = limbs(x);
    let mut reduction = Reduction::new();
    each!(K in 0..7 { reduction.lower(K, x[K]); });
    each!(K in 7..21 { reduction.upper(K, K - LIMBS / 2, limb(&x, K)); });
    reduction.words
}

/// The product of `x0 + x1·i` and `y0 + y1·i`, over R: three products (Karatsuba) and two reductions
/// (Aranha, Karabina, Longa, Gebotys, López: Faster explicit formulas for computing pairings over
/// ordinary curves, 2011, section 3).
#[inline(never)]
pub(super) const fn product_of_pairs(x: [&Words; 2], y: [&Words; 2]) -> [Words; 2] {
    let (x0, x1, y0, y1) = (limbs(x[0]), limbs(x[1]), limbs(y[0]), limbs(y[1]));
    let (x_sum, y_sum) = (added(&x0, &x1), added(&y0, &y1));
    let (mut real, mut imaginary) = (Reduction::new(), Reduction::new());
    each!(K in 0..14 {
        let (first, second) = (product_column(&x0, &y0, K), product_column(&x1, &y1, K));
        let both = product_column(&x_sum, &y_sum, K);
        real.lower(K, first.wrapping_sub(second));
        imaginary.lower(K, both.wrapping_sub(first.wrapping_add(second)));
    });
    each!(K in 14..28 {
        let (first, second) = (product_column(&x0, &y0, K), product_column(&x1, &y1, K));
        let both = product_column(&x_sum, &y_sum, K);
        real.upper(K, K - LIMBS, first.wrapping_sub(second));
        imaginary.upper(K, K - LIMBS, both.wrapping_sub(first.wrapping_add(second)));
    });
    [real.words, imaginary.words]
}

/// The square of `x0 + x1·i`, over R: (x0 + x1)(x0 − x1) and 2·x0·x1.
#[inline(never)]
pub(super) const fn square_of_pair(x: [&Words; 2]) -> [Words; 2] {
    let (x0, x1) = (limbs(x[0]), limbs(x[1]));
    let (sum, difference, twice) = (added(&x0, &x1), subtracted(&x0, &x1), doubled(&x0));
    let (mut real, mut imaginary) = (Reduction::new(), Reduction::new());
    each!(K in 0..14 {
        real.lower(K, product_column(&sum, &difference, K));
        imaginary.lower(K, product_column(&twice, &x1, K));
    });
    each!(K in 14..28 {
        real.upper(K, K - LIMBS, product_column(&sum, &difference, K));
        imaginary.upper(K, K - LIMBS, product_column(&twice, &x1, K));
    });
    [real.words, imaginary.words]
}

#[inline(always)]
const fn added(x: &Limbs, y: &Limbs) -> Limbs {
    let mut sum = [0; LIMBS];
    each!(K in 0..14 { sum[K] = x[K].wrapping_add(y[K]); });
    sum
}

#[inline(always)]
const fn subtracted(x: &Limbs, y: &Limbs) -> Limbs {
    let mut difference = [0; LIMBS];
    each!(K in 0..14 { difference[K] = x[K].wrapping_sub(y[K]); });
    difference
}

#[inline(always)]
const fn doubled(x: &Limbs) -> Limbs {
    added(x, x)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::wasm::worst::{COLUMN, ROOM};

    /// What a reduction adds to a column besides the products: quotients times p, and the carry.
    #[test]
    fn a_reduction_fits_the_room_that_products_leave() {
        let of_quotients =
            (1i128 << (LIMB_BITS - 1)) * P.iter().map(|limb| i128::from(*limb)).sum::<i128>();
        let carry = 1i128 << (i64::BITS - LIMB_BITS);
        let column = i128::from(ROOM) * COLUMN;
        assert!(column + of_quotients + carry < 1 << (i64::BITS - 1));
    }

    #[test]
    fn the_quotient_clears_the_lowest_limb() {
        for column in [0, 1, -1, 5, i64::MAX, i64::MIN, 1 << 27, (1 << 28) - 1, -(1 << 27)] {
            let quotient = quotient(column);
            assert!((-(1 << 27)..1 << 27).contains(&quotient));
            assert_eq!(add_product(column, quotient, P[0]) & LIMB_MASK, 0);
        }
    }
}
