//! The keys of `toru key` for the commands that sign with them.

use std::cell::RefCell;
use std::fmt;
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
    opened: Opened,
}

/// The keys that were opened to find out which they are, each until it is asked for.
#[derive(Default)]
struct Opened(RefCell<Vec<(Name, Secret)>>);

impl fmt::Debug for Opened {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Opened")
    }
}

impl Opened {
    fn public_key(&self, name: &Name) -> Option<PublicKey> {
        let opened = self.0.borrow();
        let found = opened.iter().find(|(known, _)| known == name);
        found.map(|(_, secret)| secret.public_key())
    }

    fn take(&self, name: &Name) -> Option<Secret> {
        let mut opened = self.0.borrow_mut();
        let place = opened.iter().position(|(known, _)| known == name)?;
        Some(opened.swap_remove(place).1)
    }
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
            opened: Opened::default(),
        }
    }

    /// The names of all keys whose accounts are known without their passwords.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub fn names(&self) -> Result<Vec<Name>, Failure> {
        let Some(store) = &self.store else { return Ok(Vec::new()) };
        let mut names = store.names().map_err(in_keystore)?;
        // Whoever asks about one that is damaged is told so.
        names.retain(|name| store.get(name).map_or(true, |file| !file.pubkey.is_empty()));
        Ok(names)
    }

    /// The public key of that name; `None` if there is no such key. Asks for the password where the file
    /// does not have it.
    ///
    /// # Errors
    /// When its file cannot be used.
    pub fn public_key(&self, name: &Name) -> Result<Option<PublicKey>, Failure> {
        let Some(store) = self.store.as_ref().filter(|store| store.has(name)) else {
            return Ok(None);
        };
        let file = store.get(name).map_err(in_keystore)?;
        let public = file.public_key().map_err(|problem| {
            in_keystore(KeystoreError::KeyFile { path: store.path(name), problem })
        })?;
        if let Some(known) = public.or_else(|| self.opened.public_key(name)) {
            return Ok(Some(known));
        }
        let secret = self.unlock(name)?;
        let public = secret.public_key();
        self.opened.0.borrow_mut().push((name.clone(), secret));
        Ok(Some(public))
    }

    /// The key of that name, for its password.
    ///
    /// # Errors
    /// When there is none, or the password is another.
    pub fn unlock(&self, name: &Name) -> Result<Secret, Failure> {
        if let Some(secret) = self.opened.take(name) {
            return Ok(secret);
        }
        let missing = || in_keystore(KeystoreError::Missing(name.clone()));
        let store = self.store.clone().ok_or_else(missing)?;
        let asker = Asker { password_file: self.password_file.as_deref() };
        let keys = Keys { store, asker, is_quiet: self.is_quiet };
        let file = keys.store.get(name).map_err(in_keystore)?;
        keys.open(name, &file)
    }
}
