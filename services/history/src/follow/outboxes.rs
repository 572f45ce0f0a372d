//! Withdrawals: in which outbox they are, and how far layer 1 is with them.

use std::collections::{BTreeMap, HashMap, VecDeque};

use encoding::{Amount, Entrypoint, Kt1Address, Level, Payout, Ticket};
use rusqlite::{Connection, params};
use tx_kernel::view::View;
use wallet::error::RpcError;
use wallet::outbox::{
    Executions, Listed, OutboxMessage, OutboxMessageId, messages, receiver_of, text_of_calls,
};
use wallet::rpc::{Block, Node};
use wallet::withdrawal::{SettlementPace, WithdrawalStage};

use super::messages::Writing;
use super::problem::Problem;
use crate::limits::{OPEN_LOOKED, QUEUED_LOOKED};
use crate::numbers::Wide;
use crate::words::WithdrawalWord;

/// Withdrawals that share an outbox message: those of one operation, in v1 those of one transaction.
struct Group {
    rows: Vec<i64>,
    tickets: Vec<i64>,
    payouts: Option<Vec<Payout>>,
}

impl Writing<'_> {
    /// Looks for what waits in the outbox of this level. Messages that make the same calls cannot be told apart: they
    /// are taken in the order of their withdrawals.
    pub(super) fn outbox(&mut self, node: &Node, block: &Block) -> Result<(), Problem> {
        let groups = self.queued()?;
        if groups.is_empty() {
            return Ok(());
        }
        let found = match messages(node, &block.hash, block.level) {
            Ok(found) => found,
            Err(RpcError::Refused { .. }) => return self.without_outboxes(),
            Err(error) => return Err(error.into()),
        };
        let mut by_calls: HashMap<String, VecDeque<OutboxMessageId>> = HashMap::new();
        for message in &found {
            if let Some(calls) = OutboxMessage::text_of_calls(message) {
                by_calls.entry(calls).or_default().push_back(message.id);
            }
        }
        for group in groups {
            let calls = group.payouts.as_deref().and_then(text_of_calls);
            let place = calls.and_then(|calls| by_calls.get_mut(&calls));
            let Some(id) = place.and_then(VecDeque::pop_front) else { continue };
            for row in group.rows {
                let sql = "UPDATE withdrawals SET outbox_level = ?2, outbox_index = ?3, \
                           stage = 'outbox' WHERE id = ?1";
                self.file.prepare_cached(sql)?.execute((row, id.level.0, id.index))?;
            }
            self.tally.leaving.extend(group.tickets);
        }
        Ok(())
    }

    /// Of a node that shows no outboxes it cannot be known where that is which does not wait any more.
    fn without_outboxes(&self) -> Result<(), Problem> {
        let Some(state) = self.state else { return Ok(()) };
        if state.read(|host| View::new(host).pending_messages())? == 0 {
            let sql = "UPDATE withdrawals SET stage = 'unknown' \
                       WHERE stage NOT IN ('executed', 'lost', 'unknown') AND stage = 'queued'";
            self.file.prepare_cached(sql)?.execute([])?;
        }
        Ok(())
    }

    fn queued(&self) -> Result<Vec<Group>, Problem> {
        let sql = "SELECT w.id, v.message, o.tx, v.operation, o.hash IS NOT NULL, v.outside, \
                   v.entrypoint, v.pays, v.ticket, k.record, v.amount \
                   FROM withdrawals w JOIN moves v ON v.id = w.id \
                   JOIN operations o ON o.id = v.operation JOIN tickets k ON k.id = v.ticket \
                   WHERE w.stage NOT IN ('executed', 'lost', 'unknown') \
                   AND w.stage = 'queued' ORDER BY w.id LIMIT ?1";
        let mut ask = self.file.prepare_cached(sql)?;
        let mut rows = ask.query([QUEUED_LOOKED])?;
        let mut groups: BTreeMap<(i64, i64, i64), Group> = BTreeMap::new();
        while let Some(row) = rows.next()? {
            let (id, message, tx): (i64, i64, i64) = (row.get(0)?, row.get(1)?, row.get(2)?);
            let is_v1: bool = row.get(4)?;
            let operation: i64 = if is_v1 { 0 } else { row.get(3)? };
            let (outside, entrypoint): (String, String) = (row.get(5)?, row.get(6)?);
            let pays: Option<String> = row.get(7)?;
            let (record, amount): (Vec<u8>, Wide) = (row.get(9)?, row.get(10)?);
            let payout = payout(&outside, &entrypoint, pays.as_deref(), &record, amount.0);
            let group = groups.entry((message, tx, operation)).or_insert_with(|| Group {
                rows: Vec::new(),
                tickets: Vec::new(),
                payouts: Some(Vec::new()),
            });
            group.rows.push(id);
            group.tickets.push(row.get(8)?);
            group.payouts = group.payouts.take().zip(payout).map(|(mut all, one)| {
                all.push(one);
                all
            });
        }
        Ok(groups.into_values().collect())
    }
}

