//! Kernels that come from elsewhere: their forms on disk, what this engine and this machine can do of
//! them, what is told of one that traps, names that are hard to draw.

use std::fs;

use crate::common::Folder;
use crate::common::wait::PATIENCE;
use serde_json::{Value, json};

/// A kernel of one function with this body.
fn text(body: &str) -> String {
    format!(r#"(module (memory (export "mem") 1) (func $run (export "kernel_run") {body}))"#)
}

fn assembled(body: &str) -> Vec<u8> {
    wat::parse_str(text(body)).unwrap()
}

/// Expects that exit code; returns what is on both outputs.
#[track_caller]
fn ended(folder: &Folder, args: &[&str], code: i32) -> (String, String) {
    let output = folder.toru(args);
    assert_eq!(output.status.code(), Some(code), "{args:?}: {output:?}");
    (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap())
}

#[test]
fn a_kernel_is_read_in_every_form_and_inputs_are_optional() {
    let folder = Folder::new("kernels-forms");
    let module = assembled("(drop (i32.const 1))");
    folder.file("k.wasm", &module).file("k.hex", format!("{}\n", hex::encode(&module)));
    folder.file("k.wat", format!("\u{feff}{}", text("(drop (i32.const 1))")));
    folder.file("i.json", "[[], []]");
    for file in ["k.wasm", "k.hex", "k.wat"] {
        let played = folder.played(&["run", file]);
        assert!(played.starts_with("Level 0: 1 run, 2 instructions"), "{file}: {played}");
        assert!(!played.contains("Level 1"), "{played}");
        assert_eq!(folder.played(&["run", "--kernel", file]), played);
        let two = folder.played(&["run", file, "--inputs", "i.json"]);
        assert!(two.contains("Level 1: 1 run, 2 instructions"), "{file}: {two}");
        let checked = folder.played(&["kernel", "check", file]);
        assert_eq!(checked.matches("ok      ").count(), 8, "{file}: {checked}");
        assert!(
            checked.contains("note    It carries what nothing needs on a rollup (--strip"),
            "{checked}"
        );
    }
    let error = folder.refused(&["run", "k.wasm", "--kernel", "k.hex"]);
    assert!(error.contains("cannot be used with"), "{error}");
    assert!(folder.played(&["run"]).starts_with("Level 0: 1 run"));
}

#[test]
fn the_names_of_the_debugger_are_known() {
    let folder = Folder::new("kernels-aliases");
    folder.file("k.wat", text("")).file("s.yaml", "instructions: [{set: {value: '07', to: /a}}]");
    fs::create_dir(folder.0.join("pages")).unwrap();
    let json = folder.played(&[
        "run",
        "k.wat",
        "--preimage-dir",
        "pages",
        "--installer-config",
        "s.yaml",
        "--json",
    ]);
    assert!(json.contains(r#""/a":"07""#), "{json}");
}

#[test]
fn what_this_engine_cannot_translate_is_its_own_limit() {
    let folder = Folder::new("kernels-limits");
    let locals = assembled(&format!("(local {})", "i32 ".repeat(30_000)));
    let operands = assembled(&("memory.size ".repeat(65_536) + &"drop ".repeat(65_536)));
    let hint = "\nhint: toru kernel check says whether a rollup node can run it\n";
    for (file, module) in [("locals.wasm", locals), ("operands.wasm", operands)] {
        folder.file(file, &module);
        let limit =
            format!("error: {file}: this engine cannot translate the kernel, which the PVM");
        for args in [
            &["run", file][..],
            &["run", file, "--state", "s.toru"],
            &["kernel", "install", file, "--out", "dist"],
            &[
                "kernel",
                "pages",
                file,
                "--out",
                "pages",
                "--rollup",
                "sr163Lv22CdE8QagCwf48PWDTquk6isQwv57",
            ],
        ] {
            let (out, error) = ended(&folder, args, 2);
            assert!(
                out.is_empty() && error.starts_with(&limit) && error.ends_with(hint),
                "{error}"
            );
        }
        let checked = folder.played(&["kernel", "check", file]);
        assert!(checked.contains("note    toru run cannot run it: this engine"), "{checked}");
        assert!(!checked.contains("BROKEN"), "{checked}");
    }
    for made in ["s.toru", "dist", "pages"] {
        assert!(!folder.0.join(made).exists(), "{made}");
    }
}

#[test]
fn the_default_nodes_limits_are_a_rule_and_a_note() {
    let folder = Folder::new("kernels-tables");
    let tables = |count: usize, entries: &str| {
        let tables = format!("(table {entries} funcref)").repeat(count);
        wat::parse_str(text("").replace("(memory", &format!("{tables} (memory"))).unwrap()
    };
    folder.file("many.wasm", tables(101, "1")).file("large.wasm", tables(1, "4294967295"));
    for (file, said) in [("many.wasm", "it has 101 tables"), ("large.wasm", "4294967295 entries")] {
        let (report, error) = ended(&folder, &["kernel", "check", file], 2);
        assert!(report.contains("BROKEN  It has at most 100 tables") && report.contains(said));
        assert_eq!(error, format!("error: {file}: breaks a rule of the PVM\n"));
    }
    // That is a limit of this engine, too.
    let (_, error) = ended(&folder, &["run", "many.wasm"], 2);
    assert!(error.starts_with("error: many.wasm: this engine cannot translate"), "{error}");
    let exports: String = (0..99_998).map(|i| format!(r#"(export "g{i}" (global 0))"#)).collect();
    let global = format!("(global i32 (i32.const 0)) {exports} (memory");
    folder.file("exports.wat", text("").replace("(memory", &global));
    let played = folder.played(&["run", "exports.wat"]);
    let note = "a default node exits here: its engine does not take the module: the types of its";
    assert!(played.contains(note), "{played}");
    let (_, error) = ended(&folder, &["run", "large.wasm"], 2);
    assert!(error.contains("level 0: the kernel's memory and tables take more than 1024 MiB"));
}

#[test]
fn a_run_takes_no_more_memory_than_it_may() {
    let folder = Folder::new("kernels-memory");
    folder.file("grow.wat", text("(drop (memory.grow (i32.const 1600)))"));
    assert!(!folder.played(&["run", "grow.wat"]).contains("STUCK"));
    let (out, error) = ended(&folder, &["run", "grow.wat", "--memory-limit", "100"], 2);
    assert_eq!(
        (out.as_str(), error.as_str()),
        (
            "",
            "error: level 0: the kernel's memory and tables take more than 100 MiB, the limit that is \
             set\nhint: --memory-limit MIB gives it more\n"
        )
    );
    assert!(!folder.played(&["run", "grow.wat", "--memory-limit", "101"]).contains("STUCK"));
    folder.file("all.wat", text("(drop (memory.grow (i32.const 65535)))"));
    let (_, error) = ended(&folder, &["run", "all.wat"], 2);
    assert!(error.contains("more than 1024 MiB"), "{error}");
    let (_, error) = ended(&folder, &["run", "all.wat", "--memory-limit", "0"], 2);
    assert!(error.contains("invalid value '0'"), "{error}");
}

#[test]
fn a_trap_is_told_with_its_stack_and_by_the_exit_code() {
    let folder = Folder::new("kernels-trap");
    let print = r#"(module (import "smart_rollup_core" "write_debug" (func $log (param i32 i32)))
        (memory (export "mem") 1) (data (i32.const 0) "one\ntwo")
        (func $_ZN5inbox2v15Batch6decode17hfdf10193c564e5c9E unreachable)
        (func $middle (call $_ZN5inbox2v15Batch6decode17hfdf10193c564e5c9E))
        (func $run (export "kernel_run") (call $log (i32.const 0) (i32.const 7)) (call $middle)))"#;
    let module = wat::parse_str(print).unwrap();
    folder.file("k.wasm", &module).file("bare.wasm", pvm::strip(&module));
    folder.file("i.json", "[[], []]");
    let run = ["run", "k.wasm", "--inputs", "i.json"];
    let (shown, error) = ended(&folder, &run, 6);
    let trap = "wasm `unreachable` instruction executed";
    let stack = "inbox::v1::Batch::decode < middle < run";
    assert!(shown.contains("STUCK") && shown.contains("  kernel: one two\n"), "{shown}");
    assert!(shown.contains(&format!("  run 0 trapped: {trap}, in {stack}\n")), "{shown}");
    assert_eq!(
        error,
        format!(
            "error: level 0: the kernel is STUCK: its last run trapped: {trap}, in {stack}\n\
             hint: --allow-stuck takes that for success\n"
        )
    );
    assert_eq!(folder.played(&[&run[..], &["--allow-stuck"]].concat()), shown);

    let (printed, _) = ended(&folder, &[&run[..], &["--json"]].concat(), 6);
    let level = serde_json::from_str::<Value>(&printed).unwrap()["levels"][1].clone();
    assert_eq!(level["stuck"], true);
    assert_eq!(level["stuck_for_good"], Value::Null);
    assert_eq!(level["debug"], json!(["one two"]));
    assert_eq!(level["debug_dropped"], 0);
    let functions = ["inbox::v1::Batch::decode", "middle", "run"];
    assert_eq!(level["traps"], json!([{"run": 0, "reason": trap, "stack": functions}]));

    // Without names there is no stack.
    let (shown, _) = ended(&folder, &["run", "bare.wasm"], 6);
    assert!(shown.contains(&format!("  run 0 trapped: {trap}\n")), "{shown}");

    // One that never runs again is stuck in every level.
    folder.file("deep.wat", text("(call $run)"));
    let (printed, _) = ended(&folder, &["run", "deep.wat", "--inputs", "i.json", "--json"], 6);
    let json = serde_json::from_str::<Value>(&printed).unwrap();
    let error = json["error"]["message"].as_str().unwrap();
    assert!(error.contains("STUCK: it will never run again: call stack exhausted"), "{error}");
    assert_eq!(json["levels"][1]["runs"], 0);
    assert_eq!(json["levels"][1]["stuck_for_good"], "call stack exhausted");
}

/// A kernel whose three functions, each of which calls the next, have these names.
fn named(names: [&str; 3]) -> Vec<u8> {
    let plain = r#"(module (memory (export "mem") 1)
        (func (export "kernel_run") (call 1)) (func (call 2)) (func (drop (i32.const 1))))"#;
    let mut module = wat::parse_str(plain).unwrap();
    let mut map = vec![3];
    for (index, name) in (0_u8..).zip(names) {
        map.extend([index, u8::try_from(name.len()).unwrap()]);
        map.extend(name.as_bytes());
    }
    let mut section = b"\x04name\x01".to_vec();
    section.push(u8::try_from(map.len()).unwrap());
    section.extend(map);
    module.extend([0, u8::try_from(section.len()).unwrap()]);
    module.extend(section);
    module
}

#[test]
fn no_name_loses_a_frame_or_fails_the_picture() {
    for (number, names) in [
        ["a 10", "b 20", "c 30"],
        ["# comment", "#", "//"],
        ["", "b", "c"],
        ["a", "", ""],
        ["1", "2", "3"],
        ["a 1.5", " ", "  9"],
        ["a;b", "c;", ";"],
        ["\u{fffe}", "b\u{ffff}", "\u{2028}\u{a0}"],
        ["a\n1", "\t", "\u{0}"],
        ["same", "same", "same"],
        ["<&'\">", "]]>", "-->"],
    ]
    .into_iter()
    .enumerate()
    {
        let folder = Folder::new(&format!("kernels-names-{number}"));
        folder.file("k.wasm", named(names));
        folder.played(&["run", "k.wasm", "--profile", "out"]);
        let stacks = fs::read_to_string(folder.0.join("out/level-0.collapsed")).unwrap();
        let mut depths = Vec::new();
        for line in stacks.lines() {
            let (stack, count) = line.rsplit_once(' ').unwrap();
            assert!(["1", "2"].contains(&count), "{names:?}: {stacks:?}");
            assert!(!stack.starts_with(['#', ' ']) && stack.trim() == stack, "{stacks:?}");
            let last = stack.rsplit(' ').next().unwrap();
            let is_count = last != stack && last.chars().all(|c| c.is_ascii_digit() || c == '.');
            assert!(!is_count, "{names:?}: {stacks:?}");
            depths.push(stack.split(';').filter(|frame| !frame.is_empty()).count());
        }
        depths.sort_unstable();
        assert_eq!(depths, [1, 2, 3], "{names:?}: {stacks:?}");
        let picture = fs::read_to_string(folder.0.join("out/flamegraph.svg")).unwrap();
        // 1 + 1 + 2 instructions, and four frames: all, and the three.
        assert_eq!(picture.matches(" instructions, ").count(), 4, "{names:?}");
        assert!(picture.contains("all (4 instructions, 100%)"), "{names:?}");
        let is_xml = |c: char| matches!(c, '\n' | '\t' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..);
        assert!(picture.chars().all(is_xml), "{names:?}");
    }
}

#[test]
fn deep_yaml_is_refused_at_once() {
    let folder = Folder::new("kernels-yaml");
    for one in ["[", "{a: ", "- "] {
        folder.file("deep.yaml", one.repeat(300_000));
        for args in [
            &["run", "--setup", "deep.yaml"][..],
            &["kernel", "install", "--setup", "deep.yaml", "--out", "d"],
            &["test", "deep.yaml"],
        ] {
            let started = std::time::Instant::now();
            let error = folder.refused(args);
            assert!(error.contains("nested more than 64 deep at line 1"), "{error}");
            // With each level that is read, it would take hours.
            assert!(started.elapsed() < PATIENCE, "{args:?}");
        }
    }
}

#[test]
fn a_byte_order_mark_is_no_part_of_any_file() {
    let folder = Folder::new("kernels-marks");
    let scenario = "scenario: nothing\nlevels:\n  - messages: []\n";
    folder
        .file("s.yaml", "\u{feff}instructions:\n- set: {value: \"00\", to: /a}\n")
        .file("i.json", "\u{feff}[[]]")
        .file("t.yaml", format!("\u{feff}{scenario}"));
    let run = ["run", "--inputs", "i.json", "--setup", "s.yaml", "--json"];
    assert!(folder.played(&run).contains(r#""/a":"00""#));
    folder.played(&["test", "--engine", "native", "t.yaml"]);
    let utf_16 = |text: &str| -> Vec<u8> {
        format!("\u{feff}{text}").encode_utf16().flat_map(u16::to_le_bytes).collect()
    };
    folder.file("s.yaml", utf_16("instructions: []")).file("t.yaml", utf_16(scenario));
    for args in [&run[..5], &["test", "t.yaml"]] {
        let error = folder.refused(args);
        assert!(error.contains("the text is UTF-16 (expected UTF-8: save it as that)"), "{error}");
    }
}
