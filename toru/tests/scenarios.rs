//! `toru test`: every scenario file passes on both engines, the documentation's examples run, and
//! differences are shown where they are.

mod faults;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::common::Folder;
use explain::outcome;
use serde_json::{Value, json};
use tx_kernel::results::{Outcome, ResultCode, Subject};

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn toru(folder: &Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_toru")).args(args).current_dir(folder).output().unwrap()
}

/// Plays a file of this content natively: exit code, stdout, stderr.
fn play(folder: &Folder, content: &str) -> (Option<i32>, String, String) {
    let output = folder.file("s.yaml", content).toru(&["test", "--engine", "native", "s.yaml"]);
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

fn files() -> Vec<String> {
    let entries = fs::read_dir(workspace().join("scenarios")).unwrap();
    let mut files: Vec<String> = entries
        .map(|entry| format!("scenarios/{}", entry.unwrap().file_name().to_str().unwrap()))
        .filter(|file| file.ends_with(".yaml"))
        .collect();
    files.sort();
    files
}

fn all_pass(engine: &str, files: &[String]) {
    let files = files.iter().map(String::as_str);
    let args: Vec<&str> = ["test", "--engine", engine].into_iter().chain(files).collect();
    let output = toru(&workspace(), &args);
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{text}{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(text.lines().count(), args.len() - 3, "one line per file: {text}");
}

/// Those that fill whole levels take minutes in WASM; their like is played on both engines by
/// `e2e_kernel_tests/tests/queues.rs`.
const TOO_LONG_FOR_WASM: [&str; 2] = ["scenarios/queues.yaml", "scenarios/v2_limits.yaml"];

#[test]
fn scenarios_too_long_for_wasm_pass_natively() {
    all_pass("native", &TOO_LONG_FOR_WASM.map(str::to_owned));
}

#[test]
fn every_other_scenario_passes_on_both_engines() {
    let mut files = files();
    files.retain(|file| !TOO_LONG_FOR_WASM.contains(&file.as_str()));
    all_pass("both", &files);
}

/// Outcomes that no scenario can bring about. Those of a message whose run trapped, and of a queue of a million
/// messages, are in `e2e_kernel_tests` (`traps.rs`, `pay_back.rs`); that of a thousand requests of one depositor is
/// in `tx_kernel/tests/precedence/requests.rs`.
const OF_NO_SCENARIO: [&str; 5] = [
    "held INTERRUPTED",
    "refused INTERRUPTED",
    "failed OUTBOX_QUEUE_FULL",
    "refused OUTBOX_QUEUE_FULL",
    "refused TOO_MANY_PENDING",
];

#[test]
fn every_result_code_is_expected_by_a_scenario_as_a_result_of_each_of_its_subjects() {
    let mut lines = Vec::new();
    for file in files() {
        let content = fs::read_to_string(workspace().join(file)).unwrap();
        let said = content.lines().map(str::trim_start);
        let said = said.filter(|line| !line.starts_with('#') && !line.starts_with("scenario:"));
        lines.extend(said.map(str::to_owned));
    }
    let is_said = |outcome: &str| {
        let next = |rest: &str| !rest.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_');
        let said = |line: &String| {
            line.match_indices(outcome).any(|(at, _)| next(&line[at + outcome.len()..]))
        };
        lines.iter().any(said)
    };
    for code in ResultCode::ALL {
        for subject in code.subjects() {
            let word = match subject {
                Subject::Operation => outcome::of_operation(&Outcome::plain(*code)),
                Subject::Message => outcome::done(*code).unwrap(),
                Subject::HeldDeposit => "held",
                Subject::Batch | Subject::Request | Subject::Upgrade => "refused",
            };
            let needs_code = ["failed", "stale", "held", "refused"].contains(&word);
            let expected = if needs_code { format!("{word} {code}") } else { word.to_owned() };
            assert_ne!(is_said(&expected), OF_NO_SCENARIO.contains(&&*expected), "{expected}");
        }
    }
}

const IN_PROSE: &str = "\
# A comment.
scenario: Of another version
levels:
  - messages:
      - bob is sent 0 gold: held, the amount is zero   # as it was
    expect:
      - held deposits: [the amount is zero]
";

#[test]
fn outcomes_in_prose_are_rewritten_in_place_and_only_once() {
    let folder = Folder::new("scenario-rewrite");
    // The error says what to write.
    let (code, _, stderr) = play(&folder, IN_PROSE);
    assert_eq!(code, Some(2));
    assert!(
        stderr.contains("expected the result code: held ZERO_AMOUNT (toru test --rewrite"),
        "{stderr}"
    );
    // A byte order mark stays.
    folder
        .file("s.yaml", format!("\u{feff}{IN_PROSE}"))
        .file("t.yaml", "scenario: T\nlevels: []\n");
    let output = folder.toru(&["test", "--rewrite", "s.yaml", "t.yaml"]);
    let expected = "\
s.yaml: changed
  line 5
    - held, the amount is zero
    + held ZERO_AMOUNT
  line 7
    - the amount is zero
    + ZERO_AMOUNT
t.yaml: nothing to change
";
    assert_eq!(String::from_utf8(output.stdout).unwrap(), expected);
    let now = IN_PROSE.replace("held, the amount is zero", "held ZERO_AMOUNT");
    let now = format!("\u{feff}{}", now.replace("the amount is zero", "ZERO_AMOUNT"));
    assert_eq!(fs::read_to_string(folder.0.join("s.yaml")).unwrap(), now);
    let again = folder.toru(&["test", "--json", "--rewrite", "s.yaml"]);
    let again: Value = serde_json::from_slice(&again.stdout).unwrap();
    assert_eq!(again, json!({"files": [{"file": "s.yaml", "changes": []}]}));
    assert_eq!(fs::read_to_string(folder.0.join("s.yaml")).unwrap(), now);
    assert_eq!(folder.toru(&["test", "--engine", "native", "s.yaml"]).status.code(), Some(0));
}

#[test]
fn where_one_file_is_malformed_none_is_rewritten() {
    let folder = Folder::new("scenario-rewrite-bad");
    folder.file("s.yaml", IN_PROSE).file("bad.yaml", "a: [");
    let error = folder.refused(&["test", "--rewrite", "s.yaml", "bad.yaml"]);
    assert!(error.starts_with("error: bad.yaml: not YAML: "), "{error}");
    assert_eq!(fs::read_to_string(folder.0.join("s.yaml")).unwrap(), IN_PROSE);
}

#[test]
fn the_examples_of_the_documentation_run() {
    let folder = Folder::new("scenario-docs");
    let document = fs::read_to_string(workspace().join("docs/scenarios.md")).unwrap();
    let mut examples = 0;
    for block in document.split("```yaml\n").skip(1) {
        let example = block.split("```").next().unwrap();
        let (code, stdout, stderr) = play(&folder, example);
        assert_eq!(code, Some(0), "{example}\n{stdout}{stderr}");
        examples += 1;
    }
    assert_eq!(examples, 7);
}

#[test]
fn the_example_of_the_help_runs() {
    let folder = Folder::new("scenario-help");
    let help = toru(&folder.0, &["test", "--help"]);
    let help = String::from_utf8(help.stdout).unwrap();
    let lines = help.lines().skip_while(|line| !line.trim().starts_with("scenario: "));
    let example: Vec<&str> = lines.take_while(|line| !line.trim().is_empty()).collect();
    let (code, stdout, stderr) = play(&folder, &example.join("\n"));
    assert_eq!(code, Some(0), "{help}\n{stdout}{stderr}");
}

#[test]
fn differences_are_shown_line_by_line() {
    let folder = Folder::new("scenario-diff");
    let scenario = "\
scenario: Alice pays
start:
  - alice has 10 gold
levels:
  - messages:
      - alice, counter 0, pays bob 11 gold: applied
      - bob is sent 0 gold: credited
    expect:
      - bob has 11 gold
      - alice's counter is 0
      - held deposits: 0
      - outbox: ['mint exit gets 5,000 gold', [mint gets 1 gold, mint gets 2 gold]]
      - runs: 2
      - nothing changes
---
scenario: And this one is right
levels: []
";
    let (code, stdout, stderr) = play(&folder, scenario);
    let expected = "\
FAILED  s.yaml: 1 of 2 scenarios
  Alice pays
    level 0, message 0, transaction 0, operation 0
    - applied
    + failed BALANCE_TOO_LOW, available 10, requested 11
    level 0, message 1
    - credited
    + held ZERO_AMOUNT
    level 0, expect, sentence 0
    - bob has 11 gold
    + bob has no gold
    level 0, expect, sentence 1
    - alice's counter is 0
    + alice's counter is 1
    level 0, expect, sentence 2
    - held deposits: 0
    + held deposits: [ZERO_AMOUNT]
    level 0, expect, sentence 3
    - outbox: [mint exit gets 5000 gold, [mint gets 1 gold, mint gets 2 gold]]
    + outbox: nothing
    level 0, expect, sentence 4
    - runs: 2
    + runs: 1
    level 0, expect, sentence 5
    - unchanged: alice's key is unknown
    + alice's key is known
";
    assert_eq!(stdout, expected);
    assert_eq!(stderr, "error: the results of 1 of 2 scenarios differ from what they expect\n");
    assert_eq!(code, Some(1));
}
