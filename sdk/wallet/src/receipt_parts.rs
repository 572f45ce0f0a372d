//! What a receipt is made of: the payment, the record of its result, the path to the root that is in an
//! outbox, and the proof of that. A node tells all of it, and whoever makes a receipt checks it.

use std::collections::BTreeMap;

use encoding::{AccountIndex, Hash32, Level, MessageId, Tz4Address};
use inbox::v2::{Batch, Name};
use layer1::hashes;
use layer1::json::outbox_message;
use outbox::ResultsRoot;
use serde_json::Value;
use tx_kernel::layout::{RECEIPTS_EVERY, STATE};
use tx_kernel::receipts::mountains::{Path, leaf};
use tx_kernel::receipts::{kept, open_window};
use tx_kernel::results::batch::{batch_name, transaction_name};
use tx_kernel::results::{generations, leaves_path, roots_path};
use tx_kernel::view::View;

use crate::error::{RpcError, StateError};
use crate::inboxes::{Carried, carried};
use crate::outbox::{OutboxMessage, OutboxMessageId, messages, proof};
use crate::rpc::Node;
use crate::state::RollupState;

/// Bytes of a leaf.
const LEAF_BYTES: usize = 32;

/// Why there is nothing to make a receipt of.
#[derive(Debug, thiserror::Error)]
pub enum NoReceipt {
    /// The node does not tell what it is asked.
    #[error(transparent)]
    State(#[from] StateError),
    /// The rollup is set up without roots.
    #[error("this rollup writes no roots of results: it was set up without them")]
    NotConfigured,
    /// No result is kept under the hash.
    #[error("no result of {0} is kept")]
    NoResult(Hash32),
    /// The hash is that of a batch of several transactions.
    #[error("{hash} is a batch of {transactions} transactions")]
    Several {
        /// The hash.
        hash: Hash32,
        /// How many.
        transactions: usize,
    },
    /// The batch has no transaction of that number.
    #[error("{hash} is a batch of {transactions} transactions, and has none of number {number}")]
    NoTransaction {
        /// The hash.
        hash: Hash32,
        /// The number asked for.
        number: u32,
        /// How many there are.
        transactions: usize,
    },
    /// The node does not show the message that carried it.
    #[error("the node does not show message {} of level {}, which carried it", .0.index, .0.level)]
    NotShown(MessageId),
    /// The root over it is still to be written.
    #[error("the root over the results of level {level} is not written yet")]
    NoRootYet {
        /// The level of the result.
        level: Level,
        /// The level that is going to write it, if the window does not fill before.
        expected: Option<Level>,
    },
    /// No root that is still kept is over it.
    #[error("no root that is still kept is over the results of level {0}")]
    NoRoot(Level),
    /// It is in no commitment yet that is cemented.
    #[error("level {level} has it, and levels up to {cemented} are cemented")]
    NotCemented {
        /// The level of the result, or of the root over it.
        level: Level,
        /// The last level that is cemented.
        cemented: Level,
    },
}

impl From<RpcError> for NoReceipt {
    fn from(error: RpcError) -> Self {
        NoReceipt::State(error.into())
    }
}

/// The record of a result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RecordPart {
    /// Of a batch.
    Batch(Vec<u8>),
    /// Of a transaction that its signers signed for themselves.
    Transaction(Vec<u8>),
}

/// A commitment, as a node tells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CommitmentPart {
    /// Its hash.
    pub hash: [u8; 32],
    /// The hash of the state.
    pub state: [u8; 32],
    /// The last level in it.
    pub inbox_level: i32,
    /// The hash of the one before it.
    pub predecessor: [u8; 32],
    /// The ticks since then.
    pub ticks: i64,
}

/// What a receipt is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReceiptParts {
    /// The batch.
    pub batch: Batch,
    /// The number of the transaction in it.
    pub transaction: u32,
    /// What became of it.
    pub record: RecordPart,
    /// From the record to the root.
    pub path: Path,
    /// The output proof, with the message.
    pub output: Vec<u8>,
    /// The commitment that the proof is under.
    pub commitment: CommitmentPart,
    /// Whom indexes in the transaction stand for.
    pub accounts: BTreeMap<AccountIndex, Tz4Address>,
}

