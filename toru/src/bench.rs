//! `toru bench`: measures our kernel, prints the table, keeps the report.

use std::path::Path;

use bench::report::{self, Row};
use bench::{Modules, Options};
use kernel_wasm::EMBEDDED;
use serde_json::json;

use crate::cli::BenchArgs;
use crate::error::{Failure, write_file};
use crate::out::json_line;
use crate::{Output, out};

/// Does it. What is being measured is told on stderr, as it takes minutes.
pub fn bench(args: &BenchArgs, json: bool) -> Result<Output, Failure> {
    if !args.bls.is_empty() {
        let table = bench::bls_costs::table(args.bls.iter().cloned());
        let table = table.map_err(Failure::Internal)?;
        let told = if json { json_line(&json!({"table": table}))? } else { table };
        return Ok(told.into());
    }
    let modules = Modules::beside(EMBEDDED, &args.modules);
    let baseline = args.baseline.as_deref().map(read).transpose()?;
    let options = Options { quick: args.quick };
    let mut tell = |line: &str| out::tell(&format!("{line}\n"));
    for missing in modules.missing() {
        tell(&format!("without {missing}, some figures are left out: make bench builds it"));
    }
    let rows = bench::run(&modules, &options, &mut tell).map_err(Failure::Internal)?;
    if let Some(file) = &args.output {
        write(file, &rows)?;
    }
    let changes = baseline.map_or_else(Vec::new, |baseline| report::changed(&rows, &baseline));
    let text = if json {
        let changes: Vec<String> = changes.iter().map(ToString::to_string).collect();
        json_line(&json!({"rows": rows, "changed": changes}))?
    } else {
        let changes = changes.iter().map(|change| format!("changed  {change}\n"));
        report::table(&rows) + &changes.collect::<String>()
    };
    let refused = (!changes.is_empty()).then_some(Failure::CountsChanged(changes.len()));
    Ok(Output { text, refused })
}

fn read(file: &Path) -> Result<Vec<Row>, Failure> {
    let text = std::fs::read_to_string(file).map_err(Failure::reading(file))?;
    serde_json::from_str(&text)
        .map_err(|problem| Failure::Report { path: file.to_owned(), problem: problem.to_string() })
}

/// A row a line, so that a change of the committed counts is easy to read.
fn write(file: &Path, rows: &[Row]) -> Result<(), Failure> {
    let lines = rows.iter().map(serde_json::to_string).collect::<Result<Vec<_>, _>>();
    let lines = lines.map_err(|error| Failure::Internal(error.to_string()))?;
    let text = format!("[\n{}\n]\n", lines.join(",\n"));
    write_file(file, text)
}
