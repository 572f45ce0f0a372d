//! Ingesting: every message of the level that is for this rollup goes into durable storage before anything else is
//! done with it.

use encoding::{Level, MessageId, RollupAddress};
use host::{Host, HostError, RawRollupCore};
use inbox::{Envelope, envelope};

use crate::layout::{Cursors, InboxQueue, Layout, LevelUse, PARKED, STATE, UNPARKED};
use crate::price::Price;
use crate::results;

/// Bytes: level i32, index u32, length of the message u32.
const HEADER_BYTES: usize = 12;

/// An ingested message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    /// Where it stood in the inbox.
    pub message: MessageId,
    /// Its bytes, or `None` if the run that ingested it was cut off while writing them.
    pub bytes: Option<Vec<u8>>,
}

impl Entry {
    /// The message of this number, if there is one.
    pub(crate) fn read<H: RawRollupCore>(
        host: &H,
        queue: InboxQueue,
        number: u64,
    ) -> Result<Option<Entry>, HostError> {
        let value = host.read(&queue.path(number))?;
        Ok(Entry::decode(&value))
    }

    /// Reads an entry as it is stored.
    pub(crate) fn decode(value: &[u8]) -> Option<Entry> {
        let ([a, b, c, d, e, f, g, h, i, j, k, l], bytes) =
            value.split_first_chunk::<HEADER_BYTES>()?;
        let length = u32::from_be_bytes([*i, *j, *k, *l]);
        Some(Entry {
            message: MessageId {
                level: Level(i32::from_be_bytes([*a, *b, *c, *d])),
                index: u32::from_be_bytes([*e, *f, *g, *h]),
            },
            bytes: (usize::try_from(length) == Ok(bytes.len())).then(|| bytes.to_vec()),
        })
    }

    fn encode(message: MessageId, bytes: &[u8]) -> Vec<u8> {
        // A message has at most 4,096 bytes.
        let length = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
        let header =
            [message.level.0.to_be_bytes(), message.index.to_be_bytes(), length.to_be_bytes()];
        [&header.concat(), bytes].concat()
    }
}

/// The end of a queue, which is found by looking: it needs no record that could be behind.
struct Tail {
    queue: InboxQueue,
    first: u64,
    end: Option<u64>,
}

impl Tail {
    fn new(queue: InboxQueue, first: u64) -> Self {
        Tail { queue, first, end: None }
    }

    /// The path of the next message to come.
    fn next_path<H: RawRollupCore>(&mut self, host: &H) -> Result<String, HostError> {
        let mut end = self.end.unwrap_or(self.first);
        while self.end.is_none() && host.has(&self.queue.path(end))? {
            end = end.saturating_add(1);
        }
        self.end = Some(end.saturating_add(1));
        Ok(self.queue.path(end))
    }
}

/// The ends of the queues that messages go to.
struct Tails {
    deposits: Tail,
    batches: Tail,
}

impl Tails {
    fn open<H: RawRollupCore>(host: &H) -> Result<Self, HostError> {
        let cursors = Cursors::read(host)?;
        Ok(Tails {
            deposits: Tail::new(InboxQueue::Deposits, cursors.deposits),
            batches: Tail::new(InboxQueue::Batches, cursors.batches),
        })
    }

    fn of(&mut self, queue: InboxQueue) -> &mut Tail {
        if queue == InboxQueue::Batches { &mut self.batches } else { &mut self.deposits }
    }
}

/// Reads the inbox to its end and returns the level it is at. Beside a state that is not ours to
/// read, messages are parked, and nothing of that state is touched.
pub(crate) fn ingest<H: RawRollupCore>(
    host: &H,
    rollup: &RollupAddress,
    accept_v1: bool,
    layout: Layout,
    mut level: LevelUse,
) -> Result<LevelUse, HostError> {
    let mut parked = Tail::new(InboxQueue::Parked, unparked(host)?);
    let mut tails = match layout {
        Layout::Ours => {
            let mut tails = Tails::open(host)?;
            if host.has(PARKED)? {
                unpark(host, rollup, accept_v1, &mut tails)?;
            }
            Some(tails)
        }
        Layout::Older(_) | Layout::Newer => None,
    };
    let mut counted = false;
    let mut buffer = Vec::new();
    while let Some((message, bytes)) = host.next_input_into(&mut buffer)? {
        if message.level != level.level {
            if let (Layout::Ours, Some(old)) =
                (layout, results::outdated(level.level, message.level))
            {
                host.delete(&[STATE, &old].concat())?;
            }
            level = LevelUse { level: message.level, ..LevelUse::default() };
            level.write(host)?;
        }
        let envelope = envelope(bytes, rollup, accept_v1);
        let queue = match &envelope {
            Envelope::Transfer(_) => InboxQueue::Deposits,
            Envelope::External { .. } => InboxQueue::Batches,
            Envelope::NotOurs => {
                level.not_ours = level.not_ours.saturating_add(1);
                counted = true;
                continue;
            }
            Envelope::StartOfLevel
            | Envelope::InfoPerLevel
            | Envelope::EndOfLevel
            | Envelope::ProtocolMigration
            | Envelope::DalAttestedSlots => continue,
        };
        let path = match &mut tails {
            Some(tails) => tails.of(queue).next_path(host)?,
            None => parked.next_path(host)?,
        };
        host.write_at(&path, 0, &Entry::encode(message, bytes))?;
        // It is safe now: what it asks for may be looked at.
        if let Some(price) = Price::of_envelope(&envelope, bytes.len(), accept_v1) {
            level.add_demand(price);
            counted = true;
        }
    }
    if counted {
        level.write(host)?;
    }
    Ok(level)
}

/// How many of the parked messages have been put where they belong.
fn unparked<H: RawRollupCore>(host: &H) -> Result<u64, HostError> {
    Ok(host.read_record(UNPARKED, UNPARKED)?.map_or(0, u64::from_be_bytes))
}

/// Puts what was parked where it belongs, one move a message. What is no whole call is put to the
/// batches, to be refused there.
fn unpark<H: RawRollupCore>(
    host: &H,
    rollup: &RollupAddress,
    accept_v1: bool,
    tails: &mut Tails,
) -> Result<(), HostError> {
    let mut number = unparked(host)?;
    loop {
        let next = number.saturating_add(1);
        match Entry::read(host, InboxQueue::Parked, number)? {
            Some(entry) => {
                let bytes = entry.bytes.unwrap_or_default();
                let queue = match envelope(&bytes, rollup, accept_v1) {
                    Envelope::Transfer(_) => InboxQueue::Deposits,
                    _ => InboxQueue::Batches,
                };
                host.rename(&InboxQueue::Parked.path(number), &tails.of(queue).next_path(host)?)?;
            }
            // An earlier run was cut off after it had moved this one.
            None if host.has(&InboxQueue::Parked.path(next))? => {}
            None => return Ok(()),
        }
        host.write_at(UNPARKED, 0, &next.to_be_bytes())?;
        number = next;
    }
}
