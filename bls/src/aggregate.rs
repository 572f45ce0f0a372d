//! Verifying one aggregate signature over many messages, in steps that can be put aside.
//!
//! The check is `e(g1, σ) = Π e(pk, H(m))`. The product is built a few parts at a time and can be
//! stored between two steps; the signature enters at the end.

use crate::backend::{FP_BYTES, FP12_COEFFICIENTS, G1, G2, Product};
use crate::keys::{KeySum, Message, PublicKey, Signature, Suite};

/// One signer and one message of theirs.
#[derive(Clone, Copy, Debug)]
pub struct Part<'a> {
    /// Whose signature is in the aggregate.
    pub key: PublicKey,
    /// Over what.
    pub message: Message<'a>,
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

    /// Adds more parts.
    ///
    /// Each distinct message is hashed once. Then there is one Miller loop for each key, or one for
    /// each message that several keys have signed, whichever are fewer.
    #[must_use]
    pub fn with(&self, parts: &[Part<'_>]) -> Self {
        Accumulator(self.0.times(&Product::of_pairs(&Grouped::new(parts).pairs())))
    }

    /// Whether `signature` is the aggregate over exactly the added parts.
    pub fn finish(&self, signature: &Signature) -> bool {
        self.finish_with(&[], signature)
    }

    /// Adds the last parts and finishes, for less than the two apart: the signature's Miller
    /// loop shares the squarings of theirs.
    pub fn finish_with(&self, parts: &[Part<'_>], signature: &Signature) -> bool {
        let mut pairs = Grouped::new(parts).pairs();
        pairs.push((G1::minus_generator(), signature.0));
        self.0.times(&Product::of_pairs(&pairs)).is_one_when_exponentiated()
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
pub fn aggregate_verify(parts: &[Part<'_>], signature: &Signature) -> bool {
    !parts.is_empty() && Accumulator::new().finish_with(parts, signature)
}

/// Parts, sorted by who has signed and by what was signed.
///
/// They are found by looking through all: that is hundreds of comparisons of a number for each, less
/// than a hundredth of the work on the curve, and a map would make the kernel larger.
struct Grouped<'a> {
    /// For each part, its place in `signers` and in `hashed`.
    parts: Vec<(usize, usize)>,
    signers: Vec<Signer>,
    hashed: Vec<Hashed<'a>>,
}

struct Signer {
    key: PublicKey,
    /// Whether some message of theirs can be nobody else's.
    has_own: bool,
}

struct Hashed<'a> {
    message: Message<'a>,
    /// The signer, where the message can be nobody else's.
    own: Option<usize>,
    point: G2,
}

impl<'a> Grouped<'a> {
    fn new(parts: &[Part<'a>]) -> Self {
        let mut grouped =
            Grouped { parts: Vec::with_capacity(parts.len()), signers: vec![], hashed: vec![] };
        for part in parts {
            let signer = grouped.signer(part.key);
            let hashed = grouped.hashed(signer, part);
            grouped.parts.push((signer, hashed));
        }
        grouped
    }

    fn signer(&mut self, key: PublicKey) -> usize {
        let fingerprint = key.0.fingerprint();
        let same = |known: &Signer| known.key.0.fingerprint() == fingerprint && known.key == key;
        self.signers.iter().position(same).unwrap_or_else(|| {
            self.signers.push(Signer { key, has_own: false });
            self.signers.len() - 1
        })
    }

    fn hashed(&mut self, signer: usize, part: &Part<'a>) -> usize {
        let own = match part.message {
            Message::Pop(_) => None,
            Message::Aug(_) | Message::Possession => Some(signer),
        };
        if let (Some(_), Some(signer)) = (own, self.signers.get_mut(signer)) {
            signer.has_own = true;
        }
        let same = |known: &Hashed<'_>| known.own == own && same(&known.message, &part.message);
        self.hashed.iter().position(same).unwrap_or_else(|| {
            let point = part.message.hash(&part.key);
            self.hashed.push(Hashed { message: part.message, own, point });
            self.hashed.len() - 1
        })
    }

    /// The pairs whose Miller loops are to be multiplied.
    fn pairs(&self) -> Vec<(G1, G2)> {
        let without_own = self.signers.iter().filter(|signer| !signer.has_own).count();
        let shared = self.hashed.iter().filter(|hashed| hashed.own.is_none()).count();
        let sum_keys = shared < without_own;

        let mut of_signers: Vec<Option<G2>> = vec![None; self.signers.len()];
        let mut of_messages: Vec<Option<KeySum>> = vec![None; self.hashed.len()];
        for (signer, hashed) in &self.parts {
            let (Some(sum), Some(keys)) =
                (of_signers.get_mut(*signer), of_messages.get_mut(*hashed))
            else {
                continue;
            };
            let (signer, hashed) = (&self.signers[*signer], &self.hashed[*hashed]);
            if sum_keys && hashed.own.is_none() {
                keys.get_or_insert_default().add(&signer.key);
            } else {
                *sum = Some(sum.map_or(hashed.point, |sum| sum.add(&hashed.point)));
            }
        }
        let mut pairs = Vec::new();
        for (signer, sum) in self.signers.iter().zip(of_signers) {
            pairs.extend(sum.map(|sum| (signer.key.0, sum)));
        }
        for (hashed, keys) in self.hashed.iter().zip(of_messages) {
            // Keys that cancel out leave the identity, whose pair is one.
            let key = keys.and_then(|keys| keys.key());
            pairs.extend(key.map(|key| (key.0, hashed.point)));
        }
        pairs
    }
}

/// Whether two messages are the same. Mostly they are in the same place, and that is seen at once.
fn same(one: &Message<'_>, other: &Message<'_>) -> bool {
    match (one, other) {
        (Message::Aug(one), Message::Aug(other)) | (Message::Pop(one), Message::Pop(other)) => {
            std::ptr::eq(*one, *other) || one == other
        }
        (Message::Possession, Message::Possession) => true,
        _ => false,
    }
}

/// One signature over one message is an aggregate of one part.
impl PublicKey {
    /// Whether `signature` is this key's over `message`.
    pub fn verify(&self, suite: Suite, message: &[u8], signature: &Signature) -> bool {
        self.has_signed(&suite.message(message), signature)
    }

    /// Whether `proof` shows that its maker has this key's secret.
    pub fn verify_possession(&self, proof: &Signature) -> bool {
        self.has_signed(&Message::Possession, proof)
    }

    fn has_signed(&self, message: &Message<'_>, signature: &Signature) -> bool {
        aggregate_verify(&[Part { key: *self, message: *message }], signature)
    }
}
