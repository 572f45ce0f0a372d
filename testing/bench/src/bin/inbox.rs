//! Counts the instructions of batches through the inbox of any kernel, and times them: for who tunes one, as
//! `toru bench` measures the kernel that was built into it. See docs/bench.md.

use std::time::Duration;

use bench::batch::{Mode, crowd, enrol, signed};
use bench::trace::{Receivers, generate};
use bench::{people, wasm};
use cpu_time::ThreadTime;
use inbox::envelope::framed_v2;
use pvm::{Config, Pvm, WasmiEngine};

/// Accounts of the ledger.
const ACCOUNTS: u32 = 1 << 20;

fn main() -> Result<(), String> {
    let usage = || "usage: inbox KERNEL.wasm TRANSFERS...".to_owned();
    let mut args = std::env::args().skip(1);
    let file = args.next().ok_or_else(usage)?;
    let kernel = std::fs::read(&file).map_err(|error| format!("{file}: {error}"))?;
    println!("{file}: {} bytes", kernel.len());
    for transfers in args {
        let transfers: usize = transfers.parse().map_err(|_| usage())?;
        let seed = u64::from(ACCOUNTS) << 32 | transfers as u64;
        let trace = generate(transfers, ACCOUNTS, Receivers::Uniform, seed);
        let mut state = crowd(ACCOUNTS)?;
        enrol(&mut state, &trace, &people::keys(transfers)?)?;
        let batch = signed(&trace, Mode::Batch, &wasm::ROLLUP)?;
        let message = framed_v2(&wasm::ROLLUP, &batch.encode());
        let (all, empty) = wasm::through_inbox(&kernel, &state, std::slice::from_ref(&message))?;
        let each = all as f64 / transfers as f64;
        let time = time(&kernel, &state, message)?;
        println!(
            "{transfers} transfers: {each:.0} instructions each, {empty} of an empty level; {:.1} ms in wasmi, not counted",
            time.as_secs_f64() * 1e3
        );
    }
    Ok(())
}

/// CPU time of a level with this message.
fn time(kernel: &[u8], state: &pvm::Durable, message: Vec<u8>) -> Result<Duration, String> {
    let engine = Box::new(WasmiEngine::uncounted());
    let mut pvm = Pvm::originate_wasm(kernel, Config { engine, ..Config::default() })
        .map_err(|error| error.to_string())?;
    pvm.durable_mut().graft("/toru", state).map_err(|error| error.to_string())?;
    // The first level has what is only done once.
    pvm.run_level(&[]).map_err(|error| error.to_string())?;
    let begin = ThreadTime::now();
    let report = pvm.run_level(&[message]).map_err(|error| error.to_string())?;
    let time = begin.elapsed();
    report.first_trap().map_or(Ok(time), |trap| Err(format!("the kernel trapped: {trap}")))
}
