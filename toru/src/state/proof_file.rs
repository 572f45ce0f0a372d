//! A proof of an outbox message in a file.

use std::fs;
use std::path::Path;

use layer1::hashes::{COMMITMENT, STATE};
use layer1::plain::one_line;
use serde::{Deserialize, Serialize};

use crate::error::Failure;

/// The longest file that is read, in bytes: twice the hex of the longest proof.
const MAX_FILE_BYTES: u64 = 4 * pvm::proof::MAX_OUTPUT_PROOF_BYTES as u64;

/// What `toru state prove --json` prints. Of what a rollup node's endpoint answers, `proof` and the hash of
/// the commitment are there.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct ProofFile {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) state_level: Option<i32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) state_hash: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) outbox_level: Option<i32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) message_index: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) message: Option<String>,
    /// Hex: the proof with level, index and message, as the operation has it.
    pub(super) proof: String,
    #[serde(default)]
    pub(super) commitment: Option<CommitmentField>,
}

/// A commitment, or its hash alone.
#[derive(Debug, Serialize, Deserialize)]
#[serde(untagged)]
pub(super) enum CommitmentField {
    Whole(Commitment),
    Hash(String),
}

/// A commitment and its hash.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Commitment {
    pub(super) hash: String,
    pub(super) compressed_state: String,
    pub(super) inbox_level: i32,
    pub(super) predecessor: String,
    pub(super) number_of_ticks: String,
}

impl From<pvm::Commitment> for Commitment {
    fn from(made: pvm::Commitment) -> Self {
        Self {
            hash: COMMITMENT.text(&made.hash()),
            compressed_state: STATE.text(&made.state),
            inbox_level: made.inbox_level,
            predecessor: COMMITMENT.text(&made.predecessor),
            number_of_ticks: made.ticks.to_string(),
        }
    }
}

impl Commitment {
    /// The commitment that the fields make, whatever hash is written beside them.
    pub(super) fn read(&self) -> Option<pvm::Commitment> {
        Some(pvm::Commitment {
            state: STATE.read(&self.compressed_state)?,
            inbox_level: self.inbox_level,
            predecessor: COMMITMENT.read(&self.predecessor)?,
            ticks: self.number_of_ticks.parse().ok()?,
        })
    }
}

/// Reads a file with a proof, and the proof in it.
pub(super) fn read(path: &Path) -> Result<(ProofFile, Vec<u8>), Failure> {
    let length = fs::metadata(path).map_err(Failure::reading(path))?.len();
    if length > MAX_FILE_BYTES {
        let problem = format!("it is {length} bytes long, and at most {MAX_FILE_BYTES} are read");
        return Err(Failure::in_file(path, &problem));
    }
    let bytes = fs::read(path).map_err(Failure::reading(path))?;
    let hint = "toru state prove --json prints such a file";
    let file: ProofFile = serde_json::from_slice(&bytes).map_err(|error| {
        let problem = format!("not a proof in JSON: {}", one_line(&error.to_string()));
        Failure::in_file(path, &problem).with_hint(hint)
    })?;
    let digits = file.proof.strip_prefix("0x").unwrap_or(&file.proof);
    let proof = hex::decode(digits)
        .map_err(|_| Failure::in_file(path, &"\"proof\" is not hexadecimal").with_hint(hint))?;
    Ok((file, proof))
}
