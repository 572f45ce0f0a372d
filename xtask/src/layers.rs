//! The dependency direction: every crate has a layer, and depends on lower ones only.
//!
//! Stages of the kernel share a layer, so this is also what keeps them from importing each other.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde::Deserialize;

use crate::circles;
use crate::command::{cargo, output};

/// The kernel, whose WASM must stay free of what is below.
const KERNEL: &str = "tx_kernel";
const KERNEL_TARGET: &str = "wasm32-unknown-unknown";
/// Crates for tests and tools. Their presence in the kernel would mean that a dependency slipped
/// out of `[dev-dependencies]`.
const NOT_IN_THE_KERNEL: [&str; 10] = [
    "clap",
    "crowd",
    "e2e_kernel_tests",
    "kit",
    "proptest",
    "pvm",
    "serde_json",
    "toru",
    "wasmi",
    "xtask",
];
/// The kernel's tests, which whoever works on the kernel builds over and over.
const TESTS: &str = "e2e_kernel_tests";
/// What they can do without, and takes long.
const NOT_IN_ITS_TESTS: [&str; 4] = ["clap", "node", "toru", "wallet"];

/// What `cargo metadata` says, as far as it matters here.
#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    metadata: Option<PackageMetadata>,
    dependencies: Vec<Dependency>,
}

#[derive(Deserialize)]
struct PackageMetadata {
    layer: Option<u32>,
}

#[derive(Deserialize)]
struct Dependency {
    name: String,
    kind: Option<String>,
    /// Only for crates of this workspace.
    path: Option<String>,
}

/// All checks on a workspace: directions, what the kernel and its tests are built of, circles of files.
///
/// # Errors
/// When cargo itself fails, or a source file cannot be parsed.
pub fn check(workspace: &Path) -> Result<Vec<String>, String> {
    let metadata =
        output(cargo(workspace).args(["metadata", "--format-version", "1", "--no-deps"]))?;
    let mut offences = wrong_directions(&metadata)?;
    let tree = |of: &[&str]| {
        output(cargo(workspace).args(["tree", "--prefix", "none", "--format", "{p}"]).args(of))
    };
    let kernel = ["--package", KERNEL, "--target", KERNEL_TARGET, "--edges", "normal"];
    for name in among(&tree(&kernel)?, &NOT_IN_THE_KERNEL) {
        offences.push(format!(
            "{KERNEL} contains {name} in its WASM \
             (see `cargo tree -p {KERNEL} --target {KERNEL_TARGET} -e normal -i {name}`)"
        ));
    }
    for name in among(&tree(&["--package", TESTS, "--edges", "all"])?, &NOT_IN_ITS_TESTS) {
        offences.push(format!(
            "{TESTS} is built with {name} (see `cargo tree -p {TESTS} -e all -i {name}`)"
        ));
    }
    offences.extend(circles::check(workspace)?);
    Ok(offences)
}

/// Every normal or build dependency that does not run downwards, from `cargo metadata`'s JSON.
fn wrong_directions(metadata: &str) -> Result<Vec<String>, String> {
    let metadata: Metadata =
        serde_json::from_str(metadata).map_err(|error| format!("cargo metadata: {error}"))?;
    let layers: BTreeMap<&str, Option<u32>> = metadata
        .packages
        .iter()
        .map(|package| {
            (package.name.as_str(), package.metadata.as_ref().and_then(|known| known.layer))
        })
        .collect();
    let mut offences = Vec::new();
    for package in &metadata.packages {
        let Some(Some(layer)) = layers.get(package.name.as_str()) else {
            offences.push(format!(
                "crate {} has no layer: add `layer = N` to its [package.metadata]",
                package.name
            ));
            continue;
        };
        for dependency in &package.dependencies {
            if dependency.path.is_none() || dependency.kind.as_deref() == Some("dev") {
                continue;
            }
            // A crate without a layer is an offence of its own, above.
            let Some(Some(below)) = layers.get(dependency.name.as_str()) else { continue };
            if below >= layer {
                offences.push(format!(
                    "crate {} (layer {layer}) depends on {} (layer {below}), which is not below it",
                    package.name, dependency.name
                ));
            }
        }
    }
    Ok(offences)
}

/// Which of some crates are in `cargo tree`'s lines (`name vX.Y.Z …`), each once.
fn among<'t>(tree: &'t str, unwanted: &[&str]) -> BTreeSet<&'t str> {
    let names = tree.lines().filter_map(|line| line.split_whitespace().next());
    names.filter(|name| unwanted.contains(name)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A crate as (name, layer, dependencies as (name, kind)).
    type Crate<'a> = (&'a str, Option<u32>, &'a [(&'a str, Option<&'a str>)]);

    fn metadata(crates: &[Crate<'_>]) -> String {
        let packages: Vec<_> = crates
            .iter()
            .map(|(name, layer, dependencies)| {
                let dependencies: Vec<_> = dependencies
                    .iter()
                    .map(|(name, kind)| {
                        serde_json::json!({"name": name, "kind": kind, "path": "/x"})
                    })
                    .collect();
                let metadata = layer.map(|layer| serde_json::json!({"layer": layer}));
                serde_json::json!(
                    {"name": name, "metadata": metadata, "dependencies": dependencies}
                )
            })
            .collect();
        serde_json::json!({"packages": packages}).to_string()
    }

    #[test]
    fn downwards_is_fine_and_dev_dependencies_are_free() {
        let good = metadata(&[
            ("low", Some(0), &[("high", Some("dev"))]),
            ("high", Some(1), &[("low", None), ("serde", None)]),
        ]);
        assert_eq!(wrong_directions(&good), Ok(vec![]));
    }

    #[test]
    fn upwards_sideways_and_unlayered_are_refused() {
        let bad = metadata(&[
            ("low", Some(0), &[("high", None)]),
            ("high", Some(1), &[("twin", Some("build"))]),
            ("twin", Some(1), &[]),
            ("lost", None, &[]),
        ]);
        assert_eq!(
            wrong_directions(&bad).unwrap(),
            [
                "crate low (layer 0) depends on high (layer 1), which is not below it",
                "crate high (layer 1) depends on twin (layer 1), which is not below it",
                "crate lost has no layer: add `layer = N` to its [package.metadata]",
            ]
        );
    }

    #[test]
    fn unwanted_crates_are_found_in_a_tree() {
        let good = "tx_kernel v0.1.0 (/x)\nblst v0.3.17\nnom v7.1.3 (*)";
        assert!(among(good, &NOT_IN_THE_KERNEL).is_empty());
        let bad = "tx_kernel v0.1.0 (/x)\nwasmi v2.0.0\npvm v0.1.0\nwasmi v2.0.0";
        assert_eq!(among(bad, &NOT_IN_THE_KERNEL), BTreeSet::from(["pvm", "wasmi"]));
        assert_eq!(among("clap v4.6.9\nclap_lex v1", &NOT_IN_ITS_TESTS), BTreeSet::from(["clap"]));
    }

    #[test]
    fn what_is_not_metadata_is_an_error() {
        assert!(wrong_directions("{}").is_err());
    }
}
