//! Outboxes, and what layer 1 makes of them.

use layer1::address::Address;
use layer1::michelson::Node;
use layer1::outbox::{Call, OutboxMessage, decode, ticket};
use serde_json::Value;
use store::StoreError;

use super::Chain;
use crate::contracts;
use crate::error::NodeError;

/// What layer 1 makes of an outbox message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Executability {
    /// Its index in its outbox.
    pub index: u32,
    /// Whether layer 1 understands it.
    pub understood: bool,
    /// The first level in which it can be executed.
    pub executable_from: i32,
    /// The first level in which it cannot be executed any more.
    pub expires: i32,
    /// The level in which it was executed.
    pub executed: Option<i32>,
}

/// How far a message that has not been executed is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExecutionStatus {
    /// Its commitment is not cemented.
    Pending,
    /// It can be executed.
    Executable,
    /// It was left for too long.
    Lost,
}

/// The messages of an outbox that have not been executed: their indices, and their bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pending {
    /// The level of the outbox.
    pub level: i32,
    /// How far they are.
    pub status: ExecutionStatus,
    /// Indices and bytes.
    pub messages: Vec<(u32, Vec<u8>)>,
}

/// What layer 1 has done with an outbox message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Executed {
    /// The message.
    pub message: Vec<u8>,
    /// Whom each of its calls has paid, in order.
    pub paid: Vec<ExecutedCall>,
}

/// What a call has done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExecutedCall {
    /// The call.
    pub call: Call,
    /// Whether the contract is known. Of one that is not, it is not known whether it takes the call.
    pub known: bool,
}

impl ExecutedCall {
    /// Who gets what the ticket stands for: whom the call names, if it names anybody.
    #[must_use]
    pub fn receiver(&self) -> Option<Address> {
        match ticket(&self.call.parameters)?.receiver? {
            Node::Bytes(bytes) => Address::from_contract_bytes(bytes),
            Node::String(text) => text.parse().ok(),
            _ => None,
        }
    }
}

impl Chain {
    /// An outbox as Octez's node shows it.
    ///
    /// # Errors
    /// When the level is not kept.
    pub fn outbox(&self, level: i32) -> Result<Vec<Vec<u8>>, NodeError> {
        match self.store().outbox(level) {
            // The level of the origination sends nothing.
            Err(StoreError::NotKept { oldest, .. }) if level == oldest => Ok(Vec::new()),
            outbox => Ok(outbox?),
        }
    }

    /// A message as Octez's node shows it; `None` for what layer 1 does not understand.
    #[must_use]
    pub fn describe(&self, message: &[u8]) -> Option<Value> {
        (self.parts.describe)(message)
    }

    /// What layer 1 makes of the messages of an outbox.
    ///
    /// # Errors
    /// When the level is not kept.
    pub fn executability(&self, level: i32) -> Result<Vec<Executability>, NodeError> {
        let executability = |(index, message): (u32, Vec<u8>)| Executability {
            index,
            understood: self.describe(&message).is_some(),
            executable_from: self.parts.settlement.executable_from(level),
            expires: self.parts.settlement.expires(level),
            executed: self.parts.executed.executed(level, index),
        };
        Ok((0..).zip(self.outbox(level)?).map(executability).collect())
    }

    /// Executes an outbox message on layer 1: that it is executed is on the disk when this returns.
    /// Contracts have no code: a call that fits succeeds.
    ///
    /// # Errors
    /// When there is no such message, or layer 1 would refuse it: not understood, not cemented,
    /// expired, executed before, or with a call that its contract does not take. Then the message is as it
    /// was.
    pub fn execute(&mut self, level: i32, index: u32) -> Result<Executed, NodeError> {
        let head = self.head();
        let mut outbox = self.outbox(level)?;
        let count = outbox.len();
        let at = usize::try_from(index).ok().filter(|at| *at < count);
        let at = at.ok_or(NodeError::NoOutboxMessage { level, index, count })?;
        let message = outbox.swap_remove(at);
        if let Some(at) = self.parts.executed.executed(level, index) {
            return Err(NodeError::Executed { level, index, at });
        }
        let from = self.parts.settlement.executable_from(level);
        if head < from {
            return Err(NodeError::NotCemented { level, from, head });
        }
        let expired = self.parts.settlement.expires(level);
        if head >= expired {
            return Err(NodeError::Expired { level, expired });
        }
        if self.describe(&message).is_none() {
            return Err(NodeError::Unexecutable { level, index });
        }
        let paid = self.paid(level, index, &message)?;
        self.parts.executed.execute(level, index, head)?;
        Ok(Executed { message, paid })
    }

    /// What the calls of a message would do. Layer 1 executes all of them or none.
    fn paid(&self, level: i32, index: u32, message: &[u8]) -> Result<Vec<ExecutedCall>, NodeError> {
        let OutboxMessage::Calls(calls) = decode(message) else { return Ok(Vec::new()) };
        let count = calls.len();
        let mut paid = Vec::with_capacity(count);
        for (at, call) in calls.into_iter().enumerate() {
            match self.parts.contracts.takes(&call) {
                Ok(known) => paid.push(ExecutedCall { call, known }),
                Err(problem) => {
                    let (number, target) = (at + 1, contracts::target(&call));
                    return Err(NodeError::Call { level, index, number, count, target, problem });
                }
            }
        }
        Ok(paid)
    }

    /// How far the messages of an outbox are that have not been executed.
    #[must_use]
    pub fn execution_status(&self, level: i32) -> ExecutionStatus {
        let (head, settlement) = (self.head(), self.parts.settlement);
        if head >= settlement.expires(level) {
            ExecutionStatus::Lost
        } else if head >= settlement.executable_from(level) {
            ExecutionStatus::Executable
        } else {
            ExecutionStatus::Pending
        }
    }

    /// The levels whose outboxes have messages that have not been executed, oldest first.
    pub fn pending_levels(&self) -> impl Iterator<Item = i32> {
        let left =
            |(level, count)| (0..count).any(|i| self.parts.executed.executed(level, i).is_none());
        self.history.outboxes().filter(move |outbox| left(*outbox)).map(|(level, _)| level)
    }

    /// What of an outbox has not been executed.
    ///
    /// # Errors
    /// When the level is not kept.
    pub fn pending(&self, level: i32) -> Result<Pending, NodeError> {
        let all = (0..).zip(self.outbox(level)?);
        let left = |index: &u32| self.parts.executed.executed(level, *index).is_none();
        let messages = all.filter(|(index, _)| left(index)).collect();
        Ok(Pending { level, status: self.execution_status(level), messages })
    }
}
