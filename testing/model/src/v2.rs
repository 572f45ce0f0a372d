//! The model's rules of a v2 batch: refused as a whole, or applied transaction by transaction.

use std::collections::BTreeSet;

use crate::calls::{Call, outbox};
use crate::outcome::{BatchResults, CodeAndValues, MessageIndex, OperationResult};
use crate::parsed::{Proven, Registration, V2Batch};
use crate::state::{Model, PendingMessage, QueueOwner};
use crate::wire::Address;
use crate::wire_v2::{Move, Name, Operation, Token, Transaction};
use crate::workload::Kind;

/// Bytes: the longest message that layer 1 takes.
const OUTBOX_BYTES: usize = 4_096;
/// Individual signings that a batch may have.
pub const MOST_INDIVIDUAL: usize = 100;

/// What the verification comes to, and what it costs.
#[derive(Clone, Copy, Debug)]
pub struct Verdict {
    pub refusal: Option<CodeAndValues>,
    pub units: usize,
    /// What is really spent.
    pub paid: usize,
}

/// Whether a reason is the last word.
fn is_final(reason: CodeAndValues) -> bool {
    !matches!(reason.0, 1 | 2 | 13 | 14)
}

impl Model {
    /// Who is meant, if the rollup or the batch knows.
    fn whom(&self, name: Name, batch: &V2Batch) -> Option<Address> {
        match name {
            Name::Index(index) => self.accounts.get(usize::try_from(index).ok()?).copied(),
            Name::Address(address) => Some(address),
            Name::Registration(index) => {
                Some(batch.registrations.get(usize::try_from(index).ok()?)?.address)
            }
        }
    }

    /// The refusals that need no look at the signature; otherwise what it will come to.
    pub fn examine_compact(&self, batch: &V2Batch) -> Result<Verdict, CodeAndValues> {
        if let Some(at) = batch.wrong_at {
            return Err((300, at as u64, 0));
        }
        if let Some(last) = batch.expires.filter(|last| *last < self.level) {
            return Err((310, last.unsigned_abs().into(), self.level.unsigned_abs().into()));
        }
        let individually_signed = batch.signings().filter(|one| one.individually_signed).count();
        if individually_signed > MOST_INDIVIDUAL {
            return Err((311, individually_signed as u64, MOST_INDIVIDUAL as u64));
        }
        let mut all_behind = batch.signings().next().is_some();
        for (number, transaction) in batch.transactions.iter().enumerate() {
            let mut here = BTreeSet::new();
            let mut behind = false;
            for (at, operation) in transaction.operations.iter().enumerate() {
                let refuse = |code| Err((code, number as u64, at as u64));
                let Some(address) = self.whom(operation.signer, batch) else { return refuse(305) };
                let registers = |one: &Registration| one.address == address;
                if !self.proven.contains(&address) && !batch.registrations.iter().any(registers) {
                    return refuse(if self.keys.contains(&address) { 312 } else { 305 });
                }
                if !here.insert(address) {
                    return refuse(304);
                }
                behind |= operation.counter < self.counter(address);
            }
            all_behind &= behind;
        }
        let new = self.new_keys(batch);
        if new.is_empty() && all_behind {
            return Err((309, 0, 0));
        }
        Ok(self.verdict(batch, &new, individually_signed))
    }

    /// The indexes of the registrations whose keys are not registered yet, each key once.
    fn new_keys(&self, batch: &V2Batch) -> Vec<usize> {
        let mut seen = BTreeSet::new();
        let all = batch.registrations.iter().enumerate();
        all.filter(|(_, one)| !self.proven.contains(&one.address) && seen.insert(one.address))
            .map(|(index, _)| index)
            .collect()
    }

    fn verdict(&self, batch: &V2Batch, new: &[usize], individually_signed: usize) -> Verdict {
        let signings = batch.signings().count();
        let together = signings - individually_signed;
        let of_batch = if together > 0 { 1 + together.div_ceil(1_024) } else { 0 };
        let asks = signings + new.len() > 0;
        let units = if asks {
            individually_signed + new.len() + of_batch + 2 + new.len().div_ceil(3)
        } else {
            0
        };
        let keys = || new.iter().map(|index| (*index, &batch.registrations[*index]));
        let no_point = |(_, one): &(usize, &Registration)| one.proof == Proven::NoPoint;
        // With no signature, the first proof is in its place.
        let early = match signings {
            0 => keys().next().is_some_and(|first| no_point(&first)),
            _ => !batch.is_point,
        };
        let bad_key = keys().find(|(_, one)| one.of.is_none());
        let mut needed: Vec<Option<u8>> = keys().map(|(_, one)| one.of).collect();
        let mut given: Vec<Option<u8>> = keys()
            .map(|(_, one)| match one.proof {
                Proven::By(number) => Some(number),
                Proven::NoPoint => None,
            })
            .collect();
        needed.sort();
        given.sort();
        let refusal = match bad_key {
            _ if early => Some((307, 0, 0)),
            Some((index, _)) => Some((306, index as u64, 0)),
            None if keys().any(|one| no_point(&one)) => Some((307, 0, 0)),
            None => (needed != given || (signings > 0 && !batch.is_signed)).then_some((308, 0, 0)),
        };
        Verdict { refusal, units, paid: if early { 1 } else { units } }
    }

