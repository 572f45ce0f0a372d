//! What waits for the next level, and what became of what was sent: the batcher and the mempool of
//! the sandbox in one.

use std::collections::{HashMap, VecDeque};

use crate::base58::digest;
use crate::error::NodeError;
use crate::limits::{
    MAX_EXTERNAL_BYTES, MAX_KNOWN_MESSAGES, MAX_LEVEL_BYTES, MAX_MESSAGES_PER_REQUEST,
    MAX_QUEUED_MESSAGES, MESSAGE_OVERHEAD_BYTES,
};

/// The tag of an external message.
const EXTERNAL: u8 = 1;

/// The id of a message.
pub type MessageId = [u8; 32];

/// What became of a message that was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It waits for a level.
    Waiting,
    /// It was in the inbox of a level.
    Included {
        /// Which.
        level: i32,
    },
}

/// A message that waits, whole with its tag.
#[derive(Clone, Debug)]
struct Waiting {
    id: MessageId,
    bytes: Vec<u8>,
}

/// The queue.
#[derive(Debug, Default)]
pub struct Queue {
    waiting: VecDeque<Waiting>,
    fates: HashMap<MessageId, Fate>,
    /// The included ones, oldest first.
    included: VecDeque<MessageId>,
    /// What tells two messages of the same bytes from each other.
    sent: u64,
}

impl Queue {
    /// Takes external messages, without their tags: all of them or none. With `drop_duplicates` one
    /// that is known already is not taken again, and has the id it had.
    ///
    /// # Errors
    /// When one is too long for an inbox, or there are too many.
    pub fn inject(
        &mut self,
        payloads: &[Vec<u8>],
        drop_duplicates: bool,
    ) -> Result<Vec<MessageId>, NodeError> {
        at_most("messages in a request", payloads.len(), MAX_MESSAGES_PER_REQUEST)?;
        for payload in payloads {
            at_most("bytes of a message", payload.len(), MAX_EXTERNAL_BYTES)?;
        }
        self.at_most_more(payloads.len())?;
        let mut ids = Vec::with_capacity(payloads.len());
        for payload in payloads {
            let id = if drop_duplicates {
                digest("message", &[payload])
            } else {
                digest("message, counted", &[&self.sent.to_be_bytes(), payload])
            };
            if !(drop_duplicates && self.fates.contains_key(&id)) {
                self.put(id, [&[EXTERNAL], payload.as_slice()].concat());
            }
            ids.push(id);
        }
        Ok(ids)
    }

    /// Takes a message of layer 1 itself, whole.
    ///
    /// # Errors
    /// When it is too long for an inbox, or there are too many.
    pub fn push(&mut self, bytes: Vec<u8>) -> Result<MessageId, NodeError> {
        at_most("bytes of a message", bytes.len(), pvm::MAX_MESSAGE_BYTES)?;
        self.at_most_more(1)?;
        let id = digest("internal, counted", &[&self.sent.to_be_bytes(), &bytes]);
        self.put(id, bytes);
        Ok(id)
    }

    fn at_most_more(&self, more: usize) -> Result<(), NodeError> {
        let all = self.waiting.len().saturating_add(more);
        at_most("messages that wait for a level", all, MAX_QUEUED_MESSAGES)
    }

    fn put(&mut self, id: MessageId, bytes: Vec<u8>) {
        self.sent = self.sent.wrapping_add(1);
        self.fates.insert(id, Fate::Waiting);
        self.waiting.push_back(Waiting { id, bytes });
    }

    /// The messages of the next level, in the order they came, as many as a block holds. They wait
    /// until [`Self::include`] says that the level was played.
    #[must_use]
    pub fn next_level(&self) -> Vec<Vec<u8>> {
        let mut room = MAX_LEVEL_BYTES;
        let fits = |message: &&Waiting| {
            let left = room.checked_sub(message.bytes.len() + MESSAGE_OVERHEAD_BYTES);
            room = left.unwrap_or(0);
            left.is_some()
        };
        self.waiting.iter().take_while(fits).map(|message| message.bytes.clone()).collect()
    }

    /// The first `count` messages were in the inbox of a level.
    pub fn include(&mut self, count: usize, level: i32) {
        for Waiting { id, .. } in self.waiting.drain(..count.min(self.waiting.len())) {
            self.fates.insert(id, Fate::Included { level });
            self.included.push_back(id);
        }
        while self.included.len() > MAX_KNOWN_MESSAGES {
            if let Some(id) = self.included.pop_front() {
                self.fates.remove(&id);
            }
        }
    }

    /// Forgets everything: the levels it is about are gone.
    pub fn clear(&mut self) {
        *self = Self { sent: self.sent, ..Self::default() };
    }

    /// What became of a message; `None` if it is not known.
    #[must_use]
    pub fn fate(&self, id: &MessageId) -> Option<Fate> {
        self.fates.get(id).copied()
    }

    /// The external messages that wait, by id, without their tags.
    pub fn waiting(&self) -> impl Iterator<Item = (&MessageId, &[u8])> {
        self.waiting.iter().filter_map(|message| {
            let payload = message.bytes.strip_prefix(&[EXTERNAL])?;
            Some((&message.id, payload))
        })
    }
}

/// Refuses more than a limit.
pub(crate) fn at_most(what: &'static str, found: usize, limit: usize) -> Result<(), NodeError> {
    if found > limit { Err(NodeError::TooMuch { what, found, limit }) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_level_takes_what_a_block_holds_and_the_rest_waits() {
        let mut queue = Queue::default();
        let full = vec![7; MAX_EXTERNAL_BYTES];
        queue.inject(&vec![full; 200], false).unwrap();
        let level = queue.next_level();
        assert_eq!(level.len(), MAX_LEVEL_BYTES / (4_096 + MESSAGE_OVERHEAD_BYTES));
        queue.include(level.len(), 5);
        assert_eq!(queue.waiting().count(), 200 - level.len());
    }

    #[test]
    fn limits_refuse_all_or_nothing() {
        let mut queue = Queue::default();
        let long = vec![vec![1], vec![0; MAX_EXTERNAL_BYTES + 1]];
        assert!(matches!(queue.inject(&long, false), Err(NodeError::TooMuch { .. })));
        assert_eq!(queue.waiting().count(), 0);
        let most = vec![vec![1]; MAX_MESSAGES_PER_REQUEST];
        for _ in 0..MAX_QUEUED_MESSAGES / MAX_MESSAGES_PER_REQUEST {
            queue.inject(&most, false).unwrap();
        }
        assert!(queue.inject(&[vec![1]], false).is_err());
        assert!(queue.push(vec![0]).is_err());
        assert!(queue.inject(&vec![vec![1]; MAX_MESSAGES_PER_REQUEST + 1], false).is_err());
    }

    #[test]
    fn duplicates_are_dropped_only_if_asked() {
        let mut queue = Queue::default();
        let twice = [vec![1], vec![1]];
        let ids = queue.inject(&twice, true).unwrap();
        assert_eq!(ids[0], ids[1]);
        let ids = queue.inject(&twice, false).unwrap();
        assert_ne!(ids[0], ids[1]);
        assert_eq!(queue.waiting().count(), 3);
        queue.include(1, 9);
        assert_eq!(queue.fate(&digest("message", &[&[1]])), Some(Fate::Included { level: 9 }));
        queue.clear();
        assert_eq!(queue.fate(&ids[0]), None);
    }
}
