//! The user's own pinned tickets: a file for each rollup.

use std::fs::File;
use std::io::{self, ErrorKind, Read};
use std::path::{Path, PathBuf};

use encoding::RollupAddress;
use files::Readers;

use super::error::{PinFileProblem, PinsError};
use super::file::PinFile;
use super::list::Pins;
use crate::limits::MAX_FILE_BYTES;

/// The file of one rollup, which need not be there yet.
#[derive(Clone, Debug)]
pub struct PinStore {
    path: PathBuf,
    rollup: RollupAddress,
}

impl PinStore {
    /// That of a rollup in a folder.
    #[must_use]
    pub fn new(folder: &Path, rollup: &RollupAddress) -> Self {
        PinStore { path: folder.join(format!("{rollup}.json")), rollup: *rollup }
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The pinned tickets; none if there is no file.
    ///
    /// # Errors
    /// When the file cannot be read, is malformed, or is for another rollup.
    pub fn load(&self) -> Result<Pins, PinsError> {
        let file = match Self::read_file(&self.path) {
            Err(PinsError::Io { source, .. }) if source.kind() == ErrorKind::NotFound => {
                return Ok(Pins::default());
            }
            file => file?,
        };
        file.check(&self.rollup).map_err(self.failing())?;
        match file.rollup {
            Some(_) => Ok(file.pins),
            // It was put there by hand, and says nowhere what it is for.
            None => {
                let problem = "\"rollup\" is missing: toru ticket import reads such a file";
                Err(self.failing()(PinFileProblem::Json(problem.to_owned())))
            }
        }
    }

    /// Changes the pinned tickets, while nobody else does. They are on the disk when this returns.
    ///
    /// # Errors
    /// When `change` refuses, or the file cannot be used.
    pub fn change<T, E: From<PinsError>>(
        &self,
        change: impl FnOnce(&mut Pins) -> Result<T, E>,
    ) -> Result<T, E> {
        if let Some(folder) = self.path.parent() {
            files::own_folder(folder).map_err(io_error("make", folder))?;
        }
        let path = self.path.with_extension("lock");
        let lock = files::append(&path, Readers::Owner).map_err(io_error("write", &path))?;
        lock.lock().map_err(io_error("lock", &path))?;
        let mut pins = self.load()?;
        let changed = change(&mut pins)?;
        let text = PinFile { rollup: Some(self.rollup), pins }.to_json();
        let written = files::replace(&self.path, text.as_bytes(), Readers::Owner);
        written.map_err(io_error("write", &self.path))?;
        Ok(changed)
    }

    /// Reads a file of pinned tickets that somebody else may have written.
    ///
    /// # Errors
    /// When it cannot be read, or is malformed.
    pub fn read_file(path: &Path) -> Result<PinFile, PinsError> {
        let content = |problem| PinsError::File { path: path.to_owned(), problem };
        let file = File::open(path).map_err(io_error("read", path))?;
        let mut bytes = Vec::new();
        // One byte more than there may be shows that there are more.
        let read = file.take(MAX_FILE_BYTES + 1).read_to_end(&mut bytes);
        read.map_err(io_error("read", path))?;
        if u64::try_from(bytes.len()).is_ok_and(|len| len > MAX_FILE_BYTES) {
            return Err(content(PinFileProblem::TooLong));
        }
        PinFile::read(&bytes).map_err(content)
    }

    fn failing(&self) -> impl FnOnce(PinFileProblem) -> PinsError {
        let path = self.path.clone();
        move |problem| PinsError::File { path, problem }
    }
}

fn io_error(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> PinsError + use<> {
    let path = path.to_owned();
    move |source| PinsError::Io { action, path, source }
}
