//! The lines of a journal, as JSON.

use encoding::Level;
use serde::{Deserialize, Serialize};
use wallet::outbox::OutboxMessageId;

use super::key::Key;
use crate::schedule::Ended;

/// The first line.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Header {
    /// The version of the format.
    pub operator: u32,
    pub rollup: String,
}

/// Any other line.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum Line {
    /// A try is about to begin.
    Begin(Begin),
    /// It has ended.
    End(End),
    /// The node says that the message was executed.
    Settled(Mark),
    /// It was told that it is lost.
    Lost(Mark),
    /// Something may have been paid, in a try whose own lines are no longer there.
    Spent { at: i64, cap: u64, key: LineKey },
}

/// Which message.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct LineKey {
    level: i32,
    index: u32,
    message: String,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Begin {
    pub key: LineKey,
    pub at: i64,
    pub head: i32,
    pub count: u32,
    pub cap: u64,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct End {
    pub key: LineKey,
    pub at: i64,
    pub head: i32,
    pub result: LineResult,
    pub operation: Option<String>,
    pub why: Option<String>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Mark {
    pub key: LineKey,
    pub at: i64,
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum LineResult {
    Refused,
    Sent,
    Unknown,
}

impl Header {
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        line(self)
    }
}

impl Line {
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        line(self)
    }
}

fn line(value: &impl Serialize) -> Vec<u8> {
    // There is nothing in it that JSON could not say.
    let mut bytes = serde_json::to_vec(value).unwrap_or_default();
    bytes.push(b'\n');
    bytes
}

impl From<&Key> for LineKey {
    fn from(key: &Key) -> Self {
        Self { level: key.id.level.0, index: key.id.index, message: key.message.clone() }
    }
}

impl From<LineKey> for Key {
    fn from(key: LineKey) -> Self {
        let id = OutboxMessageId { level: Level(key.level), index: key.index };
        Self { id, message: key.message }
    }
}

impl From<Ended> for LineResult {
    fn from(ended: Ended) -> Self {
        match ended {
            Ended::Refused => LineResult::Refused,
            Ended::Sent => LineResult::Sent,
            Ended::Unknown => LineResult::Unknown,
        }
    }
}

impl From<LineResult> for Ended {
    fn from(result: LineResult) -> Self {
        match result {
            LineResult::Refused => Ended::Refused,
            LineResult::Sent => Ended::Sent,
            LineResult::Unknown => Ended::Unknown,
        }
    }
}
