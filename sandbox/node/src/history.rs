//! What is known of every block that is kept, in memory: hashes, ticks, commitments, which outboxes
//! have something in them.

use std::collections::{BTreeMap, HashMap};

use pvm::{Commitment, Version};
use store::{KnownState, LevelSummary, Store};

use crate::digest::digest;
use crate::error::NodeError;
use crate::settlement::SettlementParameters;

/// Where the version in force is.
const VERSION_PATH: &str = "/readonly/wasm_version";

/// A block.
#[derive(Clone, Copy, Debug)]
struct Block {
    hash: [u8; 32],
    /// The ticks of all levels up to this one: since the origination, or, where they are not known, from
    /// the oldest that is kept.
    total_ticks: u128,
    /// The hash of the state after it, if it is known.
    state: Option<[u8; 32]>,
}

/// The blocks from the oldest that is kept: one, which has no inbox that is kept, at least.
#[derive(Debug)]
pub(crate) struct History {
    settlement: SettlementParameters,
    oldest: i32,
    blocks: Vec<Block>,
    levels: HashMap<[u8; 32], i32>,
    /// The first is that of the oldest block, if its state is known.
    commitments: Vec<Commitment>,
    by_hash: HashMap<[u8; 32], usize>,
    /// Levels with messages in their outboxes, and how many.
    outboxes: BTreeMap<i32, u32>,
}

impl History {
    /// That of a rollup that is kept.
    pub(crate) fn of(store: &Store, settlement: SettlementParameters) -> Result<Self, NodeError> {
        let oldest = store.oldest()?;
        let anchor = digest("block before", &[&store.identity().rollup, &oldest.to_be_bytes()]);
        let known = store.oldest_known_state()?;
        let total_ticks = known.map_or(0, |known| known.tick.into());
        let state = known.map(|known| known.hash);
        let mut history = Self {
            settlement,
            oldest,
            blocks: vec![Block { hash: anchor, total_ticks, state }],
            levels: HashMap::from([(anchor, oldest)]),
            commitments: Vec::new(),
            by_hash: HashMap::new(),
            outboxes: BTreeMap::new(),
        };
        history.commit(oldest, total_ticks, state);
        // From the head backwards: what a change of version has replaced was in force before it.
        let mut changes = store.changes_of(VERSION_PATH)?.into_iter().peekable();
        for summary in store.levels(..)? {
            while changes.next_if(|(level, _)| *level <= summary.level).is_some() {}
            let in_force = match changes.peek() {
                Some((_, before)) => before.clone(),
                None => store.durable().get(VERSION_PATH),
            };
            history.add(&summary, ticks(&summary, in_force.as_deref()));
        }
        Ok(history)
    }

    /// Adds the next block. Blocks are named by their predecessors and their inboxes. These are no
    /// hashes of Tezos.
    pub(crate) fn add(&mut self, summary: &LevelSummary, ticks: u64) {
        let level = summary.level;
        let hash = self.hash_after(level, &summary.inbox);
        let before = self.blocks.last().map_or(0, |block| block.total_ticks);
        let known = summary.state;
        let total_ticks = known
            .map_or(before.saturating_add(ticks.into()), |KnownState { tick, .. }| tick.into());
        let state = known.map(|known| known.hash);
        self.blocks.push(Block { hash, total_ticks, state });
        self.levels.insert(hash, level);
        if summary.outbox > 0 {
            self.outboxes.insert(level, summary.outbox);
        }
        if self.settlement.last_committed(level) == level {
            self.commit(level, total_ticks, state);
        }
    }

    /// The hash that the next block would have with an inbox.
    pub(crate) fn hash_after(&self, level: i32, inbox: &[u8; 32]) -> [u8; 32] {
        digest("block", &[&self.last_hash(), &level.to_be_bytes(), inbox])
    }

    /// Nobody commits to a state whose hash is not known.
    fn commit(&mut self, level: i32, total_ticks: u128, state: Option<[u8; 32]>) {
        let Some(state) = state else { return };
        let before = self.commitments.last();
        let since = before.and_then(|before| self.total_ticks(before.inbox_level));
        let ticks = total_ticks.saturating_sub(since.unwrap_or(total_ticks));
        let commitment = Commitment {
            state,
            inbox_level: level,
            predecessor: before.map_or([0; 32], Commitment::hash),
            ticks: i64::try_from(ticks).unwrap_or(i64::MAX),
        };
        self.by_hash.insert(commitment.hash(), self.commitments.len());
        self.commitments.push(commitment);
    }

    /// Forgets what is after a level.
    pub(crate) fn revert(&mut self, head: i32) {
        self.levels.retain(|_, level| *level <= head);
        self.blocks.truncate(self.levels.len());
        self.outboxes.retain(|level, _| *level <= head);
        self.commitments.retain(|commitment| commitment.inbox_level <= head);
        let count = self.commitments.len();
        self.by_hash.retain(|_, index| *index < count);
    }

    /// The hash of the last block.
    pub(crate) fn last_hash(&self) -> [u8; 32] {
        self.blocks.last().map_or([0; 32], |block| block.hash)
    }

    fn block(&self, level: i32) -> Option<&Block> {
        let since = i64::from(level) - i64::from(self.oldest);
        self.blocks.get(usize::try_from(since).ok()?)
    }

    /// The hash of a block.
    pub(crate) fn hash(&self, level: i32) -> Option<[u8; 32]> {
        self.block(level).map(|block| block.hash)
    }

    /// The hash of the state after a block, if it is known.
    pub(crate) fn state(&self, level: i32) -> Option<[u8; 32]> {
        self.block(level)?.state
    }

    /// The level of a hash.
    pub(crate) fn level(&self, hash: &[u8; 32]) -> Option<i32> {
        self.levels.get(hash).copied()
    }

    /// The ticks of all levels up to one.
    pub(crate) fn total_ticks(&self, level: i32) -> Option<u128> {
        self.block(level).map(|block| block.total_ticks)
    }

    /// The commitment made at a level.
    pub(crate) fn commitment_at(&self, level: i32) -> Option<&Commitment> {
        let index = self.commitments.binary_search_by_key(&level, |one| one.inbox_level).ok()?;
        self.commitments.get(index)
    }

    /// The commitment of a hash.
    pub(crate) fn commitment(&self, hash: &[u8; 32]) -> Option<&Commitment> {
        self.commitments.get(*self.by_hash.get(hash)?)
    }

    /// Levels with messages in their outboxes, and how many.
    pub(crate) fn outboxes(&self) -> impl Iterator<Item = (i32, u32)> {
        self.outboxes.iter().map(|(level, count)| (*level, *count))
    }
}

/// The ticks that the PVM accounts for in a level, where the state does not say it: each run and the
/// collecting of the inbox are padded to the limit of a run.
fn ticks(summary: &LevelSummary, version: Option<&[u8]>) -> u64 {
    let version = version.and_then(|name| std::str::from_utf8(name).ok());
    let version = version.and_then(Version::from_name).unwrap_or_default();
    let spans = u64::from(summary.runs).saturating_add(1);
    spans.saturating_mul(version.ticks_per_call())
}
