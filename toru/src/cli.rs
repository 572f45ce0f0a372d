//! The command line: what the binary understands, and what it says when it does not.

use std::path::PathBuf;

use clap::error::ErrorKind;
use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::completions::Shell;
use crate::dev::DevArgs;
use crate::error::Failure;
use crate::install::ConfigArgs;
use crate::key::KeyArgs;
use crate::plain::one_line;
use crate::state::StateCommand;
use crate::wallet::{
    BalanceArgs, BatchArgs, ClaimArgs, RegisterArgs, SendArgs, SwapArgs, TicketsArgs, TxArgs,
    WithdrawArgs, WithdrawalsArgs,
};

/// A transaction kernel for Tezos smart rollups: its sandbox, its wallet, its tests.
#[derive(Debug, Parser)]
#[command(
    name = "toru",
    version,
    arg_required_else_help = true,
    max_term_width = 100,
    after_help = "Exit codes: 0 done; 1 the answer is no, or an internal failure; 2 bad usage or input; \
    130 interrupted by Ctrl-C. A command that has other meanings for them says so."
)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The subcommands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Start a sandbox with funded accounts and a rollup node's interface, or talk to one that runs
    Dev(DevArgs),
    /// Make, import, export, list and remove the secret keys of tz4 accounts
    Key(KeyArgs),
    /// Show what an account holds
    Balance(BalanceArgs),
    /// List the tickets that the rollup knows
    Tickets(TicketsArgs),
    /// Register a key, so that it can sign
    Register(RegisterArgs),
    /// Pay somebody, or everybody in a file
    Send(SendArgs),
    /// Swap tickets with somebody: an offer in a file, and its acceptance
    Swap(SwapArgs),
    /// Put transactions of several people into one batch, gather signatures of it, send it
    Batch(BatchArgs),
    /// Make, sign and send transactions as files, look one up by its hash
    Tx(TxArgs),
    /// Hand a ticket to a contract of layer 1
    Withdraw(WithdrawArgs),
    /// Show how far withdrawals have come
    Withdrawals(WithdrawalsArgs),
    /// Have withdrawals executed on layer 1
    Claim(ClaimArgs),
    /// Play scenario files and show where they went otherwise than they say
    Test(TestArgs),
    /// Play an inputs file through a kernel and show what came out
    Run(RunArgs),
    /// Look at a rollup that toru run --state keeps, go back in it, copy it
    #[command(subcommand)]
    State(StateCommand),
    /// Check a kernel, build, write out or install ours
    #[command(subcommand)]
    Kernel(KernelCommand),
    /// Measure our kernel: bytes, instructions, host calls and times, against floors and rivals
    Bench(BenchArgs),
    /// Print what completes this command line in a shell
    Completions {
        /// Which shell
        shell: Shell,
    },
    /// Write the pages of the manual, one for each command
    Man {
        /// Folder for them: toru.1 and the others; what else is in it stays
        #[arg(long, value_name = "DIR")]
        out: PathBuf,
    },
}

/// Exit codes, at the end of every help text.
const EXIT_CODES: &str = "Exit codes: 0 the levels were played, whatever the kernel refused; \
    2 bad usage or input; 1 internal failure; 130 interrupted by Ctrl-C.";

/// `toru run`.
#[derive(Debug, Args)]
#[command(after_help = EXIT_CODES)]
pub struct RunArgs {
    /// Inputs: a JSON array of levels, each an array of messages
    ///
    /// A message is one of
    ///   {"payload": "Michelson"}, with "sender", "source" and "destination" where they matter
    ///   {"external": "hex without the tag 01"}
    ///   {"serialized": "hex of the whole message"}, or only that hex string
    /// The rollup is originated at level 0 and the levels count from 0. Start, info and end of
    /// each level are added.
    #[arg(long, value_name = "FILE.json", verbatim_doc_comment)]
    pub inputs: PathBuf,

    /// Run this kernel instead of ours
    ///
    /// What it leaves in durable storage is shown as our kernel's if it is that.
    #[arg(long, value_name = "FILE.wasm")]
    pub kernel: Option<PathBuf>,

    /// The rollup's own address [default: sr163Lv22CdE8QagCwf48PWDTquk6isQwv57]
    #[arg(long, value_name = "sr1…")]
    pub rollup: Option<String>,

    /// Folder of preimages that the kernel may reveal, each in a file named by its hash in hex
    #[arg(long, value_name = "DIR")]
    pub preimages: Option<PathBuf>,

    /// Values to write to durable storage before the first level, in YAML or JSON
    ///
    ///   instructions: [{set: {value: hex, to: /path}}]
    #[arg(long, value_name = "FILE.yaml", verbatim_doc_comment)]
    pub setup: Option<PathBuf>,

