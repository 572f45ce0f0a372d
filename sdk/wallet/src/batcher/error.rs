//! Why a batcher has not done what it was asked: it is silent, it refuses, or its answer is malformed.

use std::time::Duration;

use batcher_api::{ApiError, ErrorBody};
use encoding::{Hash32, RollupAddress, Tz4Address};

use crate::error::{RpcError, io_words, one_line};

/// Why a batcher has not done what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum BatcherError {
    /// Not an address that can be called.
    #[error(transparent)]
    Endpoint(RpcError),
    /// Nobody is there, the connection broke, or the time for an answer is over.
    #[error("no answer from the batcher {url}: {}", reason(source))]
    Silent {
        /// Who was called.
        url: String,
        /// Why.
        source: Box<ureq::Error>,
    },
    /// The batcher says no.
    #[error("the batcher refuses: {} ({})", one_line(&error.message), one_line(&error.code))]
    Refused {
        /// The status of HTTP.
        status: u16,
        /// Why.
        error: ApiError,
        /// When it is to be asked again, if it says so.
        after: Option<Duration>,
    },
    /// The answer is not that of a batcher.
    #[error("{url}{path}: not an answer of a batcher: {problem}")]
    Malformed {
        /// Who was asked.
        url: String,
        /// For what.
        path: String,
        /// What is wrong with the answer.
        problem: String,
    },
    /// A transaction that somebody has not signed is not posted.
    #[error("{account} has not signed {hash}")]
    NotSigned {
        /// Which.
        hash: Hash32,
        /// Who.
        account: Tz4Address,
    },
    /// It batches for another rollup.
    #[error("the batcher {url} is for {found}, not for {expected}")]
    OtherRollup {
        /// Who was asked.
        url: String,
        /// What it says.
        found: String,
        /// What is meant.
        expected: RollupAddress,
    },
}

impl BatcherError {
    /// Whether the same may be answered if it is asked again.
    #[must_use]
    pub fn is_passing(&self) -> bool {
        match self {
            BatcherError::Silent { .. } => true,
            BatcherError::Refused { status, .. } => matches!(status, 429 | 503),
            BatcherError::Malformed { .. }
            | BatcherError::Endpoint(_)
            | BatcherError::NotSigned { .. }
            | BatcherError::OtherRollup { .. } => false,
        }
    }

    /// An answer whose status is not one of success: an error in the batcher's form, or no batcher.
    pub(super) fn of_answer(
        url: &str,
        path: &str,
        status: u16,
        after: Option<Duration>,
        body: &[u8],
    ) -> Self {
        match serde_json::from_slice::<ErrorBody>(body) {
            Ok(body) => BatcherError::Refused { status, error: body.error, after },
            Err(_) => {
                let (url, path) = (url.to_owned(), path.to_owned());
                BatcherError::Malformed { url, path, problem: format!("HTTP status {status}") }
            }
        }
    }
}

/// Why there is no answer, without the library's own words around the system's.
fn reason(error: &ureq::Error) -> String {
    match error {
        ureq::Error::Io(error) => io_words(error),
        ureq::Error::Timeout(_) => "it did not answer in time".to_owned(),
        other => one_line(&other.to_string()),
    }
}
