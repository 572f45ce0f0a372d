//! The model's rules of a v1 batch: refused as a whole, or applied transaction by transaction.

use std::collections::BTreeSet;

use crate::calls::Call;
use crate::outcome::{CodeAndValues, MessageIndex, Outcome};
use crate::parsed::{SignedOperation, V1Batch};
use crate::state::{Model, PendingMessage, QueueOwner};
use crate::wire::{self, Address};
use crate::workload::{Content, Kind};

/// What the verification of a batch comes to.
#[derive(Clone, Copy, Debug)]
pub struct Verdict {
    /// Why it is refused after all.
    pub refusal: Option<CodeAndValues>,
    /// Keys in it that nobody has shown before.
    pub new_keys: usize,
}

impl Model {
    /// Applies a batch that is good.
    pub fn apply(&mut self, message: MessageIndex, batch: &V1Batch) -> CodeAndValues {
        let (mut applied, mut failed) = (0, 0);
        for (number, operations) in (0u16..).zip(&batch.transactions) {
            let outcome = self.transaction(operations);
            match outcome {
                Ok(()) => applied += 1,
                Err(_) => failed += 1,
            }
            self.record(message, number, operations, outcome);
        }
        (102, applied, failed)
    }

    /// The refusals of a whole batch that need no look at its signature, in their order. Otherwise
    /// what its keys and its signature will come to.
    pub fn examine(&self, batch: &V1Batch) -> Result<Verdict, CodeAndValues> {
        if batch.version != 0 {
            return Err((301, batch.version.into(), 0));
        }
        if !self.accept_v1 {
            return Err((302, 0, 0));
        }
        if let Some(at) = batch.wrong_at {
            return Err((300, at as u64, 0));
        }
        let mut shown = BTreeSet::new();
        let mut bad_key = None;
        let mut all_behind = true;
        for (number, operations) in batch.transactions.iter().enumerate() {
            let mut here = BTreeSet::new();
            for (at, operation) in operations.iter().enumerate() {
                let position = (number as u64, at as u64);
                let known = self.keys.contains(&operation.address);
                if !here.insert(operation.address) {
                    return Err((304, position.0, position.1));
                }
                if operation.key.is_some() {
                    shown.insert(operation.address);
                }
                if !known && !shown.contains(&operation.address) {
                    return Err((305, position.0, position.1));
                }
                if operation.key == Some(false) && bad_key.is_none() {
                    bad_key = Some((306, position.0, 0));
                }
            }
            let behind = |one: &SignedOperation| one.counter < self.counter(one.address);
            all_behind &= operations.iter().any(behind);
        }
        if all_behind {
            return Err((309, 0, 0));
        }
        let refusal = match bad_key {
            _ if !batch.is_point => Some((307, 0, 0)),
            Some(reason) => Some(reason),
            None => (!batch.is_signed).then_some((308, 0, 0)),
        };
        let new_keys = shown.iter().filter(|address| !self.keys.contains(*address)).count();
        Ok(Verdict { refusal, new_keys })
    }

    /// Does a transaction, or says which of its operations could not be done and why.
    fn transaction(
        &mut self,
        operations: &[SignedOperation],
    ) -> Result<(), (usize, CodeAndValues)> {
        for (at, operation) in operations.iter().enumerate() {
            let expected = self.counter(operation.address);
            if operation.counter != expected {
                return Err((at, (1, expected, operation.counter)));
            }
        }
        for operation in operations {
            self.account(operation.address);
            self.counters.insert(operation.address, operation.counter + 1);
            if operation.key.is_some() {
                self.keys.insert(operation.address);
            }
        }
        let before = self.clone();
        let mut calls = Vec::new();
        let mut owner = None;
        for (at, operation) in operations.iter().enumerate() {
            for content in &operation.contents {
                let done = match *content {
                    Content::Pay(to, ticket, amount) => {
                        let to = wire::person(to).address().0;
                        self.pay(operation.address, to, ticket, amount)
                    }
                    Content::Withdraw(ticket, amount) => {
                        calls.push(Call::to_the_vault(ticket, None, amount.into()));
                        owner = owner.or(Some(operation.address));
                        self.debit(operation.address, ticket, amount)
                    }
                };
                if let Err(reason) = done {
                    *self = before;
                    return Err((at, reason));
                }
            }
        }
        if let Some(account) = owner {
            self.enqueue(QueueOwner::Account(account), PendingMessage { calls, of_supply: true });
        }
        Ok(())
    }

    /// A transfer of a ticket that somebody names in full.
    pub fn pay(
        &mut self,
        from: Address,
        to: Address,
        what: Kind,
        amount: u64,
    ) -> Result<(), CodeAndValues> {
        if from == to {
            return Err((5, 0, 0));
        }
        self.debit(from, what, amount)?;
        self.account(to);
        // Supplies are bounded, so no balance overflows: the subtraction was from the same supply.
        self.set_balance(to, what, self.balance(to, what) + amount);
        Ok(())
    }

    /// The first half of a transfer, and all of a withdrawal.
    pub fn debit(&mut self, from: Address, what: Kind, amount: u64) -> Result<(), CodeAndValues> {
        if amount == 0 {
            return Err((4, 0, 0));
        }
        if !self.tickets.contains(&what) {
            return Err((6, 0, 0));
        }
        let available = self.balance(from, what);
        if available < amount {
            return Err((7, available, amount));
        }
        self.set_balance(from, what, available - amount);
        Ok(())
    }

    /// Keeps the results of a transaction's operations. One that is not final takes nobody's place.
    fn record(
        &mut self,
        message: MessageIndex,
        transaction: u16,
        operations: &[SignedOperation],
        outcome: Result<(), (usize, CodeAndValues)>,
    ) {
        for (at, operation) in operations.iter().enumerate() {
            let reason = match outcome {
                Ok(()) => (0, 0, 0),
                Err((culprit, reason)) if culprit == at => reason,
                Err((culprit, (1, ..))) => (2, culprit as u64, 0),
                Err((culprit, _)) => (3, culprit as u64, 0),
            };
            let hash =
                wire::operation_hash(operation.address, operation.counter, &operation.contents);
            let position = (transaction, u16::try_from(at).unwrap_or(u16::MAX));
            let result = Outcome { reason, message, position };
            if matches!(reason.0, 1 | 2) {
                self.operations.entry(hash).or_insert(result);
            } else {
                self.operations.insert(hash, result);
            }
        }
    }
}
