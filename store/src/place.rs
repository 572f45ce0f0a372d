//! Putting a new file in its place: it is there whole, or not at all.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use crate::error::StoreError;

/// A file that is being made beside its place. It goes away if it never gets there.
pub(crate) struct Draft {
    /// Where it is made.
    pub(crate) path: PathBuf,
    place: PathBuf,
}

fn making(source: io::Error) -> StoreError {
    match source.kind() {
        io::ErrorKind::AlreadyExists => StoreError::Exists,
        _ => StoreError::Io { action: "make the store", source },
    }
}

impl Draft {
    /// An empty file beside a place that must be free.
    pub(crate) fn new(place: &Path) -> Result<Self, StoreError> {
        if place.symlink_metadata().is_ok() {
            return Err(StoreError::Exists);
        }
        let mut name = place.file_name().unwrap_or_default().to_owned();
        name.push(format!(".new-{}", std::process::id()));
        let draft = Self { path: place.with_file_name(name), place: place.to_owned() };
        File::create(&draft.path).map_err(making)?;
        Ok(draft)
    }

    /// Puts the file in its place, unless something has got there meanwhile. Whoever has it open
    /// goes on with it.
    pub(crate) fn put(self) -> Result<(), StoreError> {
        // Unlike a rename, a link never replaces anything.
        fs::hard_link(&self.path, &self.place).map_err(making)?;
        let folder = self.place.parent().filter(|folder| !folder.as_os_str().is_empty());
        let folder = folder.unwrap_or(Path::new("."));
        File::open(folder).and_then(|folder| folder.sync_all()).map_err(making)
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        // If it cannot be removed, it stays, under a name that says what it is.
        let _ = fs::remove_file(&self.path);
    }
}
