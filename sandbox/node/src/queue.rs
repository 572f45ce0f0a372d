//! What waits for the next level, and what became of what was sent: the batcher and the mempool of
//! the sandbox in one.

mod record;

use std::collections::{HashMap, HashSet, VecDeque};
use std::path::Path;

use store::Store;

use crate::digest::digest;
use crate::error::NodeError;
use crate::limits::{
    MAX_EXTERNAL_BYTES, MAX_KNOWN_MESSAGES, MAX_LEVEL_BYTES, MAX_MESSAGES_PER_REQUEST,
    MAX_QUEUED_MESSAGES, MESSAGE_OVERHEAD_BYTES,
};
use crate::lines::Lines;
use record::{HEADER, Record, WHAT};

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
        /// Its place among the messages of that level's inbox, without the protocol's own; `None` if a
        /// version put it down that did not note it.
        place: Option<usize>,
    },
}

/// A message that waits, whole with its tag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// Its id.
    pub id: MessageId,
    /// Where its sender wants it: those with an order come before those without, the least first.
    pub order: Option<u64>,
    /// The how manieth message it is of all that were ever sent.
    pub number: u64,
    /// Its bytes, with the tag.
    pub bytes: Vec<u8>,
}

impl Waiting {
    /// What the queue is sorted by.
    fn place(&self) -> (bool, u64, u64) {
        (self.order.is_none(), self.order.unwrap_or(0), self.number)
    }

    /// An external message's payload, without the tag.
    #[must_use]
    pub fn payload(&self) -> Option<&[u8]> {
        self.bytes.strip_prefix(&[EXTERNAL])
    }
}

/// The queue. Messages that are taken are *staged*: they count when [`Self::sync`] has returned, and
/// then they are in the inbox of exactly one level, whenever the process ends.
#[derive(Debug)]
pub struct Queue {
    /// In the order in which levels take them.
    waiting: VecDeque<Waiting>,
    staged: Vec<Waiting>,
    staged_ids: HashSet<MessageId>,
    fates: HashMap<MessageId, Fate>,
    /// The included ones, oldest first.
    included: VecDeque<MessageId>,
    /// What tells two messages of the same bytes from each other.
    sent: u64,
    lines: Lines,
}

impl Queue {
    /// One that is forgotten when the process ends.
    #[must_use]
    pub fn in_memory() -> Self {
        Self::empty(Lines::nowhere(WHAT, HEADER))
    }

