//! The host functions as wasmi links them, and those that instrumented modules call.

use super::context::Context;
use crate::abi::{HostFn, IMPORT_MODULE};
use crate::host::{Halted, Host};
use crate::instrument::{ENTER, LEAVE, POLL, POLL_MODULE};
use crate::memory::Linear;
use crate::profile::Recorder;
use wasmi::{Caller, Error, Linker, Val};

fn call<T>(
    caller: &mut Caller<'_, Context>,
    body: impl FnOnce(&mut Host, &mut Linear<'_>) -> Result<T, Halted>,
) -> Result<T, Error> {
    let result = match caller.data().memory {
        Some(memory) => {
            let (bytes, context) = memory.data_and_store_mut(&mut *caller);
            body(&mut context.host, &mut Linear::new(bytes))
        }
        None => body(&mut caller.data_mut().host, &mut Linear::new(&mut [])),
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

pub(super) fn link(linker: &mut Linker<Context>) -> Result<(), wasmi::errors::LinkerError> {
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
    link!(linker, StoreGetHash (key: i32, len: i32, dst: i32, max: i32)
        => store_get_hash((key, len), dst, max));
    link!(linker, RevealPreimage (hash: i32, len: i32, dst: i32, max: i32)
        => reveal_preimage((hash, len), dst, max));
    link!(linker, RevealMetadata (dst: i32, max: i32) => reveal_metadata(dst, max));
    link!(linker, Reveal (request: i32, len: i32, dst: i32, max: i32)
        => reveal((request, len), dst, max));
    link_nds(linker)?;
    link_hooks(linker)
}

/// The functions of a storage that no rollup here has do not look at their parameters.
fn link_nds(linker: &mut Linker<Context>) -> Result<(), wasmi::errors::LinkerError> {
    for function in HostFn::ALL.iter().copied().filter(|function| function.is_nds()) {
        let params = function.params().iter().map(|ty| value_type(*ty));
        let results = function.results().iter().map(|ty| value_type(*ty));
        let ty = wasmi::FuncType::new(params, results);
        linker.func_new(IMPORT_MODULE, function.name(), ty, move |mut caller, _, results| {
            let code = call(&mut caller, |host, _| host.nds(function))?;
            results.fill(Val::I32(code));
            Ok(())
        })?;
    }
    Ok(())
}

fn value_type(ty: wasmparser::ValType) -> wasmi::ValType {
    match ty {
        wasmparser::ValType::I64 => wasmi::ValType::I64,
        // No host function has others.
        _ => wasmi::ValType::I32,
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
            recorder(&mut caller, meter, |recorder, now| {
                recorder.enter(function.cast_unsigned(), now);
            });
        },
    )?;
    linker.func_wrap(POLL_MODULE, LEAVE, |mut caller: Caller<'_, Context>, meter: i64| {
        recorder(&mut caller, meter, Recorder::leave);
    })?;
    Ok(())
}

fn recorder(caller: &mut Caller<'_, Context>, meter: i64, body: impl FnOnce(&mut Recorder, u64)) {
    let host = &mut caller.data_mut().host;
    let now = host.meter.instructions(meter);
    body(&mut host.recorder, now);
}
