//! Following a rollup node: what is new goes into the index, what is taken back leaves it.

mod alarms;
mod balances;
mod calls;
mod chain;
mod change;
mod content;
mod doubt;
mod ended;
mod held;
mod late;
mod level;
mod looking;
mod messages;
mod names;
mod operations;
mod outboxes;
mod problem;
mod running;
mod said;
mod stages;
mod supplies;
mod tally;
mod undo;

use std::path::PathBuf;

pub use change::{Change, Following, Trouble};
pub use running::{Handle, Running, start};

/// How an index follows a node.
#[derive(Clone, Debug)]
pub struct Options {
    /// The file of the index. It is made if it is not there.
    pub file: PathBuf,
    /// Whether an index of another version or of another rollup is made anew, and not an error.
    pub rebuild: bool,
}

impl Options {
    /// An index in this file; one of another version or rollup is an error.
    #[must_use]
    pub const fn new(file: PathBuf) -> Self {
        Options { file, rebuild: false }
    }
}
