//! Making a store of an export. It is read twice: nothing is made before it is known to be whole.
//! Then a store is made beside its place, checked through and through, and only then put there.

use std::io::{self, Read, Seek};
use std::path::Path;

use blake2::Digest;
use redb::WriteTransaction;

use crate::draft::Draft;
use crate::error::{ImportError, StoreError};
use crate::export::{CHECKSUM_BYTES, Checksum, EXPORT_MAGIC, Record};
use crate::open::{found, new_database};
use crate::record::decode_identity;
use crate::store::Store;
use crate::tables::{
    EXPORT_VERSION, HEAD, INBOX, LEVELS, META, META_MACHINE, OLDEST_EXPORT_VERSION, OUTBOX,
    SNAPSHOTS, UNDO,
};

/// The longest record of an export, in bytes: far more than a path and a chunk.
const MAX_RECORD_BYTES: u32 = 1 << 20;

/// Reads, sums up and counts at once.
struct Source<R> {
    from: R,
    sum: Checksum,
    at: u64,
}

impl<R: Read> Source<R> {
    /// Fills a buffer from bytes that may end before it is full.
    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), ImportError> {
        let mut filled = 0;
        while let Some(rest) = bytes.get_mut(filled..).filter(|rest| !rest.is_empty()) {
            match self.from.read(rest) {
                Ok(0) => return Err(ImportError::Truncated { bytes: self.at }),
                Ok(read) => {
                    filled += read;
                    self.at += u64::try_from(read).unwrap_or(u64::MAX);
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(ImportError::Io(error)),
            }
        }
        Ok(())
    }

    /// The same, for what the checksum is of.
    fn summed(&mut self, bytes: &mut [u8]) -> Result<(), ImportError> {
        self.fill(bytes)?;
        self.sum.update(bytes);
        Ok(())
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], ImportError> {
        let mut bytes = [0; N];
        self.summed(&mut bytes)?;
        Ok(bytes)
    }

    fn header(&mut self) -> Result<(), ImportError> {
        let magic = self.array::<{ EXPORT_MAGIC.len() }>().map_err(|error| match error {
            ImportError::Truncated { .. } => ImportError::NotAnExport,
            other => other,
        })?;
        if magic != EXPORT_MAGIC {
            return Err(ImportError::NotAnExport);
        }
        let found = u16::from_be_bytes(self.array()?);
        if (OLDEST_EXPORT_VERSION..=EXPORT_VERSION).contains(&found) {
            Ok(())
        } else {
            Err(ImportError::OtherVersion { found })
        }
    }

    /// The next record into a buffer, and where it begins. `None` at the end.
    fn record(&mut self, buffer: &mut Vec<u8>) -> Result<Option<u64>, ImportError> {
        let at = self.at;
        let len = u32::from_be_bytes(self.array()?);
        if len == 0 {
            return Ok(None);
        }
        if len > MAX_RECORD_BYTES {
            let detail = format!("a record of {len} bytes, at most {MAX_RECORD_BYTES} are allowed");
            return Err(ImportError::Malformed { at, detail });
        }
        buffer.resize(usize::try_from(len).unwrap_or(0), 0);
        self.summed(buffer)?;
        Ok(Some(at))
    }

    /// The checksum, and nothing behind it.
    fn footer(mut self) -> Result<(), ImportError> {
        let computed: [u8; CHECKSUM_BYTES] = self.sum.clone().finalize().into();
        let mut given = [0; CHECKSUM_BYTES];
        self.fill(&mut given)?;
        if given != computed {
            return Err(ImportError::Checksum);
        }
        let at = self.at;
        match self.fill(&mut [0]) {
            Ok(()) => Err(ImportError::TrailingBytes { at }),
            Err(ImportError::Truncated { .. }) => Ok(()),
            Err(other) => Err(other),
        }
    }
}