    /// The version of the PVM that the rollup is originated with: 0 to 6, or 2.0.0 to 2.0.0-r6
    #[arg(long, value_name = "VERSION", default_value_t)]
    pub pvm_version: pvm::Version,

    /// Write to this folder which functions executed how many instructions
    ///
    /// level-N.collapsed has the stacks of a level, one a line; flamegraph.svg is all of them as a
    /// picture. Functions are named by the module's name section. Our own kernel comes stripped, so
    /// that it has func[N] only. One with names, to be passed as --kernel, is built by
    ///   CARGO_PROFILE_KERNEL_STRIP=none cargo rustc -p tx_kernel --lib --crate-type cdylib
    ///       --profile kernel --target wasm32-unknown-unknown
    #[arg(long, value_name = "DIR", verbatim_doc_comment)]
    pub profile: Option<PathBuf>,

    /// Let our kernel accept batches in wire format v1, as a setup would
    #[arg(long)]
    pub accept_v1: bool,

    /// Keep the rollup in this file: start one, or go on with the one that is there
    ///
    /// Level numbers go on. Every level is on the disk before the next is played. Kernel, setup and
    /// address are those of the first run. toru state handles the file.
    #[arg(long, value_name = "FILE")]
    pub state: Option<PathBuf>,

    /// Run our kernel natively instead of as WASM
    #[arg(long)]
    pub native: bool,

    /// Print one JSON object instead of tables
    ///
    ///   {"levels": [{"level": 0, "runs": 1, "stuck": false, "instructions": 1, "ticks": 6,
    ///                "refutation_seconds": 0, "default_node": null, "outbox": ["hex"],
    ///                "results": [{"level": 0, "message": 0, "transaction": null,
    ///                             "operation": null, "hash": null, "outcome": "credited",
    ///                             "code": 100, "reason": "…"}]}],
    ///    "balances": [{"account": "tz4…", "ticketer": "KT1…", "content": "hex", "amount": "1"}],
    ///    "counters": {"tz4…": 0}, "durable": {"/path": "hex"}}
    /// "instructions" counts executed WASM operators, and "ticks" is an estimate of what the PVM
    /// would count, of which a dispute about the longest run replays 3 million a second, in
    /// "refutation_seconds"; all three are null with --native. "default_node" says what a rollup node with default
    /// options does otherwise than the PVM, if anything. Results, balances
    /// and counters are those of our own kernel, and empty with another one. A result without a hash
    /// is a message's, one with a hash an operation's; those of a level are all that became known
    /// in it. "durable" is all of durable storage at the end, but for the code of the kernel:
    /// /kernel/boot.wasm and /readonly/kernel/boot.wasm are left out.
    #[arg(long, verbatim_doc_comment)]
    pub json: bool,
}

/// `toru test`.
#[derive(Debug, Args)]
#[command(after_help = "Exit codes: 0 all went as the scenarios say; 1 something did not, and is \
    shown; 2 bad usage or a malformed file.")]
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
}

/// What runs our kernel in a scenario.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Engines {
    /// Compiled into this binary
    Native,
    /// As WASM, in the embedded PVM
    Wasm,
    /// Both, compared after every level
    Both,
}

/// `toru bench`.
#[derive(Debug, Args)]
#[command(
    after_help = "Exit codes: 0 it was measured; 1 a count differs from the baseline by more \
    than 2 %, or an internal failure; 2 bad usage or input."
)]
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

    /// Only compare builds of the measuring kernel of BLS (scripts/bench-bls.sh)
    #[arg(long, value_name = "NAME=FILE", num_args = 1..)]
    pub bls: Vec<String>,
}

/// `toru kernel`.
#[derive(Debug, Subcommand)]
pub enum KernelCommand {
    /// State the rules that a rollup node holds a kernel to, and refuse a module that breaks one
    #[command(after_help = "Exit codes: 0 it may be a kernel; 2 it breaks a rule or is no module.")]
    Check {
        /// The module
        #[arg(value_name = "FILE.wasm")]
        file: PathBuf,
    },
    /// Write our kernel, as embedded in this binary, to a file
    Write {
        /// Where to
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
    /// Write what a rollup begins with: an installer that fits one operation, and the kernel's pages
    Install(InstallArgs),
    /// Build our kernel from a checkout of its sources
    Build(BuildArgs),
    /// Print the blake2b-256 of a kernel, of ours without a file
    Hash {
        /// The module
        #[arg(value_name = "FILE.wasm")]
        file: Option<PathBuf>,
    },
    /// Write a kernel as messages that upgrade a running rollup, and the order that announces them
    Pages(PagesArgs),
}

/// `toru kernel install`.
#[derive(Debug, Args)]
#[command(after_help = "Exit codes: 0 all files are written; 2 bad usage or input, or a kernel \
    that breaks a rule.")]
pub struct InstallArgs {
    /// The kernel; ours without a file
    #[arg(value_name = "KERNEL.wasm")]
    pub kernel: Option<PathBuf>,

