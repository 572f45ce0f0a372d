//! The simulated chain: a kept rollup, the messages that wait for it, and what layer 1 makes of its
//! outbox. One thread owns it.

mod blocks;
mod operate;
mod outbox;
mod proof;
mod solvent;

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::VecDeque;
use std::time::{SystemTime, UNIX_EPOCH};

use mockup::State;
use pvm::{Durable, InfoPerLevel, LevelReport, Pvm, Snapshot};
use serde_json::Value;
use store::{KeptState, LevelSummary, Persistent, RunError, Store, inbox_hash};

use crate::error::NodeError;
use crate::history::History;
use crate::layer1::Layer1;
use crate::limits::{
    MAX_MESSAGES_PER_REQUEST, MAX_PAGES_PER_REQUEST, RECENT_LEVELS, UNSYNCED_LEVELS, at_most,
};
use crate::pages::Pages;
use crate::queue::Queue;
use crate::settlement::SettlementParameters;
use crate::solvency::{Owing, Solvency};

pub use operate::{Executed, ExecutedCall};
pub use outbox::{Executability, ExecutionStatus, Pending};
pub use proof::Proven;

/// An outbox message as Octez's node shows it in JSON; `None` for what layer 1 does not understand.
pub type Describe = fn(&[u8]) -> Option<Value>;

/// What a chain is made of.
pub struct Parts {
    /// The rollup.
    pub rollup: Persistent,
    /// A PVM set up alike, of any state, whose preimages are `pages`.
    pub simulator: Pvm,
    /// What simulations may reveal.
    pub pages: Pages,
    /// How layer 1 settles.
    pub settlement: SettlementParameters,
    /// The rest of layer 1: accounts, contracts, tickets, and what was executed.
    pub layer1: Layer1,
    /// What knows what the rollup owes; without it, nobody looks.
    pub owing: Option<Box<dyn Owing>>,
    /// What waits.
    pub queue: Queue,
    /// How outbox messages are shown.
    pub describe: Describe,
}

/// A rollup on a simulated layer 1.
pub struct Chain {
    parts: Parts,
    history: History,
    /// Storage at the ends of levels that were recent at lately: a client reads many values of a block.
    recent: RefCell<VecDeque<(i32, Durable)>>,
    /// The state that messages were proven in last, and its level.
    proving: RefCell<Option<(i32, Snapshot)>>,
    /// Layer 1 as it was at the end of the levels before the head, the last of which comes last.
    past: VecDeque<(i32, State)>,
    solvency: Option<Solvency>,
}

/// What a simulation came to.
#[derive(Debug)]
pub struct Simulated {
    /// The level that was played.
    pub report: LevelReport,
    /// The storage after it.
    pub durable: Durable,
    /// The hash of the state after it, if it is known.
    pub state: Option<[u8; 32]>,
}

impl Chain {
    /// Goes on from where the rollup is.
    ///
    /// # Errors
    /// When what is kept cannot be read.
    pub fn new(mut parts: Parts) -> Result<Self, NodeError> {
        let history = History::of(parts.rollup.store(), parts.settlement)?;
        let solvency = parts.owing.take().map(Solvency::new);
        let (recent, past) = (RefCell::default(), VecDeque::new());
        let proving = RefCell::default();
        let mut chain = Self { parts, history, recent, proving, past, solvency };
        chain.restart_solvency()?;
        Ok(chain)
    }

    /// The level that was played last.
    #[must_use]
    pub fn head(&self) -> i32 {
        self.store().last()
    }

