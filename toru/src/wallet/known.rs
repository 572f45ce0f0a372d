//! Which rollup a node ran when it was first asked: another one under the same address is not taken
//! without a word.

use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use encoding::RollupAddress;

use super::WalletFailure;
use crate::error::Failure;

/// The file: endpoints and rollups, as JSON.
const FILE: &str = "rollups.json";

/// Nodes that were asked before.
pub(super) struct Known(PathBuf);

impl Known {
    /// Those in a folder of the user's data.
    pub fn in_folder(folder: &Path) -> Self {
        Known(folder.join(FILE))
    }

    /// Whether a node still runs the rollup that it ran. One that is new is put down; one that is
    /// meant, as the user names it, takes the place of another.
    pub fn check(
        &self,
        endpoint: &str,
        rollup: &RollupAddress,
        is_meant: bool,
    ) -> Result<(), Failure> {
        let mut all = self.read()?;
        let found = rollup.to_string();
        match all.get(endpoint) {
            Some(before) if *before == found => return Ok(()),
            Some(before) if !is_meant => {
                let (before, endpoint) = (before.clone(), endpoint.to_owned());
                return Err(WalletFailure::RollupChanged { endpoint, before, found }.into());
            }
            _ => {}
        }
        all.insert(endpoint.to_owned(), found);
        let text = serde_json::to_string_pretty(&all)
            .map_err(|error| Failure::Internal(format!("cannot write JSON: {error}")))?;
        if let Some(folder) = self.0.parent() {
            fs::create_dir_all(folder).map_err(Failure::writing(folder))?;
        }
        super::files::replace(&self.0, &text)
    }

    fn read(&self) -> Result<BTreeMap<String, String>, Failure> {
        let text = match fs::read(&self.0) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(BTreeMap::new()),
            text => text.map_err(Failure::reading(&self.0))?,
        };
        serde_json::from_slice(&text).map_err(|error| {
            let problem = crate::plain::one_line(&error.to_string());
            WalletFailure::KnownRollups { path: self.0.clone(), problem }.into()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_rollup_under_the_same_address_has_to_be_meant() {
        let folder = std::env::temp_dir().join(format!("toru-known-{}", std::process::id()));
        let known = Known::in_folder(&folder);
        let (one, other) = (RollupAddress([1; 20]), RollupAddress([2; 20]));
        known.check("http://a", &one, false).unwrap();
        known.check("http://a", &one, false).unwrap();
        known.check("http://b", &other, false).unwrap();
        let changed = known.check("http://a", &other, false).unwrap_err();
        assert!(changed.to_string().contains(&one.to_string()), "{changed}");
        assert_eq!(changed.exit_code(), 2);
        known.check("http://a", &other, true).unwrap();
        known.check("http://a", &other, false).unwrap();
        fs::write(folder.join(FILE), "{").unwrap();
        assert!(known.check("http://a", &other, false).is_err());
        fs::remove_dir_all(&folder).unwrap();
    }
}
