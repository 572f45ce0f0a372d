//! `/openapi`: what is served, and nothing else.

use serde_json::{Map, Value, json};

/// Method, path, what it is.
const ENDPOINTS: [(&str, &str, &str); 23] = [
    ("get", "/global/smart_rollup_address", "The rollup's address"),
    ("get", "/global/tezos_head", "The head's hash, which is the simulation's own"),
    ("get", "/global/tezos_level", "The head's level"),
    ("get", "/global/block/{block}", "A block: head, finalized, cemented, a level or a hash"),
    ("get", "/global/block/{block}/hash", "Its hash, which is the simulation's own"),
    ("get", "/global/block/{block}/level", "Its level"),
    ("get", "/global/block/{block}/inbox", "Its inbox; its hash is the simulation's own"),
    ("get", "/global/block/{block}/num_messages", "Messages of its inbox, the protocol's included"),
    ("get", "/global/block/{block}/ticks", "The ticks of its level, padded as the PVM's are"),
    ("get", "/global/block/{block}/status", "The PVM after it"),
    ("get", "/global/block/{block}/durable/wasm_2_0_0/value", "A value in hex, or null (?key=)"),
    ("get", "/global/block/{block}/durable/wasm_2_0_0/length", "Its bytes, or null (?key=)"),
    ("get", "/global/block/{block}/durable/wasm_2_0_0/subkeys", "The names below a path (?key=)"),
    ("get", "/global/block/{block}/durable/wasm_2_0_0/values", "All values below it (?key=)"),
    ("get", "/global/block/{block}/outbox/{level}/messages", "The outbox of a level"),
    ("post", "/global/block/head/simulate", "Plays {messages} as the next level; changes nothing"),
    ("post", "/local/batcher/injection", "Takes external messages, a list of hex without the tag"),
    ("get", "/local/batcher/queue", "The messages that wait for a level"),
    ("get", "/local/batcher/queue/{id}", "What became of a message"),
    ("get", "/health", "Whether the node works"),
    ("get", "/version", "The version of the sandbox"),
    ("get", "/ping", "Nothing"),
    ("get", "/openapi", "This document"),
];

/// Those of the sandbox alone.
const DEV: [(&str, &str, &str); 7] = [
    ("post", "/dev/mine", "Bakes {levels}"),
    ("post", "/dev/deposit", "A contract's call: {payload, sender, source}"),
    ("post", "/dev/snapshot", "Names the state as it is: {name}"),
    ("post", "/dev/revert", "Goes back {to} a level or a snapshot"),
    ("post", "/dev/execute", "Executes an outbox message: {outbox_level, message_index}"),
    ("post", "/dev/stop", "Ends the sandbox"),
    ("get", "/dev/outbox/{level}", "When the messages of an outbox can be executed"),
];

/// The document.
pub(super) fn document(dev: bool) -> Value {
    let dev = if dev { DEV.as_slice() } else { &[] };
    let mut paths = Map::new();
    for (method, path, summary) in ENDPOINTS.iter().chain(dev) {
        let parameters: Vec<Value> = path
            .split('/')
            .filter_map(|step| step.strip_prefix('{')?.strip_suffix('}'))
            .map(|name| json!({"name": name, "in": "path", "required": true, "schema": {"type": "string"}}))
            .chain(summary.contains("?key=").then(
                || json!({"name": "key", "in": "query", "required": true, "schema": {"type": "string"}}),
            ))
            .collect();
        let answer = json!({"description": "JSON", "content": {"application/json": {}}});
        let refusal = json!({"description": "An error and its message"});
        let operation = json!({
            "summary": summary,
            "parameters": parameters,
            "responses": {"200": answer, "default": refusal},
        });
        paths.insert((*path).to_owned(), json!({*method: operation}));
    }
    json!({
        "openapi": "3.1.0",
        "info": {"title": "Sandbox of a smart rollup", "version": env!("CARGO_PKG_VERSION")},
        "paths": paths,
    })
}
