//! What can go wrong with keys. Nothing of a secret is in any of it.

use keys::{EncryptedError, KeyFileError, KeystoreError, Name, NoRandomness, WordsError};

use crate::error::Failure;
use crate::exit::Exit;
use crate::text_file::TextError;

/// Bytes of a line with a secret in it. Twenty-four words have 215 at most.
pub(super) const LINE_BYTES_MAX: usize = 4096;

/// What is wrong with a key, a password, or the way it was given.
#[derive(Debug, thiserror::Error)]
pub enum KeyFailure {
    /// The folder of keys, or a file in it.
    #[error(transparent)]
    Keystore(KeystoreError),
    /// Neither `XDG_DATA_HOME` nor `HOME` is an absolute path.
    #[error("there is no folder for keys: neither XDG_DATA_HOME nor HOME is an absolute path")]
    NoFolder,
    /// The `BLsk` is invalid.
    #[error("the secret key {0}")]
    Octez(keys::TextError),
    /// What was given as `BLesk` does not open, or none can be made.
    #[error("the BLesk: {0}")]
    Encrypted(EncryptedError),
    /// The words are invalid.
    #[error("the words: {0}")]
    Words(WordsError),
    /// The key cannot be put under the password.
    #[error("the key's file cannot be made: {0}")]
    Sealing(KeyFileError),
    /// The system has no randomness.
    #[error(transparent)]
    NoRandomness(NoRandomness),
    /// A new password with nothing in it.
    #[error("the {0} is empty (control characters do not count)")]
    Empty(&'static str),
    /// Typed twice, but not the same.
    #[error("the {0} was typed in two ways")]
    NotTheSame(&'static str),
    /// Standard input, or the password file, has no more lines.
    #[error("there is no line with the {0}")]
    NoLine(&'static str),
    /// Longer than any secret.
    #[error("the line with the {0} has more than {LINE_BYTES_MAX} bytes")]
    LongLine(&'static str),
    /// No UTF-8.
    #[error("the line with the {0}: {1}")]
    NotText(&'static str, TextError),
    /// A name by which everybody knows another key.
    #[error("{0} is an account of every sandbox, whose key everybody knows")]
    Reserved(Name),
    /// A name that would be taken for somebody else.
    #[error("{0} looks like an address or a key, and is to be a name")]
    LikeAnAddress(Name),
    /// Somebody pressed Ctrl-C where a secret was to be typed.
    #[error("interrupted, and nothing is kept")]
    Interrupted,
}

impl KeyFailure {
    /// How the process ends.
    fn exit(&self) -> Exit {
        match self {
            Self::NoRandomness(_)
            | Self::Sealing(_)
            | Self::Encrypted(EncryptedError::NoRandomness(_) | EncryptedError::Sealing) => {
                Exit::Internal
            }
            Self::Interrupted => Exit::Interrupted,
            _ => Exit::Input,
        }
    }

    /// What went wrong, in a word that stays the same.
    fn kind(&self) -> &'static str {
        match self {
            Self::Keystore(KeystoreError::Missing(_)) => "no_key",
            Self::Keystore(KeystoreError::Exists(_)) => "exists",
            Self::Keystore(KeystoreError::KeyFile {
                problem: KeyFileError::WrongPassword, ..
            }) => "wrong_password",
            other => other.exit().word(),
        }
    }

    /// What to do, where there is something to do.
    fn hint(&self) -> Option<&'static str> {
        Some(match self {
            Self::Keystore(KeystoreError::Missing(_)) => "toru key list says what there is",
            Self::Keystore(KeystoreError::Exists(_)) => {
                "give another name, or remove it first: toru key rm NAME"
            }
            Self::Keystore(KeystoreError::KeyFile {
                problem: KeyFileError::WrongPassword, ..
            }) => "the file is as it was: try again",
            Self::Keystore(KeystoreError::KeyFile { .. } | KeystoreError::TooLarge { .. }) => {
                "put a copy of the file in its place, or remove it and import the key again"
            }
            Self::Keystore(KeystoreError::OtherCase(_))
            | Self::Reserved(_)
            | Self::LikeAnAddress(_) => "give another name",
            Self::NoFolder => "--keys names a folder",
            Self::Octez(_) => "octez-client show address NAME --show-secret prints it",
            Self::NoLine(_) => {
                "where standard input is no terminal, every secret is a line of it, but for the \
                 password with --password-file"
            }
            _ => return None,
        })
    }
}

impl From<KeyFailure> for Failure {
    fn from(error: KeyFailure) -> Self {
        let failure = Failure::of(error.exit(), &error).of_kind(error.kind());
        match error.hint() {
            Some(hint) => failure.with_hint(hint),
            None => failure,
        }
    }
}

/// For `map_err` when a folder of keys cannot be used.
pub(super) fn in_keystore(error: KeystoreError) -> Failure {
    match error {
        KeystoreError::Io { action, path, source } => Failure::file(action, &path, &source),
        other => KeyFailure::Keystore(other).into(),
    }
}
