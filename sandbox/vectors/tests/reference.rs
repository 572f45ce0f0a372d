//! The vectors of the reference that are kept here: the embedded PVM is equal in all of them.

use std::path::Path;
use vectors::{Played, kinds, play, read};

#[track_caller]
fn all_equal(file: &str, least: usize) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/reference").join(file);
    let vectors = read(&std::fs::read(path).unwrap()).unwrap();
    let report = play(&vectors, &mut kinds::all());
    for (line, played) in &report.told {
        match played {
            Played::Verdict(verdict) => {
                eprintln!("{file}:{line} {}", verdict.name);
                verdict.differences.iter().for_each(|one| eprintln!("    {one}"));
            }
            other => eprintln!("{file}:{line} {other:?}"),
        }
    }
    assert!(report.all() >= least, "{} vectors in {file}", report.all());
    assert_eq!(report.equal(), report.all(), "{file}");
}

#[test]
fn levels() {
    all_equal("levels.jsonl.gz", 160);
}

#[test]
fn chains() {
    all_equal("chains.jsonl.gz", 106);
}
