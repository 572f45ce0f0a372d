//! Counts what batches through the inbox of any kernel take, and times them: for who tunes one, as `toru bench`
//! measures the kernel that was built into it. See docs/bench.md.

use std::collections::BTreeMap;
use std::time::Duration;

use bench::batch::{Mode, crowd, enrol, signed};
use bench::trace::{Receivers, generate};
use bench::{engines, people, wasm};
use cpu_time::ThreadTime;
use inbox::envelope::framed_v2;
use pvm::{Config, Durable, LevelReport, Pvm};

/// Accounts of the ledger.
const ACCOUNTS: u32 = 1 << 20;
/// Functions of a profile that are told.
const TOLD: usize = 60;

fn main() -> Result<(), String> {
    let usage = || "usage: inbox [--profile] KERNEL.wasm TRANSFERS...".to_owned();
    let mut args = std::env::args().skip(1).peekable();
    let profiled = args.next_if_eq("--profile").is_some();
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
        // Whether all of it was applied is looked at there.
        let (all, _) = wasm::through_inbox(&kernel, &state, std::slice::from_ref(&message))?;
        let each = |all: u64| all as f64 / transfers as f64;
        let Levels { empty, full } = levels(&kernel, &state, &message, profiled)?;
        let [ticks, empty_ticks] = [&full, &empty].map(|level| level.ticks().unwrap_or_default());
        println!(
            "{transfers} transfers: each {:.0} instructions, {:.0} ticks, {:.2} host calls",
            each(all.instructions),
            each(ticks.saturating_sub(empty_ticks)),
            each(full.host_call_count().saturating_sub(empty.host_call_count())),
        );
        println!(
            "an empty level: {} instructions, {empty_ticks} ticks, {} host calls",
            empty.instructions().unwrap_or_default(),
            empty.host_call_count(),
        );
        for kind in engines::built() {
            for (counted, how) in [(true, "counted"), (false, "not counted")] {
                let config = engines::config(kind, counted)?;
                let time = time(&kernel, &state, message.clone(), config)?;
                println!("{:.1} ms in {kind}, {how}", time.as_secs_f64() * 1e3);
            }
        }
        if profiled {
            print_profile("an empty level", &empty);
            print_profile("the level", &full);
        }
    }
    Ok(())
}

/// A level with nothing in it, and one with a message.
struct Levels {
    empty: LevelReport,
    full: LevelReport,
}

fn levels(
    kernel: &[u8],
    state: &Durable,
    message: &[u8],
    profiled: bool,
) -> Result<Levels, String> {
    let mut pvm = start(kernel, state, Config { profiled, ..Config::default() })?;
    let empty = pvm.run_level(&[]).map_err(|error| error.to_string())?;
    let full = pvm.run_level(&[message.to_vec()]).map_err(|error| error.to_string())?;
    Ok(Levels { empty, full })
}

/// A kernel over a state that has played a level: the first has what is only done once.
fn start(kernel: &[u8], state: &Durable, config: Config) -> Result<Pvm, String> {
    let mut pvm = Pvm::originate_wasm(kernel, config).map_err(|error| error.to_string())?;
    pvm.durable_mut().graft("/toru", state).map_err(|error| error.to_string())?;
    pvm.run_level(&[]).map_err(|error| error.to_string())?;
    Ok(pvm)
}

/// Prints the functions that executed the most instructions themselves.
fn print_profile(what: &str, level: &LevelReport) {
    let mut own: BTreeMap<&str, u64> = BTreeMap::new();
    for (stack, instructions) in level.profile.iter().flat_map(|profile| profile.stacks()) {
        let function = stack.rsplit(';').next().unwrap_or(stack);
        *own.entry(function).or_default() += instructions;
    }
    let mut own: Vec<(&str, u64)> = own.into_iter().collect();
    own.sort_by_key(|(_, instructions)| u64::MAX - instructions);
    println!("{what}, instructions by function:");
    own.iter().take(TOLD).for_each(|(function, own)| println!("{own:>12} {function}"));
}

/// CPU time of a level with this message.
fn time(
    kernel: &[u8],
    state: &Durable,
    message: Vec<u8>,
    config: Config,
) -> Result<Duration, String> {
    let mut pvm = start(kernel, state, config)?;
    let begin = ThreadTime::now();
    let report = pvm.run_level(&[message]).map_err(|error| error.to_string())?;
    let time = begin.elapsed();
    report.first_trap().map_or(Ok(time), |trap| Err(format!("the kernel trapped: {trap}")))
}
