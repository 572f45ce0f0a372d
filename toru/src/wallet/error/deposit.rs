//! Why a deposit is not made, or not credited.

use encoding::Kt1Address;
use layer1::plain::quoted;
use tx_kernel::results::Outcome;
use wallet::layer1::deposit::DepositError;

use crate::error::Failure;
use crate::exit::Exit;
use explain::outcome as reasons;

/// Why a deposit is not made, or not credited.
#[derive(Debug, thiserror::Error)]
pub enum DepositFailure {
    /// No pinned ticket has that name, and what others call theirs does not count.
    #[error("no ticket {} is pinned", quoted(.0))]
    NotPinned(String),
    /// The ticketer takes neither tez nor tokens.
    #[error(
        "{0} is pinned as something else than tez or a token: what its ticketer takes is not known"
    )]
    StandsForOther(String),
    /// The sandbox's demo ticket, for which nothing is taken.
    #[error("the demo ticket stands for nothing: nobody pays for it on layer 1")]
    Demo,
    /// It is not known which token the ticketer takes.
    #[error("which token {0} takes is not known: it is the ticketer, and its ticket does not say")]
    TokenUnknown(Kt1Address),
    /// No helper is known.
    #[error("no deposit helper is pinned for {0}")]
    NoHelper(String),
    /// The amount would be more than the rollup can hold.
    #[error("the rollup has {has} already, and holds {most} of a ticket at most")]
    TooMuch {
        /// What it has.
        has: String,
        /// The most it holds.
        most: String,
    },
    /// Who deposits does not have it.
    #[error("{who} has {has}, and deposits {wants}")]
    Short {
        /// Who.
        who: String,
        /// What they have.
        has: String,
        /// What they want to deposit.
        wants: String,
    },
    /// What could not be credited would go to the helper, and be lost.
    #[error(
        "the rollup pays back deposits of {0} to the contract that sent them: a helper's would be lost"
    )]
    RefundsToSender(Kt1Address),
    /// Layer 1 would refuse it.
    #[error("not made, as {by} would refuse it: {problem}")]
    WouldBeRefused {
        /// Who says so.
        by: String,
        /// Why.
        problem: String,
    },
    /// The sandbox's layer 1 has refused it.
    #[error("refused by the sandbox's layer 1: {0}")]
    Refused(String),
    /// It cannot be credited.
    #[error("not credited: {}", reasons::sentence_with_code(.0))]
    Held(Outcome),
    /// It is not there yet.
    #[error("not {0} yet")]
    NotYet(&'static str),
    /// There is nothing to wait for.
    #[error("--wait is for the sandbox, where the deposit is made: here a command is printed")]
    NothingToWaitFor,
}

impl From<DepositFailure> for Failure {
    fn from(error: DepositFailure) -> Self {
        use DepositFailure as D;
        let (exit, kind, hint) = match &error {
            D::NotPinned(_) => (
                Exit::Input,
                "no_ticket",
                Some("toru ticket list lists them; toru ticket add NAME KT1… pins one"),
            ),
            D::StandsForOther(_) => (
                Exit::Input,
                "input",
                Some(
                    "call its ticketer with octez-client; toru ticketer check KT1… says what it takes",
                ),
            ),
            D::Demo => {
                (Exit::Input, "input", Some("toru dev deposit ACCOUNT AMOUNT gives some away"))
            }
            D::TokenUnknown(_) => {
                (Exit::Input, "input", Some("--layer1 URL, or TORU_LAYER1, names a node to ask"))
            }
            D::NoHelper(_) => (
                Exit::Input,
                "input",
                Some("--helper KT1… names one; toru ticketer deploy helper says how to make one"),
            ),
            D::RefundsToSender(_) => {
                (Exit::Refused, "refused", Some("deposit it from a contract that can be paid back"))
            }
            D::TooMuch { .. } | D::Short { .. } | D::WouldBeRefused { .. } | D::Refused(_) => {
                (Exit::Refused, "refused", None)
            }
            D::Held(_) => (
                Exit::Refused,
                "held",
                Some("it is held by the rollup, or goes back to who made it"),
            ),
            D::NotYet(_) => (Exit::NotYet, "not_yet", Some("toru balance says when it is there")),
            D::NothingToWaitFor => {
                (Exit::Input, "usage", Some("toru balance says when it is there"))
            }
        };
        let failure = Failure::of(exit, &error).of_kind(kind);
        match hint {
            Some(hint) => failure.with_hint(hint),
            None => failure,
        }
    }
}

impl From<DepositError> for Failure {
    fn from(error: DepositError) -> Self {
        let failure = Failure::of(Exit::Input, &error);
        match error {
            DepositError::Nothing | DepositError::TooMuchTez(_) => failure.of_kind("amount"),
            DepositError::OwnerUnknown => failure.with_hint("write who deposits as tz1…"),
        }
    }
}
