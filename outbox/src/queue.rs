//! The durable queue of messages that wait for room in the outbox.
//!
//! | path | value |
//! |---|---|
//! | `/outbox/ends` | next message u64, turns taken u64, turns given u64, waiting u64 |
//! | `/outbox/message/<number>` | calls u16, (ticket u32, amount u64) of each, the message |
//! | `/outbox/next/<number>` | the number u64 of the account's message after this one |
//! | `/outbox/lane/<account>` | first and last u64 of the account's waiting messages |
//! | `/outbox/turn/<number>` | the account u32 whose turn it is |
//!
//! Each account's messages are a linked list; the accounts that have any stand in a ring of turns.

use encoding::{AccountIndex, Amount, TicketIndex};
use host::{HostError, RawRollupCore, Subtree};

const ENDS: &str = "/outbox/ends";

/// The lane of what is paid back to depositors. No account has this index: the registry stops
/// before it.
pub const REFUNDS: AccountIndex = AccountIndex(u32::MAX);

fn message_path(number: u64) -> String {
    format!("/outbox/message/{number}")
}

fn next_path(number: u64) -> String {
    format!("/outbox/next/{number}")
}

fn lane_path(account: AccountIndex) -> String {
    format!("/outbox/lane/{account}")
}

fn turn_path(number: u64) -> String {
    format!("/outbox/turn/{number}")
}

/// A message that waits, and what will have left the rollup with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// The bytes for `write_output`.
    pub message: Vec<u8>,
    /// What each of its calls carries.
    pub tickets: Vec<(TicketIndex, Amount)>,
}

/// The message whose turn it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Departure {
    /// Whose lane it waited in.
    pub account: AccountIndex,
    /// The message.
    pub waiting: Waiting,
    number: u64,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Ends {
    next_message: u64,
    turns_taken: u64,
    turns_given: u64,
    waiting: u64,
}

/// The queue over a working copy of the state: what it changes, it writes there at once.
#[derive(Debug)]
pub struct Queue<'h, H: RawRollupCore> {
    work: Subtree<'h, H>,
    ends: Ends,
}

impl<'h, H: RawRollupCore> Queue<'h, H> {
    /// The queue stored under `work`.
    pub fn open(work: Subtree<'h, H>) -> Result<Self, HostError> {
        let ends = match work.read_record::<32>(ENDS, ENDS)? {
            None => Ends::default(),
            Some(bytes) => {
                let [next_message, turns_taken, turns_given, waiting] = words(&bytes, ENDS)?;
                Ends { next_message, turns_taken, turns_given, waiting }
            }
        };
        Ok(Queue { work, ends })
    }

    /// How many messages wait.
    pub fn waiting(&self) -> u64 {
        self.ends.waiting
    }

    /// Puts a message at the end of an account's lane.
    pub fn push(&mut self, account: AccountIndex, waiting: &Waiting) -> Result<(), HostError> {
        let number = self.ends.next_message;
        self.work.write(&message_path(number), &encode_waiting(waiting))?;
        match self.lane(account)? {
            Some([first, last]) => {
                self.work.write(&next_path(last), &number.to_be_bytes())?;
                self.write_lane(account, [first, number])?;
            }
            None => {
                self.write_lane(account, [number, number])?;
                self.give_turn(account)?;
            }
        }
        self.ends.next_message = after(number)?;
        self.ends.waiting = after(self.ends.waiting)?;
        self.write_ends()
    }

    /// The message whose turn it is.
    pub fn first(&self) -> Result<Option<Departure>, HostError> {
        if self.ends.waiting == 0 {
            return Ok(None);
        }
        let turn = self.work.read_record(&turn_path(self.ends.turns_taken), "/outbox/turn")?;
        let account = turn.map(|bytes| AccountIndex(u32::from_be_bytes(bytes)));
        let account = account.ok_or(HostError::Corrupt("/outbox/turn"))?;
        let [number, _] = self.lane(account)?.ok_or(HostError::Corrupt("/outbox/lane"))?;
        Ok(Some(Departure { account, waiting: self.message(number)?, number }))
    }

    /// Everything that waits, lane by lane.
    pub fn all(&self) -> Result<Vec<Waiting>, HostError> {
        let mut all = Vec::new();
        for turn in self.ends.turns_taken..self.ends.turns_given {
            let account = self.work.read_record(&turn_path(turn), "/outbox/turn")?;
            let account = account.map(|bytes| AccountIndex(u32::from_be_bytes(bytes)));
            let account = account.ok_or(HostError::Corrupt("/outbox/turn"))?;
            let [mut number, last] =
                self.lane(account)?.ok_or(HostError::Corrupt("/outbox/lane"))?;
            all.push(self.message(number)?);
            while number != last {
                number = self.next(number)?;
                all.push(self.message(number)?);
            }
        }
        Ok(all)
    }

