//! Points: additions, endomorphisms, orders that are not r, the hash.

use ark_bls12_381::{Fr, G1Affine, G2Affine, G2Projective};
use ark_ec::short_weierstrass::{Affine, SWCurveConfig};
use ark_ec::{AffineRepr, CurveGroup};
use ark_ff::{PrimeField, Zero};

use super::*;
use crate::backend::wasm::group::{clear_cofactor, is_in_g1, is_in_g2};
use crate::backend::wasm::point::{self, Point};
use crate::backend::{arkworks, blst, wasm};

fn ours1(point: &G1Affine) -> Point<Fq> {
    match point.xy() {
        Some((x, y)) => Point { x: Fq::new(&number(&x)), y: Fq::new(&number(&y)), z: Fq::ONE },
        None => Point::IDENTITY,
    }
}

fn ours2(point: &G2Affine) -> Point<Fq2> {
    let pair = |a: ArkFq2| Fq2::new(Fq::new(&number(&a.c0)), Fq::new(&number(&a.c1)));
    match point.xy() {
        Some((x, y)) => Point { x: pair(x), y: pair(y), z: Fq2::ONE },
        None => Point::IDENTITY,
    }
}

/// The same point with another z.
fn scaled<F: point::Field>(point: &Point<F>, z: &F) -> Point<F> {
    let square = z.squared();
    Point { x: point.x.times(&square), y: point.y.times(&square).times(z), z: point.z.times(z) }
}

/// A point of the whole curve, in no subgroup but by chance.
fn anywhere<C: SWCurveConfig>(mut x: impl FnMut() -> C::BaseField) -> Affine<C> {
    loop {
        if let Some(point) = Affine::get_point_from_x_unchecked(x(), false) {
            return point;
        }
    }
}

fn somewhere1(random: &mut Random) -> G1Affine {
    anywhere(|| ark(&random.number()))
}

fn somewhere2(random: &mut Random) -> G2Affine {
    anywhere(|| ArkFq2::new(ark(&random.number()), ark(&random.number())))
}

macro_rules! sums {
    ($name:ident, $somewhere:ident, $ours:ident, $z:expr) => {
        #[test]
        fn $name() {
            let mut random = Random(11);
            let base = $somewhere(&mut random);
            let multiples: Vec<_> = (0..6u64).map(|k| base.mul_bigint([k]).into_affine()).collect();
            let others = (0..4).map(|_| $somewhere(&mut random));
            let mut points: Vec<_> = multiples.into_iter().chain(others).collect();
            points.extend(points.clone().into_iter().map(|point| -point));
            for one in &points {
                let first = $ours(one);
                let first =
                    if first.is_identity() { first } else { scaled(&first, &$z(&mut random)) };
                assert!(first == $ours(one));
                assert!(first.doubled() == $ours(&(*one + one).into_affine()));
                assert_eq!(first.to_affine().is_none(), one.is_zero());
                for other in &points {
                    let second = $ours(other);
                    let second = if second.is_identity() {
                        second
                    } else {
                        scaled(&second, &$z(&mut random))
                    };
                    let sum = $ours(&(*one + other).into_affine());
                    assert!(first.plus(&second) == sum, "{one} + {other}");
                    assert_eq!(first == second, one == other);
                }
            }
        }
    };
}

sums!(sums_of_the_first_curve_are_those_of_arkworks, somewhere1, ours1, Random::fq);
sums!(sums_of_the_second_curve_are_those_of_arkworks, somewhere2, ours2, Random::fq2);

/// A number without a prime among its factors.
fn without(number: &[u64], prime: u64) -> Vec<u64> {
    let mut remainder = 0u128;
    let mut quotient: Vec<u64> = number
        .iter()
        .rev()
        .map(|digit| {
            let dividend = remainder << 64 | u128::from(*digit);
            remainder = dividend % u128::from(prime);
            u64::try_from(dividend / u128::from(prime)).unwrap()
        })
        .collect();
    quotient.reverse();
    if remainder == 0 { without(&quotient, prime) } else { number.to_vec() }
}

/// For each prime of a cofactor: a point of that order, its negative, one of that order times r, and one of the
/// subgroup.
fn of_small_orders<C: SWCurveConfig<ScalarField = Fr>>(
    primes: &[u64],
    mut somewhere: impl FnMut() -> Affine<C>,
) -> Vec<Affine<C>> {
    let mut points = Vec::new();
    for prime in primes {
        let others = without(C::COFACTOR, *prime);
        assert_ne!(others, C::COFACTOR, "{prime} does not divide the cofactor");
        let (small, in_group) = loop {
            let point = somewhere().mul_bigint(&others).into_affine();
            let mut small = point.mul_bigint(Fr::MODULUS).into_affine();
            if small.is_zero() {
                continue;
            }
            let mut times = small.mul_bigint([*prime]).into_affine();
            while !times.is_zero() {
                (small, times) = (times, times.mul_bigint([*prime]).into_affine());
            }
            break (small, point.clear_cofactor());
        };
        points.extend([small, -small, (small + in_group).into_affine(), in_group]);
    }
    points
}

