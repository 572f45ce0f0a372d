//! One way to say that a step of the kernel's work did not happen: the rules refuse it, or the host
//! failed.

use crate::HostError;

/// Why a step did not happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StepError<R> {
    /// The rules refuse it. Whoever asked for it learns why, and the run goes on.
    #[error("{0}")]
    Refused(R),
    /// The host failed. The run stops and leaves the state as it was.
    #[error(transparent)]
    Host(HostError),
}

impl<R> From<HostError> for StepError<R> {
    fn from(error: HostError) -> Self {
        StepError::Host(error)
    }
}

/// What can be done with the result of a step.
pub trait StepResult<T, R> {
    /// The same with another refusal, as the caller sees it.
    ///
    /// # Errors
    /// Whatever stopped the step.
    fn map_refusal<Q>(self, refusal: impl FnOnce(R) -> Q) -> Result<T, StepError<Q>>;

    /// Where the step ends in an answer: what it made, or what is made of its refusal.
    ///
    /// # Errors
    /// When the host failed.
    fn or_refusal(self, answer: impl FnOnce(R) -> T) -> Result<T, HostError>;
}

impl<T, R> StepResult<T, R> for Result<T, StepError<R>> {
    #[inline]
    fn map_refusal<Q>(self, refusal: impl FnOnce(R) -> Q) -> Result<T, StepError<Q>> {
        self.map_err(|error| match error {
            StepError::Refused(reason) => StepError::Refused(refusal(reason)),
            StepError::Host(error) => StepError::Host(error),
        })
    }

    #[inline]
    fn or_refusal(self, answer: impl FnOnce(R) -> T) -> Result<T, HostError> {
        self.or_else(|error| match error {
            StepError::Refused(reason) => Ok(answer(reason)),
            StepError::Host(error) => Err(error),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_is_answered_and_a_failure_goes_up() {
        let refused: Result<u8, StepError<u8>> = Err(StepError::Refused(7));
        assert_eq!(refused.map_refusal(|number| number + 1), Err(StepError::Refused(8)));
        assert_eq!(refused.or_refusal(|number| number * 2), Ok(14));
        let failed: Result<u8, StepError<u8>> = Err(HostError::NoTree.into());
        assert_eq!(failed.map_refusal(u16::from), Err(StepError::Host(HostError::NoTree)));
        assert_eq!(failed.or_refusal(|number| number), Err(HostError::NoTree));
        assert_eq!(Ok::<u8, StepError<u8>>(3).or_refusal(|number| number), Ok(3));
    }
}
