//! Why a word on the command line means no account, or none that can sign.

use keys::TextError;
use layer1::address::AddressError;
use layer1::plain::quoted;

use crate::error::Failure;
use crate::exit::Exit;

/// Why a word means no account, or none that can sign.
#[derive(Debug, thiserror::Error)]
pub enum AccountError {
    /// Neither a key's name nor an account.
    #[error("{} is no account: neither tz4… nor the name of a key", quoted(.0))]
    Unknown(String),
    /// No account has that index.
    #[error("the rollup has no account {0}")]
    NoSuchIndex(String),
    /// An address of layer 1, where an account of the rollup is expected.
    #[error("{0} is an address of layer 1, and accounts of the rollup are tz4…")]
    LayerOne(String),
    /// A key of the sandbox outside of it.
    #[error(
        "{0} is an account of the sandbox, whose key everybody knows, and this node is no sandbox"
    )]
    NotASandbox(String),
    /// There is no key for it here.
    #[error("there is no key for {0} here")]
    NoKey(String),
    /// A public key that is mistyped.
    #[error("{} {problem}", quoted(text))]
    PublicKey {
        /// What was given.
        text: String,
        /// What is wrong with it.
        problem: TextError,
    },
    /// An address that is mistyped.
    #[error("{} {problem}", quoted(text))]
    Address {
        /// What was given.
        text: String,
        /// What is wrong with it.
        problem: AddressError,
    },
    /// A secret key where an account is named. It is not shown.
    #[error("that is a secret key, where an account is named")]
    Secret,
}

impl From<AccountError> for Failure {
    fn from(error: AccountError) -> Self {
        let failure = Failure::of(Exit::Input, &error);
        match error {
            AccountError::Unknown(_) => failure
                .of_kind("no_account")
                .with_hint("toru key list says which names there are; toru key new NAME makes one"),
            AccountError::NoSuchIndex(_) => failure.of_kind("no_account"),
            AccountError::LayerOne(_) => failure.with_hint(
                "an account of the rollup is a tz4… or the name of a key; toru withdraw pays addresses of layer 1",
            ),
            AccountError::NotASandbox(_) => failure,
            AccountError::NoKey(_) => failure
                .of_kind("no_key")
                .with_hint("toru key import keeps a key; --keys names another folder"),
            AccountError::PublicKey { .. } | AccountError::Address { .. } => {
                failure.of_kind("address")
            }
            AccountError::Secret => failure.with_hint(
                "whoever has seen it has the key: toru key import NAME --octez keeps one, and asks \
                 for it without showing it",
            ),
        }
    }
}
