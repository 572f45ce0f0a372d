//! The PVM: plays inboxes to a kernel, level by level, run by run.

mod inbox;
mod kernel;
mod keys;
mod level;
mod run;
mod saved;
mod trace;

use crate::config::{Config, InfoPerLevel};
use crate::durable::{Durable, Key, Value};
use crate::engine::{Engine, ModuleError, Program, Target};
use crate::host::Host;
use crate::proof::{OutputProof, ProveError};
use crate::report::{LevelReport, PvmError, Status};
use crate::state::{MachineState, UnknownHash, of_durable};
use crate::version::Version;
pub use inbox::LevelInbox;
use kernel::{Kernel, Loaded};
pub use saved::Identity;

/// A PVM with one rollup in it.
pub struct Pvm {
    host: Host,
    kernel: Kernel,
    engine: Box<dyn Engine>,
    /// The version the rollup was originated with.
    origin: Version,
    tick_limit: Option<u64>,
    profiled: bool,
    info: InfoPerLevel,
    next_level: Option<i32>,
    last_level: i32,
    status: Status,
    /// What of the state is not durable storage; `None` if it was not kept.
    state: Option<MachineState>,
}

/// A state to come back to. Taking and keeping one costs next to nothing.
#[derive(Clone, Debug)]
pub struct Snapshot {
    durable: Durable,
    next_level: Option<i32>,
    last_level: i32,
    status: Status,
    state: Option<MachineState>,
}

impl Pvm {
    /// A rollup whose kernel is a program, native as a rule. It has no `/kernel/boot.wasm`, and
    /// writing one does nothing.
    #[must_use]
    pub fn originate(program: Box<dyn Program>, config: Config) -> Self {
        Self::new(Kernel::Fixed(program), Durable::default(), config)
    }

    /// A rollup with a WASM kernel.
    ///
    /// # Errors
    /// When the PVM could not run it.
    pub fn originate_wasm(wasm: &[u8], config: Config) -> Result<Self, ModuleError> {
        let target = Target { version: config.version, profiled: config.profiled };
        let program = config.engine.compile(wasm, target)?;
        let mut pvm = Self::originate_unchecked(wasm, config);
        pvm.kernel = Kernel::Installed(Some(Loaded { wasm: Value::new(wasm), target, program }));
        Ok(pvm)
    }

    /// A rollup originated with any bytes, as the chain allows: if they are no kernel, the PVM is
    /// stuck as soon as a level has been played.
    #[must_use]
    pub fn originate_unchecked(wasm: &[u8], config: Config) -> Self {
        let mut durable = Durable::default();
        put(&mut durable, keys::KERNEL, wasm);
        Self::new(Kernel::Installed(None), durable, config)
    }

    fn new(kernel: Kernel, mut durable: Durable, config: Config) -> Self {
        put(&mut durable, keys::VERSION, config.version.name().as_bytes());
        put(&mut durable, keys::REBOOT, b"");
        let mut metadata = [0; 24];
        metadata[..20].copy_from_slice(&config.rollup);
        metadata[20..].copy_from_slice(&config.origination_level.to_be_bytes());
        let host = Host {
            durable,
            metadata,
            origination_level: config.origination_level,
            preimages: Some(config.preimages),
            dal: config.dal,
            reveals: config.reveals,
            interrupt: config.interrupt,
            log: Some(config.log),
            recording: config.record_host_calls,
            ..Host::default()
        };
        Self {
            host,
            kernel,
            engine: config.engine,
            origin: config.version,
            tick_limit: config.tick_limit,
            profiled: config.profiled,
            info: InfoPerLevel::default(),
            next_level: Some(config.first_level),
            last_level: config.first_level,
            status: Status::Running,
            state: Some(MachineState::new(config.version, config.outbox_validity)),
        }
    }

    /// The durable storage.
    #[must_use]
    pub fn durable(&self) -> &Durable {
        &self.host.durable
    }

    /// The durable storage, to set things up or to put another in its place.
    pub fn durable_mut(&mut self) -> &mut Durable {
        &mut self.host.durable
    }

    /// The level to be played next.
    #[must_use]
    pub fn level(&self) -> i32 {
        self.next_level.unwrap_or(self.last_level)
    }

    /// The version in force: what the storage says, where it says anything known.
    #[must_use]
    pub fn version(&self) -> Version {
        let name = self.host.durable.value(keys::VERSION).map(Value::to_vec);
        let name = name.and_then(|name| String::from_utf8(name).ok());
        name.and_then(|name| Version::from_name(&name)).unwrap_or(self.origin)
    }

    /// Whether the kernel still runs.
    #[must_use]
    pub fn status(&self) -> &Status {
        &self.status
    }

