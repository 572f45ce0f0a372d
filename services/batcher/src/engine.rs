//! The thread that owns everything that is pending. It takes what comes in groups, has the disk keep what must be kept,
//! and only then tells anybody anything.

mod command;
mod render;
mod serve;
mod sims;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender};
use std::time::Duration;

use batcher_api::{AcceptanceKey, LevelEvent, OfferEvent};
use encoding::{Hash32, Level, RollupAddress, Tz4Address};

use crate::admission::{Urgent, Verifiers};
use crate::chain::{Known, Order, Report, TipStates, Watch, Watched};
use crate::desk::{Desk, Effect, HeadReport, Kept, Settings};
use crate::error::StartError;
use crate::events::{Happening, Subscribers};
use crate::journal::{Journal, KeptEnding, Write};
use crate::limits::{COMMANDS_PER_COMMIT, FORGET_EVERY, KEPT_LEVELS, LONGEST_WAIT, SWEEP_TIME};
use crate::metrics::{Counters, add, set};
use crate::moment::{Clock, Moment};
use crate::options::Options;
use crate::pool::{Sim, Sims};
use crate::recovery;
use crate::rounds::Progress;

pub(crate) use command::{AccountViews, Command, ReadSignature, Reply};
pub(crate) use sims::account_state;

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
    desk: Option<Desk>,
    subscribers: Subscribers,
    tip: Option<TipStates>,
    answers: Vec<Answer>,
    backlog: VecDeque<Command>,
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
            desk: None,
            subscribers,
            tip: None,
            answers: Vec::new(),
            backlog: VecDeque::new(),
            swept: now,
            forgotten: None,
        };
        if let Some(rollup) = engine.parts.journal.rollup()? {
            engine.parts.known.set_rollup(rollup);
            engine.open_desk(rollup)?;
        }
        Ok(engine)
    }

    /// The desk of a rollup, with what the journal has.
    fn open_desk(&mut self, rollup: RollupAddress) -> Result<(), StartError> {
        let settings = Settings::of(&self.parts.options);
        let mut desk = Desk::new(settings, rollup, Arc::clone(&self.parts.counters));
        desk.restore(recovery::restore(&self.parts.journal, &rollup)?);
        self.desk = Some(desk);
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
        if let Some(desk) = &mut self.desk {
            desk.head(report, now, sims);
        }
        set(&self.parts.counters.level, usize::try_from(level.0).unwrap_or(0));
        let block = self.tip.as_ref().map(|tip| tip.head.block().hash.clone()).unwrap_or_default();
        let event = LevelEvent { level: level.0, block };
        let data = serde_json::to_string(&event).unwrap_or_default();
        self.flush()?;
        self.tell(Happening::Level(data.into()));
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
            if let Some(desk) = &mut self.desk {
                desk.tick(now, sims);
            }
            self.flush()?;
            if now.since(self.swept) >= SWEEP_TIME {
                self.swept = now;
                let gone = self.subscribers.sweep();
                self.gone(gone);
            }
            if let Some(next) = next {
                return Ok(next);
            }
        }
    }

    /// What has come, at least one thing unless the next tick is due.
    fn group(&mut self, commands: &Receiver<Command>) -> Vec<Command> {
        if !self.backlog.is_empty() {
            return self.backlog.drain(..).collect();
        }
        let now = self.parts.clock.now();
        let tick = self.desk.as_ref().and_then(Desk::next_tick);
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
        let Some(desk) = &mut self.desk else {
            let answers = std::mem::take(&mut self.answers);
            answers.into_iter().for_each(|answer| answer(self));
            return Ok(());
        };
        let effects = desk.take_effects();
        let desk = &*desk;
        let mut writes = Vec::new();
        let mut changes_watch = false;
        for effect in &effects {
            match effect {
                Effect::Keep(kept) => {
                    changes_watch |= matches!(kept, Kept::Batch(_) | Kept::BatchEnded(..));
                    writes.extend(write(desk, kept));
                }
                Effect::Final(hashes) => {
                    writes.extend(hashes.iter().map(|hash| Write::Final(*hash)));
                }
                Effect::Inject(_) => changes_watch = true,
                Effect::Offer(_) | Effect::Tell(_) | Effect::Seal(_) => {}
            }
        }
        if !writes.is_empty() {
            self.parts.journal.commit(&writes, None)?;
            add(&self.parts.counters.commits, 1);
        }
        set(&self.parts.counters.pending, desk.pending());
        set(&self.parts.counters.batches, desk.batches().count());
        if changes_watch || desk.stale().next().is_some() {
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
                Effect::Inject(numbers) => self.order(&numbers),
                Effect::Final(hashes) => {
                    if let Some(desk) = &mut self.desk {
                        desk.forget(&hashes);
                    }
                }
            }
        }
        Ok(())
    }

    fn order(&self, numbers: &[u64]) {
        let Some(desk) = &self.desk else { return };
        let message = |number: &u64| Some((*number, desk.batch(*number)?.message.clone()?));
        let messages = numbers.iter().filter_map(message).collect();
        // The node thread ends only with this one.
        let _ = self.parts.orders.send(Order::Inject(messages));
    }

    fn tell_offer(&mut self, number: u64) {
        let Some(batch) = self.desk.as_ref().and_then(|desk| desk.batch(number)) else { return };
        let asked = Arc::new(batch.asked.clone());
        self.tell(Happening::Offer(number, asked));
    }

    fn tell_transaction(&mut self, hash: &Hash32) {
        let Some(entry) = self.desk.as_ref().and_then(|desk| desk.entry(hash)) else { return };
        let accounts: Vec<Tz4Address> =
            entry.tx.signers.iter().map(|signer| signer.account).collect();
        self.tell(Happening::Transaction(*hash, accounts));
    }

    fn tell(&mut self, what: Happening) {
        let mut subscribers = std::mem::replace(
            &mut self.subscribers,
            Subscribers::new(Moment::default(), 0, Arc::default()),
        );
        let gone = subscribers.tell(what, &mut |what, about| self.say(what, about));
        self.subscribers = subscribers;
        self.gone(gone);
    }

    /// What is told of something to those who follow these accounts.
    fn say(&self, what: &Happening, about: &[Tz4Address]) -> Option<Arc<str>> {
        let text = match what {
            Happening::Level(data) => return Some(Arc::clone(data)),
            Happening::Transaction(hash, _) => {
                serde_json::to_string(&self.record(hash).ok()??).ok()?
            }
            Happening::Offer(number, _) => {
                let batch = self.desk.as_ref()?.batch(*number)?;
                if batch.progress != Progress::Offered {
                    return None;
                }
                let now = self.parts.clock.now();
                let event = OfferEvent {
                    batch: batch.id.to_string(),
                    content: hex::encode(&batch.content),
                    deadline_ms: batch.closes.0,
                    closes_in_ms: batch.closes.0.saturating_sub(now.0),
                    accounts: about.iter().map(ToString::to_string).collect(),
                };
                serde_json::to_string(&event).ok()?
            }
        };
        Some(text.into())
    }

    /// Subscribers are gone: their accounts are not asked to sign any more.
    fn gone(&mut self, gone: Vec<crate::events::Gone>) {
        let now = self.parts.clock.now();
        let Some(desk) = &mut self.desk else { return };
        for account in gone.into_iter().flat_map(|gone| gone.accounts) {
            desk.presence(account, false, now);
        }
    }

    /// Says which batches and transactions the node thread looks for.
    fn update_watch(&self) {
        let Some(desk) = &self.desk else { return };
        let mut watched = BTreeMap::new();
        for (number, batch) in desk.batches() {
            let Some(message) = batch.message.clone() else { continue };
            let (included, is_settled) = match batch.progress {
                Progress::Included(message) => (Some(message), false),
                Progress::Accepted(message) | Progress::Refused(message) => (Some(message), true),
                _ => (None, false),
            };
            watched.insert(number, Watched { id: batch.id, message, included, is_settled });
        }
        self.parts.watch.set(watched, desk.stale().collect());
    }
}

/// What gets to the disk for something that is to be kept.
fn write(desk: &Desk, kept: &Kept) -> Option<Write> {
    Some(match kept {
        Kept::Accepted(hash) => {
            Write::Accepted(*hash, recovery::kept_transaction(desk.entry(hash)?))
        }
        Kept::Ended(hash, ending, level) => {
            let why = desk.entry(hash)?.why.clone();
            let ending = KeptEnding { ending: ending.clone(), why, level: level.0 };
            Write::Ended(*hash, ending)
        }
        Kept::Pending(hash) => Write::Pending(*hash),
        Kept::Batch(number) => {
            let batch = desk.batch(*number)?;
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
                if self.desk.is_none() {
                    self.parts.journal.set_rollup(&rollup)?;
                    self.open_desk(rollup)?;
                }
                Ok(Some(Next::Head(report, states)))
            }
            Report::Injected(numbers, ids) => {
                let now = self.parts.clock.now();
                if let Some(desk) = &mut self.desk {
                    desk.injected(&numbers, ids.as_deref(), now);
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
