//! The shapes of messages that go in and come out: the batcher's and those of outboxes.

use serde_json::json;

use super::{Named, at_most, list, object, text, to};
use crate::limits::MAX_MESSAGES_PER_REQUEST;

/// All of them.
pub(super) fn schemas() -> Named {
    [outboxes(), batcher()].concat()
}

fn outboxes() -> Named {
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
    let call = object(
        &[("destination", json!({"type": "string"}))],
        &[
            ("entrypoint", to("EntrypointName")),
            ("parameters", to("Micheline")),
            ("parameters_ty", to("Micheline")),
        ],
    );
    let calls = [("transactions", json!({"type": "array", "items": call}))];
    let operators = json!({"oneOf": [
        {"type": "array", "items": {"type": "string"}},
        {"type": "null"},
    ]});
    let whitelist = [("whitelist_update", operators)];
    let place = [("message_index", to("Index"))];
    let pending = object(&[("message_index", to("Index"))], &[("message", to("Summary"))]);
    let outbox =
        [("outbox_level", to("Level")), ("messages", json!({"type": "array", "items": pending}))];
    let status = json!({"enum": ["pending", "executable", "lost"]});
    let with_status = [outbox.as_slice(), &[("status", status)]].concat();
    vec![
        ("Described", described),
        ("Summary", json!({"oneOf": [object(&calls, &[]), object(&whitelist, &[])]})),
        (
            "BlockOutbox",
            json!({"type": "array", "items": {"oneOf": [
                object(&[place.as_slice(), &calls].concat(), &[]),
                object(&[place.as_slice(), &whitelist].concat(), &[]),
                // What layer 1 does not understand.
                object(&place, &[]),
            ]}}),
        ),
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

fn batcher() -> Named {
    let content = object(&[("content", to("Hex")), ("counter", to("Count"))], &[]);
    let kind = json!({"const": "add_messages"});
    let operation = object(&[("kind", kind), ("message", list("Hex"))], &[]);
    let layer1 = object(
        &[
            ("operation_hash", to("OperationHash")),
            ("operation_index", to("Index")),
            ("block_hash", to("BlockHash")),
            ("level", to("Level")),
        ],
        &[],
    );
    let in_block = [
        ("operation", operation),
        ("layer1", layer1),
        ("finalized", to("Flag")),
        ("cemented", to("Flag")),
    ];
    vec![
        ("MessageIds", at_most(MAX_MESSAGES_PER_REQUEST, "MessageId")),
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
            json!({"oneOf": [
                object(&[("status", json!({"const": "unknown"}))], &[]),
                object(&[("status", json!({"const": "pending_batch"}))], &[("content", to("Hex"))]),
                object(
                    &[[("status", json!({"const": "included"}))].as_slice(), &in_block].concat(),
                    &[("content", to("Hex"))],
                ),
                object(
                    &[
                        [("status", json!({"const": "committed"}))].as_slice(),
                        &in_block,
                        &[
                            ("commitment", to("CommitmentContent")),
                            ("hash", to("Hash")),
                            ("first_published_at_level", to("Level")),
                            ("published_at_level", to("Level")),
                        ],
                    ]
                    .concat(),
                    &[("content", to("Hex"))],
                ),
            ]}),
        ),
        ("OperationHash", text("^o[1-9A-HJ-NP-Za-km-z]{50}$")),
        (
            "OperationName",
            json!({"oneOf": [to("OperationHash"), text("^iop[1-9A-HJ-NP-Za-km-z]{50}$")]}),
        ),
    ]
}
