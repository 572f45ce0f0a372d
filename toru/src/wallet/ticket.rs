//! `toru ticket`: names that the user pins to tickets.

mod add;
mod meant;
mod share;
mod show;

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::folders;
use super::session::Session;
use crate::cli::groups::WalletArgs;
use crate::error::Failure;
use crate::exit::EXIT_CODES;
use crate::ui::{Output, Ui};
use add::AddArgs;

/// `toru ticket`.
#[derive(Debug, Args)]
#[command(after_help = EXIT_CODES)]
pub struct TicketArgs {
    /// What to do.
    #[command(subcommand)]
    command: TicketCommand,
}

#[derive(Debug, Subcommand)]
enum TicketCommand {
    /// Pin a name to a ticket: from then on the name means that ticket alone
    Add {
        /// What is pinned.
        #[command(flatten)]
        add: AddArgs,
        /// Where.
        #[command(flatten)]
        wallet: WalletArgs,
    },
    /// List the pinned tickets of the rollup
    List {
        /// Where.
        #[command(flatten)]
        wallet: WalletArgs,
    },
    /// Take a pin away
    Rm {
        /// The pinned name
        name: String,
        /// Where.
        #[command(flatten)]
        wallet: WalletArgs,
    },
    /// Write the tickets that you have pinned on the rollup to a file, for others to import
    Export {
        /// Write the file here; an existing one stays as it is
        #[arg(long, value_name = "FILE.json")]
        out: PathBuf,
        /// Where.
        #[command(flatten)]
        wallet: WalletArgs,
    },
    /// Pin the tickets of a file that somebody gave you: it shows them first
    ///
    /// A name that is pinned to another ticket stays as it is, and nothing of the file is pinned. A file that
    /// names no rollup, as it comes with a rollup's configuration, needs --rollup.
    Import {
        /// The file
        #[arg(value_name = "FILE.json")]
        file: PathBuf,
        /// Show what it would pin, and stop
        #[arg(long)]
        dry_run: bool,
        /// Do not ask for confirmation
        #[arg(long)]
        yes: bool,
        /// Where.
        #[command(flatten)]
        wallet: WalletArgs,
    },
}

/// Does what the command says.
pub fn ticket(args: &TicketArgs, ui: &Ui) -> Result<Output, Failure> {
    let (TicketCommand::Add { wallet, .. }
    | TicketCommand::List { wallet }
    | TicketCommand::Rm { wallet, .. }
    | TicketCommand::Export { wallet, .. }
    | TicketCommand::Import { wallet, .. }) = &args.command;
    let session = Session::open(wallet, ui)?;
    let store = folders::pins(&wallet.pins, session.wallet.rollup())?;
    match &args.command {
        TicketCommand::Add { add, .. } => add::add(&session, &store, add),
        TicketCommand::List { .. } => show::list(&session, &store),
        TicketCommand::Rm { name, .. } => show::remove(&session, &store, name),
        TicketCommand::Export { out, .. } => share::export(&session, &store, out),
        TicketCommand::Import { file, dry_run, yes, wallet } => {
            let confirm = crate::cli::groups::ConfirmArgs { dry_run: *dry_run, yes: *yes };
            share::import(&session, &store, file, wallet.at.rollup.is_some(), &confirm)
        }
    }
}
