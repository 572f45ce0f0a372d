//! Sends payments that are on the disk, and follows them.

use std::collections::BTreeMap;

use super::error::PayError;
use crate::bundle::bundle;
use crate::follow::Settlement;
use crate::following::{FollowEnd, Followed, Item};
use crate::patience::Patience;
use crate::payments::{PaymentStore, Payments, Sent, StoredPayments};
use crate::session::Session;
use crate::state::RollupState;
use crate::transaction_status::TransactionStatus;

/// What became of payments that were followed.
#[derive(Debug)]
pub struct FollowedPayments {
    /// Of transactions whose end was not known, by their index in the record.
    pub transactions: BTreeMap<usize, Followed>,
    /// Why the waiting is over.
    pub end: FollowEnd,
}

impl FollowedPayments {
    /// The status of every transaction of the record.
    #[must_use]
    pub fn statuses(&self, payments: &Payments) -> Vec<TransactionStatus> {
        let status = |(at, sent): (usize, &Sent)| {
            let followed = self.transactions.get(&at).map(Followed::status);
            followed.or(sent.end).unwrap_or(TransactionStatus::Open(None))
        };
        payments.transactions.iter().enumerate().map(status).collect()
    }
}

impl Session {
    /// The messages of some transactions of a record, with their tags.
    ///
    /// # Errors
    /// When the node does not tell who is registered, or they make no messages.
    pub fn messages(
        &self,
        state: &RollupState<'_>,
        payments: &Payments,
        which: &[usize],
    ) -> Result<Vec<Vec<u8>>, PayError> {
        let some: Vec<_> = which
            .iter()
            .filter_map(|at| payments.transactions.get(*at))
            .map(|sent| sent.signable.clone())
            .collect();
        let registered = state.registered(&some)?;
        Ok(bundle(state.rollup(), &some, &registered)?)
    }

    /// Follows all transactions of a record that count, as [`Session::follow`] does. What becomes known for
    /// good is remembered, if the node still answers.
    pub fn follow_payments(
        &self,
        store: &PaymentStore,
        state: &RollupState<'_>,
        stored: &mut StoredPayments,
        settlement: Settlement,
        patience: &Patience<'_>,
        progress: &dyn Fn(usize, usize),
    ) -> FollowedPayments {
        let counts = stored.payments.current();
        // A file that cannot be read is told where it is asked for next.
        let _ = store.read_cosigned(self.node().cosigned());
        // What the sandbox has done it may have taken back.
        let is_asked = |sent: &Sent| sent.end.is_none() || self.is_simulated();
        let all = stored.payments.transactions.iter().enumerate();
        let (indexes, items): (Vec<usize>, Vec<Item<'_>>) = all
            .filter(|(at, sent)| counts.contains(at) && is_asked(sent))
            .map(|(at, sent)| (at, Item::Transaction(&sent.signable, sent.head)))
            .unzip();
        let since = state.block().level;
        let (all, end) = self.follow(&items, settlement, since, patience, progress);
        let mut transactions: BTreeMap<usize, Followed> = indexes.into_iter().zip(all).collect();
        // What became of one without a result may be known under a batch that is found again, or not at all.
        if let Ok(progress) = self.progress(store, stored, None) {
            for (at, one) in &mut transactions {
                if let Some(now) = progress.now.get(*at)
                    && one.status() == TransactionStatus::Replaced
                    && !now.is_open()
                    && *now != TransactionStatus::Replaced
                {
                    *one = Followed::Dead(*now);
                }
            }
        }
        FollowedPayments { transactions, end }
    }
}
