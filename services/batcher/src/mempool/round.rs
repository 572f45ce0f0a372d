//! A round: signatures come in until all have signed, a quorum has and a window is over, or the deadline is there.
//! Nobody is waited for longer.

use std::collections::BTreeSet;
use std::sync::Arc;

use batcher_api::{ApiError, Code};
use bls::{PublicKey, Signature};
use encoding::{Level, Tz4Address};

use super::{Effect, Kept, Mempool};
use crate::limits::{
    INJECTION_PAUSE, MAX_INJECTION_PAUSE, MESSAGES_PER_INJECTION, UNHEARD_SIGNERS,
};
use crate::metrics;
use crate::moment::Moment;
use crate::pool::{QueueKind, Sims, Status};
use crate::rounds::seal::{SealJob, Sealing, Unsealed};
use crate::rounds::{OpenBatch, Progress, Signing};

impl Mempool {
    /// Time has come so far.
    pub(crate) fn tick(&mut self, now: Moment, sims: &mut Sims<'_>) {
        self.end_gaps(now);
        let closing = |batch: &OpenBatch| {
            batch.progress == Progress::Offered
                && (now >= batch.closes || batch.right >= batch.asked.len())
        };
        let due: Vec<u64> = self
            .batches
            .iter()
            .filter(|(_, batch)| closing(batch))
            .map(|(number, _)| *number)
            .collect();
        for number in due {
            self.close(number);
        }
        if !self.is_built && self.tip.is_some() {
            self.build(now, sims);
        }
        if self.pack(now, sims.batches).is_err() {
            self.lost();
        }
        self.inject(now);
    }

    /// When the next tick is due, if nothing happens before.
    pub(crate) fn next_tick(&self) -> Option<Moment> {
        let open = self.batches.values().filter(|batch| batch.progress == Progress::Offered);
        let closes = open.map(|batch| batch.closes);
        let gap = self.gaps.first().map(|(until, _)| *until);
        closes.chain(self.inject_at()).chain(self.pack_at()).chain(gap).min()
    }

    /// When the node is given messages next, if only time is missing: not while a batch that was made before is open,
    /// or messages are on their way, or there is no head.
    fn inject_at(&self) -> Option<Moment> {
        self.tip?;
        let waits = |batch: &&OpenBatch| {
            matches!(
                batch.progress,
                Progress::Offered | Progress::Closing | Progress::Sealed | Progress::Injecting
            )
        };
        let next = self.batches.values().find(waits)?;
        (next.progress == Progress::Sealed).then_some(next.not_before)
    }

    /// A batch takes no more signatures: it is sealed, as far as those that it has are right.
    pub(super) fn close(&mut self, number: u64) {
        let Some(batch) = self.batches.get_mut(&number) else { return };
        batch.progress = Progress::Closing;
        let (right, open) = batch.given.take();
        let content = Arc::clone(&batch.batch);
        let Some(batch) = self.batches.get(&number) else { return };
        let signings = self.signings(batch);
        let job = SealJob { batch: number, content, rollup: self.rollup, signings, right, open };
        self.effects.push(Effect::Seal(job));
    }

    /// Who signs in a batch, with which key, and their own signatures: in the order of its signings.
    pub(super) fn signings(&self, batch: &OpenBatch) -> Vec<(Tz4Address, PublicKey, Signature)> {
        let signer = |signing: &Signing| {
            let transaction = usize::try_from(signing.transaction).ok()?;
            let operation = usize::try_from(signing.operation).ok()?;
            let entry = self.entries.get(batch.transactions.get(transaction)?)?;
            let signer = entry.tx.signers.get(operation)?;
            Some((signer.account, signer.key, signer.signature))
        };
        batch.signings.iter().filter_map(signer).collect()
    }

