//! What `toru state verify` is told on the command line.

use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::str::FromStr;

use clap::Args;

use crate::engine::EngineArgs;

/// `toru state verify`.
#[derive(Debug, Args)]
#[command(after_help = crate::exit::EXIT_CODES)]
pub struct VerifyArgs {
    /// The file that toru run --state or toru dev --state keeps a rollup in; with --commitment or --state, a proof: a
    /// file as toru state prove --json prints it, or as a rollup node answers
    #[arg(value_name = "FILE")]
    pub(super) file: PathBuf,

    /// Play these levels again, each from the state before it that is kept, and compare what comes of it
    ///
    /// One level, or the first and the last with two dots between. Nothing in FILE changes. Compared are durable
    /// storage, the outbox, the hash of the state, and what is kept of the level: runs, instructions, host calls,
    /// messages not read, whether it got stuck. With two engines and no --engine, every run is on both, and its ticks
    /// and its host calls are compared as well.
    #[arg(long, value_name = "LEVEL[..LEVEL]", allow_hyphen_values = true)]
    pub(super) replay: Option<Levels>,

    /// What plays them.
    #[command(flatten)]
    pub(super) engine: EngineArgs,

    /// Folder of preimages that the kernel has revealed, each in a file named by its hash in hex
    #[arg(long, value_name = "DIR", requires = "replay")]
    pub(super) preimages: Option<PathBuf>,

    /// Check a proof against the hash src1… of a commitment that layer 1 has cemented. The file has the commitment itself
    #[arg(long, value_name = "HASH", conflicts_with_all = ["state", "replay"])]
    pub(super) commitment: Option<String>,

    /// Check a proof against the hash srs1… of the state of such a commitment
    #[arg(long, value_name = "HASH", conflicts_with = "replay")]
    pub(super) state: Option<String>,

    /// Print one JSON object instead of words
    ///
    /// Of a rollup, where "hashes" counts the states whose hash was kept and is right:
    ///   {"oldest": -1, "last": 1, "levels": 2, "hashes": 3, "state_hash": "srs1…"}
    /// With --replay, where "more" is how many differences of the level are left out:
    ///   {"engines": ["wasmi"], "replayed": 1, "parted": [{"level": 0, "more": 0, "differences": [
    ///     {"kind": "value", "path": "/path", "part": 0, "kept": "hex", "found": null},
    ///     {"kind": "length", "path": "/path", "kept": 5000, "found": null},
    ///     {"kind": "outbox", "index": 0, "kept": "hex", "found": "hex"},
    ///     {"kind": "fact", "what": "instructions", "kept": "1", "found": "2"},
    ///     {"kind": "status", "kept": null, "found": "why it is stuck"},
    ///     {"kind": "engines", "problem": "where they part"}]}]}
    /// Of a proof, where "commitment" is null with --state:
    ///   {"outbox_level": 2, "message_index": 0, "message": "hex", "state_hash": "srs1…",
    ///    "commitment": "src1…"}
    #[arg(long, verbatim_doc_comment)]
    pub(super) json: bool,
}

/// Levels, the first and the last among them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Levels(pub(super) RangeInclusive<i32>);

impl FromStr for Levels {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (first, last) = text.split_once("..").unwrap_or((text, text));
        let level = |text: &str| text.parse::<i32>();
        match (level(first), level(last)) {
            (Ok(first), Ok(last)) if first <= last => Ok(Self(first..=last)),
            (Ok(_), Ok(_)) => Err("the first level comes after the last".to_owned()),
            _ => Err("expected a level, or two with two dots between, such as 3..10".to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_are_one_or_two_with_dots_between() {
        let levels = |text: &str| text.parse::<Levels>().map(|Levels(range)| range);
        assert_eq!(levels("3"), Ok(3..=3));
        assert_eq!(levels("-1..2"), Ok(-1..=2));
        for wrong in ["", "..", "1..", "..2", "2..1", "1...2", "1-2", "1..2..3", "99999999999"] {
            assert!(levels(wrong).is_err(), "{wrong:?}");
        }
    }
}
