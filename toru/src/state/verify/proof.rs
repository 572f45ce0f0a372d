//! Whether a proof of an outbox message is good.

use layer1::hashes::{COMMITMENT, STATE};
use pvm::proof::{Output as Proved, VerifyError, verify};
use serde::Serialize;

use super::super::proof_file::{CommitmentField, ProofFile, read};
use super::args::VerifyArgs;
use crate::error::Failure;
use crate::exit::Exit;
use crate::ui::{Output, Ui};

/// What is proven.
#[derive(Serialize)]
struct Proven {
    outbox_level: i32,
    message_index: u64,
    message: String,
    state_hash: String,
    commitment: Option<String>,
}

/// Checks the proof.
pub(super) fn verify_proof(args: &VerifyArgs, ui: &Ui) -> Result<Output, Failure> {
    let (file, proof) = read(&args.file)?;
    let state = match (&args.commitment, &args.state) {
        (Some(hash), _) => state_of(args, &file, hash)?,
        (None, Some(hash)) => STATE
            .read(hash)
            .ok_or_else(|| Failure::option("--state", hash, &"is not the hash srs1… of a state"))?,
        (None, None) => {
            return Err(Failure::usage(
                "neither a commitment nor a state is given",
                "--commitment src1…",
            ));
        }
    };
    let output = verify(&proof, &state).map_err(|error| match error {
        VerifyError::Malformed(error) => Failure::in_file(&args.file, &error),
        VerifyError::Refused(refused) => refusing(args, &refused),
    })?;
    if let Some(problem) = contradiction(&file, &output) {
        return Err(refusing(args, &problem));
    }
    let told = Proven {
        outbox_level: output.level,
        message_index: output.index,
        message: hex::encode(&output.message),
        state_hash: STATE.text(&state),
        commitment: args.commitment.clone(),
    };
    ui.answer(&told, || {
        let of = match &told.commitment {
            Some(hash) => format!("the state of the commitment {hash}"),
            None => format!("the state {}", told.state_hash),
        };
        format!(
            "good: message {} of the outbox of level {} is in {of}\nmessage     {}\n",
            told.message_index, told.outbox_level, told.message
        )
    })
}

/// What the file says beside the proof that is not what the proof is of.
fn contradiction(file: &ProofFile, proven: &Proved) -> Option<String> {
    let differs = |name: &str, said: String, is: String| {
        (said != is).then(|| format!("the file's \"{name}\" is {said}, and the proof's {is}"))
    };
    let message = file.message.as_ref().map(|said| said.to_ascii_lowercase());
    let level = file.outbox_level.map(|said| said.to_string());
    let index = file.message_index.map(|said| said.to_string());
    level
        .and_then(|said| differs("outbox_level", said, proven.level.to_string()))
        .or_else(|| index.and_then(|said| differs("message_index", said, proven.index.to_string())))
        .or_else(|| message.and_then(|said| differs("message", said, hex::encode(&proven.message))))
}

fn refusing(args: &VerifyArgs, problem: &impl std::fmt::Display) -> Failure {
    let file = crate::error::shown_path(&args.file);
    Failure::new(Exit::Refused, format!("{file}: layer 1 would refuse the proof: {problem}"))
}

/// The state of the commitment in the file, if that has the hash which is asked for.
fn state_of(args: &VerifyArgs, file: &ProofFile, hash: &str) -> Result<[u8; 32], Failure> {
    let wanted = COMMITMENT.read(hash).ok_or_else(|| {
        Failure::option("--commitment", hash, &"is not the hash src1… of a commitment")
    })?;
    let made = match &file.commitment {
        Some(CommitmentField::Whole(made)) => made,
        Some(CommitmentField::Hash(_)) | None => {
            let problem = "it has no commitment, so that nothing leads from the hash to a state";
            return Err(Failure::in_file(&args.file, &problem).with_hint(
                "--state names the state of the commitment, which a rollup node tells",
            ));
        }
    };
    let invalid = || Failure::in_file(&args.file, &"its commitment is malformed");
    let made = made.read().ok_or_else(invalid)?;
    if made.hash() != wanted {
        let found = COMMITMENT.text(&made.hash());
        return Err(refusing(args, &format!("its commitment is {found}")));
    }
    Ok(made.state)
}
