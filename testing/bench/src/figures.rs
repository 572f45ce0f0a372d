//! The figures of the report, one function for each group.

use std::cell::OnceCell;

use inbox::envelope::framed_v2;

use crate::batch::{Mode, crowd, enrol, signed};
use crate::cases::{LARGE, SMALL, row, trace_of};
use crate::floors::Floors;
use crate::layouts::{entropy_bytes, toru_bytes};
use crate::native::{self, NAMES};
use crate::report::Row;
use crate::trace::{Receivers, Trace};
use crate::wasm::{self, ROLLUP};
use crate::{Modules, Options, engines, hashes, levels, load, people, wasm_figures};

pub(crate) type Figure = fn(&Modules, &Options) -> Result<Vec<Row>, String>;

/// Every group, with what it is called while it is measured.
pub(crate) const ALL: [(&str, Figure); 10] = [
    ("bytes on the wire", bytes),
    ("the kernel alone", kernel),
    ("instructions through the inbox", wasm_figures::through_inbox),
    ("instructions of each phase", wasm_figures::direct),
    ("host calls and bytes", traffic),
    ("times", times),
    ("hashes of states", hashes::rows),
    ("levels that are kept", levels::rows),
    ("the engines", engines::rows),
    ("the sandbox under load", load::rows),
];

/// The groups of which everything is counted.
pub(crate) const COUNTS: &[(&str, Figure)] = {
    let (counts, _) = ALL.split_at(5);
    counts
};

/// Bytes of a message before the version byte.
const FRAME: usize = 22;

fn bytes(_: &Modules, options: &Options) -> Result<Vec<Row>, String> {
    let sizes: &[usize] = if options.quick { &[16] } else { &[1, 16, 128, 448, 1_000, 4_096] };
    let mut rows = Vec::new();
    for accounts in [SMALL, LARGE] {
        for receivers in [Receivers::Uniform, Receivers::Skewed] {
            for n in sizes {
                let trace = trace_of(*n, accounts, receivers);
                for mode in [Mode::Batch, Mode::Own, Mode::Mixed] {
                    if mode != Mode::Batch && (receivers == Receivers::Skewed || *n > 128) {
                        continue;
                    }
                    let batch = signed(&trace, mode, &ROLLUP)?;
                    let size = framed_v2(&ROLLUP, &batch.encode()).len() - FRAME;
                    let each = |size: f64| size / *n as f64;
                    let new = || {
                        let value = each(size as f64);
                        row("bytes_per_transfer", value, "bytes", mode, &trace, receivers)
                    };
                    rows.push(new().against("TORU", each(toru_bytes(&trace) as f64)));
                    rows.push(new().against("entropy", each(entropy_bytes(&trace))));
                }
            }
        }
    }
    Ok(rows)
}

fn kernel(modules: &Modules, _: &Options) -> Result<Vec<Row>, String> {
    let mut size = Row::new("kernel_bytes", modules.kernel.len() as f64, "bytes");
    size = size.against("256 KiB", 262_144.0);
    let (_, empty) = wasm::through_inbox(&modules.kernel, &crowd(SMALL)?, &[])?;
    let of_empty = |metric: &str, value: u64, unit: &str, goal: f64| {
        let mut row = Row::new(metric, value as f64, unit).against("goal", goal);
        row.engine = "wasmi-inbox".to_owned();
        row
    };
    let instructions =
        of_empty("empty_level_instructions", empty.instructions, "instructions", 8_000.0);
    let ticks = of_empty("empty_level_ticks", empty.ticks, "ticks", 1_000_000.0);
    Ok(vec![size, instructions, ticks])
}

fn traffic(_: &Modules, options: &Options) -> Result<Vec<Row>, String> {
    let cases: &[(usize, u32)] =
        if options.quick { &[(16, SMALL)] } else { &[(448, SMALL), (448, LARGE), (1_000, SMALL)] };
    let keys = people::keys(1_000)?;
    let mut rows = Vec::new();
    for (n, accounts) in cases {
        let uniform = Receivers::Uniform;
        let trace = trace_of(*n, *accounts, uniform);
        let mut state = crowd(*accounts)?;
        enrol(&mut state, &trace, &keys)?;
        let body = signed(&trace, Mode::Batch, &ROLLUP)?.encode();
        let phases = native::phases(&state, &body, 1)?;
        let mut add = |phase: &str, calls: u64, bytes: u64, most: Option<f64>| {
            let each = |all: u64| all as f64 / *n as f64;
            for (name, value, unit) in [
                ("host_calls_per_transfer", each(calls), "calls"),
                ("host_bytes_per_transfer", each(bytes), "bytes"),
            ] {
                if phase == ALL_BUT_KEYS && unit == "bytes" {
                    continue;
                }
                let mut figure = row(name, value, unit, Mode::Batch, &trace, uniform);
                figure.engine = "native-direct".to_owned();
                figure.phase = phase.to_owned();
                rows.push(match most.filter(|_| unit == "calls") {
                    Some(most) => figure.against("goal", most),
                    None => figure,
                });
            }
        };
        let sum = |phases_of: &[usize]| {
            let of = |at: &usize| phases.traffic.get(*at).copied().unwrap_or_default();
            let all = phases_of.iter().map(of);
            all.fold((0, 0), |(calls, bytes), went| (calls + went.calls, bytes + went.bytes))
        };
        for (at, phase) in NAMES.iter().enumerate() {
            let (calls, bytes) = sum(&[at]);
            add(phase, calls, bytes, None);
        }
        let goal = *n == 1_000;
        let (calls, bytes) = sum(&[0, 1, 2, 3, 4, 5]);
        add("total", calls, bytes, goal.then_some(1.8));
        // Counters are read when the signers are found, before the signature is looked at: what is
        // read there beside keys is part of what balances and counters cost.
        let keys_read = key_reads(&trace);
        add(ALL_BUT_KEYS, calls.saturating_sub(keys_read), 0, goal.then_some(0.8));
    }
    Ok(rows)
}

