//! What became of a plan: the part of each payer, with its record once there is one.

use std::collections::HashMap;

use super::error::PayoutError;
use super::plan::PayoutPlan;
use crate::bundle::bundle;
use crate::pay::{PayError, SameAs};
use crate::payments::{
    NextStep, PaymentProgress, PaymentStore, Payments, Row, Sent, StoreLock, StoredPayments,
};
use crate::session::Session;
use crate::state::RollupState;

/// What one payer pays, and how far that has come.
#[derive(Debug)]
pub struct PayoutPart {
    /// Its record; none as long as nothing was sent from here.
    pub stored: Option<StoredPayments>,
    /// How far its transactions have come.
    pub progress: PaymentProgress,
    planned: Payments,
}

impl PayoutPart {
    /// Its payments, as they are on record, otherwise as they are planned.
    #[must_use]
    pub fn payments(&self) -> &Payments {
        self.stored.as_ref().map_or(&self.planned, |stored| &stored.payments)
    }

    /// Whether anything is known of it: it is on record here, or the rollup has had a transaction of it.
    #[must_use]
    pub fn is_begun(&self) -> bool {
        self.stored.is_some() || self.progress.now.iter().any(|status| !status.is_unseen())
    }

    /// What is to be done next.
    #[must_use]
    pub fn next(&self) -> NextStep {
        self.progress.next(self.payments())
    }
}

impl PayoutPlan {
    /// What one payer pays, as it is recorded.
    fn payments(&self, payer: usize) -> Payments {
        let facts = self.facts();
        let own = facts.rows.iter().enumerate().filter(|(_, row)| row.payer == payer);
        let (places, rows): (Vec<usize>, Vec<Row>) = own
            .filter_map(|(at, row)| {
                let ticket = self.ticket_of(row)?.ticket.clone();
                let memo = row.memo.as_ref().map(|memo| memo.as_bytes().to_vec());
                Some((at, Row { line: row.line, to: row.to, ticket, amount: row.amount, memo }))
            })
            .unzip();
        let place: HashMap<usize, usize> =
            places.into_iter().enumerate().map(|(own, at)| (at, own)).collect();
        let own = self.transactions().iter().filter(|one| one.payer == payer);
        let sent = own.map(|one| Sent {
            signable: one.signable.clone(),
            rows: one.rows.iter().filter_map(|at| place.get(at).copied()).collect(),
            head: facts.level,
            block: facts.block.clone(),
            end: None,
            batcher: None,
        });
        Payments {
            rollup: facts.rollup,
            payer: facts.payers.get(payer).map_or(encoding::Tz4Address([0; 20]), |one| one.account),
            file: Some(facts.file.clone()),
            rows,
            transactions: sent.collect(),
            messages: Vec::new(),
            plans: vec![self.digest()],
        }
    }
}

impl Session {
    /// What became of a plan, payer by payer: as it is on record here, and as the rollup has it.
    ///
    /// # Errors
    /// When the node does not tell, or the records cannot be used.
    pub fn payout_progress(
        &self,
        store: &PaymentStore,
        plan: &PayoutPlan,
    ) -> Result<Vec<PayoutPart>, PayoutError> {
        self.check_rollup(plan)?;
        let mut parts = Vec::with_capacity(plan.facts().payers.len());
        for payer in 0..plan.facts().payers.len() {
            let planned = plan.payments(payer);
            let mut stored = self.record_of(store, &planned)?;
            let progress = match &mut stored {
                Some(stored) => self.progress(store, stored, None)?,
                None => self.progress_of(store, &planned)?,
            };
            parts.push(PayoutPart { stored, progress, planned });
        }
        Ok(parts)
    }

    /// The record of a plan by one payer.
    fn record_of(
        &self,
        store: &PaymentStore,
        planned: &Payments,
    ) -> Result<Option<StoredPayments>, PayoutError> {
        let is_it = |one: &StoredPayments| {
            let plans = &one.payments.plans;
            one.payments.payer == planned.payer
                && planned.plans.iter().all(|digest| plans.contains(digest))
                && !self.is_of_another_life(&one.payments)
        };
        Ok(store.read(&planned.digest())?.into_iter().rev().find(is_it))
    }

