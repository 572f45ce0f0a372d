//! Wasmtime as an engine: compiles to machine code, which takes half a second and runs ten times as fast.
//!
//! It runs the same instrumented modules as the interpreter, so that it counts the same. It cannot say how many calls are
//! open, so modules are made to count those as well. They run on a stack of their own, which is large enough for that many
//! calls of ordinary size; where it is not, the run ends with a limit of this engine, as with the interpreter.

mod artefacts;
mod compiled;
mod context;
mod limits;
mod link;
mod trap;

use super::limit::{EngineLimit, MEMORY_LIMIT_DEFAULT_BYTES, STACK_BYTES_MAX};
use super::prepare;
use super::traps::outcome_of;
use super::{Engine, ModuleError, OpenCalls, Outcome, Prepared, Program, RunEnd, Target, Tracer};
use crate::abi::ENTRY_POINT;
use crate::host::{Halted, Host};
use crate::instrument::MeterNames;
use artefacts::Artefacts;
use compiled::Compiler;
use context::{Context, Limits};
use corosensei::on_stack;
use corosensei::stack::DefaultStack;
use limits::{HOST_STACK_BYTES, STACK_BYTES_MIN};
use std::io;
use std::mem;
use std::path::Path;
use std::sync::Arc;
use wasmi_core::TrapCode;
use wasmtime::{Error, Global, Instance, InstancePre, Store, Trap, Val};

/// [Wasmtime](https://docs.rs/wasmtime), with its optimising compiler.
#[derive(Clone, Debug)]
pub struct WasmtimeEngine {
    counted: bool,
    memory_limit: usize,
    artefacts: Option<Arc<Artefacts>>,
}

impl WasmtimeEngine {
    /// Without counting instructions, which takes a tenth of the time. A kernel that never returns can then be stopped
    /// in its host calls only, and no limit of ticks holds.
    #[must_use]
    pub fn uncounted() -> Self {
        Self { counted: false, ..Self::default() }
    }

    /// With a limit for the bytes of a run's memory and tables, in place of [`MEMORY_LIMIT_DEFAULT_BYTES`]; its stack
    /// may take as many again, and 512 MiB at most. A run that needs more ends with [`EngineLimit`].
    #[must_use]
    pub fn with_memory_limit(self, bytes: usize) -> Self {
        Self { memory_limit: bytes, ..self }
    }

    /// With a folder for compiled modules, which later processes need not compile again. It must belong to the user
    /// alone (0700), and is made if it is not there. Up to 32 modules are kept.
    ///
    /// # Errors
    /// When the folder cannot be made, or others than the user may enter it: what is in it is run.
    pub fn with_folder(self, folder: &Path) -> io::Result<Self> {
        Ok(Self { artefacts: Some(Arc::new(Artefacts::open(folder)?)), ..self })
    }

    fn stack_bytes(&self) -> usize {
        self.memory_limit.clamp(STACK_BYTES_MIN, STACK_BYTES_MAX)
    }
}

impl Default for WasmtimeEngine {
    fn default() -> Self {
        Self { counted: true, memory_limit: MEMORY_LIMIT_DEFAULT_BYTES, artefacts: None }
    }
}

impl Engine for WasmtimeEngine {
    fn name(&self) -> &'static str {
        "wasmtime"
    }

    fn compile(&self, wasm: &[u8], target: Target) -> Result<Box<dyn Program>, ModuleError> {
        let mut prepared = prepare(wasm, target, self.counted, OpenCalls::ByModule)?;
        let instance = self.instance(&prepared.wasm).map_err(|error| {
            // Its cause is the last of several.
            ModuleError::Engine(EngineLimit::Translation(format!("{error:#}")))
        })?;
        prepared.wasm = Vec::new();
        let tracer = prepared.tracer(wasm);
        let engine = self.clone();
        Ok(Box::new(WasmtimeProgram { instance, prepared, engine, target, tracer }))
    }
}

impl WasmtimeEngine {
    fn instance(&self, wasm: &[u8]) -> Result<InstancePre<Context>, Error> {
        let compiler = Compiler::of_process(self.stack_bytes())?;
        let module = compiler.module(wasm, self.artefacts.as_deref())?;
        link::linker(&compiler.engine)?.instantiate_pre(&module)
    }
}

struct WasmtimeProgram {
    instance: InstancePre<Context>,
    /// What it was made ready with, but for the module itself.
    prepared: Prepared,
    engine: WasmtimeEngine,
    target: Target,
    tracer: Option<Tracer>,
}

