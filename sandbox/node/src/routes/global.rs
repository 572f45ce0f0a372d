//! What is told about the rollup as a whole.

use layer1::hashes;

use super::RequestContext;
use crate::error::NodeError;
use crate::service::NodeService;
use crate::shapes::{
    BlockHash, CementedCommitment, Commitment, PublishedCommitment, RollupAddress, Synchronized,
};

type Result<T> = std::result::Result<T, NodeError>;

pub(super) fn address(service: &mut NodeService<'_>, _: &RequestContext) -> Result<RollupAddress> {
    Ok(RollupAddress::of(&service.chain.store().identity().rollup))
}

pub(super) fn head(service: &mut NodeService<'_>, _: &RequestContext) -> Result<BlockHash> {
    Ok(BlockHash::of(&service.chain.hash(service.chain.head())?))
}

pub(super) fn level(service: &mut NodeService<'_>, _: &RequestContext) -> Result<i32> {
    Ok(service.chain.head())
}

pub(super) fn last_stored(
    service: &mut NodeService<'_>,
    _: &RequestContext,
) -> Result<Option<Commitment>> {
    let made_at = service.chain.settlement().last_committed(service.chain.head());
    Ok(service.chain.commitment_at(made_at).map(Commitment::from))
}

pub(super) fn last_cemented(
    service: &mut NodeService<'_>,
    _: &RequestContext,
) -> Result<Option<CementedCommitment>> {
    Ok(service.chain.last_cemented().map(CementedCommitment::from))
}

pub(super) fn last_published(
    service: &mut NodeService<'_>,
    _: &RequestContext,
) -> Result<Option<PublishedCommitment>> {
    let chain = &service.chain;
    let made_at = chain.settlement().last_published(chain.head());
    let made = made_at.and_then(|made_at| chain.commitment_at(made_at));
    Ok(made.map(|made| PublishedCommitment::of(chain, made)))
}

pub(super) fn commitment(
    service: &mut NodeService<'_>,
    request: &RequestContext,
) -> Result<Option<PublishedCommitment>> {
    let text = request.parameter(0);
    let hash = hashes::COMMITMENT
        .read(text)
        .ok_or_else(|| NodeError::malformed("commitment", text, "the hash src1… of one"))?;
    let chain = &service.chain;
    Ok(chain.commitment(&hash).map(|made| PublishedCommitment::of(chain, made)))
}

pub(super) fn synchronized(_: &mut NodeService<'_>, _: &RequestContext) -> Result<Synchronized> {
    Ok(Synchronized::Synchronized)
}

pub(super) fn ping(_: &mut NodeService<'_>, _: &RequestContext) -> Result<()> {
    Ok(())
}
