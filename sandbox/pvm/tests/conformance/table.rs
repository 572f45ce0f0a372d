//! `docs/conformance.md` and the tests here name the same rules.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

fn folder() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The tests of this folder, as `file::test`, but for those of this file.
fn tests() -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for entry in fs::read_dir(folder().join("tests/conformance")).unwrap() {
        let path = entry.unwrap().path();
        let module = path.file_stem().unwrap().to_string_lossy().into_owned();
        let text = fs::read_to_string(&path).unwrap();
        let mut lines = text.lines();
        while lines.any(|line| line == "#[test]") {
            let line = lines.next().unwrap();
            let name = line.strip_prefix("fn ").and_then(|rest| rest.split_once('(')).unwrap().0;
            found.insert(format!("{module}::{name}"));
        }
    }
    found.retain(|name| !name.starts_with("table::"));
    found
}

/// The cells of all rows of all tables, without their headings.
fn rows() -> Vec<Vec<String>> {
    let text = fs::read_to_string(folder().join("../../docs/conformance.md")).unwrap();
    let lines = text.lines().filter_map(|line| line.strip_prefix("| ")?.strip_suffix(" |"));
    let rows = lines.map(|line| line.split(" | ").map(|cell| cell.trim().to_owned()).collect());
    rows.filter(|cells: &Vec<String>| cells[0] != "rule").collect()
}

#[test]
fn every_row_says_what_tests_it_or_why_nothing_does() {
    for row in rows() {
        assert_eq!(row.len(), 3, "{row:?}");
        assert!(row.iter().all(|cell| !cell.is_empty()), "{row:?}");
        assert!(row[2].starts_with('`') || row[2].starts_with("not tested: "), "{row:?}");
    }
}

#[test]
fn the_tests_of_the_table_are_those_there_are() {
    let cells = rows().into_iter().map(|row| row[2].clone());
    let quoted = |cell: String| -> Vec<String> {
        cell.split('`').skip(1).step_by(2).map(str::to_owned).collect()
    };
    let named: Vec<String> =
        cells.filter(|cell| !cell.starts_with("not tested")).flat_map(quoted).collect();
    let unique: BTreeSet<String> = named.iter().cloned().collect();
    let tests = tests();
    let missing: Vec<_> = unique.difference(&tests).collect();
    assert!(missing.is_empty(), "in the table, and nowhere else: {missing:?}");
    let unknown: Vec<_> = tests.difference(&unique).collect();
    assert!(unknown.is_empty(), "not in the table: {unknown:?}");
}
