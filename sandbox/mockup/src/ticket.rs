//! Tickets: who made them and what they say.

use std::cmp::Ordering;

use layer1::michelson::{Node, encode, text};
use layer1::types::plain;

/// The hash in the address of a contract.
pub type ContractHash = [u8; 20];

/// A ticket: all of one ticketer, content type and content are the same.
#[derive(Clone, Debug)]
pub struct Ticket {
    ticketer: ContractHash,
    content_type: Node,
    content: Node,
    /// Both as bytes, by which tickets are told from each other.
    key: Vec<u8>,
}

impl Ticket {
    /// The ticket of a ticketer with a content, which is in the form that layer 1 writes.
    #[must_use]
    pub fn new(ticketer: ContractHash, content_type: &Node, content: Node) -> Self {
        let content_type = plain(content_type);
        let key = [encode(&content_type), encode(&content)].concat();
        Self { ticketer, content_type, content, key }
    }

    /// The contract that made it.
    #[must_use]
    pub fn ticketer(&self) -> &ContractHash {
        &self.ticketer
    }

    /// The type of what it says.
    #[must_use]
    pub fn content_type(&self) -> &Node {
        &self.content_type
    }

    /// What it says.
    #[must_use]
    pub fn content(&self) -> &Node {
        &self.content
    }

    /// What it says, in words.
    #[must_use]
    pub fn shown(&self) -> String {
        text(&self.content)
    }
}

impl PartialEq for Ticket {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Ticket {}

impl PartialOrd for Ticket {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Ticket {
    fn cmp(&self, other: &Self) -> Ordering {
        (&self.ticketer, &self.key).cmp(&(&other.ticketer, &other.key))
    }
}

impl std::hash::Hash for Ticket {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        (&self.ticketer, &self.key).hash(state);
    }
}
