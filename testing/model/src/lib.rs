//! The reference model: what docs/protocol.md says happens, written once more and as naively as
//! possible, held against the kernel after every level.
//!
//! [`Workload`] says who sends what, wrong things included; `script` and `wire` turn that into
//! bytes; `model` predicts what comes of them; [`Trial`] plays both and compares; `emit` writes a
//! workload and its predictions as a scenario file. None of it uses the kernel's code: only the
//! node's view is read through it, as everyone reads it.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test kit stops where it goes wrong")]

mod batch;
mod batch_v2;
mod calls;
mod compare;
mod deposit;
mod emit;
mod facts;
mod floods;
mod generate;
mod generate_v2;
mod model;
mod say;
mod say_v2;
mod script;
mod script_v2;
mod search;
mod trial;
mod units;
mod wire;
mod wire_v2;
mod workload;
mod workload_v2;

pub use emit::{codes, scenario};
pub use floods::flood;
pub use generate::{messages, workload};
pub use model::Model;
pub use script::SOMEBODY;
pub use search::{Search, written};
pub use trial::{Engine, Trial, check};
pub use workload::*;
