//! A new head: results come in, and reorganisations take them back.

use batcher_api::Settled;
use encoding::{Hash32, Level, MessageId};
use tx_kernel::results::batch::{BatchResult, TransactionResult};
use tx_kernel::results::{Outcome, ResultCode};

use super::accept::kernels;
use super::{Effect, Fate, HeadReport, Kept, Mempool, Tip};
use crate::limits::RESEND_LEVELS;
use crate::metrics;
use crate::moment::Moment;
use crate::pool::{Ending, Outcomes, Sims, Spot, Status};
use crate::rounds::Progress;

impl Mempool {
    /// The chain has a new head.
    pub(crate) fn head(&mut self, report: HeadReport, now: Moment, sims: &mut Sims<'_>) {
        let HeadReport { tip, common, fates, found } = report;
        let before = self.tip.replace(tip);
        match before {
            Some(before) if common < before.head => {
                metrics::add(&self.counters.reorganisations, 1);
                self.go_back(common, tip.head);
            }
            Some(_) => {}
            // What the journal had may be of levels that are others now.
            None => self.go_back(tip.finalized, tip.head),
        }
        for (number, fate) in fates {
            self.fate(number, fate, tip);
        }
        for (hash, result) in found {
            self.looked_up(&hash, result, tip);
        }
        self.build(now, sims);
        self.give_up(tip);
        self.finalize(tip);
        self.tick(now, sims);
    }

    /// The levels after `common` are other ones now: what had a result there has none.
    fn go_back(&mut self, common: Level, head: Level) {
        let mut sent_again = Vec::new();
        for (number, batch) in &mut self.batches {
            if let Progress::Included(message)
            | Progress::Accepted(message)
            | Progress::Refused(message) = batch.progress
                && message.level > common
            {
                batch.progress = Progress::Sent { since: head };
                sent_again.push((*number, batch.id.to_string(), batch.transactions.clone()));
            } else if let Progress::Sent { since } = &mut batch.progress {
                // A level that is no more: from here on it is missed anew.
                *since = (*since).min(head);
            }
        }
        for (number, id, hashes) in sent_again {
            for (at, hash) in (0..).zip(hashes) {
                let is_of = |entry: &crate::pool::Entry| match &entry.status {
                    Status::Ended(Ending::Result { spot, .. }) => {
                        spot.level > common.0 && spot.batch.as_ref() == Some(&id)
                    }
                    _ => false,
                };
                if self.entries.get(&hash).is_some_and(is_of) {
                    self.come_back(&hash, Status::InBatch { batch: number, number: at });
                }
                self.effect(Effect::Tell(hash));
            }
            self.keep(Kept::Batch(number));
        }
        // Those that had a result of their own, in nobody's batch that is known here.
        let alone: Vec<Hash32> = self
            .entries
            .iter()
            .filter(|(_, entry)| matches!(&entry.status, Status::Ended(Ending::Result { spot, .. }) if spot.level > common.0))
            .map(|(hash, _)| *hash)
            .collect();
        for hash in alone {
            self.come_back(&hash, Status::Ready);
        }
        // Since when something is so counts from the new head.
        for entry in self.entries.values_mut() {
            if let Status::Stale { since, .. } | Status::Failing { since } = &mut entry.status
                && *since > common
            {
                *since = head;
            }
        }
    }

    /// A transaction that had ended is pending again.
    fn come_back(&mut self, hash: &Hash32, status: Status) {
        let Some(entry) = self.entries.get_mut(hash) else { return };
        if entry.status.is_ended() {
            self.pending += 1;
            self.accounts.insert(&entry.tx);
            self.effects.push(Effect::Keep(Kept::Pending(*hash)));
        }
        entry.status = status;
        self.effects.push(Effect::Tell(*hash));
    }

    /// The node says what became of a batch.
    fn fate(&mut self, number: u64, fate: Fate, tip: Tip) {
        let Some(batch) = self.batches.get_mut(&number) else { return };
        let is_out = matches!(
            batch.progress,
            Progress::Sealed
                | Progress::Sent { .. }
                | Progress::Included(_)
                | Progress::Accepted(_)
                | Progress::Refused(_)
        );
        // One that the node is being given at the moment is looked for at the next head.
        if !is_out {
            return;
        }
        match fate {
            Fate::Nowhere => match batch.progress {
                // What has nothing of its own any more is only looked for.
                Progress::Sent { since }
                    if tip.head.0.saturating_sub(since.0) >= RESEND_LEVELS
                        && batch.transactions.iter().any(|hash| {
                            self.entries.get(hash).is_some_and(|entry| entry.is_in(number))
                        }) =>
                {
                    batch.progress = Progress::Sealed;
                }
                Progress::Included(_) | Progress::Accepted(_) | Progress::Refused(_) => {
                    batch.progress = Progress::Sent { since: tip.head };
                    self.keep(Kept::Batch(number));
                }
                _ => {}
            },
            Fate::Queued => {
                batch.progress = Progress::Sent { since: tip.head };
            }
            Fate::Included(message) => {
                if batch.progress != Progress::Included(message) {
                    batch.progress = Progress::Included(message);
                    let hashes = batch.transactions.clone();
                    hashes.into_iter().for_each(|hash| self.effect(Effect::Tell(hash)));
                }
            }
            Fate::Refused(message, outcome) => self.refused_whole(number, message, &outcome),
            Fate::Result(result) => self.accepted(number, &result, tip),
        }
    }

