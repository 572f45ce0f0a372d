//! `toru pvm vectors`: plays vectors of a reference PVM, and shows where the embedded one differs.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use vectors::{FileReport, PlayResult, kinds, play, read};

use crate::cli::{PvmCommand, VectorsArgs};
use crate::error::{Failure, shown_path};
use crate::exit::Exit;
use crate::ui::{Output, Ui, json_line};

/// Does what the command line says.
///
/// # Errors
/// When a file cannot be read.
pub fn execute(command: &PvmCommand, ui: &Ui) -> Result<Output, Failure> {
    match command {
        PvmCommand::Vectors(args) => vectors(args, ui),
    }
}

/// All files are read before the first is played, so that what is wrong with one is seen at once.
fn vectors(args: &VectorsArgs, ui: &Ui) -> Result<Output, Failure> {
    let mut files = Vec::new();
    for path in &args.files {
        let bytes = std::fs::read(path).map_err(Failure::reading(path))?;
        files.push((path, read(&bytes).map_err(|error| Failure::in_file(path, &error))?));
    }
    let progress = ui.progress("playing vectors");
    let (mut text, mut told) = (String::new(), Vec::new());
    let (mut all, mut equal) = (0, 0);
    // Proofs are made in the states of the files before theirs.
    let mut kinds = kinds::all();
    for (index, (path, vectors)) in files.iter().enumerate() {
        progress.at(index, files.len());
        let report = play(vectors, &mut kinds);
        all += report.all();
        equal += report.equal();
        text.push_str(&in_words(&shown_path(path), &report));
        told.push(as_json(&shown_path(path), &report));
    }
    let different = all - equal;
    let refused = (different > 0).then(|| {
        let problem = format!("{different} of {all} vectors are not equal");
        Failure::new(Exit::Refused, problem)
    });
    if ui.is_json() {
        text = json_line(&json!({"vectors": all, "equal": equal, "files": told}))?;
    }
    Ok(Output { text, refused })
}

fn in_words(name: &str, report: &FileReport) -> String {
    let mark = if report.equal() == report.all() { "ok     " } else { "DIFFERS" };
    let mut counts: Vec<String> = report
        .kinds
        .iter()
        .map(|(kind, count)| format!("{} of {} {kind} equal", count.equal, count.all))
        .collect();
    if report.unknown() > 0 {
        counts.push(format!("{} of no known kind", report.unknown()));
    }
    if counts.is_empty() {
        counts.push("no vectors".to_owned());
    }
    let mut text = format!("{mark} {name}: {}\n", counts.join(", "));
    let mut unchecked: BTreeMap<&str, usize> = BTreeMap::new();
    for (line, played) in &report.told {
        match played {
            PlayResult::Verdict(verdict) => {
                for part in &verdict.unchecked {
                    *unchecked.entry(part).or_default() += 1;
                }
                if !verdict.differences.is_empty() {
                    text.push_str(&format!("  line {line}: {}\n", verdict.name));
                }
                for difference in verdict.differences.iter() {
                    text.push_str(&format!("    {difference}\n"));
                }
            }
            PlayResult::Malformed { kind, problem } => {
                text.push_str(&format!("  line {line}: malformed vector of {kind}: {problem}\n"));
            }
            PlayResult::Unknown { about } => {
                text.push_str(&format!("  line {line}: no known kind of vector: {about}\n"));
            }
        }
    }
    for (part, count) in unchecked {
        text.push_str(&format!("  not checked in {count} of them: {part}\n"));
    }
    text
}

fn as_json(name: &str, report: &FileReport) -> Value {
    let kinds: Vec<Value> = report
        .kinds
        .iter()
        .map(|(kind, count)| json!({"kind": kind, "vectors": count.all, "equal": count.equal}))
        .collect();
    let told: Vec<Value> = report
        .told
        .iter()
        .map(|(line, played)| match played {
            PlayResult::Verdict(verdict) => {
                let differences: Vec<Value> = verdict
                    .differences
                    .iter()
                    .map(|one| json!({"what": one.what, "reference": one.reference, "found": one.found}))
                    .collect();
                json!({
                    "line": line,
                    "vector": verdict.name,
                    "equal": differences.is_empty(),
                    "differences": differences,
                    "unchecked": verdict.unchecked,
                })
            }
            PlayResult::Malformed { kind, problem } => {
                json!({"line": line, "kind": kind, "equal": false, "malformed": problem})
            }
            PlayResult::Unknown { about } => json!({"line": line, "equal": false, "unknown": about}),
        })
        .collect();
    json!({
        "file": name,
        "vectors": report.all(),
        "equal": report.equal(),
        "unknown": report.unknown(),
        "kinds": kinds,
        "told": told,
    })
}
