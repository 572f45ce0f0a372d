//! Layer 1, as a node of it tells: blocks, accounts, contracts, views, and what an operation would do.
//!
//! Everything is asked at one block ([`Layer1Block`]), so that what is read together belongs together. Each
//! answer is checked for its shape: an answer that is malformed, one that says no, and none at all are
//! three things ([`Layer1Error`]).

pub mod asset;
mod block;
mod contract;
pub mod credited;
pub mod deposit;
pub mod known;
pub mod micheline;
pub mod operation;
mod simulation;

use serde_json::Value;

use crate::error::RpcError;
use crate::rpc::Node;

pub use block::{Constants, Header, Layer1Block};
pub use contract::Contract;
pub use simulation::Simulated;

/// Why something of layer 1 is not known.
#[derive(Debug, thiserror::Error)]
pub enum Layer1Error {
    /// Nobody answers.
    #[error("layer 1: {0}")]
    NoAnswer(RpcError),
    /// The node says no.
    #[error("layer 1 refuses {path}: {} (HTTP {status})", crate::error::or_none(words))]
    Refused {
        /// What was asked.
        path: String,
        /// The status of HTTP.
        status: u16,
        /// What the node says, on one line.
        words: String,
    },
    /// The answer is not that of a node of layer 1.
    #[error("{path}: not an answer of a node of layer 1: {problem}")]
    Malformed {
        /// What was asked.
        path: String,
        /// What is wrong with the answer.
        problem: String,
    },
}

impl From<RpcError> for Layer1Error {
    fn from(error: RpcError) -> Self {
        match error {
            RpcError::Refused { path, status, words } => Self::Refused { path, status, words },
            RpcError::Shape { path, problem } => Self::Malformed { path, problem },
            RpcError::Connection { .. } | RpcError::Endpoint(_) => Self::NoAnswer(error),
        }
    }
}

/// A node of layer 1.
#[derive(Clone, Debug)]
pub struct Layer1 {
    node: Node,
}

impl Layer1 {
    /// This node.
    #[must_use]
    pub fn new(node: Node) -> Self {
        Self { node }
    }

    /// The node.
    #[must_use]
    pub fn node(&self) -> &Node {
        &self.node
    }

    /// A block by its name: `head`, a level or a hash. What is asked of it stays that of this block.
    ///
    /// # Errors
    /// When there is no answer, no such block, or the answer is malformed.
    pub fn block(&self, name: &str) -> Result<Layer1Block<'_>, Layer1Error> {
        Layer1Block::read(&self.node, name)
    }
}

/// For what is wrong with an answer.
fn malformed(path: &str, problem: impl Into<String>) -> Layer1Error {
    Layer1Error::Malformed { path: path.to_owned(), problem: problem.into() }
}

/// A text in an object.
fn text_of<'v>(value: &'v Value, name: &str, path: &str) -> Result<&'v str, Layer1Error> {
    value[name].as_str().ok_or_else(|| malformed(path, format!("no text \"{name}\"")))
}
