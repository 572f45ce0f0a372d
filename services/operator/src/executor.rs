//! Who executes: the sandbox itself, a command for a real layer 1, or nobody.

use std::sync::mpsc::{Receiver, TryRecvError, channel};
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};
use wallet::error::RpcError;
use wallet::outbox::OutboxMessageId;
use wallet::rpc::Node;

use crate::command::{Command, CommandEnd, run};
use crate::journal::Key;
use crate::schedule::Ended;

/// Who executes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Executor {
    /// Nobody: the operator only tells.
    Nobody,
    /// The sandbox's layer 1.
    Sandbox,
    /// A command.
    Command(Command),
}

impl Executor {
    /// Who that is, in words.
    #[must_use]
    pub fn words(&self) -> String {
        match self {
            Executor::Nobody => "NOTHING IS EXECUTED, as there is no command for it".to_owned(),
            Executor::Sandbox => "the sandbox executes".to_owned(),
            Executor::Command(command) => {
                let (program, cap) = (command.program(), command.cap());
                format!("{program} executes, for {cap} tez each at most")
            }
        }
    }
}

/// A command that runs.
#[derive(Debug)]
pub(crate) struct Running {
    /// What it executes.
    pub key: Key,
    end: Receiver<CommandEnd>,
}

impl Running {
    /// Runs a command beside everything else.
    pub(crate) fn start(key: Key, line: Vec<String>, time: Duration) -> Self {
        let (sender, end) = channel();
        thread::spawn(move || {
            // The operator may have ended.
            let _ = sender.send(run(&line, time));
        });
        Self { key, end }
    }

    /// How it has ended; `None` while it runs.
    pub(crate) fn ended(&self) -> Option<CommandEnd> {
        match self.end.try_recv() {
            Ok(end) => Some(end),
            Err(TryRecvError::Empty) => None,
            Err(TryRecvError::Disconnected) => {
                let why = Some("the command was lost sight of".to_owned());
                Some(CommandEnd { ended: Ended::Unknown, operation: None, why })
            }
        }
    }
}

/// Has the sandbox's layer 1 execute a message.
///
/// # Errors
/// When the sandbox does not answer.
pub(crate) fn in_sandbox(node: &Node, id: OutboxMessageId) -> Result<CommandEnd, RpcError> {
    let asked = json!({"outbox_level": id.level.0, "message_index": id.index});
    match node.post::<Value>("/dev/execute", &asked) {
        Ok(_) => Ok(CommandEnd { ended: Ended::Sent, operation: None, why: None }),
        Err(RpcError::Refused { words, .. }) => Ok(CommandEnd::refused(words)),
        Err(error) => Err(error),
    }
}
