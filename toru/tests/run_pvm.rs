//! What `toru run` tells about the PVM: versions, ticks, profiles, the default node, Ctrl-C.

use std::fs;
use std::process::{Command, Stdio};

use crate::common::Folder;
use crate::common::signals::interrupt;

/// A folder with this kernel and one empty level.
fn folder(name: &str, functions: &str) -> Folder {
    let text = format!(r#"(module (memory (export "mem") 1) {functions})"#);
    let folder = Folder::new(name);
    folder.file("k.wasm", wat::parse_str(text).unwrap()).file("i.json", "[[]]");
    folder
}

const RUN: [&str; 5] = ["run", "--kernel", "k.wasm", "--inputs", "i.json"];

fn with<'a>(args: &[&'a str]) -> Vec<&'a str> {
    [&RUN[..], args].concat()
}

#[test]
fn the_version_decides_what_links() {
    let import = r#"(import "smart_rollup_core" "store_exists"
        (func (param i32 i32) (result i32)))"#;
    let text =
        format!(r#"(module {import} (memory (export "mem") 1) (func (export "kernel_run")))"#);
    let folder = folder("pvm-version", "");
    folder.file("k.wasm", wat::parse_str(text).unwrap());
    for (version, name) in [("2", "2.0.0-r2"), ("2.0.0-r5", "2.0.0-r5"), ("6", "2.0.0-r6")] {
        let json = folder.played(&with(&["--pvm-version", version, "--json"]));
        let entry = format!("\"/readonly/wasm_version\":\"{}\"", hex::encode(name));
        assert!(json.contains(&entry), "{version}: {json}");
    }
    let error = folder.refused(&with(&["--pvm-version", "1"]));
    assert!(error.contains("store_exists: PVM 2.0.0-r1 has none, 2.0.0-r2 does"), "{error}");
    let error = folder.refused(&with(&["--pvm-version", "7"]));
    assert!(error.contains("is no version of the PVM: 0 to 6"), "{error}");
}

#[test]
fn ticks_stand_in_the_table() {
    let folder = folder("pvm-ticks", r#"(func (export "kernel_run") (drop (i32.const 1)))"#);
    // 1 before it begins, 87 to decode the module, 1 to link it, 39 to make an instance, 21 to call kernel_run, and
    // its own two instructions.
    let text = folder.played(&RUN);
    assert!(text.starts_with("Level 0: 1 run, 2 instructions, some 161 ticks\n"), "{text}");

    // Ten million bytes copied, at 48 ticks each.
    let folder = self::folder(
        "pvm-refutation",
        r#"(func (export "kernel_run") (local $i i32)
            (loop $more
                (memory.copy (i32.const 0) (i32.const 0) (i32.const 10000))
                (local.set $i (i32.add (local.get $i) (i32.const 1)))
                (br_if $more (i32.lt_u (local.get $i) (i32.const 1000)))))"#,
    );
    let text = folder.played(&RUN);
    assert!(text.contains(" ticks, 2 min in a dispute\n"), "{text}");
    let json = folder.played(&with(&["--json"]));
    assert!(json.contains("\"refutation_seconds\":160,"), "{json}");
}

#[test]
fn what_the_default_node_does_otherwise_is_noted() {
    let folder = folder(
        "pvm-default-node",
        r#"(func (export "kernel_run")
            (drop (i32.div_s (i32.const -2147483648) (i32.const -1))))"#,
    );
    let text = folder.played(&with(&["--allow-stuck"]));
    assert!(text.contains("  a default node exits here: integer overflow\n"), "{text}");
    let json = folder.played(&with(&["--json", "--allow-stuck"]));
    assert!(json.contains("\"default_node\":\"exits here: integer overflow\""), "{json}");
}

#[test]
fn a_profile_is_stacks_and_a_picture() {
    let folder = folder(
        "pvm-profile",
        r#"(func $leaf (drop (i32.const 1)))
        (func $run (export "kernel_run") (call $leaf) (call $leaf))"#,
    );
    folder.file("i.json", "[[], []]");
    folder.played(&with(&["--profile", "out"]));
    let read = |name: &str| fs::read_to_string(folder.0.join("out").join(name)).unwrap();
    for level in ["level-0.collapsed", "level-1.collapsed"] {
        assert_eq!(read(level), "run 2\nrun;leaf 4\n");
    }
    let picture = read("flamegraph.svg");
    assert!(picture.contains("</svg>") && picture.contains("leaf (8 instructions, 66.67%)"));

    let error = folder.refused(&["run", "--inputs", "i.json", "--native", "--profile", "out"]);
    assert!(error.contains("--native and --profile exclude each other"), "{error}");
}

#[test]
fn our_own_kernel_has_a_profile_without_names() {
    let folder = Folder::new("pvm-profile-ours");
    folder.file("i.json", "[[]]");
    folder.played(&["run", "--inputs", "i.json", "--profile", "out"]);
    let stacks = fs::read_to_string(folder.0.join("out/level-0.collapsed")).unwrap();
    assert!(stacks.lines().count() > 10, "{stacks}");
    assert!(stacks.lines().all(|line| line.starts_with("func[")), "{stacks}");
}

#[test]
fn ctrl_c_ends_a_kernel_that_never_returns() {
    let folder = folder("pvm-ctrl-c", r#"(func (export "kernel_run") (loop $more (br $more)))"#);
    let child = Command::new(env!("CARGO_BIN_EXE_toru"))
        .args(RUN)
        .current_dir(&folder.0)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    interrupt(&child);
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130), "{output:?}");
    assert!(output.stdout.is_empty());
    let error = String::from_utf8(output.stderr).unwrap();
    assert_eq!(error, "error: level 0: interrupted, and nothing of it is kept\n");
}
