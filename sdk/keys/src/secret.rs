//! A secret key as this crate holds it, and where new ones come from.

use bls::{PublicKey, SecretKey, SecretKeyError};
use encoding::Tz4Address;
use zeroize::Zeroizing;

use crate::derive;

/// The system has no random bytes for us.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the system gives no random bytes")]
pub struct NoRandomness;

/// Bytes from the system's generator.
pub(crate) fn random<const N: usize>() -> Result<Zeroizing<[u8; N]>, NoRandomness> {
    let mut bytes = Zeroizing::new([0; N]);
    getrandom::fill(bytes.as_mut()).map_err(|_| NoRandomness)?;
    Ok(bytes)
}

/// A secret key: its scalar, which is neither zero nor as large as the order of the group. Zeroised
/// when dropped; there is no way to format it.
pub struct Secret {
    scalar: Zeroizing<[u8; 32]>,
    key: SecretKey,
}

impl Secret {
    /// A new key, of 32 bytes from the system's generator.
    ///
    /// # Errors
    /// When the system gives no randomness.
    pub fn generate() -> Result<Self, NoRandomness> {
        // EIP-2333's way to a master key is the key generation of the BLS signature standard. It takes
        // any 32 bytes, so that only a failing generator can be at fault.
        let material = random::<32>()?;
        let scalar = derive::master(&*material).map_err(|_| NoRandomness)?;
        Secret::from_big_endian(&scalar).map_err(|_| NoRandomness)
    }

    /// Reads the scalar, little-endian, as Octez has it in `BLsk`.
    ///
    /// # Errors
    /// When the bytes are not a secret key.
    pub fn from_little_endian(bytes: &[u8; 32]) -> Result<Self, SecretKeyError> {
        let key = SecretKey::from_little_endian(bytes)?;
        Ok(Secret { scalar: Zeroizing::new(*bytes), key })
    }

    /// Reads the scalar, big-endian, as EIP-2333 and EIP-2335 have it.
    ///
    /// # Errors
    /// When the bytes are not a secret key.
    pub fn from_big_endian(bytes: &[u8; 32]) -> Result<Self, SecretKeyError> {
        let mut reversed = Zeroizing::new(*bytes);
        reversed.reverse();
        Secret::from_little_endian(&reversed)
    }

    /// The scalar, little-endian.
    pub fn to_little_endian(&self) -> &[u8; 32] {
        &self.scalar
    }

    /// The scalar, big-endian.
    pub fn to_big_endian(&self) -> Zeroizing<[u8; 32]> {
        let mut reversed = self.scalar.clone();
        reversed.reverse();
        reversed
    }

    /// The key, to sign with.
    pub fn key(&self) -> &SecretKey {
        &self.key
    }

    /// Its public key.
    pub fn public_key(&self) -> PublicKey {
        self.key.public_key()
    }

    /// Its account.
    pub fn address(&self) -> Tz4Address {
        self.public_key().address()
    }
}