#[test]
fn points_of_small_order_are_in_no_group() {
    let mut random = Random(12);
    let mut counts = [0; 2];
    for point in of_small_orders(&[3, 11, 10_177, 859_267, 52_437_899], || somewhere1(&mut random))
    {
        let expected = point.is_in_correct_subgroup_assuming_on_curve();
        assert_eq!(is_in_g1(&ours1(&point)), expected, "{point}");
        let key = wasm::G1 { x: number(&point.x), y: number(&point.y) };
        let form = key.compress();
        assert_eq!(wasm::G1::decompress(&form), expected.then_some(key));
        assert_eq!(blst::G1::decompress(&form).is_some(), expected);
        assert_eq!(arkworks::G1::decompress(&form).is_some(), expected);
        counts[usize::from(expected)] += 1;
    }
    for point in of_small_orders(&[13, 23, 2_713, 11_953, 262_069], || somewhere2(&mut random)) {
        let expected = point.is_in_correct_subgroup_assuming_on_curve();
        assert_eq!(is_in_g2(&ours2(&point)), expected, "{point}");
        let signature = wasm::G2(ours2(&point));
        let form = signature.compress();
        assert_eq!(wasm::G2::decompress(&form), expected.then_some(signature));
        assert_eq!(blst::G2::decompress(&form).is_some(), expected);
        assert_eq!(arkworks::G2::decompress(&form).is_some(), expected);
        counts[usize::from(expected)] += 1;
    }
    assert_eq!(counts, [30, 10]);
}

/// Every point whose x is small: nearly all are in no group.
#[test]
fn points_anywhere_are_in_no_group_and_their_multiples_are() {
    let mut random = Random(13);
    for _ in 0..50 {
        let (one, two) = (somewhere1(&mut random), somewhere2(&mut random));
        assert!(!is_in_g1(&ours1(&one)));
        assert!(!is_in_g2(&ours2(&two)));
        assert!(is_in_g1(&ours1(&one.clear_cofactor())));
        let cleared = clear_cofactor(&ours2(&two));
        assert!(is_in_g2(&cleared));
        // By the number of RFC 9380, 8.8.2.
        assert!(cleared == ours2(&effective(&two)));
        assert!(two.is_on_curve() && !two.is_zero());
    }
}

/// h_eff times a point: (x² − x − 1) + (x − 1)ψ + 2ψ², as arkworks has it.
fn effective(point: &G2Affine) -> G2Affine {
    let h_eff = hex::decode(
        "bc69f08f2ee75b3584c6a0ea91b352888e2a8e9145ad7689986ff031508ffe1329c2f178731db956d82bf015d1212b02ec0ec69d7477c1ae954cbc06689f6a359894c0adebbf6b4e8020005aaa95551",
    );
    let digits = h_eff.unwrap_or_else(|_| {
        hex::decode("0bc69f08f2ee75b3584c6a0ea91b352888e2a8e9145ad7689986ff031508ffe1329c2f178731db956d82bf015d1212b02ec0ec69d7477c1ae954cbc06689f6a359894c0adebbf6b4e8020005aaa95551").unwrap()
    });
    let zero = G2Projective::zero();
    let bits = digits.iter().flat_map(|byte| (0..8).rev().map(move |bit| byte >> bit & 1 == 1));
    bits.fold(zero, |sum, bit| if bit { sum + sum + point } else { sum + sum }).into_affine()
}

#[test]
fn a_multiple_by_the_parameter_is_that_of_arkworks() {
    let mut random = Random(14);
    for _ in 0..20 {
        let point = somewhere1(&mut random);
        let theirs = -point.mul_bigint([point::PARAMETER]).into_affine();
        assert!(ours1(&point).times_parameter() == ours1(&theirs));
    }
    // Of a point of order 3, some multiples on the way are the identity.
    let three = G1Affine::new_unchecked(ArkFq::zero(), ArkFq::from(2));
    assert!(three.is_on_curve());
    let theirs = -three.mul_bigint([point::PARAMETER]).into_affine();
    assert!(ours1(&three).times_parameter() == ours1(&theirs));
    assert!(!is_in_g1(&ours1(&three)));
}
