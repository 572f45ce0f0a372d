//! `--json` on every command: one object on a line of standard output, nothing on standard error, errors
//! too, whatever is wrong.

use std::process::{Command, Output, Stdio};

use crate::common::Folder;
use crate::common::sandbox::Sandbox;
use serde_json::{Value, json};

const KEY: &str = "BLsk1eGhiPQXKtvvkBeXzmtVVJs6KPhEF45drF7MLjoCDcSnTGuyjL";

/// The object that a command line prints, and the exit code.
fn told(folder: &Folder, args: &[&str]) -> (Option<i32>, Value) {
    object(args, &folder.toru(&[args, &["--json"]].concat()))
}

fn object(args: &[&str], output: &Output) -> (Option<i32>, Value) {
    assert!(output.stderr.is_empty(), "{args:?}: {output:?}");
    let text = std::str::from_utf8(&output.stdout).unwrap();
    assert!(text.ends_with('\n') && text.lines().count() == 1, "{args:?}: {text:?}");
    let value: Value = serde_json::from_str(text).unwrap();
    assert!(value.is_object(), "{args:?}: {text}");
    (output.status.code(), value)
}

#[test]
fn what_is_wrong_with_a_command_line_is_json_too() {
    let folder = Folder::new("json-usage");
    for (args, hint) in [
        (&["sned"][..], "usage: toru "),
        (&["--jsn"], "'--json'"),
        (&["tx"], "usage: toru tx [OPTIONS] <COMMAND>"),
        (&["send", "5", "gold"], "usage: toru send "),
        (&["send", "--file", "x"], "toru send --help"),
        (&["key", "new", "a/b"], "usage: toru key new "),
        (&["dev", "mine", "x"], "usage: toru dev mine "),
        (&["run", "--inputs"], "toru run --help"),
        (&["test"], "usage: toru test "),
        (&["kernel", "hash", "a", "b"], "usage: toru kernel hash "),
        (&["completions", "tcsh"], "usage: toru completions "),
        (&["state", "show"], "usage: toru state show "),
        (&["tx", "show", "x", "--wait", "soon"], "usage: toru tx show "),
    ] {
        let (code, told) = told(&folder, args);
        assert_eq!((code, &told["error"]["code"]), (Some(2), &json!("usage")), "{args:?}");
        let said = told["error"]["hint"].as_str().unwrap();
        assert!(said.contains(hint), "{args:?}: {said}");
        assert!(!told["error"]["message"].as_str().unwrap().is_empty(), "{args:?}");
        // The same in words.
        let words = folder.refused(args);
        assert!(words.contains(hint) && words.lines().count() == 2, "{args:?}: {words}");
    }
    // It is an option only where options are.
    let output = folder.toru(&["test", "--", "--json"]);
    assert!(output.stdout.is_empty() && !output.stderr.is_empty(), "{output:?}");
    // Before the command it means the same.
    let (code, told) = object(&[], &folder.toru(&["--json", "kernel", "hash", "none.wasm"]));
    assert_eq!((code, &told["error"]["code"]), (Some(2), &json!("file")));
}

