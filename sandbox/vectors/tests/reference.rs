//! The vectors of the reference that are kept here: the embedded PVM is equal in all of them.

use std::path::{Path, PathBuf};
use vectors::{Kind, PlayResult, kinds, play, read};

/// Where the files are: beside the tests of the PVM, which look at parts of them on their own.
fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../pvm/tests/reference")
}

/// Plays a file, in which there are so many vectors, of which some have a part that cannot be checked.
#[track_caller]
fn all_equal(file: &str, kinds: &mut [Box<dyn Kind>], count: usize, unchecked: usize) {
    let vectors = read(&std::fs::read(folder().join(file)).unwrap()).unwrap();
    let report = play(&vectors, kinds);
    let mut told = 0;
    for (line, played) in &report.told {
        match played {
            PlayResult::Verdict(verdict) if verdict.differences.is_empty() => told += 1,
            other => eprintln!("{file}:{line} {other:#?}"),
        }
    }
    assert_eq!((report.equal(), report.all(), told), (count, count, unchecked), "{file}");
}

#[test]
fn levels() {
    // The hash of a state that is stuck for good is not known, nor that of one with ticks of its own.
    all_equal("levels.jsonl.gz", &mut kinds::all(), 160, 28);
}

#[test]
fn chains_and_the_proofs_in_their_states() {
    let mut kinds = kinds::all();
    // The hash of a state that is stuck for good is not known.
    all_equal("chains.jsonl.gz", &mut kinds, 106, 11);
    all_equal("proofs.jsonl.gz", &mut kinds, 366, 0);
}

#[test]
fn proofs_alone() {
    // Where the state is that of a chain, only the verdict can be checked.
    all_equal("proofs.jsonl.gz", &mut kinds::all(), 366, 25);
}

#[test]
fn commitments() {
    all_equal("commitments.jsonl.gz", &mut kinds::all(), 71, 0);
}
