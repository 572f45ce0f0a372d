//! What runs a kernel: the traits an engine implements, and what every WASM engine does alike.

mod calls;
pub(crate) mod compared;
pub(crate) mod kind;
pub(crate) mod limit;
mod run;
mod traps;
pub(crate) mod wasmi;
#[cfg(feature = "fast")]
pub(crate) mod wasmtime;

use crate::check::{Accepted, Entry, Violation, accept, function_names};
use crate::host::Host;
use crate::instrument::{Instrumented, MeterNames, Wanted, instrument};
use crate::profile::frame_name;
use crate::ticks::Phases;
use crate::ticks::module::ModuleTicks;
use crate::version::Version;
pub use limit::EngineLimit;
use std::collections::HashMap;
use std::mem;
use thiserror::Error;

/// What a module is made ready for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Target {
    /// The version of the PVM: its host functions, its limit of nested calls.
    pub version: Version,
    /// Whether the module is to record a profile.
    pub profiled: bool,
}

/// Something that can run WASM.
pub trait Engine {
    /// What it is called.
    fn name(&self) -> &'static str;

    /// Makes a module ready to run.
    ///
    /// # Errors
    /// When the PVM would not take the module.
    fn compile(&self, wasm: &[u8], target: Target) -> Result<Box<dyn Program>, ModuleError>;
}

/// A kernel, ready to run.
pub trait Program {
    /// Calls `kernel_run` once, in a fresh instance.
    fn run(&mut self, host: &mut Host) -> RunEnd;

    /// Why the default node would exit instead of running this kernel, if it would.
    fn default_node_exits(&self) -> Option<&str> {
        None
    }

    /// Whether [`Program::trace`] has something to say that [`Program::run`] did not.
    fn can_trace(&self) -> bool {
        false
    }

    /// Calls `kernel_run` once more, from the same state in a host that is thrown away, to find out
    /// which functions are open when it ends: the innermost first, by name. Slower than a run.
    fn trace(&mut self, _host: &mut Host) -> Vec<String> {
        Vec::new()
    }
}

/// How a run ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunEnd {
    /// What happened.
    pub outcome: Outcome,
    /// The instructions executed, by engines that count. See [`crate::RunReport::instructions`].
    pub instructions: Option<u64>,
    /// An estimate of the ticks, by the same. See [`crate::ticks`].
    pub ticks: Option<Phases>,
    /// The functions that were open, the innermost first, where the engine knows.
    pub stack: Vec<String>,
}

impl RunEnd {
    /// The end of a run that nobody counts.
    #[must_use]
    pub fn uncounted(outcome: Outcome) -> Self {
        Self { outcome, instructions: None, ticks: None, stack: Vec::new() }
    }
}

/// What happened in a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// `kernel_run` returned.
    Returned,
    /// It trapped, and the text says how. What it wrote stays.
    Trapped(String),
    /// It divided the least integer by minus one: a trap of the PVM, while the default node exits.
    Overflowed(String),
    /// The module could not be instantiated.
    InitFailed(String),
    /// Something that stops the PVM for good, such as a stack overflow.
    Stuck(String),
    /// There is no `kernel_run` to call, which stops the PVM for good, too. That is noticed when the module
    /// has been instantiated, and before it becomes the fallback.
    NoEntryPoint(String),
    /// The engine, or this machine, cannot go on where the PVM would.
    Limited(EngineLimit),
}

/// Why a module is no kernel.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ModuleError {
    /// It breaks rules of the PVM.
    #[error("the kernel breaks the rules of the PVM: {}", list(.0))]
    Rules(Vec<Violation>),
    /// The engine refuses what the rules allow.
    #[error(transparent)]
    Engine(EngineLimit),
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
    /// What its `kernel_run` is.
    pub(crate) entry: Entry,
    /// The names its meters are exported by, if it counts.
    pub(crate) meters: Option<MeterNames>,
    /// The name the number of open calls is exported by, if it counts those.
    pub(crate) open_calls: Option<String>,
    /// The names of its functions, where it has any.
    pub(crate) names: HashMap<u32, String>,
    /// The ticks that every instance costs.
    pub(crate) ticks: ModuleTicks,
    /// Why the default node would exit instead of running it, if so.
    pub(crate) default_node_exits: Option<String>,
    /// Whether it tells when functions begin and end: if it is profiled, or if its calls may fill the
    /// engine's stack before as many are open as the PVM allows.
    pub(crate) hooked: bool,
    /// Whether it gives names to its functions.
    pub(crate) named: bool,
}

