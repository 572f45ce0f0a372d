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

/// A proof of the reference, as a public operation would have it.
fn public(change: impl Fn(&mut serde_json::Map<String, serde_json::Value>)) -> PlayResult {
    let all = read(&std::fs::read(folder().join("proofs.jsonl.gz")).unwrap()).unwrap();
    let (_, proof) = all.iter().find(|(_, vector)| vector["kind"] == "proof").unwrap();
    let text = |name: &str| proof[name].as_str().unwrap();
    let (level, index) = (proof["outbox_level"].as_i64(), proof["message_index"].as_u64());
    let (level, index) = (i32::try_from(level.unwrap()).unwrap(), index.unwrap());
    // An index below 64 is a byte.
    let rest = format!("{level:08x}{index:02x}{}", text("output"));
    let mut vector = serde_json::json!({
        "kind": "real", "outbox_level": level, "message_index": index, "proof": text("proof"),
        "output": text("output"), "field": format!("{}{rest}", text("proof")),
        "mumbai": format!("{}{}{rest}", text("proof"), text("state_hash")),
    });
    change(vector.as_object_mut().unwrap());
    let line = vector.to_string();
    let mut report = play(&read(line.as_bytes()).unwrap(), &mut kinds::all());
    report.told.pop().map_or(PlayResult::Verdict(vectors::Verdict::default()), |(_, told)| told)
}

#[test]
fn proofs_of_public_operations() {
    let is_equal = |told: &PlayResult| matches!(told, PlayResult::Verdict(one) if one.differences.is_empty() && one.unchecked.is_empty());
    for removed in ["mumbai", "field", "outbox_level", "message_index"] {
        let told = public(|vector| drop(vector.remove(removed)));
        assert!(is_equal(&told), "{removed}: {told:?}");
    }
    for (name, value) in [
        ("message_index", serde_json::json!(63)),
        ("outbox_level", serde_json::json!(1)),
        ("output", serde_json::json!("00")),
        ("state_hash", serde_json::json!("00".repeat(32))),
    ] {
        let told = public(|vector| drop(vector.insert(name.to_owned(), value.clone())));
        assert!(!is_equal(&told), "{name}: {told:?}");
    }
    // A field with something behind it is not what the operation had.
    let told = public(|vector| {
        vector.remove("mumbai");
        let longer = format!("{}00", vector["field"].as_str().unwrap());
        vector.insert("field".to_owned(), longer.into());
    });
    assert!(!is_equal(&told), "{told:?}");
}
