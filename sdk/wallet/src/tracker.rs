//! Finds out how far withdrawals have come: by their results, the kernel's queue, and the outboxes of
//! levels that may have their messages.

mod outboxes;
#[cfg(test)]
mod tests;

use encoding::limits::LEVELS_PER_GENERATION;
use encoding::{Level, Payout};

use crate::error::{RpcError, StateError};
use crate::follow::look_up;
use crate::outbox::{Listed, OutboxMessageId, messages};
use crate::state::RollupState;
use crate::withdrawal::{OutboxQueue, SettlementPace, TrackedWithdrawal, WithdrawalStage};
use crate::withdrawal_log::{LogEntry, LoggedWithdrawal, WithdrawalEnd};
use outboxes::{Outboxes, assign};

/// Levels: so many that were looked through in vain are worth a line.
const SEARCHED_WORTH: i64 = 100;

/// How far withdrawals have come, in their order, and what of that is worth to be remembered.
///
/// Messages that make the same call cannot be told apart, nor need they be. They are taken in the order
/// in which their withdrawals were sent, each once.
///
/// # Errors
/// When the node does not tell.
pub fn track(
    state: &RollupState<'_>,
    pace: &SettlementPace,
    waiting: &OutboxQueue,
    records: &[LoggedWithdrawal],
    listed: impl Fn(OutboxMessageId) -> Result<Listed, RpcError>,
) -> Result<(Vec<TrackedWithdrawal>, Vec<LogEntry>), StateError> {
    let ask = |level| match messages(state.node(), &state.block().hash, level) {
        Err(RpcError::Refused { .. }) => Ok(None),
        told => told.map(Some),
    };
    let mut outboxes = Outboxes::new(ask);
    let mut all = Vec::with_capacity(records.len());
    for record in records {
        all.push(begin(state, record)?);
    }
    assign(records, &mut all, state.block().level, &mut outboxes)?;
    settle_waiting(waiting, &mut all);
    let finalized = pace.settled.finalized;
    let mut entries = Vec::new();
    for (record, tracked) in records.iter().zip(&mut all) {
        if record.end.is_some() {
            // It was taken for executed as no list had it. One that has it says otherwise.
            let id = tracked.id.filter(|_| record.end == Some(WithdrawalEnd::Executed));
            if let Some(id) = id
                && listed(id)? == Listed::Open
            {
                tracked.stage = pace.stage(id.level, Listed::Open);
            }
            continue;
        }
        if let Some(id) = tracked.id {
            let listed = listed(id)?;
            tracked.stage = pace.stage(id.level, listed);
            if let Listed::Gone(executed) = listed {
                tracked.executed = executed;
            }
        }
        entries.extend(news(record, tracked, finalized));
        if tracked.stage == WithdrawalStage::Refused && is_final(state, tracked, finalized)? {
            entries.push(LogEntry::Ended(
                tracked.withdrawal.hash,
                WithdrawalEnd::Refused(tracked.reason),
            ));
        }
    }
    Ok((all, entries))
}

