//! `toru payout`: a file of payments is planned, signed where no network is, sent, and accounted for.

mod args;
mod csv;
mod file;
mod html;
mod plan;
mod report;
mod run;
mod sign;
mod status;
mod text;

use crate::error::Failure;
use crate::ui::{Output, Ui};
use args::PayoutCommand;

pub use args::PayoutArgs;

/// Does what the command says.
pub fn payout(args: &PayoutArgs, ui: &Ui) -> Result<Output, Failure> {
    match &args.command {
        PayoutCommand::Plan(args) => plan::plan(args, ui),
        PayoutCommand::Sign(args) => sign::sign(args, ui),
        PayoutCommand::Run(args) => run::run(args, ui),
        PayoutCommand::Status(args) => status::status(args, ui),
        PayoutCommand::Report(args) => report::report(args, ui),
    }
}
