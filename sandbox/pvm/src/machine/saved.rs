//! What of a PVM is to be kept between levels, and how to go on with what was kept.

use super::{Kernel, Pvm, Snapshot, known};
use crate::config::{Config, InfoPerLevel};
use crate::durable::{Durable, Key};
use crate::engine::Program;
use crate::proof::{OutputProof, ProveError};
use crate::report::Status;
use crate::state::{MachineState, UnknownHash};

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
    /// there is), the level played last, and whether the kernel still runs. Its hash is not known: see
    /// [`Self::with_machine`].
    #[must_use]
    pub fn new(durable: Durable, next_level: Option<i32>, last_level: i32, status: Status) -> Self {
        Self { durable, next_level, last_level, status, state: None }
    }

    /// The same with the part of the state that is not durable storage.
    #[must_use]
    pub fn with_machine(self, state: Option<MachineState>) -> Self {
        Self { state, ..self }
    }

    /// The part of the state that is not durable storage, if it is known.
    #[must_use]
    pub fn machine(&self) -> Option<&MachineState> {
        self.state.as_ref()
    }

    /// The hash of the state. See [`Pvm::state_hash`].
    ///
    /// # Errors
    /// When it is not known.
    pub fn state_hash(&self) -> Result<[u8; 32], UnknownHash> {
        let durable = self.durable.tree_hash(Key::ROOT);
        known(self.state.as_ref(), &self.status).map(|state| state.tree(durable).hash())
    }

    /// Proves that a message is in an outbox of this state. See [`Pvm::prove_output`].
    ///
    /// # Errors
    /// When there is no such message, or the hash of the state is not known.
    pub fn prove_output(&self, level: i32, index: u64) -> Result<OutputProof, ProveError> {
        let durable = self.durable.tree_hash(Key::ROOT);
        let state = known(self.state.as_ref(), &self.status)?;
        let (proof, message) = state.prove(durable, level, index)?;
        Ok(OutputProof { proof, level, index, message })
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
