//! Which rollup each node ran when it was first asked: another one under the same address has to be meant.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use encoding::RollupAddress;
use files::Readers;

use crate::error::{io_words, one_line};

/// The file: endpoints and rollups, as JSON.
const FILE: &str = "rollups.json";

/// Why a node's rollup is not taken for granted.
#[derive(Debug, thiserror::Error)]
pub enum KnownRollupsError {
    /// The node ran another rollup before.
    #[error("{endpoint} ran {before} before, and runs {found} now")]
    Changed {
        /// Where.
        endpoint: String,
        /// What it ran.
        before: String,
        /// What it runs.
        found: String,
    },
    /// The file of known rollups is malformed.
    #[error("{}: invalid file of known rollups: {problem}", path.display())]
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

/// Nodes that were asked before, in a file of the user's own.
#[derive(Clone, Debug)]
pub struct KnownRollups(PathBuf);

impl KnownRollups {
    /// Those in a folder of the user's data, which need not be there yet.
    #[must_use]
    pub fn in_folder(folder: &Path) -> Self {
        KnownRollups(folder.join(FILE))
    }

    /// Checks that a node still runs the rollup that it ran, and remembers a node that is new. A rollup
    /// that `is_meant`, as the user has named it, replaces another.
    ///
    /// # Errors
    /// When the node runs another rollup than before, or the file cannot be used.
    pub fn check(
        &self,
        endpoint: &str,
        rollup: &RollupAddress,
        is_meant: bool,
    ) -> Result<(), KnownRollupsError> {
        let mut all = self.read()?;
        let found = rollup.to_string();
        match all.get(endpoint) {
            Some(before) if *before == found => return Ok(()),
            Some(before) if !is_meant => {
                let (before, endpoint) = (before.clone(), endpoint.to_owned());
                return Err(KnownRollupsError::Changed { endpoint, before, found });
            }
            _ => {}
        }
        all.insert(endpoint.to_owned(), found);
        let text = serde_json::to_string_pretty(&all).map_err(|error| self.malformed(&error))?;
        if let Some(folder) = self.0.parent() {
            fs::create_dir_all(folder).map_err(failing("write", folder))?;
        }
        let written = files::replace(&self.0, text.as_bytes(), Readers::All);
        written.map_err(failing("write", &self.0))
    }

    fn read(&self) -> Result<BTreeMap<String, String>, KnownRollupsError> {
        let text = match fs::read(&self.0) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(BTreeMap::new()),
            text => text.map_err(failing("read", &self.0))?,
        };
        serde_json::from_slice(&text).map_err(|error| self.malformed(&error))
    }

    fn malformed(&self, error: &serde_json::Error) -> KnownRollupsError {
        KnownRollupsError::Malformed { path: self.0.clone(), problem: one_line(&error.to_string()) }
    }
}

fn failing(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> KnownRollupsError {
    move |source| KnownRollupsError::Io { action, path: path.to_owned(), source }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_rollup_under_the_same_address_has_to_be_meant() {
        let folder = std::env::temp_dir().join(format!("toru-known-{}", std::process::id()));
        let known = KnownRollups::in_folder(&folder);
        let (one, other) = (RollupAddress([1; 20]), RollupAddress([2; 20]));
        known.check("http://a", &one, false).unwrap();
        known.check("http://a", &one, false).unwrap();
        known.check("http://b", &other, false).unwrap();
        let changed = known.check("http://a", &other, false).unwrap_err();
        assert!(matches!(changed, KnownRollupsError::Changed { .. }), "{changed}");
        assert!(changed.to_string().contains(&one.to_string()), "{changed}");
        known.check("http://a", &other, true).unwrap();
        known.check("http://a", &other, false).unwrap();
        fs::write(folder.join(FILE), "{").unwrap();
        let malformed = known.check("http://a", &other, false);
        assert!(matches!(malformed, Err(KnownRollupsError::Malformed { .. })), "{malformed:?}");
        fs::remove_dir_all(&folder).unwrap();
    }
}
