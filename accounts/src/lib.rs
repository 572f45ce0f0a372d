//! The ledger: account and ticket registries, balances and counters.
//!
//! A [`Ledger`] is a draft over the committed state: it reads from there what it is asked for,
//! keeps every change to itself, and ends in [`Ledger::commit`] or [`Ledger::discard`]. Inside a
//! draft, [`Ledger::mark`] and [`Ledger::roll_back`] undo one transaction, copying nothing but what
//! it touched.

#![warn(clippy::missing_errors_doc)]

mod account;
mod balances;
mod cache;
mod error;
mod flats;
mod keys;
mod layout;
mod ledger;
mod main_records;
mod movements;
mod page_path;
mod paged_cache;
mod registry;
#[cfg(not(target_arch = "wasm32"))]
pub mod skip;
mod table;

pub use account::Account;
pub use error::{LedgerError, Refused, TicketLookup};
pub use keys::StoredKeys;
pub use layout::{ADDRESSES, StoredKey, Supply, TICKET_RECORDS};
pub use ledger::{Ledger, Mark};
pub use movements::Receiver;
