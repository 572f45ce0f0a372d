//! Keys and signatures, one at a time: decoding, signing, verifying, proofs of possession.

use std::fmt;

use encoding::Tz4Address;

use crate::backend::{self, G1, G2, Product};
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

    /// The point that `key` signs when it signs `message`.
    pub(crate) fn hash(self, key: &PublicKey, message: &[u8]) -> G2 {
        match self {
            Suite::Aug => G2::hash(self.dst(), &key.to_compressed(), message),
            Suite::Pop => G2::hash(self.dst(), &[], message),
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
    pub fn from_compressed(bytes: &[u8; 48]) -> Result<Self, PointError> {
        if !is_canonical(bytes) {
            return Err(PointError::NotCanonical);
        }
        G1::decompress(bytes).map(PublicKey).ok_or(PointError::NotInGroup)
    }

    /// Reads the 96-byte form of a key that had been checked when it was stored.
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

    /// Whether `signature` is this key's over `message`.
    pub fn verify(&self, suite: Suite, message: &[u8], signature: &Signature) -> bool {
        Product::of_pairs(&[(self.0, suite.hash(self, message))]).is_pairing_of(&signature.0)
    }

    /// Whether `proof` shows that its maker has this key's secret.
    pub fn verify_possession(&self, proof: &Signature) -> bool {
        let hashed = G2::hash(PROOF_DST, &[], &self.to_compressed());
        Product::of_pairs(&[(self.0, hashed)]).is_pairing_of(&proof.0)
    }
}

/// A signature, a sum of signatures, or a proof of possession.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Signature(pub(crate) G2);

impl Signature {
    /// Reads the 96-byte form and checks everything.
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

    /// The sum of signatures, or `None` of none.
    pub fn aggregate(signatures: &[Signature]) -> Option<Signature> {
        let (first, others) = signatures.split_first()?;
        Some(others.iter().fold(*first, |sum, one| Signature(sum.0.add(&one.0))))
    }
}

/// Bytes that are no secret key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SecretKeyError {
    /// Zero, or not below the group's order.
    #[error("not a secret key: zero, or not below the order of the group")]
    OutOfRange,
    /// Key material for a derivation must have 32 bytes at least.
    #[error("key material of {0} bytes; 32 are the least")]
    TooShort(usize),
}

/// A secret key; zeroised when dropped, and never shown.
#[derive(Clone)]
pub struct SecretKey(backend::Scalar);

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretKey(hidden)")
    }
}

impl SecretKey {
    /// Derives a key from at least 32 bytes of key material.
    pub fn derive(material: &[u8]) -> Result<Self, SecretKeyError> {
        backend::Scalar::key_gen(material, &[])
            .map(SecretKey)
            .map_err(|_| SecretKeyError::TooShort(material.len()))
    }

    /// Reads the scalar as Octez's `BLsk` holds it: 32 bytes, little-endian.
    pub fn from_little_endian(bytes: &[u8; 32]) -> Result<Self, SecretKeyError> {
        backend::scalar_from_little_endian(bytes).map(SecretKey).ok_or(SecretKeyError::OutOfRange)
    }

    /// The public key.
    pub fn public_key(&self) -> PublicKey {
        PublicKey(backend::public_point(&self.0))
    }

    /// Signs a message.
    pub fn sign(&self, suite: Suite, message: &[u8]) -> Signature {
        Signature(backend::sign(&self.0, &suite.hash(&self.public_key(), message)))
    }

    /// Makes the proof that its holder has this key.
    pub fn prove_possession(&self) -> Signature {
        let hashed = G2::hash(PROOF_DST, &[], &self.public_key().to_compressed());
        Signature(backend::sign(&self.0, &hashed))
    }
}
