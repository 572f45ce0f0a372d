//! A node's batcher: what it is given, and what it says of that.

use serde_json::{Value, json};

use super::Node;
use crate::error::RpcError;
use crate::limits::MESSAGES_PER_REQUEST;

/// What a batcher says of a message it was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Queued {
    /// It does not know the message: it never had it, or has forgotten it.
    Unknown,
    /// It waits for an operation of layer 1, or for that operation's inclusion.
    Pending,
    /// It is in an inbox.
    Included,
    /// It is in an inbox of a level that has a commitment.
    Committed,
    /// Something else, in the node's own word.
    Other(String),
}

impl Node {
    /// Gives external messages, without their tags, to the node's batcher. Returns its name for each.
    ///
    /// # Errors
    /// As for [`Self::get`]. Where there are more than one request takes, some may have been taken.
    pub fn inject(&self, messages: &[Vec<u8>]) -> Result<Vec<String>, RpcError> {
        let mut ids = Vec::with_capacity(messages.len());
        for some in messages.chunks(MESSAGES_PER_REQUEST) {
            let texts: Vec<String> = some.iter().map(hex::encode).collect();
            let new: Vec<String> = self.post("/local/batcher/injection", &json!(texts))?;
            ids.extend(new);
        }
        Ok(ids)
    }

    /// The external messages, without their tags, that wait in the node's batcher. What is in the
    /// batcher's answer in another form than ours and Octez's is passed over.
    ///
    /// # Errors
    /// As for [`Self::get`].
    pub fn waiting(&self) -> Result<Vec<Vec<u8>>, RpcError> {
        let queue: Vec<Value> = self.get("/local/batcher/queue")?;
        let payload = |entry: &Value| {
            let message = &entry["message"];
            let text = message["content"].as_str().or(message.as_str())?;
            hex::decode(text).ok()
        };
        Ok(queue.iter().filter_map(payload).collect())
    }

    /// What the batcher says of a message.
    ///
    /// # Errors
    /// As for [`Self::get`].
    pub fn queued(&self, id: &str) -> Result<Queued, RpcError> {
        let answer: Value = self.get(&format!("/local/batcher/queue/{id}"))?;
        Ok(match answer["status"].as_str().unwrap_or_default() {
            "unknown" => Queued::Unknown,
            "pending_batch" | "pending_injection" | "injected" => Queued::Pending,
            "included" => Queued::Included,
            "committed" => Queued::Committed,
            other => Queued::Other(other.to_owned()),
        })
    }
}
