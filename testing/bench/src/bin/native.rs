//! Times the kernel natively: the phases of batches handed to it directly, and a full level through
//! the inbox. For who tunes the storage, as `toru bench` measures everything. See docs/bench.md.

use bench::batch::{Mode, crowd, enrol, signed, signed_by};
use bench::floors::Floors;
use bench::native::{NAMES, phases};
use bench::trace::{Receivers, Trace, generate};
use bench::{people, wasm};
use cpu_time::ThreadTime;
use inbox::envelope::framed_v2;
use pvm::{Config, Durable, NativeHost, NativeProgram, Pvm};

/// Accounts of the ledger.
const ACCOUNTS: u32 = 1 << 20;
/// Sizes of the batches that are handed over directly, and how often each is.
const DIRECT: [(usize, usize); 2] = [(4_096, 10), (45_000, 3)];
/// Batches of a full level, and transfers of each.
const LEVEL: (usize, usize) = (127, 448);
/// How often the level is played.
const LEVEL_ROUNDS: usize = 3;

fn main() -> Result<(), String> {
    let (batches, transfers) = LEVEL;
    let most = DIRECT.iter().map(|(n, _)| *n).max().unwrap_or(0).max(batches * transfers);
    let keys = people::keys(most)?;
    let crowd = crowd(ACCOUNTS)?;
    let trace_of = |n: usize| generate(n, ACCOUNTS, Receivers::Uniform, u64::from(ACCOUNTS));
    let floors = Floors::measure();
    for (n, rounds) in DIRECT {
        let trace = trace_of(n);
        let mut state = crowd.clone();
        enrol(&mut state, &trace, &keys)?;
        let body = signed(&trace, Mode::Batch, &wasm::ROLLUP)?.encode();
        let phases = phases(&state, &body, rounds)?;
        let each = |seconds: f64| seconds * 1e6 / n as f64;
        let share = floors.batch(n as f64) / phases.total();
        let rate = n as f64 / phases.total();
        println!(
            "{n} transfers: {rate:.0} a second, {share:.3} of the bound; each, in microseconds:"
        );
        for (name, seconds) in NAMES.iter().zip(phases.seconds) {
            println!("  {name:>10} {:.3}", each(seconds));
        }
    }
    let trace = trace_of(batches * transfers);
    let mut state = crowd;
    enrol(&mut state, &trace, &keys)?;
    let rate = level(&state, &trace)?;
    println!("a level of {batches} batches of {transfers}: {rate:.0} transfers a second");
    Ok(())
}

/// Transfers a second of a level that brings them all, the most of several rounds.
fn level(state: &Durable, trace: &Trace) -> Result<f64, String> {
    let (_, transfers) = LEVEL;
    let mut messages = Vec::new();
    for (number, part) in trace.transfers.chunks(transfers).enumerate() {
        let part = Trace { transfers: part.to_vec(), ..*trace };
        let batch = signed_by(&part, number * transfers, &wasm::ROLLUP)?;
        // The simulated layer 1 frames messages itself.
        messages.push(framed_v2(&wasm::ROLLUP, &batch.encode()));
    }
    let mut best = 0f64;
    for _ in 0..LEVEL_ROUNDS {
        let kernel = NativeProgram::new(|host: &NativeHost| tx_kernel::kernel_run(host));
        let config = Config { rollup: wasm::ROLLUP.0, ..Config::default() };
        let mut pvm = Pvm::originate(Box::new(kernel), config);
        pvm.durable_mut().graft("/toru", state).map_err(|error| error.to_string())?;
        pvm.run_level(&[]).map_err(|error| error.to_string())?;
        let begun = ThreadTime::now();
        let report = pvm.run_level(&messages).map_err(|error| error.to_string())?;
        let seconds = begun.elapsed().as_secs_f64();
        if let Some(trap) = report.first_trap() {
            return Err(format!("the kernel trapped: {trap}"));
        }
        best = best.max(trace.transfers.len() as f64 / seconds);
    }
    Ok(best)
}
