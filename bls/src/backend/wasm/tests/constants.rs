//! Constants that are written as digits are what their comments say.

use ark_bls12_381::G1Affine;
use ark_ec::AffineRepr;
use ark_ff::{BigInteger, Field, PrimeField};

use super::*;
use crate::backend::wasm::number::Number;
use crate::backend::wasm::{G1, fq12, group, root};

/// (p − 1) over a small number that divides it.
fn exponent(divisor: u64) -> Vec<u64> {
    let mut digits = ArkFq::MODULUS.0;
    digits[0] -= 1;
    let mut remainder = 0u128;
    for digit in digits.iter_mut().rev() {
        let dividend = remainder << 64 | u128::from(*digit);
        remainder = dividend % u128::from(divisor);
        *digit = u64::try_from(dividend / u128::from(divisor)).unwrap();
    }
    assert_eq!(remainder, 0);
    digits.to_vec()
}

#[test]
fn powers_of_xi() {
    let xi = ArkFq2::new(ArkFq::ONE, ArkFq::ONE);
    let frobenius = xi.pow(exponent(6));
    assert_eq!(ark_fq2(&fq12::FROBENIUS), frobenius);
    // ξ^((p² − 1) / 6) is that to the power of p + 1: its norm.
    let twice = frobenius.c0.square() + frobenius.c1.square();
    assert_eq!(ark_fq(&fq12::FROBENIUS_TWICE), twice);
    assert_eq!(ark_fq2(&group::PSI_X), xi.pow(exponent(3)).inverse().unwrap());
    assert_eq!(ark_fq2(&group::PSI_Y), xi.pow(exponent(2)).inverse().unwrap());
}

#[test]
fn roots() {
    let beta = ark_fq(&group::BETA);
    assert!(beta != ArkFq::ONE && beta.pow([3]) == ArkFq::ONE);
    assert_eq!(ark_fq(&root::ROOT_OF_MINUS_5).square(), -ArkFq::from(5));
    assert_eq!(ark_fq(&root::HALF) + ark_fq(&root::HALF), ArkFq::ONE);
    assert!(ark_fq2(&root::ZETA).sqrt().is_none());
}

#[test]
fn numbers() {
    let generator = -G1Affine::generator();
    let ours = G1::minus_generator();
    assert_eq!((ours.x, ours.y), (number(&generator.x), number(&generator.y)));
    let p = ArkFq::MODULUS.to_bytes_be();
    assert_eq!(crate::canonical::P, p[..]);
    assert_eq!(Fq::ONE.number(), Number([1, 0, 0, 0, 0, 0, 0]));
    assert_eq!(Fq::small(-2).number(), number(&-ArkFq::from(2)));
}
