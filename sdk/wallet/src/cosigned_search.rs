//! Finds in which batches transactions are, where the file that says so ([`crate::cosigned`]) is lost or damaged: in
//! the inboxes of all levels that could have had them.
//!
//! What is found is as good as the file. The digest of a batch is computed from the bytes that a level has, and the
//! kernel keeps a result under it only if every signature in it was good.

use std::collections::HashMap;

use encoding::{Hash32, Level, RollupAddress};

use crate::cosigned::InBatch;
use crate::error::RpcError;
use crate::inboxes::batch_in;
use crate::limits::COSIGNED_LEVELS;
use crate::rpc::Node;

/// A transaction whose batch is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Wanted {
    /// Its hash.
    pub hash: Hash32,
    /// The first level that could have it.
    pub first: Level,
    /// The last level that could have it.
    pub last: Level,
}

/// What was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Looked {
    /// In which batches the transactions are.
    pub places: Vec<(Hash32, InBatch)>,
    /// Of each transaction, whether the node has shown every level that could have it.
    pub is_whole: Vec<bool>,
}

/// Looks through the levels, the last first. A node that does not show a level shows none before it.
///
/// # Errors
/// When the node does not tell.
pub(crate) fn find(
    node: &Node,
    rollup: &RollupAddress,
    wanted: &[Wanted],
) -> Result<Looked, RpcError> {
    let (first, last) = (wanted.iter().map(|one| one.first), wanted.iter().map(|one| one.last));
    let (first, last) = (first.min().unwrap_or(Level(0)), last.max().unwrap_or(Level(-1)));
    let hashes: Vec<Hash32> = wanted.iter().map(|one| one.hash).collect();
    let mut places = Vec::new();
    // The first level of those that were shown.
    let mut since = last.0.saturating_add(1);
    let most = usize::try_from(COSIGNED_LEVELS).unwrap_or(usize::MAX);
    for level in (first.0.max(0)..=last.0).rev().take(most).map(Level) {
        let Some(inbox) = node.inbox(level)? else { break };
        since = level.0;
        for message in &inbox.messages {
            places.extend(places_in(message, rollup, &hashes));
        }
    }
    let is_whole = wanted.iter().map(|one| since <= one.first.0.max(0)).collect();
    Ok(Looked { places, is_whole })
}

/// Which of some transactions are in a message, and where.
fn places_in(message: &[u8], rollup: &RollupAddress, wanted: &[Hash32]) -> Vec<(Hash32, InBatch)> {
    let Some(batch) = batch_in(message, rollup) else { return Vec::new() };
    let numbers: HashMap<Hash32, usize> = (0..batch.transactions())
        .filter_map(|number| {
            Some((batch.signing_payload_of_transaction(number, rollup)?.digest, number))
        })
        .collect();
    let found = wanted.iter().filter_map(|hash| Some((*hash, *numbers.get(hash)?)));
    let found: Vec<(Hash32, usize)> = found.collect();
    if found.is_empty() {
        return Vec::new();
    }
    let digest = batch.signing_payload(rollup).digest;
    let place = |(hash, number): (Hash32, usize)| {
        let number = u32::try_from(number).unwrap_or(u32::MAX);
        (hash, InBatch { batch: digest, number })
    };
    found.into_iter().map(place).collect()
}
