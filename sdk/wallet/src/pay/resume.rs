//! Goes on with payments that were begun: what can still be applied is sent as it was signed.

use std::collections::HashSet;

use encoding::{Hash32, Tz4Address};

use super::error::{PayError, SentBefore};
use super::history::SameAs;
use crate::inboxes::batch_in;
use crate::patience::Patience;
use crate::payments::{NextStep, PaymentProgress, PaymentStore, Payments, StoredPayments};
use crate::session::Session;

impl Session {
    /// The record to go on with: the last of the same payments that is not over, otherwise the last. None if
    /// nothing of them was sent from here, by that payer if one is given.
    ///
    /// # Errors
    /// When the node does not tell, or the records cannot be used.
    pub fn unfinished(
        &self,
        store: &PaymentStore,
        same: &SameAs<'_>,
        payer: Option<Tz4Address>,
    ) -> Result<Option<SentBefore>, PayError> {
        let mut all = self.sent_before(store, same, None)?;
        all.retain(|one| payer.is_none_or(|payer| one.stored.payments.payer == payer));
        let is_open =
            |one: &SentBefore| one.progress.next(&one.stored.payments) != NextStep::Nothing;
        let at = all.iter().position(is_open).unwrap_or(0);
        Ok((!all.is_empty()).then(|| all.swap_remove(at)))
    }

    /// What is to be done about a record. As long as there is patience, what can still come back with a
    /// reorganisation of layer 1 is waited for: [`NextStep::Wait`] says that it was not enough.
    ///
    /// # Errors
    /// When the node does not tell, or the record cannot be written.
    pub fn next_step(
        &self,
        store: &PaymentStore,
        stored: &mut StoredPayments,
        mut progress: PaymentProgress,
        patience: &Patience<'_>,
    ) -> Result<(PaymentProgress, NextStep), PayError> {
        loop {
            let step = progress.next(&stored.payments);
            if step != NextStep::Wait || patience.is_over() || patience.is_interrupted() {
                return Ok((progress, step));
            }
            patience.pause();
            progress = self.progress(store, stored, None)?;
        }
    }

    /// Those of some transactions of a record that the node's batcher does not have already.
    #[must_use]
    pub fn not_queued(&self, payments: &Payments, which: &[usize]) -> Vec<usize> {
        let queued = self.queued_transactions();
        let is_queued = |at: &usize| {
            let sent = payments.transactions.get(*at);
            sent.is_some_and(|sent| queued.contains(&sent.signable.hash()))
        };
        which.iter().filter(|at| !is_queued(at)).copied().collect()
    }

    /// The transactions in messages that wait in the node's batcher; none if it does not tell.
    fn queued_transactions(&self) -> HashSet<Hash32> {
        let mut all = HashSet::new();
        for payload in self.node().waiting().unwrap_or_default() {
            let message = [&[1], payload.as_slice()].concat();
            let Some(batch) = batch_in(&message, self.rollup()) else { continue };
            let payloads = (0..batch.transactions())
                .filter_map(|number| batch.signing_payload_of_transaction(number, self.rollup()));
            all.extend(payloads.map(|payload| payload.digest));
        }
        all
    }
}
