//! Builds a kernel from source as WASM: part of build scripts, and of `toru kernel build`.
//!
//! It runs a cargo of its own: a kernel needs another target and another profile than the binary. That
//! cargo has a target folder of its own too, since an outer one holds its lock, and the folder is
//! kept, so that a later build only compiles what changed.

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

const TARGET: &str = "wasm32-unknown-unknown";

/// What keeps the kernel small, beside its profile: see docs/bls.md.
const SIZE_FLAGS: [&str; 2] = [
    // Otherwise the linker leaves five bytes for every number that it fills in.
    "-Clink-arg=--compress-relocations",
    // `opt-level = "z"` has 5, and leaves calls that are larger than what they call.
    "-Cllvm-args=-inline-threshold=25",
];

/// Builds a package of the workspace. Returns the path of the module, or what a person has to know.
pub fn build(workspace: &Path, target_dir: &Path, package: &str) -> Result<PathBuf, String> {
    require_target(workspace)?;
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo
        .current_dir(workspace)
        .args(["rustc", "--package", package, "--lib", "--crate-type", "cdylib"])
        .args(["--profile", "kernel", "--target", TARGET]);
    for (variable, _) in env::vars_os() {
        if is_of_the_outer_build(&variable) {
            cargo.env_remove(variable);
        }
    }
    cargo.env("CARGO_TARGET_DIR", target_dir);
    let mut flags = SIZE_FLAGS.map(str::to_owned).to_vec();
    flags.extend(remapped_paths(workspace));
    cargo.env("CARGO_ENCODED_RUSTFLAGS", flags.join("\u{1f}"));
    let output = cargo.output().map_err(|error| format!("cannot run cargo: {error}"))?;
    if !output.status.success() {
        eprintln!("{}", String::from_utf8_lossy(&output.stderr));
        return Err("the kernel does not build; cargo's own errors are above".to_owned());
    }
    Ok(target_dir.join(TARGET).join("kernel").join(format!("{package}.wasm")))
}

/// Says what is missing before the compiler does, in 200 lines, for every crate.
fn require_target(workspace: &Path) -> Result<(), String> {
    let rustc = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let printed = Command::new(&rustc)
        .current_dir(workspace)
        .args(["--print", "target-libdir", "--target", TARGET])
        .output()
        .map_err(|error| format!("cannot run {}: {error}", Path::new(&rustc).display()))?;
    let libdir = String::from_utf8_lossy(&printed.stdout).trim().to_owned();
    if printed.status.success() && Path::new(&libdir).is_dir() {
        return Ok(());
    }
    Err(format!(
        "Rust's {TARGET} target is missing: run `make setup` or `rustup target add {TARGET}`"
    ))
}

/// Variables that describe how `toru` is built, and would make the kernel differ with it.
fn is_of_the_outer_build(variable: &OsString) -> bool {
    const EXACT: [&str; 13] = [
        "RUSTFLAGS",
        "CARGO_ENCODED_RUSTFLAGS",
        "CARGO_BUILD_RUSTFLAGS",
        "CARGO_BUILD_TARGET",
        "RUSTC_WORKSPACE_WRAPPER",
        // Such as what measures the coverage of tests.
        "RUSTC_WRAPPER",
        "TARGET",
        "HOST",
        "OUT_DIR",
        "OPT_LEVEL",
        "DEBUG",
        "PROFILE",
        "NUM_JOBS",
    ];
    const PREFIXES: [&str; 7] = [
        "CARGO_CFG_",
        "CARGO_FEATURE_",
        "CARGO_MANIFEST_",
        "CARGO_PKG_",
        "CARGO_PROFILE_",
        "CARGO_TARGET_WASM32_",
        "DEP_",
    ];
    let name = variable.to_string_lossy();
    EXACT.contains(&name.as_ref()) || PREFIXES.iter().any(|prefix| name.starts_with(prefix))
}

/// Panic messages carry the paths of source files: without this the kernel's bytes, and so its
/// hash, would depend on where it was built.
fn remapped_paths(workspace: &Path) -> Vec<String> {
    let mut flags = Vec::new();
    let mut remap = |from: &Path, to: &str| {
        if let Ok(from) = from.canonicalize() {
            flags.push(format!("--remap-path-prefix={}={to}", from.display()));
        }
    };
    let homes = [
        env::var_os("HOME").map(|home| Path::new(&home).join(".cargo")),
        env::var_os("CARGO_HOME").map(PathBuf::from),
    ];
    for home in homes.into_iter().flatten() {
        remap(&home, "/cargo");
        // One folder for each registry. The last flag that fits counts.
        for registry in std::fs::read_dir(home.join("registry/src")).into_iter().flatten().flatten()
        {
            remap(&registry.path(), "");
        }
    }
    remap(workspace, "/toru");
    flags
}
