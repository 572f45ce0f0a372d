//! Withdrawals: in which outbox they are, and which of them have left by one that nobody has seen.

use std::collections::BTreeMap;

use layer1::json::outbox_message;
use rusqlite::OptionalExtension;
use tx_kernel::view::View;
use wallet::error::RpcError;
use wallet::outbox::{OutboxMessage, OutboxMessageId, messages};
use wallet::rpc::{Block, Node};

use super::calls::digest;
use super::doubt::is_unknown;
use super::messages::Writing;
use super::problem::Problem;

/// What the index has of the calls of a message.
type Calls = [u8; 32];

impl Writing<'_> {
    /// Looks through the outbox of this level for what waits. Messages that make the same calls cannot be told apart:
    /// they are taken in the order of their withdrawals.
    pub(super) fn outbox(&mut self, node: &Node, block: &Block) -> Result<(), Problem> {
        self.calls()?;
        if !self.something_queued()? {
            return Ok(());
        }
        let found = match messages(node, &block.hash, block.level) {
            Ok(found) => found,
            // Of a node that shows no outboxes it cannot be known where that is which does not wait any more.
            Err(RpcError::Refused { .. }) => Vec::new(),
            Err(error) => return Err(error.into()),
        };
        let found: Vec<(OutboxMessageId, Calls)> = found
            .iter()
            .filter_map(|message| Some((message.id, digest(&message.text_of_calls()?).0)))
            .collect();
        if self.is_behind_a_gap()? {
            self.give_up_what_left_in_the_gap(found.iter().map(|(_, calls)| *calls))?;
        }
        for (id, calls) in found {
            self.left(&calls, id)?;
        }
        self.give_up_behind_an_empty_queue()
    }

    fn something_queued(&self) -> Result<bool, Problem> {
        let sql = "SELECT EXISTS (SELECT 1 FROM withdrawals WHERE stage = 'queued')";
        Ok(self.file.prepare_cached(sql)?.query_row([], |row| row.get(0))?)
    }

    /// A message of the outbox: the oldest of those that wait to make its calls is in it.
    fn left(&mut self, calls: &Calls, id: OutboxMessageId) -> Result<(), Problem> {
        for first in self.oldest(calls, 1)? {
            let sql = "UPDATE withdrawals SET outbox_level = ?2, outbox_index = ?3, \
                       stage = 'outbox' WHERE first_row = ?1";
            self.file.prepare_cached(sql)?.execute((first, id.level.0, id.index))?;
            self.leaves(first)?;
        }
        Ok(())
    }

    /// Of those that wait to make some calls, the first rows of the oldest messages.
    fn oldest(&self, calls: &Calls, count: i64) -> Result<Vec<i64>, Problem> {
        let sql = "SELECT id FROM withdrawals WHERE calls = ?1 AND stage = 'queued' \
                   ORDER BY id LIMIT ?2";
        let mut ask = self.file.prepare_cached(sql)?;
        let rows = ask.query_map((calls, count), |row| row.get(0))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The supplies of a message's tickets are to be looked at.
    fn leaves(&mut self, first: i64) -> Result<(), Problem> {
        let sql = "SELECT v.ticket FROM withdrawals w JOIN moves v ON v.id = w.id \
                   WHERE w.first_row = ?1";
        let mut ask = self.file.prepare_cached(sql)?;
        for ticket in ask.query_map([first], |row| row.get(0))? {
            self.tally.leaving.insert(ticket?);
        }
        Ok(())
    }

    /// Behind levels that nobody has seen: of those that make the same calls, as many are in this level's outbox as it
    /// has, and as many wait as the kernel's queue has. The others, which are the oldest, have left in the gap.
    fn give_up_what_left_in_the_gap(
        &mut self,
        in_outbox: impl Iterator<Item = Calls>,
    ) -> Result<(), Problem> {
        let Some(state) = self.state else { return Ok(()) };
        let mut there: BTreeMap<Calls, i64> = BTreeMap::new();
        let waiting = state.read(|host| View::new(host).pending())?;
        let waiting = waiting.iter().filter_map(|bytes| {
            // It has no place in an outbox yet, and its calls do not depend on one.
            let id = OutboxMessageId { level: self.level, index: 0 };
            let message = OutboxMessage { id, message: outbox_message(bytes).unwrap_or_default() };
            Some(digest(&message.text_of_calls()?).0)
        });
        for calls in waiting.chain(in_outbox) {
            *there.entry(calls).or_default() += 1;
        }
        let known: Vec<(Calls, i64)> = {
            let sql = "SELECT calls, count(*) FROM withdrawals \
                       WHERE stage = 'queued' AND calls IS NOT NULL GROUP BY calls";
            let mut ask = self.file.prepare_cached(sql)?;
            let rows = ask.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
            rows.collect::<Result<_, _>>()?
        };
        for (calls, count) in known {
            let there = there.get(&calls).copied().unwrap_or(0);
            for first in self.oldest(&calls, count.saturating_sub(there).max(0))? {
                self.lose_sight(first)?;
            }
        }
        Ok(())
    }

    /// What has left the kernel's queue, and is in no outbox that was seen, is in one that nobody has seen.
    fn give_up_behind_an_empty_queue(&mut self) -> Result<(), Problem> {
        let Some(state) = self.state else { return Ok(()) };
        if !self.something_queued()? || state.read(|host| View::new(host).pending_messages())? > 0 {
            return Ok(());
        }
        let all: Vec<i64> = {
            let sql = "SELECT id FROM withdrawals WHERE stage = 'queued' AND id = first_row";
            let mut ask = self.file.prepare_cached(sql)?;
            let rows = ask.query_map([], |row| row.get(0))?;
            rows.collect::<Result<_, _>>()?
        };
        all.into_iter().try_for_each(|first| self.lose_sight(first))
    }

    /// Whether the level before this one is one of which nothing is known.
    fn is_behind_a_gap(&self) -> Result<bool, Problem> {
        let sql = "SELECT block FROM levels WHERE level = ?1";
        let before = self.level.0.saturating_sub(1);
        let mut ask = self.file.prepare_cached(sql)?;
        let block: Option<String> = ask.query_row([before], |row| row.get(0)).optional()?;
        Ok(block.is_some_and(|block| is_unknown(&block)))
    }

    /// The stage of a message is unknown from now on.
    fn lose_sight(&mut self, first: i64) -> Result<(), Problem> {
        let sql = "UPDATE withdrawals SET stage = 'unknown', ended = ?2 WHERE first_row = ?1";
        self.file.prepare_cached(sql)?.execute((first, self.level.0))?;
        self.leaves(first)
    }
}
