//! The cargo that compiles a kernel: its flags, its environment, its target folder.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::environment::{describes_the_outer_build, remapped_paths};
use crate::sources::sources;
use crate::{Built, TARGET};

/// What keeps the kernel small, beside its profile: see docs/bls.md.
const SIZE_FLAGS: [&str; 2] = [
    // Otherwise the linker leaves five bytes for every number that it fills in.
    "-Clink-arg=--compress-relocations",
    // `opt-level = "z"` has 5, and leaves calls that are larger than what they call.
    "-Cllvm-args=-inline-threshold=25",
];

/// Builds a package of the workspace.
///
/// # Errors
/// What a person has to know: the target is missing, or the package does not compile. The compiler's own
/// errors are then on standard error.
pub fn build(workspace: &Path, target_dir: &Path, package: &str) -> Result<Built, String> {
    require_target(workspace)?;
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo
        .current_dir(workspace)
        .args(["rustc", "--package", package, "--lib", "--crate-type", "cdylib"])
        .args(["--profile", "kernel", "--target", TARGET]);
    for (variable, _) in env::vars_os() {
        if describes_the_outer_build(&variable) {
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
    built(workspace, target_dir, package)
}

/// What [`build`] has left, if it has been called.
///
/// # Errors
/// When there is no list of what a module was made of.
pub fn built(workspace: &Path, target_dir: &Path, package: &str) -> Result<Built, String> {
    let folder = target_dir.join(TARGET).join("kernel");
    let listed = folder.join(format!("{package}.d"));
    let listed = fs::read_to_string(&listed)
        .map_err(|error| format!("cannot read {}: {error}", listed.display()))?;
    let module = folder.join(format!("{package}.wasm"));
    Ok(Built { module, sources: sources(workspace, &listed) })
}

/// The version of the compiler that builds here, such as `1.95.0`.
///
/// # Errors
/// When it does not run.
pub fn compiler(workspace: &Path) -> Result<String, String> {
    let text = rustc(workspace, &["--version"])?;
    let version = text.split_whitespace().nth(1);
    version.map(str::to_owned).ok_or_else(|| format!("rustc does not say its version: {text}"))
}

/// What the compiler prints.
fn rustc(workspace: &Path, arguments: &[&str]) -> Result<String, String> {
    let rustc = PathBuf::from(env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()));
    let printed = Command::new(&rustc).current_dir(workspace).args(arguments).output();
    let printed = printed.map_err(|error| format!("cannot run {}: {error}", rustc.display()))?;
    if !printed.status.success() {
        return Err(format!("{} {}: {}", rustc.display(), arguments.join(" "), printed.status));
    }
    Ok(String::from_utf8_lossy(&printed.stdout).trim().to_owned())
}

/// Says what is missing before the compiler does, in 200 lines, for every crate.
fn require_target(workspace: &Path) -> Result<(), String> {
    let libdir = rustc(workspace, &["--print", "target-libdir", "--target", TARGET])?;
    if Path::new(&libdir).is_dir() {
        return Ok(());
    }
    Err(format!(
        "Rust's {TARGET} target is missing: run `make setup` or `rustup target add {TARGET}`"
    ))
}
