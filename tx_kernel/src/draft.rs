//! One message's changes to the state, all of them, and the one commit that makes them real.
//!
//! A draft reads the committed state and writes nothing. Its commit copies the state, writes the
//! changes into the copy and moves the copy back: two calls that cost a path each, between which a
//! trap leaves the old state as it was.

use accounts::Ledger;
use encoding::{Hash32, Level, MessageId};
use host::{Host, HostError, RawRollupCore, StepError, Subtree};
use outbox::{EnqueuedBefore, Full, Owner, Pending, Queue};

use crate::layout::{Cursors, InboxQueue, STATE, WORK, held_path};
use crate::pending_upgrade::Change;
use crate::receipts;
use crate::results::batch::{
    BatchResult, TransactionResult, batch_path, of_batch, of_transaction, transaction_path,
};
use crate::results::{self, MessageResult, OperationResult, Outcome, as_u64};

/// Changes to the state that are not made yet.
#[derive(Debug)]
pub struct Draft<'h, H: RawRollupCore> {
    host: &'h H,
    level: Level,
    /// The ledger, as the changes leave it.
    pub ledger: Ledger<'h, H>,
    before: Cursors,
    pub(crate) cursors: Cursors,
    message: Option<(MessageId, MessageResult)>,
    operations: Vec<(Hash32, OperationResult)>,
    /// Results of v2, each in the place of one that may be longer.
    results: Vec<(String, Vec<u8>)>,
    enqueued: Vec<(Owner, Pending)>,
    held: Vec<(u64, Outcome)>,
    paid_back: Vec<u64>,
    pub(crate) upgrade: Option<Change>,
}

impl<'h, H: RawRollupCore> Draft<'h, H> {
    /// A draft over the committed state, in `level`.
    ///
    /// # Errors
    /// When the host fails.
    pub fn open(host: &'h H, level: Level) -> Result<Self, HostError> {
        Self::open_at(host, level, Cursors::read(host)?)
    }

    /// The same where the cursors of that state have been read.
    pub(crate) fn open_at(host: &'h H, level: Level, cursors: Cursors) -> Result<Self, HostError> {
        Ok(Draft {
            host,
            level,
            ledger: Ledger::open(Subtree::new(host, STATE))?,
            before: cursors.clone(),
            cursors,
            message: None,
            operations: Vec::new(),
            results: Vec::new(),
            enqueued: Vec::new(),
            held: Vec::new(),
            paid_back: Vec::new(),
            upgrade: None,
        })
    }

    /// Records what became of the message.
    pub(crate) fn message_result(&mut self, message: MessageId, result: MessageResult) {
        self.message = Some((message, result));
    }

    /// Records what became of an operation. A result that is not final takes nobody's place.
    pub(crate) fn operation_result(
        &mut self,
        hash: Hash32,
        result: OperationResult,
    ) -> Result<(), HostError> {
        let state = Subtree::new(self.host, STATE);
        let known = || self.operations.iter().any(|(other, _)| *other == hash);
        if !result.outcome.is_final()
            && (known() || results::of_operation(&state, self.level, &hash)?.is_some())
        {
            return Ok(());
        }
        self.operations.push((hash, result));
        Ok(())
    }

    /// Records what became of a v2 batch, beside what an earlier copy of it has settled.
    pub(crate) fn batch_result(
        &mut self,
        digest: &Hash32,
        mut result: BatchResult,
    ) -> Result<(), HostError> {
        if let Some(earlier) = of_batch(&self.state(), self.level, digest)? {
            result.merge(&earlier);
        }
        self.results.push((batch_path(self.level, digest), result.to_bytes()));
        Ok(())
    }

    /// What was recorded of a v2 batch.
    #[cfg(not(target_arch = "wasm32"))]
    pub(crate) fn recorded_batch(&self, digest: &Hash32) -> Option<BatchResult> {
        let path = batch_path(self.level, digest);
        let (_, bytes) = self.results.iter().find(|(other, _)| *other == path)?;
        BatchResult::from_bytes(bytes)
    }

