//! A message as a row of a table: what it is, and what became of it.

use history::{Message, ResultKind};

use crate::parts::{LongName, RESULT_LOST, Tag, When, count, reason};
use crate::text::Text;
use crate::times::Times;

/// A message as a row.
#[derive(Debug)]
pub(crate) struct MessageRow {
    /// Its level.
    pub level: i32,
    /// The same with its time.
    pub when: When,
    /// Its place there.
    pub place: u32,
    /// Its kind.
    pub kind: Text,
    /// What it is, in words.
    pub text: Text,
    /// Of a v2 batch: its digest.
    pub digest: Option<LongName>,
    /// Its bytes.
    pub bytes: String,
    /// What became of it.
    pub tag: Tag,
}

impl MessageRow {
    /// A message of the index.
    pub(crate) fn of(message: &Message, times: &Times) -> Self {
        MessageRow {
            level: message.id.level.0,
            when: times.when(message.id.level),
            place: message.id.index,
            kind: Text::of(&message.kind),
            text: Text::of(&message.text),
            digest: message.digest.as_ref().map(LongName::batch),
            bytes: count(message.length, "byte"),
            tag: tag(message),
        }
    }
}

/// What became of a message.
pub(crate) fn tag(message: &Message) -> Tag {
    match &message.result {
        None if message.unknown.is_some() => Tag::open("unknown").because(RESULT_LOST),
        None => Tag::open("waits").because("its turn comes in a later level"),
        Some((ResultKind::Done, settlement)) => {
            let word = explain::outcome::done(settlement.outcome.code).unwrap_or("done");
            Tag::good(word).because(&explain::outcome::sentence(&settlement.outcome))
        }
        Some((ResultKind::Held, settlement)) => {
            Tag::bad("held").because(&reason(&settlement.outcome))
        }
        Some((ResultKind::Refused, settlement)) => {
            Tag::bad("refused").because(&reason(&settlement.outcome))
        }
    }
}
