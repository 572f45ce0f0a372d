//! The node's queue: what waits for a level, and which transactions are in it.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, OnceLock};

use encoding::{Hash32, RollupAddress};
use inbox::v2::Batch;
use wallet::inboxes::batch_in;

use crate::limits::QUEUE_LOOKED;

/// The messages that wait for a level, as the node told of them.
#[derive(Debug, Default)]
pub(crate) struct NodeQueue {
    /// How many there are.
    pub messages: usize,
    /// Their bytes.
    pub bytes: usize,
    /// The first of them, each with the transactions in it once somebody has looked.
    first: HashMap<Vec<u8>, Arc<OnceLock<HashSet<Hash32>>>>,
}

impl NodeQueue {
    /// Of messages without their tags. What was found out about those of before is kept.
    pub(crate) fn of(waiting: Vec<Vec<u8>>, before: Option<&Self>) -> Self {
        let messages = waiting.len();
        let bytes = waiting.iter().map(Vec::len).sum();
        let with_hashes = |payload: Vec<u8>| {
            let known = before.and_then(|before| before.first.get(&payload).cloned());
            (payload, known.unwrap_or_default())
        };
        let first = waiting.into_iter().take(QUEUE_LOOKED).map(with_hashes).collect();
        NodeQueue { messages, bytes, first }
    }

    /// Whether a transaction of this hash is among the first messages.
    pub(crate) fn has(&self, hash: &Hash32, rollup: &RollupAddress) -> bool {
        self.first.iter().any(|(payload, hashes)| {
            hashes.get_or_init(|| transactions(payload, rollup)).contains(hash)
        })
    }

    /// Whether all messages are looked through.
    pub(crate) fn is_looked_through(&self) -> bool {
        self.messages <= QUEUE_LOOKED
    }
}

/// The hashes of the transactions in a message.
fn transactions(payload: &[u8], rollup: &RollupAddress) -> HashSet<Hash32> {
    let message = [&[1], payload].concat();
    let Some(batch) = batch_in(&message, rollup) else { return HashSet::new() };
    let signed = |number: usize| Batch::signing_payload_of_transaction(&batch, number, rollup);
    (0..batch.transactions()).filter_map(|number| Some(signed(number)?.digest)).collect()
}
