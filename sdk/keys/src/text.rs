//! Octez's text forms: base58check with a prefix for each kind. `BLsk` holds the scalar little-endian.

use bls::{PointError, PublicKey, SecretKeyError};
use zeroize::Zeroizing;

use crate::secret::Secret;

/// What a text is to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `BLsk`: a secret key.
    Secret,
    /// `BLesk`: a secret key under a passphrase.
    Encrypted,
    /// `BLpk`: a public key.
    Public,
}

impl Kind {
    /// The letters that a text of this kind begins with.
    pub fn letters(self) -> &'static str {
        match self {
            Kind::Secret => "BLsk",
            Kind::Encrypted => "BLesk",
            Kind::Public => "BLpk",
        }
    }

    /// The bytes in front that make these letters.
    fn prefix(self) -> &'static [u8] {
        match self {
            Kind::Secret => &[3, 150, 192, 40],
            Kind::Encrypted => &[2, 5, 30, 53, 25],
            Kind::Public => &[6, 149, 135, 204],
        }
    }

    /// Which kind a text is, by its letters.
    pub fn of(text: &str) -> Option<Kind> {
        let kinds = [Kind::Secret, Kind::Encrypted, Kind::Public];
        kinds.into_iter().find(|kind| text.starts_with(kind.letters()))
    }
}

/// A text that is not what it should be. Says nothing of what is in it, as it may be a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TextError {
    /// It begins otherwise.
    #[error("does not begin with {0}")]
    OtherKind(&'static str),
    /// A character that base58 leaves out, counted in bytes from 0.
    #[error("has a character at place {0} that base58 does not use")]
    Character(usize),
    /// Too long or too short.
    #[error("has a wrong length")]
    Length,
    /// The checksum does not fit.
    #[error("has a wrong checksum: a character is mistyped")]
    Checksum,
    /// The scalar is zero, or not below the order of the group.
    #[error(transparent)]
    Secret(#[from] SecretKeyError),
    /// Not a point of the group.
    #[error(transparent)]
    Public(#[from] PointError),
}

/// Bytes that the longest text decodes to, its prefix of five and checksum of four included: `BLesk`.
const DECODED_BYTES_MAX: usize = 5 + 56 + 4;

/// Reads a text of this kind with `N` bytes in it.
pub(crate) fn decode<const N: usize>(
    kind: Kind,
    text: &str,
) -> Result<Zeroizing<[u8; N]>, TextError> {
    use bs58::decode::Error;
    if !text.starts_with(kind.letters()) {
        return Err(TextError::OtherKind(kind.letters()));
    }
    let mut buffer = Zeroizing::new([0; DECODED_BYTES_MAX]);
    // Decoding stops where the buffer is full, so that a long text costs no more.
    let len =
        bs58::decode(text).with_check(None).onto(&mut buffer[..]).map_err(|error| match error {
            Error::InvalidCharacter { index, .. } | Error::NonAsciiCharacter { index } => {
                TextError::Character(index)
            }
            Error::InvalidChecksum { .. } => TextError::Checksum,
            _ => TextError::Length,
        })?;
    let decoded = buffer.get(..len).ok_or(TextError::Length)?;
    let content = decoded.strip_prefix(kind.prefix()).ok_or(TextError::Length)?;
    let mut bytes = Zeroizing::new([0; N]);
    if content.len() != N {
        return Err(TextError::Length);
    }
    bytes.copy_from_slice(content);
    Ok(bytes)
}

/// The text of this kind.
pub(crate) fn encode(kind: Kind, content: &[u8]) -> Zeroizing<String> {
    let mut bytes = Zeroizing::new(Vec::with_capacity(kind.prefix().len() + content.len()));
    bytes.extend_from_slice(kind.prefix());
    bytes.extend_from_slice(content);
    Zeroizing::new(bs58::encode(&*bytes).with_check().into_string())
}

/// Reads `BLsk…`.
///
/// # Errors
/// When the text is not of a form that is known, or its checksum is wrong.
pub fn read_secret(text: &str) -> Result<Secret, TextError> {
    Ok(Secret::from_little_endian(&*decode::<32>(Kind::Secret, text)?)?)
}

/// `BLsk…`: the secret, as plain as can be.
pub fn secret_text(secret: &Secret) -> Zeroizing<String> {
    encode(Kind::Secret, secret.to_little_endian())
}

/// Reads `BLpk…`.
///
/// # Errors
/// When the text is not of a form that is known, or its checksum is wrong.
pub fn read_public_key(text: &str) -> Result<PublicKey, TextError> {
    Ok(PublicKey::from_compressed(&*decode::<48>(Kind::Public, text)?)?)
}

/// `BLpk…`.
pub fn public_key_text(key: &PublicKey) -> String {
    String::clone(&encode(Kind::Public, &key.to_compressed()))
}
