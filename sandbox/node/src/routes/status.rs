//! What became of a message, by its id or by its operation, in the shape that Octez's node gives it. In the
//! simulated layer 1 each message is an operation of its own.

use serde_json::{Value, json};

use super::{Asked, Served};
use crate::base58::{self, OperationName, digest, read_operation};
use crate::chain::Chain;
use crate::desk::Desk;
use crate::error::NodeError;
use crate::queue::{Fate, MessageId, Waiting};
use crate::shapes;

type Result<T> = std::result::Result<T, NodeError>;

/// The hash of the operation that a message is in.
fn operation(id: &MessageId) -> [u8; 32] {
    digest("operation", &[id])
}

/// What the injector calls that operation.
fn injected(id: &MessageId) -> [u8; 32] {
    digest("operation, injected", &[id])
}

pub(super) fn message(desk: &mut Desk<'_>, asked: &Asked<'_>) -> Result<Served> {
    let text = asked.parameter(0);
    let id = base58::read_message(text)
        .ok_or_else(|| NodeError::malformed("id", text, "the id scmsg… of a message"))?;
    Ok(status(desk.chain, &id, true)?.into())
}

pub(super) fn of_operation(desk: &mut Desk<'_>, asked: &Asked<'_>) -> Result<Served> {
    let text = asked.parameter(0);
    let name = read_operation(text).ok_or_else(|| {
        NodeError::malformed("operation", text, "the hash iop… or o… of an operation")
    })?;
    let meant = |id: &MessageId| match name {
        OperationName::Layer1(hash) => operation(id) == hash,
        OperationName::Injected(hash) => injected(id) == hash,
    };
    // What waits is in no operation yet.
    let known = desk.chain.queue().known().filter(|(_, fate)| *fate != Fate::Waiting);
    let id = known.map(|(id, _)| *id).find(meant);
    Ok(match id {
        Some(id) => status(desk.chain, &id, false)?,
        None => json!({"status": "unknown"}),
    }
    .into())
}

fn status(chain: &Chain, id: &MessageId, with_content: bool) -> Result<Value> {
    Ok(match chain.queue().fate(id) {
        None => json!({"status": "unknown"}),
        Some(Fate::Waiting) => {
            let payload = chain.queue().find(id).and_then(Waiting::payload);
            let mut told = json!({"status": "pending_batch"});
            if let Some(payload) = payload.filter(|_| with_content) {
                told["content"] = json!(hex::encode(payload));
            }
            told
        }
        Some(Fate::Included { level, place }) => included(chain, id, level, place, with_content)?,
    })
}

fn included(
    chain: &Chain,
    id: &MessageId,
    level: i32,
    place: Option<usize>,
    with_content: bool,
) -> Result<Value> {
    let (head, rules) = (chain.head(), chain.rules());
    let inbox = chain.inbox(level)?.unwrap_or_default();
    let whole = place.and_then(|place| inbox.get(place));
    // Messages of layer 1 itself are in no operation of the batcher's, and have no payload.
    let content = whole.and_then(|bytes| bytes.strip_prefix(&[1])).map(hex::encode);
    let mut told = json!({
        "status": "included",
        "operation": {"kind": "add_messages", "message": content.iter().collect::<Vec<_>>()},
        "layer1": {
            "operation_hash": base58::operation(&operation(id)),
            "operation_index": place.unwrap_or_default(),
            "block_hash": base58::block(&chain.hash(level)?),
            "level": level,
        },
        "finalized": level <= Chain::final_at(head),
        "cemented": level <= rules.last_cemented(head),
    });
    if let Some(content) = content.filter(|_| with_content) {
        told["content"] = json!(content);
    }
    let made = chain.commitment_at(rules.committed_with(level));
    let published = made.and_then(|made| Some((made, rules.published_at(made.inbox_level, head)?)));
    if let Some((made, published)) = published {
        told["status"] = json!("committed");
        told["commitment"] = shapes::commitment_content(made);
        told["hash"] = json!(base58::commitment(&made.hash()));
        told["first_published_at_level"] = json!(published);
        told["published_at_level"] = json!(published);
    }
    Ok(told)
}
