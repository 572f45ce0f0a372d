//! What is told about a block: `/global/block/{block}/…`.

use serde_json::json;
use store::LevelSummary;

use super::{Asked, Served};
use crate::base58;
use crate::commitment;
use crate::desk::Desk;
use crate::error::NodeError;
use crate::shapes;

/// Messages that the protocol puts into each inbox: its start, the information, its end.
const PROTOCOL_MESSAGES: u32 = 3;

type Result<T> = std::result::Result<T, NodeError>;

/// The level of the block that is asked about.
pub(super) fn level_of(desk: &Desk<'_>, asked: &Asked<'_>) -> Result<i32> {
    desk.chain.resolve(asked.parameter(0))
}

fn summary(desk: &Desk<'_>, asked: &Asked<'_>) -> Result<LevelSummary> {
    let level = level_of(desk, asked)?;
    desk.chain.summary(level)?.ok_or(NodeError::NoInbox(level))
}

pub(super) fn block(desk: &mut Desk<'_>, asked: &Asked<'_>) -> Result<Served> {
    let level = level_of(desk, asked)?;
    let mut told = shapes::block(desk.chain, level)?;
    if asked.flag("outbox")? {
        told["outbox"] = shapes::outbox(desk.chain, level, &desk.chain.outbox(level)?);
    }
    Ok(told.into())
}

pub(super) fn hash(desk: &mut Desk<'_>, asked: &Asked<'_>) -> Result<Served> {
    Ok(json!(base58::block(&desk.chain.hash(level_of(desk, asked)?)?)).into())
}

pub(super) fn level(desk: &mut Desk<'_>, asked: &Asked<'_>) -> Result<Served> {
    Ok(json!(level_of(desk, asked)?).into())
}

pub(super) fn inbox(desk: &mut Desk<'_>, asked: &Asked<'_>) -> Result<Served> {
    let summary = summary(desk, asked)?;
    Ok(json!({
        "level": summary.level,
        "simulation": {
            "messages": summary.messages,
            "unread": summary.unread,
            "blake2b": hex::encode(summary.inbox),
        },
    })
    .into())
}

pub(super) fn num_messages(desk: &mut Desk<'_>, asked: &Asked<'_>) -> Result<Served> {
    let count = summary(desk, asked)?.messages.saturating_add(PROTOCOL_MESSAGES);
    // Octez writes it as a number of any size, which is a text in JSON.
    Ok(json!(count.to_string()).into())
}

pub(super) fn ticks(desk: &mut Desk<'_>, asked: &Asked<'_>) -> Result<Served> {
    Ok(json!(desk.chain.ticks(level_of(desk, asked)?)?.to_string()).into())
}

pub(super) fn total_ticks(desk: &mut Desk<'_>, asked: &Asked<'_>) -> Result<Served> {
    Ok(json!(desk.chain.total_ticks(level_of(desk, asked)?)?.to_string()).into())
}

pub(super) fn status(desk: &mut Desk<'_>, asked: &Asked<'_>) -> Result<Served> {
    Ok(json!(desk.chain.status(level_of(desk, asked)?)?).into())
}

pub(super) fn state_hash(desk: &mut Desk<'_>, asked: &Asked<'_>) -> Result<Served> {
    let block = desk.chain.hash(level_of(desk, asked)?)?;
    Ok(json!(base58::state(&commitment::state_hash(&block))).into())
}
