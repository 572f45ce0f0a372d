//! Taking a transaction in: in the order of counters, and as the kernel would take it after all that is pending.

use std::sync::Arc;

use batcher_api::{ApiError, Code, Receipt};
use encoding::{Hash32, Level};
use layer1::plain::grouped;
use tx_kernel::results::{Outcome, ResultCode};

use super::{Effect, Kept, Mempool};
use crate::admission::Verified;
use crate::error::Refused;
use crate::metrics;
use crate::moment::Moment;
use crate::pool::{Away, Entry, QueueKind, Sims, Status, Verdict};

/// A transaction that is to be taken in, with the receipt that its submitter gets then.
pub(crate) struct Offered {
    pub(crate) tx: Arc<Verified>,
    pub(crate) received: Level,
    pub(crate) promised: Level,
    pub(crate) receipt: Arc<Receipt>,
}

impl Mempool {
    /// Takes a transaction in, or says why not; then nothing is kept of it. One that is there already stays as it is.
    pub(crate) fn accept(
        &mut self,
        offered: Offered,
        now: Moment,
        sims: &mut Sims<'_>,
    ) -> Result<(), Refused> {
        let Offered { tx, received, promised, receipt } = offered;
        if self.entries.contains_key(&tx.hash) {
            return Ok(());
        }
        self.has_room(&tx)?;
        if !self.is_built && self.tip.is_some() {
            self.build(now, sims);
        }
        if !self.is_built {
            return Err(away(&Away("it has not told its state yet".to_owned())));
        }
        let verdict = match sims.pending.apply(&tx) {
            Ok(verdict) => verdict,
            Err(error) => {
                self.lost();
                return Err(away(&error));
            }
        };
        let status = match verdict {
            Verdict::Applied => Status::Ready,
            Verdict::CounterAhead { account, expected, provided } => {
                let ahead = provided.get().saturating_sub(expected.get());
                if ahead > self.settings.gap {
                    let message = format!(
                        "counter {provided}, but the next one is {expected}: at most {} ahead wait",
                        self.settings.gap
                    );
                    let error = ApiError::new(Code::GapTooWide, message);
                    let error = error.with("expected", expected).with("provided", provided);
                    return Err(error.with("limit", self.settings.gap).into());
                }
                let until = now.plus(self.settings.gap_time);
                Status::AwaitsCounter { until, account, counter: expected }
            }
            Verdict::CounterBehind { expected, provided } => {
                return Err(kernels(&counter_mismatch(expected.get(), provided.get())).into());
            }
            Verdict::Expired(outcomes) | Verdict::Refused(outcomes) => {
                return Err(kernels(&own_fault(&outcomes)).into());
            }
        };
        let entry = Entry {
            received,
            promised,
            receipt,
            since: now,
            status: status.clone(),
            order: 0,
            queue: QueueKind::default(),
            why: None,
            refusals: 0,
            unsealable: false,
            was_sealed: false,
            tx: Arc::clone(&tx),
        };
        self.pending += 1;
        self.accounts.insert(&tx);
        self.entries.insert(tx.hash, entry);
        metrics::add(&self.counters.accepted, 1);
        self.keep(Kept::Accepted(tx.hash));
        self.effect(Effect::Tell(tx.hash));
        match status {
            Status::AwaitsCounter { until, .. } => {
                self.gaps.insert((until, tx.hash));
            }
            _ => {
                self.make_ready(&tx.hash, now);
                self.promote_after(&tx, now, sims);
            }
        }
        Ok(())
    }

    /// Whether there is room for another transaction of these signers, with these counters.
    fn has_room(&self, tx: &Verified) -> Result<(), Refused> {
        for signer in &tx.signers {
            if let Some(other) = self.accounts.at(&signer.account, signer.counter) {
                let message = format!(
                    "another transaction of {} with counter {} is pending",
                    signer.account, signer.counter
                );
                let error = ApiError::new(Code::CounterTaken, message);
                return Err(error.with("hash", other).with("counter", signer.counter).into());
            }
            if self.accounts.count(&signer.account) >= self.settings.pending_per_account {
                let limit = self.settings.pending_per_account;
                let message =
                    format!("{} has {} transactions pending", signer.account, grouped(limit));
                let error = ApiError::new(Code::TooManyPendingOfAccount, message);
                return Err(error.with("limit", limit).into());
            }
        }
        if self.pending >= self.settings.pending {
            return Err(Refused::busy("too many transactions are pending"));
        }
        Ok(())
    }

