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
mod error;
pub mod known;
pub mod micheline;
pub mod operation;
mod simulation;
pub mod ticketer;

use crate::rpc::Node;

pub use block::{Constants, Header, Layer1Block};
pub use contract::Contract;
pub use error::Layer1Error;
pub use simulation::Simulated;

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
