//! Secret keys, for those who sign. The kernel does not, so its WASM is without them.

use std::fmt;

use crate::backend;
use crate::keys::{Message, PublicKey, Signature, Suite};

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
    ///
    /// # Errors
    /// When the bytes are not a secret key.
    pub fn derive(material: &[u8]) -> Result<Self, SecretKeyError> {
        backend::Scalar::key_gen(material, &[])
            .map(SecretKey)
            .map_err(|_| SecretKeyError::TooShort(material.len()))
    }

    /// Reads the scalar as Octez's `BLsk` holds it: 32 bytes, little-endian.
    ///
    /// # Errors
    /// When the bytes are not a secret key.
    pub fn from_little_endian(bytes: &[u8; 32]) -> Result<Self, SecretKeyError> {
        backend::scalar_from_little_endian(bytes).map(SecretKey).ok_or(SecretKeyError::OutOfRange)
    }

    /// The public key.
    pub fn public_key(&self) -> PublicKey {
        PublicKey(backend::public_point(&self.0))
    }

    /// Signs a message.
    pub fn sign(&self, suite: Suite, message: &[u8]) -> Signature {
        self.sign_message(&suite.message(message))
    }

    /// Makes the proof that its holder has this key.
    pub fn prove_possession(&self) -> Signature {
        self.sign_message(&Message::Possession)
    }

    /// Signs whatever can be signed.
    pub fn sign_message(&self, message: &Message<'_>) -> Signature {
        Signature(backend::sign(&self.0, &message.hash(&self.public_key())))
    }
}
