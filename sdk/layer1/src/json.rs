//! Outbox messages and Micheline as Octez shows them in JSON, and Micheline read from it.

use num_bigint::BigInt;
use serde_json::{Map, Value, json};

use crate::entrypoints::DEFAULT;
use crate::michelson::{DEPTH_MAX, INT_DIGITS_MAX, Node, Prim, is_annot, is_string_char};
use crate::outbox::{OutboxMessage, decode};

/// The tag of calls with the type of their parameters.
const TYPED: u8 = 1;

/// An outbox message, as the protocol shows it; `None` for what layer 1 does not understand.
pub fn outbox_message(message: &[u8]) -> Option<Value> {
    match decode(message) {
        OutboxMessage::Calls(calls) => {
            let calls = calls.iter().map(|call| {
                let entrypoint =
                    if call.entrypoint.is_empty() { DEFAULT } else { &call.entrypoint };
                let mut shown = json!({
                    "parameters": micheline(&call.parameters),
                    "destination": call.destination.to_string(),
                    "entrypoint": entrypoint,
                });
                if let Some(told) = &call.parameters_type {
                    shown["parameters_ty"] = micheline(told);
                }
                shown
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

/// An outbox message, as the rollup node sums it up: without a kind, and without what goes without
/// saying, the entrypoint `default` and the parameter `Unit`. `None` for what layer 1 does not understand.
pub fn outbox_summary(message: &[u8]) -> Option<Value> {
    match decode(message) {
        OutboxMessage::Calls(calls) => {
            let calls = calls.iter().map(|call| {
                let mut shown = json!({"destination": call.destination.to_string()});
                if !matches!(call.entrypoint.as_str(), "" | DEFAULT) {
                    shown["entrypoint"] = json!(call.entrypoint);
                }
                let parameters = micheline(&call.parameters);
                if parameters != json!({"prim": "Unit"}) {
                    shown["parameters"] = parameters;
                }
                if let Some(told) = &call.parameters_type {
                    shown["parameters_ty"] = micheline(told);
                }
                shown
            });
            Some(json!({"transactions": calls.collect::<Value>()}))
        }
        OutboxMessage::Whitelist(operators) => {
            let operators = operators.map(|operators| -> Value {
                operators.iter().map(|one| Value::from(one.to_string())).collect()
            });
            Some(json!({"whitelist_update": operators}))
        }
        OutboxMessage::Unknown => None,
    }
}

/// The expression that JSON says; `None` if it says none.
pub fn from_micheline(value: &Value) -> Option<Node> {
    read(value, 0)
}

fn read(value: &Value, depth: usize) -> Option<Node> {
    if depth >= DEPTH_MAX {
        return None;
    }
    let all = |values: &[Value]| -> Option<Vec<Node>> {
        values.iter().map(|one| read(one, depth + 1)).collect()
    };
    let object = match value {
        Value::Array(items) => return all(items).map(Node::Seq),
        Value::Object(object) => object,
        _ => return None,
    };
    let text = |name: &str| object.get(name).and_then(Value::as_str);
    if let Some(number) = text("int") {
        let digits = number.strip_prefix('-').unwrap_or(number);
        let good = !digits.is_empty()
            && digits.len() <= INT_DIGITS_MAX
            && digits.bytes().all(|byte| byte.is_ascii_digit());
        return good.then(|| BigInt::parse_bytes(number.as_bytes(), 10)).flatten().map(Node::Int);
    }
    if let Some(string) = text("string") {
        let good = string.chars().all(is_string_char);
        return good.then(|| Node::String(string.to_owned()));
    }
    if let Some(bytes) = text("bytes") {
        return hex::decode(bytes).ok().map(Node::Bytes);
    }
    let prim = Prim::from_name(text("prim")?)?;
    let args = match object.get("args") {
        None => Vec::new(),
        Some(args) => all(args.as_array()?)?,
    };
    let annots = match object.get("annots") {
        None => Vec::new(),
        Some(annots) => {
            let annots = annots.as_array()?.iter().map(|annot| {
                let annot = annot.as_str().filter(|annot| is_annot(annot))?;
                Some(annot.to_owned())
            });
            annots.collect::<Option<Vec<_>>>()?
        }
    };
    Some(Node::Prim { prim, args, annots })
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
        let summed_up = json!({"transactions": [{
            "destination": "KT18amZmM5W7qDWVt2pH6uj7sCEd3kbzLrHT",
            "parameters": {"prim": "Pair", "args": [{"int": "10"}, {"bytes": "ff"}]},
        }]});
        assert_eq!(outbox_summary(&bytes), Some(summed_up));
        assert_eq!(outbox_summary(&[2, 0]), Some(json!({"whitelist_update": null})));
        assert_eq!(outbox_summary(&[9]), None);
    }

    #[test]
    fn micheline_comes_back_and_nothing_else_is_any() {
        for source in
            ["(pair %burn (address %a) (ticket string))", "{ Elt -5 0x00ff ; \"a\\n\" }", "{}"]
        {
            let node = crate::michelson::parse(source).unwrap();
            assert_eq!(from_micheline(&micheline(&node)), Some(node), "{source}");
        }
        for bad in [
            json!(null),
            json!("unit"),
            json!({}),
            json!({"int": "x"}),
            json!({"int": "-"}),
            json!({"int": 5}),
            json!({"int": "9".repeat(INT_DIGITS_MAX + 1)}),
            json!({"bytes": "0"}),
            json!({"string": "\u{1b}[2J"}),
            json!({"prim": "nothing"}),
            json!({"prim": "unit", "annots": ["\u{202e}"]}),
            json!({"prim": "unit", "annots": "%a"}),
            json!({"prim": "option", "args": [{"prim": "?"}]}),
        ] {
            assert_eq!(from_micheline(&bad), None, "{bad}");
        }
    }
}
