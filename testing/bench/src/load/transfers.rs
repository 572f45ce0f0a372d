//! Transfers a second through HTTP, the queue, the kernel and the store: batches of 448 transfers that
//! all their payers have signed, sent by several at once.

use std::net::SocketAddr;
use std::thread;
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
/// Those who send batches at the same time, each over one connection. Each waits for the answer, which
/// comes when the message is on the disk, before it sends its next batch.
const SENDERS: usize = 8;
/// Batches that are sent to the kernel in WASM, and to the native one.
const BATCHES: (usize, usize) = (6, 100);

/// The rows of the report.
///
/// # Errors
/// When a sandbox cannot be started or asked, or a transfer was not applied.
pub fn rows(modules: &Modules, options: &Options) -> Result<Vec<Row>, String> {
    let (wasm, native) = if options.quick { (1, 4) } else { BATCHES };
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

/// Transfers a second of the kernel that is compiled into this binary.
///
/// # Errors
/// When the sandbox cannot be started or asked, or a transfer was not applied.
pub fn natively() -> Result<f64, String> {
    sustained(Kernel::Native, BATCHES.1)
}

/// Sends so many batches, bakes until none waits, and looks that all were applied.
fn sustained(kernel: Kernel, batches: usize) -> Result<f64, String> {
    let Traffic { state, messages, trace } = Traffic::new(batches, ACCOUNTS)?;
    let body = |message: &Vec<u8>| format!("[\"{}\"]", hex::encode(&message[1..]));
    let bodies: Vec<String> = messages.iter().map(body).collect();
    let served = SandboxServer::start(kernel, state, None)?;
    let mut client = Client::connect(served.address)?;
    let begun = Instant::now();
    send(served.address, &bodies)?;
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

/// Sends all batches. Each of the senders takes every [`SENDERS`]-th of them.
fn send(address: SocketAddr, bodies: &[String]) -> Result<(), String> {
    let sender = |first: usize| -> Result<(), String> {
        let mut client = Client::connect(address)?;
        for body in bodies.iter().skip(first).step_by(SENDERS) {
            asked(&mut client, "POST", "/local/batcher/injection", body)?;
        }
        Ok(())
    };
    thread::scope(|scope| {
        let senders: Vec<_> =
            (0..SENDERS).map(|first| scope.spawn(move || sender(first))).collect();
        senders.into_iter().try_for_each(|sender| {
            sender.join().unwrap_or_else(|_| Err("a sender died".to_owned()))
        })
    })
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
