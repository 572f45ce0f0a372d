//! How far payments have come, also where it is not known any more in which batches they were signed: nothing counts as
//! unpaid because a file is lost.

use encoding::Level;

use super::error::PayError;
use crate::cosigned_search::{Looked, Wanted, find};
use crate::limits::REORGANISED_LEVELS;
use crate::payments::{PaymentProgress, PaymentStore, Payments, Sent};
use crate::session::Session;
use crate::transaction_status::TransactionStatus;

impl Session {
    /// How far payments have come at the head, and in the last final level. A transaction whose counter is used up,
    /// and of which nothing is known, may have been paid in a batch: it is looked for in the inboxes, and what is found
    /// is remembered. Where a node does not show them, and its payer may have signed a batch, nobody here knows.
    pub(crate) fn progress_of(
        &self,
        store: &PaymentStore,
        payments: &Payments,
    ) -> Result<PaymentProgress, PayError> {
        // What was signed as part of a batch has its result there.
        store.read_cosigned(self.node().cosigned())?;
        let (head, finalized) = (self.state()?, self.finalized_state()?);
        let mut progress = PaymentProgress::of(payments, &head, finalized.as_ref())?;
        let all = payments.transactions.iter().enumerate();
        let doubtful: Vec<(usize, &Sent)> =
            all.filter(|(at, sent)| is_doubtful(sent, progress.now.get(*at))).collect();
        if doubtful.is_empty() {
            return Ok(progress);
        }
        let wanted: Vec<Wanted> =
            doubtful.iter().map(|(_, sent)| wanted(sent, head.block().level)).collect();
        let Looked { mut places, is_whole } = find(self.node(), self.rollup(), &wanted)?;
        places.retain(|(hash, place)| !self.node().cosigned().of(hash).contains(place));
        if !places.is_empty() {
            self.record_places(store, &places)?;
            progress = PaymentProgress::of(payments, &head, finalized.as_ref())?;
        }
        for ((at, sent), is_whole) in doubtful.into_iter().zip(is_whole) {
            if is_whole || sent.batcher.is_none() {
                continue;
            }
            for statuses in [&mut progress.now, &mut progress.settled] {
                if let Some(status @ TransactionStatus::Replaced) = statuses.get_mut(at) {
                    *status = TransactionStatus::Unknown;
                }
            }
        }
        Ok(progress)
    }
}

/// Whether something has used its counter up, and nobody knows that it was another transaction.
fn is_doubtful(sent: &Sent, now: Option<&TransactionStatus>) -> bool {
    let is_used = matches!(now, Some(TransactionStatus::Replaced | TransactionStatus::Forgotten));
    is_used && sent.end.is_none()
}

/// The levels that could have it: none before it was signed, on whatever branch, and none after it has expired.
fn wanted(sent: &Sent, head: Level) -> Wanted {
    let first = Level(sent.head.0.saturating_sub(REORGANISED_LEVELS).saturating_add(1));
    let last = sent.signable.transaction().expires.map_or(head, |last| last.min(head));
    Wanted { hash: sent.signable.hash(), first, last }
}
