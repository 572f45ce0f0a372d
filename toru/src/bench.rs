//! `toru bench`: measures our kernel, prints the table, keeps the report.

use std::path::Path;

use bench::report::{self, Row};
use bench::{Modules, Options};
use kernel_wasm::EMBEDDED;
use layer1::plain::one_line;
use serde_json::json;

use crate::cli::BenchArgs;
use crate::error::{Failure, write_file};
use crate::exit::Exit;
use crate::ui::{Output, Ui};

/// Does it. What is being measured is told on stderr, as it takes minutes.
pub fn bench(args: &BenchArgs, ui: &Ui) -> Result<Output, Failure> {
    if !args.bls.is_empty() {
        let table = bench::bls_costs::table(args.bls.iter().cloned());
        let table = table.map_err(Failure::internal)?;
        return ui.answer(&json!({"table": &table}), || table.clone());
    }
    let modules = Modules::beside(EMBEDDED, &args.modules);
    let baseline = args.baseline.as_deref().map(read).transpose()?;
    let options = Options { quick: args.quick };
    let mut tell = |line: &str| ui.tell(&format!("{line}\n"));
    for missing in modules.missing() {
        tell(&format!("without {missing}, some figures are left out: make bench builds it"));
    }
    let rows = bench::run(&modules, &options, &mut tell).map_err(Failure::internal)?;
    if let Some(file) = &args.output {
        write(file, &rows)?;
    }
    let changes = baseline.map_or_else(Vec::new, |baseline| report::changed(&rows, &baseline));
    let changed: Vec<String> = changes.iter().map(ToString::to_string).collect();
    let output = ui.answer(&json!({"rows": &rows, "changed": &changed}), || {
        let changes = changed.iter().map(|change| format!("changed  {change}\n"));
        report::table(&rows) + &changes.collect::<String>()
    })?;
    let refused = (!changed.is_empty()).then(|| {
        let problem = format!("{} counts differ from the baseline by more than 2 %", changed.len());
        Failure::new(Exit::No, problem).with_hint(
            "explain the change, and make the new report the baseline: make bench-baseline",
        )
    });
    Ok(Output { refused, ..output })
}

fn read(file: &Path) -> Result<Vec<Row>, Failure> {
    let text = std::fs::read_to_string(file).map_err(Failure::reading(file))?;
    serde_json::from_str(&text)
        .map_err(|problem| Failure::in_file(file, &one_line(&problem.to_string())))
}

/// A row a line, so that a change of the committed counts is easy to read.
fn write(file: &Path, rows: &[Row]) -> Result<(), Failure> {
    let lines = rows.iter().map(serde_json::to_string).collect::<Result<Vec<_>, _>>();
    let lines = lines.map_err(Failure::internal)?;
    let text = format!("[\n{}\n]\n", lines.join(",\n"));
    write_file(file, text)
}