impl Store {
    /// Makes a store of an export that begins where the reader is, in a new file. A reader without a
    /// buffer makes it slow.
    ///
    /// # Errors
    /// When the export is malformed, damaged, cut off, or of another version; when there is
    /// something at the path, or it cannot be written to. Then nothing is left there.
    pub fn import(mut from: impl Read + Seek, path: &Path) -> Result<Self, ImportError> {
        let start = from.stream_position().map_err(ImportError::Io)?;
        let mut source = Source { from: &mut from, sum: Checksum::new(), at: 0 };
        source.header()?;
        let mut buffer = Vec::new();
        while let Some(at) = source.record(&mut buffer)? {
            Record::decode(&buffer).map_err(|error| malformed(at, &error))?;
        }
        source.footer()?;

        from.seek(io::SeekFrom::Start(start)).map_err(ImportError::Io)?;
        let mut source = Source { from, sum: Checksum::new(), at: 0 };
        source.header()?;
        let draft = Draft::new(path)?;
        let db = new_database(draft.path())?;
        let txn = db.begin_write().map_err(StoreError::from)?;
        rows(&txn, &mut source)?;
        // Somebody may have written to it meanwhile.
        source.footer()?;
        txn.commit().map_err(StoreError::from)?;
        let contradiction = |error| match error {
            StoreError::Damaged { detail } => ImportError::Inconsistent { detail },
            other => ImportError::Store(other),
        };
        let store = Self::from_database(db).map_err(contradiction)?;
        store.verify().map_err(contradiction)?;
        draft.put()?;
        Ok(store)
    }
}

fn malformed(at: u64, detail: &dyn ToString) -> ImportError {
    ImportError::Malformed { at, detail: detail.to_string() }
}

/// Puts the records into their tables.
fn rows<R: Read>(txn: &WriteTransaction, source: &mut Source<R>) -> Result<(), ImportError> {
    let mut buffer = Vec::new();
    let Some(at) = source.record(&mut buffer)? else {
        let detail = "it is empty".to_owned();
        return Err(ImportError::Malformed { at: source.at, detail });
    };
    let Ok(Record::Identity(identity)) = Record::decode(&buffer) else {
        return Err(malformed(at, &"it does not begin with the rollup"));
    };
    let identity = decode_identity(identity).map_err(|error| malformed(at, &error))?;
    found(txn, &identity)?;
    let open = |error: redb::TableError| ImportError::Store(error.into());
    let mut meta = txn.open_table(META).map_err(open)?;
    let mut head = txn.open_table(HEAD).map_err(open)?;
    let mut undo = txn.open_table(UNDO).map_err(open)?;
    let mut levels = txn.open_table(LEVELS).map_err(open)?;
    let mut outbox = txn.open_table(OUTBOX).map_err(open)?;
    let mut snapshots = txn.open_table(SNAPSHOTS).map_err(open)?;
    let mut inbox = txn.open_table(INBOX).map_err(open)?;
    let mut last_tag = 1;
    while let Some(at) = source.record(&mut buffer)? {
        let record = Record::decode(&buffer).map_err(|error| malformed(at, &error))?;
        if record.tag() < last_tag {
            return Err(malformed(at, &"records out of order"));
        }
        last_tag = record.tag();
        let twice = match record {
            Record::Identity(_) => Ok(true),
            Record::Machine(bytes) => meta.insert(META_MACHINE, bytes).map(|old| old.is_some()),
            Record::Head(path, part, bytes) => {
                head.insert((path, part), bytes).map(|old| old.is_some())
            }
            Record::Undo(level, path, part, before) => {
                undo.insert((level, path, part), before).map(|old| old.is_some())
            }
            Record::Level(level, bytes) => levels.insert(level, bytes).map(|old| old.is_some()),
            Record::Outbox(level, index, message) => {
                outbox.insert((level, index), message).map(|old| old.is_some())
            }
            Record::Snapshot(name, level) => snapshots.insert(name, level).map(|old| old.is_some()),
            Record::Inbox(level, index, message) => {
                inbox.insert((level, index), message).map(|old| old.is_some())
            }
        };
        if twice.map_err(StoreError::from)? {
            return Err(malformed(at, &"a record that was there before"));
        }
    }
    Ok(())
}
