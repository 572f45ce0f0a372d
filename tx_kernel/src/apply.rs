//! Applying a verified batch: its transactions in order, each whole or not at all.

pub(crate) mod v1;
pub(crate) mod v2;

use host::{HostError, StepError, StepResult};

use crate::results::{Outcome, ResultCode, as_u64};

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

/// The operation that stopped a transaction, by its index, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct FailedOperation {
    index: usize,
    outcome: Outcome,
}

/// What became of a transaction: nothing wrong, or the operation that stopped it.
type TransactionOutcome = Option<FailedOperation>;

/// Why a transaction did not happen.
type ApplyError = StepError<FailedOperation>;

/// The error of an operation that cannot be done.
fn failed(index: usize, outcome: Outcome) -> ApplyError {
    StepError::Refused(FailedOperation { index, outcome })
}

/// Makes a refusal that of the operation of this index.
fn refused_at<R: Into<Outcome>>(index: usize) -> impl Fn(R) -> FailedOperation {
    move |refused| FailedOperation { index, outcome: refused.into() }
}

/// What became of a transaction, unless the host failed.
fn outcome_of(result: Result<(), ApplyError>) -> Result<TransactionOutcome, HostError> {
    result.map(|()| None).or_refusal(Some)
}

/// The result of the operation at `at`: applied, or the reason at the one that stopped the
/// transaction and a pointer to that one at all others.
fn result_of(outcome: &TransactionOutcome, at: usize) -> Outcome {
    match *outcome {
        None => Outcome::plain(ResultCode::Applied),
        Some(FailedOperation { index, outcome }) if index == at => outcome,
        Some(FailedOperation { index, outcome }) => {
            let other =
                if outcome.is_final() { ResultCode::RolledBack } else { ResultCode::StaleSibling };
            Outcome::new(other, as_u64(index), 0)
        }
    }
}
