//! The simulated layer 1: a state, and the operations that led to it.

use std::collections::VecDeque;

use crate::apply::{Outcome, Trial, attempt};
use crate::call::RollupCall;
use crate::limits::MAX_TOLD;
use crate::operation::Operation;
use crate::refusal::Refusal;
use crate::state::State;

/// An operation that was done.
#[derive(Clone, Debug)]
pub struct Done {
    /// The head when it was done.
    pub level: i32,
    /// What was done.
    pub operation: Operation,
    /// What it came to.
    pub outcome: Outcome,
}

/// A layer 1 and how it got there: what it began with, and the operations since then, in order.
#[derive(Clone, Debug)]
pub struct Mockup {
    genesis: State,
    state: State,
    operations: Vec<(i32, Operation)>,
    /// The last ones, oldest first.
    told: VecDeque<Done>,
    /// The level of the last operation, and what operations of it send to the rollup.
    sent: (i32, Vec<RollupCall>),
    /// Of every operation that has sent something to the rollup.
    senders: Vec<Sender>,
}

/// An operation that has sent something to the rollup.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sender {
    /// Its level.
    pub level: i32,
    /// Its hash.
    pub hash: [u8; 32],
    /// How many messages.
    pub messages: u32,
}

/// An operation of a list that cannot be done.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("operation {number} cannot be done again: {refusal}")]
pub struct NotAgain {
    /// Which, from 1.
    pub number: usize,
    /// Why.
    pub refusal: Refusal,
}

impl Mockup {
    /// A layer 1 as it begins.
    #[must_use]
    pub fn new(genesis: State) -> Self {
        let state = genesis.clone();
        let sent = (i32::MIN, Vec::new());
        let (told, senders) = (VecDeque::new(), Vec::new());
        Self { genesis, state, operations: Vec::new(), told, sent, senders }
    }

    /// One that all these operations were done in, in order, each in its level.
    ///
    /// # Errors
    /// When one of them cannot be done.
    pub fn replay(genesis: State, operations: Vec<(i32, Operation)>) -> Result<Self, NotAgain> {
        let mut mockup = Self::new(genesis);
        for (number, (level, operation)) in (1..).zip(operations) {
            let done = mockup.apply(level, operation);
            done.map_err(|refusal| NotAgain { number, refusal })?;
        }
        Ok(mockup)
    }

    /// The state.
    #[must_use]
    pub fn state(&self) -> &State {
        &self.state
    }

    /// All operations, each with its level.
    #[must_use]
    pub fn operations(&self) -> &[(i32, Operation)] {
        &self.operations
    }

    /// The last operations and what they came to, newest first.
    pub fn told(&self) -> impl Iterator<Item = &Done> {
        self.told.iter().rev()
    }

    /// What operations of a level send to the rollup, if it is the level of the last operation.
    #[must_use]
    pub fn sent(&self, level: i32) -> &[RollupCall] {
        if self.sent.0 == level { &self.sent.1 } else { &[] }
    }

    /// The operations that have sent something to the rollup, in order.
    #[must_use]
    pub fn senders(&self) -> &[Sender] {
        &self.senders
    }

    /// What an operation would come to now.
    #[must_use]
    pub fn attempt(&self, level: i32, operation: &Operation) -> Trial {
        let number = u64::try_from(self.operations.len()).unwrap_or(u64::MAX);
        attempt(&self.state, level, number, operation)
    }

    /// Does an operation, in a level that is not before that of the last one.
    ///
    /// # Errors
    /// When it fails. Then nothing has changed.
    pub fn apply(&mut self, level: i32, operation: Operation) -> Result<&Outcome, Refusal> {
        let (state, outcome) = self.attempt(level, &operation).done?;
        Ok(self.accept(level, operation, state, outcome))
    }

    /// Takes over what an operation was found to come to, by [`Self::attempt`] just before.
    pub fn accept(
        &mut self,
        level: i32,
        operation: Operation,
        state: State,
        outcome: Outcome,
    ) -> &Outcome {
        self.state = state;
        if self.sent.0 != level {
            self.sent = (level, Vec::new());
        }
        self.sent.1.extend(outcome.messages.iter().cloned());
        if let Ok(messages @ 1..) = u32::try_from(outcome.messages.len()) {
            self.senders.push(Sender { level, hash: outcome.hash, messages });
        }
        self.operations.push((level, operation.clone()));
        if self.told.len() >= MAX_TOLD {
            self.told.pop_front();
        }
        self.told.push_back(Done { level, operation, outcome });
        // It has just been put there.
        let last = self.told.len() - 1;
        &self.told[last].outcome
    }

    /// Forgets the operations after a level.
    ///
    /// # Errors
    /// When the others cannot be done again. Then nothing has changed.
    pub fn revert(&mut self, level: i32) -> Result<(), NotAgain> {
        let kept = self.operations.iter().filter(|(at, _)| *at <= level).cloned().collect();
        *self = Self::replay(self.genesis.clone(), kept)?;
        Ok(())
    }

    /// Forgets all but the first operations.
    ///
    /// # Errors
    /// When those cannot be done again. Then nothing has changed.
    pub fn truncate(&mut self, count: usize) -> Result<(), NotAgain> {
        let kept = self.operations.iter().take(count).cloned().collect();
        *self = Self::replay(self.genesis.clone(), kept)?;
        Ok(())
    }
}
