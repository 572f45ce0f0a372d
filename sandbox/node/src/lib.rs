//! A sandbox for a smart rollup: a simulated layer 1 and the interface of a rollup node, over a
//! rollup of the embedded PVM that is kept in a file. It knows nothing of any kernel.
#![doc = include_str!("../README.md")]

mod chain;
mod commitment;
mod contracts;
mod digest;
mod error;
mod event_loop;
mod history;
mod journal;
mod layer1;
pub mod limits;
mod lines;
mod options;
mod pages;
mod queue;
mod routes;
mod server;
mod service;
mod shapes;
mod subscribers;
mod web;

pub use chain::{
    Chain, Describe, Executed, OutboxProof, Paid, Parts, Pending, Prospect, Simulated, Standing,
};
pub use commitment::{Commitment, state_hash};
pub use contracts::{ContractHash, Contracts};
pub use error::NodeError;
pub use journal::Journal;
pub use layer1::Rules;
pub use options::Options;
pub use pages::Pages;
pub use queue::{Fate, MessageId, Queue, Waiting};
pub use server::{ListenError, listen, serve};
pub use web::{Cors, CorsError};
