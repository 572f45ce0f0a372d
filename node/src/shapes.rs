//! Blocks, commitments and outboxes in the shapes that Octez's rollup node gives them.

use serde_json::{Value, json};

use crate::base58;
use crate::chain::{Chain, Pending, Standing};
use crate::commitment::Commitment;
use crate::error::NodeError;

/// A block.
pub(crate) fn block(chain: &Chain, level: i32) -> Result<Value, NodeError> {
    let mut told = json!({"block_hash": base58::block(&chain.hash(level)?), "level": level});
    if let Some(commitment) = chain.commitment_at(level) {
        told["commitment_hash"] = json!(base58::commitment(&commitment.hash()));
    }
    if level > chain.store().oldest()? {
        let before = level.saturating_sub(1);
        let committed = chain.commitment_at(chain.rules().last_committed(before));
        told["predecessor"] = json!(base58::block(&chain.hash(before)?));
        told["initial_tick"] = json!(chain.total_ticks(before)?.to_string());
        told["num_ticks"] = json!(chain.ticks(level)?.to_string());
        if let Some(commitment) = committed {
            told["previous_commitment_hash"] = json!(base58::commitment(&commitment.hash()));
        }
    }
    Ok(told)
}

/// A commitment with its hash.
pub(crate) fn commitment(commitment: &Commitment) -> Value {
    json!({
        "commitment": {
            "compressed_state": base58::state(&commitment.state),
            "inbox_level": commitment.inbox_level,
            "predecessor": base58::commitment(&commitment.predecessor),
            "number_of_ticks": commitment.ticks.to_string(),
        },
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

/// What of an outbox has not been executed.
pub(crate) fn pending(chain: &Chain, pending: &Pending) -> Value {
    let message = |(index, message): &(u32, Vec<u8>)| {
        let mut shown = json!({"message_index": index});
        if let Some(described) = chain.describe(message) {
            shown["message"] = described;
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
