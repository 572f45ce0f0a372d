//! What can go wrong with the index.

use std::path::PathBuf;

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
    /// The file is a database of something else.
    #[error("{0} is a database, and no index")]
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
