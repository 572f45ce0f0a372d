//! The wasmi interpreter as an engine: compiles at once, runs slowly, needs no system support.

mod link;

use super::{Engine, ModuleError, Outcome, Program, RunEnd, Target, prepare};
use crate::abi::ENTRY_POINT;
use crate::host::{Halted, Host};
use crate::version::Version;
use link::link;
use std::collections::HashMap;
use std::mem;
use wasmi::{Error, Global, Instance, Linker, Module, Store, TrapCode, Val};

/// Enough for the deepest calls with a kilobyte of locals and operands each.
const MAX_STACK_BYTES: usize = 64 << 20;

/// The [wasmi](https://docs.rs/wasmi) interpreter.
#[derive(Clone, Debug)]
pub struct WasmiEngine {
    counted: bool,
}

impl WasmiEngine {
    /// Without counting instructions, which can make code of many short branches take three times
    /// as long. A kernel that never returns can then be stopped in its host calls only, and no
    /// limit of ticks holds.
    #[must_use]
    pub fn uncounted() -> Self {
        Self { counted: false }
    }
}

impl Default for WasmiEngine {
    fn default() -> Self {
        Self { counted: true }
    }
}

fn config(version: Version) -> wasmi::Config {
    let mut config = wasmi::Config::default();
    config
        .floats(false)
        .wasm_saturating_float_to_int(false)
        .wasm_relaxed_simd(false)
        .wasm_multi_memory(false)
        .wasm_memory64(false)
        .wasm_tail_call(false)
        .wasm_extended_const(false)
        .set_max_stack_height(MAX_STACK_BYTES)
        .set_max_recursion_depth(version.max_call_depth());
    config
}

impl Engine for WasmiEngine {
    fn compile(&self, wasm: &[u8], target: Target) -> Result<Box<dyn Program>, ModuleError> {
        let prepared = prepare(wasm, target, self.counted)?;
        let refused = |error: Error| ModuleError::Engine(error.to_string());
        let engine = wasmi::Engine::new(&config(target.version));
        let module = Module::new(&engine, &prepared.wasm).map_err(refused)?;
        let mut linker = Linker::new(&engine);
        link(&mut linker).map_err(|error| ModuleError::Engine(error.to_string()))?;
        Ok(Box::new(WasmiProgram {
            module,
            linker,
            memory: prepared.memory,
            meters: prepared.meters,
            names: prepared.names,
            start_ticks: prepared.start_ticks,
            default_node_exits: prepared.default_node_exits,
        }))
    }
}

struct WasmiProgram {
    module: Module,
    linker: Linker<Context>,
    memory: String,
    meters: Option<(String, String)>,
    names: HashMap<u32, String>,
    start_ticks: u64,
    default_node_exits: Option<String>,
}

/// What a store holds for the host functions.
struct Context {
    host: Host,
    /// Absent while the module is instantiated, when no host call is allowed.
    memory: Option<wasmi::Memory>,
}

impl Program for WasmiProgram {
    fn run(&mut self, host: &mut Host) -> RunEnd {
        host.begin_run(self.start_ticks);
        let context = Context { host: mem::take(host), memory: None };
        let mut store = Store::new(self.module.engine(), context);
        let end = self.run_in(&mut store);
        *host = store.into_data().host;
        let recorder = mem::take(&mut host.recorder);
        if let Some(profile) = &mut host.profile {
            profile.absorb(&recorder, &self.names);
        }
        end
    }

    fn default_node_exits(&self) -> Option<&str> {
        self.default_node_exits.as_deref()
    }
}

impl WasmiProgram {
    fn run_in(&self, store: &mut Store<Context>) -> RunEnd {
        store.data_mut().host.initialising = true;
        let instance = self.linker.instantiate_and_start(&mut *store, &self.module);
        store.data_mut().host.initialising = false;
        let failed = |reason: String| RunEnd::uncounted(Outcome::InitFailed(reason));
        let instance = match instance {
            Ok(instance) => instance,
            Err(error) => return failed(error.to_string()),
        };
        store.data_mut().memory = instance.get_memory(&*store, &self.memory);
        let kernel_run = match instance.get_typed_func::<(), ()>(&*store, ENTRY_POINT) {
            Ok(kernel_run) => kernel_run,
            Err(error) => return failed(error.to_string()),
        };
        let meters = Meters::of(&instance, store, self.meters.as_ref());
        if let Some(meters) = &meters
            && let Err(error) = meters.renew(store)
        {
            return failed(error.to_string());
        }
        let outcome = match kernel_run.call(&mut *store, ()) {
            Ok(()) => Outcome::Returned,
            Err(error) => outcome_of(&error),
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
        }
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

/// Which errors are traps to the PVM, and which stop it.
fn outcome_of(error: &Error) -> Outcome {
    let text = error.to_string();
    match error.as_trap_code() {
        // The reference evaluator takes these for faults of its own, not of the kernel.
        Some(
            TrapCode::StackOverflow | TrapCode::TableOutOfBounds | TrapCode::IndirectCallToNull,
        ) => Outcome::Stuck(text),
        Some(TrapCode::IntegerOverflow) => Outcome::Overflowed(text),
        _ => Outcome::Trapped(text),
    }
}
