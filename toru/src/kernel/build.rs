//! `toru kernel build`: our kernel from a checkout, and whether another folder makes another kernel.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde_json::json;

use super::{from_source, hash_line};
use crate::Output;
use crate::cli::BuildArgs;
use crate::error::{Failure, shown_path, write_file};
use crate::kernel::{EMBEDDED, hash};
use crate::out::json_line;
use crate::progress::Progress;

/// The package that is our kernel.
const PACKAGE: &str = "tx_kernel";
/// What cargo puts into its target folders, and others into theirs, so that nobody copies them.
const CACHE_MARK: &str = "CACHEDIR.TAG";

/// Does it.
pub fn build(args: &BuildArgs, json: bool) -> Result<Output, Failure> {
    let source = args.source.canonicalize().map_err(Failure::reading(&args.source))?;
    if !source.join(PACKAGE).join("Cargo.toml").is_file() {
        return Err(Failure::NoCheckout { path: args.source.clone(), package: PACKAGE });
    }
    let progress = Progress::unless(json, "building the kernel");
    let module = match args.reproducible {
        true => twice(&source, &progress)?,
        false => once(&source, &target_dir(&source))?,
    };
    drop(progress);
    write_file(&args.out, &module)?;
    if json {
        let told = json!({
            "file": shown_path(&args.out),
            "bytes": module.len(),
            "blake2b": hash(&module),
            "embedded": module == EMBEDDED,
        });
        return json_line(&told).map(Output::from);
    }
    let compared = if module == EMBEDDED {
        "the kernel in this binary is the same\n"
    } else {
        "the kernel in this binary is another one\n"
    };
    Ok(Output::from(format!("{}{compared}", hash_line(&shown_path(&args.out), &module))))
}

/// Beside what cargo builds for the binary, so that the two share what they compile.
fn target_dir(source: &Path) -> PathBuf {
    let target =
        std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| "target".into(), PathBuf::from);
    source.join(target).join("kernel")
}

fn once(source: &Path, target_dir: &Path) -> Result<Vec<u8>, Failure> {
    let file = from_source::build(source, target_dir, PACKAGE).map_err(Failure::Build)?;
    fs::read(&file).map_err(Failure::reading(&file))
}

/// Builds copies of the sources in two folders, from nothing.
fn twice(source: &Path, progress: &Progress) -> Result<Vec<u8>, Failure> {
    progress.at(0, 2);
    let first = in_a_copy(source, "a")?;
    progress.at(1, 2);
    // A path of another length and depth.
    let second = in_a_copy(source, "another/copy")?;
    same(first, &second)
}

fn same(first: Vec<u8>, second: &[u8]) -> Result<Vec<u8>, Failure> {
    if first == second {
        Ok(first)
    } else {
        Err(Failure::NotReproducible { first: hash(&first), second: hash(second) })
    }
}

fn in_a_copy(source: &Path, name: &str) -> Result<Vec<u8>, Failure> {
    let scratch = Scratch::new().map_err(Failure::writing(&std::env::temp_dir()))?;
    let copy = scratch.0.join(name);
    copy_sources(source, &copy).map_err(Failure::writing(&copy))?;
    once(&copy, &copy.join("target/kernel"))
}

/// Copies files and folders, but for hidden ones and caches. Symbolic links are none of the sources'.
fn copy_sources(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let (path, kind) = (entry.path(), entry.file_type()?);
        if entry.file_name().to_string_lossy().starts_with('.') {
            continue;
        }
        if kind.is_file() {
            fs::copy(&path, to.join(entry.file_name()))?;
        } else if kind.is_dir() && !path.join(CACHE_MARK).exists() {
            copy_sources(&path, &to.join(entry.file_name()))?;
        }
    }
    Ok(())
}

/// A new folder, removed when it is no longer needed.
struct Scratch(PathBuf);

impl Scratch {
    fn new() -> io::Result<Self> {
        let base = std::env::temp_dir();
        let process = std::process::id();
        for number in 0_u32.. {
            let path = base.join(format!("toru-build-{process}-{number}"));
            match fs::create_dir(&path) {
                Ok(()) => return Ok(Self(path)),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error),
            }
        }
        Err(io::ErrorKind::AlreadyExists.into())
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // It is in the system's folder for such things: what cannot be removed is in nobody's way.
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_kernels_are_named_by_their_hashes() {
        assert_eq!(same(vec![1], &[1]).unwrap(), [1]);
        let failure = same(vec![1], &[2]).unwrap_err();
        let expected = format!("two builds differ: blake2b-256 {} and {}", hash(&[1]), hash(&[2]));
        assert_eq!((failure.to_string(), failure.exit_code()), (expected, 1));
    }

    #[test]
    fn a_copy_has_the_sources_and_no_caches() {
        let scratch = Scratch::new().unwrap();
        let (from, to) = (scratch.0.join("from"), scratch.0.join("to"));
        for folder in ["src/deep", ".git", "target"] {
            fs::create_dir_all(from.join(folder)).unwrap();
        }
        for file in ["Cargo.toml", "src/deep/x.rs", ".git/config", "target/CACHEDIR.TAG"] {
            fs::write(from.join(file), file).unwrap();
        }
        copy_sources(&from, &to).unwrap();
        assert_eq!(fs::read_to_string(to.join("src/deep/x.rs")).unwrap(), "src/deep/x.rs");
        assert!(to.join("Cargo.toml").is_file());
        assert!(!to.join(".git").exists() && !to.join("target").exists());
    }
}
