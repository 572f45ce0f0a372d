//! Why a transaction or a batch cannot be signed or sent as it is.

use std::path::{Path, PathBuf};

use wallet::error::FileError;

use crate::error::{Failure, shown_path};
use crate::exit::Exit;

/// Why a transaction or a batch cannot be signed or sent as it is.
#[derive(Debug, thiserror::Error)]
pub enum SigningError {
    /// A file of a transaction or a batch that cannot be used.
    #[error("{}: {problem}", shown_path(path))]
    File {
        /// Which.
        path: PathBuf,
        /// What is wrong.
        problem: FileError,
    },
    /// Somebody has not signed.
    #[error("{0} has not signed it")]
    NotSigned(String),
    /// A swap of somebody with themselves.
    #[error("a swap is between two people, and both are the same")]
    SwapWithOneself,
    /// A batch that fits no message.
    #[error("the batch makes a message of {0} bytes (at most 4,096 fit)")]
    LongBatch(usize),
    /// A memo that is too long or empty.
    #[error("a memo has 1 to 64 bytes, and this one has {0}")]
    Memo(usize),
}

impl SigningError {
    /// For `map_err` when something is wrong with a file.
    pub fn in_file(path: &Path) -> impl Fn(FileError) -> Self + '_ {
        move |problem| SigningError::File { path: path.to_owned(), problem }
    }
}

impl From<SigningError> for Failure {
    fn from(error: SigningError) -> Self {
        let failure = Failure::of(Exit::Input, &error);
        match error {
            SigningError::File { .. } => failure.of_kind("file"),
            SigningError::NotSigned(_) => failure.of_kind("not_signed").with_hint(
                "toru tx sign FILE --key NAME, toru swap accept, or toru batch sign adds a signature",
            ),
            SigningError::LongBatch(_) => failure.with_hint("make two batches of it"),
            SigningError::SwapWithOneself | SigningError::Memo(_) => failure,
        }
    }
}
