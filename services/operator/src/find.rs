//! Finds the messages to follow: of withdrawals on record, in the outboxes that the node lists as having something
//! that is not executed, or, where it lists none, in all outboxes one after the other.

use std::collections::{BTreeMap, BTreeSet};

use encoding::Level;
use wallet::error::RpcError;
use wallet::limits::ACTIVE_OUTBOX_LEVELS;
use wallet::outbox::{OutboxMessage, OutboxMessageId, messages};
use wallet::rpc::Node;
use wallet::withdrawal::TrackedWithdrawal;
use wallet::withdrawals::WithdrawalView;

use crate::error::RoundError;
use crate::limits::LEVELS_PER_ROUND;
use crate::watch_list::WatchList;

/// What outboxes have in them, as far as they were looked at on this branch of the chain.
#[derive(Debug, Default)]
pub(crate) struct Outboxes {
    /// Those of final levels, which do not change.
    known: BTreeMap<Level, Vec<OutboxMessage>>,
    /// Those of other levels, as they were in this round.
    fresh: BTreeMap<Level, Vec<OutboxMessage>>,
    /// A final level and the hash of its block: with another one there, the chain went back.
    anchor: Option<(Level, String)>,
    /// Up to which level they were looked through, one after the other.
    pub searched: Option<Level>,
}

/// A message, and the withdrawal that it is, if that is on record.
pub(crate) type Found = (OutboxMessage, Option<String>);

impl Outboxes {
    /// Forgets everything if the chain is another one than at the last look.
    pub(crate) fn look(&mut self, view: &WithdrawalView<'_>) -> Result<(), RoundError> {
        let (node, settled) = (view.state.node(), view.pace.settled);
        self.fresh.clear();
        if let Some((level, hash)) = &self.anchor {
            let now = match node.block(&level.to_string()) {
                Ok(block) => Some(block.hash),
                Err(RpcError::Refused { .. }) => None,
                Err(error) => return Err(error.into()),
            };
            if now.as_ref() != Some(hash) {
                self.known.clear();
                self.searched = self.searched.map(|level| level.min(settled.cemented));
            }
        }
        let last = node.block(&settled.finalized.to_string());
        self.anchor = match last {
            Ok(block) => Some((block.level, block.hash)),
            Err(RpcError::Refused { .. }) => None,
            Err(error) => return Err(error.into()),
        };
        Ok(())
    }

    /// The messages of a level; `None` if the node does not tell that level.
    fn at(
        &mut self,
        view: &WithdrawalView<'_>,
        level: Level,
    ) -> Result<Option<Vec<OutboxMessage>>, RoundError> {
        if let Some(known) = self.known.get(&level).or_else(|| self.fresh.get(&level)) {
            return Ok(Some(known.clone()));
        }
        let block = view.state.block();
        if level > block.level {
            return Ok(Some(Vec::new()));
        }
        let told = read(view.state.node(), &block.hash, level)?;
        if let Some(told) = &told {
            let is_final = level <= view.pace.settled.finalized;
            let of = if is_final { &mut self.known } else { &mut self.fresh };
            of.insert(level, told.clone());
        }
        Ok(told)
    }

    /// Forgets the levels of which nothing is followed any more.
    pub(crate) fn keep(&mut self, wanted: &BTreeSet<Level>) {
        self.known.retain(|level, _| wanted.contains(level));
    }

    /// What is to be followed of outboxes, whoever it is of.
    pub(crate) fn unrecorded(
        &mut self,
        view: &WithdrawalView<'_>,
        watch: &WatchList,
    ) -> Result<Vec<Found>, RoundError> {
        if !watch.looks_through_outboxes() {
            return Ok(Vec::new());
        }
        let (levels, searched) = match view.open_levels()? {
            Some(levels) => (levels, self.searched),
            None => self.next_levels(view),
        };
        let mut found = Vec::new();
        for level in levels {
            let all = self.at(view, level)?.unwrap_or_default();
            let wanted = all.into_iter().filter(|message| watch.has(message));
            found.extend(wanted.map(|message| (message, None)));
        }
        self.searched = searched;
        Ok(found)
    }

    /// The next levels to be looked through, and all that are not final; up to which that is.
    fn next_levels(&self, view: &WithdrawalView<'_>) -> (Vec<Level>, Option<Level>) {
        let settled = view.pace.settled;
        let oldest = settled.cemented.0.saturating_sub(ACTIVE_OUTBOX_LEVELS).max(0);
        let first = self.searched.map_or(oldest, |level| level.0.saturating_add(1)).max(oldest);
        let final_ones = (first..=settled.finalized.0).take(LEVELS_PER_ROUND);
        let levels: Vec<Level> = final_ones.map(Level).collect();
        let searched = levels.last().copied().or(self.searched);
        let new = settled.finalized.0.saturating_add(1)..=settled.head.0;
        (levels.into_iter().chain(new.map(Level)).collect(), searched)
    }

    /// The messages of withdrawals on record that are in outboxes.
    pub(crate) fn recorded(
        &mut self,
        view: &WithdrawalView<'_>,
        tracked: &[TrackedWithdrawal],
    ) -> Result<Vec<Found>, RoundError> {
        let mut found = Vec::new();
        for one in tracked {
            let Some(id) = one.id else { continue };
            let all = self.at(view, id.level)?.unwrap_or_default();
            let message = all.into_iter().find(|message| message.id == id);
            let hash = one.withdrawal.hash.to_string();
            found.extend(message.map(|message| (message, Some(hash))));
        }
        Ok(found)
    }

    /// Whether a message is still where it was. A node that does not tell its level any more changes nothing.
    pub(crate) fn has(
        &mut self,
        view: &WithdrawalView<'_>,
        id: OutboxMessageId,
        wanted: &OutboxMessage,
    ) -> Result<bool, RoundError> {
        let told = self.at(view, id.level)?;
        Ok(told.is_none_or(|all| all.iter().any(|message| message == wanted)))
    }
}

/// The messages of a level; `None` if the node does not tell that level.
fn read(node: &Node, block: &str, level: Level) -> Result<Option<Vec<OutboxMessage>>, RpcError> {
    match messages(node, block, level) {
        Ok(told) => Ok(Some(told)),
        Err(RpcError::Refused { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}