/// What the calls that read no key are for, but for a few that a batch takes as such.
const ALL_BUT_KEYS: &str = "balances and counters";

/// Calls that read the keys of the payers, in order: one for each page in which several follow
/// each other, one for each other key.
fn key_reads(trace: &Trace) -> u64 {
    const KEYS_PER_PAGE: u32 = 21;
    let mut pages: Vec<u32> = trace.transfers.iter().map(|t| t.from / KEYS_PER_PAGE).collect();
    pages.dedup();
    pages.len() as u64
}

fn times(_: &Modules, options: &Options) -> Result<Vec<Row>, String> {
    let floors: OnceCell<Floors> = OnceCell::new();
    let cases: &[(Mode, usize, usize)] = if options.quick {
        &[(Mode::Batch, 16, 2)]
    } else {
        &[
            (Mode::Own, 1, 20),
            (Mode::Own, 16, 10),
            (Mode::Own, 96, 5),
            (Mode::Batch, 16, 20),
            (Mode::Batch, 128, 20),
            (Mode::Batch, 448, 10),
            (Mode::Batch, 1_000, 10),
            (Mode::Batch, 4_096, 10),
            (Mode::Batch, 65_536, 3),
        ]
    };
    let most = cases.iter().map(|(_, n, _)| *n).max().unwrap_or(0);
    let keys = people::keys(most)?;
    let crowd = crowd(LARGE)?;
    let uniform = Receivers::Uniform;
    let mut rows = Vec::new();
    for (mode, n, rounds) in cases {
        let trace = trace_of(*n, LARGE, uniform);
        let mut state = crowd.clone();
        enrol(&mut state, &trace, &keys)?;
        let body = signed(&trace, *mode, &ROLLUP)?.encode();
        let phases = native::phases(&state, &body, *rounds)?;
        let floors = floors.get_or_init(Floors::measure);
        let count = *n as f64;
        let bound = match mode {
            Mode::Own => floors.own(count),
            Mode::Batch | Mode::Mixed => floors.batch(count),
        };
        let new = |seconds: f64, phase: &str| {
            let value = count / seconds;
            let mut figure =
                row("native_transfers_per_second", value, "1/s", *mode, &trace, uniform);
            figure.engine = "native-direct".to_owned();
            figure.backend = "blst".to_owned();
            figure.phase = phase.to_owned();
            figure
        };
        for (phase, seconds) in NAMES.iter().zip(phases.seconds) {
            rows.push(new(seconds, phase));
        }
        rows.push(new(phases.total(), "total").against("bound", count / bound));
        // What is left once keys, counters and balances are in memory, where a node has them that
        // plays one level after the other.
        let [decode, _, _, verify, apply, _] = phases.seconds;
        let warm = new(decode + verify + apply, "decode + verify + apply");
        rows.push(warm.against("bound", count / bound));
    }
    rows.extend(ledger(options, &crowd)?);
    Ok(rows)
}

/// The ledger alone, against an array and a hash map.
fn ledger(options: &Options, crowd: &pvm::Durable) -> Result<Vec<Row>, String> {
    let (n, rounds) = if options.quick { (1_024, 1) } else { (65_536, 5) };
    let uniform = Receivers::Uniform;
    let trace = trace_of(n, LARGE, uniform);
    let rate = native::ledger_alone(crowd, &trace, rounds)?;
    let new = || {
        let metric = "apply_transfers_per_second";
        let mut figure = row(metric, rate, "1/s", Mode::Batch, &trace, uniform);
        figure.engine = "native-direct".to_owned();
        figure.phase = "apply".to_owned();
        figure
    };
    Ok(vec![
        new().against("array loop", native::array_loop(&trace, rounds)),
        new().against("hash map by address", native::hash_map(&trace, rounds)),
    ])
}
