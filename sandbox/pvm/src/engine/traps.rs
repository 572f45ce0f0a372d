//! What the PVM makes of an engine's traps: the same on every engine, in the same words.

use super::Outcome;
use super::limit::EngineLimit;
use wasmi_core::TrapCode;

/// Which traps the PVM takes for traps, which leave it stuck, and which are limits of an engine. `stack` is the stack
/// that was too small, if it was the stack, and not the number of open calls.
pub(super) fn outcome_of(trap: TrapCode, stack: Option<usize>) -> Outcome {
    let text = trap.to_string();
    match (trap, stack) {
        (TrapCode::StackOverflow, Some(limit)) => Outcome::Limited(EngineLimit::Stack { limit }),
        // The reference evaluator takes these for faults of its own, not of the kernel.
        (
            TrapCode::StackOverflow | TrapCode::TableOutOfBounds | TrapCode::IndirectCallToNull,
            _,
        ) => Outcome::Stuck(text),
        (TrapCode::IntegerOverflow, _) => Outcome::Overflowed(text),
        (
            TrapCode::OutOfFuel | TrapCode::GrowthOperationLimited | TrapCode::OutOfSystemMemory,
            _,
        ) => Outcome::Limited(EngineLimit::Other(text)),
        _ => Outcome::Trapped(text),
    }
}
