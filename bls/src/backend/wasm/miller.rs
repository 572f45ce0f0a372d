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

/// A pair of points other than the identity: coordinates of P in G1, the second one negated, and of Q in G2.
pub(super) struct Pair {
    pub(super) p: (Fq, Fq),
    pub(super) q: (Fq2, Fq2),
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
        multiply(&mut product, pairs.iter().zip(&mut multiples).map(|(pair, t)| t.double(&pair.p)));
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

impl Multiple {
    /// Doubles it; the tangent.
    fn double(&mut self, (x_p, minus_y_p): &(Fq, Fq)) -> Line {
        let Multiple { x, y, z } = self;
        let (b, c) = (y.squared(), z.squared());
        // 3·b'·Z², where b' = 4ξ is what the curve adds.
        let e = c.tripled().doubled().doubled().times_xi().shrunk();
        let f = e.tripled();
        let h = y.plus(z).squared().minus(&b).minus(&c);
        let line = Line {
            c0: e.minus(&b),
            c1: x.squared().tripled().times_fq(x_p),
            c4: h.times_fq(minus_y_p),
        };
        let e2 = e.squared();
        *self = Multiple {
            x: x.times(y).times(&b.minus(&f).carried()).doubled(),
            y: b.plus(&f).carried().squared().minus(&e2.tripled().doubled().doubled()).carried(),
            z: b.times(&h).doubled().doubled().carried(),
        };
        line
    }

    /// Adds Q; the line through both.
    fn add(&mut self, Pair { p: (x_p, minus_y_p), q: (x_q, y_q) }: &Pair) -> Line {
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
        let sum = self.c0.plus(&self.c1).carried();
        Fq12 {
            c0: v0.plus(&v1.times_v()).shrunk(),
            c1: sum.times_01(c0, &c1.plus(c4)).minus(&v0).minus(&v1).shrunk(),
        }
    }

    fn times_two_lines(&self, a: &Line, b: &Line) -> Fq12 {
        // Their product: (c0 + c1·v + c2·v²) + (d1·v + d2·v²)·w.
        let (v0, v1, v4) = (a.c0.times(&b.c0), a.c1.times(&b.c1), a.c4.times(&b.c4));
        let cross = |a: (&Fq2, &Fq2), b: (&Fq2, &Fq2)| a.0.plus(a.1).times(&b.0.plus(b.1));
        let c1 = cross((&a.c0, &a.c1), (&b.c0, &b.c1)).minus(&v0).minus(&v1).carried();
        let d1 = cross((&a.c0, &a.c4), (&b.c0, &b.c4)).minus(&v0).minus(&v4).carried();
        let d2 = cross((&a.c1, &a.c4), (&b.c1, &b.c4)).minus(&v1).minus(&v4).carried();
        let even = Fq6::new(v0.plus(&v4.times_xi()).carried(), c1, v1);

        let (v0, v1) = (self.c0.times(&even), self.c1.times_12(&d1, &d2));
        let sum = self.c0.plus(&self.c1).carried();
        let both = Fq6::new(even.c0, even.c1.plus(&d1).carried(), even.c2.plus(&d2).carried());
        Fq12 {
            c0: v0.plus(&v1.times_v()).shrunk(),
            c1: sum.times(&both).minus(&v0).minus(&v1).shrunk(),
        }
    }
}
