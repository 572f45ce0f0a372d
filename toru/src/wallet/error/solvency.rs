//! What a look at solvency comes to, other than that all is closed.

use crate::error::Failure;
use crate::exit::Exit;

/// What it comes to.
#[derive(Debug, thiserror::Error)]
pub enum SolvencyFailure {
    /// Terms that do not close.
    #[error("not closed: {}", .0.join(", "))]
    Open(Vec<String>),
    /// Terms that are not known.
    #[error("not known: {}", .0.join(", "))]
    Unknown(Vec<String>),
    /// No ticket to look at.
    #[error("no ticket is pinned")]
    NothingPinned,
}

impl From<SolvencyFailure> for Failure {
    fn from(error: SolvencyFailure) -> Self {
        let (exit, kind, hint) = match &error {
            SolvencyFailure::Open(_) => (
                Exit::Refused,
                "not_closed",
                "the terms were the same in two readings: ask another node before you conclude anything",
            ),
            SolvencyFailure::Unknown(_) => {
                (Exit::NotYet, "not_known", "nothing is claimed of what is not known")
            }
            SolvencyFailure::NothingPinned => (
                Exit::Input,
                "no_ticket",
                "toru ticket add NAME KT1… pins one; --ticket '#N' looks at any",
            ),
        };
        Failure::of(exit, &error).of_kind(kind).with_hint(hint)
    }
}
