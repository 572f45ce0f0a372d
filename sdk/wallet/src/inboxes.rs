//! The inboxes of levels, as far as a node shows their messages: which message carries what has a hash,
//! and what the kernel made of the message as a whole.
//!
//! A message that is refused whole leaves no result under the hashes of what is in it, as nobody knows
//! whether they were signed. It has a result of its own, under its level and its index there.

use encoding::{Hash32, Level, MessageId, RollupAddress};
use inbox::v2::Batch;
use inbox::{Envelope, MessageKind, envelope};
use serde_json::Value;
use tx_kernel::results::MessageResult;
use tx_kernel::view::View;

use crate::cosigned::InBatch;
use crate::error::{RpcError, StateError};
use crate::limits::{GONE_LEVELS, INBOX_LEVELS};
use crate::rpc::Node;
use crate::state::RollupState;

/// Messages that a level's inbox begins with, before those that anybody sends: its start, the
/// information, and after a migration of the protocol that.
const START_OF_LEVEL: &[u8] = &[0, 1];

/// The messages that were sent to a level.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inbox {
    /// The index of the first of them in the level's inbox.
    pub first: u32,
    /// The messages, with their tags, in order.
    pub messages: Vec<Vec<u8>>,
}

/// What a node shows of a block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShownBlock {
    /// Its hash, if the node tells.
    pub hash: Option<String>,
    /// The hash of the block before it, if the node tells.
    pub predecessor: Option<String>,
    /// The PVM's ticks, if the node tells.
    pub ticks: Option<u64>,
    /// What was sent to its level, if the node shows that.
    pub inbox: Option<Inbox>,
}

/// A message that carries what has a hash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Carried {
    /// Which message.
    pub message: MessageId,
    /// What is in it.
    pub batch: Batch,
    /// The number of the transaction that has the hash; none if the whole batch has it.
    pub transaction: Option<usize>,
}

/// Where what has a hash is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Whereabouts {
    /// In the node's queue, for a level to come.
    Queued,
    /// In a level, with what the kernel has said of the message; nothing as long as it puts it off.
    InLevel(Box<Carried>, Option<MessageResult>),
    /// Neither in the queue nor in any level from this one on.
    Nowhere {
        /// The first level that was looked at.
        since: Level,
    },
    /// The node does not show what is in levels.
    Unknown,
}

impl Node {
    /// The messages that were sent to a level; `None` from a node that does not show them.
    ///
    /// # Errors
    /// As for [`Node::get`].
    pub fn inbox(&self, level: Level) -> Result<Option<Inbox>, RpcError> {
        Ok(self.shown_block(&level.to_string())?.and_then(|block| block.inbox))
    }

    /// What a node shows of a block, by its level or its hash; `None` for one that it does not have.
    ///
    /// # Errors
    /// As for [`Node::get`].
    pub fn shown_block(&self, name: &str) -> Result<Option<ShownBlock>, RpcError> {
        let path = format!("/global/block/{name}");
        let block: Value = match self.get(&path) {
            // One before the first that the node has.
            Err(RpcError::Refused { .. }) => return Ok(None),
            block => block?,
        };
        let text = |name: &str| block[name].as_str().map(str::to_owned);
        let (hash, predecessor) = (text("block_hash"), text("predecessor"));
        // A number of any size is a text in Octez's JSON.
        let ticks = &block["num_ticks"];
        let ticks = ticks.as_u64().or_else(|| ticks.as_str()?.parse().ok());
        let Some(texts) = block["messages"].as_array() else {
            return Ok(Some(ShownBlock { hash, predecessor, ticks, inbox: None }));
        };
        let bytes = |text: &Value| hex::decode(text.as_str()?).ok();
        let messages: Option<Vec<Vec<u8>>> = texts.iter().map(bytes).collect();
        let messages =
            messages.ok_or_else(|| self.shape(&path, "messages that are not hexadecimal"))?;
        let first = match messages.first() {
            None => 0,
            Some(message) if message == START_OF_LEVEL => 0,
            // Its end comes after them, and all others of the protocol before.
            Some(_) => self.inbox_length(name)?.saturating_sub(messages.len() + 1),
        };
        let inbox = Some(Inbox { first: u32::try_from(first).unwrap_or(u32::MAX), messages });
        Ok(Some(ShownBlock { hash, predecessor, ticks, inbox }))
    }

