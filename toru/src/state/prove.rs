//! `toru state prove`: the proof of an outbox message, as layer 1 takes it.

use std::path::PathBuf;

use clap::Args;
use layer1::hashes::STATE;
use pvm::ProveError;
use store::KeptState;

use super::commitments;
use super::error::{failing, open};
use super::proof_file::{CommitmentField, ProofFile};
use crate::error::Failure;
use crate::ui::{Output, Ui};

/// Which message to prove, and where.
#[derive(Debug, Args)]
#[command(after_help = crate::exit::EXIT_CODES)]
pub struct ProveArgs {
    /// The file that toru run --state keeps the rollup in
    #[arg(value_name = "FILE")]
    file: PathBuf,

    /// The level of the outbox
    #[arg(long, value_name = "LEVEL", allow_negative_numbers = true)]
    level: i32,

    /// The index of the message in it
    #[arg(long, value_name = "INDEX")]
    index: u64,

    /// Prove it in the state at the end of this level, and not of the last
    #[arg(
        long,
        value_name = "LEVEL",
        allow_negative_numbers = true,
        conflicts_with = "commitment_period"
    )]
    at: Option<i32>,

    /// Prove it under the first commitment that has the level in it, if one is made each LEVELS levels
    #[arg(long, value_name = "LEVELS", value_parser = clap::value_parser!(i32).range(1..))]
    commitment_period: Option<i32>,

    /// Print one JSON object instead of text
    ///
    ///   {"state_level": 3, "state_hash": "srs1…", "outbox_level": 2, "message_index": 0,
    ///    "message": "hex", "proof": "hex",
    ///    "commitment": {"hash": "src1…", "compressed_state": "srs1…", "inbox_level": 3,
    ///                   "predecessor": "src1…", "number_of_ticks": "1"}}
    /// "proof" is what the operation has that executes the message: the proof, the level, the index and
    /// the message. "commitment" is null without --commitment-period.
    #[arg(long, verbatim_doc_comment)]
    pub json: bool,
}

/// Makes the proof.
pub(super) fn execute(args: &ProveArgs, ui: &Ui) -> Result<Output, Failure> {
    let store = open(&args.file)?;
    let commitment = match args.commitment_period {
        None => None,
        Some(period) => {
            let found = commitments::upto(&store, period, args.level);
            let found = found.map_err(failing(&args.file))?;
            let problem = format!(
                "no commitment with level {} in it can be made of what is kept",
                args.level
            );
            let hint =
                "commitments need every state since the origination, up to the end of a period";
            Some(found.ok_or_else(|| Failure::in_file(&args.file, &problem).with_hint(hint))?)
        }
    };
    let at = commitment.map(|made| made.inbox_level).or(args.at).unwrap_or(store.last());
    let state = store.state_at(KeptState::Level(at)).map_err(failing(&args.file))?;
    let proven = state.prove_output(args.level, args.index).map_err(|error| {
        let failure = Failure::in_file(&args.file, &error);
        match error {
            ProveError::NoMessage { .. } => failure,
            ProveError::NoOutbox { .. } | ProveError::NoOutboxes => {
                failure.with_hint("--at names the end of a level whose state has that outbox")
            }
            ProveError::Unknown(_) => {
                failure.with_hint("such a state cannot be proven anything of")
            }
        }
    })?;
    let state_hash = state.state_hash().map_err(|error| Failure::in_file(&args.file, &error))?;
    let told = ProofFile {
        state_level: Some(at),
        state_hash: Some(STATE.text(&state_hash)),
        outbox_level: Some(proven.level),
        message_index: Some(proven.index),
        message: Some(hex::encode(&proven.message)),
        proof: hex::encode(proven.encode()),
        commitment: commitment.map(|made| CommitmentField::Whole(made.into())),
    };
    ui.answer(&told, || {
        let mut out = format!(
            "message     {} of the outbox of level {}: {}\nstate       {} after level {at}\n",
            proven.index,
            proven.level,
            hex::encode(&proven.message),
            STATE.text(&state_hash),
        );
        if let Some(CommitmentField::Whole(made)) = &told.commitment {
            out.push_str(&format!("commitment  {} of level {}\n", made.hash, made.inbox_level));
        }
        out.push_str(&format!("proof       {}\n", told.proof));
        out
    })
}
