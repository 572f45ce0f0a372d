//! A folder of key files, each named by its key.
//!
//! A file is written whole beside its place and then linked to it, which never replaces another one. So
//! whoever is killed leaves a key or none, and at worst a draft, whose name begins with a dot.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use crate::fault::KeyFileError;
use crate::keyfile::KeyFile;
use crate::limits::KEY_FILE_BYTES_MAX;
use crate::name::Name;

/// What comes after the name.
const EXTENSION: &str = "json";

/// A folder of keys.
#[derive(Clone, Debug)]
pub struct Keystore {
    folder: PathBuf,
}

/// What a keystore cannot do.
#[derive(Debug, thiserror::Error)]
pub enum KeystoreError {
    /// There is no key of that name.
    #[error("there is no key {0}")]
    Missing(Name),
    /// There is one already.
    #[error("there is a key {0} already")]
    Exists(Name),
    /// There is one whose name differs in the case of letters alone: some systems take both for one file.
    #[error("there is a key {0} already, whose name differs in upper and lower case alone")]
    OtherCase(Name),
    /// The file is there, but cannot be used.
    #[error("{}: {problem}", path.display())]
    KeyFile {
        /// Which file.
        path: PathBuf,
        /// Why.
        problem: KeyFileError,
    },
    /// The file is larger than any key file.
    #[error("{}: more than {KEY_FILE_BYTES_MAX} bytes", path.display())]
    TooLarge {
        /// Which file.
        path: PathBuf,
    },
    /// The system refuses.
    #[error("cannot {action} {}: {source}", path.display())]
    Io {
        /// What was tried.
        action: &'static str,
        /// With which file or folder.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
}

fn failing<'a>(
    action: &'static str,
    path: &'a Path,
) -> impl FnOnce(io::Error) -> KeystoreError + 'a {
    move |source| KeystoreError::Io { action, path: path.to_owned(), source }
}

impl Keystore {
    /// The keystore in a folder, which need not be there yet.
    pub fn new(folder: PathBuf) -> Self {
        Keystore { folder }
    }

    /// Where the key of that name is kept.
    pub fn path(&self, name: &Name) -> PathBuf {
        self.folder.join(format!("{name}.{EXTENSION}"))
    }

    /// Whether something has that name.
    pub fn has(&self, name: &Name) -> bool {
        fs::symlink_metadata(self.path(name)).is_ok()
    }

    /// Whether a key of that name can be added.
    ///
    /// # Errors
    /// When there is one of that name, or of one that differs from it in upper and lower case alone.
    pub fn check_free(&self, name: &Name) -> Result<(), KeystoreError> {
        if self.has(name) {
            return Err(KeystoreError::Exists(name.clone()));
        }
        let is_same = |known: &Name| known.as_str().eq_ignore_ascii_case(name.as_str());
        match self.names()?.into_iter().find(is_same) {
            Some(known) => Err(KeystoreError::OtherCase(known)),
            None => Ok(()),
        }
    }

    /// Keeps a key. Nothing is ever replaced; a folder that is made is for its owner alone (0700), as
    /// is the file (0600).
    ///
    /// # Errors
    /// When the name is taken, or the file cannot be written.
    pub fn add(&self, name: &Name, key: &KeyFile) -> Result<(), KeystoreError> {
        self.check_free(name)?;
        let path = self.path(name);
        let json = key
            .to_json()
            .map_err(|problem| KeystoreError::KeyFile { path: path.clone(), problem })?;
        self.make_folder()?;
        let added = files::create(&path, json.as_bytes(), files::Readers::Owner);
        added.map_err(|error| match error.kind() {
            io::ErrorKind::AlreadyExists => KeystoreError::Exists(name.clone()),
            _ => failing("write", &path)(error),
        })
    }

    /// The key of that name.
    ///
    /// # Errors
    /// When there is no such key, or its file cannot be read or written.
    pub fn get(&self, name: &Name) -> Result<KeyFile, KeystoreError> {
        let path = self.path(name);
        let file = File::open(&path).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => KeystoreError::Missing(name.clone()),
            _ => failing("read", &path)(error),
        })?;
        let mut json = Vec::new();
        // One byte more than there may be shows that there are more.
        file.take(KEY_FILE_BYTES_MAX + 1).read_to_end(&mut json).map_err(failing("read", &path))?;
        if u64::try_from(json.len()).is_ok_and(|len| len > KEY_FILE_BYTES_MAX) {
            return Err(KeystoreError::TooLarge { path });
        }
        match KeyFile::parse(&json) {
            Err(problem) => Err(KeystoreError::KeyFile { path, problem }),
            Ok(key) => Ok(key),
        }
    }

    /// All names, in order. A folder that is not there has none; files with other names are not ours.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub fn names(&self) -> Result<Vec<Name>, KeystoreError> {
        let entries = match fs::read_dir(&self.folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries.map_err(failing("read", &self.folder))?,
        };
        let mut names = Vec::new();
        for entry in entries {
            let path = entry.map_err(failing("read", &self.folder))?.path();
            let stem = path.file_stem().and_then(|stem| stem.to_str());
            if path.extension().is_some_and(|extension| extension == EXTENSION) {
                names.extend(stem.and_then(|stem| stem.parse::<Name>().ok()));
            }
        }
        names.sort();
        Ok(names)
    }

    /// Removes a key for good.
    ///
    /// # Errors
    /// When there is no such key, or its file cannot be read or written.
    pub fn remove(&self, name: &Name) -> Result<(), KeystoreError> {
        let path = self.path(name);
        fs::remove_file(&path).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => KeystoreError::Missing(name.clone()),
            _ => failing("remove", &path)(error),
        })?;
        self.sync()
    }

    fn make_folder(&self) -> Result<(), KeystoreError> {
        files::own_folder(&self.folder).map_err(failing("make", &self.folder))
    }

    /// Has the system write down what is in the folder.
    fn sync(&self) -> Result<(), KeystoreError> {
        let folder = File::open(&self.folder);
        folder.and_then(|folder| folder.sync_all()).map_err(failing("write", &self.folder))
    }
}
