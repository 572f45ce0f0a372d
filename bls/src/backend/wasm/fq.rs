//! The base field: seven signed words of 56 bits in Montgomery's form, with R = 2³⁹².
//!
//! A word holds two limbs of 28 bits, so that sums and differences take one operation for two limbs and
//! carry nothing. An element stands for a number modulo p that may be negative and may be
//! larger than p; [`super::worst`] says how large its words may become. Nothing here takes the same time for
//! every element, and nothing here is secret.

use super::inverse;
use super::number::{MODULUS, Number, WORD_BITS, WORD_MASK, WORDS, is_less};
use super::product;
use super::unroll::each;
use super::worst::Worst;

/// An element.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fq {
    pub(super) words: [i64; WORDS],
    pub(super) worst: Worst,
}

/// Bits of R.
pub(super) const R_BITS: u32 = 392;
/// R² mod p: what brings a number into Montgomery's form.
pub(super) const R_SQUARED: Fq = Fq::raw(power_of_two(2 * R_BITS));

/// A power of two modulo p: raw words, in no form.
pub(super) const fn power_of_two(exponent: u32) -> [i64; WORDS] {
    let mut power = [1, 0, 0, 0, 0, 0, 0];
    let mut done = 0;
    while done < exponent {
        let twice = Fq::raw(power).doubled();
        let less = carried(&twice.minus(&Fq::raw(MODULUS)).words);
        power = if less[WORDS - 1] < 0 { carried(&twice.words) } else { less };
        done += 1;
    }
    power
}

/// The same number with words of 56 bits, of which the uppermost has the sign.
#[inline(always)]
const fn carried(words: &[i64; WORDS]) -> [i64; WORDS] {
    let mut carried = *words;
    each!(K in 0..6 {
        carried[K + 1] = carried[K + 1].wrapping_add(carried[K] >> WORD_BITS);
        carried[K] &= WORD_MASK;
    });
    carried
}

impl Fq {
    pub(super) const ZERO: Fq = Fq::raw([0; WORDS]);
    pub(super) const ONE: Fq = Fq::raw(power_of_two(R_BITS));

    /// An element of carried words between −p and p.
    pub(super) const fn raw(words: [i64; WORDS]) -> Fq {
        Fq { words, worst: Worst::CARRIED }
    }

    /// The element that stands for a number.
    pub(super) const fn new(number: &Number) -> Fq {
        Fq::raw(number.0).times(&R_SQUARED)
    }

    /// The constant that is written in so many hexadecimal digits.
    pub(super) const fn from_hex(digits: &str) -> Fq {
        Fq::new(&Number::from_hex(digits))
    }

    /// A small constant.
    pub(super) const fn small(number: i64) -> Fq {
        let size = Fq::new(&Number([number.abs(), 0, 0, 0, 0, 0, 0]));
        if number < 0 { size.negated().carried() } else { size }
    }

    /// The number below p that the element stands for.
    pub(super) const fn number(&self) -> Number {
        let number = Fq {
            words: product::quotient_by_r(&self.words),
            worst: self.worst.of_product(Worst::CARRIED),
        };
        number.as_number()
    }

    /// The number below p that these words, between −p and p, are modulo p, without leaving any form.
    pub(super) const fn as_number(&self) -> Number {
        if self.words[WORDS - 1] < 0 {
            return Number(carried(&self.plus(&Fq::raw(MODULUS)).words));
        }
        if is_less(&self.words, &MODULUS) {
            Number(self.words)
        } else {
            Number(carried(&self.minus(&Fq::raw(MODULUS)).words))
        }
    }

    #[inline(always)]
    pub(super) const fn plus(&self, other: &Fq) -> Fq {
        let mut words = [0; WORDS];
        each!(K in 0..7 { words[K] = self.words[K].wrapping_add(other.words[K]); });
        Fq { words, worst: self.worst.plus(other.worst) }
    }

    #[inline(always)]
    pub(super) const fn minus(&self, other: &Fq) -> Fq {
        let mut words = [0; WORDS];
        each!(K in 0..7 { words[K] = self.words[K].wrapping_sub(other.words[K]); });
        Fq { words, worst: self.worst.minus(other.worst) }
    }

    #[inline(always)]
    pub(super) const fn doubled(&self) -> Fq {
        self.plus(self)
    }

    #[inline(always)]
    pub(super) const fn negated(&self) -> Fq {
        Fq::ZERO.minus(self)
    }

    /// The same element with small words.
    #[inline(always)]
    pub(super) const fn carried(&self) -> Fq {
        Fq { words: carried(&self.words), worst: self.worst.carried() }
    }

    /// The same element with small words, between −2p and 2p.
    #[inline(always)]
    pub(super) const fn shrunk(&self) -> Fq {
        // The uppermost word is enough to see how often p is in it: what is still to be carried into
        // it is nothing beside p's.
        let times = self.words[WORDS - 1] / MODULUS[WORDS - 1];
        let mut less = [0; WORDS];
        each!(K in 0..7 { less[K] = self.words[K].wrapping_sub(times.wrapping_mul(MODULUS[K])); });
        Fq { words: carried(&less), worst: self.worst.shrunk() }
    }

    pub(super) const fn times(&self, other: &Fq) -> Fq {
        let worst = self.worst.of_product(other.worst);
        Fq { words: product::product(&self.words, &other.words), worst }
    }

    pub(super) const fn squared(&self) -> Fq {
        Fq { words: product::square(&self.words), worst: self.worst.of_product(self.worst) }
    }

    /// The element over 2¹⁹⁶, the square root of R.
    pub(super) const fn over_root_of_r(&self) -> Fq {
        let worst = self.worst.of_product(Worst::CARRIED);
        Fq { words: product::quotient_by_root_of_r(&self.words), worst }
    }

    /// Whether it is a multiple of p. If so, the uppermost word says which, as the multiple has hardly more than so
    /// many times p's uppermost word: less than one more for each.
    pub(super) fn is_zero(&self) -> bool {
        self.carried().shrunk().words == [0; WORDS]
    }

    /// The inverse; that of zero is zero.
    pub(super) fn inverse(&self) -> Fq {
        Fq::raw_inverse(&self.number()).times(&R_SQUARED)
    }

    /// The inverse of a number, in no form.
    pub(super) fn raw_inverse(number: &Number) -> Fq {
        let worst = Worst::of_value(inverse::SIZE);
        Fq { words: inverse::inverse(number), worst }.carried()
    }
}

impl PartialEq for Fq {
    fn eq(&self, other: &Fq) -> bool {
        self.minus(other).is_zero()
    }
}
