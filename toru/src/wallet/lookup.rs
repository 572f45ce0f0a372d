//! Which account a word on the command line means.

use encoding::{AccountIndex, Tz4Address};
use keys::{Kind as Kind58, Name};
use layer1::address::{Address, Kind};
use wallet::state::RollupState;

use super::account_ref::{AccountRef, KeySource, sandbox_secret};
use super::error::account::AccountError;
use super::session::Session;
use crate::dev::ACCOUNTS;
use crate::error::Failure;

/// What the sandbox's accounts are called, before their numbers.
const SANDBOX: &str = "dev";

impl Session<'_> {
    /// Whom a word means: the name of a key, `dev0` to `dev9` of the sandbox, `tz4…`, or `#` and a
    /// index in the rollup's registry.
    pub fn account_ref(&self, state: &RollupState<'_>, word: &str) -> Result<AccountRef, Failure> {
        if let Some(index) = word.strip_prefix('#') {
            let missing = || AccountError::NoSuchIndex(word.chars().take(20).collect());
            let index = wallet::amount::index(index).map(AccountIndex).ok_or_else(missing)?;
            let address = state.address(index)?;
            return self.by_address(address.ok_or_else(missing)?);
        }
        if let Ok(address) = word.parse::<Address>() {
            return match address.kind {
                Kind::Implicit(3) => self.by_address(Tz4Address(address.hash)),
                _ => Err(AccountError::LayerOne(address.to_string()).into()),
            };
        }
        match (self.named(word)?, public_key(word)) {
            (Some(reference), _) => Ok(reference),
            (None, Ok(Some(address))) => self.by_address(address),
            (None, Ok(None)) => Err(nobody(word).into()),
            (None, Err(failure)) => Err(failure.into()),
        }
    }

    /// The key of a name, or the account of the sandbox.
    fn named(&self, word: &str) -> Result<Option<AccountRef>, Failure> {
        if let Ok(name) = word.parse::<Name>()
            && let Some(key) = self.keyring.public_key(&name)?
        {
            let source = KeySource::File(name, key);
            let name = Some(word.to_owned());
            return Ok(Some(AccountRef { address: key.address(), name, key: source }));
        }
        // As they are shown, and in no other spelling.
        let is_called = |number: &u32| word == format!("{SANDBOX}{number}");
        let Some(number) = (0..ACCOUNTS).find(is_called) else { return Ok(None) };
        if !self.dev_keys {
            return Err(AccountError::NotASandbox(word.to_owned()).into());
        }
        let (address, key) = (sandbox_secret(number)?.address(), KeySource::Sandbox(number));
        Ok(Some(AccountRef { address, name: Some(word.to_owned()), key }))
    }

    /// One's own key by its name, its account or its public key, where no node is asked.
    pub fn own(&self, word: &str) -> Result<AccountRef, Failure> {
        let address = match word.parse::<Address>() {
            Ok(Address { kind: Kind::Implicit(3), hash }) => Some(Tz4Address(hash)),
            _ => None,
        };
        let reference = match (address, self.named(word)?) {
            (Some(address), _) => self.by_address(address)?,
            (None, Some(reference)) => reference,
            (None, None) => {
                let address = public_key(word)?.ok_or_else(|| nobody(word))?;
                self.by_address(address)?
            }
        };
        reference.needs_key()?;
        Ok(reference)
    }

    /// The account of an address, with its key if that is here.
    pub fn by_address(&self, address: Tz4Address) -> Result<AccountRef, Failure> {
        let here = self.here()?.iter().find(|reference| reference.address == address);
        Ok(here.cloned().unwrap_or(AccountRef { address, name: None, key: KeySource::Nowhere }))
    }

    /// All accounts whose keys are here. They are looked for once.
    fn here(&self) -> Result<&[AccountRef], Failure> {
        if let Some(known) = self.here.get() {
            return Ok(known);
        }
        let mut all = Vec::new();
        for name in self.keyring.names()? {
            // One file that is damaged does not keep the others from being found.
            if let Ok(Some(key)) = self.keyring.public_key(&name) {
                let text = Some(name.to_string());
                all.push(AccountRef {
                    address: key.address(),
                    name: text,
                    key: KeySource::File(name, key),
                });
            }
        }
        for number in (0..ACCOUNTS).filter(|_| self.dev_keys) {
            let (address, name) =
                (sandbox_secret(number)?.address(), Some(format!("{SANDBOX}{number}")));
            all.push(AccountRef { address, name, key: KeySource::Sandbox(number) });
        }
        Ok(self.here.get_or_init(|| all))
    }
}

/// The account of a public key, `BLpk…`; none if a word is not one. A secret key is refused, without
/// being shown once more.
fn public_key(word: &str) -> Result<Option<Tz4Address>, AccountError> {
    match Kind58::of(word) {
        Some(Kind58::Public) => {
            let key = keys::read_public_key(word);
            let bad = |problem| AccountError::PublicKey { text: word.to_owned(), problem };
            Ok(Some(key.map_err(bad)?.address()))
        }
        Some(Kind58::Secret | Kind58::Encrypted) => Err(AccountError::Secret),
        None => Ok(None),
    }
}

/// Why a word that is no name means nobody: it may be an address that is mistyped.
fn nobody(word: &str) -> AccountError {
    match Address::mistyped(word) {
        Some(problem) => AccountError::Address { text: word.to_owned(), problem },
        None => AccountError::Unknown(word.to_owned()),
    }
}
