//! The keys of `toru key` for the commands that sign with them.

use std::cell::RefCell;
use std::path::PathBuf;

use bls::PublicKey;
use keys::{KeystoreError, Name, Secret};

use super::ask::Asker;
use super::failure::in_keystore;
use super::{Keys, default_folder};
use crate::cli::groups::KeyringArgs;
use crate::error::Failure;
use crate::ui::Ui;

/// A folder of keys, and where their passwords come from.
pub struct Keyring<'u> {
    store: Option<keys::Keystore>,
    password_file: Option<PathBuf>,
    ui: &'u Ui,
    opened: RefCell<Vec<(Name, Secret)>>,
}

impl<'u> Keyring<'u> {
    /// The keys in a folder, or in the default one. A missing folder is no failure as long as no
    /// key of it is asked for.
    #[must_use]
    pub fn new(args: &KeyringArgs, ui: &'u Ui) -> Self {
        let folder = args.keys.clone().or_else(|| default_folder().ok());
        Keyring {
            store: folder.map(keys::Keystore::new),
            password_file: args.password_file.clone(),
            ui,
            opened: RefCell::default(),
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
        if let Some(known) = public.or_else(|| self.opened_key(name)) {
            return Ok(Some(known));
        }
        let secret = self.unlock(name)?;
        let public = secret.public_key();
        self.opened.borrow_mut().push((name.clone(), secret));
        Ok(Some(public))
    }

    /// The key of that name, for its password.
    ///
    /// # Errors
    /// When there is no such key, or the password is wrong.
    pub fn unlock(&self, name: &Name) -> Result<Secret, Failure> {
        if let Some(secret) = self.take_opened(name) {
            return Ok(secret);
        }
        let missing = || in_keystore(KeystoreError::Missing(name.clone()));
        let store = self.store.clone().ok_or_else(missing)?;
        let asker = Asker { password_file: self.password_file.as_deref() };
        let keys = Keys { store, asker, ui: self.ui };
        let file = keys.store.get(name).map_err(in_keystore)?;
        keys.open(name, &file)
    }

    /// The public key of a file that was opened to find out which key it has.
    fn opened_key(&self, name: &Name) -> Option<PublicKey> {
        let opened = self.opened.borrow();
        let found = opened.iter().find(|(known, _)| known == name);
        found.map(|(_, secret)| secret.public_key())
    }

    fn take_opened(&self, name: &Name) -> Option<Secret> {
        let mut opened = self.opened.borrow_mut();
        let at = opened.iter().position(|(known, _)| known == name)?;
        Some(opened.swap_remove(at).1)
    }
}
