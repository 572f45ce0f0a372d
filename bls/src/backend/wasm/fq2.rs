//! The quadratic extension: `c0 + c1·i`, with i² = −1.

use super::fq::Fq;
use super::product;
use super::worst::Worst;

/// An element.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Fq2 {
    pub(super) c0: Fq,
    pub(super) c1: Fq,
}

impl Fq2 {
    pub(super) const ZERO: Fq2 = Fq2::new(Fq::ZERO, Fq::ZERO);
    pub(super) const ONE: Fq2 = Fq2::new(Fq::ONE, Fq::ZERO);

    pub(super) const fn new(c0: Fq, c1: Fq) -> Fq2 {
        Fq2 { c0, c1 }
    }

    /// A small constant.
    pub(super) const fn small(c0: i64, c1: i64) -> Fq2 {
        Fq2::new(Fq::small(c0), Fq::small(c1))
    }

    #[inline(never)]
    pub(super) const fn plus(&self, other: &Fq2) -> Fq2 {
        Fq2 { c0: self.c0.plus(&other.c0), c1: self.c1.plus(&other.c1) }
    }

    #[inline(never)]
    pub(super) const fn minus(&self, other: &Fq2) -> Fq2 {
        Fq2 { c0: self.c0.minus(&other.c0), c1: self.c1.minus(&other.c1) }
    }

    #[inline(never)]
    pub(super) const fn doubled(&self) -> Fq2 {
        self.plus(self)
    }

    #[inline(never)]
    pub(super) const fn tripled(&self) -> Fq2 {
        self.doubled().plus(self)
    }

    #[inline(never)]
    pub(super) const fn negated(&self) -> Fq2 {
        Fq2 { c0: self.c0.negated(), c1: self.c1.negated() }
    }

    #[inline(never)]
    pub(super) const fn carried(&self) -> Fq2 {
        Fq2 { c0: self.c0.carried(), c1: self.c1.carried() }
    }

    #[inline(never)]
    pub(super) const fn shrunk(&self) -> Fq2 {
        Fq2 { c0: self.c0.shrunk(), c1: self.c1.shrunk() }
    }

    /// `self − a − b`.
    #[inline(never)]
    pub(super) fn less(&self, a: &Fq2, b: &Fq2) -> Fq2 {
        Fq2 { c0: self.c0.minus(&a.c0).minus(&b.c0), c1: self.c1.minus(&a.c1).minus(&b.c1) }
    }

    /// `self + ξ·other`, where [`Fq2::times_xi`] has ξ.
    #[inline(never)]
    pub(super) fn plus_xi(&self, other: &Fq2) -> Fq2 {
        Fq2 {
            c0: self.c0.plus(&other.c0).minus(&other.c1),
            c1: self.c1.plus(&other.c0).plus(&other.c1),
        }
    }

    /// Its conjugate, which is also its p-th power.
    pub(super) const fn conjugate(&self) -> Fq2 {
        Fq2 { c0: self.c0, c1: self.c1.negated() }
    }

    pub(super) const fn times(&self, other: &Fq2) -> Fq2 {
        let worst =
            Worst::of_pairs([self.c0.worst, self.c1.worst], [other.c0.worst, other.c1.worst]);
        let [c0, c1] = product::product_of_pairs(
            [&self.c0.words, &self.c1.words],
            [&other.c0.words, &other.c1.words],
        );
        Fq2 { c0: Fq { words: c0, worst }, c1: Fq { words: c1, worst } }
    }

    pub(super) const fn squared(&self) -> Fq2 {
        let both = [self.c0.worst, self.c1.worst];
        let worst = Worst::of_pairs(both, both);
        let [c0, c1] = product::square_of_pair([&self.c0.words, &self.c1.words]);
        Fq2 { c0: Fq { words: c0, worst }, c1: Fq { words: c1, worst } }
    }

    /// The product with an element of the base field.
    pub(super) const fn times_fq(&self, other: &Fq) -> Fq2 {
        Fq2 { c0: self.c0.times(other), c1: self.c1.times(other) }
    }

    /// The product with ξ = 1 + i, over which the extension above is made.
    #[inline(never)]
    pub(super) const fn times_xi(&self) -> Fq2 {
        Fq2 { c0: self.c0.minus(&self.c1), c1: self.c0.plus(&self.c1) }
    }

    /// The norm to the base field: the product with the conjugate.
    pub(super) fn norm(&self) -> Fq {
        self.c0.squared().plus(&self.c1.squared())
    }

    /// The inverse; that of zero is zero.
    pub(super) fn inverse(&self) -> Fq2 {
        self.conjugate().times_fq(&self.norm().inverse())
    }

    pub(super) fn is_zero(&self) -> bool {
        self.c0.is_zero() && self.c1.is_zero()
    }

    /// Which of two elements that are each other's negatives it is: the sign bit of a compressed point.
    /// The second coefficient decides first.
    pub(super) fn is_larger(&self) -> bool {
        let c1 = self.c1.number();
        if c1.is_zero() { self.c0.number().is_above_half() } else { c1.is_above_half() }
    }

    /// `sgn0` of RFC 9380, 4.1: the parity of the first coefficient that is not zero.
    pub(super) fn is_odd(&self) -> bool {
        let c0 = self.c0.number();
        if c0.is_zero() { self.c1.number().is_odd() } else { c0.is_odd() }
    }
}
