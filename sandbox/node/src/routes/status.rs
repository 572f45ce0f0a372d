//! What became of a message, by its id or by its operation, in the shape that Octez's node gives it. In the
//! simulated layer 1 each message is an operation of its own.

use layer1::hashes;

use super::RequestContext;
use crate::chain::Chain;
use crate::digest::digest;
use crate::error::NodeError;
use crate::queue::{MessageId, MessageStatus, PendingMessage};
use crate::service::NodeService;
use crate::shapes::{
    BlockHash, Hex, InBlock, IncludedOperation, Layer1Inclusion, MessageInfo, OperationHash,
};

type Result<T> = std::result::Result<T, NodeError>;

/// The hash of the operation that a message is in.
fn operation(id: &MessageId) -> [u8; 32] {
    digest("operation", &[id])
}

/// What the injector calls that operation.
fn injected(id: &MessageId) -> [u8; 32] {
    digest("operation, injected", &[id])
}

pub(super) fn message(
    service: &mut NodeService<'_>,
    request: &RequestContext,
) -> Result<MessageInfo> {
    let text = request.parameter(0);
    let id = hashes::MESSAGE
        .read(text)
        .ok_or_else(|| NodeError::malformed("id", text, "the id scmsg… of a message"))?;
    status(service.chain, &id, true)
}

pub(super) fn of_operation(
    service: &mut NodeService<'_>,
    request: &RequestContext,
) -> Result<MessageInfo> {
    let text = request.parameter(0);
    let (on_layer1, in_injector) =
        (hashes::OPERATION.read(text), hashes::INJECTED_OPERATION.read(text));
    if on_layer1.is_none() && in_injector.is_none() {
        let expected = "the hash iop… or o… of an operation";
        return Err(NodeError::malformed("operation", text, expected));
    }
    let meant = |id: &MessageId| {
        on_layer1.is_some_and(|hash| operation(id) == hash)
            || in_injector.is_some_and(|hash| injected(id) == hash)
    };
    // What waits is in no operation yet.
    let (queue, layer1) = (service.chain.queue(), service.chain.layer1());
    let head = service.chain.head();
    let known = queue.known().filter(|(_, status)| *status != MessageStatus::Pending);
    let sent = layer1.places().filter(|(_, place)| place.level < head);
    let mut all = known.map(|(id, _)| *id).chain(sent.map(|(id, _)| *id));
    match all.find(meant) {
        Some(id) => status(service.chain, &id, false),
        None => Ok(MessageInfo::Unknown),
    }
}

fn status(chain: &Chain, id: &MessageId, with_content: bool) -> Result<MessageInfo> {
    Ok(match chain.queue().status(id).or_else(|| sent(chain, id)) {
        None => MessageInfo::Unknown,
        Some(MessageStatus::Pending) => {
            let payload = chain.queue().find(id).and_then(PendingMessage::payload);
            MessageInfo::PendingBatch { content: payload.filter(|_| with_content).map(Hex::of) }
        }
        Some(MessageStatus::Included { level, index }) => {
            included(chain, id, level, index, with_content)?
        }
    })
}

/// What became of a message that an operation of layer 1 has sent.
fn sent(chain: &Chain, id: &MessageId) -> Option<MessageStatus> {
    let place = chain.layer1().place(id)?;
    if place.level >= chain.head() {
        return Some(MessageStatus::Pending);
    }
    let level = place.level.saturating_add(1);
    Some(MessageStatus::Included { level, index: Some(place.index) })
}

fn included(
    chain: &Chain,
    id: &MessageId,
    level: i32,
    index: Option<usize>,
    with_content: bool,
) -> Result<MessageInfo> {
    let (head, settlement) = (chain.head(), chain.settlement());
    let inbox = chain.inbox(level)?.unwrap_or_default();
    let whole = index.and_then(|index| inbox.get(index));
    // Messages of layer 1 itself are in no operation of the batcher's, and have no payload.
    let content = whole.and_then(|bytes| bytes.strip_prefix(&[1])).map(Hex::of);
    let in_block = InBlock {
        content: content.clone().filter(|_| with_content),
        operation: IncludedOperation::with(content),
        layer1: Layer1Inclusion {
            operation_hash: OperationHash::of(&operation(id)),
            operation_index: index.unwrap_or_default(),
            block_hash: BlockHash::of(&chain.hash(level)?),
            level,
        },
        finalized: level <= Chain::final_at(head),
        cemented: level <= settlement.last_cemented(head),
    };
    let made = chain.commitment_at(settlement.committed_with(level));
    let published =
        made.and_then(|made| Some((made, settlement.published_at(made.inbox_level, head)?)));
    Ok(in_block.with(published))
}
