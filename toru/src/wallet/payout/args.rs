//! The command line of `toru payout`.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use wallet::expiry::OFFLINE_VALID_LEVELS;

use crate::cli::groups::{HistoryArgs, MemoArgs, PaymentsArgs, SendingArgs, SignArgs, WalletArgs};
use crate::exit::EXIT_CODES;

/// `toru payout`.
#[derive(Debug, Args)]
#[command(after_help = EXIT_CODES)]
pub struct PayoutArgs {
    /// What to do.
    #[command(subcommand)]
    pub(super) command: PayoutCommand,
}

#[derive(Debug, Subcommand)]
pub(super) enum PayoutCommand {
    /// Plan the payments of a file, and write the plan to a file: no key is needed
    Plan(Box<PlanArgs>),
    /// Sign the payments of one payer in a plan, which says itself what they are: no node is asked
    Sign(Box<SignPlanArgs>),
    /// Send a plan that every payer has signed, or go on with it: everybody is paid exactly once
    ///
    /// What is about to be sent is on the disk before it is sent. If this command is killed, or the node is away,
    /// run it again. A plan is run once: run again after that, it says what became of it.
    Run(Box<RunArgs>),
    /// Show how far a plan has come: counts by stage, and the rows that are not paid
    Status(Box<StatusArgs>),
    /// Write what became of every row to a file for programs, or to a page for an auditor
    Report(Box<ReportArgs>),
}

/// `toru payout plan`.
#[derive(Debug, Args)]
#[command(after_help = EXIT_CODES)]
pub(super) struct PlanArgs {
    /// The payments: rows of to,amount,ticket below a line of these titles; optionally memo, and from, who pays
    ///
    /// Commas, semicolons or tabs separate the fields.
    #[arg(value_name = "FILE.csv")]
    pub file: PathBuf,

    /// Who pays the rows that do not say it: a key's name, tz4…, #N, or dev0 to dev9 of the sandbox
    #[arg(long, value_name = "FROM")]
    pub from: Option<String>,

    /// Write the plan here; an existing file stays as it is [default: FILE.plan.json]
    #[arg(long, value_name = "PLAN.json")]
    pub out: Option<PathBuf>,

    /// Columns to ignore
    #[arg(long, value_name = "TITLE,…", value_delimiter = ',')]
    pub ignore_columns: Vec<String>,

    /// Name all accounts and tickets in full, and none by its index in the rollup's registry
    ///
    /// An index takes 1 to 4 bytes instead of 21. Only indexes that are final are used. The plan says whose each
    /// is, as the node told it, and toru payout run asks again before anything is sent.
    #[arg(long)]
    pub by_address: bool,

    /// Plan rows that pay the same amount of the same ticket to the same account
    #[arg(long)]
    pub allow_duplicates: bool,

    /// Plan only the rows that an earlier run of this file has left unpaid, once nothing that was signed for them
    /// can be applied any more
    #[arg(long, conflicts_with = "again")]
    pub unpaid: bool,

    /// Plan to pay the file a second time, whatever became of the first
    #[arg(long)]
    pub again: bool,

    /// The plan expires after so many levels, by default a day on mainnet; 0: it never expires
    #[arg(
        long,
        value_name = "LEVELS",
        default_value_t = OFFLINE_VALID_LEVELS,
        allow_negative_numbers = true
    )]
    pub valid_for: u32,

    /// Show the plan, and write nothing
    #[arg(long)]
    pub dry_run: bool,

    /// The remark of rows that have none.
    #[command(flatten)]
    pub memo: MemoArgs,

    /// Where payments are recorded.
    #[command(flatten)]
    pub records: PaymentsArgs,

    /// Where.
    #[command(flatten)]
    pub wallet: WalletArgs,
}

/// `toru payout sign`.
#[derive(Debug, Args)]
#[command(after_help = EXIT_CODES)]
pub(super) struct SignPlanArgs {
    /// The file that is meant: sign only if the plan is of it, as it is now
    #[arg(long = "of", value_name = "FILE.csv")]
    pub of: Option<PathBuf>,

    /// What is signed, and how.
    #[command(flatten)]
    pub sign: SignArgs,
}

/// `toru payout run`.
#[derive(Debug, Args)]
#[command(after_help = EXIT_CODES)]
pub(super) struct RunArgs {
    /// The plan, and copies of it: of several, the signatures are put together
    #[arg(value_name = "PLAN.json", required = true)]
    pub plans: Vec<PathBuf>,

    /// Where payments are recorded.
    #[command(flatten)]
    pub records: PaymentsArgs,

    /// Where.
    #[command(flatten)]
    pub wallet: WalletArgs,

    /// How.
    #[command(flatten)]
    pub sending: SendingArgs,
}

/// `toru payout status`.
#[derive(Debug, Args)]
#[command(after_help = EXIT_CODES)]
pub(super) struct StatusArgs {
    /// The plan
    #[arg(value_name = "PLAN.json")]
    pub plan: PathBuf,

    /// Where payments are recorded.
    #[command(flatten)]
    pub records: PaymentsArgs,

    /// Where.
    #[command(flatten)]
    pub wallet: WalletArgs,
}

/// `toru payout report`.
#[derive(Debug, Args)]
#[command(after_help = EXIT_CODES)]
pub(super) struct ReportArgs {
    /// The plan
    #[arg(value_name = "PLAN.json")]
    pub plan: PathBuf,

    /// Write a row for each payment here, as CSV
    ///
    /// The columns: line, name, receiver, amount, ticket, ticketer, hash, level, result, final, memo. A text that a
    /// spreadsheet would take for a formula has an apostrophe before it.
    #[arg(long, value_name = "FILE.csv", required_unless_present = "html")]
    pub out: Option<PathBuf>,

    /// Write a page for people here: one file without scripts, fit to be printed
    #[arg(long, value_name = "FILE.html")]
    pub html: Option<PathBuf>,

    /// Write in the place of files that are there; without this, they stay
    #[arg(long)]
    pub overwrite: bool,

    /// Which history says what the node does not know any more.
    #[command(flatten)]
    pub history: HistoryArgs,

    /// Where payments are recorded.
    #[command(flatten)]
    pub records: PaymentsArgs,

    /// Where.
    #[command(flatten)]
    pub wallet: WalletArgs,
}
