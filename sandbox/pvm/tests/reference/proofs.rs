//! Output proofs: those that the reference makes are made byte for byte, and what it refuses is refused.

use super::chains::states;
use super::{bytes, hash, number, text, vectors};
use pvm::proof::{Refused, VerifyError, verify, verify_message};
use pvm::{Durable, MachineState, Pvm, Registers, Snapshot, Status};
use serde_json::Value;
use std::collections::HashMap;

const PROOFS: &[u8] = include_bytes!("proofs.jsonl.gz");

/// A state from its facts.
fn state_of(facts: &Value) -> Snapshot {
    let mut durable = Durable::default();
    for (path, value) in facts["durable"].as_object().unwrap() {
        durable.set(path, &bytes(value, "value")).unwrap();
    }
    let outboxes: Vec<(i32, Vec<Vec<u8>>)> = match facts.get("outbox_rule") {
        None => {
            let all = facts["outboxes"].as_object().unwrap().iter();
            let decode = |message: &Value| hex::decode(message.as_str().unwrap()).unwrap();
            all.map(|(level, messages)| {
                let messages = messages.as_array().unwrap().iter().map(decode).collect();
                (level.parse().unwrap(), messages)
            })
            .collect()
        }
        // The file says it in words.
        Some(rule) => {
            let first: i32 = number(rule, "first");
            let message = |i: i32| if i % 2 == 1 { vec![format!("m{i}").into()] } else { vec![] };
            (0..number(rule, "count")).map(|i| (first + i, message(i))).collect()
        }
    };
    let newest = outboxes.iter().map(|(level, _)| *level).max();
    let input = facts["last_input"].as_array().unwrap();
    let registers = Registers {
        tick: text(facts, "current_tick").parse().unwrap(),
        ticks_per_run: text(facts, "max_nb_ticks").parse().unwrap(),
        origin_validity: number(facts, "origin_validity_period"),
        validity: number(facts, "validity_period"),
        last_input: Some((
            input[0].as_i64().unwrap().try_into().unwrap(),
            input[1].as_u64().unwrap(),
        )),
    };
    assert_eq!(newest, Some(number(facts, "last_level")));
    let machine = MachineState::from_parts(registers, outboxes).unwrap();
    Snapshot::new(durable, None, 0, Status::Running).with_machine(Some(machine))
}

/// All states that proofs are made in, by name, and by chain and level.
fn all_states(proofs: &[Value]) -> HashMap<String, Snapshot> {
    let mut out = HashMap::new();
    for one in proofs.iter().filter(|one| one["kind"] == "state") {
        let state = state_of(&one["facts"]);
        assert_eq!(state.state_hash(), Ok(hash(one, "state_hash")), "{}", text(one, "name"));
        out.insert(text(one, "name").to_owned(), state);
    }
    states(|chain, pvm: &Pvm, level| {
        out.insert(format!("{chain}@{}", level["level"]), pvm.snapshot());
    });
    out
}

fn name(one: &Value) -> String {
    match one.get("state") {
        Some(state) => state.as_str().unwrap().to_owned(),
        None => format!("{}@{}", text(one, "chain"), one["after_level"]),
    }
}

#[test]
fn proofs_are_those_of_the_reference_byte_for_byte() {
    let all = vectors(PROOFS);
    let states = all_states(&all);
    let mut count = 0;
    for one in all.iter().filter(|one| one["kind"] == "proof") {
        let (level, index) = (number(one, "outbox_level"), number(one, "message_index"));
        let name = name(one);
        let state = hash(one, "state_hash");
        let made = states[&name].prove_output(level, index);
        let made = made.unwrap_or_else(|error| panic!("{name} {level} {index}: {error}"));
        assert_eq!(hex::encode(&made.proof), text(one, "proof"), "{name} {level} {index}");
        assert_eq!(made.message, bytes(one, "output"));
        assert_eq!(verify_message(&made.proof, &state, level, index), Ok(made.message.clone()));
        let output = verify(&made.encode(), &state).unwrap();
        assert_eq!((output.level, output.index), (level, index));
        assert_eq!(output.message, made.message);
        count += 1;
    }
    assert_eq!(count, 75);
}

