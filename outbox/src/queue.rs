//! The durable queue of messages that wait for room in the outbox.
//!
//! | path | value |
//! |---|---|
//! | `/outbox/ends` | next message u64, turns taken u64, turns given u64, waiting u64, their bytes u64 |
//! | `/outbox/message/<number>` | what the message is made of: [`Pending`] |
//! | `/outbox/next/<number>` | the number u64 of the owner's message after this one |
//! | `/outbox/lane/<owner>` | first u64, last u64 and count u64 of the owner's waiting messages |
//! | `/outbox/turn/<number>` | the owner whose turn it is |
//!
//! Each owner's messages are a linked list; the owners that have any stand in a ring of turns.

use encoding::limits::{QUEUE_BYTES, QUEUE_MESSAGES, QUEUE_MESSAGES_PER_OWNER};
use host::{HostError, RawRollupCore, StepError, Subtree};

use crate::pending::{Owner, Pending};

const ENDS: &str = "/outbox/ends";
const OWNER_QUEUE: &str = "/outbox/lane";

fn message_path(number: u64) -> String {
    format!("/outbox/message/{number}")
}

fn next_path(number: u64) -> String {
    format!("/outbox/next/{number}")
}

fn owner_queue_path(owner: Owner) -> String {
    format!("/outbox/lane/{}", owner.path())
}

fn turn_path(number: u64) -> String {
    format!("/outbox/turn/{number}")
}

/// The message whose turn it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueuedMessage {
    /// Whose queue it waited in.
    pub owner: Owner,
    /// What it is made of.
    pub pending: Pending,
    number: u64,
}

/// Why a message cannot wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Full {
    /// The queue takes no more.
    #[error("{messages} messages of {bytes} bytes wait for the outbox; it takes no more")]
    Queue {
        /// How many messages wait.
        messages: u64,
        /// Their records' bytes.
        bytes: u64,
    },
    /// The owner has as many waiting as one owner may.
    #[error(
        "{0} messages of this owner wait for the outbox; {QUEUE_MESSAGES_PER_OWNER} are the most"
    )]
    Owner(u64),
}

/// Messages that are going to be pushed before another one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct EnqueuedBefore {
    /// How many.
    pub messages: u64,
    /// Their records' bytes.
    pub bytes: u64,
    /// How many of them are the same owner's.
    pub of_owner: u64,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Ends {
    next_message: u64,
    turns_taken: u64,
    turns_given: u64,
    pending: u64,
    bytes: u64,
}

/// The queue over a working copy of the state: what it changes, it writes there at once.
#[derive(Debug)]
pub struct Queue<'h, H: RawRollupCore> {
    work: Subtree<'h, H>,
    ends: Ends,
}

impl<'h, H: RawRollupCore> Queue<'h, H> {
    /// The queue stored under `work`.
    ///
    /// # Errors
    /// When the host fails, or the queue's record does not match the layout.
    pub fn open(work: Subtree<'h, H>) -> Result<Self, HostError> {
        let ends = match work.read_record::<40>(ENDS, ENDS)? {
            None => Ends::default(),
            Some(record) => {
                let [next_message, turns_taken, turns_given, pending, bytes] =
                    words(&record, ENDS)?;
                Ends { next_message, turns_taken, turns_given, pending, bytes }
            }
        };
        Ok(Queue { work, ends })
    }

    /// How many messages wait.
    pub fn pending(&self) -> u64 {
        self.ends.pending
    }

    /// Whether a record of `bytes` can wait for `owner`, once those ahead of it do.
    ///
    /// # Errors
    /// When the host fails, or the queue is corrupt.
    pub fn room(
        &self,
        owner: Owner,
        bytes: usize,
        before_it: EnqueuedBefore,
    ) -> Result<(), StepError<Full>> {
        let messages = self.ends.pending.saturating_add(before_it.messages);
        let kept = self.ends.bytes.saturating_add(before_it.bytes);
        if messages >= QUEUE_MESSAGES || kept.saturating_add(size(bytes)) > QUEUE_BYTES {
            return Err(StepError::Refused(Full::Queue { messages, bytes: kept }));
        }
        let pending = self.owner_queue(owner)?.map_or(0, |[_, _, count]| count);
        let pending = pending.saturating_add(before_it.of_owner);
        if pending >= QUEUE_MESSAGES_PER_OWNER {
            return Err(StepError::Refused(Full::Owner(pending)));
        }
        Ok(())
    }

    /// Puts a message at the end of an owner's queue.
    ///
    /// # Errors
    /// When the host fails, or a stored value does not match the layout.
    pub fn enqueue(&mut self, owner: Owner, pending: &Pending) -> Result<(), HostError> {
        let number = self.ends.next_message;
        let record = pending.to_bytes();
        self.work.write(&message_path(number), &record)?;
        match self.owner_queue(owner)? {
            Some([first, last, count]) => {
                self.work.write(&next_path(last), &number.to_be_bytes())?;
                self.write_owner_queue(owner, [first, number, after(count)?])?;
            }
            None => {
                self.write_owner_queue(owner, [number, number, 1])?;
                self.give_turn(owner)?;
            }
        }
        self.ends.next_message = after(number)?;
        self.ends.pending = after(self.ends.pending)?;
        self.ends.bytes = self.ends.bytes.saturating_add(size(record.len()));
        self.write_ends()
    }

