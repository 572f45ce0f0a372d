//! The simulated chain: a kept rollup, the messages that wait for it, and what layer 1 makes of its
//! outbox. One thread owns it.

use std::collections::HashMap;
use std::time::{SystemTime, UNIX_EPOCH};

use pvm::{Durable, InfoPerLevel, LevelReport, Pvm, Status, Version};
use serde_json::Value;
use store::{LevelSummary, Persistent, Place, Store, StoreError};

use crate::base58::digest;
use crate::error::NodeError;
use crate::journal::Journal;
use crate::layer1::Rules;
use crate::limits::{FINALITY_LEVELS, MAX_MESSAGES_PER_REQUEST};
use crate::queue::{Queue, at_most};

/// An outbox message as Octez's node shows it in JSON; `None` for what layer 1 does not understand.
pub type Describe = fn(&[u8]) -> Option<Value>;

/// Where the version in force is.
const VERSION_PATH: &str = "/readonly/wasm_version";

/// What layer 1 makes of an outbox message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prospect {
    /// Its place in its outbox.
    pub index: u32,
    /// Whether layer 1 understands it.
    pub understood: bool,
    /// The first level in which it can be executed.
    pub executable_from: i32,
    /// The first level in which it cannot be executed any more.
    pub expires: i32,
    /// The level in which it was executed.
    pub executed: Option<i32>,
}

/// A rollup on a simulated layer 1.
pub struct Chain {
    rollup: Persistent,
    simulator: Pvm,
    rules: Rules,
    journal: Journal,
    queue: Queue,
    describe: Describe,
    /// The hashes of the blocks from the oldest that is kept.
    hashes: Vec<[u8; 32]>,
    levels: HashMap<[u8; 32], i32>,
}

impl Chain {
    /// Goes on from where the rollup is. The simulator is a PVM set up alike, of any state.
    ///
    /// # Errors
    /// When what is kept cannot be read.
    pub fn new(
        rollup: Persistent,
        simulator: Pvm,
        rules: Rules,
        journal: Journal,
        describe: Describe,
    ) -> Result<Self, NodeError> {
        let store = rollup.store();
        let oldest = store.oldest()?;
        let anchor = digest("block before", &[&store.identity().rollup, &oldest.to_be_bytes()]);
        let summaries = store.levels(..)?;
        let mut chain = Self {
            rollup,
            simulator,
            rules,
            journal,
            queue: Queue::default(),
            describe,
            hashes: vec![anchor],
            levels: HashMap::from([(anchor, oldest)]),
        };
        for summary in summaries {
            chain.add_block(summary.level, &summary.inbox);
        }
        Ok(chain)
    }

    /// Blocks are named by their predecessors and their inboxes. These are no hashes of Tezos.
    fn add_block(&mut self, level: i32, inbox: &[u8; 32]) {
        let before = self.hashes.last().copied().unwrap_or_default();
        let hash = digest("block", &[&before, &level.to_be_bytes(), inbox]);
        self.hashes.push(hash);
        self.levels.insert(hash, level);
    }

    /// The level that was played last.
    #[must_use]
    pub fn head(&self) -> i32 {
        self.store().last()
    }

    /// The rollup as it is kept.
    #[must_use]
    pub fn store(&self) -> &Store {
        self.rollup.store()
    }

    /// How layer 1 settles.
    #[must_use]
    pub fn rules(&self) -> Rules {
        self.rules
    }

    /// What waits for the next level.
    #[must_use]
    pub fn queue(&self) -> &Queue {
        &self.queue
    }

    /// What waits for the next level, to add to it.
    pub fn queue_mut(&mut self) -> &mut Queue {
        &mut self.queue
    }

