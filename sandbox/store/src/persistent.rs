//! A PVM and its store together: a level is played and kept, or neither.

use std::path::Path;

use pvm::{Config, Identity, InfoPerLevel, LevelReport, Program, Pvm};

use crate::error::{RunError, StoreError};
use crate::store::{KeptState, Store};

/// How a level is kept.
type Keep = fn(&mut Store, &Pvm, &LevelReport, &[Vec<u8>]) -> Result<(), StoreError>;

/// A PVM whose every level is on the disk before it is reported.
pub struct Persistent {
    pvm: Pvm,
    store: Store,
}

impl Persistent {
    /// Makes a store of a PVM as it is. See [`Store::create`].
    ///
    /// # Errors
    /// Those of [`Store::create`].
    pub fn create(path: &Path, pvm: Pvm) -> Result<Self, StoreError> {
        let store = Store::create(path, &pvm)?;
        Ok(Self { pvm, store })
    }

    /// Goes on with a rollup whose kernel is the module in its storage.
    ///
    /// # Errors
    /// When the configuration is of another rollup, or the rollup's kernel is a program.
    pub fn resume_wasm(store: Store, config: Config) -> Result<Self, StoreError> {
        check_same(&store, &config, false)?;
        let mut pvm = Pvm::resume_wasm(&store.state(), config);
        pvm.set_info_per_level(store.head.machine.info);
        Ok(Self { pvm, store })
    }

    /// Goes on with a rollup whose kernel is a program. That it is the same program, or one that
    /// knows the old one's state, is up to the caller.
    ///
    /// # Errors
    /// When the configuration is of another rollup, or the rollup's kernel is in its storage.
    pub fn resume(
        store: Store,
        program: Box<dyn Program>,
        config: Config,
    ) -> Result<Self, StoreError> {
        check_same(&store, &config, true)?;
        let mut pvm = Pvm::resume(program, &store.state(), config);
        pvm.set_info_per_level(store.head.machine.info);
        Ok(Self { pvm, store })
    }

    /// Plays a level and keeps it.
    ///
    /// # Errors
    /// When it cannot be played, or cannot be kept. Then the PVM is as it was.
    pub fn run_level(&mut self, messages: &[Vec<u8>]) -> Result<LevelReport, RunError> {
        self.run(messages, Store::commit)
    }

    /// Plays a level and keeps it, on the disk when the next level is that is played with
    /// [`Self::run_level`], or [`Self::sync`] has returned. A process that ends before has not played
    /// it. Many levels are played faster so.
    ///
    /// # Errors
    /// When it cannot be played, or cannot be kept. Then the PVM is as it was.
    pub fn run_level_unsynced(&mut self, messages: &[Vec<u8>]) -> Result<LevelReport, RunError> {
        self.run(messages, Store::commit_unsynced)
    }

    fn run(&mut self, messages: &[Vec<u8>], keep: Keep) -> Result<LevelReport, RunError> {
        let before = self.pvm.snapshot();
        let report = self.pvm.run_level(messages)?;
        if let Err(error) = keep(&mut self.store, &self.pvm, &report, messages) {
            self.pvm.restore(&before);
            return Err(error.into());
        }
        Ok(report)
    }

    /// Puts on the disk what has been kept. See [`Store::sync`].
    ///
    /// # Errors
    /// Those of [`Store::sync`].
    pub fn sync(&mut self) -> Result<(), StoreError> {
        self.store.sync()
    }

    /// Goes back for good. See [`Store::revert`].
    ///
    /// # Errors
    /// Those of [`Store::revert`].
    pub fn revert(&mut self, state: KeptState<'_>) -> Result<(), StoreError> {
        self.store.revert(state)?;
        self.pvm.restore(&self.store.state());
        Ok(())
    }

    /// Names the state as it is. See [`Store::snapshot`].
    ///
    /// # Errors
    /// Those of [`Store::snapshot`].
    pub fn snapshot(&mut self, name: &str) -> Result<(), StoreError> {
        self.store.snapshot(name)
    }

    /// Forgets a snapshot. See [`Store::forget`].
    ///
    /// # Errors
    /// Those of [`Store::forget`].
    pub fn forget(&mut self, name: &str) -> Result<(), StoreError> {
        self.store.forget(name)
    }

    /// Gives up what is kept about old levels. See [`Store::prune`].
    ///
    /// # Errors
    /// Those of [`Store::prune`].
    pub fn prune(&mut self, before: i32) -> Result<u64, StoreError> {
        self.store.prune(before)
    }

    /// Sets what the next levels say about their predecessor blocks. It is kept with the next level.
    pub fn set_info_per_level(&mut self, info: InfoPerLevel) {
        self.pvm.set_info_per_level(info);
    }

    /// The PVM.
    #[must_use]
    pub fn pvm(&self) -> &Pvm {
        &self.pvm
    }

    /// The store.
    #[must_use]
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// Lets go of the PVM.
    #[must_use]
    pub fn into_store(self) -> Store {
        self.store
    }
}

fn check_same(store: &Store, config: &Config, fixed_kernel: bool) -> Result<(), StoreError> {
    let hex = |bytes: [u8; 20]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    let kind = |fixed| if fixed { "a program" } else { "in its storage" }.to_owned();
    let kept = store.identity();
    let given = Identity {
        rollup: config.rollup,
        origination_level: config.origination_level,
        fixed_kernel,
    };
    let differs = |what, kept, given| Err(StoreError::OtherRollup { what, kept, given });
    if kept.rollup != given.rollup {
        return differs("address", hex(kept.rollup), hex(given.rollup));
    }
    if kept.origination_level != given.origination_level {
        let [kept, given] = [kept, given].map(|identity| identity.origination_level.to_string());
        return differs("origination level", kept, given);
    }
    if kept.fixed_kernel != fixed_kernel {
        return differs("kernel", kind(kept.fixed_kernel), kind(fixed_kernel));
    }
    Ok(())
}
