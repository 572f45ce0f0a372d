//! Why it is not known which account an index means.

use encoding::{AccountIndex, TicketIndex, Tz4Address};

use crate::error::{RpcError, StateError};
use crate::json_file::JsonFileError;

/// Why it is not known which account or ticket an index means.
#[derive(Debug, thiserror::Error)]
pub enum IndexError {
    /// The node does not tell.
    #[error(transparent)]
    State(#[from] StateError),
    /// A node tells something else than one told before, and both of a final level: one of them lies.
    #[error("{what} was {before} in a final level before, and the node says now: {found}")]
    Contradiction {
        /// Of what.
        what: String,
        /// What is remembered.
        before: String,
        /// What the node says.
        found: String,
    },
    /// A node says that an account has an index, and that the index is another account's.
    #[error("the node says that {account} is account {index}, and that account {index} is another")]
    Inconsistent {
        /// The index.
        index: AccountIndex,
        /// The account.
        account: Tz4Address,
    },
    /// The same of a ticket.
    #[error("the node says that a ticket is #{0}, and that #{0} is another ticket")]
    InconsistentTicket(TicketIndex),
    /// The file of known indexes cannot be used.
    #[error(transparent)]
    File(#[from] JsonFileError),
}

impl From<RpcError> for IndexError {
    fn from(error: RpcError) -> Self {
        IndexError::State(error.into())
    }
}
