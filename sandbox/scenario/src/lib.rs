//! Scenarios: an initial state, levels of messages, and what is expected of them, written in sentences.
//!
//! [`parse`] reads them, [`Runner`] runs them on one engine or on both, and says what differs from what they
//! expect. `docs/scenarios.md` has the language.

mod assertion;
mod batch_v1;
mod batch_v2;
mod check;
mod diagnostics;
mod encode;
mod error;
mod facts;
mod fixtures;
mod found;
mod initial_state;
mod item;
mod kind;
mod model;
mod native;
mod operation;
mod outbox_text;
mod outcome;
mod parse;
mod prose;
mod reclaim;
mod reference;
mod register;
mod rewrite;
mod runner;
mod upgrade;
mod words;
mod yaml_depth;
mod yaml_events;
mod yaml_scalars;

pub use check::Difference;
pub use diagnostics::{Diagnostics, report};
pub use error::{Problem, ScenarioError};
pub use found::text as outcome_text;
pub use model::Scenario;
pub use native::native_program;
pub use parse::{parse, title};
pub use rewrite::{Change, rewrite};
pub use runner::{Engines, Runner, RunnerError};
pub use yaml_depth::{TooDeep, check_depth};
