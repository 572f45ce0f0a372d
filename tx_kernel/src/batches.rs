//! Batches: which one is next, whether the level and the run can still afford it, and its way
//! through verification and application to its result.
//!
//! Batches are looked at in the order of the inbox. One that its level cannot afford any more waits
//! for the next level, where it comes first among its kind. The kinds are small and large: small
//! ones have a budget of their own, so that no flood of large ones keeps them waiting.

use bls::{PublicKey, Signature, Suite};
use deposit::Claimant;
use encoding::RollupAddress;
use encoding::limits::{
    BATCHES_PER_RUN, SMALL_UNITS_PER_LEVEL, UNITS_PER_BATCH, UNITS_PER_LEVEL, UNITS_PER_PART,
    UNITS_PER_RUN, WAITING_LARGE_BATCHES, WAITING_SMALL_BATCHES,
};
use host::{Host, HostError, RawRollupCore};
use inbox::reclaim::Signed;
use inbox::{Envelope, Version, envelope, v1, v2};

use crate::apply::{self, Count};
use crate::draft::Draft;
use crate::intake::Entry;
use crate::layout::{Cost, Cursors, Deferred, Lane, LevelUse};
use crate::plan::Change;
use crate::results::{MessageResult, Reason, code};
use crate::upgrade;
use crate::verify::v2::Claimed;
use crate::verify::{self, Progress, Resolved};
use crate::{hand, held};

/// Works off the batches that were taken in. Returns whether another run of this level has more
/// to do.
pub(crate) fn work_off<H: RawRollupCore>(
    host: &H,
    rollup: &RollupAddress,
    accept_v1: bool,
    level: &mut LevelUse,
) -> Result<bool, HostError> {
    let mut allowance = UNITS_PER_RUN;
    for _ in 0..BATCHES_PER_RUN {
        let mut draft = Draft::open(host, level.level)?;
        let number = level.choose(&draft.cursors);
        let Some(entry) = Entry::read(host, Lane::Batches, number)? else { return Ok(false) };
        hand::take(host, &draft.cursors, Lane::Batches, number)?;

        let work = match examine(&mut draft, rollup, accept_v1, &entry)? {
            Ok(work) => work,
            Err(reason) => {
                finish(host, draft, number, &entry, MessageResult::Refused(reason))?;
                continue;
            }
        };
        let cost = work.cost();
        let must_wait = number == draft.cursors.batches && draft.cursors.has_waiting(cost.small);
        let Some(budget) = level.budget_for(cost).filter(|_| !must_wait) else {
            if draft.cursors.defer(number, cost) {
                draft.commit()?;
            } else {
                let busy = MessageResult::Refused(Reason::plain(code::BUSY));
                finish(host, draft, number, &entry, busy)?;
            }
            continue;
        };
        if allowance == 0 {
            return put_back(host, draft);
        }
        let (result, units) = match work {
            Work::Reclaim(signed) => {
                allowance = allowance.saturating_sub(cost.units);
                (reclaim(&mut draft, rollup, &signed)?, cost.units)
            }
            Work::Page(change, reason) => {
                draft.upgrade = Some(change);
                (MessageResult::Done(reason), cost.units)
            }
            Work::V1(resolved) => {
                let progress = resolved.verify(host, &mut allowance)?;
                let apply = |verified| apply::v1::apply(&mut draft, entry.message, verified);
                match progress.then(cost.units, apply)? {
                    Some(end) => end,
                    None => return put_back(host, draft),
                }
            }
            Work::V2(resolved) => {
                let progress = resolved.verify(host, &mut allowance)?;
                let apply = |verified| apply::v2::apply(&mut draft, entry.message, verified);
                match progress.then(cost.units, apply)? {
                    Some(end) => end,
                    None => return put_back(host, draft),
                }
            }
        };
        level.charge(budget, units);
        level.write(host)?;
        finish(host, draft, number, &entry, result)?;
    }
    Ok(true)
}

/// Leaves a batch to another run of this level.
fn put_back<H: RawRollupCore>(host: &H, draft: Draft<'_, H>) -> Result<bool, HostError> {
    draft.discard();
    hand::put_back(host)?;
    Ok(true)
}

