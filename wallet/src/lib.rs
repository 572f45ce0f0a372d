//! A client of the rollup over a node's RPC.

pub mod amount;
pub mod bundle;
pub mod error;
pub mod follow;
pub mod foresight;
pub mod gathering;
pub mod limits;
pub mod rpc;
pub mod signer;
pub mod state;
pub mod ticket;
pub mod transaction;
