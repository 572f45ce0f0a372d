//! How far layer 1 is with the withdrawals that are in outboxes.

use encoding::Level;
use rusqlite::{Connection, params};
use wallet::outbox::{Executions, Listed, OutboxMessageId};
use wallet::rpc::{Block, Node};
use wallet::withdrawal::{SettlementPace, WithdrawalStage};

use super::problem::Problem;
use crate::limits::OPEN_LOOKED;
use crate::words::WithdrawalWord;

/// What a look at all that is open has come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stages {
    /// All are as they were.
    Same,
    /// Some are farther.
    Changed,
    /// The node's head was another one meanwhile: what was written is of no head, and has to be taken back.
    Moved,
}

/// A withdrawal that is in an outbox, and not at its end.
struct Open {
    row: i64,
    id: OutboxMessageId,
    stage: String,
    executed: Option<i32>,
    expires: Option<i32>,
}

/// Looks at all that is in outboxes, as of a head.
pub(super) fn settle(
    file: &Connection,
    node: &Node,
    sandbox: bool,
    head: &Block,
) -> Result<Stages, Problem> {
    let mut open = open_after(file, i64::MIN)?;
    if open.is_empty() {
        return Ok(Stages::Same);
    }
    let pace = SettlementPace::read(node)?;
    let executions = Executions::read(node, sandbox)?;
    let mut changed = false;
    while let Some(last) = open.last().map(|one| one.row) {
        for one in &open {
            changed |= look(file, &pace, &executions, head, one)?;
        }
        open = open_after(file, last)?;
    }
    // A level that is taken back takes back what was seen at it. So nothing may be noted that was seen at a later one.
    Ok(match node.block("head")? == *head {
        true if changed => Stages::Changed,
        true => Stages::Same,
        false => Stages::Moved,
    })
}

/// Looks at one: whether it is farther.
fn look(
    file: &Connection,
    pace: &SettlementPace,
    executions: &Executions<'_>,
    head: &Block,
    one: &Open,
) -> Result<bool, Problem> {
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
        return Ok(false);
    }
    let ended = (!word.is_open()).then_some(head.level.0);
    let sql = "UPDATE withdrawals SET stage = ?2, executed = ?3, expires = ?4, ended = ?5 \
               WHERE id = ?1";
    file.prepare_cached(sql)?.execute(params![one.row, stage, executed, expires, ended])?;
    Ok(true)
}

/// The next of those that are open, oldest first: so many at once.
fn open_after(file: &Connection, row: i64) -> Result<Vec<Open>, Problem> {
    let sql = "SELECT id, outbox_level, outbox_index, stage, executed, expires FROM withdrawals \
               WHERE stage NOT IN ('executed', 'lost', 'unknown') \
               AND outbox_level IS NOT NULL AND id > ?1 ORDER BY id LIMIT ?2";
    let mut ask = file.prepare_cached(sql)?;
    let rows = ask.query_map((row, OPEN_LOOKED), |row| {
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
