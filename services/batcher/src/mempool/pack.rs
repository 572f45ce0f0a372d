//! Packing: as many transactions as a message has room for, in an order in which the kernel applies them all.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use client::Builder;
use encoding::{AccountIndex, Counter, Hash32, Level, Tz4Address};
use inbox::v2::Batch;

use super::{Effect, Mempool};
use crate::admission::Verified;
use crate::limits::{AFTER_REFUSAL, INDIVIDUAL_PER_BATCH, PASSED_OVER};
use crate::metrics;
use crate::moment::Moment;
use crate::pool::{Away, QueueKind, Sim, Status, Verdict};
use crate::rounds::{Form, GivenSignatures, OpenBatch, Progress, Signing, Size};

/// Lanes that are packed together, the first of which says what kind of batch it is.
const KINDS: [&[QueueKind]; 3] =
    [&[QueueKind::Alone], &[QueueKind::Second], &[QueueKind::Present, QueueKind::Absent]];

/// So many batches of the same transactions have digests of their own at one head, whatever was made at others.
const BATCHES_PER_HEAD: i32 = 64;

/// Transactions that are to share a batch.
#[derive(Default)]
struct Choice {
    chosen: Vec<(Arc<Verified>, Form)>,
    /// Whether there was no room for more.
    is_full: bool,
}

impl Mempool {
    /// Makes batches of what is ready: of what fills a message, and of what has waited long enough.
    pub(super) fn pack(&mut self, now: Moment, sim: &mut dyn Sim) -> Result<(), Away> {
        if now < self.pack_after || !self.is_built {
            return Ok(());
        }
        for queues in KINDS {
            while let Some(is_due) = self.may_pack(queues, now) {
                let choice = self.choose(queues, now);
                if !is_due && !choice.is_full {
                    // Not before there is so much more as the message has room for.
                    let bytes: usize = queues.iter().map(|queue| self.ready.bytes(*queue)).sum();
                    let room = Size::ROOM.saturating_sub(self.size_of(&choice));
                    self.try_at.insert(queues[0], bytes.saturating_add(room));
                    break;
                }
                if !self.make_batch(&choice, queues[0], now, sim)? {
                    // What is ready waits for something that is not in a batch yet.
                    self.pack_after = now.plus(self.settings.timing.max_wait);
                    break;
                }
                self.try_at.remove(&queues[0]);
            }
        }
        Ok(())
    }

    /// Whether a batch of these queues may be made: `Some(true)` if one has to be.
    fn may_pack(&self, queues: &[QueueKind], now: Moment) -> Option<bool> {
        let first = queues.iter().filter_map(|queue| self.ready.first(*queue)).min()?;
        let since = self.entries.get(&first.1)?.since;
        // Those that have been in a round wait for nobody.
        let is_due = matches!(queues[0], QueueKind::Alone | QueueKind::Second)
            || now >= since.plus(self.settings.timing.max_wait);
        let bytes: usize = queues.iter().map(|queue| self.ready.bytes(*queue)).sum();
        let individual = self.ready.count(QueueKind::Absent);
        let enough = self.try_at.get(&queues[0]).copied().unwrap_or(Size::ROOM);
        let is_much = bytes >= enough
            || (queues.contains(&QueueKind::Absent) && individual > INDIVIDUAL_PER_BATCH);
        (is_due || is_much).then_some(is_due)
    }

    /// When a batch has to be made of what is ready.
    pub(super) fn pack_at(&self) -> Option<Moment> {
        let queues = KINDS.into_iter().flatten();
        let firsts = queues.filter_map(|queue| {
            let (_, hash) = self.ready.first(*queue)?;
            let since = self.entries.get(&hash)?.since;
            Some(match queue {
                QueueKind::Alone | QueueKind::Second => since,
                QueueKind::Present | QueueKind::Absent => since.plus(self.settings.timing.max_wait),
            })
        });
        firsts.min().filter(|_| self.is_built).map(|at| at.max(self.pack_after))
    }

