//! An account as the command line names it, and where its key is.

use bls::PublicKey;
use encoding::Tz4Address;
use keys::{Name, Secret, read_secret};

use super::error::account::AccountError;
use crate::dev::Account;
use crate::error::Failure;
use crate::key::Keyring;

/// An account, and how it was named.
#[derive(Clone, Debug)]
pub(super) struct AccountRef {
    /// Which.
    pub address: Tz4Address,
    /// The name that was given, if it was one.
    pub name: Option<String>,
    /// Where its key is.
    pub key: KeySource,
}

/// Where a key is.
#[derive(Clone, Debug)]
pub(super) enum KeySource {
    /// Not here.
    Nowhere,
    /// In a file, by this name.
    File(Name, PublicKey),
    /// Known to everybody.
    Sandbox(u32),
}

impl AccountRef {
    /// The name with the address, or the address alone.
    pub fn label(&self) -> String {
        match &self.name {
            Some(name) => format!("{name} ({})", self.address),
            None => self.address.to_string(),
        }
    }

    /// The public key, if it is known here.
    pub fn public_key(&self) -> Result<Option<PublicKey>, Failure> {
        match &self.key {
            KeySource::Nowhere => Ok(None),
            KeySource::File(_, key) => Ok(Some(*key)),
            KeySource::Sandbox(number) => {
                sandbox_secret(*number).map(|secret| Some(secret.public_key()))
            }
        }
    }

    /// Fails where there is no key to sign with.
    pub fn needs_key(&self) -> Result<(), Failure> {
        match self.key {
            KeySource::Nowhere => Err(AccountError::NoKey(self.label()).into()),
            KeySource::File(..) | KeySource::Sandbox(_) => Ok(()),
        }
    }

    /// The key, for its password where it has one.
    pub fn unlock(&self, keyring: &Keyring<'_>) -> Result<Secret, Failure> {
        match &self.key {
            KeySource::Nowhere => Err(AccountError::NoKey(self.label()).into()),
            KeySource::File(name, _) => keyring.unlock(name),
            KeySource::Sandbox(number) => sandbox_secret(*number),
        }
    }
}

/// The secret key of an account of the sandbox.
pub(super) fn sandbox_secret(number: u32) -> Result<Secret, Failure> {
    let account = Account::new(number).and_then(|account| read_secret(&account.text).ok());
    account.ok_or_else(|| Failure::internal("an account of the sandbox has no key"))
}
