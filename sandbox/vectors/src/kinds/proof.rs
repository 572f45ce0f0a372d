//! Output proofs: canonical ones, changed ones, and those that there are not.

use super::level::bytes;
use super::state::{States, hash};
use crate::difference::Differences;
use crate::kind::{Kind, Verdict, is_called};
use pvm::proof::{verify, verify_message};
use serde::Deserialize;
use serde_json::Value;

/// What the reference says of a proof that it accepts.
const ACCEPTED: &str = "ok";

/// Where a proof has the hash of the state that it says it is about.
const CLAIM: std::ops::Range<usize> = 3..35;

/// Output proofs.
pub struct Proof {
    states: States,
}

impl Proof {
    /// Makes proofs in these states.
    #[must_use]
    pub fn new(states: States) -> Self {
        Self { states }
    }
}

/// A proof as the file has it. Bytes are hex.
#[derive(Deserialize)]
struct Vector {
    kind: String,
    outbox_level: i32,
    message_index: u64,
    proof: String,
    /// The hash of the state it is made in.
    state_hash: Option<String>,
    /// The message.
    output: Option<String>,
    /// What the reference says of it.
    reference_verify: Option<String>,
    /// What was changed in it.
    what: Option<String>,
    /// What each of its bytes is changed by, in turn, and what the reference says then, in a letter each.
    masks: Option<String>,
    reference: Option<String>,
}

impl Kind for Proof {
    fn name(&self) -> &'static str {
        "proofs"
    }

    fn takes(&self, vector: &Value) -> bool {
        ["proof", "no_message", "negative", "negative_free", "malleable", "flips"]
            .into_iter()
            .any(|kind| is_called(vector, kind))
    }

    fn play(&mut self, vector: &Value) -> Result<Verdict, String> {
        let vector = Vector::deserialize(vector).map_err(|error| error.to_string())?;
        let proof = bytes(&vector.proof)?;
        let mut verdict = Verdict { name: vector.name(), ..Verdict::default() };
        match vector.kind.as_str() {
            "proof" => self.canonical(&vector, &proof, &mut verdict)?,
            "no_message" => self.no_message(&vector, &proof, &mut verdict)?,
            "flips" => flips(&vector, &proof, &mut verdict.differences)?,
            kind => {
                let theirs =
                    vector.reference_verify.as_deref().ok_or("the reference says nothing")?;
                let ours = verify_message(
                    &proof,
                    &claimed(&proof),
                    vector.outbox_level,
                    vector.message_index,
                );
                // To take fewer of those that no honest node makes is no fault.
                let must_be_taken = kind == "negative_free";
                if ours.is_ok() && theirs != ACCEPTED {
                    verdict.differences.add("the verdict", theirs, "accepted");
                } else if let (Err(refused), true) = (ours, must_be_taken) {
                    verdict.differences.add("the verdict", theirs, refused);
                }
            }
        }
        Ok(verdict)
    }
}

impl Proof {
    /// It is made byte for byte, and accepted.
    fn canonical(
        &self,
        vector: &Vector,
        proof: &[u8],
        verdict: &mut Verdict,
    ) -> Result<(), String> {
        let (level, index) = (vector.outbox_level, vector.message_index);
        let state = hash(vector.state_hash.as_ref().ok_or("it has no state")?)?;
        let output = vector.output.as_ref().ok_or("it has no message")?;
        let differences = &mut verdict.differences;
        match verify_message(proof, &state, level, index) {
            Ok(message) => differences.compare("the message", output, &hex::encode(message)),
            Err(refused) => differences.add("the verdict", ACCEPTED, refused),
        }
        let Some(state_of) = self.states.of(&state) else {
            let why = "its making: no vector before it has its state";
            verdict.unchecked.push(why.to_owned());
            return Ok(());
        };
        match state_of.prove_output(level, index) {
            Ok(made) => {
                differences.compare("the proof", &vector.proof, &hex::encode(&made.proof));
                if let Err(refused) = verify(&made.encode(), &state) {
                    differences.add("the verdict on the whole field", ACCEPTED, refused);
                }
            }
            Err(error) => differences.add("the proof", &vector.proof, error),
        }
        Ok(())
    }

    /// There is none, and what the reference makes then is not accepted.
    fn no_message(
        &self,
        vector: &Vector,
        proof: &[u8],
        verdict: &mut Verdict,
    ) -> Result<(), String> {
        let (level, index) = (vector.outbox_level, vector.message_index);
        let state = hash(vector.state_hash.as_ref().ok_or("it has no state")?)?;
        if verify_message(proof, &state, level, index).is_ok() {
            verdict.differences.add("the verdict", "no message", "accepted");
        }
        match self.states.of(&state).map(|state| state.prove_output(level, index)) {
            Some(Ok(_)) => verdict.differences.add("the proof", "none", "one was made"),
            Some(Err(_)) => {}
            None => {
                let why = "that none is made: no vector before it has its state";
                verdict.unchecked.push(why.to_owned());
            }
        }
        Ok(())
    }
}

/// Every byte is changed in turn. What the reference does not accept must not be accepted.
fn flips(vector: &Vector, proof: &[u8], differences: &mut Differences) -> Result<(), String> {
    let masks = bytes(vector.masks.as_ref().ok_or("it has no masks")?)?;
    let letters = vector.reference.as_ref().ok_or("the reference says nothing")?.as_bytes();
    if masks.len() != letters.len() || masks.len() > proof.len() {
        return Err("masks and letters are not as many as bytes".to_owned());
    }
    let (level, index) = (vector.outbox_level, vector.message_index);
    for (at, (mask, letter)) in masks.iter().zip(letters).enumerate() {
        let mut changed = proof.to_vec();
        if let Some(byte) = changed.get_mut(at) {
            *byte ^= mask;
        }
        for state in [claimed(proof), claimed(&changed)] {
            if *letter != b'A' && verify_message(&changed, &state, level, index).is_ok() {
                let what = format!("the verdict with byte {at} changed");
                differences.add(what, "refused", "accepted");
            }
        }
    }
    Ok(())
}

/// The state that a proof says it is about.
pub(super) fn claimed(proof: &[u8]) -> [u8; 32] {
    proof.get(CLAIM).and_then(|hash| hash.try_into().ok()).unwrap_or_default()
}

impl Vector {
    fn name(&self) -> String {
        let Self { kind, outbox_level, message_index, what, .. } = self;
        let what = what.as_ref().map(|what| format!(": {what}")).unwrap_or_default();
        format!("{kind} of message {message_index} of level {outbox_level}{what}")
    }
}
