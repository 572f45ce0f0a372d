//! Which key each batcher signed its receipts with when it was asked before: another one is told.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use files::Readers;

use super::http::Batcher;
use crate::error::{io_words, one_line};

/// The file: batchers and their keys, as JSON.
const FILE: &str = "batchers.json";

/// Why it is not known which key a batcher had.
#[derive(Debug, thiserror::Error)]
pub enum KnownBatchersError {
    /// The file of known batchers is malformed.
    #[error("{}: invalid file of known batchers: {problem}", path.display())]
    Malformed {
        /// Which file.
        path: PathBuf,
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

/// A batcher that has another key than before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangedKey {
    /// The key that it had last, `edpk…`.
    pub before: String,
    /// The key that it has.
    pub now: String,
}

/// Batchers that were asked before, in a file of the user's own: of each, for each rollup, all keys that it had.
#[derive(Clone, Debug)]
pub struct KnownBatchers(PathBuf);

impl KnownBatchers {
    /// Those in a folder of the user's data, which need not be there yet.
    #[must_use]
    pub fn in_folder(folder: &Path) -> Self {
        KnownBatchers(folder.join(FILE))
    }

    /// Remembers the key of a batcher. Says if it is another one than before.
    ///
    /// # Errors
    /// When the file cannot be used.
    pub fn check(&self, batcher: &Batcher) -> Result<Option<ChangedKey>, KnownBatchersError> {
        self.check_key(&format!("{} {}", batcher.url(), batcher.rollup()), &batcher.key().to_text())
    }

    fn check_key(&self, who: &str, now: &str) -> Result<Option<ChangedKey>, KnownBatchersError> {
        let mut all = self.read()?;
        let keys = all.entry(who.to_owned()).or_default();
        let before = keys.last().cloned();
        if before.as_deref() == Some(now) {
            return Ok(None);
        }
        keys.push(now.to_owned());
        let text = serde_json::to_string_pretty(&all).map_err(|error| self.malformed(&error))?;
        if let Some(folder) = self.0.parent() {
            fs::create_dir_all(folder).map_err(failing("make", folder))?;
        }
        let written = files::replace(&self.0, text.as_bytes(), Readers::All);
        written.map_err(failing("write", &self.0))?;
        Ok(before.map(|before| ChangedKey { before, now: now.to_owned() }))
    }

    fn read(&self) -> Result<BTreeMap<String, Vec<String>>, KnownBatchersError> {
        let text = match fs::read(&self.0) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(BTreeMap::new()),
            text => text.map_err(failing("read", &self.0))?,
        };
        serde_json::from_slice(&text).map_err(|error| self.malformed(&error))
    }

    fn malformed(&self, error: &serde_json::Error) -> KnownBatchersError {
        let (path, problem) = (self.0.clone(), one_line(&error.to_string()));
        KnownBatchersError::Malformed { path, problem }
    }
}

fn failing(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> KnownBatchersError {
    move |source| KnownBatchersError::Io { action, path: path.to_owned(), source }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_key_is_told_once_and_the_old_one_stays_on_record() {
        let folder = std::env::temp_dir().join(format!("toru-batchers-{}", std::process::id()));
        let known = KnownBatchers::in_folder(&folder);
        assert_eq!(known.check_key("http://b sr1", "edpk1").unwrap(), None);
        assert_eq!(known.check_key("http://b sr1", "edpk1").unwrap(), None);
        assert_eq!(known.check_key("http://b sr2", "edpk2").unwrap(), None);
        let changed = ChangedKey { before: "edpk1".into(), now: "edpk2".into() };
        assert_eq!(known.check_key("http://b sr1", "edpk2").unwrap(), Some(changed));
        assert_eq!(known.check_key("http://b sr1", "edpk2").unwrap(), None);
        assert_eq!(known.read().unwrap()["http://b sr1"], ["edpk1", "edpk2"]);
        fs::write(folder.join(FILE), "{").unwrap();
        let error = known.check_key("http://b sr1", "edpk2").unwrap_err();
        assert!(matches!(error, KnownBatchersError::Malformed { .. }), "{error}");
        fs::remove_dir_all(&folder).unwrap();
    }
}
