//! Outbox messages and Micheline as Octez shows them in JSON.

use serde_json::{Map, Value, json};

use crate::michelson::Node;
use crate::outbox::{OutboxMessage, decode};

/// The tag of calls with the type of their parameters.
const TYPED: u8 = 1;

/// An outbox message; `None` for what layer 1 does not understand. The types of typed calls are left
/// out.
pub fn outbox_message(message: &[u8]) -> Option<Value> {
    match decode(message) {
        OutboxMessage::Calls(calls) => {
            let calls = calls.iter().map(|call| {
                let entrypoint =
                    if call.entrypoint.is_empty() { "default" } else { &call.entrypoint };
                json!({
                    "parameters": micheline(&call.parameters),
                    "destination": call.destination.to_string(),
                    "entrypoint": entrypoint,
                })
            });
            let calls: Vec<Value> = calls.collect();
            let kind = if message.first() == Some(&TYPED) { "typed" } else { "untyped" };
            Some(json!({"transactions": calls, "kind": kind}))
        }
        OutboxMessage::Whitelist(operators) => {
            let mut update = json!({"kind": "whitelist_update"});
            if let Some(operators) = operators {
                let operators = operators.iter().map(|one| Value::from(one.to_string()));
                update["whitelist"] = operators.collect();
            }
            Some(update)
        }
        OutboxMessage::Unknown => None,
    }
}

/// Micheline as Octez writes it in JSON.
pub fn micheline(node: &Node) -> Value {
    match node {
        Node::Int(number) => json!({"int": number.to_string()}),
        Node::String(text) => json!({"string": text}),
        Node::Bytes(bytes) => json!({"bytes": hex::encode(bytes)}),
        Node::Seq(nodes) => nodes.iter().map(micheline).collect(),
        Node::Prim { prim, args, annots } => {
            let mut shown = Map::from_iter([("prim".to_owned(), json!(prim.name()))]);
            if !args.is_empty() {
                shown.insert("args".to_owned(), args.iter().map(micheline).collect());
            }
            if !annots.is_empty() {
                shown.insert("annots".to_owned(), json!(annots));
            }
            Value::Object(shown)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_a_whitelist_and_neither() {
        let call = format!("0707000a0a00000001ff01{}0000000000", "00".repeat(20));
        let bytes = hex::decode(format!("00{:08x}{call}", call.len() / 2)).unwrap();
        let expected = json!({
            "transactions": [{
                "parameters": {"prim": "Pair", "args": [{"int": "10"}, {"bytes": "ff"}]},
                "destination": "KT18amZmM5W7qDWVt2pH6uj7sCEd3kbzLrHT",
                "entrypoint": "default",
            }],
            "kind": "untyped",
        });
        assert_eq!(outbox_message(&bytes), Some(expected));
        assert_eq!(outbox_message(&[2, 0]), Some(json!({"kind": "whitelist_update"})));
        assert_eq!(outbox_message(&[9]), None);
    }
}
