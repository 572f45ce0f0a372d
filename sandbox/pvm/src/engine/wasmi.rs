//! The wasmi interpreter as an engine: compiles at once, runs slowly, needs no system support.

mod context;
mod link;

use super::limit::{EngineLimit, MEMORY_LIMIT_DEFAULT_BYTES, Room};
use super::{Engine, ModuleError, Outcome, Prepared, Program, RunEnd, Target, prepare};
use crate::abi::ENTRY_POINT;
use crate::check::Entry;
use crate::host::{Halted, Host};
use crate::ticks::Phases;
use crate::ticks::module::ModuleTicks;
use crate::version::Version;
use context::Context;
use link::link;
use std::mem;
use wasmi::errors::ErrorKind;
use wasmi::{CompilationMode, Error, Global, Instance, Linker, Module, Store, TrapCode, Val};

/// Bytes of stack at most: enough for 60,000 calls with 1,100 locals and operands each. It grows as it is
/// needed. Where a kernel may need more, it is watched which limit it comes to: see [`Prepared`].
const STACK_BYTES_MAX: usize = 512 << 20;

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

impl WasmiEngine {
    fn compile_own(&self, wasm: &[u8], target: Target) -> Result<WasmiProgram, ModuleError> {
        let stack = self.stack_bytes();
        let prepared = prepare(wasm, target, self.counted, stack)?;
        let refused = |text: String| ModuleError::Engine(EngineLimit::Translation(text));
        let engine = wasmi::Engine::new(&config(target.version, stack));
        let module = Module::new(&engine, &prepared.wasm).map_err(|e| refused(e.to_string()))?;
        let mut linker = Linker::new(&engine);
        link(&mut linker).map_err(|error| refused(error.to_string()))?;
        let unknown = prepared.named && !prepared.hooked;
        let tracer = unknown.then(|| Tracer { wasm: wasm.to_vec(), program: None });
        Ok(WasmiProgram {
            module,
            linker,
            prepared: Prepared { wasm: Vec::new(), ..prepared },
            engine: self.clone(),
            target,
            tracer,
        })
    }
}

impl Engine for WasmiEngine {
    fn compile(&self, wasm: &[u8], target: Target) -> Result<Box<dyn Program>, ModuleError> {
        Ok(Box::new(self.compile_own(wasm, target)?))
    }
}

struct WasmiProgram {
    module: Module,
    linker: Linker<Context>,
    /// What it was made ready with, but for the module itself.
    prepared: Prepared,
    engine: WasmiEngine,
    target: Target,
    /// For a module that has names and does not tell which functions are open.
    tracer: Option<Tracer>,
}

/// The same kernel, made so that it tells.
struct Tracer {
    wasm: Vec<u8>,
    program: Option<Box<WasmiProgram>>,
}

impl Program for WasmiProgram {
    fn run(&mut self, host: &mut Host) -> RunEnd {
        host.begin_run(self.prepared.ticks);
        let room = Room::new(self.engine.memory_limit);
        let context = Context { host: mem::take(host), memory: None, room };
        let mut store = Store::new(self.module.engine(), context);
        store.limiter(|context| &mut context.room);
        let mut end = self.run_in(&mut store);
        *host = store.into_data().host;
        let recorder = mem::take(&mut host.recorder);
        end.stack = recorder.stack(&self.prepared.names);
        if let Some(profile) = &mut host.profile {
            profile.absorb(&recorder, &self.prepared.names);
        }
        end
    }

    fn default_node_exits(&self) -> Option<&str> {
        self.prepared.default_node_exits.as_deref()
    }

    fn can_trace(&self) -> bool {
        self.tracer.is_some()
    }

    fn trace(&mut self, host: &mut Host) -> Vec<String> {
        let Some(Tracer { wasm, program }) = &mut self.tracer else { return Vec::new() };
        let target = Target { profiled: true, ..self.target };
        if program.is_none() {
            // What could be translated before, and cannot with more in it, cannot be traced.
            *program = self.engine.compile_own(wasm, target).ok().map(Box::new);
        }
        program.as_mut().map_or(Vec::new(), |program| program.run(host).stack)
    }
}