    /// A batch was sealed, or there is no message of it.
    pub(crate) fn sealed(&mut self, sealing: Sealing, now: Moment) {
        let Sealing { batch: number, wrong, right, sealed } = sealing;
        wrong.into_iter().for_each(|from| self.has_sent_wrong(from, now));
        right.iter().for_each(|account| self.cooldowns.right(account));
        let closing = |batch: &&mut OpenBatch| batch.progress == Progress::Closing;
        let Some(batch) = self.batches.get_mut(&number).filter(closing) else { return };
        // Whoever has given nothing that is right was silent, unless it could not be verified.
        let is_silent =
            |account: &&Tz4Address| !right.contains(*account) && !batch.given.is_contested(account);
        let silent: Vec<Tz4Address> = batch.asked.iter().filter(is_silent).copied().collect();
        let is_heard = batch.asked.iter().any(|account| right.contains(account));
        metrics::add(&self.counters.silent, silent.len());
        // Where nobody has answered, the offer has not reached anybody in time: the machine is busy, or the network.
        if is_heard || silent.len() < UNHEARD_SIGNERS {
            silent.iter().for_each(|account| self.cooldowns.silent(*account, now));
        }
        let (message, individual) = match sealed {
            Ok(sealed) => sealed,
            Err(Unsealed::TooManyAlone(_)) if !batch.asked.is_empty() => {
                return self.split(number, &right);
            }
            Err(unsealed) => return self.unsealed(number, &unsealed),
        };
        metrics::add(&self.counters.sealed, 1);
        metrics::add(&self.counters.sealed_bytes, message.len());
        metrics::add(&self.counters.sealed_transactions, batch.transactions.len());
        metrics::add(&self.counters.sealed_signings, batch.signings.len());
        metrics::add(&self.counters.individual_signings, individual.len());
        batch.seal(message, individual);
        let hashes = batch.transactions.clone();
        let mut waited = 0;
        for hash in &hashes {
            if let Some(entry) = self.entries.get_mut(hash) {
                entry.was_sealed = true;
                let time = now.since(entry.since).as_millis();
                waited += usize::try_from(time).unwrap_or(usize::MAX);
            }
        }
        metrics::add(&self.counters.sealing_ms, waited);
        self.keep(Kept::Batch(number));
        hashes.into_iter().for_each(|hash| self.effect(Effect::Tell(hash)));
        self.inject(now);
    }

    /// Gives a batch back: those who answered get one more, shorter round, and the others go where nobody is asked. In
    /// the second round all do.
    fn split(&mut self, number: u64, answered: &BTreeSet<Tz4Address>) {
        let Some(batch) = self.batches.remove(&number) else { return };
        self.ids.remove(&batch.id);
        for hash in &batch.transactions {
            let entry = self.entries.get_mut(hash).filter(|entry| entry.is_in(number));
            // A message that had it before may have been applied meanwhile.
            let Some(entry) = entry else { continue };
            let signers = entry.tx.signers.iter();
            let all = signers.map(|signer| &signer.account).all(|one| answered.contains(one));
            entry.queue = if all && !batch.second { QueueKind::Second } else { QueueKind::Alone };
            entry.status = Status::Ready;
            self.effects.push(Effect::Tell(*hash));
        }
        // Their order is another one now.
        self.lost();
    }

    /// There is no message of a batch, and another round would not make one. What was in it goes into smaller and
    /// smaller batches in which nobody is asked; one that cannot even be alone in a message is dropped.
    fn unsealed(&mut self, number: u64, unsealed: &Unsealed) {
        let Some(batch) = self.batches.remove(&number) else { return };
        self.ids.remove(&batch.id);
        metrics::add(&self.counters.unsealed, 1);
        let message = format!("the transaction cannot be put into a message: {unsealed}");
        let why = ApiError::new(Code::TooLarge, message);
        let head = self.tip.map_or(Level(0), |tip| tip.head);
        let may_be_applied = self.may_be_applied();
        for hash in &batch.transactions {
            let entry = self.entries.get_mut(hash).filter(|entry| entry.is_in(number));
            // A message that had it before may have been applied meanwhile.
            let Some(entry) = entry else { continue };
            entry.why = Some(why.clone());
            if batch.transactions.len() == 1 {
                if may_be_applied.contains(hash) {
                    // A message that had it before may still be applied on another branch. Once none can be any more,
                    // it is dropped as all are that fail for so long.
                    entry.unsealable = true;
                    entry.status = Status::Failing { since: head };
                    self.effects.push(Effect::Tell(*hash));
                } else {
                    self.drop_entry(hash);
                }
                continue;
            }
            entry.queue = QueueKind::Alone;
            entry.status = Status::Ready;
            entry.refusals = entry.refusals.saturating_add(1);
            self.effects.push(Effect::Tell(*hash));
        }
        self.lost();
    }

