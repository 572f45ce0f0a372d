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
    /// A vector is a level, a chain's origination or one of its levels, a state, an output proof or a commitment:
    /// docs/conformance.md has the members of each. A proof is also made, and not only checked, if its state is that
    /// of a vector before it, in the same file or in an earlier one.
    #[arg(value_name = "FILE", required = true)]
    pub files: Vec<PathBuf>,
}
