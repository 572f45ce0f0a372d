//! Pending transactions by account and counter, and those that are ready by the order in which they became so.

use std::collections::{BTreeMap, HashMap};

use encoding::{Counter, Hash32, Tz4Address};

use super::QueueKind;
use crate::admission::Verified;

/// The pending transactions of each account, by counter.
#[derive(Debug, Default)]
pub(crate) struct Accounts(HashMap<Tz4Address, BTreeMap<Counter, Hash32>>);

impl Accounts {
    /// The pending transaction that uses this counter of an account.
    pub(crate) fn at(&self, account: &Tz4Address, counter: Counter) -> Option<Hash32> {
        self.0.get(account)?.get(&counter).copied()
    }

    /// How many an account has.
    pub(crate) fn count(&self, account: &Tz4Address) -> usize {
        self.0.get(account).map_or(0, BTreeMap::len)
    }

    /// Those of an account, by counter.
    pub(crate) fn of(&self, account: &Tz4Address) -> impl Iterator<Item = Hash32> + '_ {
        self.0.get(account).into_iter().flat_map(|counters| counters.values().copied())
    }

    /// Puts a transaction under all its signers.
    pub(crate) fn insert(&mut self, tx: &Verified) {
        for signer in &tx.signers {
            self.0.entry(signer.account).or_default().insert(signer.counter, tx.hash);
        }
    }

    /// Takes it away from all of them.
    pub(crate) fn remove(&mut self, tx: &Verified) {
        for signer in &tx.signers {
            let Some(counters) = self.0.get_mut(&signer.account) else { continue };
            if counters.get(&signer.counter) == Some(&tx.hash) {
                counters.remove(&signer.counter);
            }
            if counters.is_empty() {
                self.0.remove(&signer.account);
            }
        }
    }
}

/// Those that are ready, in each queue.
#[derive(Debug, Default)]
pub(crate) struct Ready {
    queues: BTreeMap<QueueKind, BTreeMap<u64, Hash32>>,
    bytes: BTreeMap<QueueKind, usize>,
}

impl Ready {
    /// Puts one into its queue.
    pub(crate) fn insert(&mut self, queue: QueueKind, order: u64, hash: Hash32, bytes: usize) {
        if self.queues.entry(queue).or_default().insert(order, hash).is_none() {
            *self.bytes.entry(queue).or_default() += bytes;
        }
    }

    /// Takes one out.
    pub(crate) fn remove(&mut self, queue: QueueKind, order: u64, bytes: usize) {
        if let Some(hashes) = self.queues.get_mut(&queue)
            && hashes.remove(&order).is_some()
            && let Some(sum) = self.bytes.get_mut(&queue)
        {
            *sum = sum.saturating_sub(bytes);
        }
    }

    /// Takes all out.
    pub(crate) fn clear(&mut self) {
        self.queues.clear();
        self.bytes.clear();
    }

    /// The first of a queue: its order and its hash.
    pub(crate) fn first(&self, queue: QueueKind) -> Option<(u64, Hash32)> {
        self.queues.get(&queue)?.first_key_value().map(|(order, hash)| (*order, *hash))
    }

    /// The first of a queue from this order on.
    pub(crate) fn from(&self, queue: QueueKind, order: u64) -> Option<(u64, Hash32)> {
        self.queues.get(&queue)?.range(order..).next().map(|(order, hash)| (*order, *hash))
    }

    /// About how many bytes a queue's transactions take, at the most.
    pub(crate) fn bytes(&self, queue: QueueKind) -> usize {
        self.bytes.get(&queue).copied().unwrap_or(0)
    }

    /// How many a queue has.
    pub(crate) fn count(&self, queue: QueueKind) -> usize {
        self.queues.get(&queue).map_or(0, BTreeMap::len)
    }
}
