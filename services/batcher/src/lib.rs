//! A batcher: it takes transactions that their signers have signed for themselves, asks those who are there to sign
//! the batch instead, and sends batches that cost the rollup one pairing for all of these. `docs/batcher.md` says
//! what it promises.
//!
//! The path of a transaction is the order of the modules: `admission` reads and checks it, `pool` keeps it in the
//! order of its account's counters, `rounds` puts it into a batch and collects signatures, and `chain` sends the
//! batch to a rollup node and finds out what became of it. `journal` has on the disk what must not be forgotten, and
//! `recovery` goes on from there. [`handle`] is what [`http`] asks.

#![warn(clippy::missing_errors_doc)]

mod account_look;
mod admission;
mod chain;
mod engine;
pub mod error;
mod events;
pub mod handle;
pub mod http;
mod journal;
pub mod limits;
mod mempool;
mod metrics;
mod moment;
pub mod options;
mod pool;
mod recovery;
mod rounds;
mod running;
mod simulation_look;

pub use error::{Refused, StartError};
pub use events::{Event, Subscription};
pub use handle::{Handle, Health};
pub use metrics::Metrics;
pub use options::{FeeTerms, Options, Timing};
pub use running::{JOURNAL_FILE, KEY_FILE, Running, start};
