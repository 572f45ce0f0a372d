//! What the next level takes, and what it has taken.

use super::{MessageStatus, PendingMessage, Queue, record};
use crate::error::NodeError;
use crate::limits::{MAX_KNOWN_MESSAGES, MAX_LEVEL_BYTES, MESSAGE_OVERHEAD_BYTES};

impl Queue {
    /// The messages of the next level, in the order they are taken, as many as a block holds beside the
    /// bytes that it has already. They wait until [`Self::include`] says that the level was played.
    #[must_use]
    pub fn next_level(&self, taken: usize) -> Vec<Vec<u8>> {
        let mut room = MAX_LEVEL_BYTES.saturating_sub(taken);
        let fits = |message: &&PendingMessage| {
            let left = room.checked_sub(message.bytes.len() + MESSAGE_OVERHEAD_BYTES);
            room = left.unwrap_or(0);
            left.is_some()
        };
        self.pending.iter().take_while(fits).map(|message| message.bytes.clone()).collect()
    }

    /// Records that a level with the first messages is about to be played, by their number, that of the
    /// messages before them, and the digest of its inbox. Whether it was, the store knows.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(crate) fn intend(
        &mut self,
        level: i32,
        before: usize,
        count: usize,
        inbox: &[u8; 32],
    ) -> Result<(), NodeError> {
        self.lines.append(&record::intent(level, before, count, inbox))
    }

    /// The first `count` messages were in the inbox of a level, after `before` others.
    pub fn include(&mut self, before: usize, count: usize, level: i32) {
        let taken = self.pending.drain(..count.min(self.pending.len()));
        for (index, message) in (before..).zip(taken) {
            self.statuses.insert(message.id, MessageStatus::Included { level, index: Some(index) });
            self.included.push_back(message.id);
        }
        self.forget_oldest();
    }

    fn forget_oldest(&mut self) {
        while self.included.len() > MAX_KNOWN_MESSAGES {
            if let Some(id) = self.included.pop_front() {
                self.statuses.remove(&id);
            }
        }
    }
}
