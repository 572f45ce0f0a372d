//! What runs a kernel: the traits an engine implements, and what every WASM engine does alike.

pub(crate) mod wasmi;

use crate::check::{Rule, Violation, check};
use crate::host::Host;
use crate::instrument::{Instrumented, instrument};
use thiserror::Error;

/// Something that can run WASM.
pub trait Engine {
    /// Makes a module ready to run.
    ///
    /// # Errors
    /// When the PVM would not take the module.
    fn compile(&self, wasm: &[u8]) -> Result<Box<dyn Program>, ModuleError>;
}

/// A kernel, ready to run.
pub trait Program {
    /// Calls `kernel_run` once, in a fresh instance.
    fn run(&mut self, host: &mut Host) -> RunEnd;
}

/// How a run ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunEnd {
    /// What happened.
    pub outcome: Outcome,
    /// The instructions executed, by engines that count. See [`crate::RunReport::instructions`].
    pub instructions: Option<u64>,
}

/// What happened in a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// `kernel_run` returned.
    Returned,
    /// It trapped, and the text says how. What it wrote stays.
    Trapped(String),
    /// The module could not be instantiated.
    InitFailed(String),
    /// Something that stops the PVM for good, such as a stack overflow.
    Stuck(String),
}

/// Why a module is no kernel.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ModuleError {
    /// It breaks rules of the PVM.
    #[error("the kernel breaks the rules of the PVM: {}", list(.0))]
    Rules(Vec<Violation>),
    /// The engine refuses what the rules allow.
    #[error("the engine refuses the kernel: {0}")]
    Engine(String),
}

impl ModuleError {
    /// Whether all that is missing is a `kernel_run` function. The PVM notices that last, and
    /// falls back to no other kernel then.
    #[must_use]
    pub fn is_only_entry_point(&self) -> bool {
        match self {
            Self::Rules(all) => all.iter().all(|violation| violation.rule == Rule::EntryPoint),
            Self::Engine(_) => false,
        }
    }
}

fn list(violations: &[Violation]) -> String {
    violations.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

/// A module that keeps the rules.
pub(crate) struct Prepared {
    /// The module to run, made to count its instructions if so wished.
    pub(crate) wasm: Vec<u8>,
    /// The name its memory is exported by.
    pub(crate) memory: String,
    /// The name the count is exported by.
    pub(crate) counter: Option<String>,
}

/// What every engine does first.
pub(crate) fn prepare(wasm: &[u8], counted: bool) -> Result<Prepared, ModuleError> {
    let memory = check(wasm).map_err(ModuleError::Rules)?.memory_export;
    if !counted {
        return Ok(Prepared { wasm: wasm.to_vec(), memory, counter: None });
    }
    let Instrumented { wasm, counter } =
        instrument(wasm).map_err(|error| ModuleError::Engine(error.to_string()))?;
    Ok(Prepared { wasm, memory, counter: Some(counter) })
}
