//! Text of others that steers terminals, has no width, or changes the direction of what stands beside it:
//! none of it is shown as it is, wherever it comes from.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::process::Output;
use std::thread;

use crate::common::Folder;
use serde_json::{Value, json};

/// Some of each kind: an escape code, a bell, a C1 control, bidirectional controls, what has no width,
/// separators of lines and paragraphs, a filler, a tag, a selector, a private use character.
const NASTY: &str = "a\u{1b}[2J\u{7}\u{9b}2J\u{202e}\u{2066}\u{200b}\u{200d}\u{feff}\u{2028}\u{2029}\u{85}\
    \u{3164}\u{e0041}\u{fe0f}\u{e000}z";

/// Whether all of it is seen. What a command prints has ends of lines, and our own text beyond ASCII.
fn is_seen(text: &str) -> bool {
    text.chars().all(|c| c == '\n' || layer1::plain::is_shown(c))
}

/// Everything that a command has said.
fn said(args: &[&str], output: &Output) -> String {
    let text = [&output.stdout[..], &output.stderr].concat();
    let text = String::from_utf8(text).unwrap();
    assert!(is_seen(&text), "{args:?}: {text:?}");
    text
}

/// Serves one answer to every request, until the test ends.
fn serves(status: u16, body: String) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = listener.local_addr().unwrap().to_string();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            let _ = stream.read(&mut [0; 4096]);
            let head = format!(
                "HTTP/1.1 {status} X\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
                body.len()
            );
            let _ = stream.write_all(&[head.as_bytes(), body.as_bytes()].concat());
        }
    });
    endpoint
}

#[test]
fn what_a_node_says() {
    let folder = Folder::new("unseen-node");
    for (status, body) in [
        (500, json!([{"id": NASTY, "msg": NASTY}]).to_string()),
        (500, json!({"message": NASTY}).to_string()),
        (500, NASTY.to_owned()),
        (200, json!(NASTY).to_string()),
        (200, NASTY.to_owned()),
    ] {
        let endpoint = serves(status, body);
        let at = format!("--endpoint={endpoint}");
        for args in [
            &["balance", "dev0", &at][..],
            &["tx", "show", &"00".repeat(32), &at],
            &["dev", "mine", &at],
            &["dev", "revert", "x", &at],
        ] {
            let output = folder.toru(args);
            let text = said(args, &output);
            assert!(text.starts_with("error: ") && text.lines().count() <= 2, "{args:?}: {text}");
            let output = folder.toru(&[args, &["--json"]].concat());
            let told: Value = serde_json::from_str(&said(args, &output)).unwrap();
            assert!(told["error"]["message"].is_string(), "{told}");
        }
    }
}

#[test]
fn what_stands_in_files_and_what_they_are_called() {
    let folder = Folder::new("unseen-files");
    let nowhere = "--endpoint=127.0.0.1:9";
    let file = |kind: &str| {
        json!({
            "toru": kind, "version": 1, "rollup": NASTY, "hash": NASTY, "transaction": NASTY,
            "signatures": [{"account": NASTY, "key": NASTY, "proof": NASTY, "signature": NASTY}],
            NASTY: NASTY,
        })
        .to_string()
    };
    folder
        .file("t.json", file("transaction"))
        .file("k.json", file(NASTY))
        .file("i.json", json!([[{"payload": NASTY, NASTY: NASTY}]]).to_string())
        .file("m.json", json!([[{"payload": format!("Pair \"{NASTY}\" {NASTY}")}]]).to_string())
        .file("s.json", json!([[{"sender": NASTY, "payload": "1"}]]).to_string())
        .file("set.json", json!({"instructions": [{"set": {"value": "00", "to": NASTY}}]}).to_string())
        .file("good.json", "[[]]")
        .file("s.yaml", format!("scenario: {}\nlevels:\n  - {}: 1\n", json!(NASTY), json!(NASTY)))
        .file("d.yaml", format!(
            "scenario: {}\nstart:\n  - a has 1 x\nlevels:\n  - messages: []\n    expect:\n      - a has 2 x\n",
            json!(NASTY)
        ));
    let name = &NASTY.replace(['\0', '/'], "");
    for args in [
        &["tx", "show", "t.json", nowhere][..],
        &["tx", "show", "k.json", nowhere],
        &["batch", "show", "k.json", nowhere],
        &["run", "--inputs", "i.json"],
        &["run", "--inputs", "m.json"],
        &["run", "--inputs", "s.json"],
        &["run", "--inputs", "good.json", "--setup", "set.json"],
        &["run", "--inputs", name],
        &["test", "s.yaml"],
        &["test", "d.yaml", "--engine", "native"],
        &["kernel", "check", name],
        &["state", "show", name],
        &["key", "show", name],
        &["dev", "deposit", name, "1"],
        &[name],
        &["send", name],
        &["tx", "show", name, nowhere],
        &["run", "--inputs", "good.json", "--rollup", name],
    ] {
        let output = folder.toru(args);
        let text = said(args, &output);
        assert!(!text.is_empty() && !output.status.success(), "{args:?}: {output:?}");
        let output = folder.toru(&[args, &["--json"]].concat());
        let told: Value = serde_json::from_str(&said(args, &output)).unwrap();
        assert!(told["error"]["message"].is_string(), "{args:?}: {told}");
    }
}

#[test]
fn what_a_kernel_prints_and_keeps() {
    let folder = Folder::new("unseen-kernel");
    let bytes: String = NASTY.bytes().map(|byte| format!("\\{byte:02x}")).collect();
    let module = wat::parse_str(format!(
        r#"(module
            (import "smart_rollup_core" "write_debug" (func $debug (param i32 i32)))
            (memory (export "memory") 1)
            (data (i32.const 0) "{bytes}")
            (func (export "kernel_run")
              (call $debug (i32.const 0) (i32.const {})) unreachable))"#,
        NASTY.len()
    ));
    folder.file("k.wasm", module.unwrap()).file("i.json", "[[]]");
    for args in
        [&["run", "--inputs", "i.json", "--kernel", "k.wasm"][..], &["kernel", "check", "k.wasm"]]
    {
        said(args, &folder.toru(args));
        let output = folder.toru(&[args, &["--json"]].concat());
        let _: Value = serde_json::from_str(&said(args, &output)).unwrap();
    }
    let text = said(&[], &folder.toru(&["run", "--inputs", "i.json", "--kernel", "k.wasm"]));
    assert!(text.contains("\\u{202e}"), "{text}");
}