    /// Takes out what [`Queue::first`] returned, and passes the turn on.
    pub fn take(&mut self, departure: &Departure) -> Result<(), HostError> {
        let Departure { account, number, .. } = *departure;
        self.work.delete(&message_path(number))?;
        self.work.delete(&turn_path(self.ends.turns_taken))?;
        self.ends.turns_taken = after(self.ends.turns_taken)?;
        let [_, last] = self.lane(account)?.ok_or(HostError::Corrupt("/outbox/lane"))?;
        if number == last {
            self.work.delete(&lane_path(account))?;
        } else {
            let next = self.next(number)?;
            self.work.delete(&next_path(number))?;
            self.write_lane(account, [next, last])?;
            self.give_turn(account)?;
        }
        self.ends.waiting = self.ends.waiting.checked_sub(1).ok_or(HostError::Corrupt(ENDS))?;
        self.write_ends()
    }

    fn message(&self, number: u64) -> Result<Waiting, HostError> {
        let record = self.work.read(&message_path(number))?;
        decode_waiting(&record).ok_or(HostError::Corrupt("/outbox/message"))
    }

    fn next(&self, number: u64) -> Result<u64, HostError> {
        let next = self.work.read_record(&next_path(number), "/outbox/next")?;
        next.map(u64::from_be_bytes).ok_or(HostError::Corrupt("/outbox/next"))
    }

    fn give_turn(&mut self, account: AccountIndex) -> Result<(), HostError> {
        self.work.write(&turn_path(self.ends.turns_given), &account.0.to_be_bytes())?;
        self.ends.turns_given = after(self.ends.turns_given)?;
        Ok(())
    }

    fn lane(&self, account: AccountIndex) -> Result<Option<[u64; 2]>, HostError> {
        let bytes = self.work.read_record::<16>(&lane_path(account), "/outbox/lane")?;
        bytes.map(|bytes| words(&bytes, "/outbox/lane")).transpose()
    }

    fn write_lane(&self, account: AccountIndex, [first, last]: [u64; 2]) -> Result<(), HostError> {
        let bytes = [first.to_be_bytes(), last.to_be_bytes()].concat();
        self.work.write(&lane_path(account), &bytes)
    }

    fn write_ends(&self) -> Result<(), HostError> {
        let Ends { next_message, turns_taken, turns_given, waiting } = self.ends;
        let words = [next_message, turns_taken, turns_given, waiting];
        self.work.write(ENDS, &words.map(u64::to_be_bytes).concat())
    }
}

fn after(number: u64) -> Result<u64, HostError> {
    number.checked_add(1).ok_or(HostError::Corrupt(ENDS))
}

fn words<const N: usize>(bytes: &[u8], what: &'static str) -> Result<[u64; N], HostError> {
    let (chunks, []) = bytes.as_chunks::<8>() else { return Err(HostError::Corrupt(what)) };
    let chunks = <[[u8; 8]; N]>::try_from(chunks).map_err(|_| HostError::Corrupt(what))?;
    Ok(chunks.map(u64::from_be_bytes))
}

fn encode_waiting(waiting: &Waiting) -> Vec<u8> {
    // A message of 4,096 bytes has fewer than 2^16 calls.
    let calls = u16::try_from(waiting.tickets.len()).unwrap_or(u16::MAX);
    let mut bytes = calls.to_be_bytes().to_vec();
    for (ticket, amount) in &waiting.tickets {
        bytes.extend_from_slice(&ticket.0.to_be_bytes());
        bytes.extend_from_slice(&amount.get().to_be_bytes());
    }
    bytes.extend_from_slice(&waiting.message);
    bytes
}

fn decode_waiting(bytes: &[u8]) -> Option<Waiting> {
    let (calls, mut rest) = bytes.split_first_chunk::<2>()?;
    let mut tickets = Vec::new();
    for _ in 0..u16::from_be_bytes(*calls) {
        let (ticket, after) = rest.split_first_chunk::<4>()?;
        let (amount, after) = after.split_first_chunk::<8>()?;
        tickets.push((
            TicketIndex(u32::from_be_bytes(*ticket)),
            Amount::new(u64::from_be_bytes(*amount)),
        ));
        rest = after;
    }
    Some(Waiting { message: rest.to_vec(), tickets })
}
