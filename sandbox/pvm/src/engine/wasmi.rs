//! The wasmi interpreter as an engine: compiles at once, runs slowly, needs no system support.

mod context;
mod link;

use super::limit::{EngineLimit, MEMORY_LIMIT_DEFAULT_BYTES, Room, STACK_BYTES_MAX};
use super::prepare;
use super::run::{Failed, Instance, run};
use super::traps::outcome_of;
use super::{Calls, Engine, ModuleError, Outcome, Prepared, Program, RunEnd, Target, Tracer};
use crate::abi::ENTRY_POINT;
use crate::host::Host;
use crate::version::Version;
use context::Context;
use link::link;
use std::mem;
use wasmi::errors::ErrorKind;
use wasmi::{CompilationMode, Error, Global, Linker, Module, Store, TrapCode, Val};

/// The [wasmi](https://docs.rs/wasmi) interpreter.
#[derive(Clone, Debug)]
pub struct WasmiEngine {
    counted: bool,
    memory_limit: usize,
}

impl WasmiEngine {
    /// Without counting instructions, which can make code of many short branches take three times
    /// as long. A kernel that never returns can then be stopped in its host calls only, and no
    /// limit of ticks holds.
    #[must_use]
    pub fn uncounted() -> Self {
        Self { counted: false, ..Self::default() }
    }

    /// With a limit for the bytes of a run's memory and tables, in place of
    /// [`MEMORY_LIMIT_DEFAULT_BYTES`]; its stack may take as many again, and 512 MiB at most. A run that
    /// needs more ends with [`EngineLimit`].
    #[must_use]
    pub fn with_memory_limit(self, bytes: usize) -> Self {
        Self { memory_limit: bytes, ..self }
    }

    fn stack_bytes(&self) -> usize {
        self.memory_limit.min(STACK_BYTES_MAX)
    }
}

impl Default for WasmiEngine {
    fn default() -> Self {
        Self { counted: true, memory_limit: MEMORY_LIMIT_DEFAULT_BYTES }
    }
}

/// Translates every function at once: one that cannot be is found before anything has run.
fn config(version: Version, stack: usize) -> wasmi::Config {
    let mut config = wasmi::Config::default();
    config
        .floats(false)
        .wasm_saturating_float_to_int(false)
        .wasm_relaxed_simd(false)
        .wasm_multi_memory(false)
        .wasm_memory64(false)
        .wasm_tail_call(false)
        .wasm_extended_const(false)
        .compilation_mode(CompilationMode::Eager)
        .set_min_stack_height(0)
        .set_max_stack_height(stack)
        .set_max_recursion_depth(version.max_call_depth());
    config
}

impl Engine for WasmiEngine {
    fn name(&self) -> &'static str {
        "wasmi"
    }

    fn compile(&self, wasm: &[u8], target: Target) -> Result<Box<dyn Program>, ModuleError> {
        let stack = self.stack_bytes();
        let mut prepared = prepare(wasm, target, self.counted, Calls::CountedByEngine, stack)?;
        let refused = |text: String| ModuleError::Engine(EngineLimit::Translation(text));
        let engine = wasmi::Engine::new(&config(target.version, stack));
        let module = Module::new(&engine, &prepared.wasm).map_err(|e| refused(e.to_string()))?;
        let mut linker = Linker::new(&engine);
        link(&mut linker).map_err(|error| refused(error.to_string()))?;
        prepared.wasm = Vec::new();
        let tracer = prepared.tracer(wasm);
        let engine = self.clone();
        Ok(Box::new(WasmiProgram { module, linker, prepared, engine, target, tracer }))
    }
}

struct WasmiProgram {
    module: Module,
    linker: Linker<Context>,
    /// What it was made ready with, but for the module itself.
    prepared: Prepared,
    engine: WasmiEngine,
    target: Target,
    tracer: Option<Tracer>,
}

impl Program for WasmiProgram {
    fn run(&mut self, host: &mut Host) -> RunEnd {
        host.begin_run(self.prepared.ticks);
        let room = Room::new(self.engine.memory_limit);
        let context = Context { host: mem::take(host), memory: None, room };
        let mut store = Store::new(self.module.engine(), context);
        store.limiter(|context| &mut context.room);
        let mut instance = WasmiInstance { program: self, store, made: None, meters: None };
        let mut end = run(&mut instance, &self.prepared, self.target.version);
        *host = instance.store.into_data().host;
        self.prepared.settle(host, &mut end);
        end
    }

