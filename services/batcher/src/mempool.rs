//! Everything that is pending, and what is to be done about it: transactions, batches, rounds, and what became of
//! them. It does nothing itself: it is told what happens and when, and says what is to be done.

mod accept;
mod cosign;
mod ends;
mod fate;
mod head;
mod pack;
mod restore;
mod round;
mod senders;
mod start_over;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;

use encoding::{Hash32, Level, RollupAddress, Tz4Address};

use crate::admission::Verified;
use crate::metrics::Counters;
use crate::moment::Moment;
use crate::options::{Options, Timing};
use crate::pool::{Accounts, Ending, Entry, QueueKind, Ready, Status};
use crate::rounds::proof::ProofJob;
use crate::rounds::seal::SealJob;
use crate::rounds::{Cooldowns, OpenBatch};

pub(crate) use accept::{Offered, away};
pub(crate) use cosign::{CoSigned, Verdicts};
pub(crate) use fate::{Fate, HeadReport};
pub(crate) use restore::Restored;

use senders::Senders;

/// What is to be done.
pub(crate) enum Effect {
    /// The signers that are asked are told of a batch.
    Offer(u64),
    /// The accounts of a transaction are told that it has come further.
    Tell(Hash32),
    /// A batch is sealed.
    Seal(SealJob),
    /// Signatures of a batch are verified.
    Prove(ProofJob),
    /// The node is given messages, in this order.
    Inject(Vec<u64>),
    /// Something gets to the disk, before anybody is told anything.
    Keep(Kept),
    /// Transactions are final, and need not be in memory any longer.
    Final(Vec<Hash32>),
}

/// What gets to the disk.
pub(crate) enum Kept {
    /// A transaction was accepted.
    Accepted(Hash32),
    /// A transaction ended so, as of the head of this level.
    Ended(Hash32, Ending, Level),
    /// A transaction has not ended after all.
    Pending(Hash32),
    /// A batch was sealed, or has come further.
    Batch(u64),
    /// A batch is given up, or final. The level is the head's.
    BatchEnded(Hash32, Level),
}

/// What an operator chose.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    pub(crate) timing: Timing,
    pub(crate) pending: usize,
    pub(crate) pending_per_account: usize,
    pub(crate) gap: u64,
    pub(crate) gap_time: Duration,
}

impl Settings {
    /// Those of these options.
    pub(crate) fn of(options: &Options) -> Self {
        let size = |number| usize::try_from(number).unwrap_or(usize::MAX);
        Settings {
            timing: options.timing,
            pending: size(options.pending),
            pending_per_account: size(options.pending_per_account),
            gap: options.gap.into(),
            gap_time: options.gap_time,
        }
    }
}

/// How far the chain is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Tip {
    /// The head.
    pub(crate) head: Level,
    /// The last final level.
    pub(crate) finalized: Level,
}

/// Everything that is pending.
pub(crate) struct Mempool {
    settings: Settings,
    rollup: RollupAddress,
    counters: Arc<Counters>,
    tip: Option<Tip>,
    entries: HashMap<Hash32, Entry>,
    /// How many of them have not ended.
    pending: usize,
    accounts: Accounts,
    ready: Ready,
    next_order: u64,
    batches: BTreeMap<u64, OpenBatch>,
    ids: HashMap<Hash32, u64>,
    next_batch: u64,
    /// Event streams that sign, by account.
    present: HashMap<Tz4Address, u32>,
    cooldowns: Cooldowns<Tz4Address>,
    /// Those who send signatures of batches.
    senders: Senders,
    /// Those that wait for an earlier counter, by how long.
    gaps: BTreeSet<(Moment, Hash32)>,
    stale: BTreeSet<Hash32>,
    /// Whether the states are those after everything that is pending.
    is_built: bool,
    /// Nothing is packed before this moment, as nothing could be.
    pack_after: Moment,
    /// For a queue that did not fill a message: how many bytes it has to have before that is tried again.
    try_at: BTreeMap<QueueKind, usize>,
    effects: Vec<Effect>,
}

