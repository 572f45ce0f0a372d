//! What `toru receipt` is told on the command line.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use crate::cli::groups::{JsonArgs, WalletArgs};
use crate::exit::EXIT_CODES;

/// `toru receipt`.
#[derive(Debug, Args)]
#[command(
    after_help = EXIT_CODES,
    args_conflicts_with_subcommands = true,
    subcommand_negates_reqs = true
)]
pub struct ReceiptArgs {
    /// What to do with one that is there.
    #[command(subcommand)]
    pub(super) command: Option<ReceiptCommand>,

    /// What to make one of.
    #[command(flatten)]
    pub(super) make: MakeArgs,
}

#[derive(Debug, Subcommand)]
pub(super) enum ReceiptCommand {
    /// Check a receipt against a commitment of layer 1: no node is asked
    Verify(VerifyArgs),
}

#[derive(Debug, Args)]
pub(super) struct MakeArgs {
    /// The hash of the transaction, or of a batch
    #[arg(required = true)]
    pub hash: Option<String>,

    /// Which transaction of a batch, by its number there, from 0
    #[arg(long, value_name = "N")]
    pub transaction: Option<u32>,

    /// The block whose state has the result: "cemented", a level, or a hash. Results are kept for a day or two
    #[arg(long, value_name = "BLOCK", default_value = "cemented", value_parser = block)]
    pub at: String,

    /// Where to write it [default: HASH.receipt.json in this folder]
    #[arg(long, value_name = "FILE.json")]
    pub out: Option<PathBuf>,

    /// Print the hash of the file as a QR code, too
    #[arg(long)]
    pub qr: bool,

    /// Where.
    #[command(flatten)]
    pub wallet: WalletArgs,
}

#[derive(Debug, Args)]
pub(super) struct VerifyArgs {
    /// The receipt
    #[arg(value_name = "FILE.json")]
    pub file: PathBuf,

    /// The hash of a commitment that layer 1 has cemented for the rollup. Take it from a node of layer 1 that
    /// you trust, not from whoever gave you the receipt
    #[arg(long, value_name = "src1…")]
    pub commitment: String,

    /// How it is printed.
    #[command(flatten)]
    pub json: JsonArgs,
}

/// Reads the name of a block, which becomes part of a path.
fn block(text: &str) -> Result<String, String> {
    let is_name = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let expected = "expected cemented, finalized, head, a level or the hash of a block";
    if is_name { Ok(text.to_owned()) } else { Err(expected.to_owned()) }
}