    /// Starts one anew for a rollup that is new.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn create(path: &Path) -> Result<Self, NodeError> {
        Ok(Self::empty(Lines::create(path, WHAT, HEADER, "")?))
    }

    /// Goes on with one, or starts it if there is none yet. Which of the levels that it was about to
    /// be taken into have been played, the store says.
    ///
    /// # Errors
    /// When the file cannot be read or written, is no such record, or the store cannot be read.
    pub fn open(path: &Path, store: &Store) -> Result<Self, NodeError> {
        let lines = Lines::read(path, WHAT, HEADER)?;
        let read =
            |line: &String| Record::read(line).ok_or_else(|| NodeError::meaningless(WHAT, line));
        let records: Vec<Record> = lines.iter().map(read).collect::<Result<_, _>>()?;
        let mut queue = Self::empty(Lines::nowhere(WHAT, HEADER));
        record::replay(&mut queue, records, store)?;
        queue.lines = Lines::create(path, WHAT, HEADER, &queue.text())?;
        Ok(queue)
    }

    fn empty(lines: Lines) -> Self {
        Self {
            waiting: VecDeque::new(),
            staged: Vec::new(),
            staged_ids: HashSet::new(),
            fates: HashMap::new(),
            included: VecDeque::new(),
            sent: 0,
            lines,
        }
    }

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
            let known = || self.fates.contains_key(&id) || self.staged_ids.contains(&id);
            if !(drop_duplicates && known()) {
                self.stage(id, order, [&[EXTERNAL], payload.as_slice()].concat());
            }
            ids.push(id);
        }
        Ok(ids)
    }

    /// Stages a message of layer 1 itself, whole.
    ///
    /// # Errors
    /// When it is too long for an inbox, or there are too many.
    pub fn push(&mut self, bytes: Vec<u8>) -> Result<MessageId, NodeError> {
        at_most("bytes of a message", bytes.len(), pvm::MAX_MESSAGE_BYTES)?;
        self.at_most_more(1)?;
        let id = digest("internal, counted", &[&self.sent.to_be_bytes(), &bytes]);
        self.stage(id, None, bytes);
        Ok(id)
    }

    fn at_most_more(&self, more: usize) -> Result<(), NodeError> {
        let all = self.waiting.len().saturating_add(self.staged.len()).saturating_add(more);
        at_most("messages that wait for a level", all, MAX_QUEUED_MESSAGES)
    }

    fn stage(&mut self, id: MessageId, order: Option<u64>, bytes: Vec<u8>) {
        self.staged.push(Waiting { id, order, number: self.sent, bytes });
        self.staged_ids.insert(id);
        self.sent = self.sent.wrapping_add(1);
    }

    /// Whether there are messages that [`Self::sync`] has something to do for.
    #[must_use]
    pub fn has_staged(&self) -> bool {
        !self.staged.is_empty()
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

    fn put(&mut self, message: Waiting) {
        self.fates.insert(message.id, Fate::Waiting);
        let place = message.place();
        let at = self.waiting.partition_point(|other| other.place() < place);
        self.waiting.insert(at, message);
    }

    /// The messages of the next level, in the order they are taken, as many as a block holds. They
    /// wait until [`Self::include`] says that the level was played.
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

    /// Puts down that a level with the first messages is about to be played, by their number and the
    /// digest of its inbox. Whether it was, the store knows.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(crate) fn intend(
        &mut self,
        level: i32,
        count: usize,
        inbox: &[u8; 32],
    ) -> Result<(), NodeError> {
        self.lines.append(&record::intent(level, count, inbox))
    }

    /// The first `count` messages were in the inbox of a level.
    pub fn include(&mut self, count: usize, level: i32) {
        let taken = self.waiting.drain(..count.min(self.waiting.len()));
        for (place, message) in taken.enumerate() {
            self.fates.insert(message.id, Fate::Included { level, place: Some(place) });
            self.included.push_back(message.id);
        }
        self.forget_oldest();
    }

    fn forget_oldest(&mut self) {
        while self.included.len() > MAX_KNOWN_MESSAGES {
            if let Some(id) = self.included.pop_front() {
                self.fates.remove(&id);
            }
        }
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

    /// Puts down that everything is about to be forgotten, as the rollup goes back to a level.
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
        self.waiting.clear();
        self.staged.clear();
        self.staged_ids.clear();
        self.fates.clear();
        self.included.clear();
    }

    /// What became of a message; `None` if it is not known.
    #[must_use]
    pub fn fate(&self, id: &MessageId) -> Option<Fate> {
        self.fates.get(id).copied()
    }

    /// The messages of which it is known what became of them, in no order.
    pub fn known(&self) -> impl Iterator<Item = (&MessageId, Fate)> {
        self.fates.iter().map(|(id, fate)| (id, *fate))
    }

    /// A message that waits.
    #[must_use]
    pub fn find(&self, id: &MessageId) -> Option<&Waiting> {
        self.waiting.iter().find(|message| message.id == *id)
    }

    /// The messages that wait, in the order in which levels take them.
    pub fn waiting(&self) -> impl Iterator<Item = &Waiting> {
        self.waiting.iter()
    }
}

/// Refuses more than a limit.
pub(crate) fn at_most(what: &'static str, found: usize, limit: usize) -> Result<(), NodeError> {
    if found > limit { Err(NodeError::TooMuch { what, found, limit }) } else { Ok(()) }
}

#[cfg(test)]
mod tests;
