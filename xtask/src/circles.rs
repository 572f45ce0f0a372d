//! Circles of files: inside a crate, no file uses what another defines that uses what the first defines,
//! however many are between them.
//!
//! A file uses another when a path in it leads to an item that the other defines. Declaring a module is no
//! use, a re-export is not a place where something is defined, and test code is free to use what it likes.

mod collect;
mod graph;
mod load;
mod module;
mod resolve;
mod uses;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::command::{about, cargo, output};
use graph::Graph;
use uses::Uses;

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
}

#[derive(Deserialize)]
struct Package {
    targets: Vec<Target>,
}

#[derive(Deserialize)]
struct Target {
    src_path: PathBuf,
}

/// Every circle in the workspace, each on a line, with one way around it.
///
/// # Errors
/// When cargo fails, or a source file cannot be read or parsed.
pub fn check(workspace: &Path) -> Result<Vec<String>, String> {
    Ok(all(workspace)?.into_iter().map(|circle| circle.line).collect())
}

/// Every circle in the workspace with every use that closes it: for whoever opens them.
///
/// # Errors
/// As for [`check`].
pub fn listing(workspace: &Path) -> Result<String, String> {
    let texts =
        all(workspace)?.into_iter().map(|circle| format!("{}\n{}", circle.line, circle.uses));
    Ok(texts.collect::<Vec<_>>().join("\n"))
}

struct Circle {
    line: String,
    uses: String,
}

/// The first file of every library, program, test, example and build script.
fn roots(workspace: &Path) -> Result<Vec<PathBuf>, String> {
    let metadata =
        output(cargo(workspace).args(["metadata", "--format-version", "1", "--no-deps"]))?;
    let metadata: Metadata =
        serde_json::from_str(&metadata).map_err(|error| format!("cargo metadata: {error}"))?;
    let targets = metadata.packages.into_iter().flat_map(|package| package.targets);
    Ok(targets.map(|target| target.src_path).collect())
}

fn all(workspace: &Path) -> Result<Vec<Circle>, String> {
    let base = workspace.canonicalize().map_err(about(workspace))?;
    let mut found = Vec::new();
    for root in roots(workspace)? {
        found.extend(circles(&base, &of_crate(&root)?));
    }
    // The targets of a package may share files.
    found.sort_by(|a, b| a.line.cmp(&b.line));
    found.dedup_by(|a, b| a.line == b.line);
    Ok(found)
}

/// Every source file of the workspace's crates, tests and all.
///
/// # Errors
/// As for [`check`].
pub fn sources(workspace: &Path) -> Result<BTreeSet<PathBuf>, String> {
    let mut sources = BTreeSet::new();
    for root in roots(workspace)? {
        let modules = load::load(&root, load::With::Tests)?;
        for module in modules {
            sources.insert(module.file.canonicalize().map_err(about(&module.file))?);
        }
    }
    Ok(sources)
}

/// What the files of a crate use of each other, from its root.
fn of_crate(root: &Path) -> Result<Uses, String> {
    Ok(resolve::uses(&load::load(root, load::With::NoTests)?))
}

fn circles(base: &Path, uses: &Uses) -> Vec<Circle> {
    let shown = |file: &Path| file.strip_prefix(base).unwrap_or(file).display().to_string();
    let of = |from: &Path, to: &Path| uses.get(from).and_then(|uses| uses.get(to));
    let graph = Graph::new(uses);
    let mut found = Vec::new();
    for members in graph.circles() {
        let shortest = graph.shortest(&members);
        let steps: Vec<String> = shortest
            .iter()
            .zip(shortest.iter().cycle().skip(1))
            .filter_map(|(from, to)| {
                let used = of(from, to)?;
                Some(format!("{}:{} uses `{}`", shown(from), used.line, used.path))
            })
            .collect();
        let more = match members.len().saturating_sub(shortest.len()) {
            0 => String::new(),
            more => format!(" (and {more} more files are in it: cargo xtask circles)"),
        };
        let line = format!("circle of files: {}{more}", steps.join(", "));
        let mut text = String::new();
        for (from, to) in members.iter().flat_map(|from| members.iter().map(move |to| (from, to))) {
            if let Some(used) = of(from, to) {
                let (from, to) = (shown(from), shown(to));
                text.push_str(&format!("    {from}:{} `{}` -> {to}\n", used.line, used.path));
            }
        }
        found.push(Circle { line, uses: text });
    }
    found
}

#[cfg(test)]
mod tests;
