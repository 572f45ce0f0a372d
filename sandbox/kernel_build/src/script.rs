//! What a build script does that has a kernel embedded.

use std::env;
use std::path::{Path, PathBuf};
use std::process::exit;

use crate::{COMPILER, build, compiler};

/// Builds a package of the workspace that the calling build script is part of, and leaves the module as
/// `<package>.wasm` in OUT_DIR. Ends the process with an error where that fails.
pub fn embed(package: &str) {
    let manifest = folder("CARGO_MANIFEST_DIR");
    let Some(workspace) = manifest.ancestors().find(|at| at.join("Cargo.lock").is_file()) else {
        fail(&format!("no folder above {} has a Cargo.lock", manifest.display()))
    };
    let out_dir = folder("OUT_DIR");
    let built = build(workspace, &kernel_target_dir(&out_dir), package)
        .unwrap_or_else(|problem| fail(&problem));
    match compiler(workspace) {
        Ok(version) if version != COMPILER => println!(
            "cargo:warning={package} is built by Rust {version}: its hash may not be that of {COMPILER}"
        ),
        _ => {}
    }
    for source in &built.sources {
        println!("cargo:rerun-if-changed={}", source.display());
    }
    let embedded = out_dir.join(format!("{package}.wasm"));
    if let Err(error) = std::fs::copy(&built.module, &embedded) {
        let (from, to) = (built.module.display(), embedded.display());
        fail(&format!("cannot copy {from} to {to}: {error}"));
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kernels_are_built_beside_the_profiles() {
        let of = |out_dir: &str| kernel_target_dir(Path::new(out_dir));
        assert_eq!(of("/w/target/release/build/x-1/out"), Path::new("/w/target/kernel"));
        assert_eq!(of("/somewhere/else"), Path::new("/somewhere/else/kernel"));
    }
}
