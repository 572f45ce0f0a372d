//! Which files reach each other, and the shortest way around a circle of them.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::path::{Path, PathBuf};

use super::uses::Uses;

/// Who uses whom.
pub(crate) struct Graph<'u> {
    uses: &'u Uses,
    reached: BTreeMap<&'u Path, BTreeSet<&'u Path>>,
}

impl<'u> Graph<'u> {
    pub(crate) fn new(uses: &'u Uses) -> Self {
        let reached = uses.keys().map(|file| (file.as_path(), reached(uses, file))).collect();
        Self { uses, reached }
    }

    /// The files that reach each other, circle by circle.
    pub(crate) fn circles(&self) -> Vec<Vec<PathBuf>> {
        let mut circles: Vec<Vec<PathBuf>> = Vec::new();
        for (file, reached) in &self.reached {
            let known = circles.iter().flatten().any(|known| known == file);
            if known || !reached.contains(file) {
                continue;
            }
            let back =
                |other: &&&Path| self.reached.get(**other).is_some_and(|of| of.contains(file));
            circles.push(reached.iter().filter(back).map(|other| other.to_path_buf()).collect());
        }
        circles
    }

    /// The shortest way around within a circle.
    pub(crate) fn shortest(&self, members: &[PathBuf]) -> Vec<PathBuf> {
        let around = members.iter().filter_map(|file| self.around(file));
        around.min_by_key(Vec::len).unwrap_or_default()
    }

    /// The shortest way from a file back to itself.
    fn around(&self, start: &'u Path) -> Option<Vec<PathBuf>> {
        let mut ways = VecDeque::from([vec![start]]);
        let mut seen = BTreeSet::new();
        while let Some(way) = ways.pop_front() {
            let used = way.last().and_then(|last| self.uses.get(*last)).into_iter().flatten();
            for (next, _) in used {
                if next == start {
                    return Some(way.into_iter().map(Path::to_path_buf).collect());
                }
                if seen.insert(next) {
                    ways.push_back([&way[..], &[next.as_path()]].concat());
                }
            }
        }
        None
    }
}

/// What a file uses, and what that uses, and so on.
fn reached<'u>(uses: &'u Uses, file: &Path) -> BTreeSet<&'u Path> {
    let mut reached = BTreeSet::new();
    let mut open: Vec<&Path> = vec![file];
    while let Some(file) = open.pop() {
        for next in uses.get(file).into_iter().flat_map(BTreeMap::keys) {
            if reached.insert(next.as_path()) {
                open.push(next);
            }
        }
    }
    reached
}