/// Who counts the calls that are open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Calls {
    /// The engine.
    CountedByEngine,
    /// The module itself.
    CountedByModule,
}

/// What every engine does first. `stack` is how many bytes of stack nested calls may take.
pub(crate) fn prepare(
    wasm: &[u8],
    target: Target,
    counts: bool,
    calls: Calls,
    stack: usize,
) -> Result<Prepared, ModuleError> {
    let Accepted { report, entry, default_node_exits, frame_cells } =
        accept(wasm, target.version).map_err(ModuleError::Rules)?;
    let most = target.version.max_call_depth();
    let deepest = u64::try_from(most).unwrap_or(u64::MAX);
    let stack = u64::try_from(stack).unwrap_or(u64::MAX);
    // Where the module counts the calls, this would not be needed, but ticks would differ: what a trap leaves
    // open is known of such modules only.
    let hooked = target.profiled || frame_cells.saturating_mul(8).saturating_mul(deepest) > stack;
    let mut names = function_names(wasm);
    names.iter_mut().for_each(|(index, name)| *name = frame_name(*index, name));
    let mut prepared = Prepared {
        wasm: wasm.to_vec(),
        memory: report.memory_export,
        entry,
        meters: None,
        open_calls: None,
        named: !names.is_empty(),
        names,
        ticks: ModuleTicks::of(wasm, target.version),
        default_node_exits,
        hooked,
    };
    let counted_by_module = calls == Calls::CountedByModule;
    let most = u32::try_from(most).unwrap_or(u32::MAX);
    let open_calls_max = counted_by_module.then_some(most);
    let wanted = Wanted { counts, hooks: hooked, open_calls_max };
    if wanted != Wanted::default() {
        let Instrumented { wasm: instrumented, meters, open_calls } = instrument(wasm, wanted)
            .map_err(|error| ModuleError::Engine(EngineLimit::Translation(error.to_string())))?;
        prepared.wasm = instrumented;
        prepared.meters = meters;
        prepared.open_calls = open_calls;
    }
    Ok(prepared)
}

impl Prepared {
    /// What is kept to find out where a run trapped: for a module that has names and does not tell which functions
    /// are open.
    pub(crate) fn tracer(&self, wasm: &[u8]) -> Option<Tracer> {
        let unknown = self.named && !self.hooked;
        unknown.then(|| Tracer { wasm: wasm.to_vec(), program: None })
    }

    /// Gives a host back what a run has told it, and adds to the end of the run which functions were open.
    pub(crate) fn settle(&self, host: &mut Host, end: &mut RunEnd) {
        let recorder = mem::take(&mut host.recorder);
        end.stack = recorder.stack(&self.names);
        if let Some(profile) = &mut host.profile {
            profile.absorb(&recorder, &self.names);
        }
    }
}

/// The same kernel, made so that it tells.
pub(crate) struct Tracer {
    wasm: Vec<u8>,
    program: Option<Box<dyn Program>>,
}

impl Tracer {
    /// See [`Program::trace`].
    pub(crate) fn trace(
        &mut self,
        engine: &dyn Engine,
        target: Target,
        host: &mut Host,
    ) -> Vec<String> {
        let target = Target { profiled: true, ..target };
        if self.program.is_none() {
            // What could be translated before, and cannot with more in it, cannot be traced.
            self.program = engine.compile(&self.wasm, target).ok();
        }
        self.program.as_mut().map_or(Vec::new(), |program| program.run(host).stack)
    }
}
