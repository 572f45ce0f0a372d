//! What is said of a kept rollup that goes together.

use layer1::hashes::STATE;
use serde::Serialize;
use store::Store;

use super::super::error::failing;
use super::args::VerifyArgs;
use crate::error::Failure;
use crate::ui::{Output, Ui};

/// What came of it.
#[derive(Serialize)]
struct Checked {
    oldest: i32,
    last: i32,
    levels: usize,
    hashes: usize,
    state_hash: Option<String>,
}

/// Says how much was checked.
pub(super) fn told(store: &Store, args: &VerifyArgs, ui: &Ui) -> Result<Output, Failure> {
    let failing = || failing(&args.file);
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
