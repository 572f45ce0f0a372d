//! Outboxes: what is in them, what has not been executed, and what executes it.

use super::RequestContext;
use super::block::level_of;
use crate::chain::{ExecutionStatus, Pending};
use crate::error::NodeError;
use crate::limits::{MAX_ANSWER_BYTES, at_most};
use crate::service::NodeService;
use crate::shapes::{
    CommitmentHash, Hex, OutboxMessage, OutboxProof, PendingOutbox, PendingOutboxWithStatus,
};

type Result<T> = std::result::Result<T, NodeError>;

/// The outbox of a level, as a block knows it, which knows nothing of later levels.
fn outbox(service: &NodeService<'_>, block: i32, level: i32) -> Result<Vec<OutboxMessage>> {
    if level > block {
        return Ok(Vec::new());
    }
    Ok(OutboxMessage::all(service.chain, level, &service.chain.outbox(level)?))
}

pub(super) fn messages(
    service: &mut NodeService<'_>,
    request: &RequestContext,
) -> Result<Vec<OutboxMessage>> {
    outbox(service, level_of(service, request)?, request.level(1)?)
}

/// The same, with the level in the query: that of the block without one.
pub(super) fn of_level(
    service: &mut NodeService<'_>,
    request: &RequestContext,
) -> Result<Vec<OutboxMessage>> {
    let block = level_of(service, request)?;
    outbox(service, block, request.number("outbox_level", "a level")?.unwrap_or(block))
}

pub(super) fn proof(
    service: &mut NodeService<'_>,
    request: &RequestContext,
) -> Result<OutboxProof> {
    level_of(service, request)?;
    let expected = "an index: ?index=0";
    let index = request.number("index", expected)?;
    let index = index.ok_or_else(|| NodeError::malformed("index", "", expected))?;
    let proof = service.chain.prove(request.level(1)?, index)?;
    Ok(OutboxProof {
        commitment: CommitmentHash::of(&proof.commitment.hash()),
        proof: Hex::of(&proof.proof),
    })
}

/// Outboxes with messages that have not been executed, of those that stand so.
fn left(
    service: &NodeService<'_>,
    request: &RequestContext,
    wanted: impl Fn(ExecutionStatus) -> bool,
) -> Result<Vec<Pending>> {
    let chain = &service.chain;
    let only: Option<i32> = request.number("outbox_level", "a level")?;
    let mut bytes = 0_usize;
    let mut all = Vec::new();
    for level in chain.pending_levels() {
        if only.is_some_and(|only| only != level) || !wanted(chain.execution_status(level)) {
            continue;
        }
        let pending = chain.pending(level)?;
        bytes = pending.messages.iter().fold(bytes, |sum, one| sum.saturating_add(one.1.len()));
        at_most("bytes of outboxes in an answer", bytes, MAX_ANSWER_BYTES)?;
        all.push(pending);
    }
    Ok(all)
}

fn shown(service: &NodeService<'_>, all: &[Pending]) -> Vec<PendingOutbox> {
    all.iter().map(|pending| PendingOutbox::of(service.chain, pending)).collect()
}

pub(super) fn pending(
    service: &mut NodeService<'_>,
    request: &RequestContext,
) -> Result<Vec<PendingOutboxWithStatus>> {
    let all = left(service, request, |_| true)?;
    let shown = shown(service, &all).into_iter().zip(&all);
    Ok(shown.map(|(outbox, pending)| outbox.with(pending.status)).collect())
}

pub(super) fn executable(
    service: &mut NodeService<'_>,
    request: &RequestContext,
) -> Result<Vec<PendingOutbox>> {
    let all = left(service, request, |status| status == ExecutionStatus::Executable)?;
    Ok(shown(service, &all))
}

pub(super) fn unexecutable(
    service: &mut NodeService<'_>,
    request: &RequestContext,
) -> Result<Vec<PendingOutbox>> {
    let all = left(service, request, |status| status == ExecutionStatus::Pending)?;
    Ok(shown(service, &all))
}
