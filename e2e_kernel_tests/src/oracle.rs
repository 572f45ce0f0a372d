//! The ledger oracle: what docs/protocol.md says happens, written once more and as naively as
//! possible, held against the kernel after every level.
//!
//! [`Workload`] says who sends what, wrong things included; `wire` turns that into bytes; `model`
//! predicts what comes of them; [`Trial`] plays both and compares. None of it uses the kernel's
//! code: only the node's view is read through it, as everyone reads it.
//!
//! Budgets are not modelled: the units of a level, batches that wait for the next one, `busy`.
//! Workloads stay far below them.

mod batch;
mod compare;
mod deposit;
mod generate;
mod model;
mod trial;
mod wire;
mod workload;

pub use generate::{messages, workload};
pub use model::Model;
pub use trial::{Engine, Trial, check};
pub use workload::*;
