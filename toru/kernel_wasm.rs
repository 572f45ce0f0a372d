//! Builds a kernel and leaves it in OUT_DIR: this file is part of the build scripts that need it.

use std::env;
use std::path::{Path, PathBuf};
use std::process::exit;

#[path = "kernel_from_source.rs"]
mod from_source;

/// What our kernel is made of, from the workspace's root.
const SOURCES: [&str; 11] = [
    "Cargo.toml",
    "Cargo.lock",
    "encoding",
    "host",
    "bls",
    "accounts",
    "inbox",
    "outbox",
    "deposit",
    "withdraw",
    "tx_kernel",
];

/// Builds a package of the workspace, which is the folder above the one whose build script this is,
/// and leaves the module as `<package>.wasm` in OUT_DIR. `sources` are what it is made of beside our
/// kernel.
pub fn embed(package: &str, sources: &[&str]) {
    let workspace = folder("CARGO_MANIFEST_DIR").join("..");
    let out_dir = folder("OUT_DIR");
    for source in SOURCES.iter().chain(sources) {
        println!("cargo:rerun-if-changed={}", workspace.join(source).display());
    }
    println!("cargo:rerun-if-changed=build.rs");
    for shared in ["toru/kernel_wasm.rs", "toru/kernel_from_source.rs"] {
        println!("cargo:rerun-if-changed={}", workspace.join(shared).display());
    }

    let built = from_source::build(&workspace, &kernel_target_dir(&out_dir), package)
        .unwrap_or_else(|problem| fail(&problem));
    let embedded = out_dir.join(format!("{package}.wasm"));
    if let Err(error) = std::fs::copy(&built, &embedded) {
        fail(&format!("cannot copy {} to {}: {error}", built.display(), embedded.display()));
    }
}

fn folder(variable: &str) -> PathBuf {
    match env::var_os(variable) {
        Some(path) => path.into(),
        None => fail(&format!("cargo did not set {variable}")),
    }
}

/// `<target>/kernel`: OUT_DIR is `<target>/<profile>/build/<package>/out`.
fn kernel_target_dir(out_dir: &Path) -> PathBuf {
    match out_dir.ancestors().find(|folder| folder.ends_with("build")).and_then(Path::parent) {
        Some(profile) => profile.parent().unwrap_or(profile).join("kernel"),
        None => out_dir.join("kernel"),
    }
}

fn fail(problem: &str) -> ! {
    eprintln!("error: {problem}");
    exit(1)
}