    /// Chooses transactions in the order in which they became ready, as long as there is room.
    fn choose(&self, queues: &[QueueKind], now: Moment) -> Choice {
        let mut size = Size::default();
        let mut choice = Choice::default();
        let mut individual = 0;
        let mut passed_over = 0;
        let mut most = usize::MAX;
        let mut next: Vec<(QueueKind, u64)> = queues.iter().map(|queue| (*queue, 0)).collect();
        loop {
            let candidates = next.iter().enumerate().filter_map(|(at, (queue, from))| {
                self.ready.from(*queue, *from).map(|(order, hash)| (order, hash, at))
            });
            let Some((order, hash, at)) = candidates.min() else { break };
            if let Some((_, from)) = next.get_mut(at) {
                *from = order + 1;
            }
            let Some(entry) = self.entries.get(&hash) else { continue };
            if choice.chosen.is_empty() && entry.refusals > 0 {
                // Something in a batch of which it was part is wrong: smaller and smaller ones find it.
                most = (AFTER_REFUSAL >> (2 * u32::from(entry.refusals - 1)).min(31)).max(1);
            }
            let silent = match entry.queue {
                QueueKind::Alone => entry.tx.signers.len(),
                _ => {
                    entry.tx.signers.iter().filter(|one| !self.is_asked(&one.account, now)).count()
                }
            };
            if silent > INDIVIDUAL_PER_BATCH && choice.chosen.is_empty() {
                // It shares a batch with nothing, and holds nothing up.
                let alone = vec![(Arc::clone(&entry.tx), Form::Transaction)];
                choice = Choice { chosen: alone, is_full: true };
                break;
            }
            if individual + silent > INDIVIDUAL_PER_BATCH {
                choice.is_full = true;
                // All others of that queue have somebody who is not asked.
                match entry.queue {
                    QueueKind::Absent => next.retain(|(queue, _)| *queue != QueueKind::Absent),
                    _ => passed_over += 1,
                }
                if next.is_empty() || passed_over > PASSED_OVER {
                    break;
                }
                continue;
            }
            match size.add(&entry.tx) {
                Some(form) => {
                    individual += silent;
                    choice.chosen.push((Arc::clone(&entry.tx), form));
                    if choice.chosen.len() >= most {
                        choice.is_full = true;
                        break;
                    }
                }
                None if choice.chosen.is_empty() => {
                    // No message has room for it: that is found when it is sealed.
                    let alone = vec![(Arc::clone(&entry.tx), Form::Transaction)];
                    choice = Choice { chosen: alone, is_full: true };
                    break;
                }
                None => {
                    choice.is_full = true;
                    passed_over += 1;
                    if passed_over > PASSED_OVER {
                        break;
                    }
                }
            }
        }
        choice
    }

    fn size_of(&self, choice: &Choice) -> usize {
        let mut size = Size::default();
        for (tx, _) in &choice.chosen {
            size.add(tx);
        }
        size.bytes()
    }

    /// A batch with a digest that no message before it had, and that digest. What was in a message that was refused
    /// may come into another one in the same order. One digest would stand for both, and what became of the first one
    /// would be taken for the end of the second. So such a batch has a last level: one that is after those of all its
    /// transactions, so that it changes nothing but the digest, and another one at each head.
    fn unlike_others(&self, mut batch: Batch, order: &[Arc<Verified>]) -> (Batch, Hash32) {
        let entries = order.iter().filter_map(|tx| self.entries.get(&tx.hash));
        let head = self.tip.map_or(0, |tip| tip.head.0);
        let (mut is_new, mut age) = (false, 0);
        for entry in entries {
            is_new |= !entry.was_sealed;
            age = age.max(head.saturating_sub(entry.received.0));
        }
        let last = order.iter().map(|tx| tx.expires.0).max().unwrap_or_default();
        let mut last = last.saturating_add(age.saturating_mul(BATCHES_PER_HEAD)).saturating_add(1);
        if !is_new {
            batch.expires = Some(Level(last));
        }
        loop {
            let id = batch.signing_payload(&self.rollup).digest;
            if !self.ids.contains_key(&id) || last == i32::MAX {
                return (batch, id);
            }
            batch.expires = Some(Level(last));
            last = last.saturating_add(1);
        }
    }

