//! Finds the outbox messages of withdrawals that were applied.

use std::collections::{BTreeMap, BTreeSet};

use encoding::{Level, Payout};

use crate::error::{RpcError, StateError};
use crate::limits::SEARCH_LEVELS;
use crate::outbox::{OutboxMessage, OutboxMessageId};
use crate::withdrawal::{TrackedWithdrawal, WithdrawalStage};
use crate::withdrawal_log::LoggedWithdrawal;

/// Finds the messages of those that were applied.
pub(super) fn assign(
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

/// Asks for the messages of a level; `None` if the node has none to tell.
pub(super) trait Ask: Fn(Level) -> Result<Option<Vec<OutboxMessage>>, RpcError> {}

impl<F: Fn(Level) -> Result<Option<Vec<OutboxMessage>>, RpcError>> Ask for F {}

/// Outboxes that were asked for, each once.
pub(super) struct Outboxes<A> {
    ask: A,
    known: BTreeMap<Level, Option<Vec<OutboxMessage>>>,
    asked: usize,
}

impl<A: Ask> Outboxes<A> {
    /// None that was asked for yet.
    pub fn new(ask: A) -> Self {
        Outboxes { ask, known: BTreeMap::new(), asked: 0 }
    }

    /// How many levels were asked for.
    #[cfg(test)]
    pub fn asked(&self) -> usize {
        self.asked
    }

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
