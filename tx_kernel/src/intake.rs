//! Taking in: every message of the level that is ours goes into durable storage before anything
//! else is done with it.

use encoding::limits::WAITING_BATCHES;
use encoding::{Level, MessageId, RollupAddress};
use host::{Host, HostError, RawRollupCore};
use inbox::{Envelope, envelope};

use crate::layout::{Cursors, Lane, LevelUse, STATE};
use crate::results::{self, MessageResult, Reason, code};

/// Bytes: level i32, index u32, length of the message u32.
const HEADER_BYTES: usize = 12;

/// A message that was taken in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    /// Where it stood in the inbox.
    pub message: MessageId,
    /// Its bytes, or `None` if the run that took it in was cut off while writing them.
    pub bytes: Option<Vec<u8>>,
}

impl Entry {
    /// The message of this number, if there is one.
    pub(crate) fn read<H: RawRollupCore>(
        host: &H,
        lane: Lane,
        number: u64,
    ) -> Result<Option<Entry>, HostError> {
        let value = host.read(&lane.path(number))?;
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

    fn write<H: RawRollupCore>(
        host: &H,
        lane: Lane,
        number: u64,
        message: MessageId,
        bytes: &[u8],
    ) -> Result<(), HostError> {
        // A message has at most 4,096 bytes.
        let length = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
        let header =
            [message.level.0.to_be_bytes(), message.index.to_be_bytes(), length.to_be_bytes()];
        host.write_at(&lane.path(number), 0, &[&header.concat(), bytes].concat())
    }
}

/// The end of a queue, which is found by looking: it needs no record that could be behind.
struct Tail {
    lane: Lane,
    first: u64,
    end: Option<u64>,
}

impl Tail {
    fn end<H: RawRollupCore>(&mut self, host: &H) -> Result<u64, HostError> {
        if let Some(end) = self.end {
            return Ok(end);
        }
        let mut end = self.first;
        while host.has(&self.lane.path(end))? {
            end = end.saturating_add(1);
        }
        self.end = Some(end);
        Ok(end)
    }

    fn append<H: RawRollupCore>(
        &mut self,
        host: &H,
        message: MessageId,
        bytes: &[u8],
    ) -> Result<(), HostError> {
        let end = self.end(host)?;
        Entry::write(host, self.lane, end, message, bytes)?;
        self.end = Some(end.saturating_add(1));
        Ok(())
    }
}

/// Reads the inbox to its end and returns the level it is at.
pub(crate) fn take_in<H: RawRollupCore>(
    host: &H,
    rollup: &RollupAddress,
    accept_v1: bool,
    mut level: LevelUse,
) -> Result<LevelUse, HostError> {
    let cursors = Cursors::read(host)?;
    let mut deposits = Tail { lane: Lane::Deposits, first: cursors.deposits, end: None };
    let mut batches = Tail { lane: Lane::Batches, first: cursors.batches, end: None };
    let mut changed = false;
    while let Some((message, bytes)) = host.next_input()? {
        if message.level != level.level {
            if let Some(old) = results::outdated(level.level, message.level) {
                host.delete(&[STATE, &old].concat())?;
            }
            level = LevelUse { level: message.level, ..LevelUse::default() };
            changed = true;
        }
        match envelope(&bytes, rollup, accept_v1) {
            Envelope::Transfer(_) => deposits.append(host, message, &bytes)?,
            Envelope::Batch { .. } => {
                let queued = batches.end(host)?.saturating_sub(cursors.batches);
                let deferred = results::place(cursors.deferred.len());
                if queued.saturating_add(deferred) < WAITING_BATCHES {
                    batches.append(host, message, &bytes)?;
                } else {
                    refuse_as_busy(host, message)?;
                }
            }
            Envelope::NotOurs => {
                level.not_ours = level.not_ours.saturating_add(1);
                changed = true;
            }
            Envelope::StartOfLevel
            | Envelope::InfoPerLevel
            | Envelope::EndOfLevel
            | Envelope::ProtocolMigration
            | Envelope::DalAttestedSlots => {}
        }
    }
    if changed {
        level.write(host)?;
    }
    Ok(level)
}

/// A single write, so it needs no working copy.
fn refuse_as_busy<H: RawRollupCore>(host: &H, message: MessageId) -> Result<(), HostError> {
    let result = MessageResult::Refused(Reason::plain(code::BUSY));
    let path = [STATE, &results::message_path(message)].concat();
    host.write_at(&path, 0, &result.to_bytes())
}
