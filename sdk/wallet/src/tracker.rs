//! Finds out how far withdrawals have come: by their results, the kernel's queue, and the outboxes of
//! levels that may have their messages.

use std::collections::{BTreeMap, BTreeSet};

use encoding::limits::LEVELS_PER_GENERATION;
use encoding::{Level, Payout};

use crate::error::{RpcError, StateError};
use crate::follow::look_up;
use crate::limits::SEARCH_LEVELS;
use crate::outbox::{Listed, OutboxMessage, OutboxMessageId, messages};
use crate::state::RollupState;
use crate::withdrawal::{OutboxQueue, SettlementPace, TrackedWithdrawal, WithdrawalStage};
use crate::withdrawal_log::{LogEntry, LoggedWithdrawal, WithdrawalEnd};

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
    let mut outboxes = Outboxes { ask, known: BTreeMap::new(), asked: 0 };
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

/// Finds the messages of those that were applied.
fn assign(
    records: &[LoggedWithdrawal],
    all: &mut [TrackedWithdrawal],
    head: Level,
    outboxes: &mut Outboxes<impl Ask>,
) -> Result<(), StateError> {
    let mut taken: BTreeSet<OutboxMessageId> = all.iter().filter_map(|one| one.id).collect();
    // What is remembered first, so that nobody else takes it.
    for (record, tracked) in records.iter().zip(all.iter_mut()) {
        if tracked.stage != WithdrawalStage::NotFound {
            continue;
        }
        let found = record.found.filter(|id| id.level <= head && !taken.contains(id));
        let Some(id) = found else { continue };
        if outboxes.still_pays(id, &tracked.withdrawal.payout)? {
            tracked.id = Some(id);
            taken.insert(id);
        }
    }
    for (record, tracked) in records.iter().zip(all.iter_mut()) {
        if tracked.stage != WithdrawalStage::NotFound || tracked.id.is_some() {
            continue;
        }
        let first = tracked.result.unwrap_or(tracked.withdrawal.sent);
        // What was found and is there no more was taken back, and so is all that was looked through.
        let searched = record.searched.filter(|_| record.found.is_none());
        let first = searched.map_or(first, |level| first.max(Level(level.0.saturating_add(1))));
        tracked.searched = Some(Level(first.0.saturating_sub(1)));
        for level in (first.0..=head.0).map(Level) {
            let Some(messages) = outboxes.at(level)? else { break };
            let payout = &tracked.withdrawal.payout;
            let ours = |told: &&OutboxMessage| !taken.contains(&told.id) && told.pays(payout);
            if let Some(told) = messages.iter().find(ours) {
                tracked.id = Some(told.id);
                taken.insert(told.id);
                break;
            }
            tracked.searched = Some(level);
        }
    }
    Ok(())
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

/// Asks for the messages of a level; `None` if the node has none to tell.
trait Ask: Fn(Level) -> Result<Option<Vec<OutboxMessage>>, RpcError> {}

impl<F: Fn(Level) -> Result<Option<Vec<OutboxMessage>>, RpcError>> Ask for F {}

/// Outboxes that were asked for, each once.
struct Outboxes<A> {
    ask: A,
    known: BTreeMap<Level, Option<Vec<OutboxMessage>>>,
    asked: usize,
}

impl<A: Ask> Outboxes<A> {
    /// The messages of a level; `None` if the node has none to tell, or too many levels were asked for.
    fn at(&mut self, level: Level) -> Result<Option<&[OutboxMessage]>, StateError> {
        if !self.known.contains_key(&level) {
            if self.asked == SEARCH_LEVELS {
                return Ok(None);
            }
            self.asked += 1;
            let told = (self.ask)(level)?;
            self.known.insert(level, told);
        }
        Ok(self.known.get(&level).and_then(Option::as_deref))
    }

    /// Whether a message is still what it was: not when the level was taken back. A node that does not
    /// tell any more changes nothing.
    fn still_pays(&mut self, id: OutboxMessageId, payout: &Payout) -> Result<bool, StateError> {
        let told = self.at(id.level)?;
        Ok(told.is_none_or(|all| all.iter().any(|one| one.id == id && one.pays(payout))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::withdrawal::Withdrawal;
    use encoding::{Amount, Counter, Entrypoint, Hash32, Kt1Address, Ticket};
    use encoding::{TicketContent, Tz4Address};
    use layer1::json::outbox_message;
    use outbox::Message;

    fn payout(amount: u64) -> Payout {
        let content = TicketContent::String(b"gold".to_vec());
        Payout {
            destination: Kt1Address([4; 20]),
            entrypoint: Entrypoint::new(b"burn").unwrap(),
            ticket: Ticket { ticketer: Kt1Address([9; 20]), content },
            amount: Amount::new(amount),
            receiver: None,
        }
    }

    fn bytes(amount: u64) -> Vec<u8> {
        let mut message = Message::new();
        message.push(&payout(amount)).unwrap();
        message.encode()
    }

    /// A withdrawal of that amount, applied in a level.
    fn applied(number: u8, amount: u64, level: i32) -> (LoggedWithdrawal, TrackedWithdrawal) {
        let withdrawal = Withdrawal {
            hash: Hash32([number; 32]),
            account: Tz4Address([1; 20]),
            counter: Counter::FIRST,
            expires: None,
            payout: payout(amount),
            sent: Level(level - 1),
        };
        let tracked = TrackedWithdrawal {
            withdrawal: withdrawal.clone(),
            stage: WithdrawalStage::NotFound,
            result: Some(Level(level)),
            id: None,
            reason: None,
            executed: None,
            searched: None,
        };
        (LoggedWithdrawal::new(withdrawal), tracked)
    }

    /// Outboxes of levels from 1 on, by the amounts of their messages.
    fn outboxes(levels: &[&[u64]]) -> Outboxes<impl Ask> {
        let levels: Vec<Vec<u64>> = levels.iter().map(|level| level.to_vec()).collect();
        let ask = move |level: Level| {
            let at = usize::try_from(level.0 - 1).ok();
            Ok(at.and_then(|at| levels.get(at)).map(|amounts| {
                let told = |(index, amount): (u32, &u64)| OutboxMessage {
                    id: OutboxMessageId { level, index },
                    message: outbox_message(&bytes(*amount)).unwrap(),
                };
                (0..).zip(amounts).map(told).collect()
            }))
        };
        Outboxes { ask, known: BTreeMap::new(), asked: 0 }
    }

    fn ids(all: &[TrackedWithdrawal]) -> Vec<Option<(i32, u32)>> {
        all.iter().map(|one| one.id.map(|id| (id.level.0, id.index))).collect()
    }

    #[test]
    fn equal_messages_are_taken_in_order_and_each_once() {
        let all = [applied(1, 5, 1), applied(2, 5, 1), applied(3, 7, 2), applied(4, 5, 3)];
        let (records, mut all): (Vec<_>, Vec<_>) = all.into_iter().unzip();
        let mut outboxes = outboxes(&[&[7, 5], &[5, 7], &[5]]);
        assign(&records, &mut all, Level(3), &mut outboxes).unwrap();
        assert_eq!(ids(&all), [Some((1, 1)), Some((2, 0)), Some((2, 1)), Some((3, 0))]);
        assert_eq!(outboxes.asked, 3);
    }

    #[test]
    fn what_is_remembered_is_kept_unless_it_was_taken_back() {
        let (one, two) = (applied(1, 5, 1), applied(2, 5, 1));
        let (mut records, mut all) = (vec![one.0, two.0], vec![one.1, two.1]);
        let at = |level, index| Some(OutboxMessageId { level: Level(level), index });
        records[1].found = at(1, 0);
        records[0].searched = Some(Level(1));
        let before = all.clone();
        assign(&records, &mut all, Level(2), &mut outboxes(&[&[5], &[5]])).unwrap();
        assert_eq!(ids(&all), [Some((2, 0)), Some((1, 0))]);
        // A node that has forgotten the level changes nothing.
        records[1].found = at(0, 3);
        all.clone_from(&before);
        assign(&records, &mut all, Level(2), &mut outboxes(&[&[5], &[5]])).unwrap();
        assert_eq!(ids(&all), [Some((2, 0)), Some((0, 3))]);
        // Another message is there now.
        records[1].found = at(1, 0);
        all.clone_from(&before);
        assign(&records, &mut all, Level(2), &mut outboxes(&[&[8, 5], &[5]])).unwrap();
        assert_eq!(ids(&all), [Some((2, 0)), Some((1, 1))]);
    }

    #[test]
    fn searches_end_and_go_on_from_there() {
        let (mut record, tracked) = applied(1, 5, 1);
        let many = i32::try_from(SEARCH_LEVELS).unwrap() + 10;
        let mut levels: Vec<&[u64]> = vec![&[]; usize::try_from(many).unwrap()];
        *levels.last_mut().unwrap() = &[5];
        let mut all = [tracked];
        assign(&[record.clone()], &mut all, Level(many), &mut outboxes(&levels)).unwrap();
        let searched = all[0].searched.unwrap();
        assert_eq!((all[0].id, searched), (None, Level(many - 10)));
        let finalized = Level(many - 2);
        let news = news(&record, &all[0], finalized);
        assert!(news.contains(&LogEntry::Searched(record.withdrawal.hash, searched)), "{news:?}");
        record.searched = Some(searched);
        assign(&[record.clone()], &mut all, Level(many), &mut outboxes(&levels)).unwrap();
        assert_eq!(ids(&all), [Some((many, 0))]);
        // The last two levels may be taken back: nothing of them is remembered.
        let news = super::news(&record, &all[0], finalized);
        assert_eq!(news, [LogEntry::Applied(record.withdrawal.hash, Level(1))]);
    }

    #[test]
    fn those_that_were_sent_last_wait() {
        let all = [applied(1, 5, 1), applied(2, 5, 1), applied(3, 7, 2), applied(4, 5, 3)];
        let mut all = all.map(|(_, tracked)| tracked);
        settle_waiting(&OutboxQueue::of(vec![bytes(5), bytes(8), bytes(5)]), &mut all);
        let stages = all.map(|one| one.stage);
        assert_eq!(
            stages,
            [
                WithdrawalStage::NotFound,
                WithdrawalStage::Accepted,
                WithdrawalStage::NotFound,
                WithdrawalStage::Accepted
            ]
        );
    }
}
