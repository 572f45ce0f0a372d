//! Finds out how far withdrawals have come: by their results, the kernel's queue, and the outboxes of
//! levels that may have their messages.

use std::collections::{BTreeMap, BTreeSet};

use encoding::limits::LEVELS_PER_GENERATION;
use encoding::{Level, Payout};

use crate::error::{RpcError, StateError};
use crate::follow::look_up;
use crate::journal::{End, Entry, Record};
use crate::limits::SEARCH_LEVELS;
use crate::outbox::{Listed, Place, Told, messages};
use crate::state::State;
use crate::withdrawal::{Pace, Stage, Traced, Waiting};

/// Levels: so many that were looked through in vain are worth a line.
const SEARCHED_WORTH: i64 = 100;

/// How far withdrawals have come, in their order, and what of that is worth to be remembered.
///
/// Messages that make the same call cannot be told apart, nor need they be. They are taken in the order
/// in which their withdrawals were sent, each once.
///
/// # Errors
/// When the node does not tell.
pub fn trace(
    state: &State<'_>,
    pace: &Pace,
    waiting: &Waiting,
    records: &[Record],
    listed: impl Fn(Place) -> Result<Listed, RpcError>,
) -> Result<(Vec<Traced>, Vec<Entry>), StateError> {
    let mut outboxes = Outboxes { state, known: BTreeMap::new(), asked: 0 };
    let mut all = Vec::with_capacity(records.len());
    for record in records {
        all.push(begin(state, record)?);
    }
    assign(records, &mut all, &mut outboxes)?;
    settle_waiting(waiting, &mut all);
    let finalized = pace.settled.finalized;
    let mut entries = Vec::new();
    for (record, traced) in records.iter().zip(&mut all) {
        if record.end.is_some() {
            continue;
        }
        if let Some(place) = traced.place {
            let listed = listed(place)?;
            traced.stage = pace.stage(place.level, listed);
            if let Listed::Gone(executed) = listed {
                traced.executed = executed;
            }
        }
        entries.extend(news(record, traced, finalized));
        if traced.stage == Stage::Refused && is_final(state, traced, finalized)? {
            entries.push(Entry::Ended(traced.withdrawal.hash, End::Refused(traced.reason)));
        }
    }
    Ok((all, entries))
}

/// What its result says.
fn begin(state: &State<'_>, record: &Record) -> Result<Traced, StateError> {
    let withdrawal = record.withdrawal.clone();
    let mut traced = Traced {
        withdrawal,
        stage: Stage::Sent,
        result: record.applied,
        place: None,
        reason: None,
        executed: None,
        searched: None,
    };
    if let Some(end) = record.end {
        traced.place = record.found;
        traced.stage = match end {
            End::Claimed => Stage::Claimed,
            End::Lost => Stage::Lost,
            End::Refused(reason) => {
                traced.reason = reason;
                Stage::Refused
            }
        };
        return Ok(traced);
    }
    let (head, withdrawal) = (state.block().level, &traced.withdrawal);
    // A counter that is not used up says that nothing was applied, whatever is remembered.
    let used = state.account(&withdrawal.account)?.counter > withdrawal.counter;
    let expired = withdrawal.expires.is_some_and(|last| last < head);
    let found = look_up(state, &withdrawal.hash)?;
    let failure = found.as_ref().and_then(|found| found.failure()).map(|line| line.reason);
    let result = found.map(|found| found.message.level);
    let remembered = traced.result.take().filter(|level| used && *level <= head);
    traced.result = result.or(remembered);
    traced.reason = failure;
    match (result, failure) {
        (Some(_), None) => traced.stage = Stage::Unfound,
        // What is refused for now may still be applied, as long as its counter and its time let it.
        (_, Some(reason)) if reason.is_final() || used || expired => traced.stage = Stage::Refused,
        (None, _) if used => {
            let kept = i64::from(head.0) - i64::from(withdrawal.sent.0);
            let kept = kept < i64::from(LEVELS_PER_GENERATION);
            // Its result would still be there.
            let replaced = kept && remembered.is_none();
            traced.stage = if replaced { Stage::Refused } else { Stage::Unfound };
        }
        (None, _) if expired => traced.stage = Stage::Refused,
        _ => {}
    }
    Ok(traced)
}

