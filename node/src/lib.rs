//! A sandbox for a smart rollup: a simulated layer 1 and the interface of a rollup node, over a
//! rollup of the embedded PVM that is kept in a file. It knows nothing of any kernel.
#![doc = include_str!("../README.md")]

pub mod base58;
mod chain;
pub mod client;
mod error;
mod http;
mod journal;
mod layer1;
pub mod limits;
mod queue;
mod routes;
mod server;

pub use chain::{Chain, Describe, Prospect};
pub use error::NodeError;
pub use http::{Answer, Request};
pub use journal::Journal;
pub use layer1::Rules;
pub use queue::{Fate, MessageId, Queue};
pub use server::{ListenError, Options, listen, serve};