    /// Records what became of a transaction that was signed for itself. What is settled stays.
    pub(crate) fn transaction_result(
        &mut self,
        digest: &Hash32,
        result: &TransactionResult,
    ) -> Result<(), HostError> {
        let path = transaction_path(self.level, digest);
        let earlier = of_transaction(&self.state(), self.level, digest)?;
        let settled = earlier.is_some_and(|earlier| earlier.is_final());
        // The same transaction may stand in a batch twice: the second is stale.
        let here = self.results.iter().any(|(other, _)| *other == path);
        if !settled && !here {
            self.results.push((path, result.to_bytes()));
        }
        Ok(())
    }

    /// The level that is being played.
    pub(crate) fn level(&self) -> Level {
        self.level
    }

    /// Lets a message wait for the outbox, or says why it cannot.
    pub(crate) fn enqueue(
        &mut self,
        owner: Owner,
        pending: Pending,
    ) -> Result<(), StepError<Full>> {
        let mut before_it = EnqueuedBefore::default();
        for (other, pending) in &self.enqueued {
            before_it.messages = before_it.messages.saturating_add(1);
            before_it.bytes = before_it.bytes.saturating_add(as_u64(pending.to_bytes().len()));
            before_it.of_owner = before_it.of_owner.saturating_add(u64::from(*other == owner));
        }
        let bytes = pending.to_bytes().len();
        Queue::open(self.state())?.room(owner, bytes, before_it)?;
        self.enqueued.push((owner, pending));
        Ok(())
    }

    /// How many messages are going to wait.
    pub(crate) fn enqueued(&self) -> usize {
        self.enqueued.len()
    }

    /// Forgets the messages beyond the first `count`: what they carry was rolled back.
    pub(crate) fn forget_enqueued(&mut self, count: usize) {
        self.enqueued.truncate(count);
    }

    /// The host.
    pub(crate) fn host(&self) -> &'h H {
        self.host
    }

    /// The committed state.
    pub(crate) fn state(&self) -> Subtree<'h, H> {
        Subtree::new(self.host, STATE)
    }

    /// The number that the next held deposit gets.
    pub(crate) fn next_held(&self) -> u64 {
        self.cursors.held
    }

    /// Pays back the held deposit of this number, or says why its message cannot wait.
    pub(crate) fn pay_back(
        &mut self,
        number: u64,
        owner: Owner,
        pending: Pending,
    ) -> Result<(), StepError<Full>> {
        self.enqueue(owner, pending)?;
        self.paid_back.push(number);
        Ok(())
    }

    /// Holds the deposit of this number, with the reason.
    pub(crate) fn hold(&mut self, number: u64, reason: Outcome) {
        self.held.push((number, reason));
    }

    /// Makes no change.
    pub(crate) fn discard(self) {
        self.ledger.discard();
    }

    /// Makes every change real, in one step.
    ///
    /// # Errors
    /// When the host fails.
    pub fn commit(self) -> Result<(), HostError> {
        let Draft { host, level, ledger, before, mut cursors, .. } = self;
        host.copy(STATE, WORK)?;
        let work = Subtree::new(host, WORK);
        ledger.commit(&work)?;
        let message = self
            .message
            .map(|(message, result)| (results::message_path(message), result.to_bytes().to_vec()));
        let operations = self.operations.iter().map(|(hash, result)| {
            (results::operation_path_at(level, hash), result.to_bytes().to_vec())
        });
        // These are never longer than what they replace.
        let fixed: Vec<_> = message.into_iter().chain(operations).collect();
        for (path, result) in &fixed {
            work.write(path, result)?;
        }
        for (path, result) in &self.results {
            work.delete(path)?;
            work.write(path, result)?;
        }
        receipts::add(&work, level, fixed.iter().chain(&self.results))?;
        if !self.enqueued.is_empty() {
            let mut queue = Queue::open(work)?;
            for (owner, pending) in &self.enqueued {
                queue.enqueue(*owner, pending)?;
            }
        }
        for (number, reason) in &self.held {
            let message = work.path(&held_path(cursors.held, "message"));
            host.copy(&InboxQueue::Deposits.path(*number), &message)?;
            let result = MessageResult::Held(*reason);
            work.write(&held_path(cursors.held, "reason"), &result.to_bytes())?;
            cursors.held = cursors.held.saturating_add(1);
        }
        for number in &self.paid_back {
            work.write(&held_path(*number, "paid"), &[1])?;
        }
        if let Some(change) = &self.upgrade {
            change.write(&work)?;
        }
        cursors.steps = cursors.steps.saturating_add(1);
        cursors.write(host, &before)?;
        host.rename(WORK, STATE)
    }
}
