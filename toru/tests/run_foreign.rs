//! `toru run --kernel` on small kernels in WAT: what they do is all there to read, so the whole
//! output can be asserted.

use std::fs;
use std::process::{Command, Stdio};

use crate::common::Folder;

/// A module with one page of memory and everything the kernels below import.
fn kernel(body: &str) -> Vec<u8> {
    let text = format!(
        r#"(module
          (import "smart_rollup_core" "read_input"
            (func $read_input (param i32 i32 i32) (result i32)))
          (import "smart_rollup_core" "write_output"
            (func $write_output (param i32 i32) (result i32)))
          (import "smart_rollup_core" "write_debug" (func $write_debug (param i32 i32)))
          (import "smart_rollup_core" "store_write"
            (func $store_write (param i32 i32 i32 i32 i32) (result i32)))
          (import "smart_rollup_core" "reveal_preimage"
            (func $reveal_preimage (param i32 i32 i32 i32) (result i32)))
          (memory (export "mem") 1)
          (data (i32.const 0) "/out")
          (data (i32.const 8) "hello\nyou")
          {body})"#
    );
    wat::parse_str(text).unwrap()
}

/// Writes every external message, tag and all, to the outbox, and counts nothing.
fn echo() -> Vec<u8> {
    kernel(
        r#"(func (export "kernel_run") (local $n i32)
            (loop $next
              (local.set $n
                (call $read_input (i32.const 100) (i32.const 200) (i32.const 4096)))
              (if (local.get $n) (then
                (if (i32.load8_u (i32.const 200)) (then
                  (drop (call $write_output (i32.const 200) (local.get $n)))))
                (br $next))))
            (drop (call $store_write
              (i32.const 0) (i32.const 4) (i32.const 0) (i32.const 8) (i32.const 5))))"#,
    )
}

