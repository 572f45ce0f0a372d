//! The command line: what the binary understands, and what it says when it does not.

pub mod groups;
mod kernel;
mod pvm;
mod run;
mod usage;

use std::ffi::OsString;
use std::path::PathBuf;

use clap::error::ErrorKind;
use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::completions::Shell;
use crate::dev::DevArgs;
use crate::engine::{EngineArgs, EngineName, VERSION_WITH_ENGINES};
use crate::error::Failure;
use crate::key::KeyArgs;
use crate::state::StateCommand;
use crate::wallet::{
    BalanceArgs, BatchArgs, BatcherArgs, DepositArgs, ExecuteArgs, ExplorerArgs, HistoryArgs,
    OperatorArgs, PayoutArgs, ReceiptArgs, ReclaimArgs, RegisterArgs, SendArgs, SolvencyArgs,
    SwapArgs, TicketArgs, TicketerArgs, TicketsArgs, TxArgs, WithdrawArgs, WithdrawalsArgs,
};

pub use kernel::{BuildArgs, InstallArgs, KernelCommand, PagesArgs};
pub use pvm::{PvmCommand, VectorsArgs};
pub use run::RunArgs;

/// A transaction kernel for Tezos smart rollups: its sandbox, its wallet, its tests.
#[derive(Debug, Parser)]
#[command(
    name = "toru",
    version,
    long_version = VERSION_WITH_ENGINES,
    arg_required_else_help = true,
    max_term_width = 100,
    after_help = crate::exit::EXIT_CODES
)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,

    /// Print one JSON object instead of words, and errors as JSON too: {"error": {"code": "usage",
    /// "message": "…", "hint": null}}
    #[arg(long, global = true)]
    pub json: bool,
}

/// The subcommands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Start a sandbox with funded accounts and a rollup node's interface, or talk to one that runs
    Dev(DevArgs),
    /// Make, import, export, list and remove the secret keys of tz4 accounts
    Key(KeyArgs),
    /// Show what an account holds, on the rollup or on layer 1
    Balance(BalanceArgs),
    /// Show what an account was paid and paid, deposited and withdrew, from the beginning
    History(HistoryArgs),
    /// List the tickets that the rollup knows: pinned ones, known ones, unknown ones
    Tickets(TicketsArgs),
    /// Pin names to tickets, so that a name means one ticket whatever others call theirs
    Ticket(TicketArgs),
    /// Deposit tez or tokens of layer 1, for an account of the rollup
    Deposit(DepositArgs),
    /// Ask for a deposit that could not be credited, and that the rollup holds
    Reclaim(ReclaimArgs),
    /// Register a key, so that it can sign
    Register(RegisterArgs),
    /// Pay somebody, or everybody in a file
    Send(SendArgs),
    /// Pay everybody in a file, planned and signed beforehand: a plan, its signatures, its run, its receipts
    Payout(PayoutArgs),
    /// Swap tickets with somebody: an offer in a file, and its acceptance
    Swap(SwapArgs),
    /// Put transactions of several people into one batch, collect their signatures, send it
    Batch(BatchArgs),
    /// Run a service that puts the transactions of many people into batches, and has them sign together
    Batcher(Box<BatcherArgs>),
    /// Make, sign and send transactions as files, look one up by its hash
    Tx(TxArgs),
    /// Make a receipt of a payment that needs no trust but in layer 1, or check one
    Receipt(ReceiptArgs),
    /// Have somebody paid on layer 1 for a ticket, or hand it to a contract there
    Withdraw(WithdrawArgs),
    /// Show how far withdrawals have come
    Withdrawals(WithdrawalsArgs),
    /// Execute withdrawals on layer 1
    #[command(visible_alias = "claim")]
    Execute(ExecuteArgs),
    /// Run a service that executes withdrawals when they can be executed, and tells before it is too late
    Operator(Box<OperatorArgs>),
    /// Serve web pages about a rollup: levels, payments, accounts, tickets, withdrawals
    Explorer(Box<ExplorerArgs>),
    /// Put our contracts on layer 1, and look at those that are there
    Ticketer(TicketerArgs),
    /// Show whether the rollup's tickets are backed by what is locked on layer 1
    Solvency(SolvencyArgs),
    /// Run scenario files and show where the result differs from the expectation
    Test(TestArgs),
    /// Run an inputs file through a kernel and show the results
    Run(RunArgs),
    /// Look at a rollup that toru run --state keeps, go back in it, copy it
    #[command(subcommand)]
    State(StateCommand),
    /// Check a kernel, build, write out or install ours
    #[command(subcommand)]
    Kernel(KernelCommand),
    /// Hold the embedded PVM against a reference
    #[command(subcommand)]
    Pvm(PvmCommand),
    /// Measure our kernel, each figure compared with a lower bound or with another implementation
    Bench(BenchArgs),
    /// Print a completion script for a shell
    Completions {
        /// Which shell
        shell: Shell,
    },
    /// Write the manual pages, one for each command
    Man {
        /// Folder for them: toru.1 and the others; what else is in it stays
        #[arg(long, value_name = "DIR")]
        out: PathBuf,
    },
}

