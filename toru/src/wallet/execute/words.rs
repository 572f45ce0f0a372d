//! What came of an execution, in words and as JSON, and the command that a user is to run.

use serde_json::{Value, json};

/// What came of it.
pub(super) enum Done {
    /// It was executed, with words that say so.
    Executed { words: String, paid: String, told: Value },
    /// Layer 1 had executed it before: how far it is, in words.
    Already(String),
    /// This is to be run.
    ToRun { command: String, commitment: String, proof: String },
}

/// What came of executing something, in words and as JSON. `stage` says how far it had come.
pub(super) fn told(what: &str, stage: &str, done: &Done) -> (String, Value) {
    match done {
        Done::Executed { words, paid, told } => {
            let json = json!({"outcome": "executed", "paid": told});
            let paid: String = paid.lines().map(|line| format!("  {line}\n")).collect();
            (format!("{what} is {words}, in the sandbox's layer 1\n{paid}"), json)
        }
        Done::Already(words) => {
            (format!("{what} needs nothing more: {words}\n"), json!({"outcome": "already"}))
        }
        Done::ToRun { command, commitment, proof } => {
            let json = json!({
                "outcome": "to run", "command": command, "commitment": commitment, "proof": proof,
            });
            (format!("# {what}: {stage}\n{command}\n"), json)
        }
    }
}
