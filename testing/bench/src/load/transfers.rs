//! Transfers a second through HTTP, the queue, the kernel and the store: batches of 448 transfers that
//! all their payers have signed.

use std::time::Instant;

use encoding::Counter;
use pvm::{Durable, EngineKind, NativeHost};
use serde_json::Value;
use tx_kernel::view::View;

use super::clients::Client;
use super::row::row;
use super::served::{Kernel, SandboxServer};
use crate::engines::{TRANSFERS, Traffic};
use crate::report::Row;
use crate::trace::Trace;
use crate::{Modules, Options};

/// Accounts in the ledger.
const ACCOUNTS: u32 = 1 << 16;
/// What the fast engine is to come to, in transfers a second.
const GOAL_WASMTIME: f64 = 30_000.0;

pub(super) fn rows(modules: &Modules, options: &Options) -> Result<Vec<Row>, String> {
    let (wasm, native) = if options.quick { (1, 4) } else { (6, 100) };
    let kernel = |kind| Kernel::Wasm(modules.kernel.clone(), kind);
    let in_wasm = sustained(kernel(EngineKind::Wasmi), wasm)?;
    let natively = sustained(Kernel::Native, native)?;
    let of = |engine: &str, value: f64| {
        let mut row = row("load_transfers", "total", 1, value, "1/s");
        row.engine = engine.to_owned();
        row.n = TRANSFERS;
        row.accounts = ACCOUNTS;
        row
    };
    let mut rows = vec![of("wasmi", in_wasm), of("native", natively).against("wasmi", in_wasm)];
    if EngineKind::Wasmtime.is_built() {
        let fast = sustained(kernel(EngineKind::Wasmtime), native)?;
        rows.push(of("wasmtime", fast).against("wasmi", in_wasm));
        rows.push(of("wasmtime", fast).against("goal", GOAL_WASMTIME));
    }
    Ok(rows)
}

/// Sends so many batches, bakes until none waits, and looks that all were applied.
fn sustained(kernel: Kernel, batches: usize) -> Result<f64, String> {
    let Traffic { state, messages, trace } = Traffic::new(batches, ACCOUNTS)?;
    let body = |message: &Vec<u8>| format!("[\"{}\"]", hex::encode(&message[1..]));
    let bodies: Vec<String> = messages.iter().map(body).collect();
    let served = SandboxServer::start(kernel, state, None)?;
    let mut client = Client::connect(served.address)?;
    let begun = Instant::now();
    for body in &bodies {
        asked(&mut client, "POST", "/local/batcher/injection", body)?;
    }
    loop {
        asked(&mut client, "POST", "/dev/mine", "{\"levels\":1}")?;
        // What the sandbox keeps for the next level, and what the kernel does.
        let kept = "/global/block/head/durable/wasm_2_0_0/subkeys?key=/toru/inbox/batches";
        let empty = |answer: Vec<u8>| answer.trim_ascii() == b"[]";
        if empty(asked(&mut client, "GET", "/local/batcher/queue", "")?)
            && empty(asked(&mut client, "GET", kept, "")?)
        {
            break;
        }
    }
    let seconds = begun.elapsed().as_secs_f64();
    check(&mut client, &trace)?;
    Ok(trace.transfers.len() as f64 / seconds)
}

fn asked(client: &mut Client, method: &str, path: &str, body: &str) -> Result<Vec<u8>, String> {
    match client.ask(method, path, body)? {
        (200, answer) => Ok(answer),
        (status, answer) => Err(format!("{path}: {status} {}", String::from_utf8_lossy(&answer))),
    }
}

/// Each payer must have paid once.
fn check(client: &mut Client, trace: &Trace) -> Result<(), String> {
    let values = "/global/block/head/durable/wasm_2_0_0/values?key=/toru/state";
    let values: Vec<Value> = serde_json::from_slice(&asked(client, "GET", values, "")?)
        .map_err(|error| error.to_string())?;
    let mut durable = Durable::default();
    for value in &values {
        let text = |name: &str| value[name].as_str().unwrap_or_default();
        let bytes = hex::decode(text("value")).map_err(|error| error.to_string())?;
        durable.set(text("key"), &bytes).map_err(|error| error.to_string())?;
    }
    let host = NativeHost::over(durable);
    let accounts = View::new(&host).accounts().map_err(|error| error.to_string())?;
    let paid = accounts.iter().filter(|(_, counter)| *counter == Counter::new(1)).count();
    let expected = trace.transfers.len();
    if paid == expected { Ok(()) } else { Err(format!("{paid} of {expected} were applied")) }
}
