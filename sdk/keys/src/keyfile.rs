//! One key in one file: EIP-2335's JSON, with the key's name and account beside it.

use aes::Aes128;
use bls::PublicKey;
use ctr::Ctr128BE;
use ctr::cipher::{KeyIvInit, StreamCipher};
use serde::{Deserialize, Deserializer, Serialize};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::fault::{KeyFileError, VERSION};
use crate::kdf::{DERIVED_BYTES, Kdf};
use crate::name::Name;
use crate::password::Password;
use crate::secret::{Secret, random};

/// What some editors put before a text.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";
/// EIP-2335's example: 2^18, for which it takes 256 MiB.
const SCRYPT_LOG_N: u8 = 18;
const SCRYPT_R: u32 = 8;
const SCRYPT_P: u32 = 1;

/// What is in a file. Nothing of it is secret as long as the password is.
///
/// Files of others may lack what is not needed to open them, have null for it, or mean something else by
/// our names for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyFile {
    /// The key's name when it was made. Ours; what others call so may be anything.
    #[serde(default, deserialize_with = "text_if_any")]
    pub name: String,
    /// The account. Ours; the standard does not know it.
    #[serde(default, deserialize_with = "text_if_any")]
    pub tz4: String,
    /// The public key, 48 bytes in hexadecimal; empty where the file does not have it.
    #[serde(default, deserialize_with = "text_or_null")]
    pub pubkey: String,
    /// Where in a tree of keys it stands; empty where it stands in none.
    #[serde(default, deserialize_with = "text_or_null")]
    pub path: String,
    /// A random number, as a UUID.
    #[serde(default, deserialize_with = "text_if_any")]
    pub uuid: String,
    /// The version of the format: 4.
    pub version: u32,
    /// The secret.
    pub crypto: Crypto,
}

/// The secret, and how it is got at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Crypto {
    /// From the password to a key.
    pub kdf: Module<Kdf>,
    /// Whether the password is the right one.
    pub checksum: Module<Checksum>,
    /// From the key to the secret.
    pub cipher: Module<Cipher>,
}

/// A function, and what it is applied to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Module<F> {
    /// Which function, with its parameters.
    #[serde(flatten)]
    pub function: F,
    /// Hexadecimal; empty where it means nothing.
    #[serde(default, deserialize_with = "text_or_null")]
    pub message: String,
}

/// The one checksum that there is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "function", content = "params", rename_all = "lowercase")]
pub enum Checksum {
    /// Of the derived key's second half and the cipher's message.
    Sha256 {},
}

/// The one cipher that there is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "function", content = "params")]
pub enum Cipher {
    /// Its key is the derived key's first half.
    #[serde(rename = "aes-128-ctr")]
    Aes128Ctr {
        /// Where the counter begins, 16 bytes in hexadecimal.
        iv: String,
    },
}

impl KeyFile {
    /// Puts a secret under a password. `path` is empty where the secret grew from no tree.
    ///
    /// # Errors
    /// When the password is empty, or there is no randomness.
    pub fn seal(
        name: &Name,
        secret: &Secret,
        path: String,
        password: &Password,
    ) -> Result<Self, KeyFileError> {
        if password.is_empty() {
            return Err(KeyFileError::EmptyPassword);
        }
        let kdf = Kdf::Scrypt {
            dklen: DERIVED_BYTES,
            n: 1 << SCRYPT_LOG_N,
            p: SCRYPT_P,
            r: SCRYPT_R,
            salt: hex::encode(*random::<32>()?),
        };
        let iv = random::<16>()?;
        let derived = kdf.derive(password)?;
        let mut message = secret.to_big_endian();
        apply(&derived, &iv, &mut *message);
        let public = secret.public_key();
        Ok(KeyFile {
            name: name.to_string(),
            tz4: public.address().to_string(),
            pubkey: hex::encode(public.to_compressed()),
            path,
            uuid: uuid(*random::<16>()?),
            version: VERSION,
            crypto: Crypto {
                kdf: Module { function: kdf, message: String::new() },
                checksum: Module {
                    function: Checksum::Sha256 {},
                    message: hex::encode(checksum(&derived, &*message)),
                },
                cipher: Module {
                    function: Cipher::Aes128Ctr { iv: hex::encode(*iv) },
                    message: hex::encode(*message),
                },
            },
        })
    }

