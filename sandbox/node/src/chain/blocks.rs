//! What is asked about blocks.

use layer1::hashes;
use pvm::{Commitment, Durable, Status, UnknownHash};
use store::{KeptState, LevelSummary, StoreError};

use super::Chain;
use crate::error::NodeError;
use crate::limits::{FINALITY_LEVELS, RECENT_LEVELS};

impl Chain {
    /// The level that is final when a level is the head.
    #[must_use]
    pub fn final_at(head: i32) -> i32 {
        head.saturating_sub(FINALITY_LEVELS)
    }

    /// The level that a block's name means.
    ///
    /// # Errors
    /// When no such block is kept.
    pub fn resolve(&self, name: &str) -> Result<i32, NodeError> {
        let head = self.head();
        let oldest = self.store().oldest()?;
        let level = match name {
            "head" => Some(head),
            "finalized" => Some(Self::final_at(head).max(oldest)),
            "cemented" => Some(self.parts.settlement.last_cemented(head)),
            _ => name.parse().ok().or_else(|| {
                let hash = hashes::BLOCK.read(name)?;
                self.history.level(&hash)
            }),
        };
        let level = level.filter(|level| (oldest..=head).contains(level));
        level.ok_or_else(|| NodeError::NoBlock(name.chars().take(80).collect()))
    }

    /// The hash of a block that is kept.
    ///
    /// # Errors
    /// When it is not.
    pub fn hash(&self, level: i32) -> Result<[u8; 32], NodeError> {
        self.history.hash(level).ok_or_else(|| NodeError::NoBlock(level.to_string()))
    }

    /// The hash of the state after a block that is kept, which is what a rollup node computes.
    ///
    /// # Errors
    /// When it is not known, or the block is not kept.
    pub fn state_hash(&self, level: i32) -> Result<[u8; 32], NodeError> {
        self.hash(level)?;
        let stuck = self.summary(level)?.is_some_and(|summary| summary.stuck);
        let reason = match self.store().status() {
            Status::Stuck(_) if stuck => UnknownHash::Stuck,
            Status::Running | Status::Stuck(_) => UnknownHash::NotKept,
        };
        self.history.state(level).ok_or(NodeError::UnknownState { level, reason })
    }

    /// Durable storage at the end of a level.
    ///
    /// # Errors
    /// When it is not kept.
    pub fn durable(&self, level: i32) -> Result<Durable, NodeError> {
        let mut recent = self.recent.borrow_mut();
        if let Some((_, durable)) = recent.iter().find(|(other, _)| *other == level) {
            return Ok(durable.clone());
        }
        let durable = self.store().at(KeptState::Level(level))?;
        recent.truncate(RECENT_LEVELS - 1);
        recent.push_front((level, durable.clone()));
        Ok(durable)
    }

    /// What is told about a level; `None` for that of the origination.
    ///
    /// # Errors
    /// When what is kept cannot be read.
    pub fn summary(&self, level: i32) -> Result<Option<LevelSummary>, NodeError> {
        Ok(self.store().levels(level..=level)?.pop())
    }

    /// The messages of a level's inbox, without the protocol's own; `None` if they are not kept, as the
    /// level was played by a version that did not keep them.
    ///
    /// # Errors
    /// When the level is not kept.
    pub fn inbox(&self, level: i32) -> Result<Option<Vec<Vec<u8>>>, NodeError> {
        match self.store().inbox(level) {
            // The level of the origination has none.
            Err(StoreError::NotKept { oldest, .. }) if level == oldest => Ok(Some(Vec::new())),
            inbox => Ok(inbox?),
        }
    }

    /// The ticks that the PVM accounts for in a level: each run and the collecting of the inbox are
    /// padded to the limit of a run.
    ///
    /// # Errors
    /// When the level has no inbox, or is not kept.
    pub fn ticks(&self, level: i32) -> Result<u128, NodeError> {
        let before = level.checked_sub(1).and_then(|before| self.history.total_ticks(before));
        let before = before.ok_or(NodeError::NoInbox(level))?;
        Ok(self.total_ticks(level)?.saturating_sub(before))
    }

    /// The ticks of all levels up to one, since the origination; of a state of which that is not known, since
    /// the oldest block that is kept.
    ///
    /// # Errors
    /// When the level is not kept.
    pub fn total_ticks(&self, level: i32) -> Result<u128, NodeError> {
        let total = self.history.total_ticks(level);
        total.ok_or_else(|| NodeError::NoBlock(level.to_string()))
    }

    /// The commitment made at a level, if one was.
    #[must_use]
    pub fn commitment_at(&self, level: i32) -> Option<&Commitment> {
        self.history.commitment_at(level)
    }

    /// The commitment of a hash.
    #[must_use]
    pub fn commitment(&self, hash: &[u8; 32]) -> Option<&Commitment> {
        self.history.commitment(hash)
    }

    /// The PVM's status after a level, in words. Who is stuck for ever stays so; that it has been so
    /// since a level is known from all levels since then.
    ///
    /// # Errors
    /// When what is kept cannot be read.
    pub fn pvm_status(&self, level: i32) -> Result<String, NodeError> {
        let waiting = || "Waiting for input message".to_owned();
        let Status::Stuck(why) = self.store().status() else { return Ok(waiting()) };
        let since = self.store().levels(level..)?;
        let stuck = since.iter().all(|summary| summary.stuck);
        Ok(if stuck { format!("Stuck: {why}") } else { waiting() })
    }
}
