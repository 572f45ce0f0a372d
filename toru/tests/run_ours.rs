//! `toru run` with our own kernel, on a story: two deposits, a swap between two signers, a refused
//! overdraft, a replay, a withdrawal. The story is also a file, for people to play.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::LazyLock;

use crate::story;
use serde_json::Value;

/// Where the story is kept for people.
fn story_file() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("demo/story.json")
}

/// Runs the binary on the story file; returns what it prints.
fn play(options: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_toru"))
        .args(["run", "--accept-v1", "--inputs"])
        .arg(story_file())
        .args(options)
        .output()
        .unwrap();
    assert!(output.status.success() && output.stderr.is_empty(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

fn json(options: &[&str]) -> Value {
    serde_json::from_str(&play(&[&["--json"], options].concat())).unwrap()
}

/// What comes of the story in WASM, which is slow: it is played once.
static IN_WASM: LazyLock<Value> = LazyLock::new(|| json(&[]));

#[test]
fn the_file_holds_the_story() {
    let story = story::inputs();
    if std::env::var_os("TORU_WRITE_STORY").is_some() {
        fs::write(story_file(), &story).unwrap();
    }
    let file = fs::read_to_string(story_file()).unwrap();
    assert_eq!(file, story, "TORU_WRITE_STORY=1 cargo test -p toru writes the file anew");
}

#[test]
fn balances_counters_and_outbox_are_what_the_story_implies() {
    let result = &*IN_WASM;
    let (alice, bob) = (story::alice().address(), story::bob().address());
    let content = |text: &str| hex::encode([&[1, 0, 0, 0, 4], text.as_bytes()].concat());
    let mut expected = vec![
        (alice.clone(), content("GOLD"), "700"),
        (alice.clone(), content("OILS"), "50"),
        (bob.clone(), content("GOLD"), "100"),
        (bob.clone(), content("OILS"), "450"),
    ];
    let mut found: Vec<_> = result["balances"]
        .as_array()
        .unwrap()
        .iter()
        .map(|balance| {
            let text = |field: &str| balance[field].as_str().unwrap().to_owned();
            assert_eq!(text("ticketer"), story::ticketer().to_string());
            (text("account"), text("content"), text("amount"))
        })
        .collect();
    expected.sort();
    found.sort();
    let expected: Vec<_> =
        expected.into_iter().map(|(a, content, amount)| (a, content, amount.to_owned())).collect();
    assert_eq!(found, expected);
    assert_eq!(result["counters"], serde_json::json!({alice: 3, bob: 1}));

    let outboxes: Vec<&Value> =
        result["levels"].as_array().unwrap().iter().map(|level| &level["outbox"]).collect();
    let withdrawal = serde_json::json!([hex::encode(story::withdrawal_message())]);
    let none = serde_json::json!([]);
    assert_eq!(outboxes, [&none, &none, &none, &withdrawal]);
}

#[test]
fn results_say_what_became_of_each() {
    let result = &*IN_WASM;
    let outcomes: Vec<Vec<(u64, bool, String)>> = result["levels"]
        .as_array()
        .unwrap()
        .iter()
        .map(|level| {
            let results = level["results"].as_array().unwrap().iter();
            let outcome = |result: &Value| {
                let is_operation = result["hash"].is_string();
                let word = result["outcome"].as_str().unwrap().to_owned();
                (result["message"].as_u64().unwrap(), is_operation, word)
            };
            results.map(outcome).collect()
        })
        .collect();
    let message = |i: u64, word: &str| (i, false, word.to_owned());
    let operation = |i: u64, word: &str| (i, true, word.to_owned());
    assert_eq!(
        outcomes,
        [
            vec![message(0, "credited"), message(1, "credited"), message(2, "held")],
            vec![message(0, "accepted"), operation(0, "applied"), operation(0, "applied")],
            // The replay of message 1 is stale as a whole; the results of its operations stand.
            vec![message(0, "accepted"), operation(0, "failed"), message(1, "refused")],
            vec![message(0, "accepted"), operation(0, "applied")],
        ]
    );
}

#[test]
fn native_and_wasm_agree_on_everything() {
    let mut wasm = IN_WASM.clone();
    let mut native = json(&["--native"]);
    for result in [&mut wasm, &mut native] {
        let is_wasm = !result["levels"][0]["instructions"].is_null();
        for level in result["levels"].as_array_mut().unwrap() {
            assert_eq!(level["instructions"].is_u64(), is_wasm);
            assert_eq!(level["ticks"].is_u64(), is_wasm);
            level["instructions"] = Value::Null;
            level["ticks"] = Value::Null;
            assert_eq!(level["refutation_seconds"].is_u64(), is_wasm);
            level["refutation_seconds"] = Value::Null;
            // The native kernel is not in the state, so that this has no hash.
            assert_eq!(level["state_hash"].is_string(), is_wasm);
            level["state_hash"] = Value::Null;
        }
    }
    assert!(wasm == native, "{wasm:#}\n{native:#}");
}

#[test]
fn our_kernel_from_a_file_is_known_as_ours() {
    let file = std::env::temp_dir().join(format!("toru-kernel-{}.wasm", std::process::id()));
    let path = file.to_str().unwrap();
    let written =
        Command::new(env!("CARGO_BIN_EXE_toru")).args(["kernel", "write", path]).status().unwrap();
    assert!(written.success());
    let from_file = json(&["--kernel", path]);
    fs::remove_file(&file).unwrap();
    assert!(from_file == *IN_WASM, "{from_file:#}");
}

#[test]
fn the_table_tells_the_story() {
    let text = play(&["--native"]);
    for expected in [
        "Level 3: ",
        "credited",
        "the receiver is not a tz4 address (RECEIVER_NOT_TZ4)",
        "v1 batch: transactions 1, operations 2",
        "sends 100 \"GOLD\" to",
        "applied",
        "balance too low: 900 available, 5,000 requested",
        "(BALANCE_TOO_LOW)",
        "every transaction has a counter that has been used",
        "withdraws 200 \"GOLD\" to",
        "┆ burn ",
        "not for this rollup",
    ] {
        assert!(text.contains(expected), "{expected}\n{text}");
    }
}
