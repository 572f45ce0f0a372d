//! Which rollup each node ran when it was first asked: another one under the same address has to be meant.

use std::collections::BTreeMap;
use std::path::Path;

use encoding::RollupAddress;

use crate::json_file::{JsonFile, JsonFileError};
use crate::limits::MAX_KNOWN_FILE_BYTES;

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
    /// The file cannot be used.
    #[error(transparent)]
    File(#[from] JsonFileError),
}

/// Nodes that were asked before, in a file of the user's own.
#[derive(Clone, Debug)]
pub struct KnownRollups(JsonFile);

impl KnownRollups {
    /// Those in a folder of the user's data, which need not be there yet.
    #[must_use]
    pub fn in_folder(folder: &Path) -> Self {
        KnownRollups(JsonFile::new(folder.join(FILE), "known rollups", MAX_KNOWN_FILE_BYTES))
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
        let mut all: BTreeMap<String, String> = self.0.read()?.unwrap_or_default();
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
        Ok(self.0.write(&all)?)
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

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
        assert!(
            matches!(malformed, Err(KnownRollupsError::File(JsonFileError::Malformed { .. }))),
            "{malformed:?}"
        );
        fs::remove_dir_all(&folder).unwrap();
    }
}