    /// Applies a batch that is good.
    pub fn apply_compact(&mut self, message: MessageIndex, batch: &V2Batch) -> CodeAndValues {
        for index in self.new_keys(batch) {
            let address = batch.registrations[index].address;
            self.account(address);
            self.keys.insert(address);
            self.proven.insert(address);
        }
        let (mut applied, mut failed) = (0, 0);
        let mut all = BatchResults::new();
        for (number, transaction) in batch.transactions.iter().enumerate() {
            let outcome = self.one_compact(transaction, batch);
            match outcome {
                Ok(()) => applied += 1,
                Err(_) => failed += 1,
            }
            let lines: Vec<OperationResult> = transaction
                .operations
                .iter()
                .enumerate()
                .map(|(at, operation)| {
                    let reason = match outcome {
                        Ok(()) => (0, 0, 0),
                        Err((culprit, reason)) if culprit == at => reason,
                        Err((culprit, (1 | 13, ..))) => (2, culprit as u64, 0),
                        Err((culprit, _)) => (3, culprit as u64, 0),
                    };
                    (reason, operation.memo.clone())
                })
                .collect();
            let index = u32::try_from(number).unwrap_or(u32::MAX);
            if transaction.operations.iter().any(|one| one.individually_signed) {
                let stands = |(_, _, lines): &(MessageIndex, u32, Vec<OperationResult>)| {
                    lines.iter().all(|(reason, _)| is_final(*reason))
                };
                let own = batch.own[number];
                if !self.own.get(&own).is_some_and(stands) {
                    self.own.insert(own, (message, index, lines.clone()));
                }
            }
            all.extend((0..).zip(lines).map(|(at, line)| ((index, at), line)));
        }
        if !batch.transactions.is_empty() {
            if let Some((_, earlier)) = self.batches.get(&batch.digest) {
                let settled = earlier.iter().filter(|(_, (reason, _))| is_final(*reason));
                all.extend(settled.map(|(key, line)| (*key, line.clone())));
            }
            self.batches.insert(batch.digest, (message, all));
        }
        (102, applied, failed)
    }

    fn one_compact(
        &mut self,
        transaction: &Transaction,
        batch: &V2Batch,
    ) -> Result<(), (usize, CodeAndValues)> {
        let level = self.level;
        if let Some(last) = transaction.expires.filter(|last| *last < level) {
            return Err((0, (13, last.unsigned_abs().into(), level.unsigned_abs().into())));
        }
        let signers: Vec<Address> = transaction
            .operations
            .iter()
            .map(|one| self.whom(one.signer, batch).unwrap_or_default())
            .collect();
        for (at, (signer, operation)) in signers.iter().zip(&transaction.operations).enumerate() {
            let expected = self.counter(*signer);
            if operation.counter != expected {
                return Err((at, (1, expected, operation.counter)));
            }
        }
        for (signer, operation) in signers.iter().zip(&transaction.operations) {
            self.counters.insert(*signer, operation.counter + 1);
        }
        let before = self.clone();
        for (at, (signer, operation)) in signers.iter().zip(&transaction.operations).enumerate() {
            if let Err(reason) = self.operate(*signer, operation, batch) {
                *self = before;
                return Err((at, reason));
            }
        }
        Ok(())
    }

    fn kind(&self, what: Token) -> Option<Kind> {
        match what {
            Token::Index(index) => self.tickets.get(usize::try_from(index).ok()?).copied(),
            Token::Full(kind) => Some(kind),
        }
    }

    fn operate(
        &mut self,
        signer: Address,
        operation: &Operation,
        batch: &V2Batch,
    ) -> Result<(), CodeAndValues> {
        let mut calls: Vec<Call> = Vec::new();
        for one in &operation.moves {
            match one {
                Move::Pay(what, to) => {
                    for (to, amount) in to {
                        let Some(address) = self.whom(*to, batch) else {
                            let Name::Index(index) = to else { return Err((12, 0, 0)) };
                            return Err((12, (*index).into(), self.accounts.len() as u64));
                        };
                        self.pay_named(signer, address, *what, *amount)?;
                    }
                }
                Move::Withdraw(what, paid, amount) => {
                    let Some(kind) = self.kind(*what) else { return Err((6, 0, 0)) };
                    calls.push(Call::to_the_vault(kind, *paid, (*amount).into()));
                    let bytes = outbox(&calls).len();
                    if bytes > OUTBOX_BYTES {
                        return Err((11, bytes as u64, 0));
                    }
                    self.debit(signer, kind, *amount)?;
                }
            }
        }
        if !calls.is_empty() {
            self.enqueue(QueueOwner::Account(signer), PendingMessage { calls, of_supply: true });
        }
        Ok(())
    }

    fn pay_named(
        &mut self,
        from: Address,
        to: Address,
        what: Token,
        amount: u64,
    ) -> Result<(), CodeAndValues> {
        match self.kind(what) {
            Some(kind) => self.pay(from, to, kind, amount),
            None if from == to => Err((5, 0, 0)),
            None if amount == 0 => Err((4, 0, 0)),
            None => Err((6, 0, 0)),
        }
    }
}