/// What its result says.
fn begin(
    state: &RollupState<'_>,
    record: &LoggedWithdrawal,
) -> Result<TrackedWithdrawal, StateError> {
    let withdrawal = record.withdrawal.clone();
    let mut tracked = TrackedWithdrawal {
        withdrawal,
        stage: WithdrawalStage::Sent,
        result: record.applied,
        id: None,
        reason: None,
        executed: None,
        searched: None,
    };
    if let Some(end) = record.end {
        tracked.id = record.found;
        tracked.stage = match end {
            WithdrawalEnd::Executed => WithdrawalStage::Executed,
            WithdrawalEnd::Lost => WithdrawalStage::Lost,
            WithdrawalEnd::Refused(reason) => {
                tracked.reason = reason;
                WithdrawalStage::Refused
            }
        };
        return Ok(tracked);
    }
    let (head, withdrawal) = (state.block().level, &tracked.withdrawal);
    // A counter that is not used up says that nothing was applied, whatever is remembered.
    let used = state.account(&withdrawal.account)?.counter > withdrawal.counter;
    let expired = withdrawal.expires.is_some_and(|last| last < head);
    let found = look_up(state, &withdrawal.hash)?;
    let failure = found.as_ref().and_then(|found| found.failure()).map(|line| line.outcome);
    let result = found.map(|found| found.message.level);
    let remembered = tracked.result.take().filter(|level| used && *level <= head);
    tracked.result = result.or(remembered);
    tracked.reason = failure;
    match (result, failure) {
        (Some(_), None) => tracked.stage = WithdrawalStage::NotFound,
        // What is refused for now may still be applied, as long as its counter and its time let it.
        (_, Some(reason)) if reason.is_final() || used || expired => {
            tracked.stage = WithdrawalStage::Refused
        }
        (None, _) if used => {
            let kept = i64::from(head.0) - i64::from(withdrawal.sent.0);
            let kept = kept < i64::from(LEVELS_PER_GENERATION);
            // Its result would still be there.
            let replaced = kept && remembered.is_none();
            tracked.stage =
                if replaced { WithdrawalStage::Refused } else { WithdrawalStage::NotFound };
        }
        (None, _) if expired => tracked.stage = WithdrawalStage::Refused,
        _ => {}
    }
    Ok(tracked)
}

/// Those that were sent last are those that still wait, as many as wait.
fn settle_waiting(waiting: &OutboxQueue, all: &mut [TrackedWithdrawal]) {
    let mut left: Vec<(Payout, usize)> = Vec::new();
    for tracked in all.iter_mut().rev() {
        if tracked.stage != WithdrawalStage::NotFound || tracked.id.is_some() {
            continue;
        }
        let payout = &tracked.withdrawal.payout;
        let at = left.iter().position(|(other, _)| other == payout).unwrap_or_else(|| {
            left.push((payout.clone(), waiting.paying(payout)));
            left.len() - 1
        });
        if let Some((_, count)) = left.get_mut(at).filter(|(_, count)| *count > 0) {
            *count -= 1;
            tracked.stage = WithdrawalStage::Accepted;
        }
    }
}

/// Whether no reorganisation makes a refused one apply.
fn is_final(
    state: &RollupState<'_>,
    tracked: &TrackedWithdrawal,
    finalized: Level,
) -> Result<bool, StateError> {
    if let (Some(level), Some(reason)) = (tracked.result, tracked.reason)
        && reason.is_final()
    {
        return Ok(level <= finalized);
    }
    if tracked.withdrawal.expires.is_some_and(|last| last < finalized) {
        return Ok(true);
    }
    match RollupState::at(state.node(), &finalized.to_string()) {
        Ok(state) => {
            Ok(state.account(&tracked.withdrawal.account)?.counter > tracked.withdrawal.counter)
        }
        Err(StateError::NotOurs { .. }) => Ok(false),
        Err(error) => Err(error),
    }
}

/// What has become known for good.
fn news(record: &LoggedWithdrawal, tracked: &TrackedWithdrawal, finalized: Level) -> Vec<LogEntry> {
    let hash = tracked.withdrawal.hash;
    let mut news = Vec::new();
    let applied = tracked.result.filter(|level| *level <= finalized && tracked.reason.is_none());
    if let Some(level) = applied.filter(|_| record.applied != applied) {
        news.push(LogEntry::Applied(hash, level));
    }
    let id = tracked.id.filter(|id| id.level <= finalized);
    if let Some(id) = id.filter(|_| record.found != tracked.id) {
        news.push(LogEntry::Found(hash, id));
    }
    if let (None, Some(searched)) = (tracked.id, tracked.searched) {
        let searched = searched.min(finalized);
        let before = record.searched.unwrap_or(tracked.withdrawal.sent);
        // A line for every level would be too many.
        if i64::from(searched.0) - i64::from(before.0) >= SEARCHED_WORTH {
            news.push(LogEntry::Searched(hash, searched));
        }
    }
    let end = match tracked.stage {
        WithdrawalStage::Executed => Some(WithdrawalEnd::Executed),
        WithdrawalStage::Lost => Some(WithdrawalEnd::Lost),
        _ => None,
    };
    news.extend(end.map(|end| LogEntry::Ended(hash, end)));
    news
}
