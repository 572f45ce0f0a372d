//! The command line of `toru dev`.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::target::Target;
use crate::cli::groups::{ENDPOINT, SandboxArgs};
use crate::engine::EngineArgs;
use crate::exit::EXIT_CODES;
use crate::install::WINDOW_MAX;

/// `toru dev`.
#[derive(Debug, Args)]
#[command(
    args_conflicts_with_subcommands = true,
    after_help = EXIT_CODES
)]
pub struct DevArgs {
    /// What to tell a sandbox that runs; without it one is started.
    #[command(subcommand)]
    pub(super) command: Option<DevCommand>,

    /// How to start one.
    #[command(flatten)]
    pub(super) start: StartArgs,
}

/// How a sandbox is started.
#[derive(Debug, Args)]
pub struct StartArgs {
    /// Keep it in this file: start one, or go on with the one that is there
    ///
    /// What was done on layer 1 is kept beside it, in FILE.layer1, what waits for a level in FILE.queue, and
    /// what the batcher has taken in the folder FILE.batcher.
    #[arg(long, value_name = "FILE")]
    pub(super) state: Option<PathBuf>,

    /// Seconds between levels; 0 bakes on demand only
    #[arg(long, value_name = "SECONDS", default_value_t = 6, value_parser = clap::value_parser!(u32).range(0..=86_400))]
    pub(super) block_time: u32,

    /// Levels that a commitment waits before it is cemented; 201,600 on mainnet
    #[arg(long, value_name = "LEVELS", default_value_t = 20)]
    pub(super) challenge_window: i32,

    /// Levels between commitments; 150 on mainnet
    #[arg(long, value_name = "LEVELS", default_value_t = 10)]
    pub(super) commitment_period: i32,

    /// Write a root over the results of so many levels into the outbox, which toru receipt needs; without it, none is
    /// written
    #[arg(long, value_name = "LEVELS", value_parser = clap::value_parser!(u32).range(1..=WINDOW_MAX))]
    pub(super) receipts_every: Option<u32>,

    /// Where to serve
    #[arg(long, value_name = "ADDRESS:PORT", default_value = ENDPOINT)]
    pub(super) rpc: SocketAddr,

    /// Serve at an address that others can reach: whoever does can do everything
    #[arg(long)]
    pub(super) allow_remote: bool,

    /// Leave out the batcher, which is served at the same address, under /v1
    #[arg(long)]
    pub(super) no_batcher: bool,

    /// What runs the kernel.
    #[command(flatten)]
    pub(super) engine: EngineArgs,

    /// Let web pages of this origin ask, such as http://localhost:3000; * is any. May be given several times
    #[arg(long, value_name = "ORIGIN")]
    pub(super) cors_origin: Vec<String>,

    /// Let those pages send this header, such as content-type; * is any. May be given several times
    #[arg(long, value_name = "HEADER")]
    pub(super) cors_header: Vec<String>,
}

/// What can be said to a sandbox that runs.
#[derive(Debug, Subcommand)]
pub enum DevCommand {
    /// Bake levels
    Mine {
        /// How many
        #[arg(value_name = "LEVELS", default_value_t = 1)]
        levels: u32,
        /// Where
        #[command(flatten)]
        at: SandboxArgs,
    },
    /// Bake until the head is a level; what others ask is answered in between
    Warp {
        /// A level, or so many levels on
        #[arg(value_name = "LEVEL|+N", allow_negative_numbers = true)]
        to: Target,
        /// Where
        #[command(flatten)]
        at: SandboxArgs,
    },
    /// Give the state as it is a name to come back to
    Snapshot {
        /// The name: a letter, then letters, digits, '.', '_' or '-'
        #[arg(value_name = "NAME")]
        name: String,
        /// Where
        #[command(flatten)]
        at: SandboxArgs,
    },
    /// Go back to a snapshot, or to the end of a level; what came after it is gone
    Revert {
        /// A level, or the name of a snapshot
        #[arg(value_name = "NAME|LEVEL", allow_negative_numbers = true)]
        to: String,
        /// Where
        #[command(flatten)]
        at: SandboxArgs,
    },
    /// Deposit some of the demo ticket with the next level
    Deposit {
        /// For whom: tz4…, or dev0 to dev9
        #[arg(value_name = "RECEIVER")]
        receiver: String,
        /// How much
        #[arg(value_name = "AMOUNT")]
        amount: u64,
        /// Where
        #[command(flatten)]
        at: SandboxArgs,
    },
    /// Execute a message of an outbox on the simulated layer 1
    Execute {
        /// The level of the outbox
        #[arg(value_name = "LEVEL")]
        level: i32,
        /// Its index in the outbox
        #[arg(value_name = "INDEX")]
        index: u32,
        /// Where
        #[command(flatten)]
        at: SandboxArgs,
    },
    /// Show the last operations of the simulated layer 1, and whose balances they changed
    Operations {
        /// At most how many, the newest first
        #[arg(value_name = "COUNT", default_value_t = 10, value_parser = clap::value_parser!(u16).range(1..=100))]
        count: u16,
        /// Where
        #[command(flatten)]
        at: SandboxArgs,
    },
    /// Set or show the parameter type of a contract of the simulated layer 1
    ///
    /// A call that a contract does not take is refused, as layer 1 refuses it. The contracts of the sandbox
    /// are there, and known by their code; of any other contract nothing is known until it is told.
    Contract {
        /// Which
        #[arg(value_name = "KT1…")]
        contract: String,
        /// A script: its parameter is what counts; without one, what is known is shown
        #[arg(value_name = "FILE.tz")]
        script: Option<PathBuf>,
        /// Where
        #[command(flatten)]
        at: SandboxArgs,
    },
    /// End it
    Stop {
        /// Where
        #[command(flatten)]
        at: SandboxArgs,
    },
}
