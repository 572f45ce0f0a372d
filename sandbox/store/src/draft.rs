//! Putting a new file in its place: it is there whole, or not at all.

use std::io;
use std::path::Path;

use files::Readers;

use crate::error::StoreError;

/// A file that is being made beside its place. It goes away if it never gets there.
pub(crate) struct Draft(files::Draft);

fn making(source: io::Error) -> StoreError {
    match source.kind() {
        io::ErrorKind::AlreadyExists => StoreError::Exists,
        _ => StoreError::Io { action: "make the store", source },
    }
}

impl Draft {
    /// An empty file beside a place that must be free.
    pub(crate) fn new(path: &Path) -> Result<Self, StoreError> {
        if path.symlink_metadata().is_ok() {
            return Err(StoreError::Exists);
        }
        files::Draft::new(path, Readers::All).map(Self).map_err(making)
    }

    /// Where it is made.
    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    /// Puts the file in its place, unless something has got there meanwhile. Whoever has it open
    /// goes on with it.
    pub(crate) fn put(self) -> Result<(), StoreError> {
        self.0.put_new().map(|_| ()).map_err(making)
    }
}