/// Collects what a receipt of a transaction is made of. `hash` is that of the transaction, or of a batch;
/// then `number` says which of its transactions is meant, unless it has one alone. The result is read from the
/// state of a block: results are kept for a day or two, and it takes longer until a root of them is cemented.
///
/// # Errors
/// When the node does not tell, or there is nothing that could be shown yet, or any more.
pub fn receipt_parts(
    node: &Node,
    hash: &Hash32,
    number: Option<u32>,
    block: &str,
) -> Result<ReceiptParts, NoReceipt> {
    let cemented = node.level("cemented")?;
    let (state, every, found) = match read(node, hash, block) {
        // It may be there later.
        Err(NoReceipt::NoResult(_) | NoReceipt::State(StateError::NotOurs { .. })) => {
            let (_, _, found) = read(node, hash, "head")?;
            let level = found.message.level;
            return Err(match level > cemented {
                true => NoReceipt::NotCemented { level, cemented },
                false => NoReceipt::NoResult(*hash),
            });
        }
        read => read?,
    };
    let carried = carried(node, state.rollup(), found.message, hash)?;
    let Carried { batch, transaction, .. } = carried.ok_or(NoReceipt::NotShown(found.message))?;
    let transaction = match (transaction, number, batch.transactions()) {
        (Some(own), ..) => own,
        (None, None, 1) => 0,
        (None, None, transactions) => {
            return Err(NoReceipt::Several { hash: *hash, transactions });
        }
        (None, Some(number), transactions) => usize::try_from(number)
            .ok()
            .filter(|number| *number < transactions)
            .ok_or(NoReceipt::NoTransaction { hash: *hash, number, transactions })?,
    };
    let bytes = match &found.record {
        RecordPart::Batch(bytes) | RecordPart::Transaction(bytes) => bytes,
    };
    let leaf = leaf(&found.name, bytes);
    let Some((root, path)) = root_over(&state, found.message.level, &leaf)? else {
        let value = node.value(&state.block().hash, &[STATE, open_window::PATH].concat())?;
        let first = value.and_then(|bytes| open_window::first(&bytes));
        return Err(match first.filter(|first| *first <= found.message.level) {
            Some(first) => NoReceipt::NoRootYet {
                level: found.message.level,
                expected: first.0.checked_add(every - 1).map(Level),
            },
            None => NoReceipt::NoRoot(found.message.level),
        });
    };
    if root.last > cemented {
        return Err(NoReceipt::NotCemented { level: root.last, cemented });
    }
    let proof = proof(node, place_of(node, &state, &root)?)?;
    let accounts = accounts(&state, &batch, transaction)?;
    Ok(ReceiptParts {
        transaction: u32::try_from(transaction).unwrap_or(u32::MAX),
        batch,
        record: found.record,
        path,
        // It was read as hexadecimal.
        output: hex::decode(&proof.proof).unwrap_or_default(),
        commitment: commitment(node, &proof.commitment)?,
        accounts,
    })
}

/// The state at a block, the levels of a window, and what is kept of a result there.
fn read<'n>(
    node: &'n Node,
    hash: &Hash32,
    block: &str,
) -> Result<(RollupState<'n>, i32, Kept), NoReceipt> {
    let state = RollupState::at(node, block)?;
    let every = node.value(&state.block().hash, RECEIPTS_EVERY)?;
    let every = every.and_then(|bytes| bytes.try_into().ok()).map(i32::from_be_bytes);
    let every = every.ok_or(NoReceipt::NotConfigured)?;
    let found = find(&state, hash)?.ok_or(NoReceipt::NoResult(*hash))?;
    Ok((state, every, found))
}

/// A result as it is kept.
struct Kept {
    message: MessageId,
    /// Its path within the generation.
    name: String,
    record: RecordPart,
}

