//! A store as one stream of bytes: all of it, history, outboxes and snapshots included.
//!
//! First the magic and the version, an `u16`; then records, each behind its length, an `u32`; then
//! a length of zero, and Blake2b-256 over all bytes before. Numbers are big-endian. A store has one
//! export: tables in the order of their tags, rows in the order of their keys.

use std::io::{self, Write};

use blake2::digest::consts::U32;
use blake2::{Blake2b, Digest};
use redb::{ReadableDatabase, ReadableTable};

use crate::bytes::{BadRecord, Reader, put_bytes, put_option};
use crate::error::StoreError;
use crate::record::encode_identity;
use crate::store::Store;
use crate::tables::{EXPORT_VERSION, HEAD, INBOX, LEVELS, OUTBOX, SNAPSHOTS, UNDO};

/// What an export begins with.
pub const EXPORT_MAGIC: [u8; 8] = *b"TORUSTOR";

/// Bytes of a checksum.
pub(crate) const CHECKSUM_BYTES: usize = 32;

/// What the checksum is made with.
pub(crate) type Checksum = Blake2b<U32>;

/// One row of one table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Record<'a> {
    /// What never changes. The first record, and the only one of its kind, as is the next.
    Identity(&'a [u8]),
    /// The machine after the last level.
    Machine(&'a [u8]),
    /// A row of the head.
    Head(&'a str, u32, &'a [u8]),
    /// A row of before a level.
    Undo(i32, &'a str, u32, Option<&'a [u8]>),
    /// A level.
    Level(i32, &'a [u8]),
    /// A message of an outbox.
    Outbox(i32, u32, &'a [u8]),
    /// A snapshot.
    Snapshot(&'a str, i32),
    /// A message of an inbox.
    Inbox(i32, u32, &'a [u8]),
}

impl<'a> Record<'a> {
    /// Its place in the order of tables.
    pub(crate) fn tag(&self) -> u8 {
        match self {
            Self::Identity(_) => 1,
            Self::Machine(_) => 2,
            Self::Head(..) => 3,
            Self::Undo(..) => 4,
            Self::Level(..) => 5,
            Self::Outbox(..) => 6,
            Self::Snapshot(..) => 7,
            Self::Inbox(..) => 8,
        }
    }

    fn encode(&self) -> Vec<u8> {
        let mut out = vec![self.tag()];
        match *self {
            Self::Identity(bytes) | Self::Machine(bytes) => put_bytes(&mut out, bytes),
            Self::Head(path, part, bytes) => {
                put_bytes(&mut out, path.as_bytes());
                out.extend(part.to_be_bytes());
                put_bytes(&mut out, bytes);
            }
            Self::Undo(level, path, part, before) => {
                out.extend(level.to_be_bytes());
                put_bytes(&mut out, path.as_bytes());
                out.extend(part.to_be_bytes());
                put_option(&mut out, before, put_bytes);
            }
            Self::Level(level, bytes) => {
                out.extend(level.to_be_bytes());
                put_bytes(&mut out, bytes);
            }
            Self::Outbox(level, index, bytes) | Self::Inbox(level, index, bytes) => {
                out.extend(level.to_be_bytes());
                out.extend(index.to_be_bytes());
                put_bytes(&mut out, bytes);
            }
            Self::Snapshot(name, level) => {
                put_bytes(&mut out, name.as_bytes());
                out.extend(level.to_be_bytes());
            }
        }
        out
    }

    pub(crate) fn decode(bytes: &'a [u8]) -> Result<Self, BadRecord> {
        let mut from = Reader::new("an export", bytes);
        let record = match from.byte("a tag")? {
            1 => Self::Identity(from.bytes("the rollup")?),
            2 => Self::Machine(from.bytes("the machine")?),
            3 => Self::Head(from.text("a path")?, from.u32("a part")?, from.bytes("a row")?),
            4 => {
                let level = from.i32("a level")?;
                let (path, part) = (from.text("a path")?, from.u32("a part")?);
                let before = match from.flag("whether there is a row")? {
                    true => Some(from.bytes("a row")?),
                    false => None,
                };
                Self::Undo(level, path, part, before)
            }
            5 => Self::Level(from.i32("a level")?, from.bytes("its record")?),
            6 => {
                Self::Outbox(from.i32("a level")?, from.u32("an index")?, from.bytes("a message")?)
            }
            7 => Self::Snapshot(from.text("a name")?, from.i32("a level")?),
            8 => Self::Inbox(from.i32("a level")?, from.u32("an index")?, from.bytes("a message")?),
            _ => return Err(from.wrong("a tag that is known")),
        };
        from.end()?;
        Ok(record)
    }
}

/// Writes and sums up at once.
struct Sink<W> {
    to: W,
    sum: Checksum,
}

impl<W: Write> Sink<W> {
    fn bytes(&mut self, bytes: &[u8]) -> Result<(), StoreError> {
        self.sum.update(bytes);
        self.to.write_all(bytes).map_err(writing)
    }

    fn record(&mut self, record: &Record<'_>) -> Result<(), StoreError> {
        let record = record.encode();
        let len = u32::try_from(record.len()).unwrap_or(u32::MAX);
        self.bytes(&len.to_be_bytes())?;
        self.bytes(&record)
    }
}

fn writing(source: io::Error) -> StoreError {
    StoreError::Io { action: "write the export", source }
}

impl Store {
    /// Writes all that is kept. A writer without a buffer makes it slow.
    ///
    /// # Errors
    /// When the file cannot be read or `to` cannot be written to.
    pub fn export(&self, to: impl Write) -> Result<(), StoreError> {
        let mut sink = Sink { to, sum: Checksum::new() };
        sink.bytes(&EXPORT_MAGIC)?;
        sink.bytes(&EXPORT_VERSION.to_be_bytes())?;
        sink.record(&Record::Identity(&encode_identity(&self.identity())))?;
        sink.record(&Record::Machine(&self.head.machine.record()))?;
        let txn = self.db().begin_read()?;
        for row in txn.open_table(HEAD)?.iter()? {
            let (key, bytes) = row?;
            let (path, part) = key.value();
            sink.record(&Record::Head(path, part, bytes.value()))?;
        }
        for row in txn.open_table(UNDO)?.iter()? {
            let (key, before) = row?;
            let (level, path, part) = key.value();
            sink.record(&Record::Undo(level, path, part, before.value()))?;
        }
        for row in txn.open_table(LEVELS)?.iter()? {
            let (level, record) = row?;
            sink.record(&Record::Level(level.value(), record.value()))?;
        }
        for row in txn.open_table(OUTBOX)?.iter()? {
            let (key, message) = row?;
            let (level, index) = key.value();
            sink.record(&Record::Outbox(level, index, message.value()))?;
        }
        for row in txn.open_table(SNAPSHOTS)?.iter()? {
            let (name, level) = row?;
            sink.record(&Record::Snapshot(name.value(), level.value()))?;
        }
        for row in txn.open_table(INBOX)?.iter()? {
            let (key, message) = row?;
            let (level, index) = key.value();
            sink.record(&Record::Inbox(level, index, message.value()))?;
        }
        sink.bytes(&0_u32.to_be_bytes())?;
        let Sink { mut to, sum } = sink;
        to.write_all(&sum.finalize()).and_then(|()| to.flush()).map_err(writing)
    }
}
