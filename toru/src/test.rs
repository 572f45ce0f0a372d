//! `toru test`: runs scenario files and shows where the result differs from the expectation.

use std::path::{Path, PathBuf};

use layer1::plain::one_line;
use serde_json::{Value, json};

use crate::cli::TestArgs;
use crate::error::{Failure, shown_path};
use crate::exit::Exit;
use crate::scenario::{self, Difference, Faults, Scenario, Theatre};
use crate::text_file;
use crate::ui::{Output, Ui, json_line};

/// Does it. All files are read before the first is played: every typo in any of them is seen at once.
pub fn test(args: &TestArgs, ui: &Ui) -> Result<Output, Failure> {
    let (mut files, mut malformed) = (Vec::new(), Vec::new());
    for path in &args.files {
        match read(path)? {
            Ok(scenarios) => files.push((path, scenarios)),
            Err(faults) => malformed.push((path.clone(), faults)),
        }
    }
    if !malformed.is_empty() {
        return Err(malformed_failure(&malformed));
    }
    let progress = ui.progress("running scenarios");
    let mut theatre = Theatre::open(args.engine)?;
    let (mut played, of) = (0, files.iter().map(|(_, scenarios)| scenarios.len()).sum());
    let (mut text, mut told) = (String::new(), Vec::new());
    let (mut failed, mut total) = (0, 0);
    for (path, scenarios) in files {
        let mut different = Vec::new();
        for (number, scenario) in scenarios.iter().enumerate() {
            progress.at(played, of);
            played += 1;
            let differences = theatre.play(scenario).map_err(|problem| {
                let problem = problem.inside(scenario::title(number, Some(&scenario.name)));
                malformed_failure(&[(path.clone(), problem.into())])
            })?;
            if !differences.is_empty() {
                different.push((scenario, differences));
            }
        }
        total += scenarios.len();
        failed += different.len();
        let name = shown_path(path);
        told.push(json!({
            "file": name,
            "scenarios": scenarios.len(),
            "different": different.iter().map(|(one, all)| as_json(one, all)).collect::<Value>(),
        }));
        if different.is_empty() {
            text.push_str(&format!("ok      {name}: {}\n", count(scenarios.len())));
            continue;
        }
        let (some, all) = (different.len(), count(scenarios.len()));
        text.push_str(&format!("FAILED  {name}: {some} of {all}\n"));
        different.iter().for_each(|(scenario, all)| show(scenario, all, &mut text));
    }
    let refused = (failed > 0).then(|| {
        let problem =
            format!("the results of {failed} of {total} scenarios differ from what they expect");
        Failure::new(Exit::No, problem)
    });
    if ui.is_json() {
        text = json_line(&json!({"scenarios": total, "failed": failed, "files": told}))?;
    }
    Ok(Output { text, refused })
}

/// Where the result of a scenario differs from what it expects.
fn as_json(scenario: &Scenario, differences: &[Difference]) -> Value {
    let differences = differences.iter().map(|Difference { place, expected, found }| {
        json!({"place": place, "expected": expected, "found": found})
    });
    json!({"scenario": scenario.name, "differences": differences.collect::<Value>()})
}

/// Reads one file: scenarios, or what is wrong with it.
fn read(path: &Path) -> Result<Result<Vec<Scenario>, Faults>, Failure> {
    let text = std::fs::read(path).map_err(Failure::reading(path))?;
    Ok(match text_file::text(&text) {
        Ok(text) => scenario::parse(text),
        Err(error) => Err(scenario::Problem::Syntax(error.to_string()).into()),
    })
}

/// Which files are malformed, and all that is wrong in each of them: the one failure that has more than a
/// line to say.
fn malformed_failure(malformed: &[(PathBuf, Faults)]) -> Failure {
    Failure::input(scenario::said(malformed)).with_hint("docs/scenarios.md has the format")
}

fn count(scenarios: usize) -> String {
    format!("{scenarios} {}", if scenarios == 1 { "scenario" } else { "scenarios" })
}

fn show(scenario: &Scenario, differences: &[Difference], text: &mut String) {
    text.push_str(&format!("  {}\n", one_line(&scenario.name)));
    for Difference { place, expected, found } in differences {
        let [place, expected, found] = [place, expected, found].map(|part| one_line(part));
        text.push_str(&format!("    {place}\n    - {expected}\n    + {found}\n"));
    }
}
