//! Ticks, estimated: what the reference's small-step evaluator would take for a run.
//!
//! The reference counts a tick for every step of its evaluator, of which a plain instruction takes
//! six. What is estimated here is the sum over
//!
//! * instructions, at [`PER_INSTRUCTION`];
//! * `block`, `loop` and `nop`, the same, though they do not count as instructions;
//! * the ends of blocks, and branches out of them, at [`PER_BLOCK_END`];
//! * calls, by [`per_call`];
//! * bytes of bulk memory operators, at [`PER_BYTE_COPIED`] and [`PER_BYTE_WRITTEN`];
//! * host calls: [`PER_BYTE_HOST`] for each byte of keys and values that they move;
//! * active data segments, at [`PER_BYTE_WRITTEN`], in every run.
//!
//! Left out are decoding and linking, what unwinding deep operand stacks costs, and what lies
//! beyond a thousand ticks in one straight-line stretch or one entry of a function. For compiled
//! Rust the sum is between 6 and 9 ticks an instruction, host calls and data aside: code that is
//! made small calls and copies more. The default node counts no ticks.

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
