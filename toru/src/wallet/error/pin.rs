//! Why a ticket cannot be pinned, or a pin not taken away.

use encoding::Kt1Address;
use layer1::plain::quoted;
use wallet::pins::PinProblem;

use crate::error::Failure;
use crate::exit::Exit;

/// Why a ticket cannot be pinned, or a pin not taken away.
#[derive(Debug, thiserror::Error)]
pub enum PinError {
    /// The name or the ticket cannot be pinned.
    #[error("{0}")]
    Pin(PinProblem),
    /// A name is to be pinned to what has that name.
    #[error("{} names no ticketer (expected KT1…, KT1…/CONTENT or '#N')", quoted(.0))]
    NoTicketer(String),
    /// The ticketer has no ticket here.
    #[error("the rollup has never held a ticket of {0}")]
    NoTicket(Kt1Address),
    /// The ticketer has several.
    #[error("{ticketer} has several tickets on the rollup: {}", listed(tickets))]
    Several {
        /// The ticketer.
        ticketer: Kt1Address,
        /// Its tickets.
        tickets: Vec<String>,
    },
    /// The ticketer is one of ours, and never mints this.
    #[error("{ticketer} does not mint this ticket: {}", mints(content.as_deref()))]
    NotMinted {
        /// The ticketer.
        ticketer: Kt1Address,
        /// What it mints.
        content: Option<String>,
    },
    /// The index is that of another ticketer's ticket.
    #[error("{word} is not a ticket of {ticketer}")]
    OtherTicketer {
        /// The index.
        word: String,
        /// The ticketer.
        ticketer: Kt1Address,
    },
    /// The ticketer has no such ticket here, and it is no content.
    #[error("the rollup has never held a ticket {} of {ticketer}", quoted(content))]
    NoContent {
        /// The ticketer.
        ticketer: Kt1Address,
        /// What was given.
        content: String,
    },
    /// No such name is pinned.
    #[error("no ticket is pinned as {}", quoted(.0))]
    NotPinned(String),
    /// The name is the sandbox's own.
    #[error("{} is pinned by the sandbox itself", quoted(.0))]
    OfSandbox(String),
    /// Neither `XDG_DATA_HOME` nor `HOME` is an absolute path.
    #[error(
        "there is no folder for pinned tickets: neither XDG_DATA_HOME nor HOME is an absolute path"
    )]
    NoFolder,
    /// There is nothing to export.
    #[error("you have pinned no ticket on this rollup")]
    NothingPinned,
    /// A file that names no rollup.
    #[error("{0}: the file does not say for which rollup it is")]
    NoRollup(String),
    /// A file that would change what is pinned.
    #[error("{file}: {}", changes.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Changes {
        /// Which.
        file: String,
        /// What would be changed.
        changes: Vec<PinProblem>,
    },
}

fn mints(content: Option<&str>) -> String {
    match content {
        Some(content) => format!("the content of its tickets is {content}"),
        None => "it mints none".to_owned(),
    }
}

fn listed(tickets: &[String]) -> String {
    /// Tickets that are told: a ticketer can make any number.
    const SHOWN: usize = 10;
    let shown = tickets.iter().take(SHOWN).cloned().collect::<Vec<_>>().join(", ");
    match tickets.len().checked_sub(SHOWN).filter(|more| *more > 0) {
        None => shown,
        Some(more) => format!("{shown} and {more} more"),
    }
}

impl From<PinError> for Failure {
    fn from(error: PinError) -> Self {
        let content = "--layer1 asks the ticketer itself, and 'KT1…/Pair 0 None' or 'KT1…/\"gold\"' names \
                       its content, in Michelson";
        let (kind, hint) = match &error {
            PinError::Pin(PinProblem::Name) => ("pins", None),
            PinError::Pin(_) | PinError::Changes { .. } => (
                "pins",
                Some(
                    "nothing was pinned; toru ticket list shows what is, toru ticket rm takes a pin away",
                ),
            ),
            PinError::NoTicketer(_) => {
                ("no_ticket", Some("toru tickets lists tickets with their ticketers"))
            }
            PinError::NoTicket(_) | PinError::NoContent { .. } => ("no_ticket", Some(content)),
            PinError::NotMinted { .. } => {
                ("no_ticket", Some("toru ticketer check KT1… says what a contract is"))
            }
            PinError::Several { .. } => ("several_tickets", Some("KT1…/#N names one of them")),
            PinError::OtherTicketer { .. } => {
                ("no_ticket", Some("toru tickets lists tickets with their ticketers"))
            }
            PinError::NotPinned(_) => ("no_ticket", Some("toru ticket list shows what is pinned")),
            PinError::OfSandbox(_) => ("pins", None),
            PinError::NoFolder => ("file", Some("--tickets names a folder")),
            PinError::NothingPinned => ("pins", Some("toru ticket add pins one")),
            PinError::NoRollup(_) => (
                "other_rollup",
                Some(
                    "--rollup sr1… says for which one you take it, if it comes with that rollup's configuration",
                ),
            ),
        };
        let failure = Failure::of(Exit::Input, &error).of_kind(kind);
        match hint {
            Some(hint) => failure.with_hint(hint),
            None => failure,
        }
    }
}
