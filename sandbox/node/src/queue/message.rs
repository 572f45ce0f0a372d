//! A message that was sent, and what became of it.

/// The tag of an external message.
pub(super) const EXTERNAL: u8 = 1;

/// The id of a message.
pub type MessageId = [u8; 32];

/// What became of a message that was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MessageStatus {
    /// It waits for a level.
    Pending,
    /// It was in the inbox of a level.
    Included {
        /// Which one.
        level: i32,
        /// Its index among the messages of that level's inbox, without the protocol's own; `None` if a
        /// version recorded it that did not note the index.
        index: Option<usize>,
    },
}

/// A message that waits, whole with its tag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PendingMessage {
    /// Its id.
    pub id: MessageId,
    /// Where its sender wants it: those with an order come before those without, the least first.
    pub order: Option<u64>,
    /// Its sequence number since the queue was created.
    pub number: u64,
    /// Its bytes, with the tag.
    pub bytes: Vec<u8>,
}

impl PendingMessage {
    /// What the queue is sorted by.
    pub(super) fn sort_key(&self) -> (bool, u64, u64) {
        (self.order.is_none(), self.order.unwrap_or(0), self.number)
    }

    /// An external message's payload, without the tag.
    #[must_use]
    pub fn payload(&self) -> Option<&[u8]> {
        self.bytes.strip_prefix(&[EXTERNAL])
    }
}
