//! The command line of `toru pvm`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use crate::exit::exit_codes;

/// `toru pvm`.
#[derive(Debug, Subcommand)]
#[command(after_help = crate::exit::EXIT_CODES)]
pub enum PvmCommand {
    /// Play vectors of a reference PVM on the embedded one, and show where it differs
    Vectors(VectorsArgs),
}

/// `toru pvm vectors`.
#[derive(Debug, Args)]
#[command(after_help = concat!(
    "Exit code 3 says here that the embedded PVM differs in a vector, or that the kind of one is not known. ",
    exit_codes!()
))]
pub struct VectorsArgs {
    /// Files of vectors: a JSON object a line, gzipped or not
    ///
    /// A vector is a level (a storage, an inbox, and what the reference made of them), an origination or one of
    /// the levels after it, and whatever else docs/conformance.md lists.
    #[arg(value_name = "FILE", required = true)]
    pub files: Vec<PathBuf>,
}