    /// The kernel has refused a batch: all that was in it goes round once more. The batch itself is looked for until
    /// that is final, as its bytes may be applied on another branch.
    fn refused_whole(&mut self, number: u64, message: MessageId, outcome: &Outcome) {
        let Some(batch) = self.batches.get_mut(&number) else { return };
        if batch.progress == Progress::Refused(message) {
            return;
        }
        batch.progress = Progress::Refused(message);
        let hashes = batch.transactions.clone();
        metrics::add(&self.counters.refused_batches, 1);
        // These say nothing of what is in it.
        let innocent = [ResultCode::Busy, ResultCode::AllStale, ResultCode::Interrupted];
        let is_suspect = !innocent.contains(&outcome.code);
        for hash in &hashes {
            let Some(entry) = self.entries.get_mut(hash) else { continue };
            if !entry.is_in(number) {
                continue;
            }
            entry.status = Status::Ready;
            entry.why = Some(kernels(outcome));
            if is_suspect {
                entry.refusals = entry.refusals.saturating_add(1);
            }
            self.effects.push(Effect::Tell(*hash));
        }
        self.keep(Kept::Batch(number));
    }

    /// A batch has a result.
    fn accepted(&mut self, number: u64, result: &BatchResult, tip: Tip) {
        let Some(batch) = self.batches.get_mut(&number) else { return };
        let message = result.message;
        if batch.progress == Progress::Accepted(message) {
            return;
        }
        batch.progress = Progress::Accepted(message);
        let hashes = batch.transactions.clone();
        for (at, hash) in (0..).zip(&hashes) {
            let Some(entry) = self.entries.get(hash) else { continue };
            // A copy of one that has gone into another batch meanwhile counts as well.
            if entry.status.is_ended() {
                continue;
            }
            let operations = u32::try_from(entry.tx.signers.len()).unwrap_or(u32::MAX);
            let outcomes: Vec<Outcome> =
                (0..operations).map(|operation| result.outcome(at, operation)).collect();
            match self.spot_in(number, message, at).zip(settled(&outcomes)) {
                Some((spot, settled)) => self.settle_with(hash, settled, spot, &outcomes, tip),
                None => {
                    // Its counter was not the next one, or it has expired: where it stands is seen when the states
                    // are built.
                    if let Some(entry) = self.entries.get_mut(hash)
                        && entry.is_in(number)
                    {
                        entry.status = Status::Ready;
                    }
                }
            }
        }
        self.keep(Kept::Batch(number));
    }

    fn spot_in(&self, number: u64, message: MessageId, transaction: u32) -> Option<Spot> {
        let batch = self.batches.get(&number)?;
        Some(Spot {
            level: message.level.0,
            index: message.index,
            number: transaction,
            batch: Some(batch.id.to_string()),
            message: batch.message_id.clone(),
            cosigned: batch.is_cosigned(transaction).unwrap_or(false),
        })
    }

    /// A transaction has a result that uses up its counter.
    fn settle_with(
        &mut self,
        hash: &Hash32,
        settled: Settled,
        spot: Spot,
        outcomes: &[Outcome],
        tip: Tip,
    ) {
        let counter = match settled {
            Settled::Applied => &self.counters.applied,
            Settled::Failed => &self.counters.failed,
        };
        metrics::add(counter, 1);
        let ending = Ending::Result { settled, spot, outcomes: Outcomes::new(outcomes) };
        self.end(hash, ending, tip.head);
    }

    /// A transaction whose counter has been used was looked up.
    fn looked_up(&mut self, hash: &Hash32, result: Option<TransactionResult>, tip: Tip) {
        let Some(entry) = self.entries.get_mut(hash) else { return };
        let Status::Stale { since, expired } = entry.status else { return };
        if let Some(result) = result {
            let outcomes: Vec<Outcome> = result.lines.iter().map(|line| line.outcome).collect();
            if let Some(settled) = settled(&outcomes) {
                let spot = Spot {
                    level: result.message.level.0,
                    index: result.message.index,
                    number: result.transaction,
                    batch: None,
                    message: None,
                    cosigned: false,
                };
                return self.settle_with(hash, settled, spot, &outcomes, tip);
            }
        }
        // Nothing that may still be taken back says so.
        if since > tip.finalized {
            return;
        }
        if !expired {
            self.drop_entry(hash);
        } else if entry.tx.expires <= tip.finalized {
            metrics::add(&self.counters.expired, 1);
            self.end(hash, Ending::Expired, tip.head);
        }
    }
}

/// Whether results use up the transaction's counters, and how.
fn settled(outcomes: &[Outcome]) -> Option<Settled> {
    if outcomes.iter().all(|outcome| outcome.code == ResultCode::Applied) {
        return Some(Settled::Applied);
    }
    outcomes.iter().any(Outcome::is_final).then_some(Settled::Failed)
}
