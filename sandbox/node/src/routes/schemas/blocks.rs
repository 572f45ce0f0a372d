//! The shapes of blocks, inboxes, commitments and simulations.

use serde_json::json;

use super::{Named, at_most, list, object, or_null, text, to};
use crate::limits::{MAX_INSIGHTS_PER_REQUEST, MAX_PAGES_PER_REQUEST};

pub(super) fn schemas() -> Named {
    let known =
        object(&[("messages", to("Index")), ("unread", to("Index")), ("blake2b", to("Hex"))], &[]);
    let block_head = [
        ("block_hash", to("BlockHash")),
        ("level", to("Level")),
        ("predecessor", to("BlockHash")),
        ("commitment_hash", to("HashOrNull")),
        ("previous_commitment_hash", to("Hash")),
        ("inbox_witness", to("WitnessHash")),
        ("inbox_hash", to("InboxHash")),
        ("initial_tick", to("Count")),
        ("num_ticks", to("Count")),
        ("state_hash", to("StateHash")),
        ("pvm_status", to("Status")),
    ];
    let content = [("hash", to("WitnessHash")), ("level", to("Level"))];
    let cell = [
        ("index", to("Count")),
        ("content", object(&content, &[])),
        ("back_pointers", list("InboxHash")),
    ];
    let inbox = [("level", to("Level")), ("old_levels_messages", object(&cell, &[]))];
    let uncommitted = [
        ("commitment_level", to("Level")),
        ("estimated_commitment_time", to("Time")),
        ("estimated_cementation_time", to("Time")),
    ];
    let made = [
        ("commitment_hash", to("Hash")),
        ("commitment_level", to("Level")),
        ("first_published_level", to("Level")),
        ("published_level", to("Level")),
    ];
    let committed = [made.as_slice(), &[("estimated_cementation_time", to("Time"))]].concat();
    let cemented = [made.as_slice(), &[("blocks_since_cemented", to("Level"))]].concat();
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
        ("BlockHead", object(&block_head, &[])),
        (
            "Block",
            object(
                &[block_head.as_slice(), &[("inbox", object(&inbox, &[]))]].concat(),
                // A level that a version played which kept no inboxes has no messages here.
                &[
                    ("messages", list("Hex")),
                    ("commitment", to("CommitmentContent")),
                    ("outbox", to("BlockOutbox")),
                ],
            ),
        ),
        ("Inbox", object(&[inbox.as_slice(), &[("simulation", known)]].concat(), &[])),
        ("HashOrNull", or_null("Hash")),
        ("InboxHash", text("^srib1[1-9A-HJ-NP-Za-km-z]{50}$")),
        ("WitnessHash", text("^srib2[1-9A-HJ-NP-Za-km-z]{50}$")),
        (
            "CommittedStatus",
            json!({"oneOf": [
                object(&[("uncommitted", object(&uncommitted, &[]))], &[]),
                object(&[("committed", object(&committed, &[]))], &[]),
                object(&[("cemented", object(&cemented, &[]))], &[]),
            ]}),
        ),
        ("Time", json!({"type": "string", "format": "date-time"})),
        ("CommitmentContent", object(&commitment, &[])),
        ("Commitment", object(&hashed, &[])),
        ("CommitmentOrNull", or_null("Commitment")),
        ("Cemented", object(&[hashed.as_slice(), &[("level", to("Level"))]].concat(), &[])),
        ("CementedOrNull", or_null("Cemented")),
        ("PublishedCommitment", object(&hashed, &published)),
        ("PublishedCommitmentOrNull", or_null("PublishedCommitment")),
        (
            "Insight",
            object(&[("kind", json!({"const": "durable_storage"})), ("key", to("Names"))], &[]),
        ),
        (
            "Simulation",
            object(
                &[("messages", to("Messages"))],
                &[
                    ("reveal_pages", at_most(MAX_PAGES_PER_REQUEST, "Message")),
                    ("insight_requests", at_most(MAX_INSIGHTS_PER_REQUEST, "Insight")),
                    ("log_kernel_debug_file", json!({"type": "string"})),
                ],
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
