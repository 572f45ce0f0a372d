//! The thread that owns everything that is pending. It takes what comes in groups, has the disk keep what must be kept,
//! and only then tells anybody anything.

mod command;
mod cosigning;
mod render;
mod serve;
mod sims;
mod tell;

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender};
use std::time::Duration;

use batcher_api::{AcceptanceKey, LevelEvent};
use encoding::{Level, RollupAddress};

use crate::admission::{Urgent, Verifiers};
use crate::chain::{Known, Order, Outgoing, Report, TipStates, Watch, Watched};
use crate::error::StartError;
use crate::events::{Happening, Subscribers};
use crate::journal::{Journal, KeptEnding, Write};
use crate::limits::{COMMANDS_PER_COMMIT, FORGET_EVERY, KEPT_LEVELS, LONGEST_WAIT, SWEEP_TIME};
use crate::mempool::{Effect, HeadReport, Kept, Mempool, Settings};
use crate::metrics::{Counters, add, set};
use crate::moment::{Clock, Moment};
use crate::options::Options;
use crate::pool::{Sim, Sims};
use crate::recovery;
use crate::rounds::Progress;

pub(crate) use command::{AccountViews, Command, Reply};
pub(crate) use sims::account_state;

use command::CoSigning;
use sims::{KernelSim, NoSim};

/// What an engine is made of.
pub(crate) struct Parts {
    pub(crate) options: Options,
    pub(crate) journal: Journal,
    pub(crate) key: AcceptanceKey,
    pub(crate) known: Arc<Known>,
    pub(crate) watch: Arc<Watch>,
    pub(crate) verifiers: Arc<Verifiers>,
    pub(crate) orders: Sender<Order>,
    pub(crate) counters: Arc<Counters>,
    pub(crate) clock: Clock,
}

/// An answer that waits until what it tells is on the disk.
type Answer = Box<dyn FnOnce(&Engine) + Send>;

/// The engine.
pub(crate) struct Engine {
    parts: Parts,
    /// Once the rollup is known.
    mempool: Option<Mempool>,
    /// `None` only while somebody is told something.
    subscribers: Option<Subscribers>,
    tip: Option<TipStates>,
    answers: Vec<Answer>,
    backlog: VecDeque<Command>,
    /// Those who wait until their signatures were verified, by number.
    askers: HashMap<u64, CoSigning>,
    next_asker: u64,
    swept: Moment,
    /// Until which level what has ended was forgotten.
    forgotten: Option<Level>,
}

/// Why the engine goes on with something else.
enum Next {
    Head(Box<HeadReport>, TipStates),
    Stop,
}

impl Engine {
    /// One with what its journal has.
    pub(crate) fn new(parts: Parts) -> Result<Self, StartError> {
        let now = parts.clock.now();
        let streams = parts.options.streams_per_address;
        let subscribers = Subscribers::new(now, streams, Arc::clone(&parts.counters));
        let mut engine = Engine {
            parts,
            mempool: None,
            subscribers: Some(subscribers),
            tip: None,
            answers: Vec::new(),
            backlog: VecDeque::new(),
            askers: HashMap::new(),
            next_asker: 0,
            swept: now,
            forgotten: None,
        };
        if let Some(rollup) = engine.parts.journal.rollup()? {
            engine.parts.known.set_rollup(rollup);
            engine.open_mempool(rollup)?;
        }
        Ok(engine)
    }

    /// The mempool of a rollup, with what the journal has.
    fn open_mempool(&mut self, rollup: RollupAddress) -> Result<(), StartError> {
        let settings = Settings::of(&self.parts.options);
        let mut mempool = Mempool::new(settings, rollup, Arc::clone(&self.parts.counters));
        mempool.restore(recovery::restore(&self.parts.journal, &rollup)?);
        // Streams may have come before the node has told anything.
        let now = self.parts.clock.now();
        let signing = self.subscribers.iter().flat_map(Subscribers::signing);
        signing.for_each(|account| mempool.presence(account, true, now));
        self.mempool = Some(mempool);
        self.update_watch();
        Ok(())
    }

