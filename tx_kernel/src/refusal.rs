//! A refusal of a message as the error of a step.

use host::StepError;

use crate::results::Outcome;

/// Why a message, or its next step, was not done: refused with an outcome, or the host failed.
pub type Refusal = StepError<Outcome>;

impl From<Outcome> for Refusal {
    fn from(outcome: Outcome) -> Self {
        StepError::Refused(outcome)
    }
}
