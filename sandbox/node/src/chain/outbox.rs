//! Outboxes, and how far layer 1 is with them.

use serde_json::Value;
use store::StoreError;

use super::Chain;
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
            executed: self.parts.layer1.state().executed(level, index),
        };
        Ok((0..).zip(self.outbox(level)?).map(executability).collect())
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
        let left = |(level, count)| {
            (0..count).any(|i| self.parts.layer1.state().executed(level, i).is_none())
        };
        self.history.outboxes().filter(move |outbox| left(*outbox)).map(|(level, _)| level)
    }

    /// What of an outbox has not been executed.
    ///
    /// # Errors
    /// When the level is not kept.
    pub fn pending(&self, level: i32) -> Result<Pending, NodeError> {
        let all = (0..).zip(self.outbox(level)?);
        let left = |index: &u32| self.parts.layer1.state().executed(level, *index).is_none();
        let messages = all.filter(|(index, _)| left(index)).collect();
        Ok(Pending { level, status: self.execution_status(level), messages })
    }
}
