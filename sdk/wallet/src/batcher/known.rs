//! Which key each batcher signed its receipts with when it was asked before: another one is told.

use std::collections::BTreeMap;
use std::path::Path;

use super::http::Batcher;
use crate::json_file::{JsonFile, JsonFileError};
use crate::limits::MAX_KNOWN_FILE_BYTES;

/// The file: batchers and their keys, as JSON.
const FILE: &str = "batchers.json";

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
pub struct KnownBatchers(JsonFile);

impl KnownBatchers {
    /// Those in a folder of the user's data, which need not be there yet.
    #[must_use]
    pub fn in_folder(folder: &Path) -> Self {
        KnownBatchers(JsonFile::new(folder.join(FILE), "known batchers", MAX_KNOWN_FILE_BYTES))
    }

    /// Remembers the key of a batcher. Says if it is another one than before.
    ///
    /// # Errors
    /// When the file cannot be used.
    pub fn check(&self, batcher: &Batcher) -> Result<Option<ChangedKey>, JsonFileError> {
        self.check_key(&format!("{} {}", batcher.url(), batcher.rollup()), &batcher.key().to_text())
    }

    fn check_key(&self, who: &str, now: &str) -> Result<Option<ChangedKey>, JsonFileError> {
        let mut all: BTreeMap<String, Vec<String>> = self.0.read()?.unwrap_or_default();
        let keys = all.entry(who.to_owned()).or_default();
        let before = keys.last().cloned();
        if before.as_deref() == Some(now) {
            return Ok(None);
        }
        keys.push(now.to_owned());
        self.0.write(&all)?;
        Ok(before.map(|before| ChangedKey { before, now: now.to_owned() }))
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

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
        let all: BTreeMap<String, Vec<String>> = known.0.read().unwrap().unwrap();
        assert_eq!(all["http://b sr1"], ["edpk1", "edpk2"]);
        fs::write(folder.join(FILE), "{").unwrap();
        let error = known.check_key("http://b sr1", "edpk2").unwrap_err();
        assert!(matches!(error, JsonFileError::Malformed { .. }), "{error}");
        fs::remove_dir_all(&folder).unwrap();
    }
}