#[test]
fn errors_have_the_code_of_their_kind() {
    let folder = Folder::new("json-errors");
    folder.file("no.json", "{").file("no.wasm", "x").file("no.yaml", "x: y");
    let nowhere = ["--endpoint", "127.0.0.1:9"];
    let at_nowhere = |args: &[&'static str]| [args, &nowhere[..]].concat();
    for (args, exit, code) in [
        (at_nowhere(&["balance", "dev0"]), 4, "no_answer"),
        (at_nowhere(&["dev", "mine"]), 4, "no_answer"),
        (at_nowhere(&["tx", "submit", "no.json"]), 4, "no_answer"),
        (at_nowhere(&["tx", "show", "no.json"]), 2, "file"),
        (vec!["run", "--inputs", "none"], 2, "file"),
        (vec!["run", "--inputs", "no.json"], 2, "input"),
        (vec!["test", "no.yaml"], 2, "input"),
        (vec!["kernel", "check", "no.wasm"], 2, "input"),
        (vec!["kernel", "write", "no/such/folder"], 2, "file"),
        (vec!["state", "show", "no.json"], 2, "input"),
        (vec!["key", "show", "nobody", "--keys", "k"], 2, "no_key"),
        (vec!["key", "rm", "nobody", "--keys", "k", "--yes"], 2, "no_key"),
        (vec!["run", "--inputs", "x", "--rollup", "sr1"], 2, "usage"),
    ] {
        let (found, told) = told(&folder, &args);
        assert_eq!((found, &told["error"]["code"]), (Some(exit), &json!(code)), "{args:?}: {told}");
    }
}

#[test]
fn commands_without_a_node_have_their_objects() {
    let folder = Folder::new("json-objects");
    folder.file("password", "correct horse battery\n");
    let (code, wrote) = told(&folder, &["kernel", "write", "k.wasm"]);
    assert_eq!((code, &wrote["file"]), (Some(0), &json!("k.wasm")));
    let hash = told(&folder, &["kernel", "hash", "k.wasm"]).1;
    let ours = told(&folder, &["kernel", "hash"]).1;
    assert_eq!((&hash["bytes"], &hash["blake2b"]), (&wrote["bytes"], &ours["blake2b"]));
    let checked = told(&folder, &["kernel", "check", "k.wasm"]).1;
    assert!(checked["rules"].as_array().unwrap().iter().all(|rule| rule["kept"] == true));
    let rollup = "sr163Lv22CdE8QagCwf48PWDTquk6isQwv57";
    let pages = ["kernel", "pages", "k.wasm", "--rollup", rollup, "--out", "pages"];
    assert!(told(&folder, &pages).1["pages"].as_u64().unwrap() > 1);
    assert!(told(&folder, &["kernel", "install", "--out", "dist"]).1["installer"].is_string());
    let script = told(&folder, &["completions", "bash"]).1;
    assert!(script["script"].as_str().unwrap().contains("_toru"));
    assert!(told(&folder, &["man", "--out", "man"]).1["pages"].as_u64().unwrap() > 10);

    folder.file("good.yaml", "scenario: nothing\nlevels:\n  - messages: []\n");
    folder.file(
        "bad.yaml",
        "scenario: much\nlevels:\n  - messages: []\n    expect:\n      - bob has 1 gold\n\
         start:\n  - alice has 1 gold\n  - bob has 2 gold\n",
    );
    let good = told(&folder, &["test", "good.yaml", "--engine", "native"]);
    assert_eq!(
        good,
        (
            Some(0),
            json!({"scenarios": 1, "failed": 0, "files": [
                {"file": "good.yaml", "scenarios": 1, "different": []}
            ]})
        )
    );
    let (code, bad) = told(&folder, &["test", "bad.yaml", "--engine", "native"]);
    assert_eq!((code, &bad["failed"], &bad["error"]["code"]), (Some(1), &json!(1), &json!("no")));
    assert!(bad["files"][0]["different"][0]["differences"][0]["found"].is_string(), "{bad}");

    folder.file("inputs.json", "[[]]");
    assert!(
        told(&folder, &["run", "--inputs", "inputs.json", "--state", "s"]).1["levels"].is_array()
    );
    assert!(told(&folder, &["state", "show", "s"]).1["last"].is_number());
    let keys = ["--keys", "k", "--password-file", "password"];
    let key = |args: &[&str]| told(&folder, &[args, &keys[..]].concat());
    assert!(key(&["key", "new", "alice"]).1["tz4"].is_string());
    let export = ["key", "export", "alice", "--format", "BLsk", "--yes"];
    let secret = key(&export).1["secret_key"].as_str().unwrap().to_owned();
    assert!(secret.starts_with("BLsk") && secret.len() == KEY.len());
    let (code, unconfirmed) = key(&export[..export.len() - 1]);
    assert_eq!((code, &unconfirmed["error"]["code"]), (Some(2), &json!("not_confirmed")));
    folder.file("password", "another\n");
    let wrong = key(&export);
    assert_eq!((wrong.0, &wrong.1["error"]["code"]), (Some(2), &json!("wrong_password")));
    assert_eq!(key(&["key", "rm", "alice", "--yes"]).1, json!({"removed": "alice"}));
    assert_eq!(key(&["key", "list"]).1, json!({"keys": []}));
}

#[test]
fn the_sandbox_is_told_and_tells_in_json() {
    let folder = Folder::new("json-dev");
    let sandbox = Sandbox::start(&folder, &[]);
    // It is found as the wallet finds it.
    let dev = |args: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_toru"))
            .arg("dev")
            .args(args)
            .arg("--json")
            .current_dir(&folder.0)
            .env("TORU_ENDPOINT", &sandbox.endpoint)
            .stdin(Stdio::null())
            .output()
            .unwrap();
        object(args, &output)
    };
    let level = |level: i32| (Some(0), json!({"level": level}));
    assert_eq!(dev(&["mine", "2"]), level(3));
    assert_eq!(dev(&["warp", "+2"]), level(5));
    assert_eq!(dev(&["snapshot", "here"]), level(5));
    assert_eq!(dev(&["mine"]), level(6));
    assert_eq!(dev(&["revert", "here"]), level(5));
    let accounts = toru::dev::Account::all();
    let id = dev(&["deposit", &accounts[0].address.to_string(), "5"]);
    assert!(id.1["id"].is_string(), "{id:?}");
    for args in [&["revert", "77"][..], &["execute", "1", "0"], &["snapshot", "here"]] {
        let (code, refused) = dev(args);
        assert_eq!((code, &refused["error"]["code"]), (Some(3), &json!("refused")), "{args:?}");
    }
    assert_eq!(dev(&["warp", "1"]).0, Some(2));
    let user = sandbox.user(&folder);
    let refused = user.run(&["send", "0", "demo", "dev0", "dev1", "--json"]);
    let (code, refused) = object(&[], &refused);
    assert_eq!((code, &refused["error"]["code"]), (Some(3), &json!("would_be_refused")));
    let refusal = json!({
        "code": "ZERO_AMOUNT", "number": 4, "values": {}, "reason": "the amount is zero",
    });
    assert_eq!(refused["plan"]["refusal"], refusal);
    assert_eq!(dev(&["stop"]), level(5));

    let started = Command::new(env!("CARGO_BIN_EXE_toru"))
        .args(["dev", "--rpc", "127.0.0.1:0", "--block-time", "0", "--json"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut started = Sandbox { child: started, endpoint: String::new() };
    let mut lines =
        std::io::BufRead::lines(std::io::BufReader::new(started.child.stdout.take().unwrap()));
    let banner: Value = serde_json::from_str(&lines.next().unwrap().unwrap()).unwrap();
    assert_eq!(banner["accounts"].as_array().unwrap().len(), 10);
    let endpoint = banner["endpoint"].as_str().unwrap();
    folder.played(&["dev", "stop", "--endpoint", endpoint]);
    let end: Value = serde_json::from_str(&lines.next().unwrap().unwrap()).unwrap();
    assert_eq!(end, json!({"ended_at": 1}));
    assert!(lines.next().is_none());
}
