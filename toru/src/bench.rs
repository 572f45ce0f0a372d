//! `toru bench`: measures our kernel, prints the table, keeps the report.

use std::path::Path;

use bench::report::{self, Row};
use bench::{Modules, Options};

use crate::Output;
use crate::cli::BenchArgs;
use crate::error::{Failure, write_file};
use crate::kernel::EMBEDDED;

/// Does it. What is being measured is told on stderr, as it takes minutes.
pub fn bench(args: &BenchArgs) -> Result<Output, Failure> {
    if !args.bls.is_empty() {
        let table = bench::bls_costs::table(args.bls.iter().cloned());
        return table.map(Output::from).map_err(Failure::Internal);
    }
    let modules = Modules::beside(EMBEDDED, &args.modules);
    let baseline = args.baseline.as_deref().map(read).transpose()?;
    let options = Options { quick: args.quick };
    let mut tell = |line: &str| eprintln!("{line}");
    for missing in modules.missing() {
        tell(&format!("without {missing}, some figures are left out: make bench builds it"));
    }
    let rows = bench::run(&modules, &options, &mut tell).map_err(Failure::Internal)?;
    if let Some(file) = &args.output {
        write(file, &rows)?;
    }
    let mut text = report::table(&rows);
    let Some(baseline) = baseline else { return Ok(text.into()) };
    let changes = report::changed(&rows, &baseline);
    for change in &changes {
        text.push_str(&format!("changed  {change}\n"));
    }
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
