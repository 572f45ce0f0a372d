//! Every layer against arkworks, on random values and on those where carries are largest.

mod constants;
mod curves;
mod extremes;
mod fields;
mod sums;
mod tower;

use ark_bls12_381::{Fq as ArkFq, Fq2 as ArkFq2, Fq6 as ArkFq6, Fq12 as ArkFq12};
use ark_ff::{BigInteger, PrimeField};

use super::fq::Fq;
use super::fq2::Fq2;
use super::fq6::Fq6;
use super::fq12::Fq12;
use super::number::Number;

/// Numbers that nobody has chosen, the same in each run: SplitMix64 (Steele, Lea, Flood, 2014).
struct Random(u64);

impl Random {
    fn draw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.draw() % u64::try_from(end).unwrap()).unwrap()
    }

    fn number(&mut self) -> Number {
        let mut bytes = [0; 48];
        for chunk in bytes.chunks_mut(8) {
            chunk.copy_from_slice(&self.draw().to_be_bytes());
        }
        bytes[0] &= 0x1f;
        Number::from_big_endian(&bytes).unwrap_or_else(|| self.number())
    }

    fn fq(&mut self) -> Fq {
        Fq::new(&self.number())
    }

    fn fq2(&mut self) -> Fq2 {
        Fq2::new(self.fq(), self.fq())
    }

    fn fq6(&mut self) -> Fq6 {
        Fq6::new(self.fq2(), self.fq2(), self.fq2())
    }

    fn fq12(&mut self) -> Fq12 {
        Fq12 { c0: self.fq6(), c1: self.fq6() }
    }
}

/// Theirs, of ours.
fn ark(number: &Number) -> ArkFq {
    ArkFq::from_be_bytes_mod_order(&number.big_endian())
}

fn ark_fq(element: &Fq) -> ArkFq {
    ark(&element.number())
}

fn ark_fq2(element: &Fq2) -> ArkFq2 {
    ArkFq2::new(ark_fq(&element.c0), ark_fq(&element.c1))
}

fn ark_fq6(element: &Fq6) -> ArkFq6 {
    ArkFq6::new(ark_fq2(&element.c0), ark_fq2(&element.c1), ark_fq2(&element.c2))
}

fn ark_fq12(element: &Fq12) -> ArkFq12 {
    ArkFq12::new(ark_fq6(&element.c0), ark_fq6(&element.c1))
}

/// Ours, of theirs.
fn number(element: &ArkFq) -> Number {
    let bytes = element.into_bigint().to_bytes_be();
    Number::from_big_endian(bytes.last_chunk().unwrap()).unwrap()
}

/// Numbers at the edges of limbs and words: near zero, near p, near its half, near each power of 2²⁸, and with
/// each limb of p and of zero emptied or filled.
fn edges() -> Vec<Number> {
    let limb = |at: usize| ArkFq::from(1u64 << 28).pow_u(at);
    let mut edges = Vec::new();
    for small in 0..4u64 {
        let small = ArkFq::from(small);
        edges.extend([small, -small, small / ArkFq::from(2), -small / ArkFq::from(2)]);
        edges
            .extend((1..14).flat_map(|at| [limb(at) + small, limb(at) - small, -limb(at) - small]));
    }
    let full = ArkFq::from((1u64 << 28) - 1);
    let mut below = ArkFq::from(0);
    for at in 0..14 {
        below += full * limb(at);
        edges.extend([full * limb(at), -(full * limb(at)), below, -below]);
    }
    edges.iter().map(number).collect()
}

/// Small powers, without a trait in every file.
trait Power {
    fn pow_u(&self, exponent: usize) -> Self;
}

impl Power for ArkFq {
    fn pow_u(&self, exponent: usize) -> Self {
        (0..exponent).fold(ArkFq::from(1), |power, _| power * self)
    }
}
