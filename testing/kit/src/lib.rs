//! For tests of the kernel: people with keys, tickets, batches that they sign, and a [`Twin`] that runs
//! every level natively and as real WASM and compares everything after it.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test kit stops where it goes wrong")]

mod people;
pub mod receipts;
mod twin;
pub mod upgrading;
pub mod v2;

pub use people::{Person, batch, deposit, pay, sign, ticket, tx, withdraw};
pub use twin::{LevelOutcome, Twin};
