//! The calls of an outbox message, in the one of several JSON forms that they are compared in.

use encoding::{Layer1Address, whole};
use serde_json::{Value, json};

/// The receiver of `Pair receiver ticket`, if the parameters are that, and the ticket.
pub(super) fn payment(parameters: &Value) -> (Option<Layer1Address>, &Value) {
    let [first, ticket] = parameters["args"].as_array().map_or(&[][..], Vec::as_slice) else {
        return (None, parameters);
    };
    // In a bare ticket the content stands where a ticketer does behind a receiver.
    if ticket["args"][0].get("bytes").is_none() {
        return (None, parameters);
    }
    let bytes = first["bytes"].as_str().and_then(|text| hex::decode(text).ok());
    let receiver = bytes.and_then(|bytes| whole(&bytes, Layer1Address::read).ok());
    (receiver, ticket)
}

/// The calls of a message.
pub(super) fn calls(message: &Value) -> Option<Vec<(&str, &str, Value)>> {
    message["transactions"].as_array()?.iter().map(call).collect()
}

/// What a call is, in one form: whom, where, and with what.
fn call(call: &Value) -> Option<(&str, &str, Value)> {
    let entrypoint = match call["entrypoint"].as_str() {
        None | Some("") => "default",
        Some(name) => name,
    };
    // `Unit` goes without saying.
    let parameters = call.get("parameters").map_or_else(|| json!({"prim": "Unit"}), normal);
    Some((call["destination"].as_str()?, entrypoint, parameters))
}

/// Micheline in one of the forms that JSON has for it: pairs have two parts, and nothing that is empty is
/// written.
pub(super) fn normal(node: &Value) -> Value {
    match node {
        Value::Array(nodes) => nodes.iter().map(normal).collect(),
        Value::Object(fields) => {
            let mut fields = fields.clone();
            let is_pair = fields.get("prim").and_then(Value::as_str) == Some("Pair");
            if let Some(Value::Array(args)) = fields.remove("args") {
                let mut args: Vec<Value> = args.iter().map(normal).collect();
                while is_pair && args.len() > 2 {
                    let rest = args.split_off(args.len() - 2);
                    args.push(json!({"prim": "Pair", "args": rest}));
                }
                if !args.is_empty() {
                    fields.insert("args".to_owned(), Value::Array(args));
                }
            }
            fields.retain(|name, value| name != "annots" || value.as_array() != Some(&Vec::new()));
            Value::Object(fields)
        }
        other => other.clone(),
    }
}
