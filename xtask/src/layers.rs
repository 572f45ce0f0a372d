//! The dependency direction: every crate has a layer, and depends on lower ones only.
//!
//! Stages of the kernel share a layer, so this is also what keeps them from importing each other.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;

use crate::cargo;

/// The kernel, whose WASM must stay free of what is below.
const KERNEL: &str = "tx_kernel";
const KERNEL_TARGET: &str = "wasm32-unknown-unknown";
/// Crates for tests and tools. Their presence in the kernel would mean that a dependency slipped
/// out of `[dev-dependencies]`.
const NOT_IN_THE_KERNEL: [&str; 8] =
    ["proptest", "pvm", "toru", "wasmi", "xtask", "e2e_kernel_tests", "clap", "serde_json"];

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

/// Both checks on a workspace. `Err` when cargo itself fails.
pub fn check(workspace: &Path) -> Result<Vec<String>, String> {
    let metadata = cargo::output(workspace, &["metadata", "--format-version", "1", "--no-deps"])?;
    let mut offences = wrong_directions(&metadata)?;
    let tree = cargo::output(
        workspace,
        &[
            "tree",
            "--package",
            KERNEL,
            "--target",
            KERNEL_TARGET,
            "--edges",
            "normal",
            "--prefix",
            "none",
            "--format",
            "{p}",
        ],
    )?;
    offences.extend(test_crates(&tree));
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

/// The crates in `cargo tree`'s lines (`name vX.Y.Z …`) that the kernel must not contain.
fn test_crates(tree: &str) -> Vec<String> {
    let mut found: Vec<&str> = tree
        .lines()
        .filter_map(|line| line.split_whitespace().next())
        .filter(|name| NOT_IN_THE_KERNEL.contains(name))
        .collect();
    found.sort_unstable();
    found.dedup();
    let offence = |name: &str| {
        format!(
            "{KERNEL} contains {name} in its WASM \
             (see `cargo tree -p {KERNEL} --target {KERNEL_TARGET} -e normal -i {name}`)"
        )
    };
    found.into_iter().map(offence).collect()
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
    fn test_crates_in_the_kernel_are_refused() {
        assert!(test_crates("tx_kernel v0.1.0 (/x)\nblst v0.3.17\nnom v7.1.3 (*)").is_empty());
        let offences = test_crates("tx_kernel v0.1.0 (/x)\nwasmi v2.0.0\npvm v0.1.0\nwasmi v2.0.0");
        assert_eq!(offences.len(), 2, "{offences:?}");
        assert!(offences[0].starts_with("tx_kernel contains pvm in its WASM"));
    }

    #[test]
    fn what_is_not_metadata_is_an_error() {
        assert!(wrong_directions("{}").is_err());
    }
}
