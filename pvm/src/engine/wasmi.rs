//! The wasmi interpreter as an engine: compiles at once, runs slowly, needs no system support.

use super::{Engine, ModuleError, Outcome, Program, RunEnd, prepare};
use crate::abi::{ENTRY_POINT, HostFn, IMPORT_MODULE};
use crate::durable::Durable;
use crate::host::{Halted, Host};
use crate::memory::Linear;
use std::mem;
use wasmi::{Caller, Error, Linker, Module, Store, TrapCode};

/// The PVM's limit of nested calls, from its second version on.
const MAX_CALL_DEPTH: usize = 60_000;

/// Enough for that many calls with a kilobyte of locals and operands each.
const MAX_STACK_BYTES: usize = 64 << 20;

/// The [wasmi](https://docs.rs/wasmi) interpreter.
#[derive(Clone, Debug)]
pub struct WasmiEngine {
    engine: wasmi::Engine,
    counted: bool,
}

impl WasmiEngine {
    /// Without counting instructions. Counting can make code of many short branches take more
    /// than twice as long.
    #[must_use]
    pub fn uncounted() -> Self {
        Self { counted: false, ..Self::default() }
    }
}

impl Default for WasmiEngine {
    fn default() -> Self {
        let mut config = wasmi::Config::default();
        config
            .floats(false)
            .wasm_saturating_float_to_int(false)
            .wasm_relaxed_simd(false)
            .wasm_multi_value(false)
            .wasm_multi_memory(false)
            .wasm_memory64(false)
            .wasm_tail_call(false)
            .wasm_extended_const(false)
            .set_max_stack_height(MAX_STACK_BYTES)
            .set_max_recursion_depth(MAX_CALL_DEPTH);
        Self { engine: wasmi::Engine::new(&config), counted: true }
    }
}

impl Engine for WasmiEngine {
    fn compile(&self, wasm: &[u8]) -> Result<Box<dyn Program>, ModuleError> {
        let prepared = prepare(wasm, self.counted)?;
        let refused = |error: Error| ModuleError::Engine(error.to_string());
        let module = Module::new(&self.engine, &prepared.wasm).map_err(refused)?;
        let mut linker = Linker::new(&self.engine);
        link(&mut linker).map_err(|error| ModuleError::Engine(error.to_string()))?;
        Ok(Box::new(WasmiProgram {
            module,
            linker,
            memory: prepared.memory,
            counter: prepared.counter,
        }))
    }
}

struct WasmiProgram {
    module: Module,
    linker: Linker<Context>,
    memory: String,
    counter: Option<String>,
}

/// What a store holds for the host functions.
struct Context {
    host: Host,
    /// Absent while the module is instantiated, when no host call is allowed.
    memory: Option<wasmi::Memory>,
}

impl Program for WasmiProgram {
    fn run(&mut self, host: &mut Host) -> RunEnd {
        let context = Context { host: mem::take(host), memory: None };
        let mut store = Store::new(self.module.engine(), context);
        let end = self.run_in(&mut store);
        *host = store.into_data().host;
        end
    }
}

impl WasmiProgram {
    fn run_in(&self, store: &mut Store<Context>) -> RunEnd {
        store.data_mut().host.initialising = true;
        let instance = self.linker.instantiate_and_start(&mut *store, &self.module);
        store.data_mut().host.initialising = false;
        let failed =
            |reason: String| RunEnd { outcome: Outcome::InitFailed(reason), instructions: None };
        let instance = match instance {
            Ok(instance) => instance,
            Err(error) => return failed(error.to_string()),
        };
        store.data_mut().memory = instance.get_memory(&*store, &self.memory);
        let kernel_run = match instance.get_typed_func::<(), ()>(&*store, ENTRY_POINT) {
            Ok(kernel_run) => kernel_run,
            Err(error) => return failed(error.to_string()),
        };
        let outcome = match kernel_run.call(&mut *store, ()) {
            Ok(()) => Outcome::Returned,
            Err(error) => outcome_of(&error),
        };
        let counter = self.counter.as_ref().and_then(|name| instance.get_global(&*store, name));
        let instructions = counter.and_then(|global| global.get(&*store).i64());
        RunEnd { outcome, instructions: instructions.map(i64::cast_unsigned) }
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
        _ => Outcome::Trapped(text),
    }
}

