//! Points of y² = x³ + b in Jacobian coordinates, x = X/Z² and y = Y/Z³, over either field. The
//! formulas are named as in the Explicit-Formulas Database,
//! <https://hyperelliptic.org/EFD/g1p/auto-shortw-jacobian-0.html>. None of them needs b.

use super::fq::Fq;
use super::fq2::Fq2;

/// What the coordinates are.
pub(super) trait Field: Copy + PartialEq {
    const ZERO: Self;
    const ONE: Self;

    fn plus(&self, other: &Self) -> Self;
    fn minus(&self, other: &Self) -> Self;
    fn doubled(&self) -> Self;
    fn carried(&self) -> Self;
    fn times(&self, other: &Self) -> Self;
    fn squared(&self) -> Self;
    fn inverse(&self) -> Self;
    fn is_zero(&self) -> bool;
}

macro_rules! field {
    ($field:ty) => {
        impl Field for $field {
            const ZERO: Self = <$field>::ZERO;
            const ONE: Self = <$field>::ONE;

            fn plus(&self, other: &Self) -> Self {
                self.plus(other)
            }

            fn minus(&self, other: &Self) -> Self {
                self.minus(other)
            }

            fn doubled(&self) -> Self {
                self.doubled()
            }

            fn carried(&self) -> Self {
                self.carried()
            }

            fn times(&self, other: &Self) -> Self {
                self.times(other)
            }

            fn squared(&self) -> Self {
                self.squared()
            }

            fn inverse(&self) -> Self {
                self.inverse()
            }

            fn is_zero(&self) -> bool {
                self.is_zero()
            }
        }
    };
}

field!(Fq);
field!(Fq2);

/// The curve's parameter without its sign, which is negative.
pub(super) const PARAMETER: u64 = 0xd201_0000_0001_0000;

/// A point. The identity is every one whose z is zero.
#[derive(Clone, Copy, Debug)]
pub(super) struct Point<F> {
    pub(super) x: F,
    pub(super) y: F,
    pub(super) z: F,
}

impl<F: Field> Point<F> {
    pub(super) const IDENTITY: Point<F> = Point { x: F::ONE, y: F::ONE, z: F::ZERO };

    pub(super) fn is_identity(&self) -> bool {
        self.z.is_zero()
    }

    pub(super) fn negated(&self) -> Point<F> {
        Point { y: F::ZERO.minus(&self.y).carried(), ..*self }
    }

    /// dbl-2009-l. No point has order two, and twice the identity is the identity.
    pub(super) fn doubled(&self) -> Point<F> {
        let (a, b) = (self.x.squared(), self.y.squared());
        let c = b.squared();
        let d = self.x.plus(&b).squared().minus(&a).minus(&c).doubled().carried();
        let e = a.doubled().plus(&a);
        let x = e.squared().minus(&d.doubled()).carried();
        let eight_c = c.doubled().doubled().doubled();
        Point {
            x,
            y: e.times(&d.minus(&x)).minus(&eight_c).carried(),
            z: self.y.times(&self.z).doubled(),
        }
    }

    /// add-2007-bl, and what it leaves out: equal points, and the identity.
    pub(super) fn plus(&self, other: &Point<F>) -> Point<F> {
        if self.is_identity() {
            return *other;
        }
        if other.is_identity() {
            return *self;
        }
        let (zz1, zz2) = (self.z.squared(), other.z.squared());
        let (u1, u2) = (self.x.times(&zz2), other.x.times(&zz1));
        let s1 = self.y.times(&other.z).times(&zz2);
        let s2 = other.y.times(&self.z).times(&zz1);
        let (h, r) = (u2.minus(&u1), s2.minus(&s1).doubled());
        if h.is_zero() {
            // The same x: the same point, or its negative.
            return if r.is_zero() { self.doubled() } else { Point::IDENTITY };
        }
        let i = h.doubled().squared();
        let j = h.times(&i);
        let v = u1.times(&i);
        let x = r.squared().minus(&j).minus(&v.doubled()).carried();
        let z = self.z.plus(&other.z).carried().squared().minus(&zz1).minus(&zz2);
        Point {
            x,
            y: r.times(&v.minus(&x)).minus(&s1.times(&j).doubled()).carried(),
            z: z.times(&h),
        }
    }

    /// The point, times the curve's parameter.
    pub(super) fn times_parameter(&self) -> Point<F> {
        let mut product = *self;
        for bit in (0..PARAMETER.ilog2()).rev() {
            product = product.doubled();
            if PARAMETER >> bit & 1 == 1 {
                product = product.plus(self);
            }
        }
        product.negated()
    }

    /// Its x and y; nothing of the identity.
    pub(super) fn to_affine(self) -> Option<(F, F)> {
        if self.is_identity() {
            return None;
        }
        Some(self.over(&self.z.inverse()))
    }

    /// x and y, from the inverse of z.
    pub(super) fn over(&self, inverse: &F) -> (F, F) {
        let square = inverse.squared();
        (self.x.times(&square), self.y.times(&square).times(inverse))
    }
}

impl<F: Field> PartialEq for Point<F> {
    fn eq(&self, other: &Point<F>) -> bool {
        match (self.is_identity(), other.is_identity()) {
            (false, false) => {
                let (zz1, zz2) = (self.z.squared(), other.z.squared());
                self.x.times(&zz2) == other.x.times(&zz1)
                    && self.y.times(&zz2).times(&other.z) == other.y.times(&zz1).times(&self.z)
            }
            (one, other) => one == other,
        }
    }
}
