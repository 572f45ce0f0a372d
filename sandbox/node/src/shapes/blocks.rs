//! Blocks and inboxes.

use serde::Serialize;
use utoipa::ToSchema;

use super::commitments::CommitmentContent;
use super::outboxes::BlockOutboxMessage;
use super::texts::{BlockHash, CommitmentHash, Count, Hex, InboxHash, StateHash, WitnessHash};
use crate::chain::Chain;
use crate::digest::digest;
use crate::error::NodeError;

/// A block without what is in it, as streams tell it
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct BlockHead {
    block_hash: BlockHash,
    level: i32,
    predecessor: BlockHash,
    /// `null` where no commitment was made.
    #[schema(required = true)]
    commitment_hash: Option<CommitmentHash>,
    previous_commitment_hash: CommitmentHash,
    inbox_witness: WitnessHash,
    inbox_hash: InboxHash,
    initial_tick: Count,
    num_ticks: Count,
    /// `null` where it is not known.
    #[schema(required = true)]
    state_hash: Option<StateHash>,
    pvm_status: String,
}

/// A block
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Block {
    block_hash: BlockHash,
    level: i32,
    predecessor: BlockHash,
    /// `null` where no commitment was made.
    #[schema(required = true)]
    commitment_hash: Option<CommitmentHash>,
    previous_commitment_hash: CommitmentHash,
    inbox_witness: WitnessHash,
    inbox_hash: InboxHash,
    initial_tick: Count,
    num_ticks: Count,
    /// `null` where it is not known.
    #[schema(required = true)]
    state_hash: Option<StateHash>,
    pvm_status: String,
    inbox: Inbox,
    /// A level that a version without kept inboxes played has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    messages: Option<Vec<Hex>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    commitment: Option<CommitmentContent>,
    /// Only where it is asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub(crate) outbox: Option<Vec<BlockOutboxMessage>>,
}

/// An inbox as the protocol's would be written, with the simulation's own hashes
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Inbox {
    level: i32,
    old_levels_messages: InboxCell,
}

/// What an inbox has of a level
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct InboxCell {
    index: Count,
    content: InboxContent,
    back_pointers: Vec<InboxHash>,
}

/// The messages of a level, by their hash
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct InboxContent {
    hash: WitnessHash,
    level: i32,
}

/// An inbox, with what the simulation knows of it
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct InboxWithFacts {
    level: i32,
    old_levels_messages: InboxCell,
    simulation: InboxFacts,
}

/// What the simulation knows of an inbox
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct InboxFacts {
    /// Messages, without the protocol's own.
    pub(crate) messages: u32,
    /// Those that the kernel has left unread.
    pub(crate) unread: u32,
    /// The digest of the messages.
    pub(crate) blake2b: Hex,
}

impl BlockHead {
    /// That of a level. Of the oldest, what was before it is the simulation's own.
    pub(crate) fn of(chain: &Chain, level: i32) -> Result<Self, NodeError> {
        let hash = chain.hash(level)?;
        let is_oldest = level <= chain.store().oldest()?;
        let before = level.saturating_sub(1);
        let (predecessor, initial_tick, ticks) = if is_oldest {
            (digest("block before", &[&hash]), 0, 0)
        } else {
            (chain.hash(before)?, chain.total_ticks(before)?, chain.ticks(level)?)
        };
        let committed = chain.commitment_at(chain.settlement().last_committed(before));
        let previous = committed.filter(|made| made.inbox_level < level);
        // Zeros stand for that before the first.
        let previous = previous.map(pvm::Commitment::hash).unwrap_or_default();
        let made = chain.commitment_at(level);
        Ok(Self {
            block_hash: BlockHash::of(&hash),
            level,
            predecessor: BlockHash::of(&predecessor),
            commitment_hash: made.map(|made| CommitmentHash::of(&made.hash())),
            previous_commitment_hash: CommitmentHash::of(&previous),
            inbox_witness: WitnessHash::of(&witness(chain, level)?),
            inbox_hash: InboxHash::of(&inbox_hash(&hash)),
            initial_tick: Count::of(initial_tick),
            num_ticks: Count::of(ticks),
            state_hash: chain.state_hash(level).ok().as_ref().map(StateHash::of),
            pvm_status: chain.pvm_status(level)?,
        })
    }
}

impl Block {
    /// That of a level, without its outbox.
    pub(crate) fn of(chain: &Chain, level: i32) -> Result<Self, NodeError> {
        let BlockHead {
            block_hash,
            level,
            predecessor,
            commitment_hash,
            previous_commitment_hash,
            inbox_witness,
            inbox_hash,
            initial_tick,
            num_ticks,
            state_hash,
            pvm_status,
        } = BlockHead::of(chain, level)?;
        let messages = chain.inbox(level)?;
        let messages = messages.map(|all| all.iter().map(|one| Hex::of(one)).collect());
        Ok(Self {
            block_hash,
            level,
            predecessor,
            commitment_hash,
            previous_commitment_hash,
            inbox_witness,
            inbox_hash,
            initial_tick,
            num_ticks,
            state_hash,
            pvm_status,
            inbox: Inbox::of(chain, level)?,
            messages,
            commitment: chain.commitment_at(level).map(CommitmentContent::from),
            outbox: None,
        })
    }
}

impl Inbox {
    /// That of a level.
    pub(crate) fn of(chain: &Chain, level: i32) -> Result<Self, NodeError> {
        let since = i64::from(level) - i64::from(chain.store().identity().origination_level);
        let before = level.checked_sub(1).and_then(|before| chain.hash(before).ok());
        let hash = WitnessHash::of(&witness(chain, level)?);
        let cell = InboxCell {
            index: Count::of(since.max(0)),
            content: InboxContent { hash, level },
            back_pointers: before.iter().map(|block| InboxHash::of(&inbox_hash(block))).collect(),
        };
        Ok(Self { level, old_levels_messages: cell })
    }

    pub(crate) fn with(self, simulation: InboxFacts) -> InboxWithFacts {
        let Self { level, old_levels_messages } = self;
        InboxWithFacts { level, old_levels_messages, simulation }
    }
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
