//! What became of messages and operations, as a scenario file says it.

use explain::outcome::{of_message, of_operation};
use tx_kernel::results::{MessageResult, Outcome as KernelOutcome, ResultCode};

use crate::outcome::{CodeAndValues, MessageIndex};
use crate::state::Model;

/// What became of a message.
pub fn outcome_of(result: Option<&(u16, CodeAndValues)>) -> String {
    let Some((kind, reason)) = result else { return "not ours".to_owned() };
    let outcome = kernel(*reason);
    let result = match kind {
        0 => MessageResult::Done(outcome),
        1 => MessageResult::Held(outcome),
        _ => MessageResult::Refused(outcome),
    };
    scenario::outcome_text(of_message(&result), &outcome)
}

/// What became of an operation, and whether this message brought it about.
pub fn operation_outcome(after: &Model, message_index: MessageIndex, hash: [u8; 32]) -> String {
    let Some(result) = after.operations.get(&hash) else { return "no result".to_owned() };
    let came_to = operation_text(result.reason);
    if result.message == message_index { came_to } else { format!("unchanged, {came_to}") }
}

/// What became of an operation.
pub fn operation_text(reason: CodeAndValues) -> String {
    let outcome = kernel(reason);
    scenario::outcome_text(of_operation(&outcome), &outcome)
}

/// A reason as the kernel has it.
pub fn kernel((code, first, second): CodeAndValues) -> KernelOutcome {
    KernelOutcome::new(ResultCode::from_number(code), first, second)
}