    /// The message whose turn it is.
    ///
    /// # Errors
    /// When the host fails, or a stored value does not match the layout.
    pub fn next_message(&self) -> Result<Option<QueuedMessage>, HostError> {
        if self.ends.pending == 0 {
            return Ok(None);
        }
        let owner = self.turn(self.ends.turns_taken)?;
        let [number, _, _] = self.owner_queue(owner)?.ok_or(HostError::Corrupt(OWNER_QUEUE))?;
        Ok(Some(QueuedMessage { owner, pending: self.message(number)?, number }))
    }

    /// Everything that waits, owner by owner.
    ///
    /// # Errors
    /// When the host fails, or a stored value does not match the layout.
    pub fn all(&self) -> Result<Vec<Pending>, HostError> {
        let mut all = Vec::new();
        for turn in self.ends.turns_taken..self.ends.turns_given {
            let [mut number, last, _] =
                self.owner_queue(self.turn(turn)?)?.ok_or(HostError::Corrupt(OWNER_QUEUE))?;
            all.push(self.message(number)?);
            while number != last {
                number = self.next(number)?;
                all.push(self.message(number)?);
            }
        }
        Ok(all)
    }

    /// Takes out what [`Queue::next_message`] returned, and passes the turn on.
    ///
    /// # Errors
    /// When the host fails, or a stored value does not match the layout.
    pub fn dequeue(&mut self, queued: &QueuedMessage) -> Result<(), HostError> {
        let QueuedMessage { owner, number, .. } = *queued;
        self.work.delete(&message_path(number))?;
        self.work.delete(&turn_path(self.ends.turns_taken))?;
        self.ends.turns_taken = after(self.ends.turns_taken)?;
        let [_, last, count] = self.owner_queue(owner)?.ok_or(HostError::Corrupt(OWNER_QUEUE))?;
        if number == last {
            self.work.delete(&owner_queue_path(owner))?;
        } else {
            let next = self.next(number)?;
            self.work.delete(&next_path(number))?;
            self.write_owner_queue(owner, [next, last, before(count)?])?;
            self.give_turn(owner)?;
        }
        self.ends.pending = before(self.ends.pending)?;
        self.ends.bytes = self.ends.bytes.saturating_sub(size(queued.pending.to_bytes().len()));
        self.write_ends()
    }

    fn message(&self, number: u64) -> Result<Pending, HostError> {
        let record = self.work.read(&message_path(number))?;
        Pending::from_bytes(&record).ok_or(HostError::Corrupt("/outbox/message"))
    }

    fn turn(&self, turn: u64) -> Result<Owner, HostError> {
        let owner = self.work.read(&turn_path(turn))?;
        Owner::from_bytes(&owner).ok_or(HostError::Corrupt("/outbox/turn"))
    }

    fn next(&self, number: u64) -> Result<u64, HostError> {
        let next = self.work.read_record(&next_path(number), "/outbox/next")?;
        next.map(u64::from_be_bytes).ok_or(HostError::Corrupt("/outbox/next"))
    }

    fn give_turn(&mut self, owner: Owner) -> Result<(), HostError> {
        self.work.write(&turn_path(self.ends.turns_given), &owner.to_bytes())?;
        self.ends.turns_given = after(self.ends.turns_given)?;
        Ok(())
    }

    fn owner_queue(&self, owner: Owner) -> Result<Option<[u64; 3]>, HostError> {
        let bytes = self.work.read_record::<24>(&owner_queue_path(owner), OWNER_QUEUE)?;
        bytes.map(|bytes| words(&bytes, OWNER_QUEUE)).transpose()
    }

    fn write_owner_queue(&self, owner: Owner, owner_queue: [u64; 3]) -> Result<(), HostError> {
        self.work.write(&owner_queue_path(owner), &owner_queue.map(u64::to_be_bytes).concat())
    }

    fn write_ends(&self) -> Result<(), HostError> {
        let Ends { next_message, turns_taken, turns_given, pending, bytes } = self.ends;
        let words = [next_message, turns_taken, turns_given, pending, bytes];
        self.work.write(ENDS, &words.map(u64::to_be_bytes).concat())
    }
}

/// Bytes, as they are counted: a record has a few thousand at most.
fn size(bytes: usize) -> u64 {
    u64::try_from(bytes).unwrap_or(u64::MAX)
}

fn after(number: u64) -> Result<u64, HostError> {
    number.checked_add(1).ok_or(HostError::Corrupt(ENDS))
}

fn before(number: u64) -> Result<u64, HostError> {
    number.checked_sub(1).ok_or(HostError::Corrupt(ENDS))
}

fn words<const N: usize>(bytes: &[u8], what: &'static str) -> Result<[u64; N], HostError> {
    let (chunks, []) = bytes.as_chunks::<8>() else { return Err(HostError::Corrupt(what)) };
    let chunks = <[[u8; 8]; N]>::try_from(chunks).map_err(|_| HostError::Corrupt(what))?;
    Ok(chunks.map(u64::from_be_bytes))
}
