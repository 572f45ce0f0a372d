//! The cubic extension of the quadratic one: `c0 + c1·v + c2·v²`, with v³ = ξ = 1 + i.

use super::fq::Fq;
use super::fq2::Fq2;

/// An element.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Fq6 {
    pub(super) c0: Fq2,
    pub(super) c1: Fq2,
    pub(super) c2: Fq2,
}

impl Fq6 {
    pub(super) const ZERO: Fq6 = Fq6::new(Fq2::ZERO, Fq2::ZERO, Fq2::ZERO);
    pub(super) const ONE: Fq6 = Fq6::new(Fq2::ONE, Fq2::ZERO, Fq2::ZERO);

    pub(super) const fn new(c0: Fq2, c1: Fq2, c2: Fq2) -> Fq6 {
        Fq6 { c0, c1, c2 }
    }

    pub(super) fn plus(&self, other: &Fq6) -> Fq6 {
        Fq6 {
            c0: self.c0.plus(&other.c0),
            c1: self.c1.plus(&other.c1),
            c2: self.c2.plus(&other.c2),
        }
    }

    pub(super) fn minus(&self, other: &Fq6) -> Fq6 {
        Fq6 {
            c0: self.c0.minus(&other.c0),
            c1: self.c1.minus(&other.c1),
            c2: self.c2.minus(&other.c2),
        }
    }

    pub(super) fn doubled(&self) -> Fq6 {
        self.plus(self)
    }

    pub(super) fn negated(&self) -> Fq6 {
        Fq6 { c0: self.c0.negated(), c1: self.c1.negated(), c2: self.c2.negated() }
    }

    pub(super) fn carried(&self) -> Fq6 {
        Fq6 { c0: self.c0.carried(), c1: self.c1.carried(), c2: self.c2.carried() }
    }

    pub(super) fn shrunk(&self) -> Fq6 {
        Fq6 { c0: self.c0.shrunk(), c1: self.c1.shrunk(), c2: self.c2.shrunk() }
    }

    /// The product with v.
    pub(super) fn times_v(&self) -> Fq6 {
        Fq6 { c0: self.c2.times_xi(), c1: self.c0, c2: self.c1 }
    }

    /// Six products instead of nine: Devegili, Ó hÉigeartaigh, Scott, Dahab, Multiplication and squaring on
    /// pairing-friendly fields, 2006 (Karatsuba).
    pub(super) fn times(&self, other: &Fq6) -> Fq6 {
        let (v0, v1, v2) =
            (self.c0.times(&other.c0), self.c1.times(&other.c1), self.c2.times(&other.c2));
        let c12 = self.c1.plus(&self.c2).times(&other.c1.plus(&other.c2));
        let c01 = self.c0.plus(&self.c1).times(&other.c0.plus(&other.c1));
        let c02 = self.c0.plus(&self.c2).times(&other.c0.plus(&other.c2));
        Fq6 {
            c0: xi_of_rest_and(&c12, &v1, &v2, &v0),
            c1: rest_and_xi(&c01, &v0, &v1, &v2),
            c2: rest_and(&c02, &v0, &v2, &v1),
        }
    }

    /// The product with `b1·v + b2·v²`.
    pub(super) fn times_12(&self, b1: &Fq2, b2: &Fq2) -> Fq6 {
        let (v1, v2) = (self.c1.times(b1), self.c2.times(b2));
        let c12 = self.c1.plus(&self.c2).times(&b1.plus(b2));
        Fq6 {
            c0: xi_of_rest_and(&c12, &v1, &v2, &Fq2::ZERO),
            c1: self.c0.times(b1).plus_xi(&v2).carried(),
            c2: self.c0.times(b2).plus(&v1).carried(),
        }
    }

    /// The product with `b0 + b1·v`.
    pub(super) fn times_01(&self, b0: &Fq2, b1: &Fq2) -> Fq6 {
        let (v0, v1) = (self.c0.times(b0), self.c1.times(b1));
        let c01 = self.c0.plus(&self.c1).times(&b0.plus(b1));
        Fq6 {
            c0: v0.plus_xi(&self.c2.times(b1)).carried(),
            c1: c01.less(&v0, &v1).carried(),
            c2: self.c2.times(b0).plus(&v1).carried(),
        }
    }

    /// The product with `b1·v`.
    pub(super) fn times_1(&self, b1: &Fq2) -> Fq6 {
        Fq6 {
            c0: self.c2.times(b1).times_xi().carried(),
            c1: self.c0.times(b1),
            c2: self.c1.times(b1),
        }
    }

    /// `self + v·other`.
    pub(super) fn plus_v(&self, other: &Fq6) -> Fq6 {
        Fq6 {
            c0: self.c0.plus_xi(&other.c2),
            c1: self.c1.plus(&other.c0),
            c2: self.c2.plus(&other.c1),
        }
    }

    /// `self − a − b`, small.
    pub(super) fn less(&self, a: &Fq6, b: &Fq6) -> Fq6 {
        Fq6 {
            c0: self.c0.less(&a.c0, &b.c0).shrunk(),
            c1: self.c1.less(&a.c1, &b.c1).shrunk(),
            c2: self.c2.less(&a.c2, &b.c2).shrunk(),
        }
    }

    /// The inverse; that of zero is zero. By the norm to the quadratic extension: Beuchat and others,
    /// High-speed software implementation of the optimal ate pairing over Barreto–Naehrig curves, 2010, algorithm 17.
    pub(super) fn inverse(&self) -> Fq6 {
        let Fq6 { c0, c1, c2 } = self;
        let t0 = c0.squared().minus(&c1.times(c2).times_xi()).carried();
        let t1 = c2.squared().times_xi().minus(&c0.times(c1)).carried();
        let t2 = c1.squared().minus(&c0.times(c2)).carried();
        let norm = c1.times(&t2).plus(&c2.times(&t1)).times_xi().plus(&c0.times(&t0)).carried();
        let inverse = norm.inverse();
        Fq6 { c0: t0.times(&inverse), c1: t1.times(&inverse), c2: t2.times(&inverse) }
    }
}

/// `product − a − b + c`: what is left of a product of sums, and another one.
#[inline(never)]
fn rest_and(product: &Fq2, a: &Fq2, b: &Fq2, c: &Fq2) -> Fq2 {
    let one = |product: &Fq, a: &Fq, b: &Fq, c: &Fq| product.minus(a).minus(b).plus(c).carried();
    Fq2 { c0: one(&product.c0, &a.c0, &b.c0, &c.c0), c1: one(&product.c1, &a.c1, &b.c1, &c.c1) }
}

/// `product − a − b + ξ·c`.
#[inline(never)]
fn rest_and_xi(product: &Fq2, a: &Fq2, b: &Fq2, c: &Fq2) -> Fq2 {
    let rest = |product: &Fq, a: &Fq, b: &Fq| product.minus(a).minus(b).plus(&c.c0);
    Fq2 {
        c0: rest(&product.c0, &a.c0, &b.c0).minus(&c.c1).carried(),
        c1: rest(&product.c1, &a.c1, &b.c1).plus(&c.c1).carried(),
    }
}

/// `ξ·(product − a − b) + c`.
#[inline(never)]
fn xi_of_rest_and(product: &Fq2, a: &Fq2, b: &Fq2, c: &Fq2) -> Fq2 {
    let real = product.c0.minus(&a.c0).minus(&b.c0);
    let imaginary = product.c1.minus(&a.c1).minus(&b.c1);
    Fq2 {
        c0: real.minus(&imaginary).plus(&c.c0).carried(),
        c1: real.plus(&imaginary).plus(&c.c1).carried(),
    }
}
