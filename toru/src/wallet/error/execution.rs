//! Why a withdrawal is not executed on layer 1.

use layer1::plain::quoted;
use wallet::outbox::OutboxMessageId;

use crate::error::Failure;
use crate::exit::Exit;

/// Why a withdrawal is not executed.
#[derive(Debug, thiserror::Error)]
pub enum ExecutionError {
    /// Not a hash.
    #[error("{} is no hash (expected 64 hexadecimal digits)", quoted(.0))]
    BadHash(String),
    /// A hash that is not in the log of withdrawals.
    #[error("no withdrawal {0} is on record here")]
    NotOnRecord(String),
    /// There is no such message.
    #[error("the outbox of level {} has no message {}", .0.level, .0.index)]
    NoMessage(OutboxMessageId),
    /// Its time has not come.
    #[error("{what} cannot be executed yet: {stage}")]
    NotYet {
        /// Which.
        what: String,
        /// How far it is, and when its time comes.
        stage: String,
    },
    /// It never left the rollup, or its time is over.
    #[error("{what} cannot be executed any more: {stage}")]
    Never {
        /// Which.
        what: String,
        /// What became of it.
        stage: String,
    },
    /// A call that layer 1 refuses now, and may take later.
    #[error("{what} is not executed: {problem}")]
    NotTaken {
        /// Which message.
        what: String,
        /// Why not.
        problem: String,
    },
    /// More is to come of withdrawals when the time to wait was over.
    #[error("withdrawals that are not settled yet: {0}")]
    Unsettled(usize),
}

impl From<ExecutionError> for Failure {
    fn from(error: ExecutionError) -> Self {
        let (exit, hint) = match &error {
            ExecutionError::BadHash(_) => (Exit::Input, None),
            ExecutionError::NotOnRecord(_) => (
                Exit::Input,
                Some(
                    "toru withdrawals --all lists what is in outboxes, and toru execute --level L \
                     --index I executes it",
                ),
            ),
            ExecutionError::NoMessage(_) => {
                (Exit::Input, Some("toru withdrawals --all lists what is in outboxes"))
            }
            ExecutionError::NotYet { .. } => {
                (Exit::NotYet, Some("toru withdrawals --watch waits for it"))
            }
            ExecutionError::Never { .. } => (Exit::Refused, None),
            ExecutionError::NotTaken { .. } => (
                Exit::Refused,
                Some("it stays as it is, and can be executed when the contract takes it"),
            ),
            ExecutionError::Unsettled(_) => (
                Exit::NotYet,
                Some(
                    "toru withdrawals says how far they are; toru execute --all executes those \
                     that are executable",
                ),
            ),
        };
        let failure = Failure::of(exit, &error);
        match hint {
            Some(hint) => failure.with_hint(hint),
            None => failure,
        }
    }
}
