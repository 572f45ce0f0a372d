//! What does something with a sandbox: the command line.

use std::fmt::Debug;

use serde_json::Value;

/// Runs commands against the sandbox that the explorer is of.
pub trait Commands: Debug + Send + Sync {
    /// Runs a command, as `toru` with these arguments and `--json` would. It blocks.
    fn run(&self, arguments: &[String]) -> Ran;

    /// The call of HTTP that does the same, if it is one.
    fn call(&self, arguments: &[String]) -> Option<Call>;

    /// The names of the accounts that can pay: their keys are known to everybody.
    fn payers(&self) -> Vec<String>;

    /// The names of the accounts of the simulated layer 1.
    fn layer1_names(&self) -> Vec<String>;

    /// A text that nobody can guess, another one in each process; empty if the system gives none.
    fn token(&self) -> String;
}

/// What a command came to.
#[derive(Clone, Debug, Default)]
pub struct Ran {
    /// What it has printed: an object, with `error` in it if it failed.
    pub told: Value,
    /// Whether it did its work.
    pub is_done: bool,
}

/// A call of HTTP: a POST of JSON.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// The path.
    pub path: String,
    /// The body.
    pub body: Value,
}
