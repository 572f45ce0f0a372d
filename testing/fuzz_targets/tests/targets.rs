//! Every fuzz target, over its committed corpus and a fixed number of mutations of it.
//!
//! For longer: `cargo xtask fuzz SECONDS TARGET…`, guided by coverage.

#![expect(clippy::unwrap_used, reason = "a test stops where it goes wrong")]

use std::collections::BTreeSet;
use std::fs;

use fuzz_targets::{Engine, TARGETS, target};

/// Replays the corpus of a target, then mutates it. At least this many classes of outcome must
/// come up, or the target does not look where it should.
fn fuzz(name: &str, mutations: u64, least_classes: usize) {
    let mut engine = Engine::new(name, target(name).unwrap(), 7).unwrap();
    let corpus = engine.replay();
    engine.run(mutations);
    let classes = engine.stats.classes.len();
    println!("{name}: {corpus} of the corpus, {mutations} mutated, {classes} classes of outcome");
    assert!(classes >= least_classes, "{name}: {:?}", engine.stats.classes);
}

#[test]
fn decoders() {
    for (name, least_classes) in [
        ("envelope", 9),
        ("deposit", 15),
        ("v1", 18),
        ("v2", 25),
        ("own", 15),
        ("ticket", 3),
        ("outbox", 15),
        ("int", 20),
        ("request", 20),
        ("reclaim", 20),
        ("order", 5),
        ("page", 4),
        ("decoders", 100),
    ] {
        fuzz(name, 300_000, least_classes);
    }
}

#[test]
fn files_and_texts_that_people_give() {
    for name in [
        "micheline",
        "michelson",
        "calls",
        "transaction",
        "signature_collection",
        "keyfile",
        "receipt",
        "names",
        "amount",
        "inputs",
        "setup",
    ] {
        fuzz(name, 20_000, 2);
    }
    fuzz("scenario", 1_000, 2);
}

#[test]
fn proofs_of_outbox_messages() {
    fuzz("output_proof", 200_000, 40);
}

#[test]
fn a_level_of_arbitrary_messages() {
    fuzz("level", 8_000, 40);
}

#[test]
fn a_level_on_a_failing_host() {
    fuzz("failing", 8_000, 100);
}

#[test]
fn a_level_with_a_trap() {
    fuzz("trapping", 8_000, 80);
}

#[test]
fn every_target_has_a_corpus_and_every_corpus_a_target() {
    let corpora = fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/corpus")).unwrap();
    let corpora = corpora.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    // That of all decoders has the inputs of each.
    let targets = TARGETS.iter().map(|(name, _)| *name).filter(|name| *name != "decoders");
    assert_eq!(corpora.collect::<BTreeSet<_>>(), targets.map(str::to_owned).collect());
}
