//! Our kernel from a checkout, and whether another folder makes another kernel.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::hash;

/// The package that is our kernel.
pub const PACKAGE: &str = "tx_kernel";
/// The file that cargo and others put into their caches, so that nobody copies them.
const CACHE_MARK: &str = "CACHEDIR.TAG";

/// Why there is no kernel.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// A folder from which our kernel cannot be built.
    #[error("{}: no checkout (expected the package {PACKAGE} in it)", .0.display())]
    NoCheckout(PathBuf),
    /// A file cannot be read.
    #[error("cannot read {}: {source}", path.display())]
    Read {
        /// Which file.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// A file cannot be written.
    #[error("cannot write {}: {source}", path.display())]
    Write {
        /// Which file.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// The sources do not compile, or cannot be compiled here.
    #[error("{0}")]
    Cargo(String),
    /// Two folders made two kernels.
    #[error("two builds differ: blake2b-256 {first} and {second}")]
    NotReproducible {
        /// The hash of the first.
        first: String,
        /// The hash of the second.
        second: String,
    },
}

/// A folder with the sources of our kernel.
#[derive(Debug)]
pub struct Checkout(PathBuf);

impl Checkout {
    /// The checkout in a folder.
    ///
    /// # Errors
    /// When the folder cannot be read, or does not have our kernel's package.
    pub fn open(folder: &Path) -> Result<Self, BuildError> {
        let canonical = folder
            .canonicalize()
            .map_err(|source| BuildError::Read { path: folder.to_owned(), source })?;
        if canonical.join(PACKAGE).join("Cargo.toml").is_file() {
            Ok(Self(canonical))
        } else {
            Err(BuildError::NoCheckout(folder.to_owned()))
        }
    }

    /// Builds the kernel beside what cargo builds for native code, so that both share what they compile.
    ///
    /// # Errors
    /// When it does not compile.
    pub fn build(&self) -> Result<Vec<u8>, BuildError> {
        let target =
            std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| "target".into(), PathBuf::from);
        built(&self.0, &self.0.join(target).join("kernel"))
    }

    /// Builds copies of the sources in two folders, from nothing, and compares the kernels. `progress`
    /// is told how many are done.
    ///
    /// # Errors
    /// When one does not compile, or the kernels differ.
    pub fn build_twice(&self, mut progress: impl FnMut(usize)) -> Result<Vec<u8>, BuildError> {
        progress(0);
        let first = self.build_copy("a")?;
        progress(1);
        // A path of another length and depth.
        let second = self.build_copy("another/copy")?;
        same(first, &second)
    }

    fn build_copy(&self, name: &str) -> Result<Vec<u8>, BuildError> {
        let scratch = tempfile::Builder::new()
            .prefix("toru-build-")
            .tempdir()
            .map_err(|source| BuildError::Write { path: std::env::temp_dir(), source })?;
        let copy = scratch.path().join(name);
        copy_sources(&self.0, &copy)
            .map_err(|source| BuildError::Write { path: copy.clone(), source })?;
        built(&copy, &copy.join("target/kernel"))
    }
}

fn built(source: &Path, target_dir: &Path) -> Result<Vec<u8>, BuildError> {
    let file = kernel_build::build(source, target_dir, PACKAGE).map_err(BuildError::Cargo)?.module;
    fs::read(&file).map_err(|source| BuildError::Read { path: file, source })
}

fn same(first: Vec<u8>, second: &[u8]) -> Result<Vec<u8>, BuildError> {
    if first == second {
        Ok(first)
    } else {
        Err(BuildError::NotReproducible { first: hash(&first), second: hash(second) })
    }
}

/// Copies files and folders, except hidden ones, caches and symbolic links.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_kernels_are_named_by_their_hashes() {
        assert_eq!(same(vec![1], &[1]).unwrap(), [1]);
        let error = same(vec![1], &[2]).unwrap_err();
        let expected = format!("two builds differ: blake2b-256 {} and {}", hash(&[1]), hash(&[2]));
        assert_eq!(error.to_string(), expected);
    }

    #[test]
    fn a_copy_has_the_sources_and_no_caches() {
        let scratch = tempfile::tempdir().unwrap();
        let (from, to) = (scratch.path().join("from"), scratch.path().join("to"));
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

    #[test]
    fn a_folder_without_the_package_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let error = Checkout::open(folder.path()).unwrap_err();
        assert!(matches!(error, BuildError::NoCheckout(path) if path == folder.path()));
        let error = Checkout::open(&folder.path().join("nowhere")).unwrap_err();
        assert!(matches!(error, BuildError::Read { .. }), "{error:?}");
    }
}
