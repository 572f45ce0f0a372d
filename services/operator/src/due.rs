//! Executes what is due, the one with the next deadline first, each within the cap of a day.

use encoding::Level;
use time::OffsetDateTime;
use wallet::block_times::moment_words;
use wallet::contract::bad_call;
use wallet::error::RpcError;
use wallet::outbox::{OutboxMessageId, proof};
use wallet::withdrawals::WithdrawalView;

use crate::command::{Command, CommandEnd};
use crate::error::RoundError;
use crate::event::Event;
use crate::executor::{Executor, Running, in_sandbox};
use crate::journal::{JournalError, Key, Record};
use crate::known::Known;
use crate::operator::{Operator, now};
use crate::schedule::{Ended, Step};
use crate::tez::Tez;

impl Operator<'_> {
    /// Executes what is due. Says whether anything was begun.
    pub(crate) fn execute_what_is_due(
        &mut self,
        view: &WithdrawalView<'_>,
    ) -> Result<bool, RoundError> {
        let head = view.pace.settled.head;
        self.tell_failures(head);
        let mut due: Vec<(Option<Level>, OutboxMessageId)> = self
            .known
            .values()
            .filter(|known| known.can_be_executed() && known.step == Some(Step::Try))
            .map(|known| (known.over, known.id()))
            .collect();
        due.sort_unstable();
        let mut began = false;
        for (_, id) in due {
            let Some(known) = self.known.get(&id) else { continue };
            let key = known.key.clone();
            if self.was_taken_back(&key, head)? {
                let about = known_about(self.known.get(&id));
                about.into_iter().for_each(|about| self.tell(&Event::TakenBack(about)));
                if !self.setup.policy.is_free {
                    continue;
                }
            }
            match self.setup.executor.clone() {
                Executor::Nobody => return Ok(false),
                Executor::Sandbox => {
                    self.execute_in_sandbox(&key, head)?;
                    began = true;
                }
                Executor::Command(command) => {
                    // One at a time: an account has one operation in a block.
                    if self.running.is_some() {
                        return Ok(began);
                    }
                    match self.start(view, &key, &command)? {
                        Start::Begun => began = true,
                        // Nor is there enough for any other.
                        Start::OverCap => return Ok(began),
                    }
                }
            }
        }
        Ok(began)
    }

    fn execute_in_sandbox(&mut self, key: &Key, head: Level) -> Result<(), RoundError> {
        self.begin_try(key, head, Tez::default())?;
        let session = self.setup.session.clone();
        let end = in_sandbox(session.node(), key.id)?;
        Ok(self.ended(key, end)?)
    }

    /// Starts a command, unless it is known that it would come to nothing.
    fn start(
        &mut self,
        view: &WithdrawalView<'_>,
        key: &Key,
        command: &Command,
    ) -> Result<Start, RoundError> {
        let head = view.pace.settled.head;
        let now = now();
        if let Some(cap) = self.setup.daily_cap {
            let spent = self.journal.spent(now);
            if spent.plus(command.cap()) > cap {
                let why = format!(
                    "an execution may cost {} tez, and {spent} of the {cap} tez of a day may be spent",
                    command.cap()
                );
                self.tell_over_cap(key.id, why);
                return Ok(Start::OverCap);
            }
        }
        let line = match self.line(view, key, command) {
            Ok(line) => line,
            Err(Unready::Node(error)) => return Err(error.into()),
            Err(Unready::Refused(why)) => {
                self.begin_try(key, head, Tez::default())?;
                self.ended(key, CommandEnd::refused(why))?;
                return Ok(Start::Begun);
            }
        };
        self.begin_try(key, head, command.cap())?;
        self.running = Some(Running::start(key.clone(), line, self.setup.policy.command_time));
        Ok(Start::Begun)
    }

    /// The command for a message, if its calls are taken and the node proves it.
    fn line(
        &self,
        view: &WithdrawalView<'_>,
        key: &Key,
        command: &Command,
    ) -> Result<Vec<String>, Unready> {
        let node = view.state.node();
        if let Some(layer1) = &self.setup.layer1
            && let Some(known) = self.known.get(&key.id)
            // If layer 1 does not tell, the command will say it.
            && let Ok(Some(bad)) = bad_call(layer1, &known.message.message)
        {
            let (number, count) = (bad.number, bad.count);
            let why = format!("layer 1 does not take call {number} of {count}: {}", bad.misfit);
            return Err(Unready::Refused(why));
        }
        let proof = match proof(node, key.id) {
            Ok(proof) => proof,
            Err(error @ RpcError::Connection { .. }) => return Err(Unready::Node(error)),
            Err(error) => return Err(Unready::Refused(error.to_string())),
        };
        let rollup = view.state.rollup().to_string();
        command.line(&rollup, &proof).map_err(|error| Unready::Refused(error.to_string()))
    }

    /// Writes down that a message is about to be tried, and tells.
    fn begin_try(&mut self, key: &Key, head: Level, cap: Tez) -> Result<(), JournalError> {
        self.journal.begin(key, now(), head, cap)?;
        self.counters.tries = self.counters.tries.saturating_add(1);
        if let Some(about) = known_about(self.known.get(&key.id)) {
            self.tell(&Event::Executing(about));
        }
        Ok(())
    }

    /// Writes down how a try has ended. Whether it has failed is told once the node was asked.
    pub(crate) fn ended(&mut self, key: &Key, end: CommandEnd) -> Result<(), JournalError> {
        let CommandEnd { ended, operation, why } = end;
        let why = why.map(|why| layer1::plain::one_line(&why));
        self.journal.end(key, now(), self.head, ended, operation, why.clone())?;
        if ended != Ended::Sent {
            self.counters.failed_tries = self.counters.failed_tries.saturating_add(1);
        }
        let Some(known) = self.known.get_mut(&key.id).filter(|known| known.key == *key) else {
            return Ok(());
        };
        known.failure = why;
        known.told_cap = false;
        let node_tells = known.stage != wallet::withdrawal::WithdrawalStage::Unknown;
        let about = known.about();
        if ended == Ended::Sent && !node_tells {
            self.tell(&Event::Sent(about));
        }
        Ok(())
    }

    /// Tells of tries that have failed: the node says that their messages are still to be executed.
    fn tell_failures(&mut self, head: Level) {
        let mut events = Vec::new();
        for known in self.known.values_mut().filter(|known| known.can_be_executed()) {
            let Some(why) = known.failure.take() else { continue };
            let last = self.journal.record(&known.key).and_then(Record::last_try);
            let tries = last.map_or(1, |last| last.count);
            let again = match known.step {
                Some(Step::Pause(until)) => {
                    let at = OffsetDateTime::from_unix_timestamp(until);
                    at.map_or_else(
                        |_| String::new(),
                        |at| format!("tried again {}", moment_words(at)),
                    )
                }
                Some(Step::Ask(level, _)) => {
                    let left = level.0.saturating_sub(head.0).max(0);
                    format!("whether it was executed is asked for another {left} levels")
                }
                _ => "tried again".to_owned(),
            };
            events.push(Event::Failed { about: known.about(), why, tries, again });
        }
        events.iter().for_each(|event| self.tell(event));
    }

    fn tell_over_cap(&mut self, id: OutboxMessageId, why: String) {
        let Some(known) = self.known.get_mut(&id) else { return };
        if !std::mem::replace(&mut known.told_cap, true) {
            let about = known.about();
            self.tell(&Event::OverCap { about, why });
        }
    }
}

/// Whether a command was started.
enum Start {
    /// It was, or it is known that it would come to nothing.
    Begun,
    /// What it may cost is not left of the cap of a day.
    OverCap,
}

/// Why a command is not run.
enum Unready {
    /// The node does not answer.
    Node(RpcError),
    /// It would come to nothing.
    Refused(String),
}

fn known_about(known: Option<&Known>) -> Option<crate::event::About> {
    known.map(Known::about)
}
