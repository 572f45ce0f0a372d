//! Signs payments, and has them on the disk before anybody can have them.

use bls::SecretKey;
use encoding::Hash32;

use super::draft::{DraftPayments, PaymentRequest};
use super::error::PayError;
use crate::batcher::offer::CheckedOffer;
use crate::bundle::bundle;
use crate::cosigned::InBatch;
use crate::payments::{PaymentStore, Payments, StoredPayments};
use crate::session::Session;
use crate::state::RollupState;

impl Session {
    /// Signs a draft and records it. What is returned is on the disk, and nobody else has put the same
    /// there in between.
    ///
    /// # Errors
    /// When the same was sent before and is not to be paid again, the key is not the payer's, or the record
    /// cannot be written.
    pub fn sign(
        &self,
        store: &PaymentStore,
        state: &RollupState<'_>,
        request: &PaymentRequest,
        mut draft: DraftPayments,
        key: &SecretKey,
    ) -> Result<StoredPayments, PayError> {
        draft.transactions.iter_mut().try_for_each(|one| one.sign(key))?;
        let registered = state.registered(&draft.transactions)?;
        let payments = Payments {
            rollup: *state.rollup(),
            payer: request.payer,
            file: request.file.clone(),
            rows: request.rows.clone(),
            transactions: draft.sent(state),
            messages: bundle(state.rollup(), &draft.transactions, &registered)?,
            plans: Vec::new(),
        };
        let lock = store.lock()?;
        if !request.again {
            self.check_not_sent(store, &request.same(), Some(&lock))?;
        }
        Ok(store.add(payments, &lock)?)
    }

    /// Has it on the disk that a batch is about to be signed. From then on, the results of the transactions in it are
    /// looked for under the batch too.
    ///
    /// # Errors
    /// When it cannot be written. Then the batch is not to be signed.
    pub fn record_cosigned(
        &self,
        store: &PaymentStore,
        offer: &CheckedOffer,
    ) -> Result<(), PayError> {
        self.record_places(store, &offer.places())
    }

    /// Has it on the disk in which batches transactions are, so that their results are looked for there.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn record_places(
        &self,
        store: &PaymentStore,
        places: &[(Hash32, InBatch)],
    ) -> Result<(), PayError> {
        store.add_cosigned(places)?;
        for (transaction, place) in places {
            self.node().cosigned().add(*transaction, *place);
        }
        Ok(())
    }

    /// Has it in the record that some of its transactions are about to be given to a batcher whose batches their payer
    /// signs. From then on, one whose result is not found counts as unpaid only once every level that could have its
    /// batch was looked at.
    ///
    /// # Errors
    /// When the record cannot be written. Then nothing is to be given to the batcher.
    pub fn record_batcher(
        &self,
        store: &PaymentStore,
        stored: &mut StoredPayments,
        which: &[usize],
        batcher: &str,
    ) -> Result<(), PayError> {
        let lock = store.lock()?;
        let mut latest = store.reread(stored, &lock)?;
        latest.payments.learn(&stored.payments);
        for at in which {
            if let Some(sent) = latest.payments.transactions.get_mut(*at) {
                sent.batcher = Some(batcher.to_owned());
            }
        }
        store.update(&mut latest, &lock)?;
        *stored = latest;
        Ok(())
    }

    /// Signs rows of a record anew, and records that. Returns which transactions of the record are new.
    ///
    /// # Errors
    /// When somebody else has signed rows of the record meanwhile, which is what counts then; when the key
    /// is not the payer's, or the record cannot be written.
    pub fn sign_anew(
        &self,
        store: &PaymentStore,
        state: &RollupState<'_>,
        stored: &mut StoredPayments,
        mut draft: DraftPayments,
        key: &SecretKey,
    ) -> Result<Vec<usize>, PayError> {
        draft.transactions.iter_mut().try_for_each(|one| one.sign(key))?;
        let first = stored.payments.transactions.len();
        let lock = store.lock()?;
        *stored = store.reread(stored, &lock)?;
        if stored.payments.transactions.len() != first {
            return Err(PayError::GoneOn);
        }
        stored.payments.transactions.extend(draft.sent(state));
        store.update(stored, &lock)?;
        Ok((first..stored.payments.transactions.len()).collect())
    }
}