    /// Makes a batch of a choice, without those that the kernel would not apply in the batch's own order: they wait
    /// for the next one. Returns whether there was anything left.
    fn make_batch(
        &mut self,
        choice: &Choice,
        kind: QueueKind,
        now: Moment,
        sim: &mut dyn Sim,
    ) -> Result<bool, Away> {
        let (_, order) = build(&choice.chosen);
        let mut applied = BTreeSet::new();
        for tx in &order {
            if sim.apply(tx)? == Verdict::Applied {
                applied.insert(tx.hash);
            }
        }
        let mut chosen: Vec<(Arc<Verified>, Form)> = choice.chosen.clone();
        chosen.retain(|(tx, _)| applied.contains(&tx.hash));
        if chosen.is_empty() {
            return Ok(false);
        }
        let (batch, order) = build(&chosen);
        let (batch, id) = self.unlike_others(batch, &order);
        let number = self.next_batch;
        self.next_batch += 1;
        let mut signings = Vec::new();
        let mut asked = BTreeSet::new();
        let mut transactions = Vec::with_capacity(order.len());
        for (transaction, tx) in (0..).zip(&order) {
            for (operation, signer) in (0..).zip(&tx.signers) {
                let account = signer.account;
                signings.push(Signing { transaction, operation, account });
                if kind != QueueKind::Alone && self.is_asked(&account, now) {
                    asked.insert(account);
                }
            }
            transactions.push(tx.hash);
            if let Some(entry) = self.entries.get_mut(&tx.hash) {
                self.ready.remove(entry.queue, entry.order, entry.tx.bytes);
                entry.status = Status::InBatch { batch: number, number: transaction };
            }
        }
        let second = kind == QueueKind::Second;
        let round = self.settings.timing.round;
        let deadline = match asked.is_empty() {
            true => now,
            false => now.plus(if second { round / 2 } else { round }),
        };
        let content = content_of(&batch);
        let offered = !asked.is_empty();
        let open = OpenBatch {
            id,
            batch: Arc::new(batch),
            content: content.into(),
            transactions: transactions.clone(),
            signings,
            asked,
            second,
            closes: deadline,
            given: GivenSignatures::default(),
            answered: 0,
            right: 0,
            is_proving: false,
            progress: Progress::Offered,
            message: None,
            individual: Vec::new(),
            individual_transactions: BTreeSet::new(),
            message_id: None,
            attempts: 0,
            not_before: Moment::default(),
        };
        self.ids.insert(open.id, number);
        self.batches.insert(number, open);
        if offered {
            metrics::add(&self.counters.offered, 1);
            self.effect(Effect::Offer(number));
            transactions.into_iter().for_each(|hash| self.effect(Effect::Tell(hash)));
        } else {
            self.close(number);
        }
        Ok(true)
    }
}

/// The batch of a choice, and its transactions by their numbers.
fn build(chosen: &[(Arc<Verified>, Form)]) -> (Batch, Vec<Arc<Verified>>) {
    let mut builder = Builder::new();
    let mut rows: BTreeMap<(AccountIndex, Counter), &Arc<Verified>> = BTreeMap::new();
    let mut others = Vec::new();
    let mut registered: BTreeSet<Tz4Address> = BTreeSet::new();
    for (tx, form) in chosen {
        for signer in &tx.signers {
            if let Some(registration) = signer.registration
                && registered.insert(signer.account)
            {
                builder = builder.registration(registration);
            }
        }
        match (&tx.row, form) {
            (Some(form), Form::Row) => {
                let row = &form.row;
                rows.insert((row.transfer.signer, row.transfer.counter), tx);
                builder = builder.transfer(&row.ticket, row.expires, row.transfer);
            }
            _ => {
                others.push(Arc::clone(tx));
                builder = builder.transaction(tx.transaction.clone());
            }
        }
    }
    let batch = builder.build();
    let in_groups = batch.transfer_groups.iter().flat_map(|group| &group.transfers);
    let in_groups = in_groups.filter_map(|one| rows.get(&(one.signer, one.counter)));
    let order = in_groups.map(|tx| Arc::clone(tx)).chain(others).collect();
    (batch, order)
}

/// What the signers of a batch sign: it has no signature yet.
pub(super) fn content_of(batch: &Batch) -> Vec<u8> {
    debug_assert!(batch.signature.is_none());
    batch.encode()
}
