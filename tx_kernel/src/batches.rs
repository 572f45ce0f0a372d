//! Batches: which one is next, whether the level and the run can still afford it, and its way
//! through verification and application to its result.
//!
//! Batches are worked off in the order of the inbox. A large one that its level cannot afford any
//! more is passed over and comes first in the next level; small ones behind it go on, on a budget
//! of their own.

use encoding::RollupAddress;
use encoding::limits::{
    DEFERRED_BATCHES, INBOX_MESSAGE_BYTES, LARGE_PARTS_PER_LEVEL, PARTS_PER_RUN, SMALL_BATCH_PARTS,
    SMALL_PARTS_PER_LEVEL,
};
use host::{Host, HostError, RawRollupCore};
use inbox::{Envelope, Version, envelope, v1};

use crate::apply::apply;
use crate::draft::Draft;
use crate::hand;
use crate::intake::Entry;
use crate::layout::{Cursors, Deferred, Lane, LevelUse};
use crate::results::{MessageResult, Reason, code};
use crate::verify::{Progress, Resolved, resolve};

/// Works off the batches that were taken in. Returns whether another run of this level has more
/// to do.
pub(crate) fn work_off<H: RawRollupCore>(
    host: &H,
    rollup: &RollupAddress,
    accept_v1: bool,
    level: &mut LevelUse,
) -> Result<bool, HostError> {
    let mut allowance = PARTS_PER_RUN;
    loop {
        let mut draft = Draft::open(host, level.level)?;
        let number = level.choose(&draft.cursors);
        let Some(entry) = Entry::read(host, Lane::Batches, number)? else { return Ok(false) };
        hand::take(host, &draft.cursors, Lane::Batches, number)?;

        let resolved = match examine(&mut draft, rollup, accept_v1, &entry)? {
            Ok(resolved) => resolved,
            Err(reason) => {
                finish(host, draft, number, &entry, MessageResult::Refused(reason))?;
                continue;
            }
        };
        let parts = resolved.parts();
        let Some(budget) = level.budget_for(parts) else {
            let new = number == draft.cursors.batches;
            if new && parts > SMALL_BATCH_PARTS && draft.cursors.deferred.len() < DEFERRED_BATCHES {
                draft.cursors.defer(number, parts);
                draft.commit()?;
                continue;
            }
            hand::put_back(host)?;
            return Ok(false);
        };
        if allowance == 0 {
            hand::put_back(host)?;
            return Ok(true);
        }
        let result = match resolved.verify(host, &mut draft.ledger, &mut allowance)? {
            Progress::Unfinished => {
                draft.discard();
                hand::put_back(host)?;
                return Ok(true);
            }
            Progress::Refused(reason) => MessageResult::Refused(reason),
            Progress::Done(verified) => {
                let count = apply(&mut draft, entry.message, verified)?;
                let reason = Reason::new(code::BATCH_ACCEPTED, count.applied, count.failed);
                MessageResult::Done(reason)
            }
        };
        level.charge(budget, parts);
        level.write(host)?;
        finish(host, draft, number, &entry, result)?;
    }
}

/// Everything about a batch that needs no pairing.
fn examine<H: RawRollupCore>(
    draft: &mut Draft<'_, H>,
    rollup: &RollupAddress,
    accept_v1: bool,
    entry: &Entry,
) -> Result<Result<Resolved, Reason>, HostError> {
    let refuse = |code| Ok(Err(Reason::plain(code)));
    let Some(bytes) = &entry.bytes else { return refuse(code::INTERRUPTED) };
    match envelope(bytes, rollup, accept_v1) {
        Envelope::Batch { version: Version::V1, body } if accept_v1 => {
            match v1::Batch::decode(body) {
                Ok(batch) => resolve(&mut draft.ledger, batch, body),
                Err(malformed) => Ok(Err(Reason::malformed(&malformed))),
            }
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

// The largest batch that a message has room for can be afforded by a level that has spent nothing.
const _: () = assert!(INBOX_MESSAGE_BYTES / v1::LEAST_PART_BYTES <= LARGE_PARTS_PER_LEVEL as usize);

/// The two budgets of a level.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Budget {
    Large,
    Small,
}

impl LevelUse {
    /// The number of the batch that is next: the oldest one passed over, as soon as it can be
    /// afforded, otherwise the first of the queue.
    fn choose(&self, cursors: &Cursors) -> u64 {
        match cursors.deferred.first() {
            Some(first) if self.budget_for(first.parts.into()).is_some() => first.number,
            _ => cursors.batches,
        }
    }

    /// The budget on which a batch of so many parts can be verified in this level.
    fn budget_for(&self, parts: u32) -> Option<Budget> {
        let fits = |used: u32, limit| used.checked_add(parts).is_some_and(|sum| sum <= limit);
        if parts <= SMALL_BATCH_PARTS && fits(self.small, SMALL_PARTS_PER_LEVEL) {
            Some(Budget::Small)
        } else if fits(self.large, LARGE_PARTS_PER_LEVEL) {
            Some(Budget::Large)
        } else {
            None
        }
    }

    fn charge(&mut self, budget: Budget, parts: u32) {
        let used = match budget {
            Budget::Large => &mut self.large,
            Budget::Small => &mut self.small,
        };
        // `budget_for` has seen that it fits.
        *used = used.saturating_add(parts);
    }
}

impl Cursors {
    /// Passes a batch over.
    fn defer(&mut self, number: u64, parts: u32) {
        let parts = u16::try_from(parts).unwrap_or(u16::MAX);
        self.deferred.push(Deferred { number, parts });
        self.batches = number.saturating_add(1);
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

    #[test]
    fn small_batches_have_a_budget_of_their_own() {
        let mut level = LevelUse::default();
        assert_eq!(level.budget_for(SMALL_BATCH_PARTS), Some(Budget::Small));
        assert_eq!(level.budget_for(SMALL_BATCH_PARTS + 1), Some(Budget::Large));
        level.large = LARGE_PARTS_PER_LEVEL;
        assert_eq!(level.budget_for(SMALL_BATCH_PARTS + 1), None);
        assert_eq!(level.budget_for(SMALL_BATCH_PARTS), Some(Budget::Small));
        level.small = SMALL_PARTS_PER_LEVEL;
        assert_eq!(level.budget_for(1), None);
        level.large = 0;
        assert_eq!(level.budget_for(1), Some(Budget::Large));
    }

    #[test]
    fn the_oldest_one_passed_over_comes_first_when_it_can_be_afforded() {
        let mut cursors = Cursors { batches: 9, ..Cursors::default() };
        let mut level = LevelUse { large: LARGE_PARTS_PER_LEVEL, ..LevelUse::default() };
        cursors.defer(9, 30);
        cursors.defer(10, 40);
        assert_eq!(level.choose(&cursors), 11);
        level.large -= 30;
        assert_eq!(level.choose(&cursors), 9);
        cursors.finish_batch(9);
        assert_eq!(level.choose(&cursors), 11, "the next one needs 40");
        cursors.finish_batch(11);
        assert_eq!((cursors.batches, cursors.deferred.len()), (12, 1));
    }
}
