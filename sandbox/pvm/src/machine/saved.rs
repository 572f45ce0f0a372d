//! What of a PVM is to be kept between levels, and how to go on with what was kept.

use super::{Kernel, Pvm, Snapshot, keys};
use crate::config::{Config, InfoPerLevel};
use crate::durable::{Durable, Value};
use crate::engine::Program;
use crate::report::Status;
use crate::version::Version;

/// What of a PVM never changes: what it was set up with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Identity {
    /// The rollup's address.
    pub rollup: [u8; 20],
    /// The level the rollup was originated at.
    pub origination_level: i32,
    /// Whether the kernel is a program given from outside; otherwise it is the module in the
    /// storage.
    pub fixed_kernel: bool,
}

impl Snapshot {
    /// A state from its parts: the storage, the level to be played next (`None` after the last
    /// there is), the level played last, and whether the kernel still runs. A run may take as many ticks as
    /// in a rollup that was originated with the version in the storage: see [`Snapshot::with_ticks_per_run`].
    #[must_use]
    pub fn new(durable: Durable, next_level: Option<i32>, last_level: i32, status: Status) -> Self {
        let name = durable.value(keys::VERSION).map(Value::to_vec);
        let name = name.and_then(|name| String::from_utf8(name).ok());
        let version = name.and_then(|name| Version::from_name(&name)).unwrap_or_default();
        let ticks_per_run = version.ticks_per_call();
        Self { durable, next_level, last_level, status, ticks_per_run }
    }

    /// With another limit of a run. It is part of the state: a rollup that skipped the migration to Paris has
    /// that of before.
    #[must_use]
    pub fn with_ticks_per_run(self, ticks_per_run: u64) -> Self {
        Self { ticks_per_run, ..self }
    }

    /// The ticks that a run may take.
    #[must_use]
    pub fn ticks_per_run(&self) -> u64 {
        self.ticks_per_run
    }

    /// The durable storage.
    #[must_use]
    pub fn durable(&self) -> &Durable {
        &self.durable
    }

    /// The level to be played next; `None` after the last there is.
    #[must_use]
    pub fn next_level(&self) -> Option<i32> {
        self.next_level
    }

    /// The level that was played last; before any, the first.
    #[must_use]
    pub fn last_level(&self) -> i32 {
        self.last_level
    }

    /// Whether the kernel still runs.
    #[must_use]
    pub fn status(&self) -> &Status {
        &self.status
    }
}

impl Pvm {
    /// Goes on with a state, running a program. Of the configuration, the first level means nothing
    /// here; the rollup and its origination level must be those it had.
    #[must_use]
    pub fn resume(program: Box<dyn Program>, state: &Snapshot, config: Config) -> Self {
        let mut pvm = Self::new(Kernel::Fixed(program), Durable::default(), config);
        pvm.restore(state);
        pvm
    }

    /// Goes on with a state whose kernel is the module in the storage. It is compiled when the next
    /// level is played, where one that is no kernel has its consequences.
    #[must_use]
    pub fn resume_wasm(state: &Snapshot, config: Config) -> Self {
        let mut pvm = Self::new(Kernel::Installed(None), Durable::default(), config);
        pvm.restore(state);
        pvm
    }

    /// What the PVM was set up with.
    #[must_use]
    pub fn identity(&self) -> Identity {
        let [rollup @ .., a, b, c, d] = self.host.metadata;
        Identity {
            rollup,
            origination_level: i32::from_be_bytes([a, b, c, d]),
            fixed_kernel: matches!(self.kernel, Kernel::Fixed(_)),
        }
    }

    /// What the next levels say about their predecessor blocks.
    #[must_use]
    pub fn info_per_level(&self) -> InfoPerLevel {
        self.info
    }
}