/// Finds the messages of those that were applied.
fn assign(
    records: &[Record],
    all: &mut [Traced],
    outboxes: &mut Outboxes<'_, '_>,
) -> Result<(), StateError> {
    let mut taken: BTreeSet<Place> = all.iter().filter_map(|one| one.place).collect();
    let head = outboxes.state.block().level;
    // What is remembered first, so that nobody else takes it.
    for (record, traced) in records.iter().zip(all.iter_mut()) {
        if traced.stage != Stage::Unfound {
            continue;
        }
        let found = record.found.filter(|place| place.level <= head && !taken.contains(place));
        let Some(place) = found else { continue };
        if outboxes.still_pays(place, &traced.withdrawal.payout)? {
            traced.place = Some(place);
            taken.insert(place);
        }
    }
    for (record, traced) in records.iter().zip(all.iter_mut()) {
        if traced.stage != Stage::Unfound || traced.place.is_some() {
            continue;
        }
        let first = traced.result.unwrap_or(traced.withdrawal.sent);
        // What was found and is there no more was taken back, and so is all that was looked through.
        let searched = record.searched.filter(|_| record.found.is_none());
        let first = searched.map_or(first, |level| first.max(Level(level.0.saturating_add(1))));
        traced.searched = Some(Level(first.0.saturating_sub(1)));
        for level in (first.0..=head.0).map(Level) {
            let Some(messages) = outboxes.at(level)? else { break };
            let payout = &traced.withdrawal.payout;
            let ours = |told: &&Told| !taken.contains(&told.place) && told.pays(payout);
            if let Some(told) = messages.iter().find(ours) {
                traced.place = Some(told.place);
                taken.insert(told.place);
                break;
            }
            traced.searched = Some(level);
        }
    }
    Ok(())
}

/// Those that were sent last are those that still wait, as many as wait.
fn settle_waiting(waiting: &Waiting, all: &mut [Traced]) {
    let mut left: Vec<(Payout, usize)> = Vec::new();
    for traced in all.iter_mut().rev() {
        if traced.stage != Stage::Unfound || traced.place.is_some() {
            continue;
        }
        let payout = &traced.withdrawal.payout;
        let at = left.iter().position(|(other, _)| other == payout).unwrap_or_else(|| {
            left.push((payout.clone(), waiting.paying(payout)));
            left.len() - 1
        });
        if let Some((_, count)) = left.get_mut(at).filter(|(_, count)| *count > 0) {
            *count -= 1;
            traced.stage = Stage::Accepted;
        }
    }
}

/// Whether no reorganisation makes a refused one apply.
fn is_final(state: &State<'_>, traced: &Traced, finalized: Level) -> Result<bool, StateError> {
    if let (Some(level), Some(reason)) = (traced.result, traced.reason)
        && reason.is_final()
    {
        return Ok(level <= finalized);
    }
    if traced.withdrawal.expires.is_some_and(|last| last < finalized) {
        return Ok(true);
    }
    match State::at(state.node(), &finalized.to_string()) {
        Ok(state) => {
            Ok(state.account(&traced.withdrawal.account)?.counter > traced.withdrawal.counter)
        }
        Err(StateError::NotOurs { .. }) => Ok(false),
        Err(error) => Err(error),
    }
}

/// What has become known for good.
fn news(record: &Record, traced: &Traced, finalized: Level) -> Vec<Entry> {
    let hash = traced.withdrawal.hash;
    let mut news = Vec::new();
    let applied = traced.result.filter(|level| *level <= finalized && traced.reason.is_none());
    if let Some(level) = applied.filter(|_| record.applied != applied) {
        news.push(Entry::Applied(hash, level));
    }
    let place = traced.place.filter(|place| place.level <= finalized);
    if let Some(place) = place.filter(|_| record.found != traced.place) {
        news.push(Entry::Found(hash, place));
    }
    if let (None, Some(searched)) = (traced.place, traced.searched) {
        let searched = searched.min(finalized);
        let before = record.searched.unwrap_or(traced.withdrawal.sent);
        // A line for every level would be too many.
        if i64::from(searched.0) - i64::from(before.0) >= SEARCHED_WORTH {
            news.push(Entry::Searched(hash, searched));
        }
    }
    let end = match traced.stage {
        Stage::Claimed => Some(End::Claimed),
        Stage::Lost => Some(End::Lost),
        _ => None,
    };
    news.extend(end.map(|end| Entry::Ended(hash, end)));
    news
}

/// Outboxes that were asked for, each once.
struct Outboxes<'s, 'n> {
    state: &'s State<'n>,
    known: BTreeMap<Level, Option<Vec<Told>>>,
    asked: usize,
}

impl Outboxes<'_, '_> {
    /// The messages of a level; `None` if the node has none to tell, or too many levels were asked for.
    fn at(&mut self, level: Level) -> Result<Option<&[Told]>, StateError> {
        if !self.known.contains_key(&level) {
            if self.asked == SEARCH_LEVELS {
                return Ok(None);
            }
            self.asked += 1;
            let block = &self.state.block().hash;
            let told = match messages(self.state.node(), block, level) {
                Err(RpcError::Refused { .. }) => None,
                told => Some(told?),
            };
            self.known.insert(level, told);
        }
        Ok(self.known.get(&level).and_then(Option::as_deref))
    }

    /// Whether a message is still what it was: not when the level was taken back. A node that does not
    /// tell any more changes nothing.
    fn still_pays(&mut self, place: Place, payout: &Payout) -> Result<bool, StateError> {
        let told = self.at(place.level)?;
        Ok(told.is_none_or(|all| all.iter().any(|one| one.place == place && one.pays(payout))))
    }
}