    /// What runs the kernel.
    #[must_use]
    pub fn engine_name(&self) -> &'static str {
        self.parts.rollup.pvm().engine_name()
    }

    /// The rollup as it is kept.
    #[must_use]
    pub fn store(&self) -> &Store {
        self.parts.rollup.store()
    }

    /// How layer 1 settles.
    #[must_use]
    pub fn settlement(&self) -> SettlementParameters {
        self.parts.settlement
    }

    /// Layer 1's accounts, contracts and tickets.
    #[must_use]
    pub fn layer1(&self) -> &Layer1 {
        &self.parts.layer1
    }

    /// Layer 1 as it is at the head, or as it was at the end of one of the last levels.
    #[must_use]
    pub fn layer1_at(&self, level: i32) -> Option<Cow<'_, State>> {
        if level == self.head() {
            return Some(Cow::Borrowed(self.parts.layer1.state()));
        }
        let found = self.past.iter().find(|(at, _)| *at == level);
        found.map(|(_, state)| Cow::Borrowed(state))
    }

    /// What waits for the next level.
    #[must_use]
    pub fn queue(&self) -> &Queue {
        &self.parts.queue
    }

    /// What waits for the next level, to add to it.
    pub fn queue_mut(&mut self) -> &mut Queue {
        &mut self.parts.queue
    }

    /// Whether there is something that [`Self::sync`] has to do.
    #[must_use]
    pub fn has_staged(&self) -> bool {
        self.parts.queue.has_staged() || self.parts.layer1.has_staged()
    }

    /// Puts on the disk what was sent and done. It counts when this returns.
    ///
    /// # Errors
    /// When it cannot be written. Then what was staged is gone.
    pub fn sync(&mut self) -> Result<(), NodeError> {
        let queued = self.parts.queue.sync();
        let done = self.parts.layer1.sync();
        if done.is_err() {
            // What was staged has not been done, executions among it.
            self.restart_solvency()?;
        }
        done.and(queued)
    }

    /// Plays a level with what waits. It is on the disk when this returns.
    ///
    /// # Errors
    /// When it cannot be played or kept. Then nothing has changed, and the messages still wait.
    pub fn bake(&mut self) -> Result<LevelReport, NodeError> {
        self.sync()?;
        let head = self.head();
        let mut messages = self.parts.layer1.messages(head);
        let before = messages.len();
        let queued = self.parts.queue.next_level(self.parts.layer1.message_bytes(head));
        let count = queued.len();
        messages.extend(queued);
        if let (Some(level), true) = (self.store().next_level(), count > 0) {
            self.parts.queue.intend(level, before, count, &inbox_hash(&messages))?;
        }
        let report = self.run(&messages, Persistent::run_level)?;
        self.parts.queue.include(before, count, report.level);
        self.parts.queue.tidy();
        Ok(report)
    }

    /// Plays a level with what operations of layer 1 send, then these messages, and none of those that
    /// wait. It is on the disk when this returns.
    ///
    /// # Errors
    /// When it cannot be played or kept. Then nothing has changed.
    pub fn bake_with(&mut self, messages: &[Vec<u8>]) -> Result<LevelReport, NodeError> {
        self.sync()?;
        let sent = self.parts.layer1.messages(self.head());
        self.run(&[sent.as_slice(), messages].concat(), Persistent::run_level)
    }

    /// Plays up to this many levels, and returns how many it were: one with messages if any wait, or
    /// empty ones, up to [`UNSYNCED_LEVELS`] of which get to the disk together. They are there when
    /// this returns, whatever it returns.
    ///
    /// # Errors
    /// When one cannot be played or kept. Those before it have been.
    pub fn bake_some(&mut self, levels: u32) -> Result<u32, NodeError> {
        self.sync()?;
        let is_sent = self.parts.layer1.message_bytes(self.head()) > 0;
        if is_sent || self.parts.queue.pending().next().is_some() {
            return self.bake().map(|_| 1);
        }
        let levels = levels.min(UNSYNCED_LEVELS);
        let played =
            (0..levels).try_for_each(|_| self.run(&[], Persistent::run_level_unsynced).map(|_| ()));
        self.parts.rollup.sync()?;
        played.map(|()| levels)
    }

    fn run(
        &mut self,
        messages: &[Vec<u8>],
        run: fn(&mut Persistent, &[Vec<u8>]) -> Result<LevelReport, RunError>,
    ) -> Result<LevelReport, NodeError> {
        let (next, head) = (self.next_info(), self.head());
        let rollup = &mut self.parts.rollup;
        let before = rollup.pvm().info_per_level();
        rollup.set_info_per_level(next);
        let played = run(rollup, messages);
        if played.is_err() {
            rollup.set_info_per_level(before);
        }
        let report = played?;
        let summary = LevelSummary::of(&report, messages, self.store().known_state());
        self.history.add(&summary, report.padded_ticks());
        if self.past.len() >= RECENT_LEVELS {
            self.past.pop_front();
        }
        self.past.push_back((head, self.parts.layer1.state().clone()));
        self.look_at_solvency(&report.outbox);
        Ok(report)
    }

    /// What the next level says about the head. Time passes by a second a level at least.
    fn next_info(&self) -> InfoPerLevel {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
        let now = i64::try_from(now).unwrap_or(i64::MAX);
        let before = self.parts.rollup.pvm().info_per_level().predecessor_timestamp;
        InfoPerLevel {
            predecessor_timestamp: now.max(before.saturating_add(1)),
            predecessor: self.history.last_hash(),
        }
    }

    /// When the head was baked, in seconds since 1970, as its kernel was told.
    #[must_use]
    pub fn head_time(&self) -> i64 {
        self.parts.rollup.pvm().info_per_level().predecessor_timestamp
    }

    /// Plays messages, whole with their tags, as the next level, and changes nothing. The pages can
    /// be revealed.
    ///
    /// # Errors
    /// When they are too many or too long, or the level cannot be played.
    pub fn simulate(
        &mut self,
        messages: &[Vec<u8>],
        pages: Vec<Vec<u8>>,
    ) -> Result<Simulated, NodeError> {
        at_most("messages in a request", messages.len(), MAX_MESSAGES_PER_REQUEST)?;
        at_most("pages in a request", pages.len(), MAX_PAGES_PER_REQUEST)?;
        for message in messages {
            at_most("bytes of a message", message.len(), pvm::MAX_MESSAGE_BYTES)?;
        }
        for page in &pages {
            at_most("bytes of a page", page.len(), pvm::MAX_MESSAGE_BYTES)?;
        }
        let next = self.next_info();
        let Parts { rollup, simulator, pages: served, .. } = &mut self.parts;
        simulator.restore(&rollup.pvm().snapshot());
        simulator.set_info_per_level(next);
        served.set(pages);
        let played = simulator.run_level(messages);
        served.set(Vec::new());
        let report = played?;
        let after = &self.parts.simulator;
        let state = after.state_hash().ok();
        Ok(Simulated { report, durable: after.durable().clone(), state })
    }

    /// Names the state as it is.
    ///
    /// # Errors
    /// When the name is taken or invalid, or the file cannot be written.
    pub fn snapshot(&mut self, name: &str) -> Result<(), NodeError> {
        Ok(self.parts.rollup.snapshot(name)?)
    }

    /// Goes back for good, on layer 1 too: what was done after that level was not, and what waits is
    /// forgotten.
    ///
    /// # Errors
    /// When the place is not kept, a snapshot is in the way, or the files cannot be written.
    pub fn revert(&mut self, state: KeptState<'_>) -> Result<(), NodeError> {
        self.sync()?;
        let level = self.store().level_of(state)?;
        if level <= self.head() {
            self.parts.queue.intend_to_clear(level)?;
        }
        self.parts.rollup.revert(state)?;
        let head = self.head();
        self.history.revert(head);
        self.recent.get_mut().clear();
        *self.proving.get_mut() = None;
        self.past.clear();
        // Whatever becomes of one of the records, the others are about the same levels.
        let cleared = self.parts.queue.clear();
        let done = self.parts.layer1.revert(head).and(cleared);
        self.restart_solvency().and(done)
    }
}
