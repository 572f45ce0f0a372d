//! What was sent before: where it is recorded, how far it has come, and whether the same is sent again.

use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::Args;
use encoding::{Hash32, RollupAddress, Tz4Address};
use wallet::error::{RpcError, StateError};
use wallet::payments::{
    PaymentStore, Payments, Row, RowKey, Source, Standing, StoreLock, StoredPayments,
};
use wallet::state::RollupState;
use wallet::transaction_status::TransactionStatus;

use super::failure::WalletFailure;
use super::rows::PaymentsReport;
use super::session::Session;
use crate::error::Failure;

/// Where payments are recorded.
#[derive(Debug, Args)]
pub struct PaymentsArgs {
    /// Folder of the records of payments [default: payments, beside the folder of withdrawals]
    #[arg(long, value_name = "DIR", env = "TORU_PAYMENTS")]
    payments: Option<PathBuf>,
}

impl PaymentsArgs {
    /// The folder that is named.
    pub(super) fn folder(&self) -> &Option<PathBuf> {
        &self.payments
    }

    /// The records of a rollup.
    pub(super) fn store(&self, rollup: &RollupAddress) -> Result<PaymentStore, Failure> {
        let folder = match (&self.payments, std::env::var_os("TORU_WITHDRAWALS")) {
            (Some(folder), _) => folder.clone(),
            (None, Some(folder)) => PathBuf::from(folder).with_file_name("payments"),
            (None, None) => crate::key::default_folder()?.with_file_name("payments"),
        };
        Ok(PaymentStore::new(&folder, rollup))
    }
}

/// Payments that may have been sent before.
pub(super) struct SameAs<'a> {
    /// The file they are from.
    pub file: Option<&'a Source>,
    /// The digest that finds them.
    pub digest: Hash32,
    /// Who pays, and what.
    pub rows: Option<(&'a Tz4Address, &'a [Row])>,
    /// Whether it is gone on with: a single payment that is over is the same then as well.
    pub goes_on: bool,
}

/// Something that was sent before, and how far it is.
pub(super) struct SentBefore {
    pub kept: StoredPayments,
    pub standing: Standing,
}

impl Session {
    /// How far payments have come. What is known for good is remembered: in the sandbox, which goes back
    /// to any level and begins anew, what the head says.
    pub fn standing(
        &self,
        kept: &mut StoredPayments,
        store: &PaymentStore,
        held: Option<&StoreLock>,
    ) -> Result<Standing, Failure> {
        let state = self.state()?;
        let finalized = match RollupState::at(&self.node, "finalized") {
            // SentBefore the kernel's first level nothing is final.
            Err(StateError::NotOurs { .. } | StateError::Rpc(RpcError::Refused { .. })) => None,
            state => Some(state.map_err(WalletFailure::State)?),
        };
        let standing = Standing::of(&kept.payments, &state, finalized.as_ref());
        let mut standing = standing.map_err(WalletFailure::State)?;
        if self.dev_keys {
            standing.settled.clone_from(&standing.now);
        }
        if kept.payments.settle(&standing.now, &standing.settled) {
            let own = match held {
                Some(_) => None,
                None => Some(store.lock().map_err(WalletFailure::Payments)?),
            };
            if let Some(lock) = held.or(own.as_ref()) {
                // Somebody else may have gone on with it: what they have signed stays.
                let latest = store.reread(kept, lock);
                let mut latest = latest.map_err(WalletFailure::Payments)?;
                latest.payments.learn(&kept.payments);
                store.update(&mut latest, lock).map_err(WalletFailure::Payments)?;
            }
        }
        Ok(standing)
    }

    /// What was sent of the same before, latest first: of the same file, of the same rows while some of
    /// them are not settled, or with a row among them that can still be paid. Where it is gone on with, the
    /// same single payment too, whatever became of it: whoever is told that there is none pays it again.
    pub fn before(
        &self,
        store: &PaymentStore,
        same: &SameAs<'_>,
        held: Option<&StoreLock>,
    ) -> Result<Vec<SentBefore>, Failure> {
        let mut all = Vec::new();
        let rows = same.rows.map(|(payer, rows)| (payer, keys(rows)));
        for mut kept in store.read(&same.digest).map_err(WalletFailure::Payments)? {
            if self.is_of_another_life(&kept.payments) {
                continue;
            }
            let is_same_file = same.file.is_some_and(|file| is_file(&kept.payments, &file.digest));
            let of_payer = rows.as_ref().filter(|(payer, _)| **payer == kept.payments.payer);
            let is_any = of_payer.is_some_and(|(_, rows)| {
                kept.payments.rows.iter().any(|old| rows.contains_key(&old.key()))
            });
            if !is_same_file && !is_any {
                continue;
            }
            let standing = self.standing(&mut kept, store, held)?;
            let is_same_rows = rows.as_ref().filter(|_| is_any).is_some_and(|(_, rows)| {
                let statuses = standing.rows(&kept.payments);
                let mut old = kept.payments.rows.iter().zip(&statuses);
                let is_any_open =
                    old.any(|(old, status)| status.is_open() && rows.contains_key(&old.key()));
                let is_unsettled =
                    statuses.iter().any(|status| !matches!(status, TransactionStatus::Applied(_)));
                let is_a_file = kept.payments.file.is_some();
                let counts = if is_a_file { is_unsettled } else { same.goes_on };
                is_any_open || (counts && keys(&kept.payments.rows) == *rows)
            });
            if is_same_file || is_same_rows {
                all.push(SentBefore { kept, standing });
            }
        }
        all.reverse();
        Ok(all)
    }

    /// Whether they were sent to a sandbox that has begun anew since, or has gone back behind them.
    fn is_of_another_life(&self, payments: &Payments) -> bool {
        let Some(sent) = payments.transactions.first().filter(|_| self.dev_keys) else {
            return false;
        };
        match self.node.block(&sent.head.to_string()) {
            Ok(block) => block.hash != sent.block,
            Err(RpcError::Refused { .. }) => true,
            Err(_) => false,
        }
    }

    /// Fails if the same was sent before.
    pub fn refuse_twice(
        &self,
        store: &PaymentStore,
        same: &SameAs<'_>,
        state: &RollupState<'_>,
        resume: &str,
        held: Option<&StoreLock>,
    ) -> Result<(), Failure> {
        let before = self.before(store, same, held)?;
        let Some(SentBefore { kept, standing }) = before.into_iter().next() else { return Ok(()) };
        let tokens = state.tokens().map_err(WalletFailure::State)?;
        let told = PaymentsReport::new(&kept.payments, &standing.now, &tokens);
        let what = match (same.file, &kept.payments.file) {
            (Some(file), Some(old)) if file.digest == old.digest => file.name.clone(),
            (_, Some(old)) => format!("a payment of it, in {},", old.name),
            _ => "the same payment".to_owned(),
        };
        let is_open = standing.now.iter().any(TransactionStatus::is_open);
        let is_paid =
            standing.now.iter().all(|status| matches!(status, TransactionStatus::Applied(_)));
        let (standing, resume) = (told.summary(), resume.to_owned());
        Err(WalletFailure::SentBefore { what, standing, is_open, is_paid, resume }.into())
    }
}

/// Whether they are from the file of that digest.
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
