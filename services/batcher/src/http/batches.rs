//! Batches: asked for, and signed.

use std::sync::Arc;

use batcher_api::limits::SIGNATURES_PER_REQUEST;
use batcher_api::{BatchAnswer, CoSignatureAnswer, CoSignatures, OpenBatchesAnswer};

use super::failure::Failure;
use super::request::{Call, from_json};
use super::state::HttpState;

pub(super) async fn open(state: Arc<HttpState>, _: Call) -> Result<OpenBatchesAnswer, Failure> {
    Ok(state.engine.batches().await?)
}

pub(super) async fn batch(state: Arc<HttpState>, call: Call) -> Result<BatchAnswer, Failure> {
    Ok(state.engine.batch(call.hash("batch")?).await?)
}

pub(super) async fn sign(state: Arc<HttpState>, call: Call) -> Result<CoSignatureAnswer, Failure> {
    let id = call.hash("batch")?;
    let signatures = call.read(read).await?;
    state.take_signatures(call.client, signatures.signatures.len())?;
    Ok(state.engine.sign(id, signatures, call.client.address).await?)
}

fn read(body: &[u8]) -> Result<CoSignatures, Failure> {
    let read: CoSignatures = from_json(body)?;
    match read.signatures.len() {
        0 => Err(Failure::malformed("the body has no signatures")),
        1..=SIGNATURES_PER_REQUEST => Ok(read),
        count => Err(Failure::too_many("signatures", count, SIGNATURES_PER_REQUEST)),
    }
}
