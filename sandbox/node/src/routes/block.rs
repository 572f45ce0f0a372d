//! What is told about a block: `/global/block/{block}/…`.

use store::LevelSummary;

use super::RequestContext;
use crate::chain::Chain;
use crate::error::NodeError;
use crate::service::NodeService;
use crate::shapes::{
    Block, BlockHash, BlockOutboxMessage, CommitmentHash, CommittedStatus, Count, Hex, Inbox,
    InboxFacts, InboxWithFacts, StateHash, time,
};

/// Messages that the protocol puts into each inbox: its start, the information, its end.
const PROTOCOL_MESSAGES: u32 = 3;

type Result<T> = std::result::Result<T, NodeError>;

/// The level of the block that is asked about.
pub(super) fn level_of(service: &NodeService<'_>, request: &RequestContext) -> Result<i32> {
    service.chain.resolve(request.parameter(0))
}

fn summary(service: &NodeService<'_>, request: &RequestContext) -> Result<LevelSummary> {
    let level = level_of(service, request)?;
    service.chain.summary(level)?.ok_or(NodeError::NoInbox(level))
}

pub(super) fn block(service: &mut NodeService<'_>, request: &RequestContext) -> Result<Block> {
    let level = level_of(service, request)?;
    let mut block = Block::of(service.chain, level)?;
    if request.flag("outbox")? {
        block.outbox = Some(BlockOutboxMessage::all(service.chain, &service.chain.outbox(level)?));
    }
    Ok(block)
}

pub(super) fn hash(service: &mut NodeService<'_>, request: &RequestContext) -> Result<BlockHash> {
    Ok(BlockHash::of(&service.chain.hash(level_of(service, request)?)?))
}

pub(super) fn level(service: &mut NodeService<'_>, request: &RequestContext) -> Result<i32> {
    level_of(service, request)
}

pub(super) fn inbox(
    service: &mut NodeService<'_>,
    request: &RequestContext,
) -> Result<InboxWithFacts> {
    let LevelSummary { level, messages, unread, inbox, .. } = summary(service, request)?;
    let facts = InboxFacts { messages, unread, blake2b: Hex::of(&inbox) };
    Ok(Inbox::of(service.chain, level)?.with(facts))
}

pub(super) fn committed_status(
    service: &mut NodeService<'_>,
    request: &RequestContext,
) -> Result<CommittedStatus> {
    let level = level_of(service, request)?;
    let (chain, settlement) = (&service.chain, service.chain.settlement());
    let head = chain.head();
    let made_at = settlement.committed_with(level);
    let cemented_at = settlement.executable_from(level);
    // Where levels are baked on demand, nothing takes any time but to be asked for.
    let seconds =
        service.options.block_time.map_or(0, |time| i64::try_from(time.as_secs()).unwrap_or(0));
    let at = |then: i32| {
        let levels = i64::from(then) - i64::from(head);
        time(chain.head_time().saturating_add(levels.saturating_mul(seconds)))
    };
    let hash = chain.commitment_at(made_at).map(|made| CommitmentHash::of(&made.hash()));
    // That of the origination needs no publishing.
    let is_first = made_at == origination(chain);
    let published = settlement.published_at(made_at, head).or(is_first.then_some(made_at));
    Ok(match (hash, published) {
        (Some(commitment_hash), Some(published)) if head >= cemented_at || is_first => {
            CommittedStatus::Cemented {
                commitment_hash,
                commitment_level: made_at,
                first_published_level: published,
                published_level: published,
                blocks_since_cemented: head.saturating_sub(cemented_at).max(0),
            }
        }
        (Some(commitment_hash), Some(published)) => CommittedStatus::Committed {
            commitment_hash,
            commitment_level: made_at,
            first_published_level: published,
            published_level: published,
            estimated_cementation_time: at(cemented_at),
        },
        _ => CommittedStatus::Uncommitted {
            commitment_level: made_at,
            estimated_commitment_time: at(made_at.saturating_add(1)),
            estimated_cementation_time: at(cemented_at),
        },
    })
}

/// The level of the origination.
fn origination(chain: &Chain) -> i32 {
    chain.store().identity().origination_level
}

pub(super) fn num_messages(
    service: &mut NodeService<'_>,
    request: &RequestContext,
) -> Result<Count> {
    // Octez writes it as a number of any size, which is a text in JSON.
    Ok(Count::of(summary(service, request)?.messages.saturating_add(PROTOCOL_MESSAGES)))
}

pub(super) fn ticks(service: &mut NodeService<'_>, request: &RequestContext) -> Result<Count> {
    Ok(Count::of(service.chain.ticks(level_of(service, request)?)?))
}

pub(super) fn total_ticks(
    service: &mut NodeService<'_>,
    request: &RequestContext,
) -> Result<Count> {
    Ok(Count::of(service.chain.total_ticks(level_of(service, request)?)?))
}

pub(super) fn status(service: &mut NodeService<'_>, request: &RequestContext) -> Result<String> {
    service.chain.pvm_status(level_of(service, request)?)
}

pub(super) fn state_hash(
    service: &mut NodeService<'_>,
    request: &RequestContext,
) -> Result<StateHash> {
    Ok(StateHash::of(&service.chain.state_hash(level_of(service, request)?)?))
}