impl Mempool {
    /// One with nothing on it.
    pub(crate) fn new(settings: Settings, rollup: RollupAddress, counters: Arc<Counters>) -> Self {
        Mempool {
            settings,
            rollup,
            counters,
            tip: None,
            entries: HashMap::new(),
            pending: 0,
            accounts: Accounts::default(),
            ready: Ready::default(),
            next_order: 0,
            batches: BTreeMap::new(),
            ids: HashMap::new(),
            next_batch: 0,
            present: HashMap::new(),
            cooldowns: Cooldowns::default(),
            senders: Senders::new(),
            gaps: BTreeSet::new(),
            stale: BTreeSet::new(),
            is_built: false,
            pack_after: Moment::default(),
            try_at: BTreeMap::new(),
            effects: Vec::new(),
        }
    }

    /// What is to be done, in this order.
    pub(crate) fn take_effects(&mut self) -> Vec<Effect> {
        std::mem::take(&mut self.effects)
    }

    /// A transaction that is pending, or not final yet.
    pub(crate) fn entry(&self, hash: &Hash32) -> Option<&Entry> {
        self.entries.get(hash)
    }

    /// A batch by its number.
    pub(crate) fn batch(&self, number: u64) -> Option<&OpenBatch> {
        self.batches.get(&number)
    }

    /// A batch by its digest.
    pub(crate) fn batch_of(&self, id: &Hash32) -> Option<&OpenBatch> {
        self.batches.get(self.ids.get(id)?)
    }

    /// The batches, in the order in which they are sent.
    pub(crate) fn batches(&self) -> impl Iterator<Item = (u64, &OpenBatch)> {
        self.batches.iter().map(|(number, batch)| (*number, batch))
    }

    /// The pending transactions of an account, by counter.
    pub(crate) fn of_account(&self, account: &Tz4Address) -> impl Iterator<Item = &Entry> {
        let hashes: Vec<Hash32> = self.accounts.of(account).collect();
        hashes.into_iter().filter_map(|hash| self.entries.get(&hash))
    }

    /// How many transactions are pending.
    pub(crate) fn pending(&self) -> usize {
        self.pending
    }

    /// How many of them are in no batch.
    pub(crate) fn in_no_batch(&self) -> usize {
        let waits = |status: &Status| !matches!(status, Status::InBatch { .. } | Status::Ended(_));
        self.entries.values().filter(|entry| waits(&entry.status)).count()
    }

    /// How far the chain is, once that is known.
    pub(crate) fn tip(&self) -> Option<Tip> {
        self.tip
    }

    /// The states are lost, or hold only a part: they have to be built again.
    pub(crate) fn lost(&mut self) {
        self.is_built = false;
    }

    /// Those whose results are to be looked for.
    pub(crate) fn stale(&self) -> impl Iterator<Item = Hash32> + '_ {
        self.stale.iter().copied()
    }

    /// An account has another event stream that signs, or one less.
    pub(crate) fn presence(&mut self, account: Tz4Address, is_there: bool, now: Moment) {
        let streams = self.present.entry(account).or_default();
        *streams = if is_there { streams.saturating_add(1) } else { streams.saturating_sub(1) };
        if *streams == 0 {
            self.present.remove(&account);
        }
        let hashes: Vec<Hash32> = self.accounts.of(&account).collect();
        for hash in hashes {
            self.sort_again(&hash, now);
        }
    }

    /// Puts one that is ready into the queue in which it belongs now.
    fn sort_again(&mut self, hash: &Hash32, now: Moment) {
        let Some(entry) = self.entries.get(hash) else { return };
        if entry.status != Status::Ready
            || !matches!(entry.queue, QueueKind::Present | QueueKind::Absent)
        {
            return;
        }
        let (order, bytes, old) = (entry.order, entry.tx.bytes, entry.queue);
        let new = self.queue_of(&entry.tx, now);
        if new != old {
            self.ready.remove(old, order, bytes);
            self.ready.insert(new, order, *hash, bytes);
            if let Some(entry) = self.entries.get_mut(hash) {
                entry.queue = new;
            }
        }
    }

    /// The queue of a transaction that no round has sorted yet.
    fn queue_of(&self, tx: &Verified, now: Moment) -> QueueKind {
        let all = tx.signers.iter().all(|signer| self.is_asked(&signer.account, now));
        if all { QueueKind::Present } else { QueueKind::Absent }
    }

    /// Whether an account is asked to sign batches now.
    fn is_asked(&self, account: &Tz4Address, now: Moment) -> bool {
        self.present.contains_key(account) && !self.cooldowns.is_cooling(account, now)
    }

    fn effect(&mut self, effect: Effect) {
        self.effects.push(effect);
    }

    fn keep(&mut self, kept: Kept) {
        self.effects.push(Effect::Keep(kept));
    }
}
