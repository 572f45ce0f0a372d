//! The kernel inside a toru binary: its rules, its size, and whether another folder makes the same.

use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};

use crate::command::{about, command, run, target_dir, works};

/// The most bytes that the kernel may have.
const MOST_BYTES: usize = 256 << 10;

/// Checks that the kernel is built by the compiler that it is published with, keeps every rule of the PVM,
/// and is no larger than it may be.
///
/// # Errors
/// When the compiler is another one, or the kernel breaks a rule or is too large.
pub fn check(workspace: &Path, toru: &Path) -> Result<(), String> {
    compiled_by(&kernel_build::compiler(workspace)?)?;
    let file = target_dir(workspace).join("tx_kernel.wasm");
    run(command(workspace, toru).args(["kernel", "write"]).arg(&file))?;
    run(command(workspace, toru).args(["kernel", "check"]).arg(&file))?;
    let bytes = fs::read(&file).map_err(about(&file))?.len();
    println!("{}", size(bytes)?);
    Ok(())
}

fn compiled_by(compiler: &str) -> Result<(), String> {
    match compiler == kernel_build::COMPILER {
        true => Ok(()),
        false => Err(format!(
            "the compiler is Rust {compiler} (expected {}: see COMPILER in sandbox/kernel_build)",
            kernel_build::COMPILER
        )),
    }
}

fn size(bytes: usize) -> Result<String, String> {
    if bytes > MOST_BYTES {
        return Err(format!("the kernel has {bytes} bytes (expected at most {MOST_BYTES})"));
    }
    Ok(format!("the kernel has {bytes} bytes of at most {MOST_BYTES}"))
}

/// Builds the kernel in another folder, from nothing, and compares it with the one inside a toru binary,
/// byte for byte. `toru kernel build --reproducible` builds in two other folders, and takes twice as long.
/// What was found the same is not built again until something changes that the kernel is made of or with.
///
/// # Errors
/// When it does not build, or is another one.
pub fn reproducible(workspace: &Path, toru: &Path) -> Result<(), String> {
    let mark = target_dir(workspace).join("reproducible.txt");
    let made_of = made_of(workspace)?;
    if fs::read_to_string(&mark).is_ok_and(|found| found == made_of) {
        println!("it was found the same, and nothing that it is made of has changed since");
        return Ok(());
    }
    build_elsewhere(workspace, toru)?;
    fs::write(&mark, made_of).map_err(about(&mark))
}

/// A name for all that the kernel is made of and with: its sources, what builds it, the compiler.
fn made_of(workspace: &Path) -> Result<String, String> {
    let kernel =
        kernel_build::built(workspace, &target_dir(workspace).join("kernel"), "tx_kernel")?;
    let mut files = kernel.sources;
    files.push(kernel.module);
    let builder = workspace.join("sandbox/kernel_build/src");
    for entry in fs::read_dir(&builder).map_err(about(&builder))? {
        files.push(entry.map_err(about(&builder))?.path());
    }
    named(&kernel_build::compiler(workspace)?, &mut files)
}

fn named(compiler: &str, files: &mut [PathBuf]) -> Result<String, String> {
    files.sort();
    let mut hasher = DefaultHasher::new();
    compiler.hash(&mut hasher);
    for file in files.iter() {
        (file, fs::read(file).map_err(about(file))?).hash(&mut hasher);
    }
    Ok(format!("{:016x}\n", hasher.finish()))
}

fn build_elsewhere(workspace: &Path, toru: &Path) -> Result<(), String> {
    let scratch = tempfile::tempdir().map_err(|error| format!("no temporary folder: {error}"))?;
    let copy = scratch.path().join("sources");
    copy_sources(workspace, &copy)?;
    // By now all that it takes has been fetched: where the system lets us, it is built without a network,
    // so that no build script and no macro can fetch anything else.
    let alone = ["--user", "--map-root-user", "--net"];
    let mut build = if works(command(workspace, "unshare").args(alone).arg("true")) {
        println!("building without a network");
        let mut unshared = command(workspace, "unshare");
        unshared.args(alone).arg(toru);
        unshared
    } else {
        command(workspace, toru)
    };
    let (elsewhere, here) = (scratch.path().join("a.wasm"), scratch.path().join("b.wasm"));
    build.env_remove("CARGO_TARGET_DIR").args(["kernel", "build", "--source"]).arg(&copy);
    run(build.arg("--out").arg(&elsewhere))?;
    run(command(workspace, toru).args(["kernel", "write"]).arg(&here))?;
    let read = |file: &Path| fs::read(file).map_err(about(file));
    match read(&elsewhere)? == read(&here)? {
        true => Ok(()),
        false => Err("the kernel that is built in another folder is another one".to_owned()),
    }
}

/// Copies everything but what was built and the history.
fn copy_sources(workspace: &Path, to: &Path) -> Result<(), String> {
    for entry in fs::read_dir(workspace).map_err(about(workspace))? {
        let entry = entry.map_err(about(workspace))?;
        let name = entry.file_name();
        if name != "target" && name != ".git" {
            fs::create_dir_all(to).map_err(about(to))?;
            run(command(workspace, "cp").arg("-R").arg(entry.path()).arg(to.join(name)))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_kernel_is_made_of_has_another_name_when_a_file_or_the_compiler_changes() {
        let scratch = tempfile::tempdir().unwrap();
        let mut files = [scratch.path().join("b"), scratch.path().join("a")];
        files.iter().for_each(|file| fs::write(file, "x").unwrap());
        let name = named("1.95.0", &mut files).unwrap();
        assert_eq!(named("1.95.0", &mut files).unwrap(), name);
        assert_ne!(named("1.96.0", &mut files).unwrap(), name);
        fs::write(scratch.path().join("b"), "y").unwrap();
        assert_ne!(named("1.95.0", &mut files).unwrap(), name);
        assert!(named("1.95.0", &mut [scratch.path().join("gone")]).is_err());
    }

    #[test]
    fn another_compiler_is_named() {
        assert!(compiled_by(kernel_build::COMPILER).is_ok());
        assert!(compiled_by("1.96.0").unwrap_err().starts_with("the compiler is Rust 1.96.0 (exp"));
    }

    #[test]
    fn a_kernel_may_have_256_kib_and_no_byte_more() {
        assert!(size(262_144).is_ok());
        assert!(size(262_145).unwrap_err().contains("262145"));
    }

    #[test]
    fn sources_are_copied_without_what_was_built() {
        let scratch = tempfile::tempdir().unwrap();
        let (from, to) = (scratch.path().join("from"), scratch.path().join("to"));
        for folder in ["a/src", "target", ".git", ".cargo"] {
            fs::create_dir_all(from.join(folder)).unwrap();
            fs::write(from.join(folder).join("x"), folder).unwrap();
        }
        copy_sources(&from, &to).unwrap();
        assert_eq!(fs::read_to_string(to.join("a/src/x")).unwrap(), "a/src");
        assert!(to.join(".cargo/x").is_file());
        assert!(!to.join("target").exists() && !to.join(".git").exists());
    }
}
