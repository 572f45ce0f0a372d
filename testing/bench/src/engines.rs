//! The engines that run WASM, held against each other: how long each takes for the same levels, counting and not
//! counting, and to make our kernel ready. Only those that this build has: `make fast` has both.

use cpu_time::ThreadTime;
use inbox::envelope::framed_v2;
use pvm::{Config, Durable, EngineKind, EngineOptions, Pvm, Target};

use crate::batch::{Mode, crowd, enrol, signed_by};
use crate::people::keys;
use crate::report::Row;
use crate::trace::{Receivers, Trace, generate};
use crate::wasm::{self, ROLLUP};
use crate::{Modules, Options};

/// Accounts in the ledger.
const ACCOUNTS: u32 = 1 << 20;
/// Transfers of a batch: a full message.
pub(crate) const TRANSFERS: usize = 448;
/// Batches that fill the inbox of a level.
const FULL: usize = 127;
/// Milliseconds between two levels of layer 1.
const BLOCK_MS: f64 = 6_000.0;
/// What the fast engine may take for a full level, in milliseconds.
const GOAL_FULL_MS: f64 = 1_300.0;
/// Transfers that the fast engine is to play in a second.
const GOAL_A_SECOND: f64 = 41_000.0;

/// The engines of this build, the slowest first.
pub fn built() -> impl Iterator<Item = EngineKind> {
    EngineKind::ALL.into_iter().filter(|kind| kind.is_built())
}

/// How a PVM is set up to run on an engine.
///
/// # Errors
/// When this build has it not.
pub fn config(kind: EngineKind, counted: bool) -> Result<Config, String> {
    let options = EngineOptions { counted, ..EngineOptions::default() };
    let engine = kind.engine(&options).map_err(|error| error.to_string())?;
    Ok(Config { engine, ..Config::default() })
}

/// Messages that fill a level, or fewer, and the ledger they are for.
pub(crate) struct Traffic {
    pub(crate) state: Durable,
    pub(crate) messages: Vec<Vec<u8>>,
    pub(crate) trace: Trace,
}

impl Traffic {
    /// So many batches of distinct payers, all of whom have signed.
    pub(crate) fn new(batches: usize, accounts: u32) -> Result<Self, String> {
        let trace = generate(batches * TRANSFERS, accounts, Receivers::Uniform, 7);
        let mut state = crowd(accounts)?;
        enrol(&mut state, &trace, &keys(trace.transfers.len())?)?;
        let mut messages = Vec::with_capacity(batches);
        for (number, transfers) in trace.transfers.chunks(TRANSFERS).enumerate() {
            let part = Trace { transfers: transfers.to_vec(), ..trace };
            let batch = signed_by(&part, number * TRANSFERS, &ROLLUP)?;
            messages.push(framed_v2(&ROLLUP, &batch.encode()));
        }
        Ok(Self { state, messages, trace })
    }
}

/// The rows of the report.
///
/// # Errors
/// When an engine cannot be set up, or a level is not played as it should be.
pub fn rows(modules: &Modules, options: &Options) -> Result<Vec<Row>, String> {
    let (batches, rounds) = if options.quick { (2, 1) } else { (FULL, 5) };
    let traffic = Traffic::new(batches, ACCOUNTS)?;
    let mut rows = readied(modules)?;
    rows.extend(one_batch(modules, &traffic, rounds)?);
    rows.extend(whole_level(modules, &traffic)?);
    Ok(rows)
}

fn row(metric: &str, value: f64, unit: &str, kind: EngineKind, phase: &str) -> Row {
    let mut row = Row::new(metric, value, unit);
    row.engine = format!("{kind}-inbox");
    row.phase = phase.to_owned();
    row
}

fn of_batches(mut row: Row, batches: usize) -> Row {
    row.mode = Mode::Batch.name().to_owned();
    row.n = TRANSFERS * batches;
    row.accounts = ACCOUNTS;
    row.receivers = Receivers::Uniform.name().to_owned();
    row
}

