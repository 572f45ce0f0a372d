//! Named secret keys of tz4 accounts: the text forms that Octez has for them, words to write down,
//! and files under a password.
//!
//! A secret is only ever in a [`Secret`] or in a text that is zeroised when it is dropped. Neither can
//! be formatted, and no error has a part of one in it.

#![warn(clippy::missing_errors_doc)]

mod derive;
mod encrypted;
mod fault;
mod kdf;
mod keyfile;
mod keystore;
mod limits;
mod name;
mod password;
mod secret;
mod text;
mod words;

pub use derive::Path;
pub use encrypted::{EncryptedError, decrypt, encrypt};
pub use fault::KeyFileError;
pub use kdf::Kdf;
pub use keyfile::{Cipher, KeyFile};
pub use keystore::{Keystore, KeystoreError};
pub use name::{Name, NameError};
pub use password::Password;
pub use secret::{NoRandomness, Secret};
pub use text::{Kind, TextError, public_key_text, read_public_key, read_secret, secret_text};
pub use words::{WordsError, new_words, secret_of_words};
/// A text or bytes that are zeroised when they are dropped.
pub use zeroize::Zeroizing;
