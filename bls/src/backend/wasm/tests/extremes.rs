//! Words as large as they may be: what the bounds of [`super::super::worst`] promise.

use ark_ff::{AdditiveGroup, Field};

use super::*;
use crate::backend::wasm::number::WORDS;
use crate::backend::wasm::product;
use crate::backend::wasm::worst::ROOM;

type Words = [i64; WORDS];

/// Words that are just below `limit` times 2⁵⁶ in size, or just above zero, in every combination of signs that a
/// number of the draw makes; of the uppermost word only so much that the value is small enough.
fn extreme(random: &mut Random, limit: i64) -> Words {
    let mut words = [0; WORDS];
    for (at, word) in words.iter_mut().enumerate() {
        let full = if at + 1 < WORDS { limit << 56 } else { 20 << 44 };
        *word = match random.below(8) {
            0..3 => full - 1,
            3..6 => -full,
            6 => i64::try_from(random.below(3)).unwrap() - 1,
            // Upper limbs full, lower limbs empty.
            _ => full - (1 << 28),
        };
    }
    words
}

fn value(words: &Words) -> ArkFq {
    let word = ArkFq::from(1u64 << 56);
    words.iter().rev().fold(ArkFq::ZERO, |value, digit| value * word + ArkFq::from(*digit))
}

/// Pairs of limits with which a column has just enough room, for so many products.
fn limits(products: i64) -> Vec<(i64, i64)> {
    let fits = |(one, other): &(i64, i64)| {
        let column = |one: i64, other: i64| (7 + 6 * one * other).max(7 * (one + other));
        products * column(*one, *other) <= ROOM && products * column(one + 1, *other) > ROOM
    };
    let all = (1..=20).flat_map(|one| (1..=20).map(move |other| (one, other)));
    all.filter(fits).collect()
}

/// The value of a result, times R.
fn times_r(words: &Words) -> ArkFq {
    (0..14).fold(value(words), |value, _| value * ArkFq::from(1u64 << 28))
}

#[test]
fn products_of_the_largest_words_do_not_overflow() {
    let mut random = Random(4);
    let limits = limits(1);
    assert!(limits.contains(&(4, 4)), "{limits:?}");
    for _ in 0..500 {
        for (one, other) in &limits {
            let (x, y) = (extreme(&mut random, *one), extreme(&mut random, *other));
            let product = product::product(&x, &y);
            assert_eq!(times_r(&product), value(&x) * value(&y), "{x:?}, {y:?}");
            carried(&product);
            if one == other {
                assert_eq!(times_r(&product::square(&x)), value(&x).square(), "{x:?}");
            }
        }
    }
}

#[test]
fn products_of_pairs_of_the_largest_words_do_not_overflow() {
    let mut random = Random(5);
    let limits = limits(2);
    assert!(limits.contains(&(3, 3)) && limits.contains(&(1, 7)), "{limits:?}");
    let pair = |[c0, c1]: [&Words; 2]| ArkFq2::new(value(c0), value(c1));
    let times_r = |[c0, c1]: [&Words; 2]| ArkFq2::new(times_r(c0), times_r(c1));
    for _ in 0..500 {
        for (one, other) in &limits {
            let mut draw = |limit: &i64| extreme(&mut random, *limit);
            let (x0, x1, y0, y1) = (draw(one), draw(one), draw(other), draw(other));
            let [c0, c1] = product::product_of_pairs([&x0, &x1], [&y0, &y1]);
            let theirs = pair([&x0, &x1]) * pair([&y0, &y1]);
            assert_eq!(times_r([&c0, &c1]), theirs, "{x0:?}, {x1:?}, {y0:?}, {y1:?}");
            carried(&c0);
            carried(&c1);
            if one == other {
                let [c0, c1] = product::square_of_pair([&x0, &x1]);
                assert_eq!(times_r([&c0, &c1]), pair([&x0, &x1]).square(), "{x0:?}, {x1:?}");
            }
        }
    }
}

#[test]
fn reductions_of_the_largest_words_do_not_overflow() {
    let mut random = Random(6);
    for _ in 0..2_000 {
        let x = extreme(&mut random, 64);
        assert_eq!(times_r(&product::quotient_by_r(&x)), value(&x));
        let quotient = value(&product::quotient_by_root_of_r(&x));
        assert_eq!(quotient * ArkFq::from(2).pow([196]), value(&x));
        let element = Fq { words: x, worst: Fq::ONE.worst };
        assert_eq!(value(&element.shrunk().words), value(&x));
        assert_eq!(value(&element.carried().words), value(&x));
        carried(&element.shrunk().words);
        carried(&element.carried().words);
    }
}

/// All words but the uppermost have 56 bits and no sign.
fn carried(words: &Words) {
    assert!(words[..WORDS - 1].iter().all(|word| (0..1 << 56).contains(word)), "{words:?}");
}
