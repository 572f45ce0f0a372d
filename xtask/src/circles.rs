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

use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::cargo;
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

fn all(workspace: &Path) -> Result<Vec<Circle>, String> {
    let metadata = cargo::output(workspace, &["metadata", "--format-version", "1", "--no-deps"])?;
    let metadata: Metadata =
        serde_json::from_str(&metadata).map_err(|error| format!("cargo metadata: {error}"))?;
    let base = workspace.canonicalize().map_err(|error| error.to_string())?;
    let mut found = Vec::new();
    let roots = metadata.packages.into_iter().flat_map(|package| package.targets);
    for root in roots {
        found.extend(circles(&base, &of_crate(&root.src_path)?));
    }
    // The targets of a package may share files.
    found.sort_by(|a, b| a.line.cmp(&b.line));
    found.dedup_by(|a, b| a.line == b.line);
    Ok(found)
}

/// What the files of a crate use of each other, from its root.
fn of_crate(root: &Path) -> Result<Uses, String> {
    Ok(resolve::uses(&load::load(root)?))
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
