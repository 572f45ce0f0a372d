//! `toru state verify`: whether a state that is kept goes together, whether its levels come to the same when they are
//! played again, and whether a proof of an outbox message is good.

mod args;
mod kept;
mod proof;
mod replay;
mod told;

use super::error::{failing, open};
use crate::error::Failure;
use crate::ui::{Output, Ui};

use args::Levels;
pub use args::VerifyArgs;

/// Does what the options say.
pub(super) fn verify(args: &VerifyArgs, ui: &Ui) -> Result<Output, Failure> {
    if args.commitment.is_some() || args.state.is_some() {
        return proof::verify_proof(args, ui);
    }
    let store = open(&args.file)?;
    let progress = ui.progress("checking");
    store.verify().map_err(failing(&args.file))?;
    drop(progress);
    match args.replay.clone() {
        Some(Levels(levels)) => replay::verify_levels(&store, levels, args, ui),
        None => kept::told(&store, args, ui),
    }
}