/// The result under a hash, or under the digest of a batch that the transaction was signed in. One that is
/// the last word counts before one that is not.
fn find(state: &RollupState<'_>, hash: &Hash32) -> Result<Option<Kept>, StateError> {
    let places = state.node().cosigned().of(hash);
    state.read(|host| {
        let view = View::new(host);
        let own = view.transaction(hash)?;
        let final_own = own.as_ref().is_some_and(|own| own.is_final());
        let digests = places.iter().map(|place| place.batch).chain([*hash]);
        let mut batch = None;
        for digest in digests.filter(|_| !final_own) {
            if batch.is_none() {
                batch = view.batch(&digest)?.map(|result| (digest, result));
            }
        }
        Ok(match (batch, own) {
            (Some((digest, result)), _) => Some(Kept {
                message: result.message,
                name: batch_name(&digest),
                record: RecordPart::Batch(result.to_bytes()),
            }),
            (None, Some(own)) => Some(Kept {
                message: own.message,
                name: transaction_name(hash),
                record: RecordPart::Transaction(own.to_bytes()),
            }),
            (None, None) => None,
        })
    })
}

/// The root over a leaf that is of a level's message, and the path to it. The result may have become known in
/// a later level than that of its message.
fn root_over(
    state: &RollupState<'_>,
    level: Level,
    leaf: &Hash32,
) -> Result<Option<(ResultsRoot, Path)>, NoReceipt> {
    let (node, block) = (state.node(), &state.block().hash);
    for generation in generations(state.block().level) {
        let folder = [STATE, &roots_path(generation)].concat();
        let mut roots = Vec::new();
        for (name, record) in node.values(block, &folder)? {
            let root = name.parse().ok().and_then(|window| kept(window, &record));
            roots.extend(root.filter(|root| root.last >= level));
        }
        roots.sort_by_key(|root| root.window);
        for root in roots {
            let path = [STATE, &leaves_path(root.first, root.window)].concat();
            let bytes = node.value(block, &path)?.unwrap_or_default();
            let leaves: Vec<Hash32> =
                bytes.as_chunks::<LEAF_BYTES>().0.iter().copied().map(Hash32).collect();
            let place = leaves.iter().position(|other| other == leaf);
            if let Some(path) = place.and_then(|place| Path::of(&leaves, place)) {
                return Ok(Some((root, path)));
            }
        }
    }
    Ok(None)
}

/// Where a root is in its outbox.
fn place_of(
    node: &Node,
    state: &RollupState<'_>,
    root: &ResultsRoot,
) -> Result<OutboxMessageId, NoReceipt> {
    let expected = outbox_message(&root.encode()).unwrap_or_default();
    let all = messages(node, &state.block().hash, root.last)?;
    let is_it = |one: &OutboxMessage| one.message["transactions"] == expected["transactions"];
    let found = all.into_iter().find(is_it).map(|one| one.id);
    Ok(found.ok_or_else(|| {
        let path = format!("/global/block/{}/outbox/{}/messages", state.block().hash, root.last);
        node.shape(&path, "the root of results that the state has is not in it")
    })?)
}

fn commitment(node: &Node, hash: &str) -> Result<CommitmentPart, RpcError> {
    let path = format!("/local/commitments/{hash}");
    let answer: Value = node.get(&path)?;
    let content = &answer["commitment"];
    let text = |name: &str| content[name].as_str().unwrap_or_default();
    let read = || {
        Some(CommitmentPart {
            hash: hashes::COMMITMENT.read(hash)?,
            state: hashes::STATE.read(text("compressed_state"))?,
            inbox_level: i32::try_from(content["inbox_level"].as_i64()?).ok()?,
            predecessor: hashes::COMMITMENT.read(text("predecessor"))?,
            ticks: text("number_of_ticks").parse().ok()?,
        })
    };
    read().ok_or_else(|| node.shape(&path, "not a commitment"))
}

/// Whom the indexes in a transaction stand for.
fn accounts(
    state: &RollupState<'_>,
    batch: &Batch,
    number: usize,
) -> Result<BTreeMap<AccountIndex, Tz4Address>, StateError> {
    let transaction = batch.transaction(number);
    let mut known = BTreeMap::new();
    for name in transaction.iter().flat_map(|transaction| transaction.names()) {
        if let Name::Index(index) = name
            && let Some(address) = state.address(index)?
        {
            known.insert(index, address);
        }
    }
    Ok(known)
}
