//! Ticks, estimated: what the reference's small-step evaluator would take for a run.
//!
//! The reference counts a tick for every step of its evaluator, of which a plain instruction takes
//! six. What is estimated here is the sum over
//!
//! * instructions, at [`PER_INSTRUCTION`];
//! * `block`, `loop` and `nop`, the same, though they do not count as instructions;
//! * the ends of blocks, and branches out of them, at [`PER_BLOCK_END`], and a loop that is branched to, which
//!   is entered anew;
//! * choices, that is `if`, a `br_if` that is taken and `br_table`, at [`PER_CHOICE`];
//! * calls, by [`per_call`];
//! * bytes of bulk memory operators, at [`PER_BYTE_COPIED`] and [`PER_BYTE_WRITTEN`];
//! * host calls: [`PER_HOST_CALL`], and unless it is refused, what the reference charges the function, which is
//!   mostly [`PER_TREE_ACCESS`] and [`PER_BYTE_HOST`] for each byte of keys and values;
//! * and before all that, in every run, what it takes to decode the module, to link its imports and to make an
//!   instance of it.
//!
//! For the reference's own counts of small kernels the estimate is right to the tick, but for the instructions of
//! a stretch behind the one that traps, and for the ends of the functions that are open then. Left out are the
//! elements of tables, of which no count was to be had, what unwinding deep operand stacks costs, and what
//! lies beyond a thousand ticks in one straight-line stretch or one entry of a function. For compiled Rust the sum
//! is between 6 and 9 ticks an instruction, host calls and data aside: code that is made small calls and copies
//! more. The default node counts no ticks.

pub(crate) mod module;

use std::time::Duration;

/// The ticks of a run by phase, estimated: what the reference takes for each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Phases {
    /// To decode the module.
    pub decode: u64,
    /// To link its imports.
    pub link: u64,
    /// To make an instance of it, its start function included.
    pub init: u64,
    /// To call `kernel_run`.
    pub eval: u64,
}

impl Phases {
    /// The tick before the first phase, in which the run begins.
    pub const SNAPSHOT: u64 = 1;

    /// All of the run.
    #[must_use]
    pub fn total(self) -> u64 {
        let phases = [self.decode, self.link, self.init, self.eval];
        phases.into_iter().fold(Self::SNAPSHOT, u64::saturating_add)
    }
}

/// The ticks of a plain instruction: three to fetch it, three to execute it.
pub(crate) const PER_INSTRUCTION: u64 = 6;

/// The ticks of the end of a block with nothing on the stack.
pub(crate) const PER_BLOCK_END: u64 = 7;

/// The same, if there is nothing in the block.
pub(crate) const PER_EMPTY_BLOCK_END: u64 = 1;

/// What a call does not come to that is open when the run traps: the end of its function.
pub(crate) const PER_TRAP_LESS: u64 = 8;

/// The ticks of a start function beyond those of what is in it.
pub(crate) const PER_START: u64 = 14;

/// Those of a start function that makes a host call, up to that.
pub(crate) const PER_START_CALL: u64 = 27;

/// The ticks of a choice, which `if`, a taken `br_if` and `br_table` make: they become another operator.
pub(crate) const PER_CHOICE: u64 = 3;

/// The ticks of the first call of a run, beyond those of a call without its instruction.
pub(crate) const PER_RUN: u64 = 5;

/// The ticks of a call of a host function, beyond those of the instruction.
pub(crate) const PER_HOST_CALL: u64 = 5;

/// The ticks of a byte of `memory.copy`.
pub(crate) const PER_BYTE_COPIED: u64 = 48;

/// The ticks of a byte of `memory.fill` and `memory.init`.
pub(crate) const PER_BYTE_WRITTEN: u64 = 42;

/// The ticks of a byte that a host function is charged for.
pub(crate) const PER_BYTE_HOST: u64 = 42;

/// The ticks of an access of a host function to the storage.
pub(crate) const PER_TREE_ACCESS: u64 = 1;

/// How many ticks the reference executes in a second, as was measured when its limit was eleven
/// thousand million: an hour for all of them.
pub const REFUTATION_TICKS_PER_SECOND: u64 = 3_000_000;

/// The ticks of a call, its return included.
pub(crate) fn per_call(params: u64, locals: u64, results: u64) -> u64 {
    22_u64
        .saturating_add(params.saturating_mul(2))
        .saturating_add(locals.saturating_mul(2))
        .saturating_add(results)
}

/// How long it would take to replay so many ticks in the reference's slow evaluator, as whoever
/// refutes or defends a commitment must: at [`REFUTATION_TICKS_PER_SECOND`].
#[must_use]
pub fn refutation_time(ticks: u64) -> Duration {
    Duration::from_secs(ticks / REFUTATION_TICKS_PER_SECOND)
}
