//! Blocks, commitments and outboxes in the shapes that Octez's rollup node gives them.

use serde_json::{Value, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::base58::{self, digest};
use crate::chain::{Chain, Pending, Standing};
use crate::commitment::{Commitment, state_hash};
use crate::error::NodeError;

/// A time, in seconds since 1970, as it is written in texts.
pub(crate) fn time(seconds: i64) -> String {
    let moment = OffsetDateTime::from_unix_timestamp(seconds).unwrap_or(OffsetDateTime::UNIX_EPOCH);
    // It fails for years that have not four digits.
    moment.format(&Rfc3339).unwrap_or_default()
}

/// A block without what is in it, as streams tell it. Of the oldest, what was before it is the simulation's
/// own.
pub(crate) fn block(chain: &Chain, level: i32) -> Result<Value, NodeError> {
    let hash = chain.hash(level)?;
    let is_oldest = level <= chain.store().oldest()?;
    let before = level.saturating_sub(1);
    let (predecessor, initial_tick, ticks) = if is_oldest {
        (digest("block before", &[&hash]), 0, 0)
    } else {
        (chain.hash(before)?, chain.total_ticks(before)?, chain.ticks(level)?)
    };
    let committed = chain.commitment_at(chain.rules().last_committed(before));
    let previous = committed.filter(|made| made.inbox_level < level).map(Commitment::hash);
    Ok(json!({
        "block_hash": base58::block(&hash),
        "level": level,
        "predecessor": base58::block(&predecessor),
        "commitment_hash":
            chain.commitment_at(level).map(|made| base58::commitment(&made.hash())),
        // Zeros stand for that before the first.
        "previous_commitment_hash": base58::commitment(&previous.unwrap_or_default()),
        "inbox_witness": base58::witness(&witness(chain, level)?),
        "inbox_hash": base58::inbox(&inbox_hash(&hash)),
        "initial_tick": initial_tick.to_string(),
        "num_ticks": ticks.to_string(),
        "state_hash": base58::state(&state_hash(&hash)),
        "pvm_status": chain.status(level)?,
    }))
}

/// A block with what is in it.
pub(crate) fn full_block(chain: &Chain, level: i32) -> Result<Value, NodeError> {
    let mut told = block(chain, level)?;
    told["inbox"] = inbox(chain, level)?;
    if let Some(messages) = chain.inbox(level)? {
        told["messages"] = messages.iter().map(hex::encode).map(Value::from).collect();
    }
    if let Some(made) = chain.commitment_at(level) {
        told["commitment"] = commitment_content(made);
    }
    Ok(told)
}

/// An inbox: how the protocol's would be written, with the simulation's own hashes.
pub(crate) fn inbox(chain: &Chain, level: i32) -> Result<Value, NodeError> {
    let since = i64::from(level) - i64::from(chain.store().identity().origination_level);
    let before = level.checked_sub(1).and_then(|before| chain.hash(before).ok());
    let pointers: Vec<String> =
        before.iter().map(|block| base58::inbox(&inbox_hash(block))).collect();
    Ok(json!({
        "level": level,
        "old_levels_messages": {
            "index": since.max(0).to_string(),
            "content": {"hash": base58::witness(&witness(chain, level)?), "level": level},
            "back_pointers": pointers,
        },
    }))
}

/// The hash of a level's messages.
fn witness(chain: &Chain, level: i32) -> Result<[u8; 32], NodeError> {
    let messages = chain.summary(level)?.map(|summary| summary.inbox).unwrap_or_default();
    Ok(digest("messages", &[&level.to_be_bytes(), &messages]))
}

/// The hash of the inbox of a block, which is over all that came before.
fn inbox_hash(block: &[u8; 32]) -> [u8; 32] {
    digest("inbox", &[block])
}

/// A commitment without its hash.
pub(crate) fn commitment_content(commitment: &Commitment) -> Value {
    json!({
        "compressed_state": base58::state(&commitment.state),
        "inbox_level": commitment.inbox_level,
        "predecessor": base58::commitment(&commitment.predecessor),
        "number_of_ticks": commitment.ticks.to_string(),
    })
}

/// A commitment with its hash.
pub(crate) fn commitment(commitment: &Commitment) -> Value {
    json!({
        "commitment": commitment_content(commitment),
        "hash": base58::commitment(&commitment.hash()),
    })
}

/// A commitment with its hash, and the level in which it was published if it is. It is published
/// once, and by one.
pub(crate) fn published(chain: &Chain, made: &Commitment) -> Value {
    let mut told = commitment(made);
    if let Some(level) = chain.rules().published_at(made.inbox_level, chain.head()) {
        told["first_published_at_level"] = json!(level);
        told["published_at_level"] = json!(level);
    }
    told
}

/// An outbox.
pub(crate) fn outbox(chain: &Chain, level: i32, outbox: &[Vec<u8>]) -> Value {
    let message = |(index, message): (u32, &Vec<u8>)| {
        let mut shown = json!({"outbox_level": level, "message_index": index.to_string()});
        match chain.describe(message) {
            Some(described) => shown["message"] = described,
            // Layer 1 skips it, and there are no words for it.
            None => shown["unknown"] = json!(hex::encode(message)),
        }
        shown
    };
    (0..).zip(outbox).map(message).collect()
}

/// A message summed up as blocks and lists of what is pending have it: without its kind, and without what
/// goes without saying, the entrypoint `default` and the parameter `Unit`.
fn summed_up(chain: &Chain, message: &[u8]) -> Option<Value> {
    let mut described = chain.describe(message)?;
    if described["kind"] == "whitelist_update" {
        return Some(json!({"whitelist_update": described["whitelist"]}));
    }
    if let Some(calls) = described["transactions"].as_array_mut() {
        for call in calls.iter_mut().filter_map(Value::as_object_mut) {
            if call.get("entrypoint").is_some_and(|name| name == "default") {
                call.remove("entrypoint");
            }
            if call.get("parameters").is_some_and(|value| *value == json!({"prim": "Unit"})) {
                call.remove("parameters");
            }
        }
    }
    Some(json!({"transactions": described["transactions"]}))
}

/// An outbox as a block has it. What layer 1 does not understand has a place and nothing else.
pub(crate) fn outbox_of_block(chain: &Chain, outbox: &[Vec<u8>]) -> Value {
    let message = |(index, message): (u32, &Vec<u8>)| {
        let mut shown = summed_up(chain, message).unwrap_or_else(|| json!({}));
        shown["message_index"] = json!(index);
        shown
    };
    (0..).zip(outbox).map(message).collect()
}

/// What of an outbox has not been executed.
pub(crate) fn pending(chain: &Chain, pending: &Pending) -> Value {
    let message = |(index, message): &(u32, Vec<u8>)| {
        let mut shown = json!({"message_index": index});
        if let Some(summed_up) = summed_up(chain, message) {
            shown["message"] = summed_up;
        }
        shown
    };
    let messages: Vec<Value> = pending.messages.iter().map(message).collect();
    json!({"outbox_level": pending.level, "messages": messages})
}

/// How far a message is, in a word.
pub(crate) fn standing(standing: Standing) -> &'static str {
    match standing {
        Standing::Pending => "pending",
        Standing::Executable => "executable",
        Standing::Lost => "lost",
    }
}
