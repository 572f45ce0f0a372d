//! Applying a verified batch: its transactions in order, each whole or not at all.

pub(crate) mod v1;
pub(crate) mod v2;

use accounts::LedgerError;
use host::HostError;

use crate::results::{Outcome, ResultCode, place};

/// How many transactions of a batch were applied, and how many were not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    /// Applied.
    pub applied: u64,
    /// Not applied.
    pub failed: u64,
}

impl Count {
    fn add(&mut self, outcome: &TransactionOutcome) {
        match outcome {
            None => self.applied += 1,
            Some(_) => self.failed += 1,
        }
    }
}

/// What became of a transaction: nothing wrong, or the operation that stopped it and why.
type TransactionOutcome = Option<(usize, Outcome)>;

/// Why a transaction did not happen.
enum ApplyError {
    /// The operation at this place cannot be done.
    At(usize, Outcome),
    Host(HostError),
}

impl ApplyError {
    /// Turns a ledger's refusal of the operation at `at` into a stop.
    fn at(at: usize) -> impl Fn(LedgerError) -> ApplyError {
        move |error| match error {
            LedgerError::Refused(refused) => ApplyError::At(at, refused.into()),
            LedgerError::Host(error) => ApplyError::Host(error),
        }
    }

    fn outcome(result: Result<(), ApplyError>) -> Result<TransactionOutcome, HostError> {
        match result {
            Ok(()) => Ok(None),
            Err(ApplyError::At(place, reason)) => Ok(Some((place, reason))),
            Err(ApplyError::Host(error)) => Err(error),
        }
    }
}

impl From<HostError> for ApplyError {
    fn from(error: HostError) -> Self {
        ApplyError::Host(error)
    }
}

/// The result of the operation at `at`: applied, or the reason at the one that stopped the
/// transaction and a pointer to that one at all others.
fn result_of(outcome: &TransactionOutcome, at: usize) -> Outcome {
    match *outcome {
        None => Outcome::plain(ResultCode::Applied),
        Some((culprit, reason)) if culprit == at => reason,
        Some((culprit, reason)) => {
            let other =
                if reason.is_final() { ResultCode::RolledBack } else { ResultCode::StaleSibling };
            Outcome::new(other, place(culprit), 0)
        }
    }
}
