//! Measures the kernel: bytes on the wire, executed WASM instructions, host calls, and times, each
//! held against a floor or a rival that is measured in the same run.
//!
//! Counts (instructions, calls, bytes) are exact and the same on every machine; times are of this one.
//! Modes, phases and references are explained in `docs/bench.md`.

pub mod batch;
pub mod bls_costs;
mod cases;
pub mod counting;
pub mod engines;
mod figures;
pub mod floors;
pub mod hashes;
pub mod layouts;
pub mod levels;
pub mod load;
mod modules;
pub mod native;
pub mod people;
pub mod report;
pub mod trace;
pub mod wasm;
mod wasm_figures;

use std::time::Instant;

pub use modules::{Modules, Options};
use report::Row;

/// Measures everything. `tell` hears what is being done.
pub fn run(
    modules: &Modules,
    options: &Options,
    tell: &mut dyn FnMut(&str),
) -> Result<Vec<Row>, String> {
    run_figures(&figures::ALL, modules, options, tell)
}

/// Measures what is counted, and nothing that is timed.
pub fn run_counts(
    modules: &Modules,
    options: &Options,
    tell: &mut dyn FnMut(&str),
) -> Result<Vec<Row>, String> {
    run_figures(figures::COUNTS, modules, options, tell)
}

fn run_figures(
    all: &[(&str, figures::Figure)],
    modules: &Modules,
    options: &Options,
    tell: &mut dyn FnMut(&str),
) -> Result<Vec<Row>, String> {
    let begun = Instant::now();
    let mut rows = Vec::new();
    for (what, figure) in all {
        tell(&format!("{:>4} s  {what}", begun.elapsed().as_secs()));
        rows.extend(figure(modules, options)?);
    }
    tell(&format!("{:>4} s  done", begun.elapsed().as_secs()));
    Ok(rows)
}
