//! The quadratic extension of the sextic one: `c0 + c1·w`, with w² = v.

use super::fq::Fq;
use super::fq2::Fq2;
use super::fq6::Fq6;

/// An element.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Fq12 {
    pub(super) c0: Fq6,
    pub(super) c1: Fq6,
}

/// ξ^((p − 1) / 6), by which the p-th power multiplies w.
pub(super) const FROBENIUS: Fq2 = Fq2::new(
    Fq::from_hex(
        "1904d3bf02bb0667c231beb4202c0d1f0fd603fd3cbd5f4f7b2443d784bab9c4f67ea53d63e7813d8d0775ed92235fb8",
    ),
    Fq::from_hex(
        "00fc3e2b36c4e03288e9e902231f9fb854a14787b6c7b36fec0c8ec971f63c5f282d5ac14d6c7ec22cf78a126ddc4af3",
    ),
);

/// ξ^((p² − 1) / 6), by which the p²-th power multiplies w: it is in the base field.
pub(super) const FROBENIUS_TWICE: Fq = Fq::from_hex(
    "5f19672fdf76ce51ba69c6076a0f77eaddb3a93be6f89688de17d813620a00022e01fffffffeffff",
);

impl Fq12 {
    pub(super) const ONE: Fq12 = Fq12 { c0: Fq6::ONE, c1: Fq6::ZERO };

    /// By Karatsuba.
    pub(super) fn times(&self, other: &Fq12) -> Fq12 {
        let (v0, v1) = (self.c0.times(&other.c0), self.c1.times(&other.c1));
        let sums = (self.c0.plus(&self.c1).carried(), other.c0.plus(&other.c1).carried());
        Fq12 { c0: v0.plus_v(&v1).shrunk(), c1: sums.0.times(&sums.1).less(&v0, &v1) }
    }

    /// `(c0 + c1)(c0 + v·c1) − (1 + v)·c0·c1`, and twice `c0·c1`: Devegili and others (complex squaring).
    pub(super) fn squared(&self) -> Fq12 {
        let product = self.c0.times(&self.c1);
        let one = self.c0.plus(&self.c1).carried();
        let other = self.c0.plus_v(&self.c1).carried();
        Fq12 {
            c0: one.times(&other).less(&product, &product.times_v()),
            c1: product.doubled().shrunk(),
        }
    }

    /// Its p⁶-th power.
    pub(super) fn conjugate(&self) -> Fq12 {
        Fq12 { c0: self.c0, c1: self.c1.negated().carried() }
    }

    /// The inverse; that of zero is zero.
    pub(super) fn inverse(&self) -> Fq12 {
        let norm = self.c0.times(&self.c0).minus(&self.c1.times(&self.c1).times_v()).carried();
        let inverse = norm.inverse();
        Fq12 { c0: self.c0.times(&inverse), c1: self.c1.negated().carried().times(&inverse) }
    }

    /// Its p-th power: the coefficients of the powers of w are conjugated, and multiplied.
    pub(super) fn frobenius(&self) -> Fq12 {
        let mut factor = Fq2::ONE;
        self.map(|coefficient| {
            let result = coefficient.conjugate().times(&factor);
            factor = factor.times(&FROBENIUS);
            result
        })
    }

    /// Its p²-th power.
    pub(super) fn frobenius_twice(&self) -> Fq12 {
        let mut factor = Fq::ONE;
        self.map(|coefficient| {
            let result = coefficient.times_fq(&factor);
            factor = factor.times(&FROBENIUS_TWICE);
            result
        })
    }

    /// Does something with the coefficient of each power of w, in order.
    fn map(&self, mut change: impl FnMut(&Fq2) -> Fq2) -> Fq12 {
        let (even, odd) = (&self.c0, &self.c1);
        let [a, b, c, d, e, f] =
            [&even.c0, &odd.c0, &even.c1, &odd.c1, &even.c2, &odd.c2].map(&mut change);
        Fq12 { c0: Fq6::new(a, c, e), c1: Fq6::new(b, d, f) }
    }
}
