//! `toru test`: every scenario file passes on both engines, the documentation's examples run, and
//! what goes otherwise than a file says is said where it is.

#[path = "../common/mod.rs"]
mod common;
mod faults;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use common::Folder;
use toru::reasons;
use tx_kernel::results::{Outcome, ResultCode};

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

#[test]
fn every_scenario_passes_natively() {
    all_pass("native", &files());
}

/// Those that fill whole levels take minutes in WASM; their like is played on both engines by
/// `e2e_kernel_tests/tests/queues.rs`.
const TOO_LONG_FOR_WASM: [&str; 2] = ["scenarios/queues.yaml", "scenarios/v2_limits.yaml"];

#[test]
fn every_scenario_passes_on_both_engines() {
    let mut files = files();
    files.retain(|file| !TOO_LONG_FOR_WASM.contains(&file.as_str()));
    all_pass("both", &files);
}

/// Reasons that no scenario can come to: that of a message whose run trapped, and that of a queue of a million
/// messages, are in `e2e_kernel_tests` (`traps.rs`, `pay_back.rs`).
const OF_NO_SCENARIO: [ResultCode; 2] = [ResultCode::Interrupted, ResultCode::OutboxQueueFull];
/// A text without its punctuation.
fn plain(text: &str) -> String {
    text.replace([',', ':'], "")
}

/// Whether a line has these, one after the other.
fn has_all(line: &str, fragments: &[String]) -> bool {
    let mut rest = Some(line);
    for fragment in fragments {
        rest = rest.and_then(|rest| rest.split_once(fragment.as_str())).map(|(_, after)| after);
    }
    rest.is_some()
}

#[test]
fn every_reason_that_the_kernel_can_give_is_expected_by_a_scenario() {
    let mut lines = Vec::new();
    for file in files() {
        let content = fs::read_to_string(workspace().join(file)).unwrap();
        let said = content.lines().map(str::trim_start);
        let said = said.filter(|line| !line.starts_with('#') && !line.starts_with("scenario:"));
        lines.extend(said.map(plain));
    }
    let mut checked = 0;
    for code in ResultCode::ALL.iter().copied() {
        // A value that is in no words, and that they leave no place for in the other form.
        for second in [77, 0] {
            let reason = Outcome::new(code, 77, second);
            let words = reasons::words(&reason);
            if OF_NO_SCENARIO.contains(&code) {
                continue;
            }
            let fragments: Vec<String> =
                plain(&words).split(['7', '0']).map(|part| part.trim().to_owned()).collect();
            // What did what it is for needs no reason in a scenario.
            let word = [reasons::of_operation(&reason), reasons::of_message(&reason)];
            let is_good = code == ResultCode::Applied || (100..200).contains(&code.number());
            let met = |line: &String| {
                has_all(line, &fragments)
                    || is_good && word.iter().any(|word| line.ends_with(&format!(" {word}")))
            };
            assert!(lines.iter().any(met), "code {code}: {words}");
            checked += 1;
        }
    }
    assert!(checked > 80, "{checked}");
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
fn what_goes_otherwise_is_shown_line_by_line() {
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
    + failed, balance too low, 10 available, 11 requested
    level 0, message 1
    - credited
    + held, the amount is zero
    level 0, expect, sentence 0
    - bob has 11 gold
    + bob has no gold
    level 0, expect, sentence 1
    - alice's counter is 0
    + alice's counter is 1
    level 0, expect, sentence 2
    - held deposits: 0
    + held deposits: [the amount is zero]
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
    assert_eq!(stderr, "error: 1 of 2 scenarios went otherwise than they say\n");
    assert_eq!(code, Some(1));
}
