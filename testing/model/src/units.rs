//! The model's rules of what a level can afford: units, classes of price, batches that wait, and those that
//! may not.

use std::cmp::Reverse;
use std::collections::VecDeque;

use crate::outcome::{CodeAndValues, MessageIndex};
use crate::parsed::{Ask, Sent, Work};
use crate::state::{Deferred, Model};
use crate::v2::{MOST_INDIVIDUAL, Verdict};

/// Units of a level.
const BUDGET: usize = 640;
/// Batches that may wait.
const MAY_WAIT: usize = 150;
/// The highest class.
const TOP_CLASS: u32 = 10;
/// New keys for a unit.
const KEYS_PER_GAS: usize = 7;
/// Units that the last steps cost, and a signature that is no point.
const END: usize = 2;
const NO_POINT: usize = 1;

/// A message of this level whose turn is to come.
#[derive(Clone, Debug)]
pub struct Asking {
    message_index: MessageIndex,
    work: Work,
    /// What its bytes say: units at most, and its class.
    price: Option<(usize, u32)>,
}

impl Sent {
    /// What this message asks for, on a rollup that accepts v1 or does not.
    pub fn asks(&self, message_index: MessageIndex, work: Work, accept_v1: bool) -> Asking {
        let units = work.units().filter(|_| accept_v1 || !matches!(work, Work::V1(_)));
        let class = |units: usize| (self.bytes.len() / units).max(1).ilog2().min(TOP_CLASS);
        Asking { message_index, work, price: units.map(|units| (units, class(units))) }
    }
}

impl Work {
    /// The most units that its bytes can ask for, if they are a good message.
    fn units(&self) -> Option<usize> {
        match self {
            Work::Request(Ask { wrong: Some((300, ..)), .. }) => None,
            Work::Request(_) => Some(1 + END),
            Work::V1(batch) if batch.version != 0 || batch.wrong_at.is_some() => None,
            Work::V1(batch) => {
                let all = || batch.transactions.iter().flatten();
                let shown = all().filter(|one| one.key.is_some()).count();
                Some(all().count() + END + shown.div_ceil(KEYS_PER_GAS))
            }
            Work::V2(batch) if batch.wrong_at.is_some() => None,
            Work::V2(batch) => {
                let individually_signed: Vec<bool> = batch
                    .transactions
                    .iter()
                    .flat_map(|one| one.operations.iter().map(|one| one.individually_signed))
                    .collect();
                let own = individually_signed
                    .iter()
                    .filter(|individually_signed| **individually_signed)
                    .count();
                let together = individually_signed.len() - own;
                let of_batch = if together > 0 { 1 + together.div_ceil(1_024) } else { 0 };
                let keys = batch.registrations.len();
                (own <= MOST_INDIVIDUAL).then_some(own + of_batch + keys + END + keys.div_ceil(3))
            }
        }
    }
}

/// A level's budget, and what of it is spoken for.
struct Level {
    left: usize,
    new: VecDeque<Asking>,
}

impl Level {
    /// Whether so many units can be spent on something of a class, with all that is to come or waits in
    /// higher ones still to be paid for.
    fn affords(&self, units: usize, class: u32, pending: &[Deferred]) -> bool {
        let new = self.new.iter().filter_map(|one| one.price);
        let all = new.chain(pending.iter().map(|one| (one.units, one.class)));
        let above: usize = all.filter(|(_, other)| *other > class).map(|(units, _)| units).sum();
        units == 0 || units + above <= self.left
    }
}

impl Model {
    /// Verifies and applies what is signed, as far as the level can afford it.
    pub fn verify_and_apply(&mut self, new: VecDeque<Asking>) {
        let mut level = Level { left: BUDGET, new };
        loop {
            let due = (0..self.deferred.len()).find(|at| {
                let Deferred { units, class, .. } = self.deferred[*at];
                level.affords(units, class, &self.deferred)
            });
            let best = |all: &[Deferred]| {
                let fits = (0..all.len()).filter(|at| all[*at].units <= level.left);
                fits.max_by_key(|at| (all[*at].class, Reverse(*at)))
            };
            if let Some(at) = due {
                let Deferred { message_index, work, .. } = self.deferred.remove(at);
                self.look_again(message_index, &work, &mut level);
            } else if let Some(asking) = level.new.pop_front() {
                self.look(asking, &mut level);
            } else if let Some(at) = best(&self.deferred) {
                let Deferred { message_index, work, .. } = self.deferred.remove(at);
                self.look_again(message_index, &work, &mut level);
            } else {
                return;
            }
        }
    }

    /// What was taken in in this level: it is done, or waits, or is refused.
    fn look(&mut self, asking: Asking, level: &mut Level) {
        let Asking { message_index, work, price } = asking;
        let verdict = match self.cost(&work) {
            Ok(verdict) => verdict,
            Err(reason) => return self.result(message_index, 2, reason),
        };
        let class = price.map_or(0, |(_, class)| class);
        if level.affords(verdict.units, class, &self.deferred) {
            return self.done(message_index, &work, verdict, level);
        }
        if self.deferred.len() == MAY_WAIT {
            let order = |at: &usize| (self.deferred[*at].class, Reverse(*at));
            let lowest =
                (0..MAY_WAIT).min_by_key(order).filter(|at| self.deferred[*at].class < class);
            let Some(lowest) = lowest else { return self.result(message_index, 2, (303, 0, 0)) };
            let leaves = self.deferred.remove(lowest);
            self.result(leaves.message_index, 2, (303, 0, 0));
            // It is looked at once more, as one that waits may have become due.
            level.new.push_front(Asking { message_index, work, price });
            return;
        }
        self.deferred.push(Deferred { message_index, work, units: verdict.units, class });
    }

    /// What waited, and has been found to fit.
    fn look_again(&mut self, message_index: MessageIndex, work: &Work, level: &mut Level) {
        match self.cost(work) {
            Ok(verdict) => self.done(message_index, work, verdict, level),
            Err(reason) => self.result(message_index, 2, reason),
        }
    }

    fn done(
        &mut self,
        message_index: MessageIndex,
        work: &Work,
        verdict: Verdict,
        level: &mut Level,
    ) {
        level.left -= verdict.paid;
        let outcome = match (verdict.refusal, work) {
            (Some(reason), _) => Err(reason),
            (None, Work::V1(batch)) => Ok(self.apply(message_index, batch)),
            (None, Work::V2(batch)) => Ok(self.apply_compact(message_index, batch)),
            (None, Work::Request(ask)) => self.signed_request(ask),
        };
        self.asked(message_index, outcome);
    }

    /// Why it will be refused once it is verified, and its units; or why nobody even looks at its signature.
    fn cost(&self, work: &Work) -> Result<Verdict, CodeAndValues> {
        match work {
            Work::Request(Ask { wrong: Some(reason @ (300, ..)), .. }) => Err(*reason),
            Work::Request(ask) => {
                let units = 1 + END;
                Ok(Verdict { refusal: ask.wrong, units, paid: units })
            }
            Work::V1(batch) => {
                let verdict = self.examine(batch)?;
                let pairs: usize = batch.transactions.iter().map(Vec::len).sum();
                let units = pairs + END + verdict.new_keys.div_ceil(KEYS_PER_GAS);
                let refusal = verdict.refusal;
                let paid = if matches!(refusal, Some((307, ..))) { NO_POINT } else { units };
                Ok(Verdict { refusal, units, paid })
            }
            Work::V2(batch) => self.examine_compact(batch),
        }
    }
}
