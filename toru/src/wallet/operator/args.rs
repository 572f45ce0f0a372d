//! The command line of `toru operator`.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Args;
use operator::limits::{COMMAND_TIME, FIRST_PAUSE, SETTLE_LEVELS};
use operator::operator::WarnBefore;
use operator::tez::Tez;

use super::parse::{tez, warn_before};
use crate::cli::groups::{Layer1Args, WalletArgs};
use crate::exit::exit_codes;

/// Where it is served: beside a node.
const LISTEN: &str = "127.0.0.1:8934";

/// `toru operator`.
#[derive(Debug, Args)]
#[command(after_help = concat!(
    "With --once: 1 means that a withdrawal was lost, 5 that one is close to its deadline and not executed.\n\n",
    exit_codes!()
))]
pub struct OperatorArgs {
    /// Follow withdrawals: have layer 1 execute them when they can be executed, and tell before it is too late
    #[arg(long, required = true)]
    withdrawals: bool,

    /// Whose: a key's name, tz4…, #N, or dev0 to dev9 of the sandbox, of which those on record are followed; tz1…
    /// or KT1…, who is paid or called; all. Without it, all on record
    #[arg(long = "for", value_name = "WHO", num_args = 1..)]
    pub(super) whose: Vec<String>,

    /// What executes on a real layer 1: octez-client with its options, or what takes the same words
    ///
    /// It is run with a list of arguments and never through a shell: 'octez-client --endpoint URL' gets "execute
    /// outbox message of smart rollup sr1… from SOURCE for commitment hash src1… and output proof 0x… --fee-cap TEZ
    /// --burn-cap TEZ" behind it. Without a command, nothing is executed. The sandbox needs none.
    #[arg(long, value_name = "COMMAND", requires = "from")]
    pub(super) command: Option<String>,

    /// Who pays, as octez-client calls them
    #[arg(long, value_name = "SOURCE", requires = "command")]
    pub(super) from: Option<String>,

    /// The most that the fee of one execution may be, in tez
    #[arg(long, value_name = "TEZ", default_value = "0.1", value_parser = tez)]
    pub(super) fee_cap: Tez,

    /// The most that one execution may pay for storage, in tez
    #[arg(long, value_name = "TEZ", default_value = "0.1", value_parser = tez)]
    pub(super) burn_cap: Tez,

    /// The most that all executions of a day may cost, in tez; each counts as much as it may cost
    #[arg(long, value_name = "TEZ", value_parser = tez)]
    pub(super) daily_cap: Option<Tez>,

    /// How many seconds a command may take before it is ended
    #[arg(long, value_name = "SECONDS", default_value_t = COMMAND_TIME.as_secs(),
          value_parser = clap::value_parser!(u64).range(1..=86_400))]
    pub(super) command_time: u64,

    /// How many levels the node is asked what became of a command, before a message is tried again
    #[arg(long, value_name = "LEVELS", default_value_t = SETTLE_LEVELS,
          value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub(super) settle: u32,

    /// How many seconds to wait after a refusal; each pause is twice the one before, six hours at most
    #[arg(long, value_name = "SECONDS", default_value_t = FIRST_PAUSE.as_secs(),
          value_parser = clap::value_parser!(u64).range(1..=86_400))]
    pub(super) retry_after: u64,

    /// When to tell of a deadline: so many levels before it, or so long, such as 36h or 2d [default: a fifth of the
    /// levels in which a message can be executed, which is two days on mainnet]
    #[arg(long, value_name = "LEVELS|TIME", value_parser = warn_before)]
    pub(super) warn_before: Option<WarnBefore>,

    /// Send notices here, as a POST of JSON each
    #[arg(long, value_name = "URL", env = "TORU_WEBHOOK", hide_env_values = true)]
    pub(super) webhook: Option<String>,

    /// Where to serve /health, /metrics and /v1/withdrawals
    #[arg(long, value_name = "ADDRESS:PORT", default_value = LISTEN, conflicts_with = "once")]
    pub(super) listen: SocketAddr,

    /// Serve at an address that others can reach: whoever does sees what is followed
    #[arg(long)]
    pub(super) allow_remote: bool,

    /// The journal: what was tried, and what may be on its way [default: sr1….jsonl in
    /// $XDG_DATA_HOME/toru/operator, or ~/.local/share/toru/operator]
    #[arg(long, value_name = "FILE")]
    pub(super) state: Option<PathBuf>,

    /// Do what can be done now, and end; the exit code tells of deadlines and losses
    #[arg(long)]
    pub(super) once: bool,

    /// Folder of the log of withdrawals [default: $XDG_DATA_HOME/toru/withdrawals, or
    /// ~/.local/share/toru/withdrawals]
    #[arg(long, value_name = "DIR", env = "TORU_WITHDRAWALS")]
    pub(super) record: Option<PathBuf>,

    /// Where layer 1 is.
    #[command(flatten)]
    pub(super) layer1: Layer1Args,

    /// Where.
    #[command(flatten)]
    pub(super) wallet: WalletArgs,
}