#[test]
fn json_is_one_object_of_the_promised_shape() {
    let folder = Folder::new("foreign-json");
    folder.file("k.wasm", echo());
    folder.file("i.json", r#"[[{"external": "aa"}, {"payload": "Unit"}], ["01bb"], []]"#);
    folder.file("s.yaml", "instructions: [{set: {value: '07', to: /given}}]");
    let args = ["run", "--kernel", "k.wasm", "--inputs", "i.json", "--setup", "s.yaml", "--json"];
    let text = folder.played(&args);
    let json: serde_json::Value = serde_json::from_str(&text).unwrap();
    let levels = json["levels"].as_array().unwrap();
    let outboxes: Vec<_> = levels.iter().map(|level| level["outbox"].to_string()).collect();
    assert_eq!(outboxes, [r#"["01aa"]"#, r#"["01bb"]"#, "[]"]);
    for (i, level) in levels.iter().enumerate() {
        assert_eq!(level["level"], i);
        assert_eq!(level["runs"], 1);
        assert_eq!(level["stuck"], false);
        let instructions = level["instructions"].as_u64().unwrap();
        assert!(instructions > 10 && level["ticks"].as_u64().unwrap() > 6 * instructions);
        assert_eq!(level["default_node"], serde_json::Value::Null);
        assert_eq!(level["results"], serde_json::json!([]));
    }
    assert_eq!(json["balances"], serde_json::json!([]));
    assert_eq!(json["counters"], serde_json::json!({}));
    let durable = json["durable"].as_object().unwrap();
    assert_eq!((&durable["/given"], &durable["/out"]), (&"07".into(), &"68656c6c6f".into()));
    assert!(!durable.contains_key("/kernel/boot.wasm"));
    assert!(!durable.contains_key("/readonly/kernel/boot.wasm"));
    assert!(durable.contains_key("/readonly/wasm_version"));
    let fields: Vec<_> = json.as_object().unwrap().keys().cloned().collect();
    assert_eq!(fields.len(), 4, "{fields:?}");
    assert_eq!(folder.played(&args), text, "the same again");
}

#[test]
fn the_table_shows_messages_outbox_and_log() {
    let folder = Folder::new("foreign-table");
    let print = r#"(func (export "kernel_run")
        (call $write_debug (i32.const 8) (i32.const 9)) (unreachable))"#;
    folder.file("echo.wasm", echo()).file("print.wasm", kernel(print));
    folder.file("i.json", r#"[[{"external": "aa"}, {"payload": "Pair \"x\" 0x00"}], []]"#);

    let text = folder.played(&["run", "--kernel", "echo.wasm", "--inputs", "i.json"]);
    for expected in [
        "Level 0: 1 run, ",
        "external, 1 bytes: aa",
        "transfer by KT18amZmM5W7qDWVt2pH6uj7sCEd3kbzLrHT",
        "Pair \"x\" 0x00",
        "not understood: 01aa",
        "Level 1: 1 run, ",
        "no messages",
    ] {
        assert!(text.contains(expected), "{expected}\n{text}");
    }

    let run = ["run", "--kernel", "print.wasm", "--inputs", "i.json", "--allow-stuck"];
    let text = folder.played(&run);
    for expected in ["STUCK", "kernel: hello you", "run 0 trapped: ", "were never read"] {
        assert!(text.contains(expected), "{expected}\n{text}");
    }
}

#[test]
fn what_is_no_kernel_is_refused() {
    let folder = Folder::new("foreign-refused");
    folder.file("i.json", "[[]]");
    let no_entry = kernel("");
    let float = kernel(r#"(func (export "kernel_run")) (func (result f64) (f64.const 1))"#);
    folder.file("text.wasm", "module").file("cut.wasm", &no_entry[..40]);
    folder.file("no_entry.wasm", &no_entry).file("float.wasm", &float);
    folder.file("good.wasm", echo());

    for (file, expected) in [
        ("text.wasm", "not a WASM module (expected it to begin with 0061736d, in bytes or in hex"),
        ("cut.wasm", "not a valid module"),
        ("no_entry.wasm", "there is no export kernel_run"),
        ("float.wasm", "f64"),
    ] {
        let output = folder.toru(&["run", "--kernel", file, "--inputs", "i.json"]);
        let error = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{error}");
        assert!(error.starts_with(&format!("error: {file}: ")), "{error}");
        assert!(error.contains(expected), "{error}");
        assert!(error.lines().count() <= 2 && output.stdout.is_empty(), "{error}");

        let output = folder.toru(&["kernel", "check", file]);
        let error = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{error}");
        assert!(error.starts_with(&format!("error: {file}: ")), "{error}");
        assert_eq!(error.lines().count(), 1, "{error}");
        if file != "text.wasm" {
            let report = String::from_utf8(output.stdout).unwrap();
            assert!(report.contains("BROKEN") && report.contains(expected), "{report}");
        }
    }
}

#[test]
fn the_check_states_every_rule() {
    let folder = Folder::new("foreign-check");
    let bare = r#"(module
        (import "smart_rollup_core" "write_debug" (func (param i32 i32)))
        (memory (export "mem") 2)
        (func (export "kernel_run")))"#;
    folder.file("good.wasm", wat::parse_str(bare).unwrap()).file("names.wasm", echo());
    let text = folder.played(&["kernel", "check", "good.wasm"]);
    assert_eq!(text.matches("ok      ").count(), 9, "{text}");
    assert!(text.contains("functions 1, host functions 1, memory pages 2, data 0 bytes"), "{text}");

    // Names break no rule.
    let text = folder.played(&["kernel", "check", "names.wasm"]);
    assert_eq!(text.matches("ok      ").count(), 8, "{text}");
    assert!(text.contains("note    It carries what nothing needs on a rollup (--strip"), "{text}");
    assert!(text.contains("        custom section \"name\" takes "), "{text}");
}

#[test]
fn our_own_kernel_can_be_written_out_and_keeps_every_rule() {
    let folder = Folder::new("foreign-write");
    let text = folder.played(&["kernel", "write", "ours.wasm"]);
    assert!(text.starts_with("ours.wasm: ") && text.ends_with(" bytes\n"), "{text}");
    let text = folder.played(&["kernel", "check", "ours.wasm"]);
    assert_eq!(text.matches("ok      ").count(), 9, "{text}");
}

#[test]
fn a_missing_preimage_ends_the_run_with_its_place() {
    let folder = Folder::new("foreign-preimage");
    let hash = pvm::preimage_hash(b"abc");
    let bytes: String = hash.iter().map(|byte| format!("\\{byte:02x}")).collect();
    let reveal = r#"(func (export "kernel_run")
        (drop (call $reveal_preimage
          (i32.const 1000) (i32.const 33) (i32.const 2000) (i32.const 4096)))
        (drop (call $store_write
          (i32.const 0) (i32.const 4) (i32.const 0) (i32.const 2000) (i32.const 3))))"#;
    let reveal = format!("(data (i32.const 1000) \"{bytes}\") {reveal}");
    let hash = hex::encode(hash);
    folder.file("k.wasm", kernel(&reveal)).file("i.json", "[[]]").file(&hash, "abc");
    fs::create_dir(folder.0.join("empty")).unwrap();

    let run = ["run", "--kernel", "k.wasm", "--inputs", "i.json"];
    assert_eq!(
        folder.refused(&run),
        format!(
            "error: level 0: the kernel asked for the preimage {hash}, which is expected at \
             {hash}\nhint: --preimages DIR names the folder to look into\n"
        )
    );
    let error = folder.refused(&[&run[..], &["--preimages", "empty"]].concat());
    assert!(error.contains(&format!("empty/{hash}\nhint: put the preimage into")), "{error}");

    let text = folder.played(&[&run[..], &["--json", "--preimages", "."]].concat());
    assert!(text.contains(r#""/out":"616263""#), "{text}");

    // A file that is not what its name says.
    folder.file(&hash, "abd");
    let error = folder.refused(&[&run[..], &["--preimages", "."]].concat());
    assert!(
        error.contains(&format!("the preimage {hash}, but what is at ./{hash} has")),
        "{error}"
    );
    assert!(
        error.ends_with("hint: the file is not what its name says: write the preimages anew\n")
    );
}

#[test]
fn a_reader_that_leaves_is_no_failure() {
    let folder = Folder::new("foreign-pipe");
    folder.file("k.wasm", echo());
    let big = format!(
        "[{}]",
        vec![format!("[{{\"external\": \"{}\"}}]", "ab".repeat(4_000)); 100].join(",")
    );
    folder.file("i.json", big);
    let mut child = Command::new(env!("CARGO_BIN_EXE_toru"))
        .args(["run", "--kernel", "k.wasm", "--inputs", "i.json", "--json"])
        .current_dir(&folder.0)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success() && output.stderr.is_empty(), "{output:?}");
}
