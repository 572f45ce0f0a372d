//! The lines of the file that keeps the queue.

use super::message::{MessageId, PendingMessage};

/// What it is, for errors.
pub(super) const WHAT: &str = "the record of waiting messages";
/// The first line of the file.
pub(super) const HEADER: &str = "toru sandbox, messages that wait for a level, version 1";
/// Bytes that are added before the record is written anew, at least.
pub(super) const TIDY_BYTES: u64 = 8 << 20;

/// A line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Record {
    /// How many messages were ever sent.
    Sent(u64),
    /// A message that was taken.
    Message(PendingMessage),
    /// A message whose level is over.
    Included { level: i32, id: MessageId, index: Option<usize> },
    /// A level was about to be played with the first `count` messages, after `before` of layer 1 itself.
    Intent { level: i32, before: usize, count: usize, inbox: [u8; 32] },
    /// The rollup was about to go back to a level, and all to be forgotten.
    GoingBack { level: i32 },
}

/// The line of a message.
pub(super) fn message(message: &PendingMessage) -> String {
    let order = message.order.map_or("-".to_owned(), |order| order.to_string());
    let (id, bytes) = (hex::encode(message.id), hex::encode(&message.bytes));
    format!("message {} {order} {id} {bytes}\n", message.number)
}

/// The line before a level is played.
pub(super) fn intent(level: i32, before: usize, count: usize, inbox: &[u8; 32]) -> String {
    format!("level {level} {before} {count} {}\n", hex::encode(inbox))
}

/// The line before the rollup goes back.
pub(super) fn going_back(level: i32) -> String {
    format!("back {level}\n")
}

impl Record {
    /// What a line says; `None` if it means nothing.
    pub(super) fn read(line: &str) -> Option<Self> {
        let words: Vec<&str> = line.split(' ').collect();
        Some(match words.as_slice() {
            ["sent", sent] => Self::Sent(sent.parse().ok()?),
            ["message", number, order, id, bytes] => Self::Message(PendingMessage {
                id: digest(id)?,
                order: if *order == "-" { None } else { Some(order.parse().ok()?) },
                number: number.parse().ok()?,
                bytes: hex::decode(bytes).ok()?,
            }),
            ["included", level, id] => {
                Self::Included { level: level.parse().ok()?, id: digest(id)?, index: None }
            }
            ["included", level, id, index] => Self::Included {
                level: level.parse().ok()?,
                id: digest(id)?,
                index: Some(index.parse().ok()?),
            },
            ["level", level, before, count, inbox] => Self::Intent {
                level: level.parse().ok()?,
                before: before.parse().ok()?,
                count: count.parse().ok()?,
                inbox: digest(inbox)?,
            },
            ["back", level] => Self::GoingBack { level: level.parse().ok()? },
            _ => return None,
        })
    }
}

fn digest(text: &str) -> Option<[u8; 32]> {
    hex::decode(text).ok()?.try_into().ok()
}
