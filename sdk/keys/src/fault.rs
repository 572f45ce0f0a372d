//! What can be wrong with a key file.

use crate::secret::NoRandomness;

/// The version of the format: EIP-2335.
pub(crate) const VERSION: u32 = 4;

/// A key file that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum KeyFileError {
    /// No JSON, or other fields than there must be.
    #[error("not a key file: {0}")]
    Json(#[from] serde_json::Error),
    /// A version that is not ours.
    #[error("a key file of version {0} (expected {VERSION})")]
    Version(u32),
    /// Not hexadecimal, or not of the length that there must be.
    #[error("\"{0}\" is malformed")]
    Field(&'static str),
    /// The public key and the account do not belong together.
    #[error("\"tz4\" is not the account of \"pubkey\"")]
    OtherAccount,
    /// It would take too much memory or time, or the parameters are invalid.
    #[error("\"kdf\" has parameters that are refused: {0}")]
    Parameters(&'static str),
    /// Another password.
    #[error("wrong password")]
    WrongPassword,
    /// A password that has nothing in it, in the standard's form: everybody knows that one.
    #[error("the password is empty: the standard drops control characters")]
    EmptyPassword,
    /// What came out is no secret key, or not that of the public key.
    #[error("the secret in it is not that of \"pubkey\"")]
    OtherSecret,
    /// The system has no randomness.
    #[error(transparent)]
    NoRandomness(#[from] NoRandomness),
}
