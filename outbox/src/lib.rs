//! What layer 1 executes: outbox messages, and the durable queue they wait in.
//!
//! A level's outbox takes 100 messages. Withdrawals are put into the [`Queue`] in the same commit
//! that debits them, as what they are made of, and leave it afterwards: in order for each owner, in turn
//! between owners, so that nobody's flood keeps another one waiting for more than a turn.

#![warn(clippy::missing_errors_doc)]

mod message;
mod pending;
mod queue;
mod results_root;

pub use message::{Message, TooLarge, decode};
pub use pending::{Call, Owner, Pending, Withdrawal};
pub use queue::{EnqueuedBefore, Full, Queue, QueuedMessage};
pub use results_root::{NO_CONTRACT, RESULTS_ROOT, ResultsRoot};
