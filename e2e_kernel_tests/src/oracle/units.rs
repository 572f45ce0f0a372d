//! The model's rules of what a level can afford: units, batches that wait, and those that may not.

use std::collections::VecDeque;

use crate::oracle::batch::Batch;
use crate::oracle::batch_v2::{self, Verdict};
use crate::oracle::deposit::Ask;
use crate::oracle::model::{Model, Place, Reason};

/// Units of a level for everybody, and more for small batches.
const FOR_ALL: usize = 512;
const FOR_SMALL: usize = 128;
/// Batches of a kind that may wait.
const MAY_WAIT: usize = 75;
/// The most (signer, transaction) pairs of a small batch.
const SMALL: usize = 4;
/// New keys for a unit.
const KEYS_PER_UNIT: usize = 7;
/// Units that the last steps cost, and a signature that is no point.
const END: usize = 2;
const NO_POINT: usize = 1;

/// What asks to be verified.
#[derive(Clone, Debug)]
pub enum Work {
    /// A batch.
    Batch(Batch),
    /// A batch in wire format v2.
    Compact(batch_v2::Batch),
    /// A request for a held deposit.
    Request(Ask),
}

/// What waits for a later level.
#[derive(Clone, Debug)]
pub struct Deferred {
    /// Where its message was.
    pub place: Place,
    /// What it asks.
    pub work: Work,
    /// Whether it is small.
    pub small: bool,
    /// What it was seen to cost.
    pub units: usize,
}

/// What a level has spent.
#[derive(Default)]
struct Spent {
    by_all: usize,
    by_small: usize,
}

impl Spent {
    /// Whether it can still spend that, and from which purse.
    fn purse(&mut self, small: bool, units: usize) -> Option<&mut usize> {
        if small && self.by_small + units <= FOR_SMALL {
            Some(&mut self.by_small)
        } else if self.by_all + units <= FOR_ALL {
            Some(&mut self.by_all)
        } else {
            None
        }
    }
}

impl Model {
    /// Verifies and applies what is signed, as far as the level can afford it.
    pub fn verify_and_apply(&mut self, mut new: VecDeque<(Place, Work)>) {
        let mut spent = Spent::default();
        loop {
            // The oldest that waits and is the first of its kind, if the level can afford it.
            let first = |small: bool| self.deferred.iter().position(|one| one.small == small);
            let waiting = [first(true), first(false)].into_iter().flatten().filter(|at| {
                let one = &self.deferred[*at];
                spent.purse(one.small, one.units).is_some()
            });
            let (place, work, is_new) = match waiting.min() {
                Some(at) => {
                    let one = self.deferred.remove(at);
                    (one.place, one.work, false)
                }
                None => match new.pop_front() {
                    Some((place, work)) => (place, work, true),
                    None => return,
                },
            };
            self.one(place, work, is_new, &mut spent);
        }
    }

    fn one(&mut self, place: Place, work: Work, is_new: bool, spent: &mut Spent) {
        let Verdict { refusal, small, units, paid } = match self.cost(&work) {
            Ok(verdict) => verdict,
            Err(reason) => return self.result(place, 2, reason),
        };
        let waiting = self.deferred.iter().filter(|one| one.small == small).count();
        let purse = spent.purse(small, units).filter(|_| !is_new || waiting == 0);
        match purse {
            Some(purse) => *purse += paid,
            None if waiting < MAY_WAIT => {
                return self.deferred.push(Deferred { place, work, small, units });
            }
            None => return self.result(place, 2, (303, 0, 0)),
        }
        let outcome = match (refusal, &work) {
            (Some(reason), _) => Err(reason),
            (None, Work::Batch(batch)) => Ok(self.apply(place, batch)),
            (None, Work::Compact(batch)) => Ok(self.apply_compact(place, batch)),
            (None, Work::Request(ask)) => self.signed_request(ask),
        };
        self.asked(place, outcome);
    }

    /// Why it will be refused once it is verified, whether it is small, and its units; or why
    /// nobody even looks at its signature.
    fn cost(&self, work: &Work) -> Result<Verdict, Reason> {
        match work {
            Work::Request(Ask { wrong: Some(reason @ (300, ..)), .. }) => Err(*reason),
            Work::Request(ask) => {
                let units = 1 + END;
                Ok(Verdict { refusal: ask.wrong, small: true, units, paid: units })
            }
            Work::Batch(batch) => {
                let verdict = self.examine(batch)?;
                let pairs: usize = batch.transactions.iter().map(Vec::len).sum();
                let units = pairs + END + verdict.new_keys.div_ceil(KEYS_PER_UNIT);
                let refusal = verdict.refusal;
                let paid = if matches!(refusal, Some((307, ..))) { NO_POINT } else { units };
                Ok(Verdict { refusal, small: pairs <= SMALL, units, paid })
            }
            Work::Compact(batch) => self.examine_compact(batch),
        }
    }
}
