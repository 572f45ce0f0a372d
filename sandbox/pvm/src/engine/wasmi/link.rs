//! The host functions as wasmi links them, and those that instrumented modules call.

use super::context::Context;
use crate::abi::{HostFn, IMPORT_MODULE};
use crate::engine::calls::{Args, MAX_ARGS, call};
use crate::host::Halted;
use crate::instrument::{ENTER, LEAVE, POLL, POLL_MODULE};
use crate::memory::Linear;
use wasmi::{Caller, Error, FuncType, Linker, Val};

pub(super) fn link(linker: &mut Linker<Context>) -> Result<(), wasmi::errors::LinkerError> {
    for function in HostFn::ALL.iter().copied() {
        let params = function.params().iter().map(|ty| value_type(*ty));
        let results = function.results().iter().map(|ty| value_type(*ty));
        let ty = FuncType::new(params, results);
        let linked = move |mut caller: Caller<'_, Context>, params: &[Val], results: &mut [Val]| {
            let mut args = [0; MAX_ARGS];
            for (arg, param) in args.iter_mut().zip(params) {
                *arg = integer(param);
            }
            let answer = host_call(&mut caller, function, Args(&args))?;
            if let Some(result) = results.first_mut() {
                *result = like(result, answer);
            }
            Ok(())
        };
        linker.func_new(IMPORT_MODULE, function.name(), ty, linked)?;
    }
    link_hooks(linker)
}

fn host_call(
    caller: &mut Caller<'_, Context>,
    function: HostFn,
    args: Args<'_>,
) -> Result<i64, Error> {
    let answer = match caller.data().memory {
        Some(memory) => {
            let (bytes, context) = memory.data_and_store_mut(&mut *caller);
            call(function, args, &mut context.host, &mut Linear::new(bytes))
        }
        None => call(function, args, &mut caller.data_mut().host, &mut Linear::new(&mut [])),
    };
    // The reason lies in the host, for the PVM to find.
    answer.map_err(|Halted| Error::new("halted"))
}

fn value_type(ty: wasmparser::ValType) -> wasmi::ValType {
    match ty {
        wasmparser::ValType::I64 => wasmi::ValType::I64,
        // No host function has others.
        _ => wasmi::ValType::I32,
    }
}

fn integer(value: &Val) -> i64 {
    match value {
        Val::I32(value) => i64::from(*value),
        Val::I64(value) => *value,
        // No host function has others.
        _ => 0,
    }
}

/// A result of the type that is there.
fn like(result: &Val, answer: i64) -> Val {
    match result {
        Val::I64(_) => Val::I64(answer),
        // What a function with this result answers has 32 bits.
        _ => Val::I32(i32::try_from(answer).unwrap_or(i32::MAX)),
    }
}

/// What instrumented modules call.
fn link_hooks(linker: &mut Linker<Context>) -> Result<(), wasmi::errors::LinkerError> {
    linker.func_wrap(
        POLL_MODULE,
        POLL,
        |mut caller: Caller<'_, Context>, meter: i64, bulk: i64| {
            let polled = caller.data_mut().host.poll(meter, bulk);
            polled.map_err(|Halted| Error::new("halted"))
        },
    )?;
    linker.func_wrap(
        POLL_MODULE,
        ENTER,
        |mut caller: Caller<'_, Context>, meter: i64, function: i32| {
            caller.data_mut().host.entered(function.cast_unsigned(), meter);
        },
    )?;
    linker.func_wrap(POLL_MODULE, LEAVE, |mut caller: Caller<'_, Context>, meter: i64| {
        caller.data_mut().host.left(meter);
    })?;
    Ok(())
}