    /// What the rollup begins with, beside its kernel.
    #[command(flatten)]
    pub config: ConfigArgs,

    /// Folder for installer.wasm, installer.hex and preimages/; what else is in it stays
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,

    /// The Michelson type of what the kernel takes from contracts [default: that of our kernel]
    #[arg(long = "type", value_name = "TYPE")]
    pub michelson_type: Option<String>,

    /// The name that octez-client is to have for the rollup
    #[arg(long, default_value = "ALIAS")]
    pub alias: String,

    /// Who originates the rollup
    #[arg(long, default_value = "SOURCE")]
    pub source: String,

    /// Print one JSON object instead of words
    ///
    ///   {"installer": "dist/installer.wasm", "installer_hex": "dist/installer.hex",
    ///    "installer_bytes": 16184, "preimages": "dist/preimages", "pages": 48, "root": "00…",
    ///    "type": "or …", "originate": "octez-client …", "copy": "cp …"}
    /// "type" is null where it is not known.
    #[arg(long, verbatim_doc_comment)]
    pub json: bool,
}

/// `toru kernel build`.
#[derive(Debug, Args)]
#[command(
    after_help = "Exit codes: 0 it is built; 1 it does not build, or not twice the same; 2 bad \
    usage or input."
)]
pub struct BuildArgs {
    /// The checkout
    #[arg(long, value_name = "DIR", default_value = ".")]
    pub source: PathBuf,

    /// Where to write the kernel
    #[arg(long, value_name = "FILE.wasm")]
    pub out: PathBuf,

    /// Build it twice, in two new folders, from nothing, and compare: takes some minutes
    #[arg(long)]
    pub reproducible: bool,
}

/// `toru kernel pages`.
#[derive(Debug, Args)]
#[command(after_help = "Exit codes: 0 all files are written; 2 bad usage or input, or a kernel \
    that breaks a rule.")]
pub struct PagesArgs {
    /// The new kernel
    #[arg(value_name = "KERNEL.wasm")]
    pub kernel: PathBuf,

    /// The rollup that is to have it
    #[arg(long, value_name = "sr1…")]
    pub rollup: String,

    /// Folder for pages.json, a list of messages in hex as octez-client takes them, and for each of
    /// them a file; what else is in it stays
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
}

/// What to do about a command line that is not understood.
const HINT: &str = "toru --help lists the commands, each has a --help of its own";

/// What parsing the command line came to, other than a command.
#[derive(Debug)]
pub enum Stop {
    /// Help or version was asked for: print this.
    Print(String),
    /// The command line is wrong.
    Failure(Failure),
}

/// Reads the command line.
pub fn parse(args: impl IntoIterator<Item = std::ffi::OsString>) -> Result<Cli, Stop> {
    Cli::try_parse_from(args).map_err(|error| match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => Stop::Print(error.to_string()),
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => Stop::Failure(Failure::Usage {
            problem: "nothing to do".to_owned(),
            hint: HINT.to_owned(),
        }),
        _ => Stop::Failure(usage(&error.to_string())),
    })
}

/// Clap writes a paragraph with the problem, perhaps one with tips, and the usage. We keep to one
/// line for the problem and one for what to do.
fn usage(rendered: &str) -> Failure {
    let mut paragraphs = rendered.split("\n\n");
    let problem = paragraphs.next().unwrap_or_default();
    let words = |text: &str| one_line(text).split_whitespace().collect::<Vec<_>>().join(" ");
    let tip = paragraphs.find_map(|paragraph| paragraph.trim_start().strip_prefix("tip: "));
    Failure::Usage {
        problem: words(problem.strip_prefix("error: ").unwrap_or(problem)),
        hint: tip.map_or_else(|| HINT.to_owned(), words),
    }
}

impl RunArgs {
    /// Options that make no sense together.
    pub fn check(&self) -> Result<(), Failure> {
        if self.native && self.kernel.is_some() {
            return Err(Failure::Usage {
                problem: "--native and --kernel exclude each other: only our own kernel runs \
                          natively"
                    .to_owned(),
                hint: "leave out --native to run that kernel as WASM".to_owned(),
            });
        }
        if self.native && self.profile.is_some() {
            return Err(Failure::Usage {
                problem: "--native and --profile exclude each other: only WASM is profiled"
                    .to_owned(),
                hint: "leave out --native, or use the system's own profiler on it".to_owned(),
            });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_definition_is_sound() {
        <Cli as clap::CommandFactory>::command().debug_assert();
    }
}
