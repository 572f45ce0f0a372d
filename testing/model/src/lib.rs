//! The reference model: what docs/protocol.md says happens, written once more and as naively as
//! possible, held against the kernel after every level.
//!
//! [`Workload`] says who sends what, wrong things included. `script` and `wire` turn that into bytes,
//! and into what the model has to know of each message (`parsed`). [`Model`] (`state`) predicts what comes
//! of them: `level` has the order, `v1`, `v2`, `deposit` and `units` the rules. [`Trial`] runs both and
//! compares. `scenario_writer` writes a workload and its predictions as a scenario file. None of it uses
//! the kernel's code: only the view is read through it, as everyone reads it.

mod calls;
mod compare;
mod deposit;
mod floods;
mod generate;
mod generate_v2;
mod level;
mod outcome;
mod parsed;
mod scenario_writer;
mod script;
mod script_v2;
mod search;
mod state;
mod trial;
mod units;
mod v1;
mod v2;
mod wire;
mod wire_v2;
mod workload;

pub use floods::flood;
pub use generate::{messages, workload};
pub use scenario_writer::{codes, scenario};
pub use script::SOMEBODY;
pub use search::{Search, written};
pub use state::Model;
pub use trial::{Engine, Trial, check};
pub use workload::*;
