//! What layer 1 executes: outbox messages, and the durable queue they wait in.
//!
//! A level's outbox takes 100 messages. Withdrawals are put into the [`Queue`] in the same commit
//! that debits them, and leave it afterwards: in order for each account, in turn between accounts,
//! so that nobody's flood keeps another one waiting for more than a turn.

mod message;
mod queue;

pub use message::{Message, TooLarge, decode};
pub use queue::{Departure, Queue, REFUNDS, Waiting};
