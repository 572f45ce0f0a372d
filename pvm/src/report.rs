//! What is told about a level that was played, and why one could not be.

use crate::codes::{MAX_INBOX_MESSAGES, MAX_MESSAGE_BYTES};
use crate::host::HostCall;
use crate::preimages::PreimageHash;
use thiserror::Error;

/// A level that was played.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LevelReport {
    /// Its number.
    pub level: i32,
    /// The calls of `kernel_run`.
    pub runs: Vec<RunReport>,
    /// Whether the level ended with `/readonly/kernel/env/stuck` set: its last run trapped.
    pub stuck: bool,
    /// Whether the PVM ended the level because the kernel asked for a thousand and one reboots.
    pub forced_yield: bool,
    /// Messages of the inbox that no run has read. They are lost.
    pub unread: usize,
    /// The outbox of the level.
    pub outbox: Vec<Vec<u8>>,
    /// Every host call executed, if [`crate::Config::record_host_calls`] is set.
    pub host_calls: Vec<HostCall>,
    /// The PVM after the level.
    pub status: Status,
}

impl LevelReport {
    /// The instructions executed in all runs, if all runs counted.
    #[must_use]
    pub fn instructions(&self) -> Option<u64> {
        self.runs
            .iter()
            .map(|run| run.instructions)
            .try_fold(0, |sum: u64, run| sum.checked_add(run?))
    }

    /// The host calls executed in all runs.
    #[must_use]
    pub fn host_call_count(&self) -> u64 {
        self.runs.iter().map(|run| run.host_calls).sum()
    }

    /// The first trap, if any run trapped.
    #[must_use]
    pub fn first_trap(&self) -> Option<&str> {
        self.runs.iter().find_map(|run| run.trap.as_deref())
    }
}

/// One call of `kernel_run`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunReport {
    /// Executed WASM instructions; `None` where nothing counts them, as in a native program.
    ///
    /// All operators count one each, but `block`, `loop`, `else`, `end` and `nop`, which do
    /// nothing at run time. They are added up by straight-line stretches, so that a stretch that
    /// traps half way, or whose callee does, counts whole. The number depends on the module and
    /// its inputs only, not on the engine.
    pub instructions: Option<u64>,
    /// Host calls executed.
    pub host_calls: u64,
    /// How it trapped, if it did.
    pub trap: Option<String>,
    /// Why the kernel could not be run, if so: the one before it was put back.
    pub upgrade_error: Option<String>,
}

/// Whether a PVM still runs its kernel.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Status {
    /// It does.
    #[default]
    Running,
    /// Never again: it takes inboxes and does nothing with them. The default rollup node exits
    /// instead.
    Stuck(String),
}

/// Why a level could not be played. The PVM is as it was before.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum PvmError {
    /// A message that no inbox can hold.
    #[error("message {index} is {size} bytes long, at most {MAX_MESSAGE_BYTES} are allowed")]
    MessageTooLong {
        /// Its place among the messages given.
        index: usize,
        /// Its size.
        size: usize,
    },
    /// More messages than an inbox can hold.
    #[error("{count} messages in one level, at most {MAX_INBOX_MESSAGES} are allowed")]
    TooManyMessages {
        /// How many there were, the protocol's own included.
        count: usize,
    },
    /// There is no level of this number any more.
    #[error("level {0} is the last there is")]
    LastLevel(i32),
    /// The kernel asked for a preimage that is not there. A rollup node stops at that block.
    #[error(
        "the kernel asked for the preimage {}, which is expected at {place}",
        hex::encode(hash.as_slice())
    )]
    MissingPreimage {
        /// Its hash.
        hash: Box<PreimageHash>,
        /// Where it should be.
        place: String,
    },
}
