//! Making a store and opening one.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use pvm::{Durable, Identity, Pvm};
use redb::{Builder, Database, DatabaseError, ReadableDatabase, ReadableTable, WriteTransaction};

use crate::draft::Draft;
use crate::error::StoreError;
use crate::history::state_of;
use crate::record::{Machine, decode_identity, encode_identity};
use crate::store::{Head, Store};
use crate::tables::{
    CACHE_BYTES, FORMAT, HEAD, INBOX, LEVELS, META, META_FORMAT, META_IDENTITY, META_MACHINE,
    OLDEST_FORMAT, OUTBOX, SNAPSHOTS, UNDO,
};

/// What every file of the database begins with.
const DATABASE_MAGIC: &[u8] = b"redb";

/// How the database is used: in little memory, and trusting no file.
fn builder() -> Builder {
    let mut builder = Builder::new();
    builder.set_cache_size(CACHE_BYTES).set_check_integrity_on_open(true);
    builder
}

/// A new database in a file that is empty.
pub(crate) fn new_database(path: &Path) -> Result<Database, StoreError> {
    Ok(builder().create(path)?)
}

/// Makes the tables, and puts down what never changes.
pub(crate) fn found(txn: &WriteTransaction, identity: &Identity) -> Result<(), StoreError> {
    let mut meta = txn.open_table(META)?;
    meta.insert(META_FORMAT, FORMAT.to_le_bytes().as_slice())?;
    meta.insert(META_IDENTITY, encode_identity(identity).as_slice())?;
    txn.open_table(HEAD)?;
    txn.open_table(UNDO)?;
    txn.open_table(LEVELS)?;
    txn.open_table(OUTBOX)?;
    txn.open_table(INBOX)?;
    txn.open_table(SNAPSHOTS)?;
    Ok(())
}

impl Store {
    /// Makes a store of a PVM as it is, in a new file. The PVM's next level is the first that will
    /// be kept.
    ///
    /// # Errors
    /// When there is something at the path, or it cannot be written to. Then nothing is left there.
    pub fn create(path: &Path, pvm: &Pvm) -> Result<Self, StoreError> {
        let machine = Machine::of(pvm).ok_or(StoreError::NoLevelBefore)?;
        let state = pvm.snapshot().machine().cloned();
        let head = Head { durable: pvm.durable().clone(), machine, state };
        let identity = pvm.identity();
        let draft = Draft::new(path)?;
        let db = new_database(draft.path())?;
        let txn = db.begin_write()?;
        found(&txn, &identity)?;
        {
            let mut rows = txn.open_table(HEAD)?;
            head.durable.rows(|row| match row.after {
                Some(bytes) => {
                    rows.insert((row.path, row.part), &*bytes)?;
                    Ok::<_, StoreError>(())
                }
                None => Ok(()),
            })?;
            txn.open_table(META)?.insert(META_MACHINE, head.machine.record().as_slice())?;
            let mut outbox = txn.open_table(OUTBOX)?;
            for (level, messages) in head.state.iter().flat_map(|state| state.outboxes()) {
                for (index, message) in (0..).zip(messages) {
                    outbox.insert((level, index), message.as_slice())?;
                }
            }
        }
        txn.commit()?;
        draft.put()?;
        Ok(Self::new(db, identity, head))
    }

    /// Opens a store. The whole file is read and its checksums are verified.
    ///
    /// # Errors
    /// When there is no such file, or it is in use, damaged, or of another format.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        check_magic(path)?;
        let is_held = |error: &DatabaseError| matches!(error, DatabaseError::DatabaseAlreadyOpen);
        let db = files::open_unless_held(|| builder().open(path), is_held)?;
        Self::from_database(db)
    }

    /// The store in a database.
    pub(crate) fn from_database(db: Database) -> Result<Self, StoreError> {
        let txn = db.begin_read()?;
        let (identity, machine, is_old) = {
            let foreign = |error: redb::TableError| match error {
                redb::TableError::Storage(error) => error.into(),
                _ => not_a_store("a database of something else"),
            };
            let meta = txn.open_table(META).map_err(foreign)?;
            let format = meta.get(META_FORMAT)?;
            let format = format.ok_or_else(|| not_a_store("a database without a format"))?;
            let format = format.value().try_into().map(u32::from_le_bytes);
            let found = format.map_err(|_| StoreError::damaged("its format is no number"))?;
            if !(OLDEST_FORMAT..=FORMAT).contains(&found) {
                return Err(StoreError::OtherFormat { found });
            }
            let fact = |name: &'static str| {
                let missing = || StoreError::damaged(format!("it has no {name}"));
                meta.get(name)?.ok_or_else(missing)
            };
            let identity = decode_identity(fact(META_IDENTITY)?.value());
            let machine = Machine::of_record(fact(META_MACHINE)?.value());
            let identity = identity.map_err(StoreError::damaged)?;
            (identity, machine.map_err(StoreError::damaged)?, found != FORMAT)
        };
        let mut durable = Durable::default();
        for row in txn.open_table(HEAD)?.iter()? {
            let (key, bytes) = row?;
            let (path, part) = key.value();
            durable.set_row(path, part, Some(bytes.value()))?;
        }
        let kept = machine.kept.as_ref();
        let outbox = txn.open_table(OUTBOX)?;
        let state = kept.map(|kept| state_of(kept, &outbox)).transpose()?;
        // A file of before inboxes were kept has no room for them.
        let without_inboxes =
            matches!(txn.open_table(INBOX), Err(redb::TableError::TableDoesNotExist(_)));
        drop(outbox);
        drop(txn);
        if without_inboxes || is_old {
            let txn = db.begin_write()?;
            txn.open_table(INBOX)?;
            txn.open_table(META)?.insert(META_FORMAT, FORMAT.to_le_bytes().as_slice())?;
            txn.commit()?;
        }
        Ok(Self::new(db, identity, Head { durable, machine, state }))
    }
}

fn not_a_store(detail: &str) -> StoreError {
    StoreError::NotAStore { detail: detail.to_owned() }
}

/// The database would not say which of its own files are too short and which are something else.
fn check_magic(path: &Path) -> Result<(), StoreError> {
    let opening = |source| StoreError::Io { action: "open the store", source };
    let mut file = File::open(path).map_err(opening)?;
    if !file.metadata().map_err(opening)?.is_file() {
        return Err(not_a_store("it is no ordinary file"));
    }
    let mut first = [0; DATABASE_MAGIC.len()];
    match file.read_exact(&mut first) {
        Ok(()) if first == DATABASE_MAGIC => Ok(()),
        Ok(()) => Err(not_a_store("it does not begin as one")),
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
            Err(not_a_store("it is too short"))
        }
        Err(error) => Err(opening(error)),
    }
}
