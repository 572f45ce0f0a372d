//! Output proofs of operations that somebody made on a public network.
//!
//! Such a vector has the `kind` `real`, the `proof`, what it is of, and under any name the whole field of the
//! operation: the proof, the level, the index and the message, one after another. In the first protocols with
//! rollups, Mumbai and Nairobi, the hash of the state stands behind the proof.

use super::level::bytes;
use super::proof::claimed;
use super::state::hash;
use crate::kind::{Kind, Verdict, is_called};
use pvm::proof::{OutputProof, verify, verify_message};
use serde::Deserialize;
use serde_json::{Map, Value};

/// Output proofs of public operations.
pub struct Public;

/// A proof as the file has it. Bytes are hex.
#[derive(Deserialize)]
struct Vector {
    outbox_level: Option<i32>,
    message_index: Option<u64>,
    proof: String,
    state_hash: Option<String>,
    output: Option<String>,
    #[serde(flatten)]
    others: Map<String, Value>,
}

impl Kind for Public {
    fn name(&self) -> &'static str {
        "proofs of public operations"
    }

    fn takes(&self, vector: &Value) -> bool {
        is_called(vector, "real")
    }

    fn play(&mut self, vector: &Value) -> Result<Verdict, String> {
        let vector = Vector::deserialize(vector).map_err(|error| error.to_string())?;
        let proof = bytes(&vector.proof)?;
        let state = match &vector.state_hash {
            Some(text) => hash(text)?,
            None => claimed(&proof),
        };
        let field = vector.field(&state)?;
        let told = field.as_deref().and_then(|field| verify(field, &state).ok());
        let level = vector.outbox_level.or(told.as_ref().map(|told| told.level));
        let index = vector.message_index.or(told.as_ref().map(|told| told.index));
        let (level, index) = level.zip(index).ok_or("it does not say which message it is of")?;
        let name = format!("public proof of message {index} of level {level}");
        let mut verdict = Verdict { name, ..Verdict::default() };
        let message = match verify_message(&proof, &state, level, index) {
            Ok(message) => message,
            Err(refused) => {
                verdict.differences.add("the verdict", "ok", refused);
                return Ok(verdict);
            }
        };
        match &vector.output {
            Some(output) => {
                verdict.differences.compare("the message", output, &hex::encode(&message));
            }
            None => verdict.unchecked.push("its message: the vector has none".to_owned()),
        }
        let Some(field) = field else {
            let why = "the whole field: the vector has no text that begins with the proof";
            verdict.unchecked.push(why.to_owned());
            return Ok(verdict);
        };
        let ours = OutputProof { proof, level, index, message }.encode();
        verdict.differences.compare("the whole field", &hex::encode(&field), &hex::encode(&ours));
        if let Err(refused) = verify(&field, &state) {
            verdict.differences.add("the verdict on the whole field", "ok", refused);
        }
        Ok(verdict)
    }
}

impl Vector {
    /// The whole field of the operation, without the hash of the state that older protocols have in it.
    fn field(&self, state: &[u8; 32]) -> Result<Option<Vec<u8>>, String> {
        let texts = self.others.values().filter_map(Value::as_str);
        let mut whole = texts.filter_map(|text| text.strip_prefix(&self.proof));
        let Some(rest) = whole.find(|rest| !rest.is_empty()) else { return Ok(None) };
        let rest = bytes(rest)?;
        let rest = rest.strip_prefix(state).unwrap_or(&rest);
        Ok(Some([bytes(&self.proof)?.as_slice(), rest].concat()))
    }
}
