//! A client of the rollup over a node's RPC.
pub mod amount;
pub mod error;
pub mod limits;
pub mod rpc;
pub mod state;
pub mod ticket;
