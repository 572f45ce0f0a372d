//! Targets for proofs of outbox messages, which anybody may send to layer 1.

use pvm::proof::{Refused, VerifyError, verify};
use pvm::{Durable, MachineState, Registers, Snapshot, Status};

/// Where a proof has the hash of the state, twice.
const STATES: [std::ops::Range<usize>; 2] = [3..35, 35..67];

/// `pvm::proof::verify`: a proof with its message. What has another hash than it says is checked once more as
/// one that says the hash it has: so whatever comes after the comparison of hashes is reached, too.
pub fn output_proof(data: &[u8]) -> String {
    let state = |data: &[u8]| {
        let [claimed, _] = STATES;
        data.get(claimed).and_then(|hash| hash.try_into().ok()).unwrap_or_default()
    };
    let mut data = data.to_vec();
    let mut checked = verify(&data, &state(&data));
    if let Err(VerifyError::Refused(Refused::OtherHash { found })) = &checked {
        let found = *found;
        for place in STATES {
            data[place].copy_from_slice(&found);
        }
        checked = verify(&data, &found);
        let is_other = matches!(checked, Err(VerifyError::Refused(Refused::OtherHash { .. })));
        assert!(!is_other, "the hash depends on what is claimed");
    }
    match checked {
        Ok(output) => {
            assert!(data.ends_with(&output.message));
            // No other state, no shorter message, nothing behind it.
            assert!(verify(&data, &[7; 32]).is_err());
            assert!(verify(&[&data[..], &[0]].concat(), &state(&data)).is_err());
            if let Some((_, shorter)) = data.split_last() {
                assert!(verify(shorter, &state(&data)).is_err());
            }
            "good".to_owned()
        }
        Err(error) => {
            let text = error.to_string();
            assert!(!text.is_empty() && !text.contains('\n'));
            text.chars().filter(|c| !c.is_ascii_digit()).take(60).collect()
        }
    }
}

/// Proofs in states with few outboxes and with many, of equal messages and of others.
pub(crate) fn seeds() -> Vec<Vec<u8>> {
    let registers = Registers {
        tick: 0,
        ticks_per_run: 1,
        origin_validity: 80_640,
        validity: 80_640,
        last_input: None,
    };
    let mut seeds = Vec::new();
    for count in [1_u8, 3, 200] {
        let outboxes = (0..count).map(|level| {
            let messages = (0..level % 5).map(|index| vec![index / 2; 5 * usize::from(index / 2)]);
            (i32::from(level), messages.collect())
        });
        let machine = MachineState::from_parts(registers, outboxes).unwrap();
        let mut durable = Durable::default();
        durable.set("/a", b"a").unwrap();
        let state = Snapshot::new(durable, None, 0, Status::Running).with_machine(Some(machine));
        for level in 0..count {
            for index in 0..u64::from(level % 5) {
                if level < 5 || level % 50 == 4 {
                    seeds.push(state.prove_output(i32::from(level), index).unwrap().encode());
                }
            }
        }
    }
    seeds
}
