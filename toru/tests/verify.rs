//! `toru state verify`: a state that nobody has changed comes to the same when it is played again; one that was changed
//! is found, with the level, the place and both values.

use crate::common::Folder;
use pvm::{Config, Pvm};
use serde_json::{Value, json};
use std::process::Output;
use store::Store;

const THREE: &str =
    r#"[[{"external": "00aa"}], [{"payload": "Pair \"x\" 0x00"}], [{"external": ""}]]"#;

/// Three levels, kept in `s`.
fn kept(name: &str, options: &[&str]) -> Folder {
    let folder = Folder::new(name);
    folder.file("three.json", THREE);
    folder.played(&[&["run", "--state", "s", "--inputs", "three.json"], options].concat());
    folder
}

/// One more level, of which something else is kept than it came to.
fn forge(folder: &Folder, change: impl FnOnce(&mut Pvm, &mut pvm::LevelReport)) {
    let mut store = Store::open(&folder.0.join("s")).unwrap();
    let mut pvm = Pvm::resume_wasm(&store.state(), Config::default());
    let mut report = pvm.run_level(&[]).unwrap();
    change(&mut pvm, &mut report);
    store.commit(&pvm, &report, &[]).unwrap();
}

fn parsed(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn what_nobody_has_changed_goes_together_and_comes_to_the_same() {
    for options in [&[][..], &["--native"], &["--accept-v1"]] {
        let folder = kept("verify-good", options);
        let told = folder.played(&["state", "verify", "s"]);
        assert!(told.starts_with("good: all 4 states from level -1 to level 2 can"), "{told}");
        let told = folder.played(&["state", "verify", "s", "--replay", "0..2"]);
        assert!(told.starts_with("the state goes together; 3 levels played again on "), "{told}");
        assert_eq!(told.lines().count(), 1);
        let wasmi = ["state", "verify", "s", "--replay", "1", "--engine", "wasmi"];
        assert_eq!(
            folder.played(&wasmi),
            "the state goes together; 1 level played again on wasmi\n"
        );
        let told = folder.played(&[&wasmi[..], &["--json"]].concat());
        let told: Value = serde_json::from_str(&told).unwrap();
        assert_eq!(told, json!({"engines": ["wasmi"], "replayed": 1, "parted": []}));
    }
}

#[test]
fn a_level_that_was_changed_is_found_with_both_values() {
    let folder = kept("verify-forged", &[]);
    forge(&folder, |pvm, report| {
        pvm.durable_mut().set("/toru/forged", &[0xfe; 40]).unwrap();
        report.runs[0].instructions = report.runs[0].instructions.map(|count| count + 1);
    });
    // That it goes together does not say that it is right.
    folder.played(&["state", "verify", "s"]);
    folder.played(&["state", "verify", "s", "--replay", "0..2"]);
    let output = folder.toru(&["state", "verify", "s", "--replay", "0..3"]);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let (told, error) = (String::from_utf8(output.stdout).unwrap(), output.stderr);
    let lines: Vec<&str> = told.lines().collect();
    assert_eq!(lines[1], "level 3:", "{told}");
    assert!(lines[2].starts_with("  instructions: "), "{told}");
    let shown = "fe".repeat(32);
    assert_eq!(lines[3], format!("  /toru/forged: {shown}… (40 bytes) kept, nothing found"));
    assert!(lines[4].starts_with("  state hash: "), "{told}");
    assert_eq!(lines.len(), 5, "{told}");
    assert_eq!(
        String::from_utf8(error).unwrap(),
        "error: level 3 does not come to what is kept of it\n"
    );

    let output = folder.toru(&["state", "verify", "s", "--replay", "3", "--json"]);
    assert_eq!(output.status.code(), Some(1));
    let told = parsed(&output);
    let differences = &told["parted"][0]["differences"];
    assert_eq!(told["parted"][0]["level"], 3);
    assert_eq!(differences[0]["what"], "instructions");
    let value = &differences[1];
    assert_eq!((&value["path"], &value["part"]), (&json!("/toru/forged"), &json!(0)));
    assert_eq!(value["kept"], "fe".repeat(40));
    assert!(value["found"].is_null(), "{value}");
}

#[test]
fn an_outbox_that_was_changed_is_not_that_of_the_hash() {
    let folder = kept("verify-outbox", &[]);
    forge(&folder, |_, report| report.outbox.push(vec![0xab]));
    let refused = folder.refused(&["state", "verify", "s"]);
    assert!(refused.contains("the state after level 3 has another hash"), "{refused}");
}

#[test]
fn levels_that_are_not_kept_are_refused() {
    let folder = kept("verify-range", &[]);
    for levels in ["3", "-1..2", "0..3"] {
        let option = format!("--replay={levels}");
        assert_eq!(
            folder.refused(&["state", "verify", "s", &option]).lines().last().unwrap(),
            "hint: toru state show says what there is",
            "{levels}"
        );
    }
    for levels in ["", "2..1", "x", "1...2"] {
        let option = format!("--replay={levels}");
        let refused = folder.refused(&["state", "verify", "s", &option]);
        assert!(refused.contains("--replay"), "{levels}: {refused}");
    }
}

#[test]
fn what_revealed_a_preimage_needs_it_again() {
    let folder = Folder::new("verify-preimages");
    let page = [b"\0\0\0\0\x05".as_slice(), b"hello"].concat();
    let hash = pvm::preimage_hash(&page);
    let data: String = hash.iter().map(|byte| format!("\\{byte:02x}")).collect();
    let kernel = format!(
        r#"(module (import "smart_rollup_core" "reveal_preimage"
              (func $reveal (param i32 i32 i32 i32) (result i32)))
            (memory (export "m") 1) (data (i32.const 0) "{data}")
            (func (export "kernel_run")
              (drop (call $reveal (i32.const 0) (i32.const 33) (i32.const 100) (i32.const 99)))))"#
    );
    folder.file("k.wat", kernel);
    std::fs::create_dir(folder.0.join("pages")).unwrap();
    std::fs::write(folder.0.join("pages").join(hex::encode(hash)), &page).unwrap();
    let pages = ["--preimages", "pages"];
    folder.played(&[&["run", "k.wat", "--state", "s"], &pages[..]].concat());
    let verify = ["state", "verify", "s", "--replay", "0"];
    let refused = folder.refused(&verify);
    assert!(
        refused.ends_with("hint: --preimages DIR names the folder to look into\n"),
        "{refused}"
    );
    folder.played(&[&verify[..], &pages].concat());
}