    /// How many messages an inbox has, the protocol's own included.
    fn inbox_length(&self, block: &str) -> Result<usize, RpcError> {
        let path = format!("/global/block/{block}/num_messages");
        let count: Value = self.get(&path)?;
        // A number of any size is a text in Octez's JSON.
        let digits = count.as_str().map_or_else(|| count.to_string(), str::to_owned);
        digits.parse().map_err(|_| self.shape(&path, "not a number"))
    }
}

/// Looks for what has some hashes, from one look to the next only where it has not looked yet.
#[derive(Debug)]
pub struct Search {
    hashes: Vec<Hash32>,
    /// Where each was at the last look.
    last: Vec<Whereabouts>,
    /// Since when each is nowhere.
    missed: Vec<Option<Level>>,
    /// The head at the last look, by its hash, and its level.
    head: Option<(String, Level)>,
    /// The first level that is looked at, as of the first look.
    since: Level,
    /// No level before this one is looked at.
    from: Level,
}

impl Search {
    /// One that looks through the last [`INBOX_LEVELS`] levels, and those to come.
    #[must_use]
    pub fn new(hashes: Vec<Hash32>) -> Self {
        let last = vec![Whereabouts::Unknown; hashes.len()];
        let missed = vec![None; hashes.len()];
        Search { hashes, last, missed, head: None, since: Level(0), from: Level(0) }
    }

    /// One that looks through the levels after this one alone: those that can have what is sent now.
    #[must_use]
    pub fn after(level: Level, hashes: Vec<Hash32>) -> Self {
        Search { from: Level(level.0.saturating_add(1)), ..Search::new(hashes) }
    }

    /// The hash at this position.
    #[must_use]
    pub fn hash(&self, at: usize) -> Option<Hash32> {
        self.hashes.get(at).copied()
    }

    /// Where each is, in the order in which they were given. The queue is looked at before the levels, so
    /// that a message on its way from there to a level is not missed. As long as no level comes, nothing
    /// is asked again.
    ///
    /// # Errors
    /// When the node does not tell.
    pub fn look(&mut self, node: &Node) -> Result<&[Whereabouts], StateError> {
        let head = node.block("head")?;
        if self.head.as_ref().is_some_and(|(hash, _)| *hash == head.hash) {
            return Ok(&self.last);
        }
        let rollup = node.rollup()?;
        let mut queued = vec![false; self.hashes.len()];
        for payload in node.waiting()? {
            let message = [&[1], payload.as_slice()].concat();
            for (at, _) in carried_of(&message, &rollup, &self.hashes).1 {
                if let Some(queued) = queued.get_mut(at) {
                    *queued = true;
                }
            }
        }
        // It may have gone on while the queue was looked at.
        let head = node.block("head")?;
        let before = self.head.take().map(|(_, level)| level).filter(|level| *level < head.level);
        // What was in a level is there still, unless the chain has gone back.
        let mut found: Vec<Option<Carried>> = self
            .last
            .drain(..)
            .map(|one| match one {
                Whereabouts::InLevel(carried, _) if before.is_some() => Some(*carried),
                _ => None,
            })
            .collect();
        let told = self.levels(node, &rollup, (before, head.level), &queued, &mut found)?;
        let state = RollupState::at(node, &head.hash)?;
        for ((carried, queued), missed) in found.into_iter().zip(queued).zip(&mut self.missed) {
            let whereabouts = match carried {
                Some(carried) => {
                    let result = state.read(|host| View::new(host).message(carried.message))?;
                    Whereabouts::InLevel(Box::new(carried), result)
                }
                None if queued => Whereabouts::Queued,
                None if told => Whereabouts::Nowhere { since: self.since },
                None => Whereabouts::Unknown,
            };
            *missed = match whereabouts {
                Whereabouts::Nowhere { .. } => {
                    Some(missed.map_or(head.level, |missed| missed.min(head.level)))
                }
                _ => None,
            };
            self.last.push(whereabouts);
        }
        self.head = Some((head.hash, head.level));
        Ok(&self.last)
    }

