//! The sextic and the twelfth extension, and the subgroup of the final exponentiation.

use ark_ff::{BitIteratorBE, CyclotomicMultSubgroup, Field, Zero};

use super::*;
use crate::backend::wasm::cyclotomic::Compressed;
use crate::backend::wasm::point::PARAMETER;

/// Elements of which some coefficients are zero, one or p − 1.
fn elements(random: &mut Random) -> Vec<Fq12> {
    let mut elements = vec![Fq12::ONE];
    for kind in 0..60 {
        let mut element = random.fq12();
        let coefficients = [
            &mut element.c0.c0,
            &mut element.c0.c1,
            &mut element.c0.c2,
            &mut element.c1.c0,
            &mut element.c1.c1,
            &mut element.c1.c2,
        ];
        for coefficient in coefficients {
            match random.below(4) {
                0 if kind > 10 => *coefficient = Fq2::ZERO,
                1 if kind > 20 => *coefficient = Fq2::ONE,
                2 if kind > 30 => *coefficient = Fq2::small(-1, -1),
                _ => {}
            }
        }
        elements.push(element);
    }
    elements
}

#[test]
fn elements_are_those_of_arkworks() {
    let mut random = Random(7);
    let elements = elements(&mut random);
    for x in &elements {
        let a = ark_fq12(x);
        assert_eq!(ark_fq12(&x.squared()), a.square());
        assert_eq!(ark_fq12(&x.inverse()), a.inverse().unwrap_or(ArkFq12::zero()));
        assert_eq!(ark_fq6(&x.c0.inverse()), a.c0.inverse().unwrap_or(ArkFq6::zero()));
        assert_eq!(ark_fq12(&x.frobenius()), a.frobenius_map(1));
        assert_eq!(ark_fq12(&x.frobenius_twice()), a.frobenius_map(2));
        assert_eq!(ark_fq12(&x.conjugate()), a.frobenius_map(6));
        for y in elements.iter().take(20) {
            let b = ark_fq12(y);
            assert_eq!(ark_fq12(&x.times(y)), a * b);
            assert_eq!(ark_fq6(&x.c0.times(&y.c0)), a.c0 * b.c0);
            let (c1, c2) = (&y.c0.c1, &y.c0.c2);
            let sparse = Fq6::new(Fq2::ZERO, *c1, *c2);
            assert_eq!(x.c0.times_12(c1, c2), x.c0.times(&sparse));
            let sparse = Fq6::new(*c1, *c2, Fq2::ZERO);
            assert_eq!(x.c0.times_01(c1, c2), x.c0.times(&sparse));
            let sparse = Fq6::new(Fq2::ZERO, *c1, Fq2::ZERO);
            assert_eq!(x.c0.times_1(c1), x.c0.times(&sparse));
        }
        let v = Fq6::new(Fq2::ZERO, Fq2::ONE, Fq2::ZERO);
        assert_eq!(x.c0.times_v(), x.c0.times(&v));
    }
    assert_eq!(ark_fq12(&Fq12 { c0: Fq6::ZERO, c1: Fq6::ZERO }.inverse()), ArkFq12::zero());
}

/// An element of the subgroup.
fn cyclotomic(element: &Fq12) -> Fq12 {
    let easy = element.conjugate().times(&element.inverse());
    easy.frobenius_twice().times(&easy)
}

#[test]
fn squares_and_powers_of_the_subgroup_are_those_of_arkworks() {
    let mut random = Random(8);
    for element in elements(&mut random) {
        let x = cyclotomic(&element);
        let a = ark_fq12(&x);
        assert_eq!(ark_fq12(&x.cyclotomic_squared()), a.square());
        let mut compressed = Compressed::new(&x);
        let mut square = x;
        for _ in 0..5 {
            compressed = compressed.squared();
            square = square.squared();
            assert_eq!(compressed.decompressed_alone(), square);
        }
        // The parameter is negative.
        let power = BitIteratorBE::without_leading_zeros([PARAMETER])
            .fold(ArkFq12::ONE, |power, bit| if bit { power.square() * a } else { power.square() });
        assert_eq!(ark_fq12(&x.to_parameter()), power.cyclotomic_inverse().unwrap());
    }
}

/// Where z2 is zero, z1 follows from these, of which the first is then z1·z3 = 2·z4·z5, and where z3 is zero too,
/// so is all but z0 (and the element is in the fourth extension, of which the subgroup has only one).
#[test]
fn what_decompression_without_z2_stands_on() {
    let mut random = Random(9);
    for element in elements(&mut random) {
        let Fq12 { c0, c1 } = cyclotomic(&element);
        let (z0, z1, z2, z3, z4, z5) = (c0.c0, c1.c1, c1.c0, c0.c2, c0.c1, c1.c2);
        let left = z0.times(&z2).plus(&z1.times(&z3).times_xi());
        assert!(left == z4.times(&z5).doubled().times_xi().plus(&z2));
        let left = z0.times(&z3).plus(&z1.times(&z2));
        assert!(left == z4.squared().plus(&z5.squared().times_xi()).minus(&z3));
    }
    assert_eq!(Compressed::new(&Fq12::ONE).decompressed_alone(), Fq12::ONE);
}

#[test]
fn the_final_exponentiation_is_that_of_arkworks() {
    use ark_ec::pairing::{MillerLoopOutput, Pairing};
    let mut random = Random(10);
    for element in elements(&mut random) {
        let theirs =
            ark_bls12_381::Bls12_381::final_exponentiation(MillerLoopOutput(ark_fq12(&element)));
        let is_one = theirs.is_some_and(|power| power.0 == ArkFq12::ONE);
        assert_eq!(element.is_one_when_exponentiated(), is_one);
    }
    // In a subfield, and a power of r: one.
    let mut element = Fq12::ONE;
    element.c0 = random.fq6();
    assert!(element.is_one_when_exponentiated());
    let r = ark_bls12_381::Fr::MODULUS;
    let x = random.fq12();
    let bits = BitIteratorBE::without_leading_zeros(r);
    let power = bits.fold(
        Fq12::ONE,
        |power, bit| if bit { power.squared().times(&x) } else { power.squared() },
    );
    assert!(!x.is_one_when_exponentiated());
    assert!(power.is_one_when_exponentiated());
}
