//! What an operator costs: one instruction or none, and ticks.
//!
//! The model is that of [`crate::ticks`]. Here are its static parts: what can be told from the
//! operator and the types alone.

use crate::ticks;
use wasmparser::{FuncType, Operator};

/// The most ticks beyond those of its instructions that a stretch, or entering a function, is
/// charged. So many instructions between two calls of the poll function cannot carry from the
/// lower half of the meter into its upper one.
pub(super) const MAX_EXTRA: i64 = 1_000;

/// What a stretch costs.
#[derive(Clone, Copy, Default)]
pub(super) struct Cost {
    /// Instructions.
    pub(super) instructions: i64,
    /// Ticks beyond those of the instructions. Below zero where what comes next is charged more than it
    /// may cost.
    pub(super) extra: i64,
}

impl Cost {
    /// Adds an operator, and ticks beyond those of an instruction.
    pub(super) fn add(&mut self, operator: &Operator<'_>, extra: i64) {
        self.instructions += match operator {
            Operator::Block { .. }
            | Operator::Loop { .. }
            | Operator::Nop
            | Operator::Else
            | Operator::End => 0,
            _ => 1,
        };
        self.extra += extra;
    }

    /// The cost as what the meter goes up by.
    pub(super) fn on_meter(self) -> i64 {
        (self.instructions << 32) + self.extra.clamp(-MAX_EXTRA, MAX_EXTRA)
    }
}

/// The ticks of entering a function and of its return, beyond those of the call.
pub(super) fn entry(ty: &FuncType, locals: u32) -> i64 {
    let (params, results) = (ty.params().len() as u64, ty.results().len() as u64);
    let ticks = ticks::per_call(params, u64::from(locals), results);
    let extra = ticks.saturating_sub(ticks::PER_INSTRUCTION);
    i64::try_from(extra).unwrap_or(MAX_EXTRA).min(MAX_EXTRA)
}

/// The ticks that an operator takes for each byte that the length on the stack says.
pub(super) fn per_byte(operator: &Operator<'_>) -> Option<u64> {
    match operator {
        Operator::MemoryCopy { .. } => Some(ticks::PER_BYTE_COPIED),
        Operator::MemoryFill { .. } | Operator::MemoryInit { .. } => Some(ticks::PER_BYTE_WRITTEN),
        _ => None,
    }
}