    /// Whether one is not to be waited for any more: the node does not have it, nor is it on its way. A
    /// message that Octez's batcher has put into an operation is in no queue until a level has it, so
    /// one is missed there only when some levels have come without it.
    #[must_use]
    pub fn is_gone(&self, at: usize, sandbox: bool) -> bool {
        let missed = self.missed.get(at).copied().flatten();
        let (Some(missed), Some((_, head))) = (missed, &self.head) else { return false };
        sandbox || head.0.saturating_sub(missed.0) >= GONE_LEVELS
    }

    /// Looks through levels, the last first, until all are found. Returns whether the node shows what is
    /// in them.
    fn levels(
        &mut self,
        node: &Node,
        rollup: &RollupAddress,
        (before, head): (Option<Level>, Level),
        queued: &[bool],
        found: &mut [Option<Carried>],
    ) -> Result<bool, StateError> {
        let first = before.map_or(head.0.saturating_sub(INBOX_LEVELS - 1), |level| level.0 + 1);
        let (mut told, mut since) = (false, head);
        for level in (first.max(self.from.0)..=head.0).rev().map(Level) {
            let Some(inbox) = node.inbox(level)? else { break };
            (told, since) = (true, level);
            for (message, index) in inbox.messages.iter().zip(inbox.first..) {
                let (batch, all) = carried_of(message, rollup, &self.hashes);
                for (at, transaction) in all {
                    let (Some(batch), Some(found)) = (&batch, found.get_mut(at)) else { continue };
                    if let (Some(number), Some(hash)) = (transaction, self.hashes.get(at)) {
                        // The result of one whose signers have signed the batch is found by this alone.
                        let number = u32::try_from(number).unwrap_or(u32::MAX);
                        let place = InBatch { batch: batch.signing_payload(rollup).digest, number };
                        node.cosigned().add(*hash, place);
                    }
                    let message = MessageId { level, index };
                    found.get_or_insert(Carried { message, batch: batch.clone(), transaction });
                }
            }
            if found.iter().zip(queued).all(|(found, queued)| *queued || found.is_some()) {
                break;
            }
        }
        if before.is_none() {
            self.since = since;
        }
        Ok(told)
    }
}

/// The message of a level that carries what has a hash, if the node shows it.
///
/// # Errors
/// When the node does not tell.
pub fn carried(
    node: &Node,
    rollup: &RollupAddress,
    message: MessageId,
    hash: &Hash32,
) -> Result<Option<Carried>, RpcError> {
    let Some(Inbox { first, messages }) = node.inbox(message.level)? else { return Ok(None) };
    let at = message.index.checked_sub(first).and_then(|at| usize::try_from(at).ok());
    let found = at.and_then(|at| messages.get(at));
    let Some((Some(batch), all)) = found.map(|bytes| carried_of(bytes, rollup, &[*hash])) else {
        return Ok(None);
    };
    let transaction = all.first().map(|(_, transaction)| *transaction);
    Ok(transaction.map(|transaction| Carried { message, batch, transaction }))
}

/// The v2 batch in a message, if it is one for this rollup.
#[must_use]
pub fn batch_in(message: &[u8], rollup: &RollupAddress) -> Option<Batch> {
    match envelope(message, rollup, false) {
        Envelope::External { kind: MessageKind::V2, body } => {
            Batch::decode_padded(body).ok().map(|(batch, _)| batch)
        }
        _ => None,
    }
}

/// The batch in a message, and which of some hashes are its own or those of transactions in it: their
/// positions, and the number of the transaction.
fn carried_of(
    message: &[u8],
    rollup: &RollupAddress,
    hashes: &[Hash32],
) -> (Option<Batch>, Vec<(usize, Option<usize>)>) {
    let Some(batch) = batch_in(message, rollup) else { return (None, Vec::new()) };
    let mut all = Vec::new();
    let mut look = |digest: &Hash32, transaction| {
        let positions = hashes.iter().enumerate().filter(|(_, hash)| *hash == digest);
        all.extend(positions.map(|(at, _)| (at, transaction)));
    };
    look(&batch.signing_payload(rollup).digest, None);
    for number in 0..batch.transactions() {
        if let Some(signing_payload) = batch.signing_payload_of_transaction(number, rollup) {
            look(&signing_payload.digest, Some(number));
        }
    }
    (Some(batch), all)
}
