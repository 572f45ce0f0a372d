//! One account: found or allocated, its counter and its key.

use encoding::{AccountIndex, Counter, Tz4Address};
use host::{HostError, RawRollupCore};

use crate::error::{LedgerError, Refused};
use crate::keys::StoredKeys;
use crate::layout::StoredKey;
use crate::ledger::Ledger;

/// An account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Account {
    /// Its place in the registry.
    pub index: AccountIndex,
    /// Whose it is.
    pub address: Tz4Address,
    /// The counter that its next operation carries.
    pub counter: Counter,
}

impl<H: RawRollupCore> Ledger<'_, H> {
    /// The account at an address, if there is one.
    ///
    /// # Errors
    /// When the host fails, or a stored value does not match the layout.
    pub fn find(&mut self, address: &Tz4Address) -> Result<Option<Account>, HostError> {
        let Some(index) = self.find_index(address)? else { return Ok(None) };
        let counter = self.counter_of(index)?;
        Ok(Some(Account { index, address: *address, counter }))
    }

    /// The index of an address, if it has one.
    ///
    /// # Errors
    /// When the host fails, or a stored value does not match the layout.
    pub fn find_index(&mut self, address: &Tz4Address) -> Result<Option<AccountIndex>, HostError> {
        self.registry.find(&self.state, address)
    }

    /// The account of an index below [`Ledger::accounts`].
    ///
    /// # Errors
    /// When the host fails, or a stored value does not match the layout.
    pub fn account(&mut self, index: AccountIndex) -> Result<Account, HostError> {
        let address = self.registry.address(&self.state, index)?;
        Ok(Account { index, address, counter: self.counter_of(index)? })
    }

    /// The account at an address, made if it is not there.
    ///
    /// # Errors
    /// When the rules refuse it, or the host fails.
    pub fn find_or_allocate(&mut self, address: &Tz4Address) -> Result<AccountIndex, LedgerError> {
        if let Some(index) = self.find_index(address)? {
            return Ok(index);
        }
        let index = self.registry.allocate(address)?;
        self.record_allocation(address, index);
        Ok(index)
    }

    /// The counter that the next operation of an address carries.
    ///
    /// # Errors
    /// When the host fails, or a stored value does not match the layout.
    pub fn counter(&mut self, address: &Tz4Address) -> Result<Counter, HostError> {
        match self.find_index(address)? {
            Some(index) => self.counter_of(index),
            None => Ok(Counter::FIRST),
        }
    }

    /// The counter that the next operation of an account carries.
    ///
    /// # Errors
    /// When the host fails, or a stored value does not match the layout.
    #[inline]
    pub fn counter_of(&mut self, index: AccountIndex) -> Result<Counter, HostError> {
        let slot = self.main.slot(&self.state, index)?;
        Ok(self.main.counter(slot))
    }

    /// Uses up the current counter of an account.
    ///
    /// # Errors
    /// When the rules refuse it, or the host fails.
    pub fn use_counter(&mut self, index: AccountIndex) -> Result<(), LedgerError> {
        let slot = self.main.slot(&self.state, index)?;
        let counter = self.main.counter(slot);
        let next = counter.next().ok_or(Refused::CounterExhausted(counter))?;
        self.main.set_counter(slot, next);
        Ok(())
    }

    /// Uses up the current counter of an account if it is `expected`, and tells what it was.
    ///
    /// # Errors
    /// When the rules refuse it, or the host fails.
    #[inline]
    pub fn use_counter_if(
        &mut self,
        index: AccountIndex,
        expected: Counter,
    ) -> Result<Counter, LedgerError> {
        let slot = self.main.slot(&self.state, index)?;
        let current = self.main.counter(slot);
        if current == expected {
            let next = current.next().ok_or(Refused::CounterExhausted(current))?;
            self.main.set_counter(slot, next);
        }
        Ok(current)
    }

    /// Sets the counter of an account: for a state that is made up, never for a message.
    ///
    /// # Errors
    /// When the host fails, or a stored value does not match the layout.
    pub fn set_counter(&mut self, index: AccountIndex, next: Counter) -> Result<(), HostError> {
        let slot = self.main.slot(&self.state, index)?;
        self.main.set_counter(slot, next);
        Ok(())
    }

    /// The stored key of an account, if it has shown one.
    ///
    /// # Errors
    /// When the host fails, or a stored value does not match the layout.
    pub fn key(&mut self, index: AccountIndex) -> Result<Option<StoredKey>, HostError> {
        self.keys.get(&self.state, index)
    }

    /// Appends the stored keys of accounts to others: those of a page that lie near each other cost one call.
    ///
    /// # Errors
    /// When the host fails, or a stored value does not match the layout.
    pub fn append_keys(
        &mut self,
        accounts: &[AccountIndex],
        keys: &mut StoredKeys,
    ) -> Result<(), HostError> {
        self.keys.append(&self.state, accounts, keys)
    }

    /// Stores the checked key of an account, in the place of one that was not proven.
    ///
    /// # Errors
    /// When the host fails, or a stored value does not match the layout.
    pub fn set_key(&mut self, index: AccountIndex, key: StoredKey) -> Result<(), HostError> {
        match self.key(index)? {
            Some(known) if known.proven || !key.proven => {}
            _ => self.keys.set(index, key),
        }
        Ok(())
    }
}
