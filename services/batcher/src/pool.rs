//! What is pending: transactions, in the order of their accounts' counters, over the state that they will find.

mod entry;
mod queues;
mod sim;

pub(crate) use entry::{Ending, Entry, Outcomes, QueueKind, Spot, Status};
pub(crate) use queues::{Accounts, Ready};
pub(crate) use sim::{AccountState, Away, Sim, Sims, Verdict};
