//! The operator: rounds, one after the other, each of which asks the node anew; and the command that runs beside
//! them.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use encoding::Level;
use serde_json::Value;
use time::OffsetDateTime;
use wallet::block_times::{BlockTimes, DatedLevel};
use wallet::limits::ACTIVE_OUTBOX_LEVELS;
use wallet::outbox::OutboxMessageId;
use wallet::rpc::Node;
use wallet::session::Session;
use wallet::ticket::Token;
use wallet::withdrawal_log::WithdrawalLog;

use crate::error::RoundError;
use crate::event::{About, Event};
use crate::executor::{Executor, Running};
use crate::find::Outboxes;
use crate::http::{Counters, Shared};
use crate::journal::{Journal, JournalError};
use crate::known::Known;
use crate::limits::{ASSUMED_LEVEL_TIME, LAST_NOTICES_TIME, LOOK, NODE_ROUND, SANDBOX_ROUND};
use crate::schedule::{Policy, Step};
use crate::tez::Tez;
use crate::watch_list::WatchList;
use crate::webhook::{Delivery, Webhook};

/// How long before its deadline a message is told of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WarnBefore {
    /// So many levels.
    Levels(i32),
    /// So long, as an estimate.
    Time(time::Duration),
}

impl Default for WarnBefore {
    /// A fifth of the levels in which a message can be executed: however long a level takes, nobody is told of a
    /// message that has just become executable.
    fn default() -> Self {
        WarnBefore::Levels(ACTIVE_OUTBOX_LEVELS / 5)
    }
}

impl WarnBefore {
    /// How many levels that are.
    pub(crate) fn levels(self, times: Option<&BlockTimes>) -> i32 {
        match (self, times) {
            (WarnBefore::Levels(levels), _) => levels,
            (WarnBefore::Time(time), Some(times)) => times.levels_in(time),
            (WarnBefore::Time(time), None) => {
                let levels = time.whole_milliseconds() / ASSUMED_LEVEL_TIME.whole_milliseconds();
                i32::try_from(levels).unwrap_or(i32::MAX).max(1)
            }
        }
    }
}

/// What an operator does.
#[derive(Debug)]
pub struct Setup {
    /// The node, and the rollup that is followed.
    pub session: Session,
    /// A node of layer 1, which tells how long a level takes and what contracts take.
    pub layer1: Option<Node>,
    /// The log of withdrawals.
    pub log: WithdrawalLog,
    /// Whose withdrawals are followed.
    pub watch: WatchList,
    /// Who executes.
    pub executor: Executor,
    /// How patient the operator is.
    pub policy: Policy,
    /// What executions may cost in a day, if there is a cap.
    pub daily_cap: Option<Tez>,
    /// When it tells of a deadline.
    pub warn_before: WarnBefore,
    /// Who is sent notices beside whoever hears the events.
    pub webhook: Option<Webhook>,
}

/// How it stands with what is followed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Messages that are followed.
    pub followed: usize,
    /// Those that can be executed, and are close to their deadline.
    pub close: Vec<About>,
    /// Those that were lost since the last run.
    pub lost: Vec<About>,
    /// Messages that were executed.
    pub executed: u64,
    /// Tries that have failed.
    pub failed_tries: u64,
    /// Notices that the webhook did not take.
    pub undelivered: usize,
}

/// An operator.
pub struct Operator<'t> {
    pub(crate) setup: Setup,
    pub(crate) journal: Journal,
    pub(crate) shared: Shared,
    tell: Box<dyn FnMut(&Event) + 't>,
    pub(crate) known: BTreeMap<OutboxMessageId, Known>,
    pub(crate) outboxes: Outboxes,
    pub(crate) running: Option<Running>,
    pub(crate) lost: Vec<About>,
    pub(crate) head: Level,
    /// Withdrawals on record that are in no outbox yet, as JSON.
    pub(crate) before_outboxes: Vec<Value>,
    pub(crate) counters: Counters,
    pub(crate) left_out: usize,
    pub(crate) tokens: Vec<Token>,
    pub(crate) tokens_at: Option<Instant>,
    pub(crate) times: Option<BlockTimes>,
    pub(crate) times_at: Option<Instant>,
    pub(crate) first_head: Option<DatedLevel>,
    is_away: bool,
    is_webhook_away: bool,
}

impl<'t> Operator<'t> {
    /// An operator that tells what happens.
    pub fn new(
        setup: Setup,
        journal: Journal,
        shared: Shared,
        tell: impl FnMut(&Event) + 't,
    ) -> Self {
        Self {
            setup,
            journal,
            shared,
            tell: Box::new(tell),
            known: BTreeMap::new(),
            outboxes: Outboxes::default(),
            running: None,
            lost: Vec::new(),
            head: Level(0),
            before_outboxes: Vec::new(),
            counters: Counters::default(),
            left_out: 0,
            tokens: Vec::new(),
            tokens_at: None,
            times: None,
            times_at: None,
            first_head: None,
            is_away: false,
            is_webhook_away: false,
        }
    }