impl<T> Progress<T> {
    /// The message's result and what it cost, once verification has come to an end.
    fn then(
        self,
        units: u32,
        apply: impl FnOnce(T) -> Result<Count, HostError>,
    ) -> Result<Option<(MessageResult, u32)>, HostError> {
        match self {
            Progress::Unfinished => Ok(None),
            Progress::Refused(reason, units) => Ok(Some((MessageResult::Refused(reason), units))),
            Progress::Done(verified) => {
                let count = apply(verified)?;
                let reason = Reason::new(code::BATCH_ACCEPTED, count.applied, count.failed);
                Ok(Some((MessageResult::Done(reason), units)))
            }
        }
    }
}

/// What a message asks to have verified.
#[derive(Debug)]
enum Work<'b> {
    /// A batch.
    V1(Resolved<'b, v1::Batch>),
    /// A batch.
    V2(Resolved<'b, Claimed>),
    /// A request for a held deposit.
    Reclaim(Signed),
    /// A page of a new kernel, with its result.
    Page(Change, Reason),
}

impl Work<'_> {
    fn cost(&self) -> Cost {
        match self {
            Work::V1(resolved) => resolved.cost(),
            Work::V2(resolved) => resolved.cost(),
            // It is the one that was announced, and there are only so many.
            Work::Page(..) => Cost { small: true, units: 0 },
            Work::Reclaim(_) => Cost { small: true, units: UNITS_PER_PART + UNITS_PER_BATCH },
        }
    }
}

/// Checks the signature of a request for a held deposit, and grants it to the depositor.
fn reclaim<H: RawRollupCore>(
    draft: &mut Draft<'_, H>,
    rollup: &RollupAddress,
    signed: &Signed,
) -> Result<MessageResult, HostError> {
    let refuse = |code| Ok(MessageResult::Refused(Reason::plain(code)));
    let Ok(key) = PublicKey::from_compressed(&signed.key) else {
        return refuse(code::INVALID_KEY);
    };
    let Ok(signature) = Signature::from_compressed(&signed.signature) else {
        return refuse(code::INVALID_SIGNATURE);
    };
    if !key.verify(Suite::Pop, &signed.request.signed_bytes(rollup), &signature) {
        return refuse(code::WRONG_SIGNATURE);
    }
    held::reclaim(draft, &Claimant::Signer(key.address()), &signed.request)
}

/// Everything about a message that needs no pairing.
#[inline(never)] // Smaller apart: docs/bls.md.
fn examine<'b, H: RawRollupCore>(
    draft: &mut Draft<'_, H>,
    rollup: &RollupAddress,
    accept_v1: bool,
    entry: &'b Entry,
) -> Result<Result<Work<'b>, Reason>, HostError> {
    let refuse = |code| Ok(Err(Reason::plain(code)));
    let Some(bytes) = &entry.bytes else { return refuse(code::INTERRUPTED) };
    match envelope(bytes, rollup, accept_v1) {
        Envelope::Batch { version: Version::V1, body } if accept_v1 => {
            match v1::Batch::decode(body) {
                Ok(batch) => Ok(verify::v1::resolve(&mut draft.ledger, batch, body)?.map(Work::V1)),
                Err(malformed) => Ok(Err(Reason::malformed(&malformed))),
            }
        }
        Envelope::Batch { version: Version::V2, body } => match v2::Batch::decode(body) {
            Ok(batch) => {
                let level = draft.level();
                let ledger = &mut draft.ledger;
                Ok(verify::v2::resolve(ledger, batch, body, rollup, level)?.map(Work::V2))
            }
            Err(malformed) => Ok(Err(Reason::malformed(&malformed))),
        },
        Envelope::Batch { version: Version::Reclaim, body } => match Signed::decode(body) {
            Ok(signed) => Ok(Ok(Work::Reclaim(signed))),
            Err(malformed) => Ok(Err(Reason::malformed(&malformed))),
        },
        Envelope::Batch { version: Version::Page, body } => {
            let page = upgrade::examine(draft, body)?;
            Ok(page.map(|(change, reason)| Work::Page(change, reason)))
        }
        Envelope::Batch { version: Version::Unknown(version), .. } => {
            Ok(Err(Reason::new(code::UNKNOWN_VERSION, version.into(), 0)))
        }
        // An unframed batch that was taken in under another configuration is none any more.
        _ => refuse(code::V1_NOT_ACCEPTED),
    }
}

fn finish<H: RawRollupCore>(
    host: &H,
    mut draft: Draft<'_, H>,
    number: u64,
    entry: &Entry,
    result: MessageResult,
) -> Result<(), HostError> {
    draft.message_result(entry.message, result);
    draft.cursors.finish_batch(number);
    draft.commit()?;
    host.delete(&Lane::Batches.path(number))
}

/// The two budgets of a level.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Budget {
    Common,
    Small,
}

