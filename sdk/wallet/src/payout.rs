//! Payouts: many payments that are planned first, signed where no network is, and then made exactly once.
//!
//! 1. [`Session::plan_payout`] makes a [`PayoutPlan`] from rows and the state of a rollup. The same rows, state
//!    and options make the same plan, byte for byte.
//! 2. [`PayoutPlan::sign`] adds the signatures of one payer. No node is asked: the plan says everything itself.
//! 3. [`Session::payout_progress`] says what became of a plan, whoever has sent it.
//! 4. [`Session::check_payout`] holds a plan against the rollup as it is now, before anything of it is sent.
//!    [`Session::record_payout`] has it on the disk, and from there it is sent and followed as any other payments
//!    are ([`crate::pay`]).
//!
//! [`Session::plan_payout`]: crate::session::Session::plan_payout
//! [`Session::payout_progress`]: crate::session::Session::payout_progress
//! [`Session::check_payout`]: crate::session::Session::check_payout
//! [`Session::record_payout`]: crate::session::Session::record_payout

mod build;
mod check;
mod error;
mod file;
mod json;
mod plan;
mod progress;
mod signing;
mod stages;
mod totals;

pub use build::{PayoutRequest, RequestedRow};
pub use error::{PayoutError, PlanError};
pub use plan::{
    PayoutFacts, PayoutPlan, PlannedPayer, PlannedRow, PlannedTicket, PlannedTransaction,
};
pub use progress::PayoutPart;
pub use stages::{RowStage, StagedRow};
pub use totals::{PayoutTotals, TicketSum};

#[cfg(test)]
mod tests;