    /// Has the node be given the messages that are next: a batch goes after all batches that were made before it, as
    /// it may need what these do.
    pub(super) fn inject(&mut self, now: Moment) {
        let mut numbers = Vec::new();
        for (number, batch) in &self.batches {
            match batch.progress {
                Progress::Offered | Progress::Closing => break,
                Progress::Sealed if now < batch.not_before => break,
                Progress::Sealed => numbers.push(*number),
                Progress::Injecting => return,
                Progress::Sent { .. }
                | Progress::Included(_)
                | Progress::Accepted(_)
                | Progress::Refused(_) => {}
            }
            if numbers.len() >= MESSAGES_PER_INJECTION {
                break;
            }
        }
        if numbers.is_empty() || self.tip.is_none() {
            return;
        }
        for number in &numbers {
            if let Some(batch) = self.batches.get_mut(number) {
                batch.progress = Progress::Injecting;
                batch.attempts = batch.attempts.saturating_add(1);
                let counter = match batch.message_id {
                    None => &self.counters.injected,
                    Some(_) => &self.counters.injected_again,
                };
                metrics::add(counter, 1);
            }
        }
        self.effect(Effect::Inject(numbers));
    }

    /// The node has taken messages, with these ids, or has not.
    pub(crate) fn injected(
        &mut self,
        numbers: &[u64],
        ids: Option<&[Option<String>]>,
        now: Moment,
    ) {
        let head = self.tip.map_or(Level(0), |tip| tip.head);
        for (at, number) in numbers.iter().enumerate() {
            let Some(batch) = self.batches.get_mut(number) else { continue };
            if batch.progress != Progress::Injecting {
                continue;
            }
            match ids {
                Some(ids) => {
                    batch.progress = Progress::Sent { since: head };
                    let id = ids.get(at).cloned().flatten();
                    batch.message_id = id.or(batch.message_id.take());
                    let hashes = batch.transactions.clone();
                    self.effects.push(Effect::Keep(Kept::Batch(*number)));
                    self.effects.extend(hashes.into_iter().map(Effect::Tell));
                }
                None => {
                    batch.progress = Progress::Sealed;
                    let doubled = 1 << batch.attempts.saturating_sub(1).min(8);
                    let pause = INJECTION_PAUSE.saturating_mul(doubled).min(MAX_INJECTION_PAUSE);
                    batch.not_before = now.plus(pause);
                }
            }
        }
        self.inject(now);
    }

    /// Those who have waited too long for an earlier counter are dropped.
    fn end_gaps(&mut self, now: Moment) {
        let mut may_be_applied = None;
        while let Some((until, hash)) = self.gaps.first().copied() {
            if now < until {
                return;
            }
            self.gaps.pop_first();
            let status = self.entries.get(&hash).map(|entry| &entry.status);
            let Some(&Status::AwaitsCounter { account, counter, .. }) = status else { continue };
            let is_out =
                may_be_applied.get_or_insert_with(|| self.may_be_applied()).contains(&hash);
            let Some(entry) = self.entries.get_mut(&hash) else { continue };
            if is_out {
                let until = now.plus(self.settings.gap_time);
                entry.status = Status::AwaitsCounter { until, account, counter };
                self.gaps.insert((until, hash));
                continue;
            }
            let provided = entry.tx.signers.iter().find(|signer| signer.account == account);
            let provided = provided.map_or(counter, |signer| signer.counter);
            let message = format!(
                "counter {provided} of {account} has waited too long for counter {counter}"
            );
            let error = ApiError::named("COUNTER_MISMATCH", message);
            entry.why = Some(error.with("expected", counter).with("provided", provided));
            self.drop_entry(&hash);
        }
    }
}