impl WasmiProgram {
    fn run_in(&self, store: &mut Store<Context>) -> RunEnd {
        store.data_mut().host.initialising = true;
        let instance = self.linker.instantiate_and_start(&mut *store, &self.module);
        store.data_mut().host.initialising = false;
        let instance = match instance {
            Ok(instance) => instance,
            Err(error) => {
                return match self.outcome_of(&error, store.data()) {
                    outcome @ Outcome::Limited(_) => RunEnd::uncounted(outcome),
                    _ => self.init_failed(&error),
                };
            }
        };
        store.data_mut().memory = instance.get_memory(&*store, &self.prepared.memory);
        let meters = Meters::of(&instance, store, self.prepared.meters.as_ref());
        if let Some(meters) = &meters
            && let Err(error) = meters.renew(store)
        {
            return self.before_eval(store, Outcome::InitFailed(error.to_string()));
        }
        store.data_mut().host.meter.end_init();
        if let Entry::Missing(why) = &self.prepared.entry {
            return self.before_eval(store, Outcome::NoEntryPoint(why.clone()));
        }
        let Some(kernel_run) = instance.get_func(&*store, ENTRY_POINT) else {
            return self.before_eval(store, Outcome::NoEntryPoint(ENTRY_POINT.to_owned()));
        };
        let outcome = match &self.prepared.entry {
            Entry::Params(why) => Outcome::Stuck(why.clone()),
            _ => {
                let results = kernel_run.ty(&*store).results().len();
                // What it returns is dropped.
                let mut results = vec![Val::I32(0); results];
                match kernel_run.call(&mut *store, &[], &mut results) {
                    Ok(()) => Outcome::Returned,
                    Err(error) => self.outcome_of(&error, store.data()),
                }
            }
        };
        let Some(meters) = meters else { return RunEnd::uncounted(outcome) };
        let (meter, bulk) = meters.read(store);
        let host = &mut store.data_mut().host;
        // If this is beyond the limit, the host keeps that as the reason of the run's end.
        let _ = host.poll(meter, bulk);
        RunEnd {
            outcome,
            instructions: Some(host.meter.instructions_so_far()),
            ticks: Some(host.meter.phases()),
            stack: Vec::new(),
        }
    }

    /// The end of a run that does not get as far as a call.
    fn before_eval(&self, store: &Store<Context>, outcome: Outcome) -> RunEnd {
        let meter = &store.data().host.meter;
        let counted = self.prepared.meters.is_some();
        RunEnd {
            instructions: counted.then(|| meter.instructions_so_far()),
            ticks: counted.then(|| meter.phases()),
            ..RunEnd::uncounted(outcome)
        }
    }

    /// The end of a run whose instance cannot be made: as a rule because a segment does not fit.
    fn init_failed(&self, error: &Error) -> RunEnd {
        let ModuleTicks { decode, link, init_failed, .. } = self.prepared.ticks;
        let phases = Phases { decode, link, init: init_failed, eval: 0 };
        let counted = self.prepared.meters.is_some();
        RunEnd {
            instructions: counted.then_some(0),
            ticks: counted.then_some(phases),
            ..RunEnd::uncounted(Outcome::InitFailed(error.to_string()))
        }
    }

    /// Which of the engine's errors the PVM takes for traps, which leave it stuck, and which are limits of this engine.
    fn outcome_of(&self, error: &Error, context: &Context) -> Outcome {
        if context.room.is_exceeded {
            let limit = self.engine.memory_limit;
            return Outcome::Limited(EngineLimit::Memory { limit });
        }
        let text = error.to_string();
        match error.as_trap_code() {
            Some(TrapCode::StackOverflow) if self.has_calls_left(context) => {
                Outcome::Limited(EngineLimit::Stack { limit: self.engine.stack_bytes() })
            }
            // The reference evaluator takes these for faults of its own, not of the kernel.
            Some(
                TrapCode::StackOverflow | TrapCode::TableOutOfBounds | TrapCode::IndirectCallToNull,
            ) => Outcome::Stuck(text),
            Some(TrapCode::IntegerOverflow) => Outcome::Overflowed(text),
            Some(
                TrapCode::OutOfFuel
                | TrapCode::GrowthOperationLimited
                | TrapCode::OutOfSystemMemory,
            ) => Outcome::Limited(EngineLimit::Other(text)),
            Some(_) => Outcome::Trapped(text),
            None => match error.kind() {
                // The host has ended the run, and knows why; or a segment lies beyond what it is for.
                ErrorKind::Message(_)
                | ErrorKind::Host(_)
                | ErrorKind::Memory(_)
                | ErrorKind::Table(_)
                | ErrorKind::Instantiation(_)
                | ErrorKind::Linker(_) => Outcome::Trapped(text),
                _ => Outcome::Limited(EngineLimit::Other(text)),
            },
        }
    }

    /// Whether fewer calls are open than the PVM allows, as far as the kernel tells. One that does not
    /// tell has frames so small that the stack has room for all of them.
    fn has_calls_left(&self, context: &Context) -> bool {
        let most = self.target.version.max_call_depth();
        self.prepared.hooked && context.host.recorder.open_calls() < most
    }
}

/// The globals of an instance that count.
struct Meters {
    meter: Global,
    bulk: Global,
}

impl Meters {
    fn of(
        instance: &Instance,
        store: &Store<Context>,
        names: Option<&(String, String)>,
    ) -> Option<Self> {
        let (meter, bulk) = names?;
        Some(Self {
            meter: instance.get_global(store, meter)?,
            bulk: instance.get_global(store, bulk)?,
        })
    }

    fn read(&self, store: &Store<Context>) -> (i64, i64) {
        let value = |global: Global| global.get(store).i64().unwrap_or(0);
        (value(self.meter), value(self.bulk))
    }

    /// Hands out a new ration: the first one knows nothing of the limit.
    fn renew(&self, store: &mut Store<Context>) -> Result<(), Error> {
        let (meter, bulk) = self.read(store);
        let host = &mut store.data_mut().host;
        let next = host.poll(meter, bulk).map_err(|Halted| Error::new("halted"))?;
        self.meter.set(&mut *store, Val::I64(next)).map_err(|error| Error::new(error.to_string()))
    }
}
