//! Where the files are with which a kernel becomes a rollup.

use std::path::PathBuf;

/// Where the files are.
#[derive(Clone, Debug)]
pub struct Files {
    /// The installer.
    pub installer: PathBuf,
    /// The installer in hex.
    pub hex: PathBuf,
    /// The folder of the pages, each in a file named by its hash in hex.
    pub preimages: PathBuf,
    /// The pinned tickets, if there are any.
    pub tickets: Option<PathBuf>,
}
