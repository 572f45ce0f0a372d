//! The kernel that runs: given once and for all, or whatever is installed in the storage.

use super::keys;
use crate::check::{Rule, Violation};
use crate::durable::{Durable, Value};
use crate::engine::{Engine, ModuleError, Program, Target};

/// The kernel of a PVM.
pub(super) enum Kernel {
    /// This program, always.
    Fixed(Box<dyn Program>),
    /// The module in the storage, with what was compiled last.
    Installed(Option<Loaded>),
}

/// A compiled module.
pub(super) struct Loaded {
    /// What it was compiled from.
    pub(super) wasm: Value,
    /// What for.
    pub(super) target: Target,
    /// The outcome.
    pub(super) program: Box<dyn Program>,
}

impl Kernel {
    /// The program to run now. Compiles only what differs from the last.
    pub(super) fn load(
        &mut self,
        durable: &Durable,
        engine: &dyn Engine,
        target: Target,
    ) -> Result<&mut dyn Program, ModuleError> {
        let cache = match self {
            Self::Fixed(program) => return Ok(program.as_mut()),
            Self::Installed(cache) => cache,
        };
        let Some(wasm) = durable.value(keys::KERNEL) else {
            let detail = "there is no /kernel/boot.wasm".to_owned();
            return Err(ModuleError::Rules(vec![Violation { rule: Rule::Valid, detail }]));
        };
        let loaded = match cache.take() {
            Some(loaded) if loaded.wasm == *wasm && loaded.target == target => loaded,
            _ => {
                let program = engine.compile(&wasm.to_vec(), target)?;
                Loaded { wasm: wasm.clone(), target, program }
            }
        };
        Ok(cache.insert(loaded).program.as_mut())
    }
}