    /// Puts on the disk what is about to be sent, of every payer of which it is not there yet. When it returns,
    /// nobody else has put the same there in between.
    ///
    /// # Errors
    /// When the same was sent before and is not to be paid again, somebody has not signed, or a record cannot be
    /// written.
    pub fn record_payout(
        &self,
        store: &PaymentStore,
        state: &RollupState<'_>,
        plan: &PayoutPlan,
        parts: &mut [PayoutPart],
    ) -> Result<(), PayoutError> {
        let lock = store.lock()?;
        for part in parts.iter_mut().filter(|part| part.stored.is_none()) {
            let mut stored = match self.record_of(store, &part.planned)? {
                Some(stored) => stored,
                None if plan.facts().rest => self.extend(store, &part.planned, &lock)?,
                None => {
                    if !plan.facts().again {
                        self.check_no_other(store, &part.planned, &lock)?;
                    }
                    let sent = part.planned.transactions.iter().map(|sent| sent.signable.clone());
                    let sent: Vec<_> = sent.collect();
                    let registered = state.registered(&sent)?;
                    let messages = bundle(state.rollup(), &sent, &registered)?;
                    store.add(Payments { messages, ..part.planned.clone() }, &lock)?
                }
            };
            // Of what an earlier run has sent there is more in the record than in the plan.
            part.progress = self.progress(store, &mut stored, Some(&lock))?;
            part.stored = Some(stored);
        }
        Ok(())
    }

    /// Fails if the same was sent before, by another plan or by none.
    fn check_no_other(
        &self,
        store: &PaymentStore,
        planned: &Payments,
        lock: &StoreLock,
    ) -> Result<(), PayoutError> {
        let (file, digest) = (planned.file.as_ref(), planned.digest());
        let rows = Some((&planned.payer, planned.rows.as_slice()));
        let same = SameAs { file, digest, rows, goes_on: false };
        let all = self.sent_before(store, &same, Some(lock))?;
        let is_other = |plans: &[_]| planned.plans.iter().all(|digest| !plans.contains(digest));
        match all.into_iter().find(|one| is_other(&one.stored.payments.plans)) {
            Some(before) => Err(PayError::SentBefore(Box::new(before)).into()),
            None => Ok(()),
        }
    }

    /// Adds the transactions of a plan to the record of what an earlier run has left unpaid.
    fn extend(
        &self,
        store: &PaymentStore,
        planned: &Payments,
        lock: &StoreLock,
    ) -> Result<StoredPayments, PayoutError> {
        let (file, digest) = (planned.file.as_ref(), planned.digest());
        let same = SameAs { file, digest, rows: None, goes_on: true };
        for before in self.sent_before(store, &same, Some(lock))? {
            let (mut stored, progress) = (before.stored, before.progress);
            let NextStep::SignAnew(unpaid) = progress.next(&stored.payments) else { continue };
            if stored.payments.payer != planned.payer {
                continue;
            }
            let rows = &stored.payments.rows;
            let place: HashMap<u64, usize> =
                unpaid.iter().filter_map(|at| Some((rows.get(*at)?.line, *at))).collect();
            let same_row = |row: &Row| {
                place
                    .get(&row.line)
                    .and_then(|at| rows.get(*at))
                    .is_some_and(|old| old.key() == row.key())
            };
            if place.len() != planned.rows.len() || !planned.rows.iter().all(same_row) {
                return Err(PayoutError::OtherRest);
            }
            let lines: Vec<u64> = planned.rows.iter().map(|row| row.line).collect();
            let new = planned.transactions.iter().map(|sent| Sent {
                rows: sent
                    .rows
                    .iter()
                    .filter_map(|at| place.get(lines.get(*at)?).copied())
                    .collect(),
                ..sent.clone()
            });
            stored.payments.transactions.extend(new);
            stored.payments.plans.extend(&planned.plans);
            store.update(&mut stored, lock)?;
            return Ok(stored);
        }
        Err(PayoutError::OtherRest)
    }
}
