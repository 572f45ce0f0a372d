//! What the journal had, put back into the mempool after a start.

use super::Mempool;
use crate::pool::{Entry, Status};
use crate::rounds::{OpenBatch, Progress};

/// What a journal had.
#[derive(Default)]
pub(crate) struct Restored {
    /// Transactions that have not ended, or whose end may be taken back.
    pub(crate) entries: Vec<Entry>,
    /// Batches that were sealed and have no final result, in the order in which they were made.
    pub(crate) batches: Vec<OpenBatch>,
}

impl Mempool {
    /// Puts everything back that is not there. Nothing is done with it before the node has said at a head what became of it.
    pub(crate) fn restore(&mut self, restored: Restored) {
        let mut entries = restored.entries;
        entries.sort_by_key(|entry| (entry.since, entry.tx.hash));
        for entry in entries {
            if self.entries.contains_key(&entry.tx.hash) {
                continue;
            }
            if !entry.status.is_ended() {
                self.pending += 1;
                self.accounts.insert(&entry.tx);
            }
            self.entries.insert(entry.tx.hash, entry);
        }
        for batch in restored.batches {
            if self.ids.contains_key(&batch.id) {
                continue;
            }
            let number = self.next_batch;
            self.next_batch += 1;
            let is_done = matches!(batch.progress, Progress::Accepted(_) | Progress::Refused(_));
            for (at, hash) in (0..).zip(&batch.transactions) {
                if let Some(entry) = self.entries.get_mut(hash)
                    && !entry.status.is_ended()
                    && !is_done
                {
                    entry.status = Status::InBatch { batch: number, number: at };
                }
            }
            self.ids.insert(batch.id, number);
            self.batches.insert(number, batch);
        }
        // In the order in which they were accepted.
        let mut ready: Vec<_> =
            self.entries.values_mut().filter(|entry| entry.status == Status::Ready).collect();
        ready.sort_by_key(|entry| (entry.since, entry.tx.hash));
        for entry in ready {
            self.next_order += 1;
            entry.order = self.next_order;
        }
        self.lost();
    }
}
