//! From the lines of its file to a queue, and back.

use store::Store;

use super::Queue;
use super::message::MessageStatus;
use super::record::{self, Record};
use crate::error::NodeError;

impl Queue {
    /// Does to an empty queue what the lines say.
    ///
    /// A level that was about to be played has been if the store has it with the same inbox. Where the
    /// same level was about to be played several times, as the first attempts failed, it has been played
    /// once: what the store has is one of them. The rollup has gone back if that is the last line and the
    /// store is at that level; where the line has others after it, going back was refused.
    pub(super) fn replay(&mut self, records: Vec<Record>, store: &Store) -> Result<(), NodeError> {
        let (oldest, last) = (store.oldest()?, store.last());
        let was_played = |level: i32, inbox: &[u8; 32]| -> Result<bool, NodeError> {
            if level > last || level <= oldest {
                // What has been pruned has been played.
                return Ok(level <= last);
            }
            Ok(store.levels(level..=level)?.iter().any(|summary| summary.inbox == *inbox))
        };
        let end = records.len();
        let mut played = None;
        for (number, record) in (1..).zip(records) {
            match record {
                Record::Sent(sent) => self.sent = self.sent.max(sent),
                Record::Message(message) => {
                    self.sent = self.sent.max(message.number.wrapping_add(1));
                    self.put(message);
                }
                Record::Included { level, id, index } => {
                    if level <= last {
                        self.statuses.insert(id, MessageStatus::Included { level, index });
                        self.included.push_back(id);
                    }
                }
                Record::Intent { level, before, count, inbox } => {
                    if played != Some(level) && was_played(level, &inbox)? {
                        self.include(before, count, level);
                        played = Some(level);
                    }
                }
                Record::GoingBack { level } => {
                    if number == end && level == last {
                        self.forget();
                    }
                }
            }
        }
        Ok(())
    }

    /// All of it, as lines.
    pub(super) fn text(&self) -> String {
        let mut text = format!("sent {}\n", self.sent);
        for id in &self.included {
            if let Some(MessageStatus::Included { level, index }) = self.statuses.get(id) {
                let index = index.map_or_else(String::new, |index| format!(" {index}"));
                text.push_str(&format!("included {level} {}{index}\n", hex::encode(id)));
            }
        }
        text.extend(self.pending.iter().map(record::message));
        text
    }
}