    /// What runs the kernel: the name of the engine, or `native` for a program.
    #[must_use]
    pub fn engine_name(&self) -> &'static str {
        match self.kernel {
            Kernel::Fixed(_) => "native",
            Kernel::Installed(_) => self.engine.name(),
        }
    }

    /// Sets what the next levels say about their predecessor blocks.
    pub fn set_info_per_level(&mut self, info: InfoPerLevel) {
        self.info = info;
    }

    /// Sets whether reports list every host call.
    pub fn record_host_calls(&mut self, on: bool) {
        self.host.recording = on;
    }

    /// For tests: lets the `k`-th host call of the next level trap instead of being executed,
    /// counted from 0 over all its runs. Good for one level.
    pub fn trap_at_host_call(&mut self, k: Option<u64>) {
        self.host.trap_at = k;
    }

    /// The state as it is.
    #[must_use]
    pub fn snapshot(&self) -> Snapshot {
        Snapshot {
            durable: self.host.durable.clone(),
            next_level: self.next_level,
            last_level: self.last_level,
            status: self.status.clone(),
            state: self.state.clone(),
        }
    }

    /// Goes back to a state.
    pub fn restore(&mut self, snapshot: &Snapshot) {
        self.host.durable = snapshot.durable.clone();
        self.next_level = snapshot.next_level;
        self.last_level = snapshot.last_level;
        self.status = snapshot.status.clone();
        self.state = snapshot.state.clone();
    }

    /// The hash of the state, which a rollup node commits to. What was not changed since it was asked for
    /// last is not hashed again. The state of a kernel that is a program has none in it.
    ///
    /// # Errors
    /// When it is not known.
    pub fn state_hash(&self) -> Result<[u8; 32], UnknownHash> {
        let durable = self.host.durable.tree_hash(Key::ROOT);
        known(self.state.as_ref(), &self.status).map(|state| state.tree(durable).hash())
    }

    /// The hash of the state that the protocol has of the rollup before it has a kernel, which is that of
    /// its version.
    #[must_use]
    pub fn initial_state_hash(version: Version) -> [u8; 32] {
        let mut durable = Durable::default();
        put(&mut durable, keys::VERSION, version.name().as_bytes());
        of_durable(durable.tree_hash(Key::ROOT)).unwrap_or_default()
    }

    /// The ticks since the origination, if they are known: each run has as many as it may take, and so
    /// has the loading of each inbox.
    #[must_use]
    pub fn tick(&self) -> Option<u64> {
        self.state.as_ref().map(|state| state.registers().tick)
    }

    /// Proves that a message is in an outbox, to whom has the hash of the state.
    ///
    /// # Errors
    /// When there is no such message, or the hash of the state is not known.
    pub fn prove_output(&self, level: i32, index: u64) -> Result<OutputProof, ProveError> {
        self.snapshot().prove_output(level, index)
    }

    /// Plays one level. Its inbox is the start of the level, the information about its
    /// predecessor, the messages given, each whole with its tag, and the end of the level.
    ///
    /// # Errors
    /// When a node could not play it. Then nothing has changed.
    pub fn run_level(&mut self, messages: &[Vec<u8>]) -> Result<LevelReport, PvmError> {
        self.run_inbox(&LevelInbox { messages, ..LevelInbox::default() })
    }

    /// Plays one level with an inbox that may have in it what only the protocol puts there.
    ///
    /// # Errors
    /// When a node could not play it. Then nothing has changed.
    pub fn run_inbox(&mut self, inbox: &LevelInbox<'_>) -> Result<LevelReport, PvmError> {
        let level = self.next_level.ok_or(PvmError::LastLevel(self.last_level))?;
        let messages = inbox.collect(&self.info)?;
        self.play(level, messages)
    }

    /// Plays a level of any number with an inbox that is given whole, as layer 1 keeps it: from the start of the
    /// level to its end.
    ///
    /// # Errors
    /// When no node could play it, or the end of the level is not its last message. Then nothing has
    /// changed.
    pub fn run_whole_inbox(
        &mut self,
        level: i32,
        messages: &[Vec<u8>],
    ) -> Result<LevelReport, PvmError> {
        inbox::check(messages, messages.len())?;
        if messages.last().is_none_or(|last| *last != inbox::END_OF_LEVEL) {
            return Err(PvmError::NoEndOfLevel);
        }
        self.play(level, (0..).zip(messages.iter().cloned()).collect())
    }

    fn has(&self, key: Key<'_>) -> bool {
        self.host.durable.value(key).is_some()
    }

    fn put(&mut self, key: Key<'_>, bytes: &[u8]) {
        put(&mut self.host.durable, key, bytes);
    }

    fn remove(&mut self, key: Key<'_>) {
        self.host.durable.remove_tree(key);
    }
}

/// What the hash of a state is of beside durable storage, if the hash is known.
fn known<'s>(
    state: Option<&'s MachineState>,
    status: &Status,
) -> Result<&'s MachineState, UnknownHash> {
    match status {
        Status::Running => state.ok_or(UnknownHash::NotKept),
        Status::Stuck(_) => Err(UnknownHash::Stuck),
    }
}

fn put(durable: &mut Durable, key: Key<'_>, bytes: &[u8]) {
    durable.put(key, Value::new(bytes));
}
