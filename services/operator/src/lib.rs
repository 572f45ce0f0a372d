//! A service that follows a rollup's outboxes: it has layer 1 execute what can be executed, and tells before it is
//! too late. It asks nobody and prints nothing; whoever starts it hears its events.
//!
//! 1. [`watch_list`] says whose withdrawals are followed. A round asks the node for them, and how far each is. Nothing
//!    that a node has said is kept as the truth: the chain may go back.
//! 2. [`schedule`] decides what is to be done about a message that can be executed.
//! 3. [`journal`] has a line on the disk before anything is run. After a crash nothing is repeated before the node was
//!    asked what became of it.
//! 4. [`executor`] runs: in the sandbox, layer 1 is told to; on a real chain a [`command`] is run, with its costs capped.
//! 5. [`event`] is what is told: to a log, and to a [`webhook`]. [`http`] shows the rest to whoever asks.

pub mod command;
mod due;
pub mod error;
pub mod event;
pub mod executor;
mod find;
pub mod http;
pub mod journal;
mod known;
pub mod limits;
pub mod operator;
mod round;
pub mod schedule;
pub mod tez;
pub mod watch_list;
pub mod webhook;
