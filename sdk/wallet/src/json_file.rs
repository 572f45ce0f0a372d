//! Files of JSON in which the wallet remembers what it was told before. What is in one can be asked anew.

use std::fs::File;
use std::io::{self, ErrorKind, Read};
use std::path::{Path, PathBuf};

use files::Readers;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::{io_words, one_line};

/// Why such a file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum JsonFileError {
    /// It is malformed.
    #[error("{}: invalid file of {what}: {problem}", path.display())]
    Malformed {
        /// Which file.
        path: PathBuf,
        /// What it is a file of.
        what: &'static str,
        /// What is wrong.
        problem: String,
    },
    /// The system refuses.
    #[error("cannot {action} {}: {}", path.display(), io_words(source))]
    Io {
        /// What was tried.
        action: &'static str,
        /// With which file or folder.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
}

/// A file, which need not be there yet.
#[derive(Clone, Debug)]
pub(crate) struct JsonFile {
    path: PathBuf,
    what: &'static str,
    most: u64,
}

impl JsonFile {
    /// One at a path, of something that is said in errors, and of at most so many bytes.
    pub fn new(path: PathBuf, what: &'static str, most: u64) -> Self {
        JsonFile { path, what, most }
    }

    /// What it has; nothing if it is not there.
    ///
    /// # Errors
    /// When it is malformed, too long, or cannot be read.
    pub fn read<T: DeserializeOwned>(&self) -> Result<Option<T>, JsonFileError> {
        let file = match File::open(&self.path) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            file => file.map_err(failing("read", &self.path))?,
        };
        let mut bytes = Vec::new();
        // One byte more than there may be shows that there are more.
        let read = file.take(self.most.saturating_add(1)).read_to_end(&mut bytes);
        read.map_err(failing("read", &self.path))?;
        if u64::try_from(bytes.len()).is_ok_and(|length| length > self.most) {
            return Err(self.malformed(&format!("more than {} bytes", self.most)));
        }
        let json = serde_json::from_slice(&bytes);
        json.map(Some).map_err(|error| self.malformed(&error.to_string()))
    }

    /// Writes all of it anew, whole or not at all. Its folder is made if it is not there.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn write(&self, value: &impl Serialize) -> Result<(), JsonFileError> {
        self.make_folder()?;
        let text = serde_json::to_string_pretty(value);
        let text = text.map_err(|error| self.malformed(&error.to_string()))? + "\n";
        let written = files::replace(&self.path, text.as_bytes(), Readers::All);
        written.map_err(failing("write", &self.path))
    }

    /// Keeps others from writing it as long as what is returned is there.
    ///
    /// # Errors
    /// When the file of the lock cannot be used.
    pub fn lock(&self) -> Result<File, JsonFileError> {
        self.make_folder()?;
        let lock = self.path.with_extension("lock");
        let held = files::append(&lock, Readers::All).map_err(failing("write", &lock))?;
        held.lock().map_err(failing("lock", &lock))?;
        Ok(held)
    }

    /// It is malformed, in words for people.
    pub fn malformed(&self, problem: &str) -> JsonFileError {
        let (path, what) = (self.path.clone(), self.what);
        JsonFileError::Malformed { path, what, problem: one_line(problem) }
    }

    fn make_folder(&self) -> Result<(), JsonFileError> {
        match self.path.parent() {
            Some(folder) => files::own_folder(folder).map_err(failing("make", folder)),
            None => Ok(()),
        }
    }
}

fn failing(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> JsonFileError + use<> {
    let path = path.to_owned();
    move |source| JsonFileError::Io { action, path, source }
}