    fn default_node_exits(&self) -> Option<&str> {
        self.prepared.default_node_exits.as_deref()
    }

    fn can_trace(&self) -> bool {
        self.tracer.is_some()
    }

    fn trace(&mut self, host: &mut Host) -> Vec<String> {
        let (engine, target) = (&self.engine, self.target);
        self.tracer.as_mut().map_or(Vec::new(), |tracer| tracer.trace(engine, target, host))
    }
}

struct WasmiInstance<'p> {
    program: &'p WasmiProgram,
    store: Store<Context>,
    made: Option<wasmi::Instance>,
    /// The globals that count: instructions, and ticks of bulk operators.
    meters: Option<(Global, Global)>,
}

impl Instance for WasmiInstance<'_> {
    fn host(&mut self) -> &mut Host {
        &mut self.store.data_mut().host
    }

    fn instantiate(&mut self) -> Result<(), Failed> {
        let WasmiProgram { linker, module, prepared, .. } = self.program;
        let made = linker.instantiate_and_start(&mut self.store, module);
        let made = made.map_err(|error| self.failed(&error))?;
        self.store.data_mut().memory = made.get_memory(&self.store, &prepared.memory);
        let global = |name: &str| made.get_global(&self.store, name);
        let names = prepared.meters.as_ref();
        self.meters = names.and_then(|names| global(&names.meter).zip(global(&names.bulk)));
        self.made = Some(made);
        Ok(())
    }

    fn meters(&mut self) -> Option<(i64, i64)> {
        let (meter, bulk) = self.meters?;
        let value = |global: Global| global.get(&self.store).i64().unwrap_or(0);
        Some((value(meter), value(bulk)))
    }

    fn set_meter(&mut self, value: i64) {
        if let Some((meter, _)) = self.meters {
            // It is a mutable global of this type.
            let _ = meter.set(&mut self.store, Val::I64(value));
        }
    }

    fn call(&mut self) -> Option<Result<(), Failed>> {
        let kernel_run = self.made?.get_func(&self.store, ENTRY_POINT)?;
        let results = kernel_run.ty(&self.store).results().len();
        let mut results = vec![Val::I32(0); results];
        let called = kernel_run.call(&mut self.store, &[], &mut results);
        Some(called.map_err(|error| self.failed(&error)))
    }
}

impl WasmiInstance<'_> {
    fn failed(&self, error: &Error) -> Failed {
        let trap = error.as_trap_code();
        let outcome = self.outcome_of(error, trap);
        let is_too_deep = trap == Some(TrapCode::StackOverflow);
        Failed { outcome, text: error.to_string(), is_too_deep }
    }

    /// Which of the engine's errors the PVM takes for traps, which leave it stuck, and which are limits of this engine.
    fn outcome_of(&self, error: &Error, trap: Option<TrapCode>) -> Outcome {
        let engine = &self.program.engine;
        if self.store.data().room.is_exceeded {
            return Outcome::Limited(EngineLimit::Memory { limit: engine.memory_limit });
        }
        match trap {
            Some(trap) => outcome_of(trap, self.has_calls_left().then(|| engine.stack_bytes())),
            None => match error.kind() {
                // The host has ended the run, and knows why; or a segment lies beyond what it is for.
                ErrorKind::Message(_)
                | ErrorKind::Host(_)
                | ErrorKind::Memory(_)
                | ErrorKind::Table(_)
                | ErrorKind::Instantiation(_)
                | ErrorKind::Linker(_) => Outcome::Trapped(error.to_string()),
                _ => Outcome::Limited(EngineLimit::Other(error.to_string())),
            },
        }
    }

    /// Whether fewer calls are open than the PVM allows, as far as the kernel tells. One that does not
    /// tell has frames so small that the stack has room for all of them.
    fn has_calls_left(&self) -> bool {
        let WasmiProgram { prepared, target, .. } = self.program;
        let open = self.store.data().host.recorder.open_calls();
        prepared.hooked && open < target.version.max_call_depth()
    }
}
