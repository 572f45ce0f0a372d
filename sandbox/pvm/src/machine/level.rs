//! Plays a level: its inbox is collected, and the kernel runs until it asks for no more.

use std::collections::VecDeque;
use std::mem;

use super::{Pvm, inbox, keys};
use crate::codes::MAX_RUNS_PER_LEVEL;
use crate::engine::Target;
use crate::profile::Profile;
use crate::report::{LevelReport, PvmError, Status};
use crate::state::MachineState;
use crate::version::Version;

impl Pvm {
    pub(super) fn play(
        &mut self,
        level: i32,
        messages: VecDeque<(i32, Vec<u8>)>,
    ) -> Result<LevelReport, PvmError> {
        let before = self.snapshot();
        self.host.inbox = messages;
        let played = self.execute_level(level);
        self.host.trap_at = None;
        self.host.inbox.clear();
        if played.is_err() {
            self.host.outbox.clear();
            self.host.record.clear();
            self.host.profile = None;
            self.restore(&before);
        }
        played
    }

    fn execute_level(&mut self, level: i32) -> Result<LevelReport, PvmError> {
        self.host.durable.load();
        self.host.level = level;
        self.host.calls = 0;
        self.host.profile = self.profiled.then(Profile::default);
        if self.status == Status::Running {
            self.collect(level);
        }
        let version = self.version();
        let state = self.state.as_ref();
        let limit = state.map_or(version.ticks_per_call(), MachineState::ticks_per_run);
        self.host.tick_limit = self.tick_limit.map_or(limit, |lower| lower.min(limit));
        let mut runs = Vec::new();
        let mut forced_yield = false;
        let mut unread = 0;
        if self.status == Status::Running {
            // One goes for collecting the inbox.
            let mut reboots_left = MAX_RUNS_PER_LEVEL;
            while self.has(keys::REBOOT) {
                if reboots_left <= 0 {
                    forced_yield = true;
                    break;
                }
                reboots_left -= 1;
                self.remove(keys::REBOOT);
                self.put(keys::REBOOT_COUNTER, &reboots_left.to_le_bytes());
                self.host.run = runs.len();
                let run = self.run_once(Target { version, profiled: self.profiled })?;
                runs.push(run);
                if self.status != Status::Running {
                    break;
                }
            }
            unread = self.host.inbox.len();
        }
        if self.status == Status::Running {
            self.put(keys::REBOOT, b"");
            self.put(keys::REBOOT_COUNTER, &MAX_RUNS_PER_LEVEL.to_le_bytes());
            if forced_yield {
                self.put(keys::TOO_MANY_REBOOT, b"");
            } else {
                self.remove(keys::TOO_MANY_REBOOT);
            }
        }
        self.last_level = level;
        self.next_level = level.checked_add(1);
        if let Some(state) = &mut self.state {
            state.finish(runs.len(), &self.host.outbox);
        }
        Ok(LevelReport {
            level,
            version,
            runs,
            ticks_per_run: limit,
            stuck: self.has(keys::STUCK),
            forced_yield,
            unread,
            outbox: mem::take(&mut self.host.outbox),
            host_calls: mem::take(&mut self.host.record),
            profile: self.host.profile.take(),
            status: self.status.clone(),
        })
    }

    /// What the messages of the inbox do while they are collected, before the kernel runs: a migration takes
    /// hold, and one that cannot be read leaves the PVM stuck for good, where it is.
    fn collect(&mut self, level: i32) {
        let messages = self.host.inbox.iter().map(|(_, message)| message.as_slice());
        if let Some(state) = &mut self.state {
            state.take(level, messages.clone());
        }
        let migrations: Vec<_> = messages
            .filter_map(inbox::migration)
            .map(|protocol| protocol.map(<[u8]>::to_vec))
            .collect();
        for protocol in migrations {
            let Ok(protocol) = protocol else {
                let why = "the inbox has a migration that cannot be decoded".to_owned();
                self.status = Status::Stuck(why);
                return;
            };
            // No protocol has a name that is no text.
            let protocol = String::from_utf8_lossy(&protocol);
            let Some(version) = Version::of_protocol(&protocol) else { continue };
            self.put(keys::VERSION, version.name().as_bytes());
            if let Some(state) = &mut self.state {
                state.migrate(version);
            }
        }
    }
}
