//! Chains of levels: the hash after each, over all versions and migrations.

use super::{bytes, hash, number, text, vectors};
use pvm::{Config, InfoPerLevel, LevelInbox, Pvm, UnknownHash};
use serde_json::Value;

const CHAINS: &[u8] = include_bytes!("chains.jsonl.gz");

/// The rollup of an origination, whose next level is the first that follows in the file.
fn originate(origination: &Value, first_level: i32) -> Pvm {
    let config = Config {
        version: text(origination, "version").parse().unwrap(),
        outbox_validity: Some(number(origination, "outbox_validity_period")),
        first_level,
        ..Config::default()
    };
    assert_eq!(text(origination, "ticks_per_run"), config.version.ticks_per_call().to_string());
    let initial = Pvm::initial_state_hash(config.version);
    assert_eq!(initial, hash(origination, "initial_state_hash_hex"));
    Pvm::originate_unchecked(&bytes(origination, "kernel"), config)
}

/// Plays the inbox of a level, which is whole in the file.
fn play(pvm: &mut Pvm, level: &Value) {
    let inbox = level["inbox"].as_array().unwrap();
    let inbox: Vec<Vec<u8>> =
        inbox.iter().map(|message| hex::decode(message.as_str().unwrap()).unwrap()).collect();
    let [start, info, messages @ .., end] = inbox.as_slice() else { panic!("an inbox") };
    assert_eq!([start.as_slice(), end.as_slice()], [&[0, 1], &[0, 2]]);
    let (time, predecessor) = info.strip_prefix(&[0, 3]).unwrap().split_at(8);
    pvm.set_info_per_level(InfoPerLevel {
        predecessor_timestamp: i64::from_be_bytes(time.try_into().unwrap()),
        predecessor: predecessor.try_into().unwrap(),
    });
    // A migration among the messages is one, too.
    pvm.run_inbox(&LevelInbox { messages, ..LevelInbox::default() }).unwrap();
}

/// The state after every level of every chain, with its name and what the reference says of it.
pub(super) fn states(mut each: impl FnMut(&str, &Pvm, &Value)) {
    let all = vectors(CHAINS);
    let mut pvm: Option<Pvm> = None;
    let mut following = all.iter().skip(1);
    for one in &all {
        let next = following.next();
        match text(one, "kind") {
            "origination" => {
                let first = next.map_or(0, |level| number(level, "level"));
                pvm = Some(originate(one, first));
            }
            "level" => play(pvm.as_mut().unwrap(), one),
            other => panic!("a line of a kind {other}"),
        }
        each(text(one, "chain"), pvm.as_ref().unwrap(), one);
    }
}

#[test]
fn states_have_the_hashes_of_the_reference() {
    let mut wrong = Vec::new();
    let mut counts = [0, 0];
    states(|chain, pvm, expected| {
        let is_stuck = expected["status"] == "stuck";
        counts[usize::from(is_stuck)] += 1;
        let found = pvm.state_hash();
        let good = match is_stuck {
            true => found == Err(UnknownHash::Stuck),
            false => found == Ok(hash(expected, "state_hash_hex")),
        };
        let ticks = pvm.tick().map(|tick| tick.to_string());
        let same_ticks = is_stuck
            || expected["kind"] == "origination"
            || ticks.as_deref() == Some(text(expected, "tick"));
        if !good || !same_ticks {
            wrong.push(format!("{chain} {}: {}", expected["level"], differences(pvm, expected)));
        }
    });
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(counts, [95, 11]);
}

/// What of the storage differs, to tell where to look.
fn differences(pvm: &Pvm, expected: &Value) -> String {
    let storage = expected["facts"]["durable"].as_object().unwrap();
    let mut out = Vec::new();
    for (path, value) in storage {
        let found = pvm.durable().get(path);
        if found.as_ref().map(Vec::len) != value["length"].as_u64().map(|n| n.try_into().unwrap()) {
            out.push(format!("{path} has another length"));
        } else if let Some(bytes) = value["value"].as_str()
            && found.map(hex::encode).as_deref() != Some(bytes)
        {
            out.push(format!("{path} differs"));
        }
    }
    let more = pvm.durable().iter_values().filter(|(path, _)| !storage.contains_key(path));
    out.extend(more.map(|(path, _)| format!("{path} should not be there")));
    out.push(format!("status {:?}, hash {:?}", pvm.status(), pvm.state_hash().map(hex::encode)));
    out.push(format!("tick {:?}", pvm.tick()));
    out.join("; ")
}
