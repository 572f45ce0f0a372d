//! The batcher: what is sent, and what waits. `status` says what became of it.

use super::RequestContext;
use super::request::read_hex;
use crate::error::NodeError;
use crate::limits::{MAX_ANSWER_BYTES, at_most};
use crate::queue::PendingMessage;
use crate::service::NodeService;
use crate::shapes::{Count, Hex, MessageHash, Payloads, QueuedContent, QueuedMessage};

type Result<T> = std::result::Result<T, NodeError>;

pub(super) fn inject(
    service: &mut NodeService<'_>,
    request: &RequestContext,
    Payloads(payloads): Payloads,
) -> Result<Vec<MessageHash>> {
    let order = request.number("order", "a number from 0 to 18,446,744,073,709,551,615")?;
    let drop_duplicates = request.flag("drop_duplicate")?;
    let payloads = payloads.iter().map(|payload| read_hex("a message", &payload.0));
    let payloads = payloads.collect::<Result<Vec<Vec<u8>>>>()?;
    let ids = service.chain.queue_mut().inject(&payloads, order, drop_duplicates)?;
    Ok(ids.iter().map(MessageHash::of).collect())
}

pub(super) fn queue(
    service: &mut NodeService<'_>,
    _: &RequestContext,
) -> Result<Vec<QueuedMessage>> {
    let mut bytes = 0_usize;
    let mut all = Vec::new();
    for message in service.chain.queue().pending() {
        let Some(payload) = message.payload() else { continue };
        bytes = bytes.saturating_add(payload.len());
        at_most("bytes of messages in an answer", bytes, MAX_ANSWER_BYTES)?;
        all.push(queued(message, payload));
    }
    Ok(all)
}

fn queued(message: &PendingMessage, payload: &[u8]) -> QueuedMessage {
    let counter = Count::of(message.number);
    QueuedMessage {
        id: MessageHash::of(&message.id),
        message: QueuedContent { content: Hex::of(payload), counter },
        order: message.order.map(Count::of),
    }
}
