//! Scenarios, run natively and as real WASM, with the same outcome demanded of both.
//!
//! The kit: people with keys, tickets, batches that they sign, and a [`Twin`] that plays every
//! level on both engines and compares everything after it.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test kit stops where it goes wrong")]

pub mod compact;
pub mod fuzz;
pub mod oracle;
mod people;
mod twin;
pub mod upgrading;

pub use people::{Person, batch, deposit, pay, sign, ticket, tx, withdraw};
pub use twin::{LevelOutcome, Twin};
