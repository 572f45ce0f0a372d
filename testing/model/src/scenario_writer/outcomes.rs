//! What became of messages and operations, in the words of a scenario file.

use tx_kernel::results::{Outcome as KernelOutcome, ResultCode};

use crate::outcome::{Place, Reason};
use crate::state::Model;
use crate::words::reasons;

/// What became of a message.
pub fn outcome_of(result: Option<&(u16, Reason)>) -> String {
    match result {
        None => "not ours".to_owned(),
        Some((0, reason)) => words(reasons::of_message(&kernel(*reason)), *reason),
        Some((1, reason)) => words("held", *reason),
        Some((_, reason)) => words("refused", *reason),
    }
}

/// What became of an operation, and whether this message brought it about.
pub fn operation_outcome(after: &Model, place: Place, hash: [u8; 32]) -> String {
    let Some(result) = after.operations.get(&hash) else { return "no result".to_owned() };
    let came_to = words_of_operation(result.reason);
    if result.message == place { came_to } else { format!("unchanged, {came_to}") }
}

fn kernel((code, first, second): Reason) -> KernelOutcome {
    KernelOutcome::new(ResultCode::from_number(code), first, second)
}

/// A reason in the words that `toru` has for it, without colons, which mean something in YAML.
pub fn words(word: &str, reason: Reason) -> String {
    let said = reasons::words(&kernel(reason)).replace(": ", ", ");
    match (word, said.as_str()) {
        ("", _) => said,
        (_, "") => word.to_owned(),
        _ => format!("{word}, {said}"),
    }
}

/// What became of an operation, in words.
pub fn words_of_operation(reason: Reason) -> String {
    words(reasons::of_operation(&kernel(reason)), reason)
}
