//! A round: what is there to follow, how far it is, what is to be told, and what is executed.

use std::collections::BTreeSet;
use std::time::Instant;

use encoding::Level;
use serde_json::{Value, json};
use wallet::block_times::{BlockTimes, DatedLevel, duration_words};
use wallet::error::RpcError;
use wallet::outbox::OutboxMessageId;
use wallet::withdrawal::{TrackedWithdrawal, WithdrawalStage};
use wallet::withdrawals::WithdrawalView;

use crate::error::RoundError;
use crate::event::Event;
use crate::find::Found;
use crate::http::Snapshot;
use crate::journal::{Key, Record};
use crate::known::Known;
use crate::limits::{MAX_WATCHED, REFRESH_TIME};
use crate::operator::{Operator, now};
use crate::schedule::{Ended, NodeSays, Step};
use crate::watch_list::Recorded;

/// A withdrawal that is in no outbox yet, as JSON.
fn before_outbox(tracked: &TrackedWithdrawal) -> Value {
    json!({
        "hash": tracked.withdrawal.hash.to_string(),
        "account": tracked.withdrawal.account.to_string(),
        "stage": tracked.stage.word(),
        "outbox_level": null,
        "message_index": null,
    })
}

impl Operator<'_> {
    /// Looks at everything anew. Says whether anything was begun.
    pub(crate) fn round(&mut self) -> Result<bool, RoundError> {
        let session = self.setup.session.clone();
        let view = session.withdrawal_view_of(self.tokens.clone())?;
        if view.state.rollup() != session.rollup() {
            let (wanted, found) = (session.rollup().to_string(), view.state.rollup().to_string());
            return Err(RoundError::OtherRollup { wanted, found });
        }
        self.head = view.pace.settled.head;
        self.refresh(&view)?;
        self.outboxes.look(&view)?;
        self.forget_what_is_gone(&view)?;
        let found = self.find(&view)?;
        self.follow(found);
        self.look_at_stages(&view)?;
        let wanted: BTreeSet<Level> = self.known.keys().map(|id| id.level).collect();
        self.outboxes.keep(&wanted);
        self.decide(&view);
        let began = self.execute_what_is_due(&view)?;
        self.tell_deadlines(view.pace.settled.head);
        self.publish(&view);
        Ok(began)
    }

    /// Whether outboxes are left that were not looked through yet.
    pub(crate) fn is_searching(&self) -> bool {
        let finalized = self.shared.lock().finalized;
        self.outboxes.searched.is_some_and(|level| level.0 < finalized)
    }

    /// Asks for tickets and times, if that is long ago.
    fn refresh(&mut self, view: &WithdrawalView<'_>) -> Result<(), RoundError> {
        let is_old = |at: Option<Instant>| at.is_none_or(|at| at.elapsed() >= REFRESH_TIME);
        if is_old(self.tokens_at) {
            self.tokens = view.state.tokens()?;
            self.tokens_at = Some(Instant::now());
        }
        if is_old(self.times_at) {
            // Without times there are still levels.
            if let Ok(Some(times)) = self.ask_times() {
                self.times = Some(times);
            }
            self.times_at = Some(Instant::now());
        }
        Ok(())
    }

    fn ask_times(&mut self) -> Result<Option<BlockTimes>, RpcError> {
        let session = &self.setup.session;
        if let Some(layer1) = &self.setup.layer1 {
            return BlockTimes::of_layer1(layer1);
        }
        if session.is_sandbox() {
            return BlockTimes::of_layer1(session.node());
        }
        let Some(now) = DatedLevel::of_rollup_node(session.node())? else { return Ok(None) };
        Ok(BlockTimes::observed(*self.first_head.get_or_insert(now), now))
    }

    /// Lets go of messages that are not where they were.
    fn forget_what_is_gone(&mut self, view: &WithdrawalView<'_>) -> Result<(), RoundError> {
        let ids: Vec<OutboxMessageId> = self.known.keys().copied().collect();
        for id in ids {
            let Some(known) = self.known.get(&id) else { continue };
            if !self.outboxes.has(view, id, &known.message)?
                && let Some(gone) = self.known.remove(&id)
            {
                self.tell(&Event::TakenBack(gone.about()));
            }
        }
        Ok(())
    }

    /// What is there to follow.
    fn find(&mut self, view: &WithdrawalView<'_>) -> Result<Vec<Found>, RoundError> {
        let mut found = Vec::new();
        if self.setup.watch.recorded != Recorded::None {
            let mut tracked = self.setup.session.track_withdrawals(view, &self.setup.log)?;
            let recorded = &self.setup.watch.recorded;
            tracked.retain(|one| recorded.has(&one.withdrawal.account));
            // What was executed before needs nothing more.
            tracked.retain(|one| one.stage != WithdrawalStage::Executed);
            found = self.outboxes.recorded(view, &tracked)?;
            let waiting = tracked.iter().filter(|one| one.id.is_none() && one.stage.is_open());
            self.before_outboxes = waiting.map(before_outbox).collect();
        }
        found.extend(self.outboxes.unrecorded(view, &self.setup.watch)?);
        Ok(found)
    }

    /// Follows what is new of that.
    fn follow(&mut self, found: Vec<Found>) {
        let mut left_out = 0;
        for (message, hash) in found {
            if let Some(known) = self.known.get_mut(&message.id) {
                known.hash = known.hash.take().or(hash);
                continue;
            }
            let known = Known::new(message, hash, &self.tokens);
            let is_over = |record: &Record| record.is_lost;
            if self.journal.record(&known.key).is_some_and(is_over) {
                continue;
            }
            if self.known.len() >= MAX_WATCHED {
                left_out += 1;
                continue;
            }
            self.known.insert(known.id(), known);
        }
        if left_out > self.left_out {
            self.tell(&Event::TooMany { left_out });
        }
        self.left_out = left_out;
    }

    /// How far each is now, and what of that is to be told.
    fn look_at_stages(&mut self, view: &WithdrawalView<'_>) -> Result<(), RoundError> {
        let ids: Vec<OutboxMessageId> = self.known.keys().copied().collect();
        for id in ids {
            let (stage, executed) = view.stage(id)?;
            let Some(known) = self.known.get_mut(&id) else { continue };
            let is_new = !std::mem::replace(&mut known.is_told, true);
            known.stage = stage;
            known.over = view.pace.over(id.level);
            let (key, about) = (known.key.clone(), known.about());
            match stage {
                WithdrawalStage::Executed => {
                    self.known.remove(&id);
                    let by_us = self.settle(&key)?;
                    // What was executed before it was found is nobody's news.
                    if by_us || !is_new {
                        self.counters.executed = self.counters.executed.saturating_add(1);
                        let at = executed.map(|level| level.0);
                        self.tell(&Event::Executed { about, at, by_us });
                    }
                }
                WithdrawalStage::Lost | WithdrawalStage::Expired => {
                    self.known.remove(&id);
                    self.journal.lost(&key, now())?;
                    self.counters.lost = self.counters.lost.saturating_add(1);
                    self.lost.push(about.clone());
                    self.tell(&match stage {
                        WithdrawalStage::Lost => Event::Lost(about),
                        _ => Event::Expired(about),
                    });
                }
                _ if is_new => self.tell(&Event::Found(about)),
                _ => {}
            }
        }
        Ok(())
    }

    /// Writes down that a message was executed. Says whether it was tried here.
    fn settle(&mut self, key: &Key) -> Result<bool, RoundError> {
        let Some(record) = self.journal.record(key) else { return Ok(false) };
        if record.last_try().is_none() || record.settled.is_some() {
            return Ok(false);
        }
        self.journal.settled(key, now())?;
        Ok(true)
    }

    /// What is to be done about each.
    fn decide(&mut self, view: &WithdrawalView<'_>) {
        let (now, head) = (now(), view.pace.settled.head);
        let ids: Vec<OutboxMessageId> = self.known.keys().copied().collect();
        for id in ids {
            let left = self.known.get(&id).and_then(|known| known.left(head));
            let left = left.and_then(|left| self.time_left(left));
            let Some(known) = self.known.get_mut(&id) else { continue };
            let told = match known.stage {
                WithdrawalStage::Executable => NodeSays::Open,
                WithdrawalStage::Unknown => NodeSays::Nothing,
                _ => {
                    known.step = None;
                    continue;
                }
            };
            let record = self.journal.record(&known.key);
            // A node that has told of its execution, and tells of none now, takes nothing back.
            let is_settled = record.is_some_and(|record| record.settled.is_some());
            if told == NodeSays::Nothing && is_settled {
                known.step = Some(Step::Done);
                continue;
            }
            let last = record.and_then(Record::last_try);
            known.step = Some(self.setup.policy.step(last, told, now, head, left));
        }
    }

    /// Tells of those that are close to their deadlines, and again whenever half of the time has passed.
    fn tell_deadlines(&mut self, head: Level) {
        let warn = self.warn_levels();
        let mut events = Vec::new();
        for known in self.known.values_mut() {
            let Some(left) = known.left(head).filter(|_| known.step != Some(Step::Done)) else {
                continue;
            };
            if left > warn {
                known.told_left = None;
            } else if known.told_left.is_none_or(|told| left <= told / 2) {
                known.told_left = Some(left);
                events.push((known.about(), left));
            }
        }
        for (about, left) in events {
            let time = self.times.as_ref().map(|times| duration_words(times.time_of(left)));
            self.tell(&Event::Deadline { about, left, time });
        }
    }

    /// Shows what is known now to those who ask over HTTP.
    fn publish(&mut self, view: &WithdrawalView<'_>) {
        let settled = view.pace.settled;
        self.counters.rounds = self.counters.rounds.saturating_add(1);
        let (journal, times) = (&self.journal, self.times.as_ref());
        let withdrawals = self
            .known
            .values()
            .map(|known| known.json(&view.pace, times, journal.record(&known.key)));
        let withdrawals = self.before_outboxes.iter().cloned().chain(withdrawals).collect();
        let mut stages: Vec<(&'static str, usize)> = Vec::new();
        for known in self.known.values() {
            let word = known.stage.word();
            match stages.iter_mut().find(|(stage, _)| *stage == word) {
                Some((_, count)) => *count += 1,
                None => stages.push((word, 1)),
            }
        }
        let next_deadline = self.known.values().filter_map(|known| known.left(settled.head)).min();
        let spent_mutez = self.journal.spent(now()).mutez();
        let mut snapshot = self.shared.lock();
        *snapshot = Snapshot {
            started: snapshot.started,
            last_round: Some(Instant::now()),
            problem: None,
            level: settled.head.0,
            finalized: settled.finalized.0,
            cemented: settled.cemented.0,
            searched: self.outboxes.searched.map(|level| level.0),
            seconds_a_level: times.map_or_else(Default::default, BlockTimes::seconds_a_level),
            withdrawals,
            stages,
            next_deadline,
            counters: self.counters,
            spent_mutez,
        };
    }

    /// Whether a message that can be executed was executed before, and that was taken back.
    pub(crate) fn was_taken_back(&mut self, key: &Key, head: Level) -> Result<bool, RoundError> {
        let is_settled = self.journal.record(key).is_some_and(|record| record.settled.is_some());
        if is_settled {
            let why = Some("its execution was taken back".to_owned());
            self.journal.end(key, now(), head, Ended::Unknown, None, why)?;
        }
        Ok(is_settled)
    }
}
