//! The index over a node that answers as Octez's does, with our kernel in it.

mod common;
mod flow;
mod nodes;
#[path = "../../../sdk/wallet/tests/common/mod.rs"]
mod octez;
mod refusals;
mod reverts;
mod speed;
mod tables;
