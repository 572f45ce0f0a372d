//! Sums of points of G1: many affine additions at once, which share one inversion (Montgomery's trick).
//! Points are added two by two until few are left.
//!
//! A stored key needs no conversion for that. With R = 2³⁹², a product of the field is the product over R. Let x
//! be the coordinate itself, Y = y / √R, and M the slope times √R, with √R = 2¹⁹⁶. Then
//!
//! ```text
//! M·M / R is the slope's square, and so x₃ = M·M / R − x₁ − x₂,
//! M·(x₁ − x₃) / R is the slope times x₁ − x₃, over √R, and so Y₃ = M·(x₁ − x₃) / R − Y₁.
//! ```
//!
//! y / √R takes half a reduction. With 1/d the inverse of the difference of two x, times R², the slope is right: M
//! is (Y₂ − Y₁)·(R²/d) / R. Where two points are equal, it is 3·x²/R over 2·Y, where the √R come out as well.

use super::fq::{Fq, R_BITS, R_SQUARED, power_of_two};
use super::g1::G1;
use super::point::Point;

/// Points that are added at once. They take 112 bytes each, and their chords as much again.
const ADDED_AT_ONCE: usize = 2_048;
/// Points that are added one by one in the end, which costs less than an inversion.
const FEW: usize = 4;

/// R³, and the √R·R² that takes Y into Montgomery's form.
const R_CUBED: Fq = Fq::raw(power_of_two(3 * R_BITS));
const Y_TO_FORM: Fq = Fq::raw(power_of_two(R_BITS / 2 + 2 * R_BITS));

/// A point with the coordinates above.
#[derive(Clone, Copy, Debug)]
struct Affine {
    x: Fq,
    y: Fq,
}

/// What a slope is made of, and the product of the denominators before this one.
struct Chord {
    numerator: Fq,
    denominator: Fq,
    before: Fq,
}

/// A sum of points of G1. Those that are still to be added wait, to be added all at once.
#[derive(Clone, Debug)]
pub(crate) struct G1Sum {
    sum: Point<Fq>,
    waiting: Vec<Affine>,
}

impl G1Sum {
    /// The sum of nothing.
    pub(crate) fn new() -> G1Sum {
        G1Sum { sum: Point::IDENTITY, waiting: Vec::new() }
    }

    /// The same, with room for so many points that are to be added.
    pub(crate) fn with_capacity(points: usize) -> G1Sum {
        let waiting = Vec::with_capacity(points.min(ADDED_AT_ONCE));
        G1Sum { sum: Point::IDENTITY, waiting }
    }

    /// Adds a point.
    pub(crate) fn add(&mut self, point: &G1) {
        let y = Fq::raw(point.y.0).over_root_of_r();
        self.waiting.push(Affine { x: Fq::raw(point.x.0), y });
        if self.waiting.len() >= ADDED_AT_ONCE {
            self.add_waiting();
        }
    }

    /// The sum, unless it is the identity.
    pub(crate) fn point(&self) -> Option<G1> {
        let mut sum = self.clone();
        sum.add_waiting();
        let (x, y) = sum.sum.to_affine()?;
        Some(G1 { x: x.number(), y: y.number() })
    }

    fn add_waiting(&mut self) {
        while self.waiting.len() > FEW {
            self.waiting = pairs_added(&self.waiting);
        }
        for Affine { x, y } in self.waiting.drain(..) {
            let point = Point { x: x.times(&R_SQUARED), y: y.times(&Y_TO_FORM), z: Fq::ONE };
            self.sum = self.sum.plus(&point);
        }
    }
}

/// The sums of each two neighbours; nothing of two whose sum is the identity.
fn pairs_added(points: &[Affine]) -> Vec<Affine> {
    let (pairs, odd) = points.as_chunks();
    let (mut chords, mut product) = chords(pairs, false);
    if product.is_zero() {
        // Somewhere the two have the same x, which is looked for only now.
        (chords, product) = self::chords(pairs, true);
    }
    let mut inverse = Fq::raw_inverse(&product.as_number()).times(&R_CUBED);
    let mut sums = odd.to_vec();
    for ([one, other], chord) in pairs.iter().zip(&chords).rev() {
        let Some(Chord { numerator, denominator, before }) = chord else { continue };
        let slope = inverse.times(before).times(numerator);
        inverse = inverse.times(denominator);
        let x = slope.squared().minus(&one.x).minus(&other.x).shrunk();
        let y = slope.times(&one.x.minus(&x)).minus(&one.y).carried();
        sums.push(Affine { x, y });
    }
    sums
}

/// The chords of pairs, and the product of their denominators. Where `exactly`, a chord of points with the same x is
/// a tangent, or there is none.
fn chords(pairs: &[[Affine; 2]], exactly: bool) -> (Vec<Option<Chord>>, Fq) {
    let mut product = Fq::ONE;
    let mut chords = Vec::with_capacity(pairs.len());
    for [one, other] in pairs {
        let before = product;
        let (mut numerator, mut denominator) = (other.y.minus(&one.y), other.x.minus(&one.x));
        if exactly && denominator.is_zero() {
            if !numerator.is_zero() {
                chords.push(None);
                continue;
            }
            let square = one.x.squared();
            (numerator, denominator) = (square.doubled().plus(&square), one.y.doubled());
        }
        product = product.times(&denominator);
        chords.push(Some(Chord { numerator, denominator, before }));
    }
    (chords, product)
}
