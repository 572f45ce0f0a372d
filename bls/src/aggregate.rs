//! Verifying one aggregate signature over many messages, in steps that can be put aside.
//!
//! The check is `e(g1, σ) = Π e(pk, H(m))`. The product is built a few parts at a time and can be
//! stored between two steps; the signature enters at the end. Messages of the same signer within
//! a step cost one Miller loop, as `e(pk, H(a)) · e(pk, H(b)) = e(pk, H(a) + H(b))`.

use crate::backend::{FP_BYTES, FP12_COEFFICIENTS, G2, Product};
use crate::keys::{PublicKey, Signature, Suite};

/// One signer and one message of theirs.
#[derive(Clone, Copy, Debug)]
pub struct Part<'a> {
    /// Whose signature is in the aggregate.
    pub key: PublicKey,
    /// Over what.
    pub message: &'a [u8],
}

/// Bytes of a stored [`Accumulator`].
pub const STORED_ACCUMULATOR_BYTES: usize = FP_BYTES * FP12_COEFFICIENTS;

/// The product of the parts seen so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Accumulator(Product);

impl Accumulator {
    /// Nothing seen yet.
    pub fn new() -> Self {
        Accumulator(Product::one())
    }

    /// Takes in more parts.
    #[must_use]
    pub fn with(&self, suite: Suite, parts: &[Part<'_>]) -> Self {
        let mut pairs: Vec<(PublicKey, G2)> = Vec::new();
        for part in parts {
            let hashed = suite.hash(&part.key, part.message);
            match pairs.iter_mut().find(|(key, _)| *key == part.key) {
                Some((_, sum)) => *sum = sum.add(&hashed),
                None => pairs.push((part.key, hashed)),
            }
        }
        let pairs: Vec<_> = pairs.into_iter().map(|(key, sum)| (key.0, sum)).collect();
        Accumulator(self.0.times(&Product::of_pairs(&pairs)))
    }

    /// Whether `signature` is the aggregate over exactly the parts taken in.
    pub fn finish(&self, signature: &Signature) -> bool {
        self.0.is_pairing_of(&signature.0)
    }

    /// A form that belongs to no backend: the twelve coefficients, big-endian.
    pub fn to_stored(&self) -> [u8; STORED_ACCUMULATOR_BYTES] {
        let mut bytes = [0; STORED_ACCUMULATOR_BYTES];
        for (chunk, coefficient) in bytes.chunks_mut(FP_BYTES).zip(self.0.coefficients()) {
            chunk.copy_from_slice(&coefficient);
        }
        bytes
    }

    /// Reads [`Accumulator::to_stored`] back.
    pub fn from_stored(bytes: &[u8; STORED_ACCUMULATOR_BYTES]) -> Self {
        let mut coefficients = [[0; FP_BYTES]; FP12_COEFFICIENTS];
        for (coefficient, chunk) in coefficients.iter_mut().zip(bytes.chunks(FP_BYTES)) {
            coefficient.copy_from_slice(chunk);
        }
        Accumulator(Product::from_coefficients(&coefficients))
    }
}

impl Default for Accumulator {
    fn default() -> Self {
        Accumulator::new()
    }
}

/// Whether `signature` is the aggregate of all parts, in one go. Nobody signs nothing: no parts
/// have no good signature.
pub fn aggregate_verify(suite: Suite, parts: &[Part<'_>], signature: &Signature) -> bool {
    !parts.is_empty() && Accumulator::new().with(suite, parts).finish(signature)
}