    /// Sends a contract's call of the rollup, by its Micheline payload.
    ///
    /// # Errors
    /// When it is too long for an inbox, or too much waits.
    pub fn transfer(
        &mut self,
        payload: &[u8],
        sender: &[u8; 20],
        source: &[u8; 21],
    ) -> Result<[u8; 32], NodeError> {
        let rollup = self.store().identity().rollup;
        self.queue.push([&[0, 0], payload, sender, source, &rollup].concat())
    }

    /// Plays a level with what waits. It is on the disk when this returns.
    ///
    /// # Errors
    /// When it cannot be played or kept. Then nothing has changed, and the messages still wait.
    pub fn bake(&mut self) -> Result<LevelReport, NodeError> {
        let messages = self.queue.next_level();
        let before = self.rollup.pvm().info_per_level();
        self.rollup.set_info_per_level(self.next_info());
        let played = self.rollup.run_level(&messages);
        if played.is_err() {
            self.rollup.set_info_per_level(before);
        }
        let report = played?;
        self.queue.include(messages.len(), report.level);
        if let Some(summary) = self.summary(report.level)? {
            self.add_block(report.level, &summary.inbox);
        }
        Ok(report)
    }

    /// What the next level says about the head. Time passes by a second a level at least.
    fn next_info(&self) -> InfoPerLevel {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
        let now = i64::try_from(now).unwrap_or(i64::MAX);
        let before = self.rollup.pvm().info_per_level().predecessor_timestamp;
        InfoPerLevel {
            predecessor_timestamp: now.max(before.saturating_add(1)),
            predecessor: self.hashes.last().copied().unwrap_or_default(),
        }
    }

    /// Plays messages, whole with their tags, as the next level, and changes nothing.
    ///
    /// # Errors
    /// When they are too many or too long, or the level cannot be played.
    pub fn simulate(&mut self, messages: &[Vec<u8>]) -> Result<LevelReport, NodeError> {
        at_most("messages in a request", messages.len(), MAX_MESSAGES_PER_REQUEST)?;
        for message in messages {
            at_most("bytes of a message", message.len(), pvm::MAX_MESSAGE_BYTES)?;
        }
        self.simulator.restore(&self.rollup.pvm().snapshot());
        self.simulator.set_info_per_level(self.next_info());
        Ok(self.simulator.run_level(messages)?)
    }

    /// Names the state as it is.
    ///
    /// # Errors
    /// When the name is taken or none, or the file cannot be written.
    pub fn snapshot(&mut self, name: &str) -> Result<(), NodeError> {
        Ok(self.rollup.snapshot(name)?)
    }

