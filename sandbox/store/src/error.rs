//! What can go wrong: with the store, with a level, with an import.

use std::io;

use pvm::{PvmError, RowError, TooDeep};
use thiserror::Error;

use crate::tables::{EXPORT_VERSION, MAX_SNAPSHOT_NAME_BYTES};
use crate::tables::{FORMAT, MAX_ROWS_PER_LEVEL};

/// Why the store did not do what it should. Unless it says otherwise, what is kept is as it was.
#[derive(Debug, Error)]
pub enum StoreError {
    /// There is something at the path already.
    #[error("there is a file already")]
    Exists,
    /// The system refused: the disk is full, the folder is not writable, there is no such file.
    #[error("cannot {action}: {source}")]
    Io {
        /// What was being done.
        action: &'static str,
        /// Why it went wrong.
        source: io::Error,
    },
    /// Somebody else has the store open.
    #[error("the store is in use by another process")]
    InUse,
    /// The file is something else.
    #[error("not a store: {detail}")]
    NotAStore {
        /// What shows it.
        detail: String,
    },
    /// The file was a store.
    #[error("the store is damaged: {detail}")]
    Damaged {
        /// What shows it.
        detail: String,
    },
    /// The file is a store of another version of this crate.
    #[error("the store has format {found}, this program knows format {FORMAT}")]
    OtherFormat {
        /// Its format.
        found: u32,
    },
    /// A PVM of another rollup, or with another kind of kernel, was to go on with this state.
    #[error("the store is of another rollup: its {what} is {kept}, not {given}")]
    OtherRollup {
        /// What differs.
        what: &'static str,
        /// What the store has.
        kept: String,
        /// What the PVM was to have.
        given: String,
    },
    /// The PVM starts at the least level there is, and the state before it has no number.
    #[error("a rollup whose first level is {} cannot be kept", i32::MIN)]
    NoLevelBefore,
    /// A level that does not follow the last one kept.
    #[error("level {found} does not follow: the store goes on with {expected:?}")]
    OutOfOrder {
        /// The level to be played next, if there is any.
        expected: Option<i32>,
        /// The level that was.
        found: i32,
    },
    /// The level changed more than one transaction should hold.
    #[error("the level changes more than {MAX_ROWS_PER_LEVEL} rows of durable storage")]
    TooMuch,
    /// The level made a tree that is deeper than can be kept.
    #[error(transparent)]
    TooDeep(#[from] TooDeep),
    /// The state at the end of this level is not kept.
    #[error("level {level} is not kept: the store has those from {oldest} to {last}")]
    NotKept {
        /// Which was asked for.
        level: i32,
        /// The least level whose end can be travelled to.
        oldest: i32,
        /// The last level played.
        last: i32,
    },
    /// There is no such snapshot.
    #[error("there is no snapshot {name:?}")]
    NoSnapshot {
        /// The name asked for.
        name: String,
    },
    /// There is such a snapshot already.
    #[error("there is a snapshot {name:?} already, of level {level}")]
    SnapshotExists {
        /// Its name.
        name: String,
        /// The level at whose end it is.
        level: i32,
    },
    /// No snapshot can have this name.
    #[error(
        "{name:?} is no name of a snapshot: a letter, then letters, digits, '.', '_' or '-', at \
         most {MAX_SNAPSHOT_NAME_BYTES} in all"
    )]
    SnapshotName {
        /// The name.
        name: String,
    },
    /// A snapshot would be lost.
    #[error("the snapshot {name:?} of level {level} is in the way")]
    SnapshotInTheWay {
        /// Its name.
        name: String,
        /// The level at whose end it is.
        level: i32,
    },
    /// Writing failed before. What is in the file is the state before or after that transaction,
    /// whole either way; opening the store again tells which.
    #[error("writing failed before: the store has to be opened again")]
    MustReopen,
    /// The database did what it should not.
    #[error("the database failed: {detail}")]
    Database {
        /// What it says.
        detail: String,
    },
}

impl StoreError {
    /// For records that do not hold what they should.
    pub(crate) fn damaged(detail: impl ToString) -> Self {
        Self::Damaged { detail: detail.to_string() }
    }

    /// Whether it leaves open what has reached the disk.
    pub(crate) fn is_of_writing(&self) -> bool {
        matches!(self, Self::Io { .. } | Self::MustReopen | Self::Database { .. })
    }
}

impl From<RowError> for StoreError {
    fn from(error: RowError) -> Self {
        Self::damaged(error)
    }
}

impl From<redb::Error> for StoreError {
    fn from(error: redb::Error) -> Self {
        use redb::Error;
        match error {
            Error::Io(source) if source.kind() == io::ErrorKind::InvalidData => {
                Self::NotAStore { detail: source.to_string() }
            }
            Error::Io(source) if source.kind() == io::ErrorKind::UnexpectedEof => {
                Self::damaged("it ends too early")
            }
            Error::UpgradeRequired(version) => {
                Self::NotAStore { detail: format!("a database in version {version}") }
            }
            Error::Io(source) => Self::Io { action: "use the store", source },
            Error::DatabaseAlreadyOpen | Error::LockProtocolMismatch => Self::InUse,
            Error::PreviousIo => Self::MustReopen,
            Error::Corrupted(detail) => Self::Damaged { detail },
            Error::RepairAborted
            | Error::TableDoesNotExist(_)
            | Error::TableIsMultimap(_)
            | Error::TableTypeMismatch { .. }
            | Error::TypeDefinitionChanged { .. } => Self::damaged(error),
            other => Self::Database { detail: other.to_string() },
        }
    }
}

/// Each kind of error that the database has, by way of the one that has all of them.
macro_rules! from_redb {
    ($($error:ident),*) => {
        $(impl From<redb::$error> for StoreError {
            fn from(error: redb::$error) -> Self {
                redb::Error::from(error).into()
            }
        })*
    };
}

from_redb!(StorageError, TableError, TransactionError, CommitError, CompactionError, DatabaseError);

/// Why a level was not played and kept. PVM and store are as they were before it.
#[derive(Debug, Error)]
pub enum RunError {
    /// It could not be played.
    #[error(transparent)]
    Pvm(#[from] PvmError),
    /// It could not be kept.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why an export was not taken in. Nothing has been put in its place.
#[derive(Debug, Error)]
pub enum ImportError {
    /// It could not be read.
    #[error("cannot read the export: {0}")]
    Io(io::Error),
    /// It does not begin as one.
    #[error("not an export of a store")]
    NotAnExport,
    /// It is of another version of this crate.
    #[error("the export has version {found}, this program knows version {EXPORT_VERSION}")]
    OtherVersion {
        /// Its version.
        found: u16,
    },
    /// It ends too early.
    #[error("the export is cut off after {bytes} bytes")]
    Truncated {
        /// How many bytes there are.
        bytes: u64,
    },
    /// It goes on after its end.
    #[error("the export has bytes after its end, at {at}")]
    TrailingBytes {
        /// Where they begin.
        at: u64,
    },
    /// Its bytes are not those that were written.
    #[error("the export is damaged: its checksum is another one")]
    Checksum,
    /// Its bytes say what no store holds.
    #[error("the export is malformed at byte {at}: {detail}")]
    Malformed {
        /// Where the record begins.
        at: u64,
        /// What is wrong with it.
        detail: String,
    },
    /// Each record is fine, and they do not go together.
    #[error("the export contradicts itself: {detail}")]
    Inconsistent {
        /// What shows it.
        detail: String,
    },
    /// The store could not be made of it.
    #[error(transparent)]
    Store(#[from] StoreError),
}