    /// Serves until it is told to stop.
    pub(crate) fn run(mut self, commands: &Receiver<Command>) -> Result<(), StartError> {
        let (mut one, mut other) = (NoSim, NoSim);
        let mut sims = Sims { batches: &mut one, pending: &mut other };
        let mut next = self.serve(commands, &mut sims)?;
        while let Next::Head(report, states) = next {
            let head = Arc::clone(&states.head);
            self.tip = Some(states);
            let (mut batches, mut pending) = (KernelSim::new(&head), KernelSim::new(&head));
            let batches: &mut dyn Sim = &mut batches;
            let pending: &mut dyn Sim = &mut pending;
            let mut sims = Sims { batches, pending };
            self.head(*report, &mut sims)?;
            next = self.serve(commands, &mut sims)?;
        }
        let _ = self.parts.orders.send(Order::Stop);
        self.parts.verifiers.end();
        Ok(())
    }

    fn head(&mut self, report: HeadReport, sims: &mut Sims<'_>) -> Result<(), StartError> {
        let now = self.parts.clock.now();
        let level = report.tip.head;
        let finalized = report.tip.finalized;
        if let Some(mempool) = &mut self.mempool {
            if let (Some(before), Some(rollup)) = (mempool.tip(), self.parts.known.rollup())
                && report.common < before.finalized
            {
                let journal = &self.parts.journal;
                mempool.restore(recovery::reopen(journal, &rollup, report.common)?);
            }
            mempool.head(report, now, sims);
        }
        set(&self.parts.counters.level, usize::try_from(level.0).unwrap_or(0));
        let block = self.tip.as_ref().map(|tip| tip.head.block().hash.clone()).unwrap_or_default();
        let event = LevelEvent { level: level.0, block };
        let data = serde_json::to_string(&event).unwrap_or_default();
        self.flush()?;
        // What came back from the journal is looked for as well, and nothing else may have changed.
        self.update_watch();
        self.tell(Happening::Level(data.into()));
        self.send();
        let old = Level(finalized.0.saturating_sub(KEPT_LEVELS));
        let is_due =
            self.forgotten.is_none_or(|last| level.0.saturating_sub(last.0) >= FORGET_EVERY);
        if is_due && old.0 > 0 {
            self.parts.journal.commit(&[], Some(old))?;
            self.forgotten = Some(level);
        }
        Ok(())
    }

    /// Serves what comes, in groups, until there is a new head.
    fn serve(
        &mut self,
        commands: &Receiver<Command>,
        sims: &mut Sims<'_>,
    ) -> Result<Next, StartError> {
        loop {
            let mut next = None;
            for command in self.group(commands) {
                if next.is_some() {
                    self.backlog.push_back(command);
                } else {
                    next = self.command(command, sims)?;
                }
            }
            let now = self.parts.clock.now();
            if let Some(mempool) = &mut self.mempool {
                mempool.tick(now, sims);
            }
            self.flush()?;
            self.send();
            if now.since(self.swept) >= SWEEP_TIME {
                self.swept = now;
                self.sweep();
            }
            if let Some(next) = next {
                return Ok(next);
            }
            // One of its threads has failed: whoever waits for the batcher's end is told so.
            if self.parts.verifiers.is_ended() {
                return Ok(Next::Stop);
            }
        }
    }

    /// What has come, at least one thing unless the next tick is due.
    fn group(&mut self, commands: &Receiver<Command>) -> Vec<Command> {
        if !self.backlog.is_empty() {
            return self.backlog.drain(..).collect();
        }
        let now = self.parts.clock.now();
        let tick = self.mempool.as_ref().and_then(Mempool::next_tick);
        let wait = tick.map_or(LONGEST_WAIT, |at| at.since(now).min(LONGEST_WAIT));
        // A tick that was not due by a hair would come again and again.
        let wait = wait.max(Duration::from_millis(1));
        let mut group = Vec::new();
        match commands.recv_timeout(wait) {
            Ok(command) => group.push(command),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => group.push(Command::Stop),
        }
        while group.len() < COMMANDS_PER_COMMIT
            && let Ok(command) = commands.try_recv()
        {
            group.push(command);
        }
        group
    }

