//! Why layer 1 is not asked, or does not tell.

use layer1::plain::quoted;
use wallet::layer1::Layer1Error;
use wallet::layer1::asset::AssetError;

use crate::error::Failure;
use crate::exit::Exit;

/// Why layer 1 is not asked, or somebody there is not known.
#[derive(Debug, thiserror::Error)]
pub enum Layer1Failure {
    /// No node of layer 1 was named, and the rollup's node is no sandbox.
    #[error("no node of layer 1 was named")]
    NotNamed,
    /// A contract, where somebody has to sign.
    #[error("{0} cannot sign an operation: accounts with keys do, tz1… to tz5…")]
    CannotSign(String),
    /// A name that the sandbox's layer 1 does not have.
    #[error("{} is no account of the sandbox's layer 1", quoted(word))]
    Nobody {
        /// What was given.
        word: String,
        /// The names that there are.
        names: Vec<String>,
    },
    /// There is no such contract.
    #[error("{by} has no contract {contract}")]
    NoContract {
        /// Who was asked.
        by: String,
        /// Which.
        contract: encoding::Kt1Address,
    },
}

impl From<Layer1Failure> for Failure {
    fn from(error: Layer1Failure) -> Self {
        let (exit, hint) = match &error {
            Layer1Failure::NotNamed => {
                (Exit::Input, "--layer1 URL, or TORU_LAYER1, names one".to_owned())
            }
            Layer1Failure::CannotSign(_) => (Exit::Input, "name who signs: tz1…".to_owned()),
            Layer1Failure::Nobody { names, .. } if names.is_empty() => {
                (Exit::Input, "write the address: tz1…".to_owned())
            }
            Layer1Failure::Nobody { names, .. } => {
                (Exit::Input, format!("it has {}; any tz1… can be written out", names.join(", ")))
            }
            Layer1Failure::NoContract { .. } => {
                (Exit::Refused, "is that the chain of the rollup?".to_owned())
            }
        };
        Failure::of(exit, &error).with_hint(hint)
    }
}

impl From<Layer1Error> for Failure {
    fn from(error: Layer1Error) -> Self {
        Failure::of(Exit::NoAnswer, &error)
            .with_hint("--layer1, or TORU_LAYER1, names a node of layer 1")
    }
}

impl From<AssetError> for Failure {
    fn from(error: AssetError) -> Self {
        match error {
            AssetError::Layer1(error) => error.into(),
            AssetError::NotAToken(_) => Failure::of(Exit::Refused, &error),
        }
    }
}
