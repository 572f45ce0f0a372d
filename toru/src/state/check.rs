//! `toru state check`: whether a state that is kept goes together.

use std::path::PathBuf;

use clap::Args;
use layer1::hashes::STATE;
use serde::Serialize;

use super::error::{failing, open};
use crate::error::Failure;
use crate::ui::{Output, Ui};

/// Which state to check.
#[derive(Debug, Args)]
#[command(after_help = crate::exit::EXIT_CODES)]
pub struct CheckArgs {
    /// The file that toru run --state keeps the rollup in
    #[arg(value_name = "FILE")]
    file: PathBuf,

    /// Print one JSON object instead of text
    ///
    ///   {"oldest": -1, "last": 1, "levels": 2, "hashes": 3, "state_hash": "srs1…"}
    /// "hashes" counts the states whose hash was kept and is right.
    #[arg(long, verbatim_doc_comment)]
    pub json: bool,
}

/// What came of it.
#[derive(Serialize)]
struct Checked {
    oldest: i32,
    last: i32,
    levels: usize,
    hashes: usize,
    state_hash: Option<String>,
}

/// Checks everything, from the last state back to the oldest.
pub(super) fn execute(args: &CheckArgs, ui: &Ui) -> Result<Output, Failure> {
    let failing = || failing(&args.file);
    let store = open(&args.file)?;
    let progress = ui.progress("checking");
    store.verify().map_err(failing())?;
    drop(progress);
    let levels = store.levels(..).map_err(failing())?;
    let oldest_is_known = store.oldest_known_state().map_err(failing())?.is_some();
    let after_levels = levels.iter().filter(|level| level.state.is_some()).count();
    let checked = Checked {
        oldest: store.oldest().map_err(failing())?,
        last: store.last(),
        levels: levels.len(),
        hashes: after_levels + usize::from(oldest_is_known),
        state_hash: store.known_state().map(|known| STATE.text(&known.hash)),
    };
    ui.answer(&checked, || {
        let Checked { oldest, last, levels, hashes, state_hash } = &checked;
        let states = levels + 1;
        let state_hash = state_hash.as_deref().unwrap_or("not known");
        format!(
            "good: all {states} states from level {oldest} to level {last} can be gone back to\n\
             hashes      {hashes} are kept, and right; {} are not known\n\
             state hash  {state_hash}\n",
            states - hashes
        )
    })
}
