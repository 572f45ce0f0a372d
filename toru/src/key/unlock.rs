//! The keys of `toru key` for the commands that sign with them.

use std::path::{Path, PathBuf};

use bls::PublicKey;
use keys::{KeystoreError, Name, Secret};

use super::ask::Asker;
use super::failure::in_keystore;
use super::{Keys, default_folder};
use crate::error::Failure;

/// A folder of keys, and where their passwords come from.
#[derive(Debug)]
pub struct Keyring {
    store: Option<keys::Keystore>,
    password_file: Option<PathBuf>,
    is_quiet: bool,
}

impl Keyring {
    /// The keys in a folder, or in the default one. That there is none is no failure as long as no
    /// key of it is asked for.
    #[must_use]
    pub fn new(folder: Option<&Path>, password_file: Option<&Path>, is_quiet: bool) -> Self {
        let folder = folder.map(Path::to_owned).or_else(|| default_folder().ok());
        Keyring {
            store: folder.map(keys::Keystore::new),
            password_file: password_file.map(Path::to_owned),
            is_quiet,
        }
    }

    /// The names of all keys.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub fn names(&self) -> Result<Vec<Name>, Failure> {
        self.store.as_ref().map_or(Ok(Vec::new()), |store| store.names().map_err(in_keystore))
    }

    /// The public key of that name; `None` if there is no such key.
    ///
    /// # Errors
    /// When its file cannot be used.
    pub fn public_key(&self, name: &Name) -> Result<Option<PublicKey>, Failure> {
        let Some(store) = self.store.as_ref().filter(|store| store.has(name)) else {
            return Ok(None);
        };
        let file = store.get(name).map_err(in_keystore)?;
        file.public_key().map(Some).map_err(|problem| {
            in_keystore(KeystoreError::KeyFile { path: store.path(name), problem })
        })
    }

    /// The key of that name, for its password.
    ///
    /// # Errors
    /// When there is none, or the password is another.
    pub fn unlock(&self, name: &Name) -> Result<Secret, Failure> {
        let missing = || in_keystore(KeystoreError::Missing(name.clone()));
        let store = self.store.clone().ok_or_else(missing)?;
        let asker = Asker { password_file: self.password_file.as_deref() };
        let keys = Keys { store, asker, is_quiet: self.is_quiet };
        let file = keys.store.get(name).map_err(in_keystore)?;
        keys.open(name, &file)
    }
}
