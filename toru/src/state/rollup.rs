//! The rollup that `toru run` plays: in memory alone, or kept in a file.

use std::path::{Path, PathBuf};

use pvm::{Config, LevelReport, Pvm};
use store::{Persistent, RunError, Store};

use super::error::{failing, hint, open, problem};
use crate::cli::RunArgs;
use crate::error::Failure;

/// Where a rollup is kept.
pub enum State {
    /// Nowhere.
    Memory,
    /// In a file that is to be made.
    New(PathBuf),
    /// In a file that is there.
    Kept(PathBuf, Box<Store>),
}

impl State {
    /// What the command line asks for.
    pub fn of(args: &RunArgs) -> Result<Self, Failure> {
        let Some(file) = &args.state else { return Ok(Self::Memory) };
        if file.symlink_metadata().is_err() {
            return Ok(Self::New(file.clone()));
        }
        let settled = [
            ("--kernel", args.kernel().is_some()),
            ("--setup", args.setup.is_some()),
            ("--accept-v1", args.accept_v1),
        ];
        if let Some((option, _)) = settled.iter().find(|(_, given)| *given) {
            return Err(Failure::usage(
                format!("{option} is for a new rollup, and --state names one that is kept"),
                format!("leave out {option}, or name a file that is not there"),
            ));
        }
        Ok(Self::Kept(file.clone(), Box::new(open(file)?)))
    }

    /// Whether the kernel is ours where no other is given.
    pub fn runs_ours(&self) -> bool {
        match self {
            Self::Kept(_, store) => {
                let wasm = store.durable().get("/kernel/boot.wasm");
                store.identity().fixed_kernel || wasm.as_deref() == Some(kernel_wasm::EMBEDDED)
            }
            Self::Memory | Self::New(_) => true,
        }
    }

    /// The address of a rollup that is kept.
    pub fn rollup(&self) -> Option<[u8; 20]> {
        match self {
            Self::Kept(_, store) => Some(store.identity().rollup),
            Self::Memory | Self::New(_) => None,
        }
    }
}

/// A rollup whose levels are run.
pub enum Rollup {
    /// In memory alone.
    Memory(Box<Pvm>),
    /// Every level goes into a file.
    Stored(PathBuf, Box<Persistent>),
}

impl Rollup {
    /// One that is kept goes on; `native` asks for our kernel in this binary.
    pub fn resume(
        file: &Path,
        store: Store,
        mut config: Config,
        native: bool,
    ) -> Result<Self, Failure> {
        config.origination_level = store.identity().origination_level;
        let resumed = if native || store.identity().fixed_kernel {
            Persistent::resume(store, scenario::native_program(), config)
        } else {
            Persistent::resume_wasm(store, config)
        };
        let resumed = resumed.map_err(failing(file))?;
        Ok(Self::Stored(file.to_owned(), Box::new(resumed)))
    }

    /// A new one, which goes into a file if there is to be one.
    pub fn new(pvm: Pvm, file: Option<&Path>) -> Result<Self, Failure> {
        let Some(file) = file else { return Ok(Self::Memory(Box::new(pvm))) };
        let stored = Persistent::create(file, pvm).map_err(failing(file))?;
        Ok(Self::Stored(file.to_owned(), Box::new(stored)))
    }

    /// The PVM.
    pub fn pvm(&self) -> &Pvm {
        match self {
            Self::Memory(pvm) => pvm,
            Self::Stored(_, stored) => stored.pvm(),
        }
    }

    /// Plays a level, and keeps it if that is asked for.
    pub fn run_level(
        &mut self,
        messages: &[Vec<u8>],
        level_failed: impl FnOnce(&pvm::PvmError) -> Failure,
    ) -> Result<LevelReport, Failure> {
        match self {
            Self::Memory(pvm) => pvm.run_level(messages).map_err(|error| level_failed(&error)),
            Self::Stored(file, stored) => {
                let level = stored.pvm().level();
                stored.run_level(messages).map_err(|error| match error {
                    RunError::Pvm(error) => level_failed(&error),
                    RunError::Store(error) => {
                        let problem = format!("level {level} is not kept: {}", problem(&error));
                        let hint = hint(&error).unwrap_or("the levels before it are");
                        Failure::in_file(file, &problem).with_hint(hint)
                    }
                })
            }
        }
    }
}
