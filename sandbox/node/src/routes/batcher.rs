//! The batcher: what is sent, and what waits. `status` says what became of it.

use serde_json::{Value, json};

use super::{Asked, Served, all_bytes, number};
use crate::base58;
use crate::desk::Desk;
use crate::error::NodeError;
use crate::limits::MAX_ANSWER_BYTES;
use crate::queue::{Waiting, at_most};

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