/// How long our kernel takes to be checked, made to count, and translated or compiled. Later, this process has it.
fn readied(modules: &Modules) -> Result<Vec<Row>, String> {
    let mut rows = Vec::new();
    for kind in built() {
        let engine = config(kind, true)?.engine;
        let begun = ThreadTime::now();
        engine.compile(&modules.kernel, Target::default()).map_err(|error| error.to_string())?;
        let ms = begun.elapsed().as_secs_f64() * 1e3;
        rows.push(row("kernel_ready_ms", ms, "ms", kind, "compiled"));
    }
    Ok(rows)
}

/// A PVM over the ledger that has played a level: the first has what is only done once.
fn start(
    modules: &Modules,
    traffic: &Traffic,
    kind: EngineKind,
    counted: bool,
) -> Result<Pvm, String> {
    let text = |error: &dyn std::fmt::Display| error.to_string();
    let config = config(kind, counted)?;
    let mut pvm = Pvm::originate_wasm(&modules.kernel, config).map_err(|error| text(&error))?;
    pvm.durable_mut().graft("/toru", &traffic.state).map_err(|error| text(&error))?;
    pvm.run_level(&[]).map_err(|error| text(&error))?;
    Ok(pvm)
}

/// Transfers a second of a level with one full batch: the least CPU time of several rounds, in which the engines take
/// turns.
fn one_batch(modules: &Modules, traffic: &Traffic, rounds: usize) -> Result<Vec<Row>, String> {
    let message = traffic.messages.first().cloned().into_iter().collect::<Vec<_>>();
    let mut pvms = Vec::new();
    for kind in built() {
        for counted in [true, false] {
            pvms.push((kind, counted, start(modules, traffic, kind, counted)?, f64::MAX));
        }
    }
    for _ in 0..rounds {
        for (_, _, pvm, least) in &mut pvms {
            let before = pvm.snapshot();
            let begun = ThreadTime::now();
            let report = pvm.run_level(&message).map_err(|error| error.to_string())?;
            let time = begun.elapsed().as_secs_f64();
            wasm::check_applied(pvm, 0)?;
            if let Some(trap) = report.first_trap() {
                return Err(format!("the kernel trapped: {trap}"));
            }
            pvm.restore(&before);
            *least = least.min(time);
        }
    }
    let mut rows: Vec<Row> = Vec::new();
    let mut of_wasmi: Vec<f64> = Vec::new();
    for (kind, counted, _, seconds) in &pvms {
        let phase = if *counted { "counted" } else { "not counted" };
        let value = TRANSFERS as f64 / seconds;
        let row = || of_batches(row("wasm_transfers_per_second", value, "1/s", *kind, phase), 1);
        match kind {
            EngineKind::Wasmi => {
                of_wasmi.push(value);
                rows.push(row());
            }
            EngineKind::Wasmtime => {
                let slow = of_wasmi.get(usize::from(!counted)).copied().unwrap_or_default();
                rows.push(row().against("wasmi", slow));
                if *counted {
                    rows.push(row().against("goal", GOAL_A_SECOND));
                }
            }
        }
    }
    Ok(rows)
}

/// A level whose inbox is full, on each engine, counted.
fn whole_level(modules: &Modules, traffic: &Traffic) -> Result<Vec<Row>, String> {
    let batches = traffic.messages.len();
    let mut rows = Vec::new();
    let mut of_wasmi = None;
    for kind in built() {
        let mut pvm = start(modules, traffic, kind, true)?;
        let begun = ThreadTime::now();
        let report = pvm.run_level(&traffic.messages).map_err(|error| error.to_string())?;
        let ms = begun.elapsed().as_secs_f64() * 1e3;
        if let Some(trap) = report.first_trap() {
            return Err(format!("the kernel trapped: {trap}"));
        }
        for number in 0..batches {
            wasm::check_applied(&pvm, number)?;
        }
        let row = || of_batches(row("full_level_ms", ms, "ms", kind, "counted"), batches);
        match kind {
            EngineKind::Wasmi => {
                of_wasmi = Some(ms);
                rows.push(row().against("a block of layer 1", BLOCK_MS));
            }
            EngineKind::Wasmtime => {
                rows.push(row().against("goal", GOAL_FULL_MS));
                rows.push(row().against("wasmi", of_wasmi.unwrap_or_default()));
            }
        }
    }
    Ok(rows)
}
