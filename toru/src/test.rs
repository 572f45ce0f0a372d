//! `toru test`: runs scenario files and shows where the result differs from the expectation.

use std::path::Path;

use kernel_wasm::EMBEDDED;
use layer1::plain::one_line;
use scenario::{Diagnostics, Difference, Problem, Runner, Scenario};
use serde_json::{Value, json};

use crate::cli::TestArgs;
use crate::error::{Failure, shown_path, write_file};
use crate::exit::Exit;
use crate::text_file;
use crate::ui::{Output, Ui, json_line};

/// Runs them. All files are read before the first is run, so that every typo in any of them is seen at once.
///
/// # Errors
/// When a file cannot be read or is malformed, or scenarios differ from what they expect.
pub fn test(args: &TestArgs, ui: &Ui) -> Result<Output, Failure> {
    if args.rewrite {
        return rewrite(args, ui);
    }
    let (mut files, mut malformed) = (Vec::new(), Vec::new());
    for path in &args.files {
        match read(path)? {
            Ok(scenarios) => files.push((path, scenarios)),
            Err(diagnostics) => malformed.push((shown_path(path), diagnostics)),
        }
    }
    if !malformed.is_empty() {
        return Err(malformed_failure(&malformed));
    }
    let progress = ui.progress("running scenarios");
    let engine = args.engine.of_wasm()?.engine()?;
    let mut runner = Runner::on(args.engine.into(), EMBEDDED, engine)
        .map_err(|error| Failure::internal(error.to_string()))?;
    let (mut done, of) = (0, files.iter().map(|(_, scenarios)| scenarios.len()).sum());
    let (mut text, mut told) = (String::new(), Vec::new());
    let (mut failed, mut total) = (0, 0);
    for (path, scenarios) in files {
        let mut different = Vec::new();
        for (number, scenario) in scenarios.iter().enumerate() {
            progress.at(done, of);
            done += 1;
            let differences = runner.run(scenario).map_err(|problem| {
                let problem = problem.inside(scenario::title(number, Some(&scenario.name)));
                malformed_failure(&[(shown_path(path), problem.into())])
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

/// `--rewrite`: outcomes in prose become result codes, in place. All files are read before the first is written.
fn rewrite(args: &TestArgs, ui: &Ui) -> Result<Output, Failure> {
    let (mut rewritten, mut malformed) = (Vec::new(), Vec::new());
    for path in &args.files {
        let bytes = std::fs::read(path).map_err(Failure::reading(path))?;
        let read = match text_file::text(&bytes) {
            Ok(text) => scenario::rewrite(text).map(|(now, changes)| {
                // What some editors put before a text stays.
                let mark = bytes.len() - text.len();
                ([bytes.get(..mark).unwrap_or_default(), now.as_bytes()].concat(), changes)
            }),
            Err(error) => Err(Problem::Syntax(error.to_string())),
        };
        match read {
            Ok((now, changes)) => rewritten.push((path, now, changes)),
            Err(problem) => malformed.push((shown_path(path), problem.into())),
        }
    }
    if !malformed.is_empty() {
        return Err(malformed_failure(&malformed));
    }
    let (mut text, mut told) = (String::new(), Vec::new());
    for (path, now, changes) in rewritten {
        let name = shown_path(path);
        if changes.is_empty() {
            text.push_str(&format!("{name}: nothing to change\n"));
        } else {
            write_file(path, now)?;
            text.push_str(&format!("{name}: changed\n"));
        }
        for change in &changes {
            let [from, to] = [&change.from, &change.to].map(|part| one_line(part));
            text.push_str(&format!("  line {}\n    - {from}\n    + {to}\n", change.line));
        }
        let changes = changes
            .iter()
            .map(|change| json!({"line": change.line, "from": change.from, "to": change.to}));
        told.push(json!({"file": name, "changes": changes.collect::<Value>()}));
    }
    if ui.is_json() {
        text = json_line(&json!({"files": told}))?;
    }
    Ok(Output::from(text))
}

/// Where a scenario differs from what it expects.
fn as_json(scenario: &Scenario, differences: &[Difference]) -> Value {
    let differences = differences.iter().map(|Difference { location, expected, found }| {
        json!({"place": location, "expected": expected, "found": found})
    });
    json!({"scenario": scenario.name, "differences": differences.collect::<Value>()})
}

/// Reads one file: scenarios, or what is wrong with it.
fn read(path: &Path) -> Result<Result<Vec<Scenario>, Diagnostics>, Failure> {
    let text = std::fs::read(path).map_err(Failure::reading(path))?;
    Ok(match text_file::text(&text) {
        Ok(text) => scenario::parse(text),
        Err(error) => Err(Problem::Syntax(error.to_string()).into()),
    })
}

/// Which files are malformed, and all that is wrong in each of them: the one failure that has more than a
/// line to say.
fn malformed_failure(malformed: &[(String, Diagnostics)]) -> Failure {
    Failure::input(scenario::report(malformed)).with_hint("docs/scenarios.md has the format")
}

fn count(scenarios: usize) -> String {
    format!("{scenarios} {}", if scenarios == 1 { "scenario" } else { "scenarios" })
}

fn show(scenario: &Scenario, differences: &[Difference], text: &mut String) {
    text.push_str(&format!("  {}\n", one_line(&scenario.name)));
    for Difference { location, expected, found } in differences {
        let [location, expected, found] = [location, expected, found].map(|part| one_line(part));
        text.push_str(&format!("    {location}\n    - {expected}\n    + {found}\n"));
    }
}
