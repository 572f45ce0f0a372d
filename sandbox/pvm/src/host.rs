//! The state a kernel talks to during a level, and every host function once, over any memory.
//!
//! The two ways of running a kernel differ only in [`crate::memory::Memory`]: what addresses are,
//! and which of them are good. Results and the order of checks are here.

mod cost;
mod functions;
mod reveal;

use crate::abi::HostFn;
use crate::codes::Code;
use crate::dal::{Dal, DalPage};
use crate::durable::Durable;
use crate::meter::{Interrupt, Meter};
use crate::preimages::{PreimageHash, Preimages};
use crate::profile::{Profile, Recorder};
use crate::ticks::module::ModuleTicks;
use cost::Cost;
use std::collections::VecDeque;
use thiserror::Error;

/// What answers every reveal, in place of preimages, metadata and the DAL: requests with their tag in
/// front, as `reveal` takes them.
pub trait Reveals {
    /// The answer to a request. Without one the level cannot be played.
    fn answer(&self, request: &[u8]) -> Option<Vec<u8>>;
}

/// What gets the text a kernel prints, call by call.
pub type Log = Box<dyn FnMut(&str)>;

/// Why a run cannot go on, other than by the kernel's own doing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Halt {
    /// The test hook.
    InjectedTrap {
        /// The number of the host call in its level.
        host_call: u64,
    },
    /// A preimage that is not there stops a node.
    MissingPreimage {
        /// The preimage asked for.
        hash: Box<PreimageHash>,
    },
    /// So does one that has another hash than it is asked for by.
    CorruptPreimage {
        /// The preimage asked for.
        hash: Box<PreimageHash>,
        /// What it really hashes to.
        found: Box<PreimageHash>,
    },
    /// And one that is longer than any can be.
    LongPreimage {
        /// The preimage asked for.
        hash: Box<PreimageHash>,
        /// Its size in bytes.
        size: usize,
    },
    /// A DAL page that is not as long as pages are.
    BadDalPage {
        /// The page asked for.
        page: DalPage,
        /// Its size in bytes.
        size: usize,
        /// The size of a page.
        expected: u16,
    },
    /// A request that decodes, and that no node can answer.
    AdaptiveDal,
    /// A call that the reference does not survive: it ends outside of any state.
    Raised(Raised),
    /// A call that leaves the PVM stuck for good.
    StuckCall(StuckCall),
    /// Whoever answers reveals has no answer to this request.
    NoReveal {
        /// The request, with its tag.
        request: Vec<u8>,
    },
    /// Somebody set the interrupt.
    Interrupted,
    /// The run has taken more ticks than it may.
    TooManyTicks {
        /// The limit.
        limit: u64,
    },
    /// The PVM lets a start function make no host calls.
    CallDuringInit {
        /// The function called.
        function: HostFn,
    },
}

/// A host call that makes the reference PVM itself fail, so that there is no state after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Raised {
    /// What is revealed does not fit into the kernel's memory where it should go.
    #[error("{function} was to write what it reveals beyond the end of memory")]
    RevealedBeyondMemory {
        /// The function called.
        function: HostFn,
    },
    /// The most bytes that a reveal may write are fewer than none.
    #[error("{function} was given the negative maximum {max_bytes}")]
    NegativeMaximum {
        /// The function called.
        function: HostFn,
        /// The maximum.
        max_bytes: i32,
    },
    /// The rollup has no second storage, and the function is one of that.
    #[error("{function} belongs to the new durable storage, which this rollup does not have")]
    NoSecondStorage {
        /// The function called.
        function: HostFn,
    },
}

/// A host call that the reference takes for a fault of its own, and is stuck for good after.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("{function} was given the negative maximum {max_bytes} for what is there")]
pub(crate) struct StuckCall {
    /// The function called.
    pub(crate) function: HostFn,
    /// The most bytes it was to write.
    pub(crate) max_bytes: i32,
}

/// The run has to end here; the reason lies in the host.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Halted;

/// One host call that was executed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HostCall {
    /// Which run of the level it was made in, from 0.
    pub run: usize,
    /// The function.
    pub function: HostFn,
    /// What it answered: 0 for `write_debug`, which answers nothing.
    pub result: i64,
}