#[test]
fn where_there_is_no_message_there_is_no_proof() {
    let all = vectors(PROOFS);
    let states = all_states(&all);
    let mut count = 0;
    for one in all.iter().filter(|one| one["kind"] == "no_message") {
        let (level, index) = (number(one, "outbox_level"), number(one, "message_index"));
        assert!(states[&name(one)].prove_output(level, index).is_err());
        // What the reference makes then has the right hash, and shows no message.
        let state = hash(one, "state_hash");
        let refused = verify_message(&bytes(one, "proof"), &state, level, index);
        assert!(
            matches!(
                refused,
                Err(VerifyError::Refused(
                    Refused::OtherLevel { .. }
                        | Refused::NoMessage { .. }
                        | Refused::Missing { .. }
                ))
            ),
            "{refused:?}"
        );
        count += 1;
    }
    assert_eq!(count, 10);
}

/// The state that a proof says it is about.
fn claimed(proof: &[u8]) -> [u8; 32] {
    proof.get(3..35).and_then(|hash| hash.try_into().ok()).unwrap_or_default()
}

#[test]
fn nothing_is_accepted_that_the_reference_refuses() {
    let mut counts = [0, 0];
    for one in vectors(PROOFS) {
        let kind = text(&one, "kind");
        if !["negative", "malleable", "negative_free"].contains(&kind) {
            continue;
        }
        let (level, index) = (number(&one, "outbox_level"), number(&one, "message_index"));
        let proof = bytes(&one, "proof");
        let ours = verify_message(&proof, &claimed(&proof), level, index);
        let theirs = text(&one, "reference_verify") == "ok";
        assert!(theirs || ours.is_err(), "{kind} of {}: {}", one["base"], one["what"]);
        // Honest nodes make none of the others, and only what shows more than it has to is taken.
        let is_taken = kind == "negative_free";
        assert_eq!(ours.is_ok(), is_taken, "{kind} of {}: {}", one["base"], one["what"]);
        counts[usize::from(theirs)] += 1;
    }
    assert_eq!(counts, [205, 51]);
}

#[test]
fn a_proof_with_a_byte_changed_is_refused() {
    let mut count = 0;
    for one in vectors(PROOFS).iter().filter(|one| one["kind"] == "flips") {
        let (level, index) = (number(one, "outbox_level"), number(one, "message_index"));
        let proof = bytes(one, "proof");
        let state = claimed(&proof);
        assert!(verify_message(&proof, &state, level, index).is_ok());
        let masks = bytes(one, "masks");
        assert_eq!(masks.len(), text(one, "reference").len());
        for (at, mask) in masks.into_iter().enumerate() {
            let mut changed = proof.clone();
            changed[at] ^= mask;
            for state in [state, claimed(&changed)] {
                assert!(verify_message(&changed, &state, level, index).is_err(), "byte {at}");
            }
            count += 1;
        }
    }
    assert!(count > 5_000, "{count}");
}

#[test]
fn a_proof_that_is_cut_or_goes_on_is_refused() {
    for one in vectors(PROOFS).iter().filter(|one| one["kind"] == "proof").step_by(9) {
        let (level, index) = (number(one, "outbox_level"), number(one, "message_index"));
        let (mut proof, state) = (bytes(one, "proof"), hash(one, "state_hash"));
        for cut in 0..proof.len() {
            assert!(verify_message(&proof[..cut], &state, level, index).is_err());
        }
        for (other_level, other_index) in
            [(level + 1, index), (level - 1, index), (level, index + 1)]
        {
            assert!(verify_message(&proof, &state, other_level, other_index).is_err());
        }
        assert!(verify_message(&proof, &[7; 32], level, index).is_err());
        proof.push(0);
        assert!(verify_message(&proof, &state, level, index).is_err());
    }
}
