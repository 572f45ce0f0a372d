//! Why a level cannot be run, or is the last one.

use crate::error::Failure;
use crate::exit::Exit;

/// Why a level cannot be run, or is the last one.
#[derive(Debug, thiserror::Error)]
pub enum LevelError {
    /// A level that no node could run, such as one that asks for a preimage that is not there.
    #[error("level {level}: {problem}")]
    Failed {
        /// Which level.
        level: i32,
        /// Why.
        problem: String,
        /// What to do.
        hint: &'static str,
    },
    /// Somebody pressed Ctrl-C.
    #[error("level {level}: interrupted, and nothing of it is kept")]
    Interrupted {
        /// The level that was being run.
        level: i32,
    },
    /// The kernel was stuck at the end of a level. What happened has been printed.
    #[error("level {level}: the kernel is STUCK: {problem}")]
    Stuck {
        /// Which level, the first.
        level: i32,
        /// Why.
        problem: String,
    },
}

impl From<LevelError> for Failure {
    fn from(error: LevelError) -> Self {
        let message = error.to_string();
        match error {
            LevelError::Failed { hint, .. } => Failure::input(message).with_hint(hint),
            LevelError::Interrupted { .. } => Failure::new(Exit::Interrupted, message),
            LevelError::Stuck { .. } => {
                Failure::new(Exit::Stuck, message).with_hint("--allow-stuck takes that for success")
            }
        }
    }
}
