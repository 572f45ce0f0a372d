//! Which files of a crate use which others.

use std::collections::BTreeMap;
use std::path::PathBuf;

/// Why a file needs another: where it does, and the path that it writes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Use {
    pub(crate) line: usize,
    pub(crate) path: String,
}

/// The files of a crate, and what each uses of which others.
pub(crate) type Uses = BTreeMap<PathBuf, BTreeMap<PathBuf, Use>>;
