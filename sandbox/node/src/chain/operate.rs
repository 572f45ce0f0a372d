//! What is done on layer 1: operations, and outbox messages executed.

use layer1::address::{Address, Kind};
use layer1::michelson::Node;
use layer1::outbox::{OutboxMessage, decode, ticket};
use mockup::{Call, Content, Operation, Outcome, Refusal, Trial};

use super::{Chain, Proven};
use crate::error::NodeError;

/// Who executes outbox messages: nobody has this key, and no fee is paid.
const EXECUTOR: Address = Address { kind: Kind::Implicit(0), hash: [0; 20] };

/// What layer 1 has done with an outbox message.
#[derive(Clone, Debug)]
pub struct Executed {
    /// The message.
    pub message: Vec<u8>,
    /// What each of its own calls has handed to whom, in order.
    pub paid: Vec<ExecutedCall>,
    /// All that came of it.
    pub outcome: Outcome,
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
        match ticket(&self.call.value)?.receiver? {
            Node::Bytes(bytes) => Address::from_contract_bytes(bytes),
            Node::String(text) => text.parse().ok(),
            _ => None,
        }
    }
}

impl Chain {
    /// Does an operation on layer 1, in the level of the head, and stages it: it counts when
    /// [`Self::sync`] has returned. What it sends to the rollup is in the inbox of the next level.
    ///
    /// # Errors
    /// When it fails, or sends more than there is room for. Then nothing has changed.
    pub fn operate(&mut self, operation: Operation) -> Result<&Outcome, NodeError> {
        let head = self.head();
        self.parts.layer1.operate(head, operation)
    }

    /// What an operation would come to.
    #[must_use]
    pub fn attempt(&self, contents: Vec<Content>) -> Trial {
        self.parts.layer1.mockup().attempt(self.head(), &Operation::Manager(contents))
    }

    /// Executes an outbox message on layer 1, all of its calls or none, and stages that: it counts when
    /// [`Self::sync`] has returned. A proof is made and checked first, unless the state has no known hash,
    /// and so no proof.
    ///
    /// # Errors
    /// When there is no such message, or layer 1 would refuse it: not understood, not cemented,
    /// expired, executed before, or with a call that fails. Then the message is as it was.
    pub fn execute(&mut self, level: i32, index: u32) -> Result<Executed, NodeError> {
        self.executable(level, index)?;
        match self.prove(level, index) {
            Ok(Proven { commitment, proof }) => self.execute_proven(&commitment.hash(), &proof),
            Err(NodeError::UnknownState { .. }) => self.execute_checked(level, index),
            Err(error) => Err(error),
        }
    }

    /// Executes what a proof is about, if it is good: see [`Self::execute`].
    ///
    /// # Errors
    /// Those of [`Self::execute`], and when the commitment is not cemented, or the proof proves nothing
    /// under it.
    pub fn execute_proven(
        &mut self,
        commitment: &[u8; 32],
        proof: &[u8],
    ) -> Result<Executed, NodeError> {
        let (level, index) = self.check(commitment, proof)?;
        self.execute_checked(level, index)
    }

    /// Executes a message that is known to be in the state.
    fn execute_checked(&mut self, level: i32, index: u32) -> Result<Executed, NodeError> {
        let message = self.executable(level, index)?;
        let calls = match decode(&message) {
            OutboxMessage::Calls(calls) => calls,
            OutboxMessage::Whitelist(_) | OutboxMessage::Unknown => Vec::new(),
        };
        let state = self.parts.layer1.state();
        let known: Vec<bool> =
            calls.iter().map(|call| state.contract(&call.destination.hash).is_some()).collect();
        let operation = Operation::Execute {
            source: EXECUTOR,
            outbox_level: level,
            index,
            message: message.clone(),
        };
        let outcome = match self.operate(operation) {
            Err(NodeError::Refused(Refusal::OfMessage { number, count, target, refusal })) => {
                let problem = refusal.to_string();
                return Err(NodeError::Call { level, index, number, count, target, problem });
            }
            done => done?.clone(),
        };
        if let Some(solvency) = &mut self.solvency {
            solvency.executed(&message);
        }
        let own = outcome.calls.iter().filter(|one| !one.is_internal);
        let paid = own.zip(known);
        let paid =
            paid.map(|(one, known)| ExecutedCall { call: one.call.clone(), known }).collect();
        Ok(Executed { message, paid, outcome })
    }

    /// An outbox message that can be executed now.
    fn executable(&self, level: i32, index: u32) -> Result<Vec<u8>, NodeError> {
        let head = self.head();
        let mut outbox = self.outbox(level)?;
        let count = outbox.len();
        let at = usize::try_from(index).ok().filter(|at| *at < count);
        let at = at.ok_or(NodeError::NoOutboxMessage { level, index, count })?;
        let message = outbox.swap_remove(at);
        if let Some(at) = self.parts.layer1.state().executed(level, index) {
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
        Ok(message)
    }
}
