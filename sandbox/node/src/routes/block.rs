//! What is told about a block: `/global/block/{block}/…`.

use serde_json::json;
use store::LevelSummary;

use super::{Asked, Served};
use crate::base58;
use crate::chain::Chain;
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
    let mut told = shapes::full_block(desk.chain, level)?;
    if asked.flag("outbox")? {
        told["outbox"] = shapes::outbox_of_block(desk.chain, &desk.chain.outbox(level)?);
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
    let mut told = shapes::inbox(desk.chain, summary.level)?;
    told["simulation"] = json!({
        "messages": summary.messages,
        "unread": summary.unread,
        "blake2b": hex::encode(summary.inbox),
    });
    Ok(told.into())
}

pub(super) fn committed_status(desk: &mut Desk<'_>, asked: &Asked<'_>) -> Result<Served> {
    let level = level_of(desk, asked)?;
    let (chain, rules) = (&desk.chain, desk.chain.rules());
    let head = chain.head();
    let made_at = rules.committed_with(level);
    let cemented_at = rules.executable_from(level);
    // Where levels are baked on demand, nothing takes any time but to be asked for.
    let seconds =
        desk.options.block_time.map_or(0, |time| i64::try_from(time.as_secs()).unwrap_or(0));
    let at = |then: i32| {
        let levels = i64::from(then) - i64::from(head);
        shapes::time(chain.head_time().saturating_add(levels.saturating_mul(seconds)))
    };
    let hash = chain.commitment_at(made_at).map(|made| base58::commitment(&made.hash()));
    // That of the origination needs no publishing.
    let is_first = made_at == origination(chain);
    let published = rules.published_at(made_at, head).or(is_first.then_some(made_at));
    let told = match (hash, published) {
        (Some(hash), Some(published)) if head >= cemented_at || is_first => json!({
            "cemented": {
                "commitment_hash": hash,
                "commitment_level": made_at,
                "first_published_level": published,
                "published_level": published,
                "blocks_since_cemented": head.saturating_sub(cemented_at).max(0),
            },
        }),
        (Some(hash), Some(published)) => json!({
            "committed": {
                "commitment_hash": hash,
                "commitment_level": made_at,
                "first_published_level": published,
                "published_level": published,
                "estimated_cementation_time": at(cemented_at),
            },
        }),
        _ => json!({
            "uncommitted": {
                "commitment_level": made_at,
                "estimated_commitment_time": at(made_at.saturating_add(1)),
                "estimated_cementation_time": at(cemented_at),
            },
        }),
    };
    Ok(told.into())
}

/// The level of the origination.
fn origination(chain: &Chain) -> i32 {
    chain.store().identity().origination_level
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
