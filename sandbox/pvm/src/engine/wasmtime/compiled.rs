//! Compiled modules: those of this process, and those that are kept in a folder.
//!
//! Compiling our kernel takes half a second. So what has been compiled is used again by whoever compiles the same in this
//! process, and by later ones, if there is a folder for it.

use super::artefacts::{Artefacts, Name};
use super::limits::COMPILED_MODULES_MAX;
use blake2::digest::consts::U32;
use blake2::{Blake2b, Digest};
use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use wasmtime::{Config, Engine, Error, Module, OptLevel};

/// The engines of this process, by the bytes of stack that nested calls may take.
static COMPILERS: Mutex<BTreeMap<usize, Arc<Compiler>>> = Mutex::new(BTreeMap::new());

/// An engine of wasmtime, with what it has compiled last.
pub(super) struct Compiler {
    pub(super) engine: Engine,
    compiled: Mutex<VecDeque<([u8; 32], Module)>>,
}

impl Compiler {
    /// That of this process for a size of the stack.
    pub(super) fn of_process(stack: usize) -> Result<Arc<Self>, Error> {
        let mut all = lock(&COMPILERS);
        if let Some(compiler) = all.get(&stack) {
            return Ok(Arc::clone(compiler));
        }
        let engine = Engine::new(&config(stack))?;
        let compiler = Arc::new(Self { engine, compiled: Mutex::default() });
        all.insert(stack, Arc::clone(&compiler));
        Ok(compiler)
    }

    /// A module, compiled unless it has been.
    pub(super) fn module(
        &self,
        wasm: &[u8],
        artefacts: Option<&Artefacts>,
    ) -> Result<Module, Error> {
        let hash: [u8; 32] = Blake2b::<U32>::digest(wasm).into();
        let known = lock(&self.compiled).iter().find(|(of, _)| *of == hash).cloned();
        if let Some((_, module)) = known {
            return Ok(module);
        }
        let name = Name::of(&hash);
        let kept = artefacts.and_then(|artefacts| artefacts.module(&self.engine, &name));
        let module = match kept {
            Some(module) => module,
            None => {
                let module = Module::new(&self.engine, wasm)?;
                if let Some(artefacts) = artefacts {
                    artefacts.keep(&name, &module);
                }
                module
            }
        };
        let mut compiled = lock(&self.compiled);
        compiled.truncate(COMPILED_MODULES_MAX - 1);
        compiled.push_front((hash, module.clone()));
        Ok(module)
    }
}

/// What is behind a lock. Whoever held it and panicked has left it whole: entries are put in and taken out whole.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Proposals that the PVM does not take are off. It has checked every module before, so that this decides nothing.
fn config(stack: usize) -> Config {
    let mut config = Config::new();
    config
        .wasm_relaxed_simd(false)
        .wasm_multi_memory(false)
        .wasm_memory64(false)
        .wasm_tail_call(false)
        .wasm_extended_const(false)
        .cranelift_opt_level(OptLevel::Speed)
        // Where a run traps is found out by running it again: see `Tracer`.
        .wasm_backtrace_max_frames(None)
        .generate_address_map(false)
        .max_wasm_stack(stack)
        // Means nothing here, but must not be less.
        .async_stack_size(stack);
    config
}
