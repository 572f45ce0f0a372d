//! Public keys and signatures, one at a time: decoding, verifying, proofs of possession.

use encoding::Tz4Address;

use crate::backend::{G1, G1Sum, G2};
use crate::canonical::is_canonical;

/// How a message is hashed, that is, what a signature means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Suite {
    /// Message augmentation: the signer's key is prepended. The original kernel's suite; needs no
    /// proof of possession, as no two signers ever sign the same bytes.
    Aug,
    /// Proof of possession: the message alone is hashed. Octez's and Taquito's suite for tz4.
    Pop,
}

const PROOF_DST: &[u8] = b"BLS_POP_BLS12381G2_XMD:SHA-256_SSWU_RO_POP_";

impl Suite {
    /// The domain separation tag of the suite's hash to the curve.
    pub fn dst(self) -> &'static [u8] {
        match self {
            Suite::Aug => b"BLS_SIG_BLS12381G2_XMD:SHA-256_SSWU_RO_AUG_",
            Suite::Pop => b"BLS_SIG_BLS12381G2_XMD:SHA-256_SSWU_RO_POP_",
        }
    }

    /// A message of this suite.
    pub fn message(self, bytes: &[u8]) -> Message<'_> {
        match self {
            Suite::Aug => Message::Aug(bytes),
            Suite::Pop => Message::Pop(bytes),
        }
    }
}

/// What a key has signed: how its bytes are hashed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Message<'a> {
    /// Bytes, with the signer's key before them: see [`Suite::Aug`].
    Aug(&'a [u8]),
    /// Bytes alone: see [`Suite::Pop`]. Whoever sums keys over one such message must have seen a
    /// proof of possession of each.
    Pop(&'a [u8]),
    /// The proof of possession of the key itself.
    Possession,
}

impl Message<'_> {
    /// The point that `key` signs when it signs this.
    pub(crate) fn hash(&self, key: &PublicKey) -> G2 {
        match self {
            Message::Aug(bytes) => G2::hash(Suite::Aug.dst(), &key.to_compressed(), bytes),
            Message::Pop(bytes) => G2::hash(Suite::Pop.dst(), &[], bytes),
            Message::Possession => G2::hash(PROOF_DST, &[], &key.to_compressed()),
        }
    }
}

/// Bytes that are no public key or no signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PointError {
    /// Not compressed, the identity, or a coordinate not reduced.
    #[error("not the canonical form of a point other than the identity")]
    NotCanonical,
    /// Not on the curve, or not in the subgroup.
    #[error("not a point of the curve's subgroup")]
    NotInGroup,
}

/// A public key, on the curve and in the subgroup.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PublicKey(pub(crate) G1);

impl PublicKey {
    /// Reads the 48-byte form and checks everything. Costs a square root and a subgroup check.
    ///
    /// # Errors
    /// When the bytes are not the form of a point that may be used.
    pub fn from_compressed(bytes: &[u8; 48]) -> Result<Self, PointError> {
        if !is_canonical(bytes) {
            return Err(PointError::NotCanonical);
        }
        G1::decompress(bytes).map(PublicKey).ok_or(PointError::NotInGroup)
    }

    /// Reads the 96-byte form of a key that had been checked when it was stored.
    ///
    /// # Errors
    /// When the bytes are not the form of a point that may be used.
    pub fn from_stored(bytes: &[u8; 96]) -> Result<Self, PointError> {
        G1::load(bytes).map(PublicKey).ok_or(PointError::NotInGroup)
    }

    /// The 96-byte form in which a checked key is stored: x and y, big-endian.
    pub fn to_stored(&self) -> [u8; 96] {
        self.0.store()
    }

    /// The 48-byte form.
    pub fn to_compressed(&self) -> [u8; 48] {
        self.0.compress()
    }

    /// The account of this key.
    pub fn address(&self) -> Tz4Address {
        Tz4Address::of_public_key(&self.to_compressed())
    }
}

/// A sum of public keys, for one message of many signers.
#[derive(Clone, Debug)]
pub struct KeySum(G1Sum);

impl KeySum {
    /// The sum of no keys.
    pub fn new() -> Self {
        KeySum(G1Sum::new())
    }

    /// The sum of no keys, with room for so many that are to be added.
    pub fn with_capacity(keys: usize) -> Self {
        KeySum(G1Sum::with_capacity(keys))
    }

    /// Adds a key in the 96-byte form of one that had been checked when it was stored.
    ///
    /// # Errors
    /// When the bytes are not the form of a point that may be used.
    pub fn add_stored(&mut self, bytes: &[u8; 96]) -> Result<(), PointError> {
        let point = G1::load(bytes).ok_or(PointError::NotInGroup)?;
        self.0.add(&point);
        Ok(())
    }

    /// Adds a key. One that is added twice counts twice.
    pub fn add(&mut self, key: &PublicKey) {
        self.0.add(&key.0);
    }

    /// The sum of the keys; `None` if they cancel out, or there are no keys.
    pub fn key(&self) -> Option<PublicKey> {
        self.0.point().map(PublicKey)
    }
}

impl Default for KeySum {
    fn default() -> Self {
        KeySum::new()
    }
}

/// A signature, a sum of signatures, or a proof of possession.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Signature(pub(crate) G2);

impl Signature {
    /// Reads the 96-byte form and checks everything.
    ///
    /// # Errors
    /// When the bytes are not the form of a point that may be used.
    pub fn from_compressed(bytes: &[u8; 96]) -> Result<Self, PointError> {
        if !is_canonical(bytes) {
            return Err(PointError::NotCanonical);
        }
        G2::decompress(bytes).map(Signature).ok_or(PointError::NotInGroup)
    }

    /// The 96-byte form.
    pub fn to_compressed(&self) -> [u8; 96] {
        self.0.compress()
    }

    /// The sum of two.
    #[must_use]
    pub fn plus(&self, other: &Signature) -> Signature {
        Signature(self.0.add(&other.0))
    }

    /// The sum of signatures, or `None` of none.
    pub fn aggregate(signatures: &[Signature]) -> Option<Signature> {
        signatures.iter().copied().reduce(|sum, one| sum.plus(&one))
    }
}