impl LevelUse {
    /// The number of the batch that is next: of those that wait since an earlier level the oldest
    /// that can be afforded and is the first of its kind, otherwise the first of the queue.
    fn choose(&self, cursors: &Cursors) -> u64 {
        [true, false]
            .into_iter()
            .filter_map(|small| cursors.deferred.iter().find(|batch| batch.cost.small == small))
            .filter(|batch| self.budget_for(batch.cost).is_some())
            .map(|batch| batch.number)
            .min()
            .unwrap_or(cursors.batches)
    }

    /// The budget on which a batch can be verified in this level.
    fn budget_for(&self, cost: Cost) -> Option<Budget> {
        let fits = |used: u32, limit| used.checked_add(cost.units).is_some_and(|sum| sum <= limit);
        if cost.small && fits(self.small, SMALL_UNITS_PER_LEVEL) {
            Some(Budget::Small)
        } else if fits(self.common, UNITS_PER_LEVEL) {
            Some(Budget::Common)
        } else {
            None
        }
    }

    fn charge(&mut self, budget: Budget, units: u32) {
        let used = match budget {
            Budget::Common => &mut self.common,
            Budget::Small => &mut self.small,
        };
        // `budget_for` has seen that it fits.
        *used = used.saturating_add(units);
    }
}

impl Cursors {
    /// Whether batches of a kind wait: a new one of that kind must not pass them.
    fn has_waiting(&self, small: bool) -> bool {
        self.deferred.iter().any(|batch| batch.cost.small == small)
    }

    /// Lets a batch wait for a later level, if there is room for one more of its kind.
    fn defer(&mut self, number: u64, cost: Cost) -> bool {
        let waiting = self.deferred.iter().filter(|batch| batch.cost.small == cost.small).count();
        let most = if cost.small { WAITING_SMALL_BATCHES } else { WAITING_LARGE_BATCHES };
        if waiting >= most {
            return false;
        }
        self.deferred.push(Deferred { number, cost });
        self.batches = number.saturating_add(1);
        true
    }

    /// A batch is done, wherever it waited.
    pub(crate) fn finish_batch(&mut self, number: u64) {
        match self.deferred.iter().position(|batch| batch.number == number) {
            Some(at) => {
                self.deferred.remove(at);
            }
            None => self.batches = self.batches.max(number.saturating_add(1)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SMALL: Cost = Cost { small: true, units: 4 };
    const LARGE: Cost = Cost { small: false, units: 30 };

    #[test]
    fn small_batches_have_a_budget_of_their_own() {
        let mut level = LevelUse::default();
        assert_eq!(level.budget_for(SMALL), Some(Budget::Small));
        assert_eq!(level.budget_for(LARGE), Some(Budget::Common));
        level.common = UNITS_PER_LEVEL;
        assert_eq!(level.budget_for(LARGE), None);
        assert_eq!(level.budget_for(SMALL), Some(Budget::Small));
        level.small = SMALL_UNITS_PER_LEVEL;
        assert_eq!(level.budget_for(SMALL), None);
        level.common = 0;
        assert_eq!(level.budget_for(SMALL), Some(Budget::Common));
    }

    #[test]
    fn those_that_wait_come_first_among_their_kind() {
        let mut cursors = Cursors { batches: 9, ..Cursors::default() };
        let mut level = LevelUse { common: UNITS_PER_LEVEL, ..LevelUse::default() };
        assert!(cursors.defer(9, LARGE) && cursors.defer(10, LARGE));
        assert!(cursors.has_waiting(false) && !cursors.has_waiting(true));
        assert_eq!(level.choose(&cursors), 11);
        level.common -= 30;
        assert_eq!(level.choose(&cursors), 9);
        assert!(cursors.defer(11, SMALL));
        assert_eq!(level.choose(&cursors), 9, "the older one");
        level.common = UNITS_PER_LEVEL;
        assert_eq!(level.choose(&cursors), 11, "the one that can be afforded");
        cursors.finish_batch(11);
        cursors.finish_batch(9);
        cursors.finish_batch(12);
        assert_eq!((cursors.batches, cursors.deferred.len()), (13, 1));
    }

    #[test]
    fn each_kind_has_room_for_so_many() {
        let mut cursors = Cursors::default();
        for number in (0..).take(WAITING_LARGE_BATCHES) {
            assert!(cursors.defer(number, LARGE));
        }
        assert!(!cursors.defer(cursors.batches, LARGE));
        assert!(cursors.defer(cursors.batches, SMALL));
    }
}
