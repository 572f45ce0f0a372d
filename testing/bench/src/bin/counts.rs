//! Renews the counts in a baseline, and leaves its times as they are: for when the machine is too busy to time anything.
//! What is measured beside the counts, such as other implementations, is taken from the baseline. See docs/bench.md.

use std::path::Path;

use bench::report::Row;
use bench::{Modules, Options};

fn main() -> Result<(), String> {
    let usage = || "usage: counts KERNEL.wasm FOLDER_OF_DIRECT_WASM BASELINE.json".to_owned();
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [kernel, folder, baseline] = arguments.as_slice() else { return Err(usage()) };
    let text = |error: &dyn std::fmt::Display| error.to_string();
    let kernel = std::fs::read(kernel).map_err(|error| text(&error))?;
    let before = std::fs::read_to_string(baseline).map_err(|error| text(&error))?;
    let before: Vec<Row> = serde_json::from_str(&before).map_err(|error| text(&error))?;
    let direct = Modules::beside(&kernel, Path::new(folder)).direct;
    let modules = Modules { kernel, direct, blst: None, ed25519: None };
    let options = Options { quick: false };
    let counts = bench::run_counts(&modules, &options, &mut |what| eprintln!("{what}"))?;
    let rows = renewed(&before, counts);
    let lines: Vec<String> = rows
        .iter()
        .map(|row| serde_json::to_string(row).map_err(|error| text(&error)))
        .collect::<Result<_, _>>()?;
    std::fs::write(baseline, format!("[\n{}\n]\n", lines.join(",\n"))).map_err(|error| text(&error))
}

/// Whether two rows are about the same.
fn is_same(one: &Row, other: &Row) -> bool {
    let key = |row: &Row| {
        let Row { metric, mode, n, accounts, receivers, engine, phase, .. } = row.clone();
        (metric, mode, n, accounts, receivers, engine, phase)
    };
    key(one) == key(other)
}

/// The rows of before with the new counts, and new rows after those that they resemble, or at the end.
fn renewed(before: &[Row], counts: Vec<Row>) -> Vec<Row> {
    let mut rows: Vec<Row> = before.to_vec();
    for count in counts {
        let mut of_before: Vec<&mut Row> =
            rows.iter_mut().filter(|row| is_same(row, &count)).collect();
        let is_measured_there =
            |row: &Row| row.reference_value.is_some() && count.reference_value.is_none();
        for row in &mut of_before {
            if is_measured_there(row) {
                row.value = count.value;
                row.ratio = row.reference_value.map(|reference| count.value / reference);
            } else if count.reference == row.reference
                || row.reference_value.is_none()
                || count.reference == "goal"
            {
                **row = count.clone();
            }
        }
        if of_before.is_empty() {
            let last = rows.iter().rposition(|row| row.engine == count.engine);
            rows.insert(last.map_or(rows.len(), |last| last + 1), count);
        }
    }
    rows
}
