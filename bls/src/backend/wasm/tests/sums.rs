//! Sums of many keys, among them equal ones, opposite ones, and such whose partial sums meet, against
//! both other backends.

use super::Random;
use crate::backend::{arkworks, blst, wasm};

/// The points k·G for k from −KINDS to KINDS, stored: sums of few of them meet others often.
const KINDS: usize = 6;

fn kinds() -> Vec<[u8; 96]> {
    let minus = blst::G1::minus_generator();
    let mut multiple = blst::G1Sum::new();
    let mut points = Vec::new();
    for _ in 0..KINDS {
        multiple.add(&minus);
        let stored = multiple.point().unwrap().store();
        let mut compressed = blst::G1::load(&stored).unwrap().compress();
        compressed[0] ^= 0x20;
        points.extend([stored, blst::G1::decompress(&compressed).unwrap().store()]);
    }
    points
}

macro_rules! sum {
    ($backend:ident, $points:expr) => {{
        let mut sum = $backend::G1Sum::new();
        for point in $points {
            sum.add(&$backend::G1::load(point).unwrap());
        }
        sum.point().map(|point| point.store())
    }};
}

fn compare(points: &[[u8; 96]]) -> bool {
    let ours = sum!(wasm, points);
    assert_eq!(ours, sum!(blst, points));
    assert_eq!(ours, sum!(arkworks, points));
    ours.is_none()
}

#[test]
fn sums_that_meet_are_those_of_the_other_backends() {
    let kinds = kinds();
    let mut random = Random(15);
    let mut cancelled = 0;
    for count in (0..40).chain([100, 513, 2_047, 2_048, 2_049, 4_500]) {
        for few in [1, 2, 3, kinds.len()] {
            let points: Vec<[u8; 96]> = (0..count).map(|_| kinds[random.below(few)]).collect();
            cancelled += usize::from(compare(&points));
        }
    }
    assert!(cancelled > 5, "{cancelled}");
}

#[test]
fn all_short_sums_are_those_of_the_other_backends() {
    let kinds: Vec<[u8; 96]> = kinds().into_iter().take(4).collect();
    // Every sequence of six of four points.
    for number in 0..4usize.pow(6) {
        let points: Vec<[u8; 96]> = (0..6).map(|at| kinds[number / 4usize.pow(at) % 4]).collect();
        compare(&points);
    }
}

#[test]
fn a_sum_goes_on_after_it_was_asked_for() {
    let kinds = kinds();
    let (mut ours, mut theirs) = (wasm::G1Sum::new(), blst::G1Sum::new());
    for number in 0..60 {
        let stored = &kinds[number * 7 % kinds.len()];
        ours.add(&wasm::G1::load(stored).unwrap());
        theirs.add(&blst::G1::load(stored).unwrap());
        let (ours, theirs) = (ours.point(), theirs.point());
        assert_eq!(ours.map(|point| point.store()), theirs.map(|point| point.store()));
    }
}