    /// Follows the rollup until it is told to stop. What runs then is waited for.
    ///
    /// # Errors
    /// When the journal cannot be written: without it nothing may be executed.
    pub fn run(&mut self, stop: &AtomicBool) -> Result<Summary, JournalError> {
        self.begin();
        let pause = match self.setup.session.is_sandbox() {
            true => SANDBOX_ROUND,
            false => NODE_ROUND,
        };
        while !stop.load(Ordering::SeqCst) {
            self.try_round()?;
            self.look_at_webhook();
            let until = Instant::now() + pause;
            while Instant::now() < until && !stop.load(Ordering::SeqCst) {
                if self.collect()? {
                    break;
                }
                thread::sleep(LOOK);
            }
        }
        while self.running.is_some() {
            self.collect()?;
            thread::sleep(LOOK);
        }
        Ok(self.summary())
    }

    /// Does what can be done now, once, and ends.
    ///
    /// # Errors
    /// When the node does not tell, or the journal cannot be written.
    pub fn run_once(&mut self, stop: &AtomicBool) -> Result<Summary, RoundError> {
        self.begin();
        loop {
            let began = self.round()?;
            while self.running.is_some() {
                self.collect()?;
                thread::sleep(LOOK);
            }
            let searches = self.is_searching();
            if !(began || searches) || stop.load(Ordering::SeqCst) {
                return Ok(self.summary());
            }
        }
    }

    fn begin(&mut self) {
        let rollup = self.setup.session.rollup().to_string();
        let watches = self.setup.watch.words();
        let executes = self.setup.executor.words();
        self.tell(&Event::Started { rollup, watches, executes });
    }

    /// Tells something.
    pub(crate) fn tell(&mut self, event: &Event) {
        (self.tell)(event);
        if let Some(webhook) = self.setup.webhook.as_ref().filter(|_| event.is_notice()) {
            webhook.send(&event.json(OffsetDateTime::now_utc()));
        }
    }

    /// Tells once if notices are not delivered.
    fn look_at_webhook(&mut self) {
        let Some(webhook) = &self.setup.webhook else { return };
        let Delivery { delivered, dropped, waiting, why } = webhook.delivery();
        self.counters.notices_delivered = delivered;
        self.counters.notices_dropped = dropped;
        let was_away = std::mem::replace(&mut self.is_webhook_away, why.is_some());
        if let Some(why) = why.filter(|_| !was_away) {
            self.tell(&Event::WebhookAway { waiting, dropped, why });
        }
    }

    /// A round, whose failure is told once.
    fn try_round(&mut self) -> Result<(), JournalError> {
        match self.round() {
            Ok(_) => {
                if std::mem::take(&mut self.is_away) {
                    self.tell(&Event::NodeBack { level: self.head.0 });
                }
            }
            Err(RoundError::Journal(error)) => return Err(error),
            Err(error) => {
                self.counters.failed_rounds = self.counters.failed_rounds.saturating_add(1);
                let why = layer1::plain::one_line(&error.to_string());
                {
                    let mut snapshot = self.shared.lock();
                    snapshot.problem = Some(why.clone());
                    snapshot.counters = self.counters;
                }
                if !std::mem::replace(&mut self.is_away, true) {
                    self.tell(&Event::NodeAway { why });
                }
            }
        }
        Ok(())
    }

    /// Takes in how the command has ended that ran. Says whether one has.
    fn collect(&mut self) -> Result<bool, JournalError> {
        let Some(running) = &self.running else { return Ok(false) };
        let Some(end) = running.ended() else { return Ok(false) };
        let key = running.key.clone();
        self.running = None;
        self.ended(&key, end)?;
        Ok(true)
    }

    /// How it stands.
    fn summary(&mut self) -> Summary {
        let webhook = self.setup.webhook.take();
        let undelivered = webhook.map_or(0, |webhook| webhook.finish(LAST_NOTICES_TIME));
        let (head, warn) = (self.head, self.warn_levels());
        let is_close = |one: &&Known| one.left(head).is_some_and(|left| left <= warn);
        let is_not_done = |one: &&Known| one.step != Some(Step::Done);
        Summary {
            followed: self.known.len(),
            close: self
                .known
                .values()
                .filter(is_close)
                .filter(is_not_done)
                .map(Known::about)
                .collect(),
            lost: self.lost.clone(),
            executed: self.counters.executed,
            failed_tries: self.counters.failed_tries,
            undelivered,
        }
    }

    /// How many levels before its deadline a message is told of.
    pub(crate) fn warn_levels(&self) -> i32 {
        self.setup.warn_before.levels(self.times.as_ref())
    }

    /// How long it is until a deadline, as an estimate.
    pub(crate) fn time_left(&self, left: i32) -> Option<Duration> {
        let time = self.times.as_ref()?.time_of(left);
        Some(time.unsigned_abs())
    }
}

/// Now, in seconds of Unix.
pub(crate) fn now() -> i64 {
    OffsetDateTime::now_utc().unix_timestamp()
}
