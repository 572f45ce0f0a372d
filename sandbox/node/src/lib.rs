//! A sandbox for a smart rollup: a simulated layer 1 and the interface of a rollup node, over a
//! rollup of the embedded PVM that is kept in a file. It knows nothing of any kernel.
#![doc = include_str!("../README.md")]

mod chain;
mod digest;
mod error;
mod event_loop;
mod history;
mod layer1;
pub mod limits;
mod options;
mod pages;
mod queue;
mod record_log;
mod router;
mod routes;
mod server;
mod service;
mod settlement;
mod shapes;
mod solvency;
mod subscribers;

pub use chain::{
    Chain, Describe, Executability, Executed, ExecutedCall, ExecutionStatus, Parts, Pending,
    Proven, Simulated,
};
pub use error::NodeError;
pub use layer1::{Layer1, SentPlace};
pub use options::Options;
pub use pages::Pages;
pub use queue::{MessageId, MessageStatus, PendingMessage, Queue};
pub use server::{listen, serve};
pub use settlement::SettlementParameters;
pub use solvency::{Owed, Owing, TicketTerms};
pub use web::{Cors, CorsError, ListenError};
