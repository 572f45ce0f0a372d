//! A client of the rollup over a node's RPC.

pub mod amount;
pub mod bundle;
pub mod error;
pub mod follow;
pub mod foresight;
pub mod journal;
pub mod limits;
pub mod outbox;
pub mod rpc;
pub mod signer;
pub mod state;
pub mod ticket;
pub mod trace;
pub mod transaction;
pub mod withdrawal;
