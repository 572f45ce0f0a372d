//! What was sent before: how far it has come, and whether the same is sent again.

use std::collections::BTreeMap;

use encoding::{Hash32, Tz4Address};

use super::error::{PayError, SentBefore};
use crate::error::RpcError;
use crate::payments::{
    PaymentProgress, PaymentStore, Payments, Row, RowKey, Source, StoreLock, StoredPayments,
};
use crate::session::Session;
use crate::transaction_status::TransactionStatus;

/// Payments that may have been sent before.
#[derive(Clone, Copy, Debug)]
pub struct SameAs<'a> {
    /// The file they are from.
    pub file: Option<&'a Source>,
    /// The digest that finds them.
    pub digest: Hash32,
    /// Who pays, and what.
    pub rows: Option<(&'a Tz4Address, &'a [Row])>,
    /// Whether it is gone on with: a single payment that is over is the same then as well.
    pub goes_on: bool,
}

impl Session {
    /// How far payments have come. What is known for good is remembered: in the simulated rollup, which
    /// goes back to any level and begins anew, what the head says.
    ///
    /// # Errors
    /// When the node does not tell, or the record cannot be written.
    pub fn progress(
        &self,
        store: &PaymentStore,
        stored: &mut StoredPayments,
        held: Option<&StoreLock>,
    ) -> Result<PaymentProgress, PayError> {
        let mut progress = self.progress_of(store, &stored.payments)?;
        if self.is_simulated() {
            progress.settled.clone_from(&progress.now);
        }
        if stored.payments.settle(&progress.now, &progress.settled) {
            let own = if held.is_none() { Some(store.lock()?) } else { None };
            if let Some(lock) = held.or(own.as_ref()) {
                // Somebody else may have gone on with it: what they have signed stays.
                let mut latest = store.reread(stored, lock)?;
                latest.payments.learn(&stored.payments);
                store.update(&mut latest, lock)?;
            }
        }
        Ok(progress)
    }

    /// What was sent of the same before, latest first: of the same file, of the same rows while some of
    /// them are not settled, or with a row among them that can still be paid. Where it is gone on with, the
    /// same single payment too, whatever became of it: whoever is told that there is none pays it again.
    ///
    /// # Errors
    /// As for [`Session::progress`].
    pub fn sent_before(
        &self,
        store: &PaymentStore,
        same: &SameAs<'_>,
        held: Option<&StoreLock>,
    ) -> Result<Vec<SentBefore>, PayError> {
        let mut all = Vec::new();
        let rows = same.rows.map(|(payer, rows)| (payer, keys(rows)));
        for mut stored in store.read(&same.digest)? {
            if self.is_of_another_life(&stored.payments) {
                continue;
            }
            let is_same_file =
                same.file.is_some_and(|file| is_file(&stored.payments, &file.digest));
            let of_payer = rows.as_ref().filter(|(payer, _)| **payer == stored.payments.payer);
            let shared = of_payer.filter(|(_, rows)| {
                stored.payments.rows.iter().any(|old| rows.contains_key(&old.key()))
            });
            if !is_same_file && shared.is_none() {
                continue;
            }
            let progress = self.progress(store, &mut stored, held)?;
            let counts = shared.is_some_and(|(_, rows)| {
                counts_as_same(&stored.payments, &progress, rows, same.goes_on)
            });
            if is_same_file || counts {
                all.push(SentBefore { stored, progress });
            }
        }
        all.reverse();
        Ok(all)
    }

    /// Fails if the same was sent before.
    pub(crate) fn check_not_sent(
        &self,
        store: &PaymentStore,
        same: &SameAs<'_>,
        held: Option<&StoreLock>,
    ) -> Result<(), PayError> {
        match self.sent_before(store, same, held)?.into_iter().next() {
            Some(before) => Err(PayError::SentBefore(Box::new(before))),
            None => Ok(()),
        }
    }

    /// Whether they were sent to a sandbox that has begun anew since, or has gone back behind them.
    pub(crate) fn is_of_another_life(&self, payments: &Payments) -> bool {
        let Some(sent) = payments.transactions.first().filter(|_| self.is_simulated()) else {
            return false;
        };
        match self.node().block(&sent.head.to_string()) {
            Ok(block) => block.hash != sent.block,
            Err(RpcError::Refused { .. }) => true,
            Err(_) => false,
        }
    }
}

/// Whether payments that share rows with a record are the same as those in it.
fn counts_as_same(
    payments: &Payments,
    progress: &PaymentProgress,
    rows: &BTreeMap<RowKey<'_>, usize>,
    goes_on: bool,
) -> bool {
    let statuses = progress.rows(payments);
    let mut old = payments.rows.iter().zip(&statuses);
    // What may have been paid is not paid again unless that is said.
    let is_open =
        |status: &TransactionStatus| status.is_open() || *status == TransactionStatus::Unknown;
    let is_any_open = old.any(|(old, status)| is_open(status) && rows.contains_key(&old.key()));
    let is_unsettled = statuses.iter().any(|one| !matches!(one, TransactionStatus::Applied(_)));
    let counts = if payments.file.is_some() { is_unsettled } else { goes_on };
    is_any_open || (counts && keys(&payments.rows) == *rows)
}

fn is_file(payments: &Payments, digest: &Hash32) -> bool {
    payments.file.as_ref().is_some_and(|file| file.digest == *digest)
}

/// Payments in whatever order, and how often each is there.
fn keys(rows: &[Row]) -> BTreeMap<RowKey<'_>, usize> {
    let mut keys = BTreeMap::new();
    for row in rows {
        *keys.entry(row.key()).or_default() += 1;
    }
    keys
}