/// `toru test`.
#[derive(Debug, Args)]
#[command(after_help = crate::exit::EXIT_CODES)]
pub struct TestArgs {
    /// Scenario files, in YAML: a start, levels of messages, and what is to come of them
    ///
    /// docs/scenarios.md has the format. A short one:
    ///   scenario: Alice pays Bob
    ///   start:
    ///     - alice has 100 gold
    ///   levels:
    ///     - messages:
    ///         - alice, counter 0, pays bob 30 gold: applied
    ///       expect:
    ///         - bob has 30 gold
    #[arg(value_name = "FILE.yaml", required = true, verbatim_doc_comment)]
    pub files: Vec<PathBuf>,

    /// What runs our kernel; both also demands equal durable storage, outbox and runs
    #[arg(long, value_enum, default_value_t = Engines::Both)]
    pub engine: Engines,

    /// Rewrite the files in place: outcomes in prose become result codes, the key late becomes individually
    /// signed, and nothing else changes. Nothing is run. This option is for files of earlier versions, and goes in
    /// a later one
    #[arg(long, conflicts_with = "engine")]
    pub rewrite: bool,
}

/// What runs our kernel in a scenario.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Engines {
    /// Compiled into this binary
    Native,
    /// As WASM, in the embedded PVM, on the fastest engine that this toru has or the one that TORU_ENGINE names
    Wasm,
    /// As WASM, interpreted by wasmi
    Wasmi,
    /// As WASM, compiled by wasmtime, which a toru built by `make fast` has
    Wasmtime,
    /// Natively and as WASM, compared after every level
    Both,
}

impl Engines {
    /// What runs WASM.
    ///
    /// # Errors
    /// When the environment names no engine.
    pub fn of_wasm(self) -> Result<EngineArgs, Failure> {
        let named = |engine| Ok(EngineArgs { engine: Some(engine) });
        match self {
            Engines::Wasmi => named(EngineName::Wasmi),
            Engines::Wasmtime => named(EngineName::Wasmtime),
            Engines::Native | Engines::Wasm | Engines::Both => EngineArgs::of_environment(),
        }
    }
}

impl From<Engines> for scenario::Engines {
    fn from(engines: Engines) -> Self {
        match engines {
            Engines::Native => Self::Native,
            Engines::Wasm | Engines::Wasmi | Engines::Wasmtime => Self::Wasm,
            Engines::Both => Self::Both,
        }
    }
}

/// `toru bench`.
#[derive(Debug, Args)]
#[command(after_help = crate::exit::EXIT_CODES)]
pub struct BenchArgs {
    /// Folder of the modules that are measured beside the kernel; `make bench` builds them
    #[arg(long, value_name = "DIR", default_value = "target/bench")]
    pub modules: PathBuf,

    /// Where to write the report, as JSON with a row a line
    #[arg(long, value_name = "FILE.json")]
    pub output: Option<PathBuf>,

    /// An earlier report: say which counts differ from it by more than 2 %
    #[arg(long, value_name = "FILE.json")]
    pub baseline: Option<PathBuf>,

    /// Measure little, for a look
    #[arg(long)]
    pub quick: bool,

    /// Only compare builds of the measuring kernel of BLS (cargo xtask bench-bls)
    #[arg(long, value_name = "NAME=FILE", num_args = 1..)]
    pub bls: Vec<String>,
}

/// What parsing the command line came to, other than a command.
#[derive(Debug)]
pub enum NoCommand {
    /// Help or version was asked for: print this.
    Print(String),
    /// The command line is wrong.
    Failure(Failure),
}

/// Reads the command line. One with nothing on it is answered with where to begin.
pub fn parse(args: impl IntoIterator<Item = OsString>) -> Result<Cli, NoCommand> {
    let args: Vec<OsString> = args.into_iter().collect();
    if args.len() <= 1 {
        return Err(NoCommand::Print(usage::BEGIN.to_owned()));
    }
    Cli::try_parse_from(&args).map_err(|error| {
        let usage = || usage::usage_of(<Cli as clap::CommandFactory>::command(), &args);
        match error.kind() {
            ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
                NoCommand::Print(error.to_string())
            }
            ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand | ErrorKind::MissingSubcommand => {
                NoCommand::Failure(usage::incomplete(&usage()))
            }
            _ => NoCommand::Failure(usage::wrong(&error.to_string(), &usage())),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_definition_is_sound() {
        <Cli as clap::CommandFactory>::command().debug_assert();
    }
}
