//! What is known of a module before its paths are followed.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

/// A module: its file, its neighbours, what it defines, imports and uses.
#[derive(Debug, Default)]
pub(crate) struct Module {
    pub(crate) file: PathBuf,
    pub(crate) parent: Option<usize>,
    pub(crate) children: BTreeMap<String, usize>,
    pub(crate) items: BTreeSet<String>,
    pub(crate) aliases: Vec<Alias>,
    pub(crate) globs: Vec<Glob>,
    pub(crate) written: Vec<Written>,
}

/// A name that a module gives to something of another: `use a::b as c`.
#[derive(Debug)]
pub(crate) struct Alias {
    pub(crate) name: String,
    pub(crate) path: Vec<String>,
}

/// `use a::*`.
#[derive(Debug)]
pub(crate) struct Glob {
    pub(crate) path: Vec<String>,
    /// The line, unless others are given what it brings.
    pub(crate) used_at: Option<usize>,
}

/// A path that stands in a module.
#[derive(Debug)]
pub(crate) struct Written {
    pub(crate) path: Vec<String>,
    pub(crate) line: usize,
}