/// What a kernel sees of the world during one level. Lent to a [`crate::Program`] for a run.
#[derive(Default)]
pub struct Host {
    pub(crate) durable: Durable,
    pub(crate) level: i32,
    pub(crate) inbox: VecDeque<(i32, Vec<u8>)>,
    pub(crate) outbox: Vec<Vec<u8>>,
    pub(crate) metadata: [u8; 24],
    pub(crate) origination_level: i32,
    pub(crate) preimages: Option<Box<dyn Preimages>>,
    pub(crate) dal: Option<Box<dyn Dal>>,
    /// What answers in place of all of these.
    pub(crate) reveals: Option<Box<dyn Reveals>>,
    pub(crate) interrupt: Interrupt,
    /// The most ticks a run may take.
    pub(crate) tick_limit: u64,
    /// The counts of this run.
    pub(crate) meter: Meter,
    /// Why the default node might have failed in this run where the PVM went on.
    pub(crate) default_node_may_fail: Option<String>,
    /// The profile of this level, if one is wished.
    pub(crate) profile: Option<Profile>,
    /// That of this run.
    pub(crate) recorder: Recorder,
    pub(crate) log: Option<Log>,
    /// Which run of the level this is.
    pub(crate) run: usize,
    /// Host calls executed in this level.
    pub(crate) calls: u64,
    pub(crate) trap_at: Option<u64>,
    pub(crate) recording: bool,
    pub(crate) record: Vec<HostCall>,
    /// Set while a module is instantiated.
    pub(crate) initialising: bool,
    pub(crate) halt: Option<Halt>,
}

/// Why a host function does not do what it was asked.
enum Refusal {
    Code(Code),
    Halt(Halt),
}

impl From<Code> for Refusal {
    fn from(code: Code) -> Self {
        Self::Code(code)
    }
}

impl Host {
    /// A host in the same state, which prints and records nothing. It has no source of preimages and of
    /// the DAL: there is one of each.
    pub(crate) fn fork(&self) -> Self {
        Self {
            durable: self.durable.clone(),
            level: self.level,
            inbox: self.inbox.clone(),
            outbox: self.outbox.clone(),
            metadata: self.metadata,
            origination_level: self.origination_level,
            interrupt: self.interrupt.clone(),
            tick_limit: self.tick_limit,
            run: self.run,
            calls: self.calls,
            ..Self::default()
        }
    }

    /// Everything around a host call: the hooks before, the record after.
    fn answer<T: Copy + From<i32> + Into<i64>>(
        &mut self,
        function: HostFn,
        cost: Cost,
        body: impl FnOnce(&mut Self) -> Result<T, Refusal>,
    ) -> Result<T, Halted> {
        let host_call = self.calls;
        if self.halt.is_some() {
            // Natively, destructors run after a halt. In WASM nothing does.
            return Err(Halted);
        } else if self.initialising {
            self.halt = Some(Halt::CallDuringInit { function });
            return Err(Halted);
        } else if self.trap_at == Some(host_call) {
            self.trap_at = None;
            self.halt = Some(Halt::InjectedTrap { host_call });
            return Err(Halted);
        } else if self.interrupt.is_set() {
            self.halt = Some(Halt::Interrupted);
            return Err(Halted);
        }
        let result = match body(self) {
            Ok(result) => result,
            Err(Refusal::Code(code)) => T::from(code.value()),
            Err(Refusal::Halt(halt)) => {
                self.halt = Some(halt);
                return Err(Halted);
            }
        };
        self.calls += 1;
        self.meter.host = self.meter.host.saturating_add(cost.ticks(result.into()));
        self.check_ticks()?;
        if self.recording {
            self.record.push(HostCall { run: self.run, function, result: result.into() });
        }
        Ok(result)
    }
}

/// What an instrumented kernel calls.
impl Host {
    /// Gets ready for a run of a WASM kernel, whose instance costs some ticks.
    pub(crate) fn begin_run(&mut self, module: ModuleTicks) {
        self.meter = Meter::new(module, self.tick_limit);
        self.recorder = Recorder::default();
    }

    /// Takes note of the meters of an instance, and says what the first is to be set to.
    pub(crate) fn poll(&mut self, meter: i64, bulk: i64) -> Result<i64, Halted> {
        self.recorder.count(self.meter.instructions(meter));
        self.meter.note(meter, bulk);
        self.check_ticks()?;
        if self.interrupt.is_set() {
            self.halt = Some(Halt::Interrupted);
            return Err(Halted);
        }
        Ok(self.meter.next())
    }

    /// A function is called, at this meter.
    pub(crate) fn entered(&mut self, function: u32, meter: i64) {
        self.recorder.enter(function, self.meter.instructions(meter));
    }

    /// The function that was called last returns, at this meter.
    pub(crate) fn left(&mut self, meter: i64) {
        self.recorder.leave(self.meter.instructions(meter));
    }

    /// Ends a run that takes more ticks than it may.
    pub(crate) fn check_ticks(&mut self) -> Result<(), Halted> {
        match self.meter.exceeded() {
            Some(limit) if self.halt.is_none() => {
                self.halt = Some(Halt::TooManyTicks { limit });
                Err(Halted)
            }
            _ => Ok(()),
        }
    }
}

/// The first `max` bytes. `None` for a negative `max`.
fn truncate(bytes: &[u8], max: i32) -> Option<&[u8]> {
    let max = usize::try_from(max).ok()?;
    Some(bytes.get(..max).unwrap_or(bytes))
}

/// A length as the ABI's integer. All of ours fit: what a call moves is bounded.
fn abi_len(bytes: &[u8]) -> i32 {
    i32::try_from(bytes.len()).unwrap_or(i32::MAX)
}

#[cfg(test)]
mod tests;
