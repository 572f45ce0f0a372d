//! Wasmtime as an engine: compiles to machine code, which takes half a second, and then runs several times as fast.
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
use super::run::{Failed, Instance, run};
use super::traps::outcome_of;
use super::{Calls, Engine, ModuleError, Outcome, Prepared, Program, RunEnd, Target, Tracer};
use crate::abi::ENTRY_POINT;
use crate::host::Host;
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
use wasmtime::{Error, Global, InstancePre, Store, Trap, Val};

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
        let stack = self.stack_bytes();
        let mut prepared = prepare(wasm, target, self.counted, Calls::CountedByModule, stack)?;
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
        host.begin_run(self.prepared.ticks);
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
        let mut instance = WasmtimeInstance { program: self, store, made: None, meters: None };
        let version = self.target.version;
        let mut end = on_stack(&mut stack, || run(&mut instance, &self.prepared, version));
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

struct WasmtimeInstance<'p> {
    program: &'p WasmtimeProgram,
    store: Store<Context>,
    made: Option<wasmtime::Instance>,
    /// The globals that count: instructions, and ticks of bulk operators.
    meters: Option<(Global, Global)>,
}

impl Instance for WasmtimeInstance<'_> {
    fn host(&mut self) -> &mut Host {
        &mut self.store.data_mut().host
    }

    fn instantiate(&mut self) -> Result<(), Failed> {
        let WasmtimeProgram { instance, prepared, .. } = self.program;
        let made = instance.instantiate(&mut self.store);
        let made = made.map_err(|error| self.failed(&error))?;
        self.store.data_mut().memory = made.get_memory(&mut self.store, &prepared.memory);
        let mut global = |name: &str| made.get_global(&mut self.store, name);
        let names = prepared.meters.as_ref();
        self.meters = names.and_then(|names| global(&names.meter).zip(global(&names.bulk)));
        self.made = Some(made);
        Ok(())
    }

    fn meters(&mut self) -> Option<(i64, i64)> {
        let (meter, bulk) = self.meters?;
        let mut value = |global: Global| global.get(&mut self.store).i64().unwrap_or(0);
        Some((value(meter), value(bulk)))
    }

    fn set_meter(&mut self, value: i64) {
        if let Some((meter, _)) = self.meters {
            // It is a mutable global of this type.
            let _ = meter.set(&mut self.store, Val::I64(value));
        }
    }

    fn call(&mut self) -> Option<Result<(), Failed>> {
        let kernel_run = self.made?.get_func(&mut self.store, ENTRY_POINT)?;
        let results = kernel_run.ty(&self.store).results().len();
        let mut results = vec![Val::I32(0); results];
        let called = kernel_run.call(&mut self.store, &[], &mut results);
        Some(called.map_err(|error| self.failed(&error)))
    }
}

impl WasmtimeInstance<'_> {
    fn failed(&mut self, error: &Error) -> Failed {
        let trap = match self.store.data().is_too_deep {
            true => Some(TrapCode::StackOverflow),
            false => error.downcast_ref::<Trap>().copied().and_then(trap::code_of),
        };
        let outcome = self.outcome_of(error, trap);
        let is_too_deep = trap == Some(TrapCode::StackOverflow);
        let text = trap.map_or_else(|| error.to_string(), |trap| trap.to_string());
        Failed { outcome, text, is_too_deep }
    }

    /// Which of the engine's errors the PVM takes for traps, which leave it stuck, and which are limits of this engine.
    fn outcome_of(&mut self, error: &Error, trap: Option<TrapCode>) -> Outcome {
        let engine = &self.program.engine;
        let context = self.store.data();
        if context.limits.room.is_exceeded {
            return Outcome::Limited(EngineLimit::Memory { limit: engine.memory_limit });
        }
        let has_halted = context.host.halt.is_some();
        match trap {
            Some(trap) => outcome_of(trap, self.has_calls_left().then(|| engine.stack_bytes())),
            // The host has ended the run, and knows why.
            None if has_halted => Outcome::Trapped(error.to_string()),
            None => Outcome::Limited(EngineLimit::Other(format!("{error:#}"))),
        }
    }

    /// Whether fewer calls are open than the PVM allows. Of an instance whose start function has failed, only that
    /// there were too many is known.
    fn has_calls_left(&mut self) -> bool {
        let WasmtimeProgram { prepared, target, .. } = self.program;
        if self.store.data().is_too_deep {
            return false;
        }
        let open = self.made.zip(prepared.open_calls.as_deref());
        let open = open.and_then(|(made, name)| made.get_global(&mut self.store, name));
        let open = open.and_then(|open| open.get(&mut self.store).i32());
        let open = open.and_then(|open| usize::try_from(open).ok());
        open.is_none_or(|open| open < target.version.max_call_depth())
    }
}