    /// Goes back for good, on layer 1 too: what was executed since then was not, and what waits is
    /// forgotten.
    ///
    /// # Errors
    /// When the place is not kept, a snapshot is in the way, or the files cannot be written.
    pub fn revert(&mut self, place: Place<'_>) -> Result<(), NodeError> {
        self.rollup.revert(place)?;
        let head = self.head();
        self.queue.clear();
        self.levels.retain(|_, level| *level <= head);
        self.hashes.truncate(self.levels.len());
        self.journal.revert(head)
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
            "finalized" => Some(head.saturating_sub(FINALITY_LEVELS).max(oldest)),
            "cemented" => Some(self.rules.last_cemented(head)),
            _ => name.parse().ok().or_else(|| {
                let hash = crate::base58::read_block(name)?;
                self.levels.get(&hash).copied()
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
        let since = i64::from(level) - i64::from(self.store().oldest()?);
        let hash = usize::try_from(since).ok().and_then(|since| self.hashes.get(since));
        hash.copied().ok_or_else(|| NodeError::NoBlock(level.to_string()))
    }

    /// Durable storage at the end of a level.
    ///
    /// # Errors
    /// When it is not kept.
    pub fn durable(&self, level: i32) -> Result<Durable, NodeError> {
        Ok(self.store().at(Place::Level(level))?)
    }

    /// What is told about a level; `None` for that of the origination.
    ///
    /// # Errors
    /// When what is kept cannot be read.
    pub fn summary(&self, level: i32) -> Result<Option<LevelSummary>, NodeError> {
        Ok(self.store().levels(level..=level)?.pop())
    }

    /// The ticks that the PVM accounts for in a level: each run and the collecting of the inbox are
    /// padded to the limit of a run.
    ///
    /// # Errors
    /// When the level has no inbox, or is not kept.
    pub fn ticks(&self, level: i32) -> Result<u64, NodeError> {
        let summary = self.summary(level)?.ok_or(NodeError::NoInbox(level))?;
        let version = self.durable(level)?.get(VERSION_PATH).unwrap_or_default();
        let version = std::str::from_utf8(&version).ok().and_then(Version::from_name);
        let spans = u64::from(summary.runs).saturating_add(1);
        Ok(spans.saturating_mul(version.unwrap_or_default().ticks_per_call()))
    }

    /// The PVM's status after a level, in words. Who is stuck for ever stays so; that it has been so
    /// since a level is known from all levels since then.
    ///
    /// # Errors
    /// When what is kept cannot be read.
    pub fn status(&self, level: i32) -> Result<String, NodeError> {
        let waiting = || "Waiting for input message".to_owned();
        let Status::Stuck(why) = self.store().status() else { return Ok(waiting()) };
        let since = self.store().levels(level..)?;
        let stuck = since.iter().all(|summary| summary.stuck);
        Ok(if stuck { format!("Stuck: {why}") } else { waiting() })
    }

    /// An outbox as Octez's node shows it.
    ///
    /// # Errors
    /// When the level is not kept.
    pub fn outbox(&self, level: i32) -> Result<Vec<Vec<u8>>, NodeError> {
        match self.store().outbox(level) {
            // The level of the origination sends nothing.
            Err(StoreError::NotKept { oldest, .. }) if level == oldest => Ok(Vec::new()),
            outbox => Ok(outbox?),
        }
    }

    /// A message as Octez's node shows it; `None` for what layer 1 does not understand.
    #[must_use]
    pub fn describe(&self, message: &[u8]) -> Option<Value> {
        (self.describe)(message)
    }

    /// What layer 1 makes of the messages of an outbox.
    ///
    /// # Errors
    /// When the level is not kept.
    pub fn prospects(&self, level: i32) -> Result<Vec<Prospect>, NodeError> {
        let prospect = |(index, message): (u32, Vec<u8>)| Prospect {
            index,
            understood: self.describe(&message).is_some(),
            executable_from: self.rules.executable_from(level),
            expires: self.rules.expires(level),
            executed: self.journal.executed(level, index),
        };
        Ok((0..).zip(self.outbox(level)?).map(prospect).collect())
    }

    /// Executes an outbox message on layer 1: that it is executed is on the disk when this returns.
    /// Contracts are not simulated.
    ///
    /// # Errors
    /// When there is no such message, or layer 1 would refuse it: not understood, not cemented,
    /// expired, or executed before.
    pub fn execute(&mut self, level: i32, index: u32) -> Result<Vec<u8>, NodeError> {
        let head = self.head();
        let mut outbox = self.outbox(level)?;
        let count = outbox.len();
        let place = usize::try_from(index).ok().filter(|place| *place < count);
        let place = place.ok_or(NodeError::NoOutboxMessage { level, index, count })?;
        let message = outbox.swap_remove(place);
        if let Some(at) = self.journal.executed(level, index) {
            return Err(NodeError::Executed { level, index, at });
        }
        let from = self.rules.executable_from(level);
        if head < from {
            return Err(NodeError::NotCemented { level, from, head });
        }
        let expired = self.rules.expires(level);
        if head >= expired {
            return Err(NodeError::Expired { level, expired });
        }
        if self.describe(&message).is_none() {
            return Err(NodeError::Unexecutable { level, index });
        }
        self.journal.execute(level, index, head)?;
        Ok(message)
    }
}