fn call<T>(
    caller: &mut Caller<'_, Context>,
    body: impl FnOnce(&mut Host, &mut Linear<'_>) -> Result<T, Halted>,
) -> Result<T, Error> {
    let result = match caller.data().memory {
        Some(memory) => {
            let (bytes, context) = memory.data_and_store_mut(&mut *caller);
            body(&mut context.host, &mut Linear(bytes))
        }
        None => body(&mut caller.data_mut().host, &mut Linear(&mut [])),
    };
    // The reason lies in the host, for the PVM to find.
    result.map_err(|Halted| Error::new("halted"))
}

/// Host functions that take a key and nothing else.
macro_rules! link_on_key {
    ($linker:ident, $function:ident, $body:expr) => {
        $linker.func_wrap(
            IMPORT_MODULE,
            HostFn::$function.name(),
            |mut caller: Caller<'_, Context>, key: i32, len: i32| {
                call(&mut caller, |host, memory| {
                    host.on_key(HostFn::$function, memory, (key, len), $body)
                })
            },
        )?;
    };
}

/// Host functions over all of whose parameters a method of [`Host`] goes.
macro_rules! link {
    (
        $linker:ident, $function:ident ($($param:ident: $type:ty),*)
            => $method:ident ($($arg:expr),*)
    ) => {
        $linker.func_wrap(
            IMPORT_MODULE,
            HostFn::$function.name(),
            |mut caller: Caller<'_, Context>, $($param: $type),*| {
                call(&mut caller, |host, memory| host.$method(memory, $($arg),*))
            },
        )?;
    };
}

fn link(linker: &mut Linker<Context>) -> Result<(), wasmi::errors::LinkerError> {
    link!(linker, ReadInput (info: i32, dst: i32, max: i32) => read_input(info, dst, max));
    link!(linker, WriteOutput (src: i32, n: i32) => write_output(src, n));
    link!(linker, WriteDebug (src: i32, n: i32) => write_debug(src, n));
    link_on_key!(linker, StoreHas, |durable, key| Ok(durable.kind(key)));
    link_on_key!(linker, StoreListSize, |durable, key| Ok(durable.list_size(key)));
    link!(linker, StoreGetNthKey (key: i32, len: i32, index: i64, dst: i32, max: i32)
        => store_get_nth_key((key, len), index, dst, max));
    link_on_key!(linker, StoreDelete, |durable, key| durable.delete_tree(key).map(|()| 0));
    link_on_key!(linker, StoreDeleteValue, |durable, key| durable.delete_value(key).map(|()| 0));
    linker.func_wrap(
        IMPORT_MODULE,
        HostFn::StoreCreate.name(),
        |mut caller: Caller<'_, Context>, key: i32, len: i32, size: i32| {
            call(&mut caller, |host, memory| {
                host.on_key(HostFn::StoreCreate, memory, (key, len), |durable, key| {
                    durable.create(key, size).map(|()| 0)
                })
            })
        },
    )?;
    link_on_key!(linker, StoreExists, |durable, key| Ok(i32::from(durable.exists(key))));
    link!(linker, StoreCopy (from: i32, from_len: i32, to: i32, to_len: i32)
        => store_copy((from, from_len), (to, to_len)));
    link!(linker, StoreMove (from: i32, from_len: i32, to: i32, to_len: i32)
        => store_move((from, from_len), (to, to_len)));
    link_on_key!(linker, StoreValueSize, |durable, key| durable.value_size(key));
    link!(linker, StoreRead (key: i32, len: i32, offset: i32, dst: i32, max: i32)
        => store_read((key, len), offset, dst, max));
    link!(linker, StoreWrite (key: i32, len: i32, offset: i32, src: i32, n: i32)
        => store_write((key, len), offset, src, n));
    linker.func_wrap(
        IMPORT_MODULE,
        HostFn::StoreGetHash.name(),
        |mut caller: Caller<'_, Context>, key: i32, len: i32, _dst: i32, _max: i32| {
            call(&mut caller, |host, memory| {
                host.on_key(HostFn::StoreGetHash, memory, (key, len), Durable::hash)
            })
        },
    )?;
    link!(linker, RevealPreimage (hash: i32, len: i32, dst: i32, max: i32)
        => reveal_preimage((hash, len), dst, max));
    link!(linker, RevealMetadata (dst: i32, max: i32) => reveal_metadata(dst, max));
    link!(linker, Reveal (request: i32, len: i32, dst: i32, max: i32)
        => reveal((request, len), dst, max));
    Ok(())
}
