//! What became of each operation of a v2 batch. The results do not repeat what is in the batch.

use encoding::{Hash32, MessageId, RollupAddress};
use host::{HostError, RawRollupCore};
use inbox::v2::Batch;
use tx_kernel::results::batch::OperationOutcome;
use tx_kernel::view::View;

/// What became of one operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settled {
    /// Its transaction in the batch, …
    pub transaction: u32,
    /// … and its place there.
    pub operation: u32,
    /// Whether it is known by its own transaction's digest rather than by the batch's.
    pub individually_signed: bool,
    /// The digest that was signed.
    pub digest: Hash32,
    /// The message of the result: another one, if an earlier result stands.
    pub message: MessageId,
    /// What is recorded.
    pub line: OperationOutcome,
}

/// What became of every operation of a batch: of those that were signed for themselves under their
/// own digest, of all others under the batch's. What `message` has brought about comes first; where
/// it has done nothing, what an earlier one did stands.
///
/// # Errors
/// When the state cannot be read.
pub fn settled<H: RawRollupCore>(
    view: &View<'_, H>,
    batch: &Batch,
    rollup: &RollupAddress,
    message: MessageId,
) -> Result<Vec<Settled>, HostError> {
    let signing_payload = batch.signing_payload(rollup);
    let of_batch = view.batch(&signing_payload.digest)?;
    let mut all = Vec::with_capacity(batch.signings());
    for (signing, is_late) in batch.each_signing().zip(batch.each_individually_signed()) {
        let (transaction, operation) = (as_u32(signing.transaction), as_u32(signing.operation));
        let with = |individually_signed, digest, message, line| Settled {
            transaction,
            operation,
            individually_signed,
            digest,
            message,
            line,
        };
        let of_batch = of_batch.as_ref().map(|result| {
            let key = (transaction, operation);
            let said = result.lines.iter().find(|(t, o, _)| (*t, *o) == key);
            let applied =
                || OperationOutcome { outcome: result.outcome(transaction, operation), memo: None };
            let line = said.map_or_else(applied, |(_, _, line)| line.clone());
            with(false, signing_payload.digest, result.message, line)
        });
        let own =
            batch.signing_payload_of_transaction(signing.transaction, rollup).filter(|_| is_late);
        let of_own = match own {
            None => None,
            Some(own) => view.transaction(&own.digest)?.and_then(|result| {
                let line = result.lines.get(signing.operation)?.clone();
                Some(with(true, own.digest, result.message, line))
            }),
        };
        let is_news = |one: &Settled| one.message == message;
        all.extend(match (of_own, of_batch) {
            (Some(own), Some(of_batch)) if !is_news(&own) && is_news(&of_batch) => Some(of_batch),
            (own, of_batch) => own.or(of_batch),
        });
    }
    Ok(all)
}

fn as_u32(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
