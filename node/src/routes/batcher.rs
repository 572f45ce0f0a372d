//! The batcher: what is sent, what waits, and what became of it.

use serde_json::{Value, json};

use super::{Asked, Served, all_bytes, number};
use crate::base58;
use crate::chain::Chain;
use crate::desk::Desk;
use crate::error::NodeError;
use crate::limits::MAX_ANSWER_BYTES;
use crate::queue::{Fate, Waiting, at_most};

type Result<T> = std::result::Result<T, NodeError>;

pub(super) fn inject(desk: &mut Desk<'_>, asked: &Asked<'_>) -> Result<Served> {
    let expected = "a number from 0 to 18,446,744,073,709,551,615";
    let order = asked.query("order").map(|text| number("order", text, expected)).transpose()?;
    let drop_duplicates = asked.flag("drop_duplicate")?;
    let payloads = all_bytes("a message", &asked.body::<Vec<String>>()?)?;
    let ids = desk.chain.queue_mut().inject(&payloads, order, drop_duplicates)?;
    Ok(ids.iter().map(|id| Value::from(base58::message(id))).collect::<Value>().into())
}

pub(super) fn queue(desk: &mut Desk<'_>, _: &Asked<'_>) -> Result<Served> {
    let mut bytes = 0_usize;
    let mut all = Vec::new();
    for message in desk.chain.queue().waiting() {
        let Some(payload) = message.payload() else { continue };
        bytes = bytes.saturating_add(payload.len());
        at_most("bytes of messages in an answer", bytes, MAX_ANSWER_BYTES)?;
        all.push(queued(message, payload));
    }
    Ok(Value::Array(all).into())
}

fn queued(message: &Waiting, payload: &[u8]) -> Value {
    let mut told = json!({
        "id": base58::message(&message.id),
        "message": {"content": hex::encode(payload), "counter": message.number.to_string()},
    });
    if let Some(order) = message.order {
        told["order"] = json!(order.to_string());
    }
    told
}

pub(super) fn message(desk: &mut Desk<'_>, asked: &Asked<'_>) -> Result<Served> {
    let text = asked.parameter(0);
    let id = base58::read_message(text)
        .ok_or_else(|| NodeError::malformed("id", text, "the id scmsg… of a message"))?;
    let chain = &desk.chain;
    Ok(match chain.queue().fate(&id) {
        None => json!({"status": "unknown"}),
        Some(Fate::Waiting) => {
            let mut told = json!({"status": "pending_batch"});
            if let Some(payload) = chain.queue().find(&id).and_then(Waiting::payload) {
                told["content"] = json!(hex::encode(payload));
            }
            told
        }
        Some(Fate::Included { level }) => included(chain, level)?,
    }
    .into())
}

fn included(chain: &Chain, level: i32) -> Result<Value> {
    let (head, rules) = (chain.head(), chain.rules());
    let mut told = json!({
        "status": "included",
        "level": level,
        "finalized": level <= Chain::final_at(head),
        "cemented": level <= rules.last_cemented(head),
    });
    let made = chain.commitment_at(rules.committed_with(level));
    if let Some(made) = made.filter(|made| rules.published_at(made.inbox_level, head).is_some()) {
        told["status"] = json!("committed");
        told["commitment_hash"] = json!(base58::commitment(&made.hash()));
    }
    Ok(told)
}
