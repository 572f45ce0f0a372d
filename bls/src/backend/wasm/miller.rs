//! Miller loops of the optimal ate pairing, whose length is the curve's parameter. All pairs share the squarings.
//!
//! Formulas are those of Costello, Lange, Naehrig, Faster pairing computations on curves with high-degree twists,
//! 2010, in homogeneous coordinates, as Aranha and others write them (section 4 of the paper named in
//! [`super::product`]), all of them times four, so that nothing is halved. A factor in a subfield does not
//! matter: the final exponentiation makes it one.

use super::fq::Fq;
use super::fq2::Fq2;
use super::fq6::Fq6;
use super::fq12::Fq12;
use super::point::PARAMETER;

/// A pair of points other than the identity: what the lines need of P in G1, and Q in G2.
pub(super) struct Pair {
    x_p: Fq,
    thrice_x_p: Fq,
    minus_y_p: Fq,
    q: (Fq2, Fq2),
}

impl Pair {
    pub(super) fn new(x_p: Fq, y_p: &Fq, q: (Fq2, Fq2)) -> Pair {
        Pair { x_p, thrice_x_p: x_p.doubled().plus(&x_p), minus_y_p: y_p.negated(), q }
    }
}

/// A line at P: `c0 + c1·v + c4·v·w`.
struct Line {
    c0: Fq2,
    c1: Fq2,
    c4: Fq2,
}

/// A multiple of Q: x is X/Z, and y is Y/Z.
struct Multiple {
    x: Fq2,
    y: Fq2,
    z: Fq2,
}

/// The product of the Miller loops of all pairs.
pub(super) fn miller_loops(pairs: &[Pair]) -> Fq12 {
    let start = |pair: &Pair| Multiple { x: pair.q.0, y: pair.q.1, z: Fq2::ONE };
    let mut multiples: Vec<Multiple> = pairs.iter().map(start).collect();
    let mut product = Fq12::ONE;
    for bit in (0..PARAMETER.ilog2()).rev() {
        product = product.squared();
        multiply(&mut product, pairs.iter().zip(&mut multiples).map(|(pair, t)| t.double(pair)));
        if PARAMETER >> bit & 1 == 1 {
            multiply(&mut product, pairs.iter().zip(&mut multiples).map(|(pair, t)| t.add(pair)));
        }
    }
    // The parameter is negative.
    product.conjugate()
}

/// Multiplies lines into a product, two at a time.
fn multiply(product: &mut Fq12, mut lines: impl Iterator<Item = Line>) {
    while let Some(one) = lines.next() {
        *product = match lines.next() {
            Some(other) => product.times_two_lines(&one, &other),
            None => product.times_line(&one),
        };
    }
}

/// `3·b'·z²`, where b' = 4ξ is what the second curve adds.
#[inline(never)]
fn thrice_what_the_curve_adds(z2: &Fq2) -> Fq2 {
    let twelve = |element: &Fq| element.doubled().plus(element).doubled().doubled().shrunk();
    Fq2 { c0: twelve(&z2.c0.minus(&z2.c1)), c1: twelve(&z2.c0.plus(&z2.c1)) }
}

#[inline(never)]
fn twelve_times(element: &Fq2) -> Fq2 {
    element.tripled().doubled().doubled()
}

impl Multiple {
    /// Doubles it; the tangent.
    fn double(&mut self, Pair { thrice_x_p, minus_y_p, .. }: &Pair) -> Line {
        let Multiple { x, y, z } = self;
        let (b, c) = (y.squared(), z.squared());
        let e = thrice_what_the_curve_adds(&c);
        let f = e.tripled();
        let h = y.plus(z).squared().less(&b, &c);
        let j = x.squared();
        let twice_xy = x.plus(y).squared().less(&j, &b);
        *self = Multiple {
            x: twice_xy.times(&b.minus(&f)),
            y: b.plus(&f).carried().squared().minus(&twelve_times(&e.squared())).carried(),
            z: b.times(&h).doubled().doubled().carried(),
        };
        Line { c0: e.minus(&b), c1: j.times_fq(thrice_x_p), c4: h.times_fq(minus_y_p) }
    }

    /// Adds Q; the line through both.
    fn add(&mut self, Pair { x_p, minus_y_p, q: (x_q, y_q), .. }: &Pair) -> Line {
        let Multiple { x, y, z } = self;
        let theta = y.minus(&y_q.times(z));
        let lambda = x.minus(&x_q.times(z));
        let d = lambda.squared();
        let (e, f, g) = (lambda.times(&d), z.times(&theta.squared()), x.times(&d));
        let h = e.plus(&f).minus(&g.doubled()).carried();
        let line = Line {
            c0: lambda.times(y_q).minus(&theta.times(x_q)),
            c1: theta.times_fq(x_p),
            c4: lambda.times_fq(minus_y_p),
        };
        *self = Multiple {
            x: lambda.times(&h),
            y: theta.times(&g.minus(&h)).minus(&e.times(y)).carried(),
            z: z.times(&e),
        };
        line
    }
}

impl Fq12 {
    fn times_line(&self, Line { c0, c1, c4 }: &Line) -> Fq12 {
        let (v0, v1) = (self.c0.times_01(c0, c1), self.c1.times_1(c4));
        let both = self.c0.plus(&self.c1).carried().times_01(c0, &c1.plus(c4));
        Fq12 { c0: v0.plus_v(&v1).shrunk(), c1: both.less(&v0, &v1) }
    }

    fn times_two_lines(&self, a: &Line, b: &Line) -> Fq12 {
        // Their product: (c0 + c1·v + c2·v²) + (d1·v + d2·v²)·w.
        let (v0, v1, v4) = (a.c0.times(&b.c0), a.c1.times(&b.c1), a.c4.times(&b.c4));
        let cross = |a: (&Fq2, &Fq2), b: (&Fq2, &Fq2)| a.0.plus(a.1).times(&b.0.plus(b.1));
        let c1 = cross((&a.c0, &a.c1), (&b.c0, &b.c1)).less(&v0, &v1).carried();
        let d1 = cross((&a.c0, &a.c4), (&b.c0, &b.c4)).less(&v0, &v4).carried();
        let d2 = cross((&a.c1, &a.c4), (&b.c1, &b.c4)).less(&v1, &v4).carried();
        let even = Fq6::new(v0.plus_xi(&v4).carried(), c1, v1);

        let (v0, v1) = (self.c0.times(&even), self.c1.times_12(&d1, &d2));
        let both = Fq6::new(even.c0, even.c1.plus(&d1).carried(), even.c2.plus(&d2).carried());
        let both = self.c0.plus(&self.c1).carried().times(&both);
        Fq12 { c0: v0.plus_v(&v1).shrunk(), c1: both.less(&v0, &v1) }
    }
}