impl Program for WasmtimeProgram {
    fn run(&mut self, host: &mut Host) -> RunEnd {
        host.begin_run(self.prepared.start_ticks);
        let stack = self.engine.stack_bytes().saturating_add(HOST_STACK_BYTES);
        let mut stack = match DefaultStack::new(stack) {
            Ok(stack) => stack,
            Err(error) => {
                let why = format!("there is no room for a stack of {} MiB: {error}", stack >> 20);
                return RunEnd::uncounted(Outcome::Limited(EngineLimit::Other(why)));
            }
        };
        let context = Context {
            host: mem::take(host),
            memory: None,
            limits: Limits::new(self.engine.memory_limit),
            is_too_deep: false,
        };
        let mut store = Store::new(self.instance.module().engine(), context);
        store.limiter(|context| &mut context.limits);
        let mut end = on_stack(&mut stack, || self.run_in(&mut store));
        *host = store.into_data().host;
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

impl WasmtimeProgram {
    fn run_in(&self, store: &mut Store<Context>) -> RunEnd {
        store.data_mut().host.initialising = true;
        let instance = self.instance.instantiate(&mut *store);
        store.data_mut().host.initialising = false;
        let failed = |reason: String| RunEnd::uncounted(Outcome::InitFailed(reason));
        let instance = match instance {
            Ok(instance) => instance,
            Err(error) => {
                return RunEnd::uncounted(match self.outcome_of(&error, None, store) {
                    Outcome::Trapped(reason)
                    | Outcome::Stuck(reason)
                    | Outcome::Overflowed(reason) => Outcome::InitFailed(reason),
                    other => other,
                });
            }
        };
        store.data_mut().memory = instance.get_memory(&mut *store, &self.prepared.memory);
        let kernel_run = match instance.get_typed_func::<(), ()>(&mut *store, ENTRY_POINT) {
            Ok(kernel_run) => kernel_run,
            Err(error) => return failed(error.to_string()),
        };
        let meters = Meters::of(&instance, store, self.prepared.meters.as_ref());
        if let Some(meters) = &meters
            && let Err(error) = meters.renew(store)
        {
            return failed(error.to_string());
        }
        let outcome = match kernel_run.call(&mut *store, ()) {
            Ok(()) => Outcome::Returned,
            Err(error) => self.outcome_of(&error, Some(&instance), store),
        };
        let Some(meters) = meters else { return RunEnd::uncounted(outcome) };
        let (meter, bulk) = meters.read(store);
        let host = &mut store.data_mut().host;
        // If this is beyond the limit, the host keeps that as the reason of the run's end.
        let _ = host.poll(meter, bulk);
        RunEnd {
            outcome,
            instructions: Some(host.meter.instructions_so_far()),
            ticks: Some(host.meter.ticks()),
            stack: Vec::new(),
        }
    }

    /// Which of the engine's errors the PVM takes for traps, which leave it stuck, and which are limits of this engine.
    fn outcome_of(
        &self,
        error: &Error,
        instance: Option<&Instance>,
        store: &mut Store<Context>,
    ) -> Outcome {
        let context = store.data();
        if context.limits.room.is_exceeded {
            let limit = self.engine.memory_limit;
            return Outcome::Limited(EngineLimit::Memory { limit });
        }
        if context.is_too_deep {
            return outcome_of(TrapCode::StackOverflow, None);
        }
        match error.downcast_ref::<Trap>().map(|trap| (*trap, trap::code_of(*trap))) {
            Some((_, Some(code))) => {
                let has_calls_left = self.has_calls_left(instance, store);
                outcome_of(code, has_calls_left.then(|| self.engine.stack_bytes()))
            }
            Some((trap, None)) => Outcome::Limited(EngineLimit::Other(trap.to_string())),
            // The host has ended the run, and knows why.
            None if context.host.halt.is_some() => Outcome::Trapped(error.to_string()),
            None => Outcome::Limited(EngineLimit::Other(format!("{error:#}"))),
        }
    }

    /// Whether fewer calls are open than the PVM allows, as far as is known: nothing is of an instance that has failed.
    fn has_calls_left(&self, instance: Option<&Instance>, store: &mut Store<Context>) -> bool {
        let most = self.target.version.max_call_depth();
        let open = instance.zip(self.prepared.open_calls.as_deref());
        let open = open.and_then(|(instance, name)| instance.get_global(&mut *store, name));
        let open = open.and_then(|open| open.get(&mut *store).i32());
        open.and_then(|open| usize::try_from(open).ok()).is_none_or(|open| open < most)
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
        store: &mut Store<Context>,
        names: Option<&MeterNames>,
    ) -> Option<Self> {
        let MeterNames { meter, bulk } = names?;
        Some(Self {
            meter: instance.get_global(&mut *store, meter)?,
            bulk: instance.get_global(&mut *store, bulk)?,
        })
    }

    fn read(&self, store: &mut Store<Context>) -> (i64, i64) {
        let mut value = |global: Global| global.get(&mut *store).i64().unwrap_or(0);
        (value(self.meter), value(self.bulk))
    }

    /// Hands out a new ration: the first one knows nothing of the limit.
    fn renew(&self, store: &mut Store<Context>) -> Result<(), Error> {
        let (meter, bulk) = self.read(store);
        let host = &mut store.data_mut().host;
        let next = host.poll(meter, bulk).map_err(|Halted| Error::msg("halted"))?;
        self.meter.set(&mut *store, Val::I64(next))
    }
}
