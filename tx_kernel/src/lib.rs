//! The transaction kernel: inbox, verify, apply, outbox.
//!
//! [`kernel_run`] is the whole of it, generic over the raw host functions, so that the same code
//! is the WASM kernel, the native one and the one under test. See `level` for its one sentence.

#![warn(clippy::missing_errors_doc)]

mod apply;
mod batches;
#[cfg(any(target_arch = "wasm32", test))]
mod block_sizes;
mod deposits;
mod draft;
#[cfg(all(target_arch = "wasm32", feature = "entry"))]
mod entry;
mod held;
mod in_progress;
mod ingest;
pub mod layout;
mod level;
#[cfg(target_arch = "wasm32")]
mod memory;
pub mod migrate;
mod pending;
pub mod pending_upgrade;
pub mod phases;
pub mod price;
pub mod receipts;
mod refusal;
pub mod results;
mod schedule;
mod send;
#[cfg(not(target_arch = "wasm32"))]
pub mod simulation;
mod upgrade;
mod verify;
pub mod view;

pub use level::{kernel_run, kernel_run_of};
pub use refusal::Refusal;
