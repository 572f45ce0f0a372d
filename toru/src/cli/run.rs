//! The command line of `toru run`.

use std::path::{Path, PathBuf};

use clap::Args;

use crate::engine::EngineArgs;
use crate::error::Failure;
use crate::exit::exit_codes;

/// Bytes of a mebibyte.
const MIB: usize = 1 << 20;

/// `toru run`.
#[derive(Debug, Args)]
#[command(after_help = concat!(
    "What the kernel refuses of a message is no failure of the run. ",
    exit_codes!()
))]
pub struct RunArgs {
    /// Run this kernel instead of ours: a module as bytes, as hex, or in the text format (.wat)
    ///
    /// What it leaves in durable storage is shown as our kernel's if it is that.
    #[arg(value_name = "KERNEL.wasm", conflicts_with = "kernel")]
    positional_kernel: Option<PathBuf>,

    /// Inputs: a JSON array of levels, each an array of messages
    ///
    /// A message is one of
    ///   {"payload": "Michelson"}, with "sender", "source" and "destination" where they matter
    ///   {"external": "hex without the tag 01"}
    ///   {"serialized": "hex of the whole message"}, or only that hex string
    /// The rollup is originated at level 0 and the levels count from 0. Start, info and end of
    /// each level are added. Without a file, one level without messages is run.
    #[arg(long, value_name = "FILE.json", verbatim_doc_comment)]
    pub inputs: Option<PathBuf>,

    /// The kernel, as an option
    #[arg(long, value_name = "FILE.wasm")]
    kernel: Option<PathBuf>,

    /// The rollup's own address [default: sr163Lv22CdE8QagCwf48PWDTquk6isQwv57]
    #[arg(long, value_name = "sr1…")]
    pub rollup: Option<String>,

    /// Folder of preimages that the kernel may reveal, each in a file named by its hash in hex
    #[arg(long, value_name = "DIR", visible_alias = "preimage-dir")]
    pub preimages: Option<PathBuf>,

    /// Values to write to durable storage before the first level, in YAML or JSON
    ///
    ///   instructions: [{set: {value: hex, to: /path}}]
    #[arg(
        long,
        value_name = "FILE.yaml",
        visible_alias = "installer-config",
        verbatim_doc_comment
    )]
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
    /// Level numbers go on. Every level is on the disk before the next is run. Kernel, setup and
    /// address are those of the first run. toru state handles the file.
    #[arg(long, value_name = "FILE")]
    pub state: Option<PathBuf>,

    /// The most memory, in MiB, that a run of the kernel may take: its memory and tables together, and
    /// as much again for its stack, up to 512 MiB
    ///
    /// A run that needs more ends this command; it is no trap.
    #[arg(long, value_name = "MIB", default_value_t = 1_024,
        value_parser = clap::value_parser!(u32).range(1..=65_536))]
    memory_limit: u32,

    /// Exit with 0 even if the kernel was STUCK at the end of a level
    #[arg(long)]
    pub allow_stuck: bool,

    /// Run our kernel natively instead of as WASM
    #[arg(long)]
    pub native: bool,

    /// What runs it, if it is WASM.
    #[command(flatten)]
    pub engine: EngineArgs,

    /// Print one JSON object instead of tables
    ///
    ///   {"levels": [{"level": 0, "runs": 1, "stuck": false, "stuck_for_good": null,
    ///                "traps": [{"run": 0, "reason": "…", "stack": ["innermost", "…"]}],
    ///                "instructions": 1, "ticks": 6,
    ///                "refutation_seconds": 0, "default_node": null, "state_hash": "srs1…",
    ///                "outbox": ["hex"],
    ///                "debug": ["line"], "debug_dropped": 0,
    ///                "results": [{"level": 0, "message": 0, "transaction": null,
    ///                             "operation": null, "hash": null, "outcome": "credited",
    ///                             "code": "DEPOSIT_CREDITED", "number": 100,
    ///                             "values": {"account": "0", "amount": "5"},
    ///                             "reason": "…"}]}],
    ///    "balances": [{"account": "tz4…", "ticketer": "KT1…", "content": "hex", "amount": "1"}],
    ///    "counters": {"tz4…": 0}, "durable": {"/path": "hex"}}
    /// "instructions" counts executed WASM operators, and "ticks" is an estimate of what the PVM
    /// would count, of which a dispute about the longest run replays 3 million a second, in
    /// "refutation_seconds"; all three are null with --native. "default_node" says what a rollup node with default
    /// options does otherwise than the PVM, if anything. "state_hash" is the hash of the state, which a rollup node
    /// would commit to; it is null with --native, and once the kernel will never run again. Results, balances
    /// and counters are those of our own kernel, and empty with another one. A result without a hash
    /// is a message's, one with a hash an operation's; those of a level are all that became known
    /// in it. "stuck" says that the last run trapped, or that there will be none any more, and then
    /// "stuck_for_good" why. "stack" has the functions that were open, by name where the kernel has
    /// names, and is empty otherwise. "debug" has what the kernel printed, up to 100 lines a level, and
    /// "debug_dropped" how many more there were. "durable" is all of durable storage at the end, but for the code of the kernel:
    /// /kernel/boot.wasm and /readonly/kernel/boot.wasm are left out.
    #[arg(long, verbatim_doc_comment)]
    pub json: bool,
}

impl RunArgs {
    /// The kernel to run, if it is not ours.
    pub fn kernel(&self) -> Option<&Path> {
        self.kernel.as_deref().or(self.positional_kernel.as_deref())
    }

    /// Bytes that its memory and tables may take.
    pub fn memory_limit_bytes(&self) -> usize {
        usize::try_from(self.memory_limit).unwrap_or(usize::MAX).saturating_mul(MIB)
    }

    /// Options that make no sense together.
    ///
    /// # Errors
    /// When such are given.
    pub fn check(&self) -> Result<(), Failure> {
        if self.native && self.kernel().is_some() {
            return Err(Failure::usage(
                "--native and --kernel exclude each other: only our own kernel runs \
                          natively",
                "leave out --native to run that kernel as WASM",
            ));
        }
        if self.native && self.profile.is_some() {
            return Err(Failure::usage(
                "--native and --profile exclude each other: only WASM is profiled",
                "leave out --native, or use the system's own profiler on it",
            ));
        }
        Ok(())
    }
}