    /// Has everything kept that must be kept, and then does everything else: tells, asks, answers.
    fn flush(&mut self) -> Result<(), StartError> {
        let Some(mempool) = &mut self.mempool else {
            let answers = std::mem::take(&mut self.answers);
            answers.into_iter().for_each(|answer| answer(self));
            return Ok(());
        };
        let effects = mempool.take_effects();
        let mempool = &*mempool;
        let mut writes = Vec::new();
        let mut changes_watch = false;
        for effect in &effects {
            match effect {
                Effect::Keep(kept) => {
                    changes_watch |= matches!(kept, Kept::Batch(_) | Kept::BatchEnded(..));
                    writes.extend(write(mempool, kept));
                }
                Effect::Final(hashes) => {
                    writes.extend(hashes.iter().map(|hash| Write::Final(*hash)));
                }
                Effect::Inject(_) => changes_watch = true,
                Effect::Offer(_) | Effect::Tell(_) | Effect::Seal(_) | Effect::Prove(_) => {}
            }
        }
        if !writes.is_empty() {
            self.parts.journal.commit(&writes, None)?;
            add(&self.parts.counters.commits, 1);
        }
        set(&self.parts.counters.pending, mempool.pending());
        set(&self.parts.counters.batches, mempool.batches().count());
        if changes_watch || mempool.stale().next().is_some() {
            self.update_watch();
        }
        let answers = std::mem::take(&mut self.answers);
        answers.into_iter().for_each(|answer| answer(self));
        let mut told = BTreeSet::new();
        for effect in effects {
            match effect {
                Effect::Keep(_) => {}
                Effect::Offer(number) => self.tell_offer(number),
                Effect::Tell(hash) => {
                    if told.insert(hash) {
                        self.tell_transaction(&hash);
                    }
                }
                Effect::Seal(job) => {
                    // Refused only at the end.
                    let _ = self.parts.verifiers.hurry(Urgent::Seal(job));
                }
                Effect::Prove(job) => {
                    let _ = self.parts.verifiers.hurry(Urgent::Prove(job));
                }
                Effect::Inject(numbers) => self.order(&numbers),
                Effect::Final(hashes) => {
                    if let Some(mempool) = &mut self.mempool {
                        mempool.forget(&hashes);
                    }
                }
            }
        }
        Ok(())
    }

    fn order(&self, numbers: &[u64]) {
        let Some(mempool) = &self.mempool else { return };
        let message = |number: &u64| {
            let batch = mempool.batch(*number)?;
            // One that was never given to it may have been before a restart: that was looked for at the first head.
            let again = batch.attempts > 1 || batch.message_id.is_some();
            Some(Outgoing { number: *number, message: batch.message.clone()?, again })
        };
        let messages = numbers.iter().filter_map(message).collect();
        // The node thread ends only with this one.
        let _ = self.parts.orders.send(Order::Inject(messages));
    }

    /// Says which batches and transactions the node thread looks for.
    fn update_watch(&self) {
        let Some(mempool) = &self.mempool else { return };
        let mut watched = BTreeMap::new();
        for (number, batch) in mempool.batches() {
            let Some(message) = batch.message.clone() else { continue };
            let (included, is_settled) = match batch.progress {
                Progress::Included(message) => (Some(message), false),
                Progress::Accepted(message) | Progress::Refused(message) => (Some(message), true),
                _ => (None, false),
            };
            watched.insert(number, Watched { id: batch.id, message, included, is_settled });
        }
        self.parts.watch.set(watched, mempool.stale().collect());
    }
}

/// What gets to the disk for something that is to be kept.
fn write(mempool: &Mempool, kept: &Kept) -> Option<Write> {
    Some(match kept {
        Kept::Accepted(hash) => {
            Write::Accepted(*hash, recovery::kept_transaction(mempool.entry(hash)?))
        }
        Kept::Ended(hash, ending, level) => {
            let why = mempool.entry(hash)?.why.clone();
            let ending = KeptEnding { ending: ending.clone(), why, level: level.0 };
            Write::Ended(*hash, ending)
        }
        Kept::Pending(hash) => Write::Pending(*hash),
        Kept::Batch(number) => {
            let batch = mempool.batch(*number)?;
            Write::Batch(batch.id, recovery::kept_batch(*number, batch)?)
        }
        Kept::BatchEnded(id, level) => Write::BatchEnded(*id, *level),
    })
}

impl Engine {
    /// The node thread tells something.
    fn report(&mut self, report: Report, sims: &mut Sims<'_>) -> Result<Option<Next>, StartError> {
        let _ = sims;
        match report {
            Report::Head(report, states, rollup) => {
                if self.mempool.is_none() {
                    self.parts.journal.set_rollup(&rollup)?;
                    self.open_mempool(rollup)?;
                }
                Ok(Some(Next::Head(report, states)))
            }
            Report::Injected(numbers, ids) => {
                let now = self.parts.clock.now();
                if let Some(mempool) = &mut self.mempool {
                    mempool.injected(&numbers, ids.as_deref(), now);
                }
                Ok(None)
            }
            Report::OtherRollup(found) => Err(StartError::OtherRollup {
                found,
                expected: self.parts.known.rollup().unwrap_or(found),
            }),
        }
    }
}
