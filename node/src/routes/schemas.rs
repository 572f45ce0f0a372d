//! The shapes of what is taken and answered, as schemas of OpenAPI 3.1.

use serde_json::{Map, Value, json};

/// The parameters of paths, and their schemas.
pub(super) const PATH_PARAMETERS: [(&str, &str); 4] =
    [("block", "BlockName"), ("level", "Level"), ("id", "MessageId"), ("commitment", "Hash")];

fn text(pattern: &str) -> Value {
    json!({"type": "string", "pattern": pattern})
}

fn to(name: &str) -> Value {
    json!({"$ref": format!("#/components/schemas/{name}")})
}

fn list(of: &str) -> Value {
    json!({"type": "array", "items": to(of)})
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
        .chain(of_blocks())
        .chain(of_outboxes())
        .chain(of_batcher())
        .chain(of_dev())
        .map(|(name, schema)| (name.to_owned(), schema))
        .collect();
    Value::Object(named)
}

fn simple() -> Vec<(&'static str, Value)> {
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
        ("Key", text("^(/[^/]+)+$")),
        ("Hex", text("^([0-9a-fA-F]{2})*$")),
        ("HexList", list("Hex")),
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
        ("Health", object(&[("healthy", to("Flag"))], &[])),
        ("Version", object(&[("version", any_text.clone()), ("sandbox", to("Flag"))], &[])),
        ("Error", object(&[("error", any_text.clone()), ("message", any_text)], &[])),
    ]
}

fn of_blocks() -> Vec<(&'static str, Value)> {
    let known =
        object(&[("messages", to("Index")), ("unread", to("Index")), ("blake2b", to("Hex"))], &[]);
    let commitment = [
        ("compressed_state", to("StateHash")),
        ("inbox_level", to("Level")),
        ("predecessor", to("Hash")),
        ("number_of_ticks", to("Count")),
    ];
    let hashed = [("commitment", to("CommitmentContent")), ("hash", to("Hash"))];
    let published =
        [("first_published_at_level", to("Level")), ("published_at_level", to("Level"))];
    vec![
        (
            "Block",
            object(
                &[("block_hash", to("BlockHash")), ("level", to("Level"))],
                &[
                    ("predecessor", to("BlockHash")),
                    ("commitment_hash", to("Hash")),
                    ("previous_commitment_hash", to("Hash")),
                    ("initial_tick", to("Count")),
                    ("num_ticks", to("Count")),
                    ("outbox", to("OutboxMessages")),
                ],
            ),
        ),
        ("Inbox", object(&[("level", to("Level")), ("simulation", known)], &[])),
        ("CommitmentContent", object(&commitment, &[])),
        ("Commitment", object(&hashed, &[])),
        ("CommitmentOrNull", or_null("Commitment")),
        ("PublishedCommitment", object(&hashed, &published)),
        ("PublishedCommitmentOrNull", or_null("PublishedCommitment")),
        (
            "Insight",
            object(&[("kind", json!({"const": "durable_storage"})), ("key", to("Names"))], &[]),
        ),
        (
            "Simulation",
            object(
                &[("messages", to("HexList"))],
                &[("reveal_pages", to("HexList")), ("insight_requests", list("Insight"))],
            ),
        ),
        (
            "Simulated",
            object(
                &[
                    ("state_hash", to("StateHash")),
                    ("status", to("Status")),
                    ("output", to("OutboxMessages")),
                    ("inbox_level", to("Level")),
                    ("num_ticks", to("Count")),
                    ("insights", list("HexOrNull")),
                ],
                &[],
            ),
        ),
    ]
}

fn of_outboxes() -> Vec<(&'static str, Value)> {
    let described = json!({
        "type": "object",
        "properties": {
            "kind": {"enum": ["untyped", "typed", "whitelist_update"]},
            "transactions": {"type": "array", "items": {"type": "object"}},
            "whitelist": {"type": "array", "items": {"type": "string"}},
        },
        "required": ["kind"],
        "additionalProperties": false,
    });
    let pending = object(&[("message_index", to("Index"))], &[("message", to("Described"))]);
    let outbox =
        [("outbox_level", to("Level")), ("messages", json!({"type": "array", "items": pending}))];
    let status = json!({"enum": ["pending", "executable", "lost"]});
    let with_status = [outbox.as_slice(), &[("status", status)]].concat();
    vec![
        ("Described", described),
        (
            "OutboxMessages",
            json!({
                "type": "array",
                "items": object(
                    &[("outbox_level", to("Level")), ("message_index", to("Count"))],
                    &[("message", to("Described")), ("unknown", to("Hex"))],
                ),
            }),
        ),
        ("Outboxes", json!({"type": "array", "items": object(&outbox, &[])})),
        ("PendingOutboxes", json!({"type": "array", "items": object(&with_status, &[])})),
        ("OutboxProof", object(&[("commitment", to("Hash")), ("proof", to("Hex"))], &[])),
    ]
}

fn of_batcher() -> Vec<(&'static str, Value)> {
    let content = object(&[("content", to("Hex")), ("counter", to("Count"))], &[]);
    let states = json!({"enum": ["unknown", "pending_batch", "included", "committed"]});
    vec![
        ("MessageIds", list("MessageId")),
        (
            "QueuedMessages",
            json!({
                "type": "array",
                "items": object(
                    &[("id", to("MessageId")), ("message", content)],
                    &[("order", to("Count"))],
                ),
            }),
        ),
        (
            "MessageStatus",
            object(
                &[("status", states)],
                &[
                    ("content", to("Hex")),
                    ("level", to("Level")),
                    ("finalized", to("Flag")),
                    ("cemented", to("Flag")),
                    ("commitment_hash", to("Hash")),
                ],
            ),
        ),
    ]
}

fn of_dev() -> Vec<(&'static str, Value)> {
    let any_text = json!({"type": "string"});
    let level_or_null = or_null("Level");
    let prospect = object(
        &[
            ("message_index", to("Index")),
            ("understood", to("Flag")),
            ("executable_from", to("Level")),
            ("expires", to("Level")),
            ("executed_at", level_or_null),
        ],
        &[],
    );
    vec![
        ("Mine", object(&[("levels", to("Index"))], &[])),
        (
            "Deposit",
            object(
                &[
                    ("payload", to("Hex")),
                    ("sender", text("^KT1[1-9A-HJ-NP-Za-km-z]{33}$")),
                    ("source", text("^tz[1-5][1-9A-HJ-NP-Za-km-z]{33}$")),
                ],
                &[],
            ),
        ),
        ("Snapshot", object(&[("name", any_text.clone())], &[])),
        ("Revert", object(&[("to", any_text)], &[])),
        (
            "ExecuteByPlace",
            object(&[("outbox_level", to("Level")), ("message_index", to("Index"))], &[]),
        ),
        ("Execute", json!({"oneOf": [to("ExecuteByPlace"), to("OutboxProof")]})),
        (
            "Executed",
            object(
                &[("executed_at", to("Level")), ("message", to("Described")), ("bytes", to("Hex"))],
                &[],
            ),
        ),
        ("Sent", object(&[("id", to("MessageId"))], &[])),
        ("Head", object(&[("level", to("Level")), ("hash", to("BlockHash"))], &[])),
        ("Prospects", json!({"type": "array", "items": prospect})),
    ]
}
