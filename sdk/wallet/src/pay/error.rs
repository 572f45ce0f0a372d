//! Why payments are not made.

use encoding::Tz4Address;

use crate::error::{BundleError, FileError, RpcError, StateError};
use crate::payments::{PaymentProgress, PaymentsError, StoredPayments};

/// Something that was sent before, and how far it has come.
#[derive(Debug)]
pub struct SentBefore {
    /// Its record.
    pub stored: StoredPayments,
    /// How far it has come.
    pub progress: PaymentProgress,
}

/// Why payments are not made.
#[derive(Debug, thiserror::Error)]
pub enum PayError {
    /// The state of the rollup is not known.
    #[error(transparent)]
    State(#[from] StateError),
    /// The records of payments cannot be used.
    #[error(transparent)]
    Payments(#[from] PaymentsError),
    /// The transactions make no messages.
    #[error(transparent)]
    Bundle(#[from] BundleError),
    /// A transaction cannot be made or signed.
    #[error(transparent)]
    Signing(#[from] FileError),
    /// An earlier transaction of the same account is not in a level yet.
    #[error("an earlier transaction of {0} still waits for a level")]
    InFlight(Tz4Address),
    /// The same was sent before.
    #[error("the same was sent before: {}", .0.stored.path().display())]
    SentBefore(Box<SentBefore>),
    /// Another process has signed the same rows meanwhile.
    #[error("somebody else goes on with the same payments at the same time")]
    GoneOn,
}

impl From<RpcError> for PayError {
    fn from(error: RpcError) -> Self {
        PayError::State(error.into())
    }
}
