//! What of a machine is in its state beside durable storage: ticks, the last input, the outboxes. With
//! it, the state has the hash that a rollup node commits to.

mod hash;
mod outboxes;

use crate::codes::MAX_RUNS_PER_LEVEL;
use crate::version::Version;
pub(crate) use hash::of_durable;
pub use outboxes::MAX_OUTBOXES;
pub(crate) use outboxes::{Outboxes, stored_message};
use thiserror::Error;

/// The message that begins a level.
const START_OF_LEVEL: [u8; 2] = [0, 1];

/// Levels for which outboxes are kept, up to Oxford.
const OLD_VALIDITY_LEVELS: i32 = 80_640;

/// Levels for which outboxes are kept, from Paris on.
const VALIDITY_LEVELS: i32 = 241_920;

/// Ticks of a run, from Paris on.
const TICKS_PER_RUN: u64 = Version::V4.ticks_per_call();

/// Why the hash of a state is not known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum UnknownHash {
    /// It is of the tick at which the PVM failed, and of the reference's words for it.
    #[error("the PVM is stuck for good: the hash has the reference's exact ticks and words in it")]
    Stuck,
    /// It was made of a state that was kept without what the hash is of.
    #[error("the state was kept by a version that did not keep what its hash is of")]
    NotKept,
}

/// The numbers of a machine between levels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Registers {
    /// Ticks since the origination.
    pub tick: u64,
    /// Ticks of a run, used or not.
    pub ticks_per_run: u64,
    /// Levels for which outboxes are kept, as the rollup was originated.
    pub origin_validity: i32,
    /// Levels for which outboxes are kept.
    pub validity: i32,
    /// Level and index of the last message that was taken from an inbox.
    pub last_input: Option<(i32, u64)>,
}

/// The part of a machine's state that is not durable storage.
#[derive(Clone, Debug)]
pub struct MachineState {
    tick: u64,
    ticks_per_run: u64,
    origin_validity: i32,
    last_input: Option<(i32, u64)>,
    outboxes: Outboxes,
}

impl MachineState {
    /// That of a rollup that is originated.
    pub(crate) fn new(version: Version, validity: Option<i32>) -> Self {
        let of_version = if version < Version::V4 { OLD_VALIDITY_LEVELS } else { VALIDITY_LEVELS };
        let validity = validity.unwrap_or(of_version);
        Self {
            tick: 0,
            ticks_per_run: version.ticks_per_call(),
            origin_validity: validity,
            last_input: None,
            outboxes: Outboxes::new(validity),
        }
    }

    /// One from its parts, with all its outboxes, those without messages included. `None` if they are more
    /// than [`MAX_OUTBOXES`].
    pub fn from_parts(
        registers: Registers,
        outboxes: impl IntoIterator<Item = (i32, Vec<Vec<u8>>)>,
    ) -> Option<Self> {
        let Registers { tick, ticks_per_run, origin_validity, validity, last_input } = registers;
        let outboxes = Outboxes::from_parts(validity, outboxes)?;
        Some(Self { tick, ticks_per_run, origin_validity, last_input, outboxes })
    }

    /// Its numbers.
    #[must_use]
    pub fn registers(&self) -> Registers {
        Registers {
            tick: self.tick,
            ticks_per_run: self.ticks_per_run,
            origin_validity: self.origin_validity,
            validity: self.outboxes.validity(),
            last_input: self.last_input,
        }
    }

    /// The levels of the oldest and the newest outbox. A state that levels were played in has one for each
    /// level between them, too.
    #[must_use]
    pub fn outbox_range(&self) -> Option<(i32, i32)> {
        self.outboxes.range()
    }

    /// The outboxes that have messages, by level.
    pub fn outboxes(&self) -> impl Iterator<Item = (i32, &[Vec<u8>])> {
        self.outboxes.iter().filter(|(_, messages)| !messages.is_empty())
    }

    /// Goes to another state of the same rollup, which has the outboxes of the levels of a range. What is
    /// in both stays as it is; for other levels `messages` says what their outboxes have.
    ///
    /// # Errors
    /// Those of `messages`.
    pub fn go_to<E>(
        &mut self,
        registers: Registers,
        range: Option<(i32, i32)>,
        messages: impl FnMut(i32) -> Result<Vec<Vec<u8>>, E>,
    ) -> Result<(), E> {
        let Registers { tick, ticks_per_run, origin_validity, validity, last_input } = registers;
        self.outboxes.go_to(range, messages)?;
        self.outboxes.set_validity(validity);
        (self.tick, self.ticks_per_run) = (tick, ticks_per_run);
        (self.origin_validity, self.last_input) = (origin_validity, last_input);
        Ok(())
    }

    /// Takes messages from an inbox.
    pub(crate) fn take<'m>(&mut self, level: i32, messages: impl Iterator<Item = &'m [u8]>) {
        for (index, message) in (0..).zip(messages) {
            self.last_input = Some((level, index));
            if message == START_OF_LEVEL {
                self.outboxes.begin(level);
            }
        }
    }

    /// What a migration does beside storing the version it brings.
    pub(crate) fn migrate(&mut self, version: Version) {
        // The protocols that brought other versions changed nothing else.
        if version == Version::V4 {
            self.ticks_per_run = TICKS_PER_RUN;
            self.outboxes.set_validity(VALIDITY_LEVELS);
        }
    }

    /// The ticks of a run.
    pub(crate) fn ticks_per_run(&self) -> u64 {
        self.ticks_per_run
    }

    /// The end of a level of so many runs. The loading of the inbox takes as long as a run.
    pub(crate) fn finish(&mut self, runs: usize, outbox: &[Vec<u8>]) {
        let runs = u64::try_from(runs).unwrap_or(u64::MAX).saturating_add(1);
        self.tick = self.tick.saturating_add(runs.saturating_mul(self.ticks_per_run));
        self.outboxes.append(outbox);
    }

    pub(crate) fn kept_outboxes(&self) -> &Outboxes {
        &self.outboxes
    }
}

/// What the counter of reboots is between levels.
fn reboot_counter() -> u64 {
    u64::try_from(MAX_RUNS_PER_LEVEL).unwrap_or(0)
}
