//! The shapes of what the sandbox alone has.

use serde_json::json;

use super::{Named, object, or_null, text, to};
use crate::limits::MAX_LEVELS_PER_REQUEST;

pub(super) fn schemas() -> Named {
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
    let text_or_null = json!({"oneOf": [{"type": "string"}, {"type": "null"}]});
    let paid = [
        ("destination", any_text.clone()),
        ("entrypoint", to("EntrypointName")),
        ("receiver", text_or_null.clone()),
        ("ticketer", text_or_null),
        ("content", json!({"oneOf": [to("Micheline"), {"type": "null"}]})),
        ("amount", or_null("Count")),
        ("known", to("Flag")),
    ];
    vec![
        (
            "Mine",
            object(
                &[(
                    "levels",
                    json!({"type": "integer", "minimum": 0, "maximum": MAX_LEVELS_PER_REQUEST}),
                )],
                &[],
            ),
        ),
        (
            "Deposit",
            object(
                &[
                    ("payload", to("Payload")),
                    ("sender", to("Contract1")),
                    ("source", text("^tz[1-5][1-9A-HJ-NP-Za-km-z]{33}$")),
                ],
                &[],
            ),
        ),
        ("Contract", object(&[("contract", to("Contract1")), ("script", any_text.clone())], &[])),
        (
            "Snapshot",
            object(
                &[(
                    "name",
                    json!({
                        "type": "string",
                        "pattern": "^[A-Za-z][A-Za-z0-9._-]*$",
                        "maxLength": store::MAX_SNAPSHOT_NAME_BYTES,
                    }),
                )],
                &[],
            ),
        ),
        ("Revert", object(&[("to", any_text)], &[])),
        (
            "ExecuteByPlace",
            object(&[("outbox_level", to("Level")), ("message_index", to("Index"))], &[]),
        ),
        ("Execute", json!({"oneOf": [to("ExecuteByPlace"), to("OutboxProof")]})),
        (
            "Executed",
            object(
                &[
                    ("executed_at", to("Level")),
                    ("message", to("Described")),
                    ("bytes", to("Hex")),
                    ("paid", json!({"type": "array", "items": object(&paid, &[])})),
                ],
                &[],
            ),
        ),
        ("Sent", object(&[("id", to("MessageId"))], &[])),
        ("Head", object(&[("level", to("Level")), ("hash", to("BlockHash"))], &[])),
        ("Prospects", json!({"type": "array", "items": prospect})),
    ]
}
