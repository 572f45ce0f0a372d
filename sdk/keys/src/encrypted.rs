//! Octez's `BLesk`: a secret key under a passphrase. A salt of eight bytes, then the secret box of NaCl
//! over the scalar. Its nonce is zero, as the salt makes its key one that is used once.

use crypto_secretbox::aead::{AeadInPlace, KeyInit};
use crypto_secretbox::{Key, Nonce, Tag, XSalsa20Poly1305};
use sha2::Sha512;
use zeroize::Zeroizing;

use crate::password::Password;
use crate::secret::{NoRandomness, Secret, random};
use crate::text::{Kind, TextError, decode, encode};

const SALT_BYTES: usize = 8;
const TAG_BYTES: usize = 16;
const SECRET_BYTES: usize = 32;
/// Rounds of PBKDF2 with HMAC-SHA512, as in Octez.
const ROUNDS: u32 = 32_768;

/// A `BLesk` that does not open, or cannot be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EncryptedError {
    /// The text is malformed, or what is in it is no key.
    #[error(transparent)]
    Text(#[from] TextError),
    /// Another passphrase.
    #[error("wrong passphrase")]
    WrongPassphrase,
    /// The secret box does not close. It refuses only messages that no memory could hold.
    #[error("the secret box does not close")]
    Sealing,
    /// There is no salt to be had.
    #[error(transparent)]
    NoRandomness(#[from] NoRandomness),
}

/// Opens `BLesk…`.
///
/// # Errors
/// When the text is malformed, or the passphrase is wrong.
pub fn decrypt(text: &str, passphrase: &Password) -> Result<Secret, EncryptedError> {
    let bytes = decode::<{ SALT_BYTES + TAG_BYTES + SECRET_BYTES }>(Kind::Encrypted, text)?;
    let (salt, sealed) = bytes.split_at(SALT_BYTES);
    let (tag, sealed) = sealed.split_at(TAG_BYTES);
    let mut scalar = Zeroizing::new([0; SECRET_BYTES]);
    scalar.copy_from_slice(sealed);
    sealer(passphrase, salt)
        .decrypt_in_place_detached(&Nonce::default(), &[], &mut scalar[..], Tag::from_slice(tag))
        .map_err(|_| EncryptedError::WrongPassphrase)?;
    Secret::from_little_endian(&scalar).map_err(|error| EncryptedError::Text(error.into()))
}

/// `BLesk…`, with a new salt.
///
/// # Errors
/// When the system gives no randomness, or the key cannot be derived.
pub fn encrypt(
    secret: &Secret,
    passphrase: &Password,
) -> Result<Zeroizing<String>, EncryptedError> {
    seal(secret, passphrase, &*random::<SALT_BYTES>()?)
}

fn seal(
    secret: &Secret,
    passphrase: &Password,
    salt: &[u8; SALT_BYTES],
) -> Result<Zeroizing<String>, EncryptedError> {
    let mut bytes = Zeroizing::new([0; SALT_BYTES + TAG_BYTES + SECRET_BYTES]);
    let (head, scalar) = bytes.split_at_mut(SALT_BYTES + TAG_BYTES);
    scalar.copy_from_slice(secret.to_little_endian());
    let tag = sealer(passphrase, salt)
        .encrypt_in_place_detached(&Nonce::default(), &[], scalar)
        .map_err(|_| EncryptedError::Sealing)?;
    head[..SALT_BYTES].copy_from_slice(salt);
    head[SALT_BYTES..].copy_from_slice(&tag);
    Ok(encode(Kind::Encrypted, &*bytes))
}

fn sealer(passphrase: &Password, salt: &[u8]) -> XSalsa20Poly1305 {
    let mut key = Zeroizing::new([0; 32]);
    pbkdf2::pbkdf2_hmac::<Sha512>(passphrase.typed(), salt, ROUNDS, &mut *key);
    XSalsa20Poly1305::new(Key::from_slice(&*key))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::read_secret;

    #[test]
    fn a_salt_makes_the_same_text_again() {
        let vectors: serde_json::Value =
            serde_json::from_str(include_str!("../tests/octez_bls_keys.json")).unwrap();
        let rows = vectors["encrypted"]["rows"].as_array().unwrap();
        assert_eq!(rows.len(), 2);
        for row in rows {
            let text = |field: &str| row[field].as_str().unwrap().to_owned();
            let passphrase = Password::new(Zeroizing::new(text("passphrase")));
            let sealed = decode::<56>(Kind::Encrypted, &text("encrypted")).unwrap();
            let salt = sealed[..SALT_BYTES].try_into().unwrap();
            let secret = read_secret(&text("secret_key")).ok().unwrap();
            assert_eq!(*seal(&secret, &passphrase, salt).unwrap(), text("encrypted"));
        }
    }
}