fn payout(
    outside: &str,
    entrypoint: &str,
    pays: Option<&str>,
    record: &[u8],
    amount: u64,
) -> Option<Payout> {
    let receiver = match pays {
        None => None,
        Some(text) => Some(receiver_of(text)?),
    };
    Some(Payout {
        destination: Kt1Address::from_base58(outside).ok()?,
        entrypoint: Entrypoint::new(entrypoint.as_bytes())?,
        ticket: Ticket::from_record(record)?,
        amount: Amount::new(amount),
        receiver,
    })
}

/// How far layer 1 is with what is in outboxes, as of the head. Whether anything has changed.
pub(super) fn settle(file: &Connection, node: &Node, sandbox: bool) -> Result<bool, Problem> {
    let open = open(file)?;
    if open.is_empty() {
        return Ok(false);
    }
    let pace = SettlementPace::read(node)?;
    let executions = Executions::read(node, sandbox)?;
    let mut changed = false;
    for one in open {
        // Before it is cemented nothing can be executed, and nothing need be asked.
        let listed = match one.id.level > pace.settled.cemented {
            true => Listed::Unknown,
            false => executions.of(one.id, pace.settled.head)?,
        };
        let executed = match listed {
            Listed::Gone(executed) => executed.map(|level| level.0),
            Listed::Unknown | Listed::Open | Listed::Lost => None,
        };
        let word = word(pace.stage(one.id.level, listed));
        let stage = word.word();
        // It is an estimate of now, and means nothing any more at the end.
        let over = pace.over(one.id.level).filter(|_| word.is_open());
        let expires = over.map(|over| over.0.saturating_sub(1));
        if (one.stage.as_str(), one.executed, one.expires) == (stage, executed, expires) {
            continue;
        }
        let sql = "UPDATE withdrawals SET stage = ?2, executed = ?3, expires = ?4 WHERE id = ?1";
        file.prepare_cached(sql)?.execute(params![one.row, stage, executed, expires])?;
        changed = true;
    }
    Ok(changed)
}

struct Open {
    row: i64,
    id: OutboxMessageId,
    stage: String,
    executed: Option<i32>,
    expires: Option<i32>,
}

fn open(file: &Connection) -> Result<Vec<Open>, Problem> {
    let sql = "SELECT id, outbox_level, outbox_index, stage, executed, expires FROM withdrawals \
               WHERE stage NOT IN ('executed', 'lost', 'unknown') \
               AND outbox_level IS NOT NULL ORDER BY id LIMIT ?1";
    let mut ask = file.prepare_cached(sql)?;
    let rows = ask.query_map([OPEN_LOOKED], |row| {
        let id = OutboxMessageId { level: Level(row.get(1)?), index: row.get(2)? };
        let (stage, executed, expires) = (row.get(3)?, row.get(4)?, row.get(5)?);
        Ok(Open { row: row.get(0)?, id, stage, executed, expires })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn word(stage: WithdrawalStage) -> WithdrawalWord {
    match stage {
        WithdrawalStage::Sent
        | WithdrawalStage::Refused
        | WithdrawalStage::Accepted
        | WithdrawalStage::NotFound => WithdrawalWord::Queued,
        WithdrawalStage::Outbox => WithdrawalWord::Outbox,
        WithdrawalStage::Committed => WithdrawalWord::Committed,
        WithdrawalStage::Cementing => WithdrawalWord::Cementing,
        WithdrawalStage::Executable => WithdrawalWord::Executable,
        WithdrawalStage::Executed => WithdrawalWord::Executed,
        WithdrawalStage::Lost => WithdrawalWord::Lost,
        WithdrawalStage::Unknown | WithdrawalStage::Expired => WithdrawalWord::Unknown,
    }
}