    /// Reads the JSON, and checks what can be checked without the password.
    ///
    /// # Errors
    /// When the file is malformed, or of a version that is not known.
    pub fn parse(json: &[u8]) -> Result<Self, KeyFileError> {
        let json = json.strip_prefix(BYTE_ORDER_MARK).unwrap_or(json);
        let file: KeyFile = serde_json::from_slice(json)?;
        if file.version != VERSION {
            return Err(KeyFileError::Version(file.version));
        }
        // What is no tz4 is another's, and means something else.
        let says_account = file.tz4.starts_with("tz4");
        match file.public_key()? {
            Some(public) if says_account && file.tz4 != public.address().to_string() => {
                Err(KeyFileError::OtherAccount)
            }
            _ => Ok(file),
        }
    }

    /// The JSON, on some twenty lines.
    ///
    /// # Errors
    /// When the file cannot be written as JSON.
    pub fn to_json(&self) -> Result<String, KeyFileError> {
        let mut json = serde_json::to_string_pretty(self)?;
        json.push('\n');
        Ok(json)
    }

    /// The public key, as the file has it; `None` where it has none. No password guards it: only
    /// [`KeyFile::open`] shows whether it is the secret's.
    ///
    /// # Errors
    /// When what the file has is no public key.
    pub fn public_key(&self) -> Result<Option<PublicKey>, KeyFileError> {
        if self.pubkey.is_empty() {
            return Ok(None);
        }
        let digits = self.pubkey.strip_prefix("0x").unwrap_or(&self.pubkey);
        let bytes = bytes::<48>("pubkey", digits)?;
        let public = PublicKey::from_compressed(&bytes);
        public.map(Some).map_err(|_| KeyFileError::Field("pubkey"))
    }

    /// Gets the secret out.
    ///
    /// # Errors
    /// When the password is wrong, or the file's parameters are out of bounds.
    pub fn open(&self, password: &Password) -> Result<Secret, KeyFileError> {
        let public = self.public_key()?;
        let Cipher::Aes128Ctr { iv } = &self.crypto.cipher.function;
        let iv = bytes::<16>("iv", iv)?;
        let mut message = Zeroizing::new(bytes::<32>("cipher", &self.crypto.cipher.message)?);
        let expected = bytes::<32>("checksum", &self.crypto.checksum.message)?;
        let derived = self.crypto.kdf.function.derive(password)?;
        if checksum(&derived, &*message) != expected {
            return Err(KeyFileError::WrongPassword);
        }
        apply(&derived, &iv, &mut *message);
        let secret = Secret::from_big_endian(&message).map_err(|_| KeyFileError::OtherSecret)?;
        match public.is_none_or(|public| secret.public_key() == public) {
            true => Ok(secret),
            false => Err(KeyFileError::OtherSecret),
        }
    }
}

/// A text, or what null and nothing stand for.
fn text_or_null<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    Option::deserialize(from).map(Option::unwrap_or_default)
}

/// A text; anything else stands for none.
fn text_if_any<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    let value = serde_json::Value::deserialize(from)?;
    Ok(value.as_str().unwrap_or_default().to_owned())
}

/// Encrypts, or decrypts: it is the same.
fn apply(derived: &[u8; 32], iv: &[u8; 16], message: &mut [u8]) {
    let (key, _) = derived.split_at(16);
    let iv = (*iv).into();
    Ctr128BE::<Aes128>::new(aes::cipher::Key::<Aes128>::from_slice(key), &iv)
        .apply_keystream(message);
}

fn checksum(derived: &[u8; 32], message: &[u8]) -> [u8; 32] {
    let (_, key) = derived.split_at(16);
    Sha256::new().chain_update(key).chain_update(message).finalize().into()
}

fn bytes<const N: usize>(field: &'static str, text: &str) -> Result<[u8; N], KeyFileError> {
    let mut bytes = [0; N];
    hex::decode_to_slice(text, &mut bytes).map_err(|_| KeyFileError::Field(field))?;
    Ok(bytes)
}

/// The text of a random UUID (version 4, RFC 9562).
fn uuid(mut bytes: [u8; 16]) -> String {
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let digits = hex::encode(bytes);
    let parts = [0..8, 8..12, 12..16, 16..20, 20..32].map(|part| &digits[part]);
    parts.join("-")
}
