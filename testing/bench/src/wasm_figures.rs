//! The figures of the WASM: what a transfer takes through the inbox of the kernel, and in each phase directly.

use inbox::envelope::framed_v2;

use crate::batch::{Mode, crowd, enrol, signed};
use crate::cases::{LARGE, SMALL, row, trace_of};
use crate::report::Row;
use crate::trace::Receivers;
use crate::wasm::{self, ROLLUP};
use crate::{Modules, Options, people};

/// What the rivals take for each transfer.
struct Rivals {
    blst: Option<(u64, u64)>,
    ed25519: Option<u64>,
}

impl Rivals {
    fn measure(modules: &Modules) -> Result<Rivals, String> {
        let blst = modules.blst.as_deref().map(|module| {
            let one = wasm::one_signature_each(module, 1)?;
            let many = wasm::one_signature_each(module, 17)?;
            Ok::<_, String>((one, many.saturating_sub(one) / 16))
        });
        let ed25519 = modules.ed25519.as_deref().map(wasm::ed25519);
        Ok(Rivals { blst: blst.transpose()?, ed25519: ed25519.transpose()? })
    }

    /// The same figure against each rival that was measured, or against none.
    fn rows(&self, figure: Row) -> Vec<Row> {
        let n = figure.n.max(1) as f64;
        let blst = self.blst.map(|(one, more)| {
            let each = (one as f64 + (n - 1.0) * more as f64) / n;
            figure.clone().against("one blst signature each", each)
        });
        let ed25519 = self
            .ed25519
            .map(|each| figure.clone().against("one Ed25519 signature each", each as f64));
        let rows: Vec<Row> = blst.into_iter().chain(ed25519).collect();
        if rows.is_empty() { vec![figure] } else { rows }
    }
}

pub(crate) fn through_inbox(modules: &Modules, options: &Options) -> Result<Vec<Row>, String> {
    let rivals = Rivals::measure(modules)?;
    let cases: &[(Mode, usize)] = if options.quick {
        &[(Mode::Batch, 16)]
    } else {
        &[
            (Mode::Own, 1),
            (Mode::Own, 16),
            (Mode::Own, 96),
            (Mode::Batch, 1),
            (Mode::Batch, 16),
            (Mode::Batch, 128),
            (Mode::Batch, 448),
            (Mode::Mixed, 16),
            (Mode::Mixed, 128),
            (Mode::Mixed, 448),
        ]
    };
    let keys = people::keys(448)?;
    let mut rows = Vec::new();
    for accounts in [SMALL, LARGE] {
        let crowd = crowd(accounts)?;
        for receivers in [Receivers::Uniform, Receivers::Skewed] {
            for (mode, n) in cases {
                let only_once = *mode != Mode::Batch || *n < 128;
                if only_once && (receivers == Receivers::Skewed || accounts == SMALL) {
                    continue;
                }
                let trace = trace_of(*n, accounts, receivers);
                let mut state = crowd.clone();
                enrol(&mut state, &trace, &keys)?;
                let message = framed_v2(&ROLLUP, &signed(&trace, *mode, &ROLLUP)?.encode());
                let (all, _) = wasm::through_inbox(&modules.kernel, &state, &[message])?;
                let new = |metric: &str, value: u64, unit: &str| {
                    let each = value as f64 / *n as f64;
                    let mut figure = row(metric, each, unit, *mode, &trace, receivers);
                    figure.engine = "wasmi-inbox".to_owned();
                    figure.backend = "own".to_owned();
                    figure
                };
                let instructions = "wasm_instructions_per_transfer";
                rows.extend(rivals.rows(new(instructions, all.instructions, "instructions")));
                if *mode == Mode::Batch && *n == 448 && receivers == Receivers::Uniform {
                    let calls = new("host_calls_per_transfer", all.host_calls, "calls");
                    rows.push(calls.against("goal", 5.0));
                    rows.push(new("wasm_ticks_per_transfer", all.ticks, "ticks"));
                }
            }
        }
    }
    Ok(rows)
}

pub(crate) fn direct(modules: &Modules, options: &Options) -> Result<Vec<Row>, String> {
    let Some(module) = &modules.direct else { return Ok(Vec::new()) };
    let rivals = Rivals::measure(modules)?;
    let cases: &[usize] = if options.quick { &[16] } else { &[448, 1_000, 4_096, 45_000] };
    let keys = people::keys(cases.iter().max().copied().unwrap_or(0))?;
    let mut rows = Vec::new();
    for accounts in [SMALL, LARGE] {
        let crowd = crowd(accounts)?;
        for n in cases {
            // So many payers are to be a few of all.
            if *n > 4_096 && accounts == SMALL {
                continue;
            }
            let trace = trace_of(*n, accounts, Receivers::Uniform);
            let mut state = crowd.clone();
            enrol(&mut state, &trace, &keys)?;
            let body = signed(&trace, Mode::Batch, &ROLLUP)?.encode();
            let direct = wasm::phases(module, &state, &body)?;
            let new = |metric: &str, value: u64, unit: &str, phase: &str| {
                let each = value as f64 / *n as f64;
                let mut figure = row(metric, each, unit, Mode::Batch, &trace, Receivers::Uniform);
                figure.engine = "wasmi-direct".to_owned();
                figure.backend = "own".to_owned();
                figure.phase = phase.to_owned();
                figure
            };
            let instructions = |value: u64, phase: &str| {
                new("wasm_instructions_per_transfer", value, "instructions", phase)
            };
            for (phase, name) in direct.phases.iter().zip(direct_wasm::PHASES.iter().skip(1)) {
                rows.push(instructions(phase.instructions, name));
            }
            let others = direct.all_but_the_signature;
            let goal = if *n < 4_096 { 3_000.0 } else { 1_500.0 };
            const OTHERS: &str = "all but the signature";
            rows.push(instructions(others.instructions, OTHERS).against("goal", goal));
            let ticks = new("wasm_ticks_per_transfer", others.ticks, "ticks", OTHERS);
            rows.push(ticks.against("goal", 40_000.0));
            rows.extend(rivals.rows(instructions(direct.total.instructions, "total")));
            let memory = direct.memory.into();
            let memory = new("wasm_memory_per_transfer", memory, "bytes", "total");
            rows.push(memory.against("goal", 200.0));
        }
    }
    Ok(rows)
}
