//! Commitments and their hashes.

use super::level::bytes;
use crate::difference::Differences;
use crate::kind::{Kind, Verdict};
use layer1::hashes;
use pvm::Commitment as Published;
use serde::Deserialize;
use serde_json::Value;

/// Commitments.
pub struct Commitment;

/// A commitment as the file has it. Hashes are texts, bytes are hex.
#[derive(Deserialize)]
struct Vector {
    compressed_state: String,
    inbox_level: i32,
    predecessor: String,
    number_of_ticks: String,
    encoded: String,
    hash: String,
}

impl Kind for Commitment {
    fn name(&self) -> &'static str {
        "commitments"
    }

    fn takes(&self, vector: &Value) -> bool {
        ["compressed_state", "predecessor"].iter().all(|member| vector.get(member).is_some())
    }

    fn play(&mut self, vector: &Value) -> Result<Verdict, String> {
        let vector = Vector::deserialize(vector).map_err(|error| error.to_string())?;
        let state = hashes::STATE.read(&vector.compressed_state).ok_or("no hash of a state")?;
        let predecessor =
            hashes::COMMITMENT.read(&vector.predecessor).ok_or("no hash of a commitment")?;
        let ticks = vector.number_of_ticks.parse().map_err(|_| "no number of ticks")?;
        let inbox_level = vector.inbox_level;
        let commitment = Published { state, inbox_level, predecessor, ticks };
        let mut differences = Differences::default();
        differences.compare("its bytes", &vector.encoded, &hex::encode(commitment.encode()));
        let hash = hashes::COMMITMENT.text(&commitment.hash());
        differences.compare("its hash", &vector.hash, &hash);
        if let Ok(encoded) = bytes(&vector.encoded)?.as_slice().try_into() {
            let decoded = hashes::COMMITMENT.text(&Published::decode(encoded).hash());
            differences.compare("the hash of its bytes", &vector.hash, &decoded);
        }
        Ok(Verdict { name: vector.hash, differences, unchecked: Vec::new() })
    }
}
