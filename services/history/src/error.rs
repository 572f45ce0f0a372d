//! What can go wrong with the index.

use std::path::PathBuf;

use rusqlite::ErrorCode;
use thiserror::Error;

/// Why the index cannot be used.
#[derive(Debug, Error)]
pub enum HistoryError {
    /// The file cannot be read or written.
    #[error("the index {path}: {source}")]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: rusqlite::Error,
    },
    /// The system does not let the file be read or removed.
    #[error("the index {path}: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// There is something else under the file's name. It stays as it is.
    #[error("{0} is no index of a rollup's history, and stays as it is")]
    NotAnIndex(PathBuf),
    /// SQLite refuses something.
    #[error("the index: {0}")]
    Sql(#[from] rusqlite::Error),
    /// The file is an index of another version.
    #[error(
        "the index {path} has version {found}, this is version {expected}: it can be built anew"
    )]
    Version {
        /// The file.
        path: PathBuf,
        /// Its version.
        found: String,
        /// That of this program.
        expected: u32,
    },
    /// The file is an index of another rollup.
    #[error("the index {path} is of the rollup {found}, and the node serves {served}")]
    OtherRollup {
        /// The file.
        path: PathBuf,
        /// The rollup that it is of.
        found: String,
        /// The rollup that the node serves.
        served: String,
    },
    /// There is no thread for it.
    #[error("the index has no thread: {0}")]
    Thread(std::io::Error),
    /// Its thread has panicked.
    #[error("the index ended: its thread has panicked")]
    Panicked,
    /// A value in it is not what a column has.
    #[error("the index has a value in {column} that it cannot have: {value}")]
    Value {
        /// Table and column.
        column: &'static str,
        /// The value.
        value: String,
    },
}

impl HistoryError {
    /// Whether the file is an index that SQLite cannot read as one: nothing but a new one helps.
    #[must_use]
    pub fn is_damage(&self) -> bool {
        match self {
            HistoryError::File { source, .. } | HistoryError::Sql(source) => matches!(
                source.sqlite_error_code(),
                Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt)
            ),
            _ => false,
        }
    }
}
