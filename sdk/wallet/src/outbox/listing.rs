//! Which outbox messages are still to be executed, as a node lists them.

use std::collections::BTreeMap;

use encoding::Level;
use serde_json::Value;

use super::{OutboxMessageId, number};
use crate::error::RpcError;
use crate::rpc::Node;

/// What a node says of whether a message has been executed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Listed {
    /// Nothing.
    Unknown,
    /// It has not been, and may still be.
    Open,
    /// It has not been, and can no longer be.
    Lost,
    /// It is not among those that are left; the level of its execution, if that is known.
    Gone(Option<Level>),
}

/// The messages that a node lists as not executed, each with whether it is lost; `None` if it does not
/// list any that can be understood.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listing(Option<BTreeMap<OutboxMessageId, bool>>);

impl Listing {
    /// Asks a node for all, or for those that can be executed and those that cannot yet.
    ///
    /// # Errors
    /// When there is no answer. A node that does not serve it is no error.
    pub fn read(node: &Node) -> Result<Self, RpcError> {
        let ask = |path: &str| match node.get::<Value>(path) {
            Ok(answer) => Ok(Some(answer)),
            Err(RpcError::Refused { .. }) => Ok(None),
            Err(error) => Err(error),
        };
        if let Some(answer) = ask("/local/outbox/pending")? {
            return Ok(Self::of(&[answer]));
        }
        let Some(executable) = ask("/local/outbox/pending/executable")? else {
            return Ok(Listing(None));
        };
        let other = ask("/local/outbox/pending/unexecutable")?;
        Ok(Self::of(&[Some(executable), other].into_iter().flatten().collect::<Vec<_>>()))
    }

    /// Reads the answers: lists of objects with an outbox level and messages that have an index. One
    /// that is not empty and has no such object is not understood, and nothing is concluded from it.
    #[must_use]
    pub fn of(answers: &[Value]) -> Self {
        let mut ids = BTreeMap::new();
        for answer in answers {
            let Some(entries) = answer.as_array() else { return Listing(None) };
            for entry in entries {
                let before = ids.len();
                collect(entry, None, false, &mut ids);
                let none = entry["messages"].as_array().is_some_and(Vec::is_empty);
                if ids.len() == before && !none {
                    return Listing(None);
                }
            }
        }
        Listing(Some(ids))
    }

    /// What it says of a message.
    #[must_use]
    pub fn says(&self, id: OutboxMessageId) -> Listed {
        match self.0.as_ref().map(|ids| ids.get(&id)) {
            None => Listed::Unknown,
            Some(None) => Listed::Gone(None),
            Some(Some(true)) => Listed::Lost,
            Some(Some(false)) => Listed::Open,
        }
    }

    /// Whether there is a list that can be understood.
    #[must_use]
    pub fn is_known(&self) -> bool {
        self.0.is_some()
    }

    /// The levels of everything in it.
    #[must_use]
    pub fn levels(&self) -> Vec<Level> {
        let mut levels: Vec<Level> = self.0.iter().flatten().map(|(id, _)| id.level).collect();
        levels.dedup();
        levels
    }
}

fn collect(
    value: &Value,
    level: Option<i32>,
    lost: bool,
    ids: &mut BTreeMap<OutboxMessageId, bool>,
) {
    match value {
        Value::Array(all) => all.iter().for_each(|one| collect(one, level, lost, ids)),
        Value::Object(fields) => {
            let level = number(fields.get("outbox_level")).or(level);
            let status = fields.get("status").and_then(Value::as_str);
            let lost = status.map_or(lost, |status| status == "lost");
            if let (Some(level), Some(index)) = (level, number(fields.get("message_index"))) {
                ids.insert(OutboxMessageId { level: Level(level), index }, lost);
            }
            // A message itself is anything that somebody wrote.
            let below = fields.iter().filter(|(name, _)| *name != "message");
            below.for_each(|(_, value)| collect(value, level, lost, ids));
        }
        _ => {}
    }
}
