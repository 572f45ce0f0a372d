//! Taking messages: within limits, all of a request or none.

use super::message::EXTERNAL;
use super::{MessageId, PendingMessage, Queue};
use crate::digest::digest;
use crate::error::NodeError;
use crate::limits::{MAX_EXTERNAL_BYTES, MAX_MESSAGES_PER_REQUEST, MAX_QUEUED_MESSAGES, at_most};

impl Queue {
    /// Stages external messages, without their tags: all of them or none. With `drop_duplicates` one
    /// that is known already is not taken again, and has the id it had.
    ///
    /// # Errors
    /// When one is too long for an inbox, or there are too many.
    pub fn inject(
        &mut self,
        payloads: &[Vec<u8>],
        order: Option<u64>,
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
            let known = || self.statuses.contains_key(&id) || self.staged_ids.contains(&id);
            if !(drop_duplicates && known()) {
                self.stage(id, order, [&[EXTERNAL], payload.as_slice()].concat());
            }
            ids.push(id);
        }
        Ok(ids)
    }

    fn at_most_more(&self, more: usize) -> Result<(), NodeError> {
        let all = self.pending.len().saturating_add(self.staged.len()).saturating_add(more);
        at_most("messages that wait for a level", all, MAX_QUEUED_MESSAGES)
    }

    fn stage(&mut self, id: MessageId, order: Option<u64>, bytes: Vec<u8>) {
        self.staged.push(PendingMessage { id, order, number: self.sent, bytes });
        self.staged_ids.insert(id);
        self.sent = self.sent.wrapping_add(1);
    }

    /// Whether there are messages that [`Self::sync`] has something to do for.
    #[must_use]
    pub fn has_staged(&self) -> bool {
        !self.staged.is_empty()
    }
}
