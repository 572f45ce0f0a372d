//! Which message a line of the journal is about.

use encoding::blake2b_256;
use serde_json::Value;
use wallet::outbox::OutboxMessageId;

/// A message: where it is, and what it says. After a reorganisation another one may be where it was.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    /// Where it is.
    pub id: OutboxMessageId,
    /// The digest of what it says.
    pub message: String,
}

impl Key {
    /// That of a message, in a node's JSON.
    #[must_use]
    pub fn of(id: OutboxMessageId, message: &Value) -> Self {
        let digest = blake2b_256(&[message.to_string().as_bytes()]).to_string();
        Self { id, message: digest.chars().take(16).collect() }
    }
}
