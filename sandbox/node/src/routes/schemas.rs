//! The shapes of what is taken and answered, as schemas of OpenAPI 3.1.

mod blocks;
mod layer1;
mod messages;
mod sandbox;
mod themselves;

use serde_json::{Map, Value, json};

use crate::limits::{MAX_EXTERNAL_BYTES, MAX_MESSAGES_PER_REQUEST};

/// Bytes: the longest path in durable storage.
const MAX_KEY_BYTES: usize = 240;

/// The parameters of paths, and their schemas.
pub(super) const PATH_PARAMETERS: [(&str, &str); 7] = [
    ("block", "BlockName"),
    ("level", "Level"),
    ("id", "MessageId"),
    ("commitment", "Hash"),
    ("operation", "OperationName"),
    ("contract", "Contract1"),
    ("name", "EntrypointName"),
];

/// Schemas by name.
type Named = Vec<(&'static str, Value)>;

fn text(pattern: &str) -> Value {
    json!({"type": "string", "pattern": pattern})
}

fn to(name: &str) -> Value {
    json!({"$ref": format!("#/components/schemas/{name}")})
}

fn list(of: &str) -> Value {
    json!({"type": "array", "items": to(of)})
}

fn at_most(count: usize, of: &str) -> Value {
    json!({"type": "array", "items": to(of), "maxItems": count})
}

/// Bytes in hex, up to a number of them.
fn hex_of(bytes: usize) -> Value {
    json!({"type": "string", "pattern": "^([0-9a-fA-F]{2})*$", "maxLength": bytes.saturating_mul(2)})
}

fn or_null(name: &str) -> Value {
    json!({"oneOf": [to(name), {"type": "null"}]})
}

/// An object with these fields, and no others; those in `optional` may be missing.
fn object(required: &[(&str, Value)], optional: &[(&str, Value)]) -> Value {
    let fields = required.iter().chain(optional);
    let fields: Map<String, Value> =
        fields.map(|(name, schema)| ((*name).to_owned(), schema.clone())).collect();
    let names: Vec<&str> = required.iter().map(|(name, _)| *name).collect();
    json!({
        "type": "object",
        "properties": fields,
        "required": names,
        "additionalProperties": false,
    })
}

/// All of them, by name.
pub(super) fn schemas() -> Value {
    let named: Map<String, Value> = simple()
        .into_iter()
        .chain(blocks::schemas())
        .chain(messages::schemas())
        .chain(layer1::schemas())
        .chain(themselves::schemas())
        .chain(sandbox::schemas())
        .map(|(name, schema)| (name.to_owned(), schema))
        .collect();
    Value::Object(named)
}

fn simple() -> Named {
    let any_text = json!({"type": "string"});
    let number = json!({"type": "integer", "minimum": 0, "maximum": u32::MAX});
    vec![
        ("Address", text("^sr1[1-9A-HJ-NP-Za-km-z]{33}$")),
        ("BlockHash", text("^B[1-9A-HJ-NP-Za-km-z]{50}$")),
        ("StateHash", text("^srs1[1-9A-HJ-NP-Za-km-z]{50}$")),
        ("Hash", text("^src1[1-9A-HJ-NP-Za-km-z]{50}$")),
        ("MessageId", text("^scmsg[1-9A-HJ-NP-Za-km-z]{50}$")),
        ("BlockName", any_text.clone()),
        ("Level", json!({"type": "integer", "minimum": i32::MIN, "maximum": i32::MAX})),
        ("Index", number),
        ("Count", text("^[0-9]+$")),
        ("CountOrNull", or_null("Count")),
        ("Order", json!({"type": "integer", "minimum": 0, "maximum": u64::MAX})),
        ("Flag", json!({"type": "boolean"})),
        (
            "Key",
            json!({
                "type": "string",
                "pattern": "^(/[A-Za-z0-9._-]+)*$",
                "maxLength": MAX_KEY_BYTES,
                "description": "The empty one is the root, below which is everything.",
            }),
        ),
        ("Hex", text("^([0-9a-fA-F]{2})*$")),
        ("Message", hex_of(pvm::MAX_MESSAGE_BYTES)),
        ("Messages", at_most(MAX_MESSAGES_PER_REQUEST, "Message")),
        ("Payload", hex_of(MAX_EXTERNAL_BYTES)),
        ("Payloads", at_most(MAX_MESSAGES_PER_REQUEST, "Payload")),
        ("HexOrNull", or_null("Hex")),
        ("Names", json!({"type": "array", "items": any_text.clone()})),
        (
            "Values",
            json!({
                "type": "array",
                "items": object(&[("key", to("Key")), ("value", to("Hex"))], &[]),
            }),
        ),
        ("Nothing", json!({"type": "null"})),
        ("Anything", json!({})),
        ("Document", json!({"type": "object"})),
        ("Status", any_text.clone()),
        ("Synchronized", json!({"const": "synchronized"})),
        (
            "Error",
            object(
                &[
                    ("kind", json!({"enum": ["permanent", "temporary", "branch"]})),
                    ("id", any_text.clone()),
                    ("msg", any_text),
                ],
                &[],
            ),
        ),
        ("Errors", list("Error")),
    ]
}
