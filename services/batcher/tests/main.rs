//! The batcher over a node that answers as Octez's does, with our kernel in it.

mod common;
mod faults;
mod flow;
#[path = "../../../sdk/wallet/tests/common/mod.rs"]
mod octez;
mod refusals;
