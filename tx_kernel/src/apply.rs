//! Applying a verified batch: its transactions in order, each whole or not at all.

pub(crate) mod v1;
pub(crate) mod v2;

use accounts::LedgerError;
use host::HostError;

use crate::results::{Reason, code, place};

/// How many transactions of a batch were applied, and how many were not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Count {
    pub applied: u64,
    pub failed: u64,
}

impl Count {
    fn add(&mut self, outcome: &Outcome) {
        match outcome {
            None => self.applied += 1,
            Some(_) => self.failed += 1,
        }
    }
}

/// What became of a transaction: nothing wrong, or the operation that stopped it and why.
type Outcome = Option<(usize, Reason)>;

/// Why a transaction did not happen.
enum ApplyError {
    /// The operation at this place cannot be done.
    At(usize, Reason),
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

    fn outcome(result: Result<(), ApplyError>) -> Result<Outcome, HostError> {
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
fn result_of(outcome: &Outcome, at: usize) -> Reason {
    match *outcome {
        None => Reason::plain(code::APPLIED),
        Some((culprit, reason)) if culprit == at => reason,
        Some((culprit, reason)) => {
            let other = if reason.is_final() { code::ROLLED_BACK } else { code::STALE_SIBLING };
            Reason::new(other, place(culprit), 0)
        }
    }
}