    /// Puts a transaction at the end of those that are ready.
    pub(super) fn make_ready(&mut self, hash: &Hash32, now: Moment) {
        let order = self.next_order;
        let Some(entry) = self.entries.get(hash) else { return };
        let queue = match entry.queue {
            QueueKind::Alone | QueueKind::Second => entry.queue,
            QueueKind::Present | QueueKind::Absent => self.queue_of(&entry.tx, now),
        };
        let Some(entry) = self.entries.get_mut(hash) else { return };
        // One that is ready already keeps its place.
        if entry.order == 0 {
            self.next_order += 1;
            entry.order = order + 1;
        }
        entry.status = Status::Ready;
        entry.queue = queue;
        let (order, bytes) = (entry.order, entry.tx.bytes);
        self.ready.insert(queue, order, *hash, bytes);
    }

    /// Looks whether those that waited for the counters of a transaction are next.
    pub(super) fn promote_after(&mut self, tx: &Verified, now: Moment, sims: &mut Sims<'_>) {
        let mut applied = vec![self.next_of(tx)];
        while let Some(next) = applied.pop() {
            for hash in next {
                let Some(entry) = self.entries.get(&hash) else { continue };
                let Status::AwaitsCounter { until, .. } = entry.status else { continue };
                let tx = Arc::clone(&entry.tx);
                self.gaps.remove(&(until, hash));
                match self.settle(&tx, now, sims) {
                    Ok(true) => applied.push(self.next_of(&tx)),
                    Ok(false) => {}
                    Err(_) => return self.lost(),
                }
                self.effect(Effect::Tell(hash));
            }
        }
    }

    /// The transactions that come next after this one, each of one of its signers.
    fn next_of(&self, tx: &Verified) -> Vec<Hash32> {
        let next = tx
            .signers
            .iter()
            .filter_map(|signer| self.accounts.at(&signer.account, signer.counter.next()?));
        next.collect()
    }

    /// Applies a transaction after all that are ready, and puts it where it belongs. Returns whether it was applied.
    pub(super) fn settle(
        &mut self,
        tx: &Verified,
        now: Moment,
        sims: &mut Sims<'_>,
    ) -> Result<bool, Away> {
        let verdict = sims.pending.apply(tx)?;
        let head = self.tip.map_or(Level(0), |tip| tip.head);
        let waits = now.plus(self.settings.gap_time);
        let Some(entry) = self.entries.get_mut(&tx.hash) else { return Ok(false) };
        let before = entry.status.clone();
        let status = match verdict {
            Verdict::Applied => {
                entry.why = None;
                self.stale.remove(&tx.hash);
                self.make_ready(&tx.hash, now);
                return Ok(true);
            }
            Verdict::CounterAhead { account, expected, .. } => {
                let until = match before {
                    Status::AwaitsCounter { until, .. } => until,
                    _ => waits,
                };
                self.gaps.insert((until, tx.hash));
                Status::AwaitsCounter { until, account, counter: expected }
            }
            Verdict::CounterBehind { expected, provided } => {
                let outcome = counter_mismatch(expected.get(), provided.get());
                entry.why = Some(kernels(&outcome));
                Status::Stale { since: since(&before, head), expired: false }
            }
            Verdict::Expired(outcomes) => {
                entry.why = Some(kernels(&own_fault(&outcomes)));
                Status::Stale { since: since(&before, head), expired: true }
            }
            Verdict::Refused(outcomes) => {
                entry.why = Some(kernels(&own_fault(&outcomes)));
                Status::Failing { since: since(&before, head) }
            }
        };
        match status {
            Status::Stale { .. } => self.stale.insert(tx.hash),
            _ => self.stale.remove(&tx.hash),
        };
        // If it becomes ready later, what it needs has become ready before it.
        entry.order = 0;
        entry.status = status;
        Ok(false)
    }
}

/// Since which head a transaction is where it is.
fn since(before: &Status, head: Level) -> Level {
    match before {
        Status::Stale { since, .. } | Status::Failing { since } => *since,
        _ => head,
    }
}

fn counter_mismatch(expected: u64, provided: u64) -> Outcome {
    Outcome::new(ResultCode::CounterMismatch, expected, provided)
}

/// The result of the operation that is at fault.
fn own_fault(outcomes: &[Outcome]) -> Outcome {
    let other = |outcome: &&Outcome| {
        let code = outcome.code;
        ![ResultCode::Applied, ResultCode::RolledBack, ResultCode::StaleSibling].contains(&code)
    };
    outcomes.iter().find(other).copied().unwrap_or(Outcome::plain(ResultCode::RolledBack))
}

/// A result of the kernel as an error: its code's name, its values by theirs, and its sentence.
pub(crate) fn kernels(outcome: &Outcome) -> ApiError {
    let values = explain::outcome::values_in_decimal(outcome);
    ApiError {
        code: outcome.code.name().to_owned(),
        message: explain::outcome::sentence(outcome),
        values: values.into_iter().map(|(name, value)| (name.to_owned(), value)).collect(),
    }
}

/// The node does not tell what has to be known.
pub(crate) fn away(error: &Away) -> Refused {
    Refused::new(Code::NodeAway, format!("the rollup node is away: {error}")).after(1)
}
