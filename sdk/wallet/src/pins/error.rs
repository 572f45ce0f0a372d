//! Why pinned tickets cannot be read, kept or added.

use std::io;
use std::path::PathBuf;

use encoding::RollupAddress;
use layer1::address::AddressError;
use layer1::plain::{grouped, quoted};

use crate::error::{RpcError, io_words};
use crate::limits::{MAX_DECIMALS, MAX_FILE_BYTES, MAX_PINS, MAX_SYMBOL_CHARS};

/// Why pinned tickets are not known.
#[derive(Debug, thiserror::Error)]
pub enum PinsError {
    /// The system refuses.
    #[error("cannot {action} {}: {}", path.display(), io_words(source))]
    Io {
        /// What was tried.
        action: &'static str,
        /// With which file or folder.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// A file is malformed, or is for another rollup.
    #[error("{}: {problem}", path.display())]
    File {
        /// Which file.
        path: PathBuf,
        /// What is wrong.
        problem: PinFileProblem,
    },
    /// A sandbox's answer is malformed.
    #[error("{endpoint}: {problem}")]
    Sandbox {
        /// What was asked.
        endpoint: String,
        /// What is wrong.
        problem: PinFileProblem,
    },
    /// The sandbox does not tell which tickets it has.
    #[error(transparent)]
    Rpc(#[from] RpcError),
}

/// What is wrong with a file of pinned tickets.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PinFileProblem {
    /// No such file at all.
    #[error("invalid file of pinned tickets: {0}")]
    Json(String),
    /// A version that this code does not know.
    #[error("version {found} of a file of pinned tickets (this toru reads {expected})")]
    Version {
        /// That of the file.
        found: u64,
        /// Ours.
        expected: u64,
    },
    /// The rollup is mistyped.
    #[error("\"rollup\": {} {problem}", quoted(text))]
    Rollup {
        /// What is there.
        text: String,
        /// What is wrong with it.
        problem: AddressError,
    },
    /// It is for another rollup: what is minted there means nothing here.
    #[error("the tickets are pinned for {found}, not for {expected}")]
    OtherRollup {
        /// The rollup of the file.
        found: RollupAddress,
        /// The rollup that is meant.
        expected: RollupAddress,
    },
    /// More than any such file has.
    #[error("longer than {} bytes", grouped(MAX_FILE_BYTES))]
    TooLong,
    /// One entry is wrong.
    #[error("ticket {number}{}: {problem}", called(name))]
    Entry {
        /// Which, from 1.
        number: usize,
        /// Its name, as far as it has one.
        name: Option<String>,
        /// What is wrong with it.
        problem: PinProblem,
    },
}

fn called(name: &Option<String>) -> String {
    name.as_ref().map_or_else(String::new, |name| format!(", {}", quoted(name)))
}

/// What is wrong with a pinned ticket.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PinProblem {
    /// Other fields than there must be.
    #[error("{0}")]
    Json(String),
    /// The name is no word.
    #[error(
        "invalid name (expected up to {MAX_SYMBOL_CHARS} of A to Z, a to z, 0 to 9 and ._-$+, and \
         not KT1 at its beginning)"
    )]
    Name,
    /// The ticketer or the helper is mistyped.
    #[error("\"{field}\": {} {problem}", quoted(text))]
    Address {
        /// Which of them.
        field: &'static str,
        /// What is there.
        text: String,
        /// What is wrong with it.
        problem: AddressError,
    },
    /// The type of the content is none that the rollup takes.
    #[error(
        "invalid \"content_type\" {} (expected \"string\" or \"pair nat (option bytes)\")",
        quoted(.0)
    )]
    ContentType(String),
    /// The content is not of its type.
    #[error("invalid \"content\" (expected Micheline of the type {0}, in hexadecimal)")]
    Content(&'static str),
    /// More decimals than any amount has digits.
    #[error("{0} decimals ({MAX_DECIMALS} are the most)")]
    Decimals(u64),
    /// The kind is unknown.
    #[error("invalid \"kind\" {} (expected \"tez\", \"fa\" or \"other\")", quoted(.0))]
    Kind(String),
    /// The same pin twice.
    #[error("the name {} is pinned twice", quoted(.0))]
    Twice(String),
    /// The name is pinned to another ticket, or with other facts.
    #[error("the name {} is pinned already, to another ticket or with other facts", quoted(.0))]
    Differs(String),
    /// The name is the same to the eye as another.
    #[error("the name {} looks like {}, which is pinned already", quoted(name), quoted(other))]
    LooksLike {
        /// The new name.
        name: String,
        /// The one that is there.
        other: String,
    },
    /// The ticket has a name already.
    #[error("the ticket is pinned already, as {}", quoted(.0))]
    SameTicket(String),
    /// There are too many.
    #[error("more than {} tickets are pinned", grouped(MAX_PINS))]
    TooMany,
}
