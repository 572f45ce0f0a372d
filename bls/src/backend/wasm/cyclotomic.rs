//! The subgroup of the twelfth extension in which the final exponentiation takes place: of elements whose
//! power of p⁴ − p² + 1 is one. There the inverse is the conjugate, and a square follows from squares in
//! the fourth extension (Granger, Scott, Faster squaring in the cyclotomic subgroup of sixth degree extensions,
//! 2010); four of the six coefficients of a square even follow from the same four (Karabina, Squaring in
//! cyclotomic subgroups, 2013).
//!
//! With s = w³, s² = ξ, an element is `(z0 + z1·s) + (z2 + z3·s)·w + (z4 + z5·s)·w²`.

use super::fq::Fq;
use super::fq2::Fq2;
use super::fq6::Fq6;
use super::fq12::Fq12;

/// Where the ones of the curve's parameter, 0xd201000000010000, are after its compressed squarings, and how many
/// bits the others are above the last of these. Its sign is negative.
const COMPRESSED_ONES: [u32; 3] = [16, 48, 57];
const PLAIN_ONES: [u32; 3] = [3, 5, 6];

/// The coefficients z2 to z5, from which the others follow.
#[derive(Clone, Copy)]
pub(super) struct Compressed {
    z2: Fq2,
    z3: Fq2,
    z4: Fq2,
    z5: Fq2,
}

/// The square of `a + b·s`.
fn square_of_fourth(a: &Fq2, b: &Fq2) -> (Fq2, Fq2) {
    let (a2, b2) = (a.squared(), b.squared());
    (a2.plus_xi(&b2), a.plus(b).squared().less(&a2, &b2))
}

/// `3t − 2z`.
#[inline(never)]
fn thrice_less_twice(t: &Fq2, z: &Fq2) -> Fq2 {
    let one = |t: &Fq, z: &Fq| t.minus(z).doubled().plus(t).shrunk();
    Fq2 { c0: one(&t.c0, &z.c0), c1: one(&t.c1, &z.c1) }
}

/// `3t + 2z`.
#[inline(never)]
fn thrice_and_twice(t: &Fq2, z: &Fq2) -> Fq2 {
    let one = |t: &Fq, z: &Fq| t.plus(z).doubled().plus(t).shrunk();
    Fq2 { c0: one(&t.c0, &z.c0), c1: one(&t.c1, &z.c1) }
}

impl Compressed {
    pub(super) fn new(element: &Fq12) -> Compressed {
        let Fq12 { c0, c1 } = element;
        Compressed { z2: c1.c0, z3: c0.c2, z4: c0.c1, z5: c1.c2 }
    }

    pub(super) fn squared(&self) -> Compressed {
        let (t0, t1) = square_of_fourth(&self.z2, &self.z3);
        let (t2, t3) = square_of_fourth(&self.z4, &self.z5);
        Compressed {
            z2: thrice_and_twice(&t3.times_xi(), &self.z2),
            z3: thrice_less_twice(&t2, &self.z3),
            z4: thrice_less_twice(&t0, &self.z4),
            z5: thrice_and_twice(&t1, &self.z5),
        }
    }

    /// z1 as a fraction whose denominator is not zero.
    fn z1(&self) -> (Fq2, Fq2) {
        let Compressed { z2, z3, z4, z5 } = self;
        if !z2.is_zero() {
            let numerator = z5.squared().times_xi().plus(&z4.squared().tripled());
            return (numerator.minus(&z3.doubled()).carried(), z2.doubled().doubled().carried());
        }
        if !z3.is_zero() {
            return (z4.times(z5).doubled().carried(), *z3);
        }
        // Only one has neither.
        (Fq2::ZERO, Fq2::ONE)
    }

    /// Brought back by itself.
    #[cfg(test)]
    pub(super) fn decompressed_alone(&self) -> Fq12 {
        let [element] = decompressed(&[*self]);
        element
    }

    fn decompressed(&self, z1: &Fq2) -> Fq12 {
        let Compressed { z2, z3, z4, z5 } = self;
        let sum = z1.squared().doubled().plus(&z2.times(z5)).minus(&z3.times(z4).tripled());
        let z0 = Fq2::ONE.plus_xi(&sum).carried();
        Fq12 { c0: Fq6::new(z0, *z4, *z3), c1: Fq6::new(*z2, *z1, *z5) }
    }
}

/// Brings elements back that were compressed, with one inversion for all (Montgomery's trick).
fn decompressed<const N: usize>(elements: &[Compressed; N]) -> [Fq12; N] {
    let fractions = elements.each_ref().map(Compressed::z1);
    let mut before = [Fq2::ONE; N];
    let mut product = Fq2::ONE;
    for (before, (_, denominator)) in before.iter_mut().zip(&fractions) {
        *before = product;
        product = product.times(denominator);
    }
    let mut inverse = product.inverse();
    let mut results = [Fq12::ONE; N];
    let all = results.iter_mut().zip(elements).zip(before.iter().zip(&fractions));
    for ((result, element), (before, (numerator, denominator))) in all.rev() {
        *result = element.decompressed(&inverse.times(before).times(numerator));
        inverse = inverse.times(denominator);
    }
    results
}

impl Fq12 {
    /// Its square, if it is in the subgroup.
    pub(super) fn cyclotomic_squared(&self) -> Fq12 {
        let Fq12 { c0, c1 } = self;
        let Compressed { z2, z3, z4, z5 } = Compressed::new(self).squared();
        let (t0, t1) = square_of_fourth(&c0.c0, &c1.c1);
        let (z0, z1) = (thrice_less_twice(&t0, &c0.c0), thrice_and_twice(&t1, &c1.c1));
        Fq12 { c0: Fq6::new(z0, z4, z3), c1: Fq6::new(z2, z1, z5) }
    }

    /// Its power by the curve's parameter, if it is in the subgroup.
    pub(super) fn to_parameter(self) -> Fq12 {
        let mut compressed = Compressed::new(&self);
        let mut done = 0;
        let powers = COMPRESSED_ONES.map(|one| {
            while done < one {
                compressed = compressed.squared();
                done += 1;
            }
            compressed
        });
        let [first, second, mut power] = decompressed(&powers);
        let mut result = first.times(&second).times(&power);
        done = 0;
        // So few more squarings cost less than bringing further powers back.
        for one in PLAIN_ONES {
            while done < one {
                power = power.cyclotomic_squared();
                done += 1;
            }
            result = result.times(&power);
        }
        result.conjugate()
    }

    /// Whether its power of (p¹² − 1) / r is one.
    ///
    /// The exponent is (p⁶ − 1)(p² + 1), whose power is in the subgroup, times (p⁴ − p² + 1) / r; instead of that we
    /// take three times as much, (x − 1)²(x + p)(x² + p² − 1) + 3: Hayashida, Hayasaka, Teruya, Efficient final
    /// exponentiation via cyclotomic structure for pairings over families of elliptic curves, 2020. Powers of r are not
    /// divisible by three.
    pub(super) fn is_one_when_exponentiated(&self) -> bool {
        let easy = self.conjugate().times(&self.inverse());
        let easy = easy.frobenius_twice().times(&easy);
        let less_one = |base: &Fq12| base.to_parameter().times(&base.conjugate());
        let power = less_one(&less_one(&easy));
        let power = power.to_parameter().times(&power.frobenius());
        let squared = power.to_parameter().to_parameter();
        let power = squared.times(&power.frobenius_twice()).times(&power.conjugate());
        power.times(&easy.cyclotomic_squared()).times(&easy) == Fq12::ONE
    }
}
