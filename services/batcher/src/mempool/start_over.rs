//! Building the states anew: over a new head, or after a batch was given back. Batches come first, in their order, and
//! then everything else that is pending, in the order in which it became ready.

use std::sync::Arc;

use encoding::Hash32;

use super::{Effect, Mempool};
use crate::admission::Verified;
use crate::moment::Moment;
use crate::pool::{Away, QueueKind, Sims, Status};
use crate::rounds::Progress;

impl Mempool {
    /// Builds the states. If the node does not tell, they stay lost, and the next tick tries again.
    pub(super) fn build(&mut self, now: Moment, sims: &mut Sims<'_>) {
        self.is_built = self.try_build(now, sims).is_ok();
    }

    fn try_build(&mut self, now: Moment, sims: &mut Sims<'_>) -> Result<(), Away> {
        sims.batches.reset()?;
        sims.pending.reset()?;
        self.pack_after = Moment::default();
        self.try_at.clear();
        for (number, batch) in &self.batches {
            if matches!(batch.progress, Progress::Accepted(_) | Progress::Refused(_)) {
                continue;
            }
            for hash in &batch.transactions {
                let Some(entry) = self.entries.get(hash).filter(|entry| entry.is_in(*number))
                else {
                    continue;
                };
                // Those that will not be applied are found when the batch has its result.
                sims.batches.apply(&entry.tx)?;
                sims.pending.apply(&entry.tx)?;
            }
        }
        let mut all: Vec<(QueueKind, u64, u64, Hash32)> = Vec::new();
        for (hash, entry) in &self.entries {
            match entry.status {
                Status::InBatch { .. } | Status::Ended(_) => {}
                // It waits for what becomes of a message that had it.
                _ if entry.unsealable => {}
                // Those that were never ready come last, in the order in which they came.
                _ if entry.order == 0 => {
                    all.push((QueueKind::Absent, u64::MAX, entry.since.0, *hash))
                }
                _ => {
                    // Batches of these are made first.
                    let queue = entry.queue.min(QueueKind::Present);
                    all.push((queue, entry.order, 0, *hash));
                }
            }
        }
        all.sort_unstable();
        self.ready.clear();
        let mut left = Vec::new();
        for (.., hash) in all {
            let Some(entry) = self.entries.get_mut(&hash) else { continue };
            // Its place is the one in which it is applied now: what it needs may have come back behind it.
            entry.order = 0;
            if let Status::AwaitsCounter { until, .. } = entry.status {
                self.gaps.remove(&(until, hash));
            }
            let tx = Arc::clone(&entry.tx);
            let before = entry.status.clone();
            let applied = self.settle(&tx, now, sims)?;
            if applied {
                left.extend(self.after(&tx));
            }
            self.tell_if_moved(&hash, &before);
        }
        // One that comes before another may have been applied after it was looked at.
        while let Some(hash) = left.pop() {
            let Some(entry) = self.entries.get(&hash) else { continue };
            if let Status::AwaitsCounter { until, .. } = entry.status {
                let (tx, before) = (Arc::clone(&entry.tx), entry.status.clone());
                self.gaps.remove(&(until, hash));
                if self.settle(&tx, now, sims)? {
                    left.extend(self.after(&tx));
                }
                self.tell_if_moved(&hash, &before);
            }
        }
        Ok(())
    }

    fn after(&self, tx: &Verified) -> Vec<Hash32> {
        let next = |signer: &crate::admission::Signer| {
            self.accounts.at(&signer.account, signer.counter.next()?)
        };
        tx.signers.iter().filter_map(next).collect()
    }

    fn tell_if_moved(&mut self, hash: &Hash32, before: &Status) {
        let moved = self.entries.get(hash).is_some_and(|entry| entry.status != *before);
        if moved {
            self.effect(Effect::Tell(*hash));
        }
    }
}
