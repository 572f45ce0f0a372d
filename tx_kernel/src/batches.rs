//! Batches: which one is next, whether the level and the run can still afford it, and its way
//! through verification and application to its result.
//!
//! Batches are looked at in the order of the inbox. One that its level cannot afford is deferred to a later
//! level, or refused as busy: [`crate::schedule`] has who goes first.

mod work;

use encoding::limits::{BATCHES_PER_RUN, GAS_PER_RUN};
use encoding::{RollupAddress, VerificationGas};
use host::{Host, HostError, RawRollupCore};

use crate::apply::{self, Count};
use crate::draft::Draft;
use crate::in_progress;
use crate::ingest::Entry;
use crate::layout::{Cursors, Deferred, InboxQueue, LevelUse};
use crate::results::{MessageResult, Outcome, ResultCode};
use crate::schedule::Deferral;
use crate::verify::Progress;
use work::{Work, examine, reclaim};

/// Works off the batches that were collected. Returns whether another run of this level has more
/// to do.
pub(crate) fn work_off<H: RawRollupCore>(
    host: &H,
    rollup: &RollupAddress,
    accept_v1: bool,
    level: &mut LevelUse,
) -> Result<bool, HostError> {
    let mut allowance = GAS_PER_RUN;
    for _ in 0..BATCHES_PER_RUN {
        let cursors = Cursors::read(host)?;
        let Some((number, entry)) = next(host, level, &cursors)? else { return Ok(false) };
        let mut draft = Draft::open_at(host, level.level, cursors)?;
        let Some(entry) = entry else {
            // A batch that is not there any more cannot keep the others waiting.
            draft.cursors.finish_batch(number);
            draft.commit()?;
            continue;
        };
        in_progress::mark(host, &draft.cursors, InboxQueue::Batches, number)?;

        let was_deferred = draft.cursors.waits(number);
        let (price, work) = examine(&mut draft, rollup, accept_v1, &entry)?;
        let mut after = *level;
        // What was parked beside another kernel's state, in an earlier level, is not expected in this one.
        if let Some(price) = price.filter(|_| !was_deferred && entry.message.level == level.level) {
            after.remove_demand(price);
        }
        let work = match work {
            Ok(work) => work,
            Err(outcome) => {
                after.save(host, level)?;
                finish(host, draft, number, &entry, MessageResult::Refused(outcome))?;
                continue;
            }
        };
        let (gas, class) = (work.cost(), price.map_or(0, |price| price.class));
        // One that was deferred has been chosen because it fits.
        if !was_deferred && !after.affords(class, gas, &draft.cursors) {
            defer(host, draft, Deferred { number, gas, class }, &entry, after, level)?;
            continue;
        }
        if allowance.is_zero() {
            return put_back(host, draft);
        }
        let done = do_work(&mut draft, rollup, work, gas, &mut allowance, &entry)?;
        let Some((result, gas)) = done else { return put_back(host, draft) };
        after.charge(gas);
        after.save(host, level)?;
        finish(host, draft, number, &entry, result)?;
    }
    Ok(true)
}

/// Does the work of a message that costs so much. Returns its result and what it has cost, or `None` when
/// the run's allowance was too small for all of it.
fn do_work<H: RawRollupCore>(
    draft: &mut Draft<'_, H>,
    rollup: &RollupAddress,
    work: Work<'_>,
    gas: VerificationGas,
    allowance: &mut VerificationGas,
    entry: &Entry,
) -> Result<Option<(MessageResult, VerificationGas)>, HostError> {
    match work {
        Work::Reclaim(signed) => {
            *allowance = allowance.minus(gas);
            Ok(Some((reclaim(draft, rollup, &signed)?, gas)))
        }
        Work::Page(change, outcome) => {
            draft.upgrade = Some(change);
            Ok(Some((MessageResult::Done(outcome), gas)))
        }
        Work::V1(resolved) => {
            let progress = resolved.verify(draft.host(), allowance)?;
            progress.then(gas, |verified| apply::v1::apply(draft, entry.message, verified))
        }
        Work::V2(resolved) => {
            let progress = resolved.verify(draft.host(), allowance)?;
            progress.then(gas, |verified| apply::v2::apply(draft, entry.message, verified))
        }
    }
}

/// Defers a batch that its level cannot afford, or refuses the one that pays least as busy.
fn defer<H: RawRollupCore>(
    host: &H,
    mut draft: Draft<'_, H>,
    batch: Deferred,
    entry: &Entry,
    after: LevelUse,
    level: &mut LevelUse,
) -> Result<(), HostError> {
    let busy = MessageResult::Refused(Outcome::plain(ResultCode::Busy));
    match draft.cursors.defer(batch) {
        Deferral::Waits => {
            after.save(host, level)?;
            draft.commit()
        }
        Deferral::Busy => {
            after.save(host, level)?;
            finish(host, draft, batch.number, entry, busy)
        }
        Deferral::InPlaceOf(other) => {
            // This one is looked at again, when there is room.
            in_progress::mark(host, &draft.cursors, InboxQueue::Batches, other)?;
            match Entry::read(host, InboxQueue::Batches, other)? {
                Some(entry) => finish(host, draft, other, &entry, busy),
                None => {
                    draft.cursors.finish_batch(other);
                    draft.commit()
                }
            }
        }
    }
}

/// The batch that is next: the oldest that waits and can be afforded, else the first new one, else whichever
/// of those that wait gets what is left of the budget.
fn next<H: RawRollupCore>(
    host: &H,
    level: &LevelUse,
    cursors: &Cursors,
) -> Result<Option<(u64, Option<Entry>)>, HostError> {
    let read = |number| Ok(Some((number, Entry::read(host, InboxQueue::Batches, number)?)));
    if let Some(number) = level.due(cursors) {
        return read(number);
    }
    match (Entry::read(host, InboxQueue::Batches, cursors.batches)?, level.best(cursors)) {
        (Some(entry), _) => Ok(Some((cursors.batches, Some(entry)))),
        (None, Some(number)) => read(number),
        (None, None) => Ok(None),
    }
}

impl LevelUse {
    /// Becomes what the level is in `current` from now on, there and in storage.
    fn save<H: RawRollupCore>(self, host: &H, current: &mut LevelUse) -> Result<(), HostError> {
        if self != *current {
            *current = self;
            self.write(host)?;
        }
        Ok(())
    }
}

/// Leaves a batch to another run of this level.
fn put_back<H: RawRollupCore>(host: &H, draft: Draft<'_, H>) -> Result<bool, HostError> {
    draft.discard();
    in_progress::clear(host)?;
    Ok(true)
}

impl<T> Progress<T> {
    /// The message's result and what it cost, once verification has come to an end.
    fn then(
        self,
        gas: VerificationGas,
        apply: impl FnOnce(T) -> Result<Count, HostError>,
    ) -> Result<Option<(MessageResult, VerificationGas)>, HostError> {
        match self {
            Progress::Unfinished => Ok(None),
            Progress::Refused(outcome, gas) => Ok(Some((MessageResult::Refused(outcome), gas))),
            Progress::Done(verified) => {
                let count = apply(verified)?;
                let reason = Outcome::new(ResultCode::BatchAccepted, count.applied, count.failed);
                Ok(Some((MessageResult::Done(reason), gas)))
            }
        }
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
    host.delete(&InboxQueue::Batches.path(number))
}
