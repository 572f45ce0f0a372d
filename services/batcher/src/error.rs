//! What can go wrong: a request that is refused, and a batcher that does not start.

use std::path::PathBuf;

use batcher_api::{ApiError, Code};
use encoding::RollupAddress;

/// A request that is refused, as it is answered.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", error.message)]
pub struct Refused {
    /// The error.
    pub error: ApiError,
    /// Seconds after which it may be asked again, where that is known.
    pub retry_after: Option<u64>,
}

impl Refused {
    /// A refusal with a code and a sentence.
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Refused { error: ApiError::new(code, message), retry_after: None }
    }

    /// The same, with seconds after which it may be asked again.
    #[must_use]
    pub fn after(mut self, seconds: u64) -> Self {
        self.error = self.error.with("seconds", seconds);
        self.retry_after = Some(seconds);
        self
    }

    /// There is no room for more at the moment: `what` says where.
    pub fn busy(what: &str) -> Self {
        Refused::new(Code::Busy, format!("the batcher is busy: {what}")).after(1)
    }

    /// The batcher is ending.
    pub fn ending() -> Self {
        Refused::new(Code::Busy, "the batcher is ending").after(1)
    }
}

impl From<ApiError> for Refused {
    fn from(error: ApiError) -> Self {
        Refused { error, retry_after: None }
    }
}

/// Why a batcher does not start, or ends.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// A file of its own cannot be read or written.
    #[error("cannot {action} {}: {source}", path.display())]
    Io {
        /// What was tried.
        action: &'static str,
        /// Which file.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// Another batcher uses its files.
    #[error("another batcher uses {}", .0.display())]
    InUse(PathBuf),
    /// A file of its own is damaged, or of something else.
    #[error("{} is not a batcher's: {problem}", path.display())]
    Foreign {
        /// Which file.
        path: PathBuf,
        /// What is wrong with it.
        problem: String,
    },
    /// The journal fails.
    #[error("the journal {} fails: {source}", path.display())]
    Journal {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: Box<redb::Error>,
    },
    /// The machine has no random numbers.
    #[error("the machine has no random numbers: {0}")]
    Random(String),
    /// A thread cannot be started, or has panicked.
    #[error("a thread of the batcher failed: {0}")]
    Thread(String),
    /// The node serves another rollup.
    #[error("the node serves {found}, and the journal is of {expected}")]
    OtherRollup {
        /// The node's.
        found: RollupAddress,
        /// The journal's.
        expected: RollupAddress,
    },
    /// An option means nothing.
    #[error("invalid option: {0}")]
    Option(&'static str),
}
