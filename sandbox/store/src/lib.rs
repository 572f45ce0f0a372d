//! Keeps a rollup of the embedded PVM in one file: every level is one transaction, with history and
//! snapshots.
#![doc = include_str!("../README.md")]

mod bytes;
mod draft;
mod error;
mod export;
mod history;
mod import;
mod levels;
mod open;
mod persistent;
mod record;
mod registers;
mod replay;
mod snapshots;
mod store;
mod tables;
mod verify;

pub use error::{ImportError, RunError, StoreError};
pub use export::EXPORT_MAGIC;
pub use levels::Replaced;
pub use persistent::Persistent;
pub use record::{KnownState, LevelSummary, inbox_hash};
pub use replay::{Difference, ReplayError, Replayed};
pub use store::{KeptState, Store};
pub use tables::{
    CACHE_BYTES, EXPORT_VERSION, FORMAT, MAX_ROWS_PER_LEVEL, MAX_SNAPSHOT_NAME_BYTES,
};
