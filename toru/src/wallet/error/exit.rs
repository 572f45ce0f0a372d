//! Why a withdrawal would pay nobody.

use encoding::Kt1Address;
use layer1::plain::quoted;
use wallet::contract::Misfit;

use crate::error::Failure;
use crate::exit::Exit;

/// Why a withdrawal would pay nobody.
#[derive(Debug, thiserror::Error)]
pub enum ExitError {
    /// An account of the rollup, where a contract of layer 1 is expected.
    #[error("{0} is an account of the rollup, and withdrawals go to layer 1")]
    NotLayerOne(String),
    /// A user of layer 1, where a contract is expected.
    #[error("{0} is no contract: a ticket is handed to a contract of layer 1, KT1…")]
    NoContract(String),
    /// Not a contract and an entrypoint.
    #[error("{} is nobody on layer 1 (expected tz1… to tz5… or KT1…; with --bare KT1…%entrypoint)", quoted(.0))]
    BadContract(String),
    /// An entrypoint, where it is asked who is paid.
    #[error("{0} is an entrypoint: a ticket that is handed to one names nobody")]
    NotBare(String),
    /// The ticketer itself, where it is asked who is paid.
    #[error("{0} is the ticketer, which pays out: it cannot be who is paid")]
    PaysTicketer(Kt1Address),
    /// Nobody who was asked knows how a ticketer pays out.
    #[error("how {0} pays out is not known: it is the ticketer, and no node of layer 1 was asked")]
    Unknown(Kt1Address),
    /// A ticketer that has no exit under the usual names.
    #[error("{contract} has no burn or withdraw that takes {wanted}, but {there}")]
    NoExit {
        /// The ticketer.
        contract: Kt1Address,
        /// The type of what the call has.
        wanted: String,
        /// Its entrypoints, with their types.
        there: String,
    },
    /// A contract that is not there.
    #[error("layer 1 at {layer1} has no contract {contract}")]
    NoSuchContract {
        /// Which.
        contract: Kt1Address,
        /// Who was asked.
        layer1: String,
    },
    /// A contract that is to be paid tez, and takes none.
    #[error(
        "not sent, as layer 1 would never do it: the ticketer pays tez to %default of {contract}, which {}",
        takes.as_ref().map_or_else(|| "is not there".to_owned(), |takes| format!("takes {takes} and no tez"))
    )]
    TakesNoTez {
        /// Which contract.
        contract: Kt1Address,
        /// What that entrypoint takes, if there is one.
        takes: Option<String>,
    },
    /// A call that its contract does not take.
    #[error("not sent, as layer 1 would never take it: {0}")]
    Misfit(Misfit),
}

impl From<ExitError> for Failure {
    fn from(error: ExitError) -> Self {
        let (exit, hint) = match &error {
            ExitError::NotLayerOne(_) => (
                Exit::Input,
                Some(
                    "toru send pays accounts of the rollup; on layer 1, an address is written out: tz1…",
                ),
            ),
            ExitError::NoContract(_) => {
                (Exit::Input, Some("name the contract that takes the ticket, such as its ticketer"))
            }
            ExitError::BadContract(_) => (Exit::Input, None),
            ExitError::NotBare(_) => (
                Exit::Input,
                Some(
                    "--to tz1… pays somebody, through the ticketer; --bare hands over the ticket \
                     alone, to a contract that holds tickets",
                ),
            ),
            ExitError::PaysTicketer(_) => (Exit::Input, Some("name who is paid: --to tz1…")),
            ExitError::Unknown(_) => (
                Exit::Input,
                Some(
                    "--layer1 URL, or TORU_LAYER1, names a node of layer 1 to ask; --exit NAME says \
                     which entrypoint pays out",
                ),
            ),
            ExitError::NoExit { .. } => (
                Exit::Refused,
                Some(
                    "--exit NAME says which entrypoint pays out; --bare hands over the ticket alone",
                ),
            ),
            ExitError::NoSuchContract { .. } => {
                (Exit::Refused, Some("is that the chain of the rollup?"))
            }
            ExitError::TakesNoTez { .. } => {
                (Exit::Refused, Some("a contract is paid tez if its entrypoint default takes unit"))
            }
            ExitError::Misfit(_) => (Exit::Refused, None),
        };
        let failure = Failure::of(exit, &error);
        match hint {
            Some(hint) => failure.with_hint(hint),
            None => failure,
        }
    }
}
