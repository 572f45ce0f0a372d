//! What an instrumented kernel has executed so far, and how far it may go on.

use crate::ticks::module::ModuleTicks;
use crate::ticks::{self, Phases};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// The most instructions a kernel executes before it polls: some ten milliseconds.
const RATION: i64 = 1 << 20;

/// What the meter of a fresh instance is at.
pub(crate) const FIRST: i64 = -(RATION << 32);

/// A bulk memory operator of this many bytes polls, wherever it stands.
pub(crate) const LONG_BULK_BYTES: i32 = 1 << 16;

/// What a meter has gone up by: instructions, and the ticks beyond those of them, which are below zero for a
/// while where something was charged less in advance.
fn halves(gone: i64) -> (u64, i64) {
    let instructions = gone.wrapping_add(1 << 31) >> 32;
    (instructions.cast_unsigned(), gone.wrapping_sub(instructions << 32))
}

/// A handle to stop whatever a [`crate::Pvm`] is doing, from another thread or a signal handler.
/// Clones are handles to the same PVM.
///
/// The level that is being played then ends with [`crate::PvmError::Interrupted`], and the state
/// is as it was before it; so do all later ones, until [`Interrupt::clear`] is called. A kernel as
/// WASM notices after a million instructions at most, unless its engine does not count; a native
/// one at its next host call.
#[derive(Clone, Debug, Default)]
pub struct Interrupt(Arc<AtomicBool>);

impl Interrupt {
    /// Stops the PVM.
    pub fn set(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Lets it play again.
    pub fn clear(&self) {
        self.0.store(false, Ordering::Relaxed);
    }

    /// Whether it is to stop.
    #[must_use]
    pub fn is_set(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// The counts of one run.
#[derive(Debug)]
pub(crate) struct Meter {
    /// What the meter of the instance was last set to.
    since: i64,
    /// Instructions up to then.
    instructions: u64,
    /// Ticks up to then, but for bulk operators and the host.
    ticks: u64,
    /// Ticks of bulk operators, as of the last poll.
    bulk: u64,
    /// Ticks of host calls.
    pub(crate) host: u64,
    /// Ticks before any of the kernel's code: of the module, and of its instance.
    module: ModuleTicks,
    /// All ticks up to the call of `kernel_run`.
    before_eval: Option<u64>,
    /// The most ticks the run may take.
    limit: u64,
}

impl Default for Meter {
    fn default() -> Self {
        Self::new(ModuleTicks::default(), u64::MAX)
    }
}

impl Meter {
    /// The meter of a fresh instance, which has cost some ticks already.
    pub(crate) fn new(module: ModuleTicks, limit: u64) -> Self {
        Self {
            since: FIRST,
            instructions: 0,
            ticks: 0,
            bulk: 0,
            host: 0,
            module,
            before_eval: None,
            limit,
        }
    }

    /// The instructions executed when the instance's meter stands at this.
    pub(crate) fn instructions(&self, meter: i64) -> u64 {
        let (instructions, _) = halves(meter.wrapping_sub(self.since));
        self.instructions + instructions
    }

    /// The instructions executed, as of the last note.
    pub(crate) fn instructions_so_far(&self) -> u64 {
        self.instructions
    }

    /// Takes note of the instance's globals.
    pub(crate) fn note(&mut self, meter: i64, bulk: i64) {
        let (instructions, extra) = halves(meter.wrapping_sub(self.since));
        self.instructions += instructions;
        self.ticks += instructions * ticks::PER_INSTRUCTION;
        self.ticks = self.ticks.saturating_add_signed(extra);
        self.bulk = bulk.cast_unsigned();
        self.since = meter;
    }

    /// All ticks, as of the last note.
    pub(crate) fn ticks(&self) -> u64 {
        let before = Phases::SNAPSHOT + self.module.decode + self.module.link + self.module.init;
        let run = self.ticks.saturating_add(self.bulk).saturating_add(self.host);
        before.saturating_add(run)
    }

    /// Notes that all ticks so far were those before the call of `kernel_run`.
    pub(crate) fn end_init(&mut self) {
        self.before_eval = Some(self.ticks());
        self.ticks += ticks::PER_RUN;
    }

    /// Notes that the run has ended with so many calls open, whose ends have been counted in advance.
    pub(crate) fn trap(&mut self, open_calls: usize) {
        let open = u64::try_from(open_calls).unwrap_or(u64::MAX);
        self.ticks = self.ticks.saturating_sub(open.saturating_mul(ticks::PER_TRAP_LESS));
    }

    /// The ticks by phase, as of the last note.
    pub(crate) fn phases(&self) -> Phases {
        let ModuleTicks { decode, link, .. } = self.module;
        // The reference stops at the limit; here it is found out a little later.
        let all = self.ticks().min(self.limit);
        let before_eval = self.before_eval.unwrap_or(all);
        let init = before_eval.saturating_sub(Phases::SNAPSHOT + decode + link);
        Phases { decode, link, init, eval: all.saturating_sub(before_eval) }
    }

    /// The limit, if it has been exceeded.
    pub(crate) fn exceeded(&self) -> Option<u64> {
        (self.ticks() > self.limit).then_some(self.limit)
    }

    /// What to set the instance's meter to: short of the limit, fewer instructions are granted.
    pub(crate) fn next(&mut self) -> i64 {
        let left = self.limit.saturating_sub(self.ticks()) / ticks::PER_INSTRUCTION;
        let ration = i64::try_from(left).map_or(RATION, |left| left.clamp(1, RATION));
        self.since = -(ration << 32);
        self.since
    }
}
