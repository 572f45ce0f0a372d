//! The command line of `toru kernel`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use crate::install::ConfigArgs;

/// `toru kernel`.
#[derive(Debug, Subcommand)]
#[command(after_help = crate::exit::EXIT_CODES)]
pub enum KernelCommand {
    /// State the rules that a rollup node holds a kernel to, and refuse a module that breaks one
    ///
    /// Names, debug information and producers are a note: they break no rule.
    Check {
        /// The module: as bytes, as hex, or in the text format (.wat)
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
pub struct InstallArgs {
    /// The kernel; ours without a file
    #[arg(value_name = "KERNEL.wasm")]
    pub kernel: Option<PathBuf>,

    /// What the rollup begins with, beside its kernel.
    #[command(flatten)]
    pub config: ConfigArgs,

    /// Leave out names, debug information and producers, which nothing needs on a rollup
    #[arg(long)]
    pub strip: bool,

    /// Pinned tickets for the users of the rollup: they are checked, and written to tickets.json in the
    /// folder. The file names no rollup, as there is none yet
    #[arg(long, value_name = "FILE.json")]
    pub tickets: Option<PathBuf>,

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
    ///    "reveals": ["00…"], "custom_bytes": 0, "type": "or …",
    ///    "originate": "octez-client …", "copy": "cp …", "tickets": "dist/tickets.json"}
    /// "reveals" are the hashes that the setup reveals, "custom_bytes" what --strip would leave out.
    /// "type" is null where it is not known, "tickets" without --tickets.
    #[arg(long, verbatim_doc_comment)]
    pub json: bool,
}

/// `toru kernel build`.
#[derive(Debug, Args)]
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
pub struct PagesArgs {
    /// The new kernel
    #[arg(value_name = "KERNEL.wasm")]
    pub kernel: PathBuf,

    /// Leave out names, debug information and producers, which nothing needs on a rollup
    #[arg(long)]
    pub strip: bool,

    /// The rollup that is to have it
    #[arg(long, value_name = "sr1…")]
    pub rollup: String,

    /// Folder for pages.json, a list of messages in hex as octez-client takes them, and for each of
    /// them a file; what else is in it stays
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
}
