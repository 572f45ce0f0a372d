//! Why layer 1 has not told what it was asked.

use serde_json::Value;

use crate::error::RpcError;

/// Why something of layer 1 is not known.
#[derive(Debug, thiserror::Error)]
pub enum Layer1Error {
    /// Nobody answers.
    #[error("layer 1: {0}")]
    NoAnswer(RpcError),
    /// The node says no.
    #[error("layer 1 refuses {path}: {} (HTTP {status})", crate::error::or_none(words))]
    Refused {
        /// Who was asked, and what.
        path: String,
        /// The status of HTTP.
        status: u16,
        /// What the node says, on one line.
        words: String,
    },
    /// The answer is not that of a node of layer 1.
    #[error("{path}: not an answer of a node of layer 1: {problem}")]
    Malformed {
        /// What was asked, and who if no node of layer 1 answers there.
        path: String,
        /// What is wrong with the answer.
        problem: String,
    },
}

impl From<RpcError> for Layer1Error {
    fn from(error: RpcError) -> Self {
        match error {
            RpcError::Refused { endpoint, path, status, words } => {
                Self::Refused { path: format!("{endpoint}{path}"), status, words }
            }
            RpcError::Shape { endpoint, path, problem } => {
                Self::Malformed { path: format!("{endpoint}{path}"), problem }
            }
            RpcError::Connection { .. } | RpcError::Endpoint(_) => Self::NoAnswer(error),
        }
    }
}

/// For what is wrong with an answer.
pub(super) fn malformed(path: &str, problem: impl Into<String>) -> Layer1Error {
    Layer1Error::Malformed { path: path.to_owned(), problem: problem.into() }
}

/// A text in an object.
pub(super) fn text_of<'v>(
    value: &'v Value,
    name: &str,
    path: &str,
) -> Result<&'v str, Layer1Error> {
    value[name].as_str().ok_or_else(|| malformed(path, format!("no text \"{name}\"")))
}
