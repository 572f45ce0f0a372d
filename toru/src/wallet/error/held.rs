//! Why a held deposit is not asked for, or not paid back.

use encoding::{Layer1Address, Level, Source};
use wallet::outbox::receiver_text;

use crate::error::Failure;
use crate::exit::Exit;

/// Why a held deposit is not asked for, or not paid back.
#[derive(Debug, thiserror::Error)]
pub enum HeldFailure {
    /// None has this number.
    #[error("no held deposit has the number {number} at level {level}")]
    Unknown {
        /// The number.
        number: u64,
        /// The head.
        level: Level,
    },
    /// Its message has no ticket that could be paid back.
    #[error("held deposit {0} has no ticket that could be paid back")]
    NothingToPay(u64),
    /// Somebody else signed the operation behind it.
    #[error(
        "not sent, as it would be refused: {} made held deposit {number}, and not {who}",
        receiver_text(Layer1Address::Implicit(*made_by))
    )]
    NotTheDepositor {
        /// The number.
        number: u64,
        /// Who signed the operation behind the deposit.
        made_by: Source,
        /// Who asks.
        who: String,
    },
    /// It is not paid back in time.
    #[error("held deposit {0} is not paid back yet")]
    NotYet(u64),
}

impl From<HeldFailure> for Failure {
    fn from(error: HeldFailure) -> Self {
        use HeldFailure as H;
        let failure = Failure::of(
            match &error {
                H::Unknown { .. } => Exit::Input,
                H::NothingToPay(_) | H::NotTheDepositor { .. } => Exit::Refused,
                H::NotYet(_) => Exit::NotYet,
            },
            &error,
        );
        match error {
            H::Unknown { .. } => failure
                .of_kind("unknown_held_deposit")
                .with_hint("the explorer lists the held deposits: toru explorer"),
            H::NothingToPay(_) => failure.of_kind("refused"),
            H::NotTheDepositor { made_by, .. } if made_by.tz4().is_some() => {
                failure.of_kind("refused").with_hint("--from names the key that made the deposit")
            }
            H::NotTheDepositor { .. } => failure
                .of_kind("refused")
                .with_hint("without --from, the command for octez-client is printed"),
            H::NotYet(number) => failure
                .of_kind("not_yet")
                .with_hint(format!("toru reclaim {number} --dry-run says whether it is")),
        }
    }
}
