//! How transactions and batches end: each once, and what is final need not be kept in memory.

use std::collections::HashSet;

use batcher_api::{ApiError, Code};
use encoding::{Hash32, Level};
use tx_kernel::results::{Outcome, ResultCode};

use super::accept::kernels;
use super::{Effect, Kept, Mempool, Tip};
use crate::limits::FAILING_LEVELS;
use crate::metrics;
use crate::pool::{Ending, Status};
use crate::rounds::{OpenBatch, Progress};

impl Mempool {
    /// What the kernel would have refused for long enough is dropped; batches that can no longer be applied are given
    /// up.
    pub(super) fn give_up(&mut self, tip: Tip) {
        let is_long = |since: Level| tip.head.0.saturating_sub(since.0) >= FAILING_LEVELS;
        let failing: Vec<Hash32> = self
            .entries
            .iter()
            .filter(
                |(_, entry)| matches!(entry.status, Status::Failing { since } if is_long(since)),
            )
            .map(|(hash, _)| *hash)
            .collect();
        if !failing.is_empty() {
            let may_be_applied = self.may_be_applied();
            let lost = failing.iter().filter(|hash| !may_be_applied.contains(hash));
            lost.for_each(|hash| self.drop_entry(hash));
        }
        let is_over = |batch: &OpenBatch| {
            let expired = |hash: &Hash32| {
                self.entries.get(hash).is_none_or(|entry| entry.tx.expires < tip.finalized)
            };
            matches!(batch.progress, Progress::Sealed | Progress::Sent { .. })
                && batch.transactions.iter().all(expired)
        };
        let over: Vec<u64> = self
            .batches
            .iter()
            .filter(|(_, batch)| is_over(batch))
            .map(|(number, _)| *number)
            .collect();
        for number in over {
            let Some(batch) = self.batches.remove(&number) else { continue };
            self.ids.remove(&batch.id);
            for hash in &batch.transactions {
                let Some(entry) = self.entries.get_mut(hash) else { continue };
                if entry.is_in(number) {
                    // Whether it was applied all the same is looked up before it counts as expired.
                    let error = kernels(&Outcome::new(
                        ResultCode::TransactionExpired,
                        level(entry.tx.expires),
                        level(tip.head),
                    ));
                    entry.why = Some(error);
                    entry.status = Status::Stale { since: tip.finalized, expired: true };
                    self.stale.insert(*hash);
                    self.effects.push(Effect::Tell(*hash));
                }
            }
            self.keep(Kept::BatchEnded(batch.id, tip.head));
        }
    }

    /// The transactions that a message has had which has left, and may still be applied: as long as it is looked for,
    /// it may be given to the node again, or be in another branch. None of these is dropped.
    pub(super) fn may_be_applied(&self) -> HashSet<Hash32> {
        let has_left =
            |batch: &&OpenBatch| !matches!(batch.progress, Progress::Offered | Progress::Closing);
        let batches = self.batches.values().filter(has_left);
        batches.flat_map(|batch| &batch.transactions).copied().collect()
    }

    /// Drops a transaction that has a reason.
    pub(super) fn drop_entry(&mut self, hash: &Hash32) {
        metrics::add(&self.counters.dropped, 1);
        if let Some(entry) = self.entries.get_mut(hash)
            && entry.why.is_none()
        {
            entry.why = Some(ApiError::new(Code::Busy, "the batcher gave it up"));
        }
        let head = self.tip.map_or(Level(0), |tip| tip.head);
        self.end(hash, Ending::Dropped, head);
    }

    /// A transaction ends.
    pub(super) fn end(&mut self, hash: &Hash32, ending: Ending, head: Level) {
        let Some(entry) = self.entries.get_mut(hash) else { return };
        if entry.status.is_ended() {
            return;
        }
        self.pending = self.pending.saturating_sub(1);
        self.accounts.remove(&entry.tx);
        self.stale.remove(hash);
        if let Status::AwaitsCounter { until, .. } = entry.status {
            self.gaps.remove(&(until, *hash));
        }
        if entry.status == Status::Ready {
            self.ready.remove(entry.queue, entry.order, entry.tx.bytes);
        }
        if matches!(ending, Ending::Result { .. }) {
            entry.why = None;
        }
        entry.status = Status::Ended(ending.clone());
        self.keep(Kept::Ended(*hash, ending, head));
        self.effect(Effect::Tell(*hash));
    }

    /// What is final is told once more, and need not be kept in memory.
    pub(super) fn finalize(&mut self, tip: Tip) {
        let is_final = |status: &Status| match status {
            Status::Ended(Ending::Result { spot, .. }) => spot.level <= tip.finalized.0,
            Status::Ended(Ending::Expired | Ending::Dropped) => true,
            _ => false,
        };
        let finals: Vec<Hash32> = self
            .entries
            .iter()
            .filter(|(_, entry)| is_final(&entry.status))
            .map(|(hash, _)| *hash)
            .collect();
        for hash in &finals {
            self.effect(Effect::Tell(*hash));
        }
        if !finals.is_empty() {
            self.effect(Effect::Final(finals));
        }
        let is_done = |batch: &OpenBatch| match batch.progress {
            Progress::Accepted(message) | Progress::Refused(message) => {
                message.level <= tip.finalized
            }
            _ => false,
        };
        let done: Vec<u64> = self
            .batches
            .iter()
            .filter(|(_, batch)| is_done(batch))
            .map(|(number, _)| *number)
            .collect();
        for number in done {
            if let Some(batch) = self.batches.remove(&number) {
                self.ids.remove(&batch.id);
                self.keep(Kept::BatchEnded(batch.id, tip.head));
            }
        }
    }

    /// Forgets transactions that are final: the journal has them.
    pub(crate) fn forget(&mut self, finals: &[Hash32]) {
        for hash in finals {
            if self.entries.get(hash).is_some_and(|entry| entry.status.is_ended()) {
                self.entries.remove(hash);
            }
        }
    }
}

fn level(level: Level) -> u64 {
    u64::try_from(level.0).unwrap_or(0)
}
