//! What keeps the operator from doing a round.

use thiserror::Error;
use wallet::error::{RpcError, StateError};
use wallet::withdrawals::WithdrawError;

use crate::journal::JournalError;

/// Why a round was not done.
#[derive(Debug, Error)]
pub enum RoundError {
    /// The node does not tell.
    #[error(transparent)]
    Rpc(#[from] RpcError),
    /// The state of the rollup is not known.
    #[error(transparent)]
    State(#[from] StateError),
    /// The log of withdrawals cannot be used, or the node does not tell.
    #[error(transparent)]
    Withdraw(#[from] WithdrawError),
    /// The node runs another rollup than before.
    #[error("the node runs {found} now, and {wanted} is followed")]
    OtherRollup {
        /// Which is followed.
        wanted: String,
        /// Which one it runs.
        found: String,
    },
    /// Nothing may be done without a journal.
    #[error(transparent)]
    Journal(#[from] JournalError),
}
