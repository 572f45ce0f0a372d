//! Whether the rollup's tickets are backed: a chain of terms from what is locked on layer 1 to what the rollup
//! owes, each with its source.
//!
//! ```text
//! locked at the ticketer ≥ the ticketer's supply ≥ the rollup's tickets on layer 1
//!     = on the rollup + held + refunds queued + collected + in outboxes + sent to the next inbox
//! ```
//!
//! All terms are public. Layer 1 is asked at the very block that the rollup's node has as its head, and the node is
//! asked again whether that is its head still. Terms that do not close are read twice: a message may be executed, or
//! a deposit made, between two questions. What is not known is not taken for zero, and nothing is claimed then.

mod chain;
mod outboxes;
mod read;

pub use chain::{Chain, Link, LinkState, Term, Verdict};
pub use read::{Ask, Solvency, SolvencyError, solvency};
