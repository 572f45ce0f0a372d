//! Outboxes: what is in them, what has not been executed, and what executes it.

use serde_json::{Value, json};

use super::block::level_of;
use super::{Asked, Served, number};
use crate::base58;
use crate::chain::Standing;
use crate::desk::Desk;
use crate::error::NodeError;
use crate::limits::MAX_ANSWER_BYTES;
use crate::queue::at_most;
use crate::shapes;

type Result<T> = std::result::Result<T, NodeError>;

pub(super) fn messages(desk: &mut Desk<'_>, asked: &Asked<'_>) -> Result<Served> {
    let (block, level) = (level_of(desk, asked)?, asked.level(1)?);
    // The block knows nothing of later levels.
    if level > block {
        return Ok(json!([]).into());
    }
    Ok(shapes::outbox(desk.chain, level, &desk.chain.outbox(level)?).into())
}

/// The same, with the level in the query: that of the block without one.
pub(super) fn of_level(desk: &mut Desk<'_>, asked: &Asked<'_>) -> Result<Served> {
    let block = level_of(desk, asked)?;
    let level = asked.query("outbox_level").map(|text| number("outbox_level", text, "a level"));
    let level = level.transpose()?.unwrap_or(block);
    if level > block {
        return Ok(json!([]).into());
    }
    Ok(shapes::outbox(desk.chain, level, &desk.chain.outbox(level)?).into())
}

pub(super) fn proof(desk: &mut Desk<'_>, asked: &Asked<'_>) -> Result<Served> {
    level_of(desk, asked)?;
    let index = number("index", asked.query("index").unwrap_or_default(), "a place: ?index=0")?;
    let proof = desk.chain.prove(asked.level(1)?, index)?;
    Ok(json!({
        "commitment": base58::commitment(&proof.commitment),
        "proof": hex::encode(proof.encode()),
    })
    .into())
}

/// Outboxes with messages that have not been executed, of those that stand so.
fn left(
    desk: &Desk<'_>,
    asked: &Asked<'_>,
    wanted: impl Fn(Standing) -> bool,
    with_status: bool,
) -> Result<Served> {
    let chain = &desk.chain;
    let only = asked.query("outbox_level");
    let only: Option<i32> = only.map(|text| number("outbox_level", text, "a level")).transpose()?;
    let mut bytes = 0_usize;
    let mut all = Vec::new();
    for level in chain.pending_levels() {
        if only.is_some_and(|only| only != level) || !wanted(chain.standing(level)) {
            continue;
        }
        let pending = chain.pending(level)?;
        bytes = pending.messages.iter().fold(bytes, |sum, one| sum.saturating_add(one.1.len()));
        at_most("bytes of outboxes in an answer", bytes, MAX_ANSWER_BYTES)?;
        let mut told = shapes::pending(chain, &pending);
        if with_status {
            told["status"] = json!(shapes::standing(pending.standing));
        }
        all.push(told);
    }
    Ok(Value::Array(all).into())
}

pub(super) fn pending(desk: &mut Desk<'_>, asked: &Asked<'_>) -> Result<Served> {
    left(desk, asked, |_| true, true)
}

pub(super) fn executable(desk: &mut Desk<'_>, asked: &Asked<'_>) -> Result<Served> {
    left(desk, asked, |standing| standing == Standing::Executable, false)
}

pub(super) fn unexecutable(desk: &mut Desk<'_>, asked: &Asked<'_>) -> Result<Served> {
    left(desk, asked, |standing| standing == Standing::Pending, false)
}
