//! The batcher's signed word that it has taken a transaction: whoever holds one can show that it was not kept.

use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use encoding::{Hash32, Level, RollupAddress};
use serde::{Deserialize, Serialize};

/// What every receipt's signed bytes begin with. No watermark of layer 1 is a letter.
const TAG: &[u8] = b"toru acceptance v1";
/// The prefix of `edpk` in base58check.
const KEY_PREFIX: [u8; 4] = [13, 15, 37, 217];

/// What a receipt says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Acceptance {
    /// The rollup.
    pub rollup: RollupAddress,
    /// The transaction's hash.
    pub hash: Hash32,
    /// The head's level when it was accepted.
    pub received: Level,
    /// The level by which it is in an inbox.
    pub promised: Level,
}

impl Acceptance {
    /// The bytes that are signed: the tag, the rollup (20), the hash (32), and both levels, as u32.
    #[must_use]
    pub fn to_sign(&self) -> Vec<u8> {
        let levels = [self.received.0.to_be_bytes(), self.promised.0.to_be_bytes()].concat();
        [TAG, &self.rollup.0, &self.hash.0, &levels].concat()
    }

    /// The receipt.
    #[must_use]
    pub fn sign(&self, key: &SigningKey) -> Receipt {
        Receipt {
            key: AcceptanceKey(key.verifying_key()).to_text(),
            signature: hex::encode(key.sign(&self.to_sign()).to_bytes()),
        }
    }
}

/// A signature of an acceptance, with the key that made it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Receipt {
    /// `edpk…`: the batcher's key, which its quote names.
    pub key: String,
    /// 64 bytes in hex: ed25519.
    pub signature: String,
}

/// Why a receipt is worth nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReceiptError {
    /// It is signed with another key.
    #[error("the receipt is signed with {found}, and the batcher's key is {expected}")]
    OtherKey {
        /// The receipt's key.
        found: String,
        /// The batcher's.
        expected: String,
    },
    /// The signature is not 64 bytes in hex.
    #[error("the receipt's signature is malformed: expected 64 bytes in hex")]
    Malformed,
    /// The signature does not match.
    #[error("the receipt's signature does not match what it is for")]
    Wrong,
}

/// A text that is not an ed25519 public key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not an ed25519 public key (edpk…)")]
pub struct KeyTextError(pub String);

/// The key that a batcher signs receipts with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AcceptanceKey(VerifyingKey);

impl AcceptanceKey {
    /// That of a secret key.
    #[must_use]
    pub fn of(secret: &SigningKey) -> Self {
        AcceptanceKey(secret.verifying_key())
    }

    /// Reads `edpk…`.
    ///
    /// # Errors
    /// When the text is not one.
    pub fn from_text(text: &str) -> Result<Self, KeyTextError> {
        let wrong = || KeyTextError(text.chars().take(80).collect());
        let bytes = bs58::decode(text).with_check(None).into_vec().map_err(|_| wrong())?;
        let key = bytes.strip_prefix(&KEY_PREFIX).ok_or_else(wrong)?;
        let key = <[u8; 32]>::try_from(key).map_err(|_| wrong())?;
        VerifyingKey::from_bytes(&key).map(AcceptanceKey).map_err(|_| wrong())
    }

    /// `edpk…`.
    #[must_use]
    pub fn to_text(&self) -> String {
        let bytes = [KEY_PREFIX.as_slice(), self.0.as_bytes()].concat();
        bs58::encode(bytes).with_check().into_string()
    }

    /// Whether a receipt is this key's, and for this acceptance.
    ///
    /// # Errors
    /// When it is not.
    pub fn check(&self, acceptance: &Acceptance, receipt: &Receipt) -> Result<(), ReceiptError> {
        let expected = self.to_text();
        if receipt.key != expected {
            return Err(ReceiptError::OtherKey { found: receipt.key.clone(), expected });
        }
        let bytes = hex::decode(&receipt.signature).ok();
        let bytes = bytes.and_then(|bytes| <[u8; 64]>::try_from(bytes).ok());
        let signature = Signature::from_bytes(&bytes.ok_or(ReceiptError::Malformed)?);
        let signed = self.0.verify_strict(&acceptance.to_sign(), &signature);
        signed.map_err(|_| ReceiptError::Wrong)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_receipt_is_for_one_acceptance_of_one_batcher() {
        let key = SigningKey::from_bytes(&[7; 32]);
        let acceptance = Acceptance {
            rollup: RollupAddress([1; 20]),
            hash: Hash32([2; 32]),
            received: Level(100),
            promised: Level(110),
        };
        let receipt = acceptance.sign(&key);
        let public = AcceptanceKey::from_text(&receipt.key).unwrap();
        assert_eq!(public, AcceptanceKey::of(&key));
        public.check(&acceptance, &receipt).unwrap();

        let later = Acceptance { promised: Level(111), ..acceptance };
        assert_eq!(public.check(&later, &receipt), Err(ReceiptError::Wrong));
        let other = AcceptanceKey::of(&SigningKey::from_bytes(&[8; 32]));
        assert!(matches!(other.check(&acceptance, &receipt), Err(ReceiptError::OtherKey { .. })));
        let short = Receipt { signature: "00".into(), ..receipt };
        assert_eq!(public.check(&acceptance, &short), Err(ReceiptError::Malformed));
        for text in ["", "edpk", "tz4MX1JesazSn8Ru4kNU5eG4Q4NoztBCkvxD"] {
            assert!(AcceptanceKey::from_text(text).is_err(), "{text}");
        }
    }
}
