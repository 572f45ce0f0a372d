//! `toru pvm vectors`: what it says of files that are equal, different, malformed, of kinds nobody knows.

use std::fs;
use std::path::{Path, PathBuf};

use crate::common::Folder;
use serde_json::Value;

fn reference(file: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../sandbox/pvm/tests/reference");
    folder.join(file)
}

/// The first level of the reference that has this name, as a line.
fn level(id: &str) -> Value {
    let vectors = vectors::read(&fs::read(reference("levels.jsonl.gz")).unwrap()).unwrap();
    vectors.into_iter().map(|(_, vector)| vector).find(|vector| vector["id"] == id).unwrap()
}

#[test]
fn equal_vectors_are_counted() {
    let folder = Folder::new("vectors-equal");
    folder.file("levels.gz", fs::read(reference("levels.jsonl.gz")).unwrap());
    let text = folder.played(&["pvm", "vectors", "levels.gz"]);
    let (first, rest) = text.split_once('\n').unwrap();
    assert_eq!(first, "ok      levels.gz: 160 of 160 levels equal");
    assert!(
        rest.contains("  not checked in 27 of them: the hash of the state: the PVM is stuck"),
        "{rest}"
    );
    folder.file("about.jsonl", "{\"about\": \"nothing\"}\n");
    let output = folder.toru(&["pvm", "vectors", "levels.gz", "about.jsonl", "--json"]);
    assert_eq!(output.status.code(), Some(0));
    let told: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&told["vectors"], &told["equal"]), (&160.into(), &160.into()));
    assert_eq!(told["files"][1]["vectors"], 0);
}

#[test]
fn what_differs_is_shown_and_the_exit_code_is_3() {
    let mut vector = level("output.a_level_has_a_hundred_outbox_messages");
    let good = vector.to_string();
    vector["expected"]["outbox"][7] = "ff".into();
    vector["expected"]["tick"] = "1".into();
    vector["expected"]["runs"][0]["eval"] = 1_000.into();
    let folder = Folder::new("vectors-different");
    let lines = [
        good,
        vector.to_string(),
        "{\"kind\": \"letter\"}".into(),
        "{\"kind\":\"level\",\"chain\":\"x\"}".into(),
    ];
    folder.file("v.jsonl", lines.join("\n"));
    let output = folder.toru(&["pvm", "vectors", "v.jsonl"]);
    assert_eq!(output.status.code(), Some(3), "{output:?}");
    let text = String::from_utf8(output.stdout).unwrap();
    let expected = [
        "DIFFERS v.jsonl: 0 of 1 chains equal, 1 of 2 levels equal, 1 of no known kind\n",
        "  line 2: output.a_level_has_a_hundred_outbox_messages in 2.0.0-r2\n",
        "    ticks to eval in run 0: 1000 in the reference, 78869 here\n",
        "    message 7 of the outbox: ff in the reference, 6d here\n",
        "    the tick at the end: 1 in the reference, 22000000000 here\n",
        "  line 3: no known kind of vector: kind \"letter\"\n",
        "  line 4: malformed vector of chains: missing field `level`\n",
    ];
    assert_eq!(text, expected.concat());
    let error = String::from_utf8(output.stderr).unwrap();
    assert_eq!(error, "error: 3 of 4 vectors are not equal\n");
    let output = folder.toru(&["pvm", "vectors", "v.jsonl", "--json"]);
    let line = output.stdout.split(|byte| *byte == b'\n').next().unwrap();
    let told: Value = serde_json::from_slice(line).unwrap();
    assert_eq!(told["files"][0]["told"][0]["differences"][1]["found"], "6d");
}

#[test]
fn a_file_that_cannot_be_read_is_refused_before_any_is_played() {
    let folder = Folder::new("vectors-refused");
    folder.file("good.jsonl", level("versions.the_kernel_reads_its_version").to_string());
    folder.file("bad.jsonl", "{}\n{");
    folder.file("cut.gz", &fs::read(reference("levels.jsonl.gz")).unwrap()[..1_000]);
    for (file, problem) in [
        ("bad.jsonl", "line 2 is no JSON object"),
        ("cut.gz", "cannot be unpacked"),
        ("none.gz", "none.gz"),
    ] {
        let output = folder.toru(&["pvm", "vectors", "good.jsonl", file]);
        assert_eq!(output.status.code(), Some(2), "{file}");
        assert!(output.stdout.is_empty(), "{file}: {output:?}");
        let error = String::from_utf8(output.stderr).unwrap();
        assert!(error.contains(problem), "{file}: {error}");
    }
}
