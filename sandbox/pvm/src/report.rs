//! What is told about a level that was played, and why one could not be.

use crate::codes::{MAX_INBOX_MESSAGES, MAX_MESSAGE_BYTES};
use crate::dal::DalPage;
use crate::engine::EngineLimit;
use crate::host::{HostCall, Raised};
use crate::preimages::PreimageHash;
use crate::profile::Profile;
use crate::ticks::{self, Phases};
use crate::version::Version;
use std::time::Duration;
use thiserror::Error;

/// A level that was played.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LevelReport {
    /// Its number.
    pub level: i32,
    /// The version of the PVM that played it.
    pub version: Version,
    /// The calls of `kernel_run`.
    pub runs: Vec<RunReport>,
    /// The ticks that the PVM counts for each, however few it takes.
    pub ticks_per_run: u64,
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
    /// The instructions by stack of functions, if [`crate::Config::profiled`] is set.
    pub profile: Option<Profile>,
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

    /// The ticks of all runs, as [`crate::ticks`] estimates them, if all runs counted.
    #[must_use]
    pub fn ticks(&self) -> Option<u64> {
        self.runs.iter().map(|run| run.ticks).try_fold(0, |sum: u64, run| sum.checked_add(run?))
    }

    /// The ticks that the PVM accounts for: whatever is executed, each run is padded to the limit
    /// of a run, and so is the collecting of the inbox. In a level that leaves the PVM stuck, or finds it so,
    /// there are fewer: the ticks up to the failure are not padded.
    #[must_use]
    pub fn padded_ticks(&self) -> u64 {
        let spans = u64::try_from(self.runs.len()).unwrap_or(u64::MAX).saturating_add(1);
        spans.saturating_mul(self.ticks_per_run)
    }

    /// How long the longest run would take to replay, as whoever refutes or defends a commitment
    /// must, if all runs counted: see [`crate::ticks::refutation_time`]. A dispute is about one
    /// tick, and comes down to the run that has it.
    #[must_use]
    pub fn refutation_time(&self) -> Option<Duration> {
        let all: Option<Vec<u64>> = self.runs.iter().map(|run| run.ticks).collect();
        all.map(|ticks| ticks::refutation_time(ticks.into_iter().max().unwrap_or(0)))
    }

    /// What the default node would first have done otherwise in this level.
    #[must_use]
    pub fn default_node(&self) -> &DefaultNode {
        let mut all = self.runs.iter().map(|run| &run.default_node);
        all.find(|node| **node != DefaultNode::Same).unwrap_or(&DefaultNode::Same)
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
    /// An estimate of the ticks the reference would take, where instructions are counted: see
    /// [`crate::ticks`].
    pub ticks: Option<u64>,
    /// The same by phase.
    pub phases: Option<Phases>,
    /// Host calls executed.
    pub host_calls: u64,
    /// How it trapped, if it did.
    pub trap: Option<String>,
    /// The functions that were open then, the innermost first: where the module has names, or is
    /// profiled. Of a deep stack only the innermost are told, and last how many more there are.
    pub stack: Vec<String>,
    /// Why the kernel could not be run, if so: the one before it was put back.
    pub upgrade_error: Option<String>,
    /// Whether the default node would have come to the same.
    pub default_node: DefaultNode,
}

/// What an Octez rollup node with default options does where the PVM, as the reference evaluates
/// it and layer 1 judges it, does what the report says. That node runs kernels with a faster
/// engine, and does not fall back to the reference when that engine cannot go on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum DefaultNode {
    /// The same.
    #[default]
    Same,
    /// It exits, for this reason.
    Exits(String),
    /// It may fail, for this reason.
    MayFail(String),
    /// It runs the kernel on, for this reason.
    RunsOn(String),
}

/// Whether a PVM still runs its kernel.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Status {
    /// It does.
    #[default]
    Running,
    /// Never again: it takes inboxes and does nothing with them.
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
        "the kernel asked for the preimage {}, which is expected at {location}",
        hex::encode(hash.as_slice())
    )]
    MissingPreimage {
        /// Its hash.
        hash: Box<PreimageHash>,
        /// Where it should be.
        location: String,
    },
    /// The preimage that was found for a hash has another one. A rollup node stops, too.
    #[error(
        "the kernel asked for the preimage {}, but what is at {location} has the hash {}",
        hex::encode(hash.as_slice()),
        hex::encode(found.as_slice())
    )]
    CorruptPreimage {
        /// The hash asked for.
        hash: Box<PreimageHash>,
        /// The hash of what was found.
        found: Box<PreimageHash>,
        /// Where it was found.
        location: String,
    },
    /// The preimage that was found is longer than the protocol allows.
    #[error(
        "the preimage at {location} is {size} bytes long, at most {MAX_MESSAGE_BYTES} are allowed"
    )]
    LongPreimage {
        /// Its hash.
        hash: Box<PreimageHash>,
        /// Its size.
        size: usize,
        /// Where it was found.
        location: String,
    },
    /// The DAL page that was found is not as long as pages are.
    #[error("the DAL page at {location} is {size} bytes long, and not {expected}")]
    BadDalPage {
        /// The page.
        page: DalPage,
        /// Its size in bytes.
        size: usize,
        /// The size of a page.
        expected: u16,
        /// Where it was found.
        location: String,
    },
    /// The kernel asked for a DAL page with conditions on its attestation. The request can be
    /// encoded, and no node can answer it.
    #[error("the kernel made an adaptive DAL request (tag 4), which stops every rollup node")]
    AdaptiveDal,
    /// The kernel made a host call that the reference PVM itself fails at. There is no state after it, and a
    /// rollup node stops.
    #[error("{0}: the reference PVM fails there, outside of any state, and a rollup node stops")]
    Raised(#[from] Raised),
    /// What answers reveals has no answer to a request.
    #[error("the kernel revealed {}, which has no answer", hex::encode(request))]
    NoReveal {
        /// The request, with its tag.
        request: Vec<u8>,
    },
    /// An inbox that does not end with the end of its level.
    #[error("the last message of an inbox is the end of the level, and this one has another")]
    NoEndOfLevel,
    /// The engine, or this machine, cannot go on where a node could.
    #[error(transparent)]
    Limited(#[from] EngineLimit),
    /// [`crate::Interrupt::set`] was called.
    #[error("interrupted")]
    Interrupted,
}
