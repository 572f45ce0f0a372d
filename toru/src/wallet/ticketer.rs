//! `toru ticketer`: contracts of layer 1 that mint tickets, put there and looked at.

mod check;
mod deploy;
mod takes;

use clap::{Args, Subcommand};

use crate::error::Failure;
use crate::exit::EXIT_CODES;
use crate::ui::{Output, Ui};

use check::CheckArgs;
use deploy::DeployCommand;

/// `toru ticketer`.
#[derive(Debug, Args)]
#[command(after_help = EXIT_CODES)]
pub struct TicketerArgs {
    /// What to do.
    #[command(subcommand)]
    command: TicketerCommand,
}

/// What can be done.
#[derive(Debug, Subcommand)]
enum TicketerCommand {
    /// Print the command that puts one of our contracts on layer 1, and write its script to a file
    #[command(subcommand)]
    Deploy(DeployCommand),
    /// Say whether a contract of layer 1 is one of ours, and otherwise what it takes
    Check(CheckArgs),
}

/// Does it.
pub fn ticketer(args: &TicketerArgs, ui: &Ui) -> Result<Output, Failure> {
    match &args.command {
        TicketerCommand::Deploy(command) => deploy::deploy(command, ui),
        TicketerCommand::Check(args) => check::check(args, ui),
    }
}
