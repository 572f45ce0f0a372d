//! Our own arithmetic, made for WASM, where 64-bit products have no upper half and each instruction
//! counts: the backend of the kernel. It verifies only; nothing here is constant in time, and nothing here is secret.
//!
//! From below: [`number`] (coordinates as they are written), [`product`] and [`fq`] (the base field), [`inverse`],
//! [`fq2`], [`fq6`], [`fq12`], [`cyclotomic`] (the tower and the final exponentiation), [`root`], [`point`],
//! [`group`], [`hash`] (the curves), [`miller`] (the pairing); then what the crate asks of a backend: [`g1`],
//! [`sum`], [`g2`] and [`Product`] here.

mod cyclotomic;
mod fq;
mod fq12;
mod fq2;
mod fq6;
mod g1;
mod g2;
mod group;
mod hash;
mod inverse;
mod miller;
mod number;
mod point;
mod product;
mod root;
mod sum;
#[cfg(test)]
mod tests;
mod unroll;
mod worst;

use super::{FP_BYTES, FP12_COEFFICIENTS};

use fq::Fq;
use fq2::Fq2;
use fq6::Fq6;
use fq12::Fq12;
use miller::Pair;
use number::Number;

pub(crate) use g1::G1;
pub(crate) use g2::G2;
pub(crate) use sum::G1Sum;

/// A product of Miller loops, before the final exponentiation.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Product(Fq12);

impl Eq for Product {}

impl Product {
    /// The empty product.
    pub(crate) fn one() -> Product {
        Product(Fq12::ONE)
    }

    /// The product of the Miller loops of all pairs, which share their squarings. A pair with the
    /// identity contributes one.
    pub(crate) fn of_pairs(pairs: &[(G1, G2)]) -> Product {
        let pair = |(p, q): &(G1, G2)| {
            let q = q.0.to_affine()?;
            Some(Pair::new(Fq::new(&p.x), &Fq::new(&p.y), q))
        };
        let pairs: Vec<Pair> = pairs.iter().filter_map(pair).collect();
        Product(miller::miller_loops(&pairs))
    }

    /// The product of two.
    pub(crate) fn times(&self, other: &Product) -> Product {
        Product(self.0.times(&other.0))
    }

    /// Whether the final exponentiation makes this one: whether a product of pairings is one.
    pub(crate) fn is_one_when_exponentiated(&self) -> bool {
        self.0.is_one_when_exponentiated()
    }

    /// The twelve coefficients, each big-endian, in the order of the tower.
    pub(crate) fn coefficients(&self) -> [[u8; FP_BYTES]; FP12_COEFFICIENTS] {
        let of_fq6 = |fq6: &Fq6| [fq6.c0, fq6.c1, fq6.c2].map(|fq2| [fq2.c0, fq2.c1]);
        let mut out = [[0; FP_BYTES]; FP12_COEFFICIENTS];
        let all = [of_fq6(&self.0.c0), of_fq6(&self.0.c1)];
        for (bytes, coefficient) in out.iter_mut().zip(all.as_flattened().as_flattened()) {
            *bytes = coefficient.number().big_endian();
        }
        out
    }

    /// Reads [`Product::coefficients`] back. What is no coefficient is zero.
    pub(crate) fn from_coefficients(bytes: &[[u8; FP_BYTES]; FP12_COEFFICIENTS]) -> Product {
        let [a, b, c, d, e, f, g, h, i, j, k, l] = bytes.each_ref().map(|bytes| {
            Number::from_big_endian(bytes).map_or(Fq::ZERO, |number| Fq::new(&number))
        });
        let fq6 = |a, b, c, d, e, f| Fq6::new(Fq2::new(a, b), Fq2::new(c, d), Fq2::new(e, f));
        Product(Fq12 { c0: fq6(a, b, c, d, e, f), c1: fq6(g, h, i, j, k, l) })
    }
}
