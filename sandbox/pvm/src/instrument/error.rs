//! Why a module could not be instrumented.

use std::ops::Range;

use thiserror::Error;
use wasm_encoder::reencode;

/// Why a module could not be instrumented. None of these befalls a module that is valid.
#[derive(Debug, Error)]
pub(crate) enum InstrumentError {
    /// It does not parse.
    #[error("{0}")]
    Parse(#[from] wasmparser::Error),
    /// It cannot be written again.
    #[error("{0}")]
    Reencode(#[from] reencode::Error),
    /// A part of it lies outside of the file.
    #[error("bytes {0:?} lie outside of the module")]
    OutOfFile(Range<u64>),
    /// A part of it refers to a type or function that is not there.
    #[error("there is no {0}")]
    Missing(String),
}
