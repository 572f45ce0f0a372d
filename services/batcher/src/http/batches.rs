//! Batches: asked for, and signed.

use std::sync::Arc;

use batcher_api::limits::SIGNATURES_PER_REQUEST;
use batcher_api::{BatchAnswer, CoSignatureAnswer, CoSignatures};

use super::failure::Failure;
use super::request::{Call, from_json};
use super::served::Served;

pub(super) async fn batch(served: Arc<Served>, call: Call) -> Result<BatchAnswer, Failure> {
    Ok(served.engine.batch(call.hash("batch")?).await?)
}

pub(super) async fn sign(served: Arc<Served>, call: Call) -> Result<CoSignatureAnswer, Failure> {
    let id = call.hash("batch")?;
    let signatures = call.read(read).await?;
    served.take_signatures(call.client, signatures.signatures.len())?;
    Ok(served.engine.sign(id, signatures, call.client.address).await?)
}

fn read(body: &[u8]) -> Result<CoSignatures, Failure> {
    let read: CoSignatures = from_json(body)?;
    match read.signatures.len() {
        0 => Err(Failure::malformed("the body has no signatures")),
        1..=SIGNATURES_PER_REQUEST => Ok(read),
        count => Err(Failure::too_many("signatures", count, SIGNATURES_PER_REQUEST)),
    }
}
