//! A sandbox that runs, as it is asked.

use std::time::Duration;

use layer1::plain::one_line;
use serde_json::Value;
use wallet::error::RpcError;
use wallet::rpc::Node;

use crate::cli::groups::SandboxArgs;
use crate::error::Failure;
use crate::exit::Exit;

/// How long a sandbox that is just being started is waited for.
const START_TIME: Duration = Duration::from_secs(5);
/// How long it may take to answer: levels are baked while it is waited for.
const ANSWER_TIME: Duration = Duration::from_secs(600);

/// A level in an answer.
pub(super) fn level_of(value: &Value) -> Result<i64, Failure> {
    value.as_i64().ok_or_else(|| no_sandbox("what answered is no sandbox"))
}

/// Tells the sandbox something.
pub(super) fn post(at: &SandboxArgs, what: &str, body: &Value) -> Result<Value, Failure> {
    ask(at, |node| node.post(&format!("/dev/{what}"), body))
}

/// Asks it something.
pub(super) fn get(at: &SandboxArgs, path: &str) -> Result<Value, Failure> {
    ask(at, |node| node.get(path))
}

fn ask(at: &SandboxArgs, ask: impl Fn(&Node) -> Result<Value, RpcError>) -> Result<Value, Failure> {
    let node = Node::patient(&at.endpoint, ANSWER_TIME);
    match node.and_then(|node| node.once_up(START_TIME, ask)) {
        Ok(answer) => Ok(answer),
        // It is a sandbox, and says why not.
        Err(RpcError::Refused { words, .. }) if !words.is_empty() => {
            Err(Failure::new(Exit::Refused, words))
        }
        Err(error @ RpcError::Endpoint(_)) => Err(error.into()),
        Err(error) => Err(no_sandbox(&error.to_string())),
    }
}

fn no_sandbox(problem: &str) -> Failure {
    Failure::new(Exit::NoAnswer, one_line(problem))
        .with_hint("toru dev starts a sandbox; --endpoint names one that runs elsewhere")
}
