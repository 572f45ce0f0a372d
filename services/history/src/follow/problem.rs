//! Why a level cannot be indexed now.

use thiserror::Error;
use wallet::error::{RpcError, StateError};

use crate::error::HistoryError;

/// Why a level cannot be indexed now.
#[derive(Debug, Error)]
pub(super) enum Problem {
    /// The node does not tell, or tells something that cannot be.
    #[error(transparent)]
    Node(#[from] RpcError),
    /// The state at the block is not of this kernel's layout.
    #[error("{0}")]
    Layout(StateError),
    /// The chain has gone on another way meanwhile.
    #[error("the node has gone back while it was asked")]
    Moved,
    /// The index cannot be written.
    #[error(transparent)]
    Index(#[from] HistoryError),
}

impl From<StateError> for Problem {
    fn from(error: StateError) -> Self {
        match error {
            StateError::Rpc(error) => Problem::Node(error),
            other => Problem::Layout(other),
        }
    }
}

impl From<rusqlite::Error> for Problem {
    fn from(error: rusqlite::Error) -> Self {
        Problem::Index(error.into())
    }
}
