//! The base field and the quadratic one.

use ark_ff::{AdditiveGroup, BigInt, Field};

use super::*;
use crate::backend::wasm::root::{ZETA, root, root_or_twisted};

/// 2¹⁹⁶.
fn root_of_r() -> ArkFq {
    ArkFq::new(BigInt([0, 0, 0, 1 << 4, 0, 0]))
}

/// All that two numbers can do with each other.
fn compare(one: &Number, other: &Number) {
    let (x, y) = (Fq::new(one), Fq::new(other));
    let (a, b) = (ark(one), ark(other));
    let results = [
        (x.plus(&y), a + b),
        (x.minus(&y), a - b),
        (x.times(&y), a * b),
        (x.squared(), a * a),
        (x.doubled().minus(&y).negated().carried(), b - a.double()),
        (x.plus(&y).times(&x.minus(&y)), a.square() - b.square()),
        (x.plus(&y).doubled().shrunk().squared(), (a + b).double().square()),
    ];
    for (at, (ours, theirs)) in results.iter().enumerate() {
        assert_eq!(ours.number(), number(theirs), "{at}: {one:?}, {other:?}");
    }
    // A half of a reduction, and a whole one.
    let halved = Fq::raw(one.0).over_root_of_r().as_number();
    assert_eq!(ark(&halved) * root_of_r(), a);
    let reduced = Fq::raw(one.0).times(&Fq::raw(other.0)).as_number();
    assert_eq!(ark(&reduced) * root_of_r().square(), a * b);
    assert_eq!(x == y, a == b);
    assert_eq!(x.is_zero(), a == ArkFq::ZERO);

    let (x, y) = (Fq2::new(x, y), Fq2::new(y, x.plus(&y)));
    let (a, b) = (ArkFq2::new(a, b), ArkFq2::new(b, a + b));
    let results = [
        (x.times(&y), a * b),
        (x.squared(), a.square()),
        (x.times_xi(), a * ArkFq2::new(ArkFq::from(1), ArkFq::from(1))),
        (x.times_fq(&y.c0), a * ArkFq2::new(b.c0, ArkFq::ZERO)),
        (x.plus(&y).squared(), (a + b).square()),
        (x.minus(&y).times(&x.plus(&y)), (a - b) * (a + b)),
        (x.conjugate().times(&x), ArkFq2::new(a.c0.square() + a.c1.square(), ArkFq::ZERO)),
    ];
    for (at, (ours, theirs)) in results.iter().enumerate() {
        assert_eq!(ark_fq2(ours), *theirs, "{at}: {x:?}, {y:?}");
    }
}

#[test]
fn elements_at_the_edges_are_those_of_arkworks() {
    let edges = edges();
    assert!(edges.len() > 200);
    for one in &edges {
        for other in &edges {
            compare(one, other);
        }
    }
}

fn random(count: usize) {
    let mut random = Random(1);
    for _ in 0..count {
        compare(&random.number(), &random.number());
    }
}

#[test]
fn random_elements_are_those_of_arkworks() {
    random(5_000);
}

/// `cargo test --release -p bls -- --ignored`
#[test]
#[ignore = "takes a minute: ten million operations"]
fn ten_million_random_operations_are_those_of_arkworks() {
    random(700_000);
}

#[test]
fn inverses_and_roots_are_those_of_arkworks() {
    let mut random = Random(2);
    let numbers = edges().into_iter().chain((0..500).map(|_| random.number()));
    let mut seen = [[0; 2]; 2];
    for number in numbers {
        let (x, a) = (Fq::new(&number), ark(&number));
        assert_eq!(ark_fq(&x.inverse()), a.inverse().unwrap_or(ArkFq::ZERO));
        assert_eq!(ark_fq(&x.negated().inverse()), -a.inverse().unwrap_or(ArkFq::ZERO));
        let root = root(&x);
        assert_eq!(root.is_some(), a.sqrt().is_some());
        assert!(root.is_none_or(|root| root.squared() == x));
        seen[0][usize::from(root.is_some())] += 1;

        for pair in [Fq2::new(x, Fq::ZERO), Fq2::new(Fq::ZERO, x), Fq2::new(x, x.plus(&Fq::ONE))] {
            let theirs = ark_fq2(&pair);
            assert_eq!(ark_fq2(&pair.inverse()), theirs.inverse().unwrap_or(ArkFq2::ZERO));
            let (root, is_square) = root_or_twisted(&pair);
            assert_eq!(is_square, theirs.sqrt().is_some());
            let twisted = pair.times(&ZETA);
            assert!(root.squared() == if is_square { pair } else { twisted });
            seen[1][usize::from(is_square)] += 1;
        }
    }
    assert!(seen.as_flattened().iter().all(|count| *count > 100), "{seen:?}");
}

#[test]
fn multiples_of_the_modulus_are_zero_and_their_neighbours_are_not() {
    use crate::backend::wasm::number::MODULUS;
    let p = Fq::raw(MODULUS);
    let mut one = Fq::raw([1, 0, 0, 0, 0, 0, 0]);
    // A one at every bit, as far as there are bits.
    for _ in 0..380 {
        let (mut above, mut below) = (Fq::ZERO, Fq::ZERO);
        for _ in 0..60 {
            for sum in [&above, &below] {
                assert!(sum.is_zero() && sum.carried().is_zero());
                assert!(!sum.plus(&one).is_zero() && !sum.minus(&one).is_zero());
            }
            (above, below) = (above.plus(&p), below.minus(&p));
        }
        one = one.doubled().carried();
        one.worst = p.worst;
    }
}

#[test]
fn signs_are_those_of_arkworks() {
    use ark_ff::{BigInteger, PrimeField};
    let mut random = Random(3);
    for number in edges().into_iter().chain((0..500).map(|_| random.number())) {
        let a = ark(&number);
        let is_larger = a.into_bigint() > (-a).into_bigint();
        assert_eq!(number.is_above_half(), is_larger);
        assert_eq!(number.is_odd(), a.into_bigint().is_odd());
        let x = Fq::new(&number);
        assert_eq!(Fq2::new(x, Fq::ZERO).is_larger(), is_larger);
        assert_eq!(Fq2::new(Fq::ONE.negated(), x).is_larger(), is_larger || number.is_zero());
        assert_eq!(Fq2::new(Fq::ZERO, x).is_odd(), number.is_odd());
        assert_eq!(Fq2::new(x, Fq::ONE).is_odd(), number.is_odd() || number.is_zero());
    }
}
