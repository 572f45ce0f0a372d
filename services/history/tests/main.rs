//! The index over a node that answers as Octez's does, with our kernel in it.

mod chains;
mod common;
mod files;
mod flow;
mod gaps;
mod gate;
mod nodes;
#[path = "../../../sdk/wallet/tests/common/mod.rs"]
mod octez;
mod plans;
mod refusals;
mod reverts;
mod speed;
mod tables;
mod withdrawals;
