//! What waits for the next level, and what became of what was sent: the batcher and the mempool of
//! the sandbox in one.

mod inject;
mod levels;
mod message;
mod record;
mod replay;

use std::collections::{HashMap, HashSet, VecDeque};
use std::path::Path;

use store::Store;

use crate::error::NodeError;
use crate::record_log::RecordLog;
use record::{HEADER, Record, WHAT};

pub use message::{MessageId, MessageStatus, PendingMessage};

/// The queue. Messages that are taken are *staged*: they count when [`Self::sync`] has returned, and
/// then they are in the inbox of exactly one level, whenever the process ends.
#[derive(Debug)]
pub struct Queue {
    /// In the order in which levels take them.
    pending: VecDeque<PendingMessage>,
    staged: Vec<PendingMessage>,
    staged_ids: HashSet<MessageId>,
    statuses: HashMap<MessageId, MessageStatus>,
    /// The included ones, oldest first.
    included: VecDeque<MessageId>,
    /// What tells two messages of the same bytes from each other.
    sent: u64,
    lines: RecordLog,
}

impl Queue {
    /// One that is forgotten when the process ends.
    #[must_use]
    pub fn in_memory() -> Self {
        Self::empty(RecordLog::nowhere(WHAT, HEADER))
    }

    /// Starts one anew for a rollup that is new.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn create(path: &Path) -> Result<Self, NodeError> {
        Ok(Self::empty(RecordLog::create(path, WHAT, HEADER, "")?))
    }

    /// Continues a queue, or starts a new one. For each level that was about to take messages, the store
    /// says whether it has run.
    ///
    /// # Errors
    /// When the file cannot be read or written, is not such a record, or the store cannot be read.
    pub fn open(path: &Path, store: &Store) -> Result<Self, NodeError> {
        let lines = RecordLog::read(path, WHAT, HEADER)?;
        let read =
            |line: &String| Record::read(line).ok_or_else(|| NodeError::invalid_line(WHAT, line));
        let records: Vec<Record> = lines.iter().map(read).collect::<Result<_, _>>()?;
        let mut queue = Self::empty(RecordLog::nowhere(WHAT, HEADER));
        queue.replay(records, store)?;
        queue.lines = RecordLog::create(path, WHAT, HEADER, &queue.text())?;
        Ok(queue)
    }

    fn empty(lines: RecordLog) -> Self {
        Self {
            pending: VecDeque::new(),
            staged: Vec::new(),
            staged_ids: HashSet::new(),
            statuses: HashMap::new(),
            included: VecDeque::new(),
            sent: 0,
            lines,
        }
    }

    /// Puts what is staged into the queue. It is on the disk when this returns.
    ///
    /// # Errors
    /// When it cannot be written. Then what was staged is gone.
    pub fn sync(&mut self) -> Result<(), NodeError> {
        let staged = std::mem::take(&mut self.staged);
        self.staged_ids.clear();
        if staged.is_empty() {
            return Ok(());
        }
        if self.lines.is_kept() {
            self.lines.append(&staged.iter().map(record::message).collect::<String>())?;
        }
        for message in staged {
            self.put(message);
        }
        Ok(())
    }

    fn put(&mut self, message: PendingMessage) {
        self.statuses.insert(message.id, MessageStatus::Pending);
        let key = message.sort_key();
        let at = self.pending.partition_point(|other| other.sort_key() < key);
        self.pending.insert(at, message);
    }

    /// Writes the record anew if most of it is about what is long over. If that fails, nothing is
    /// taken any more, and whoever sends hears why.
    pub(crate) fn tidy(&mut self) {
        let (grown, base) = self.lines.grown();
        if grown > base.max(record::TIDY_BYTES) {
            let text = self.text();
            let _ = self.lines.replace(&text);
        }
    }

    /// Records that everything is about to be forgotten, as the rollup goes back to a level.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(crate) fn intend_to_clear(&mut self, level: i32) -> Result<(), NodeError> {
        self.lines.append(&record::going_back(level))
    }

    /// Forgets everything: the levels it is about are gone.
    ///
    /// # Errors
    /// When it cannot be written. Then nothing is taken any more.
    pub fn clear(&mut self) -> Result<(), NodeError> {
        self.forget();
        let text = self.text();
        self.lines.replace(&text)
    }

    fn forget(&mut self) {
        self.pending.clear();
        self.staged.clear();
        self.staged_ids.clear();
        self.statuses.clear();
        self.included.clear();
    }

    /// What became of a message; `None` if it is not known.
    #[must_use]
    pub fn status(&self, id: &MessageId) -> Option<MessageStatus> {
        self.statuses.get(id).copied()
    }

    /// The messages of which it is known what became of them, in no order.
    pub fn known(&self) -> impl Iterator<Item = (&MessageId, MessageStatus)> {
        self.statuses.iter().map(|(id, status)| (id, *status))
    }

    /// A message that waits.
    #[must_use]
    pub fn find(&self, id: &MessageId) -> Option<&PendingMessage> {
        self.pending.iter().find(|message| message.id == *id)
    }

    /// The messages that wait, in the order in which levels take them.
    pub fn pending(&self) -> impl Iterator<Item = &PendingMessage> {
        self.pending.iter()
    }
}

#[cfg(test)]
mod tests;
