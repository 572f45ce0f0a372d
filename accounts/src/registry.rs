//! The registries: accounts by address and by index, their counters and keys; tickets likewise.
//!
//! Indexes are given out in order. Those that a transaction took are given back when it is rolled
//! back, so they depend on nothing but the order of what succeeded.

use std::collections::BTreeMap;

use encoding::{AccountIndex, Counter, Ticket, TicketHash, TicketIndex, Tz4Address};
use host::{HostError, RawRollupCore, Subtree};

use crate::error::{LedgerError, Refused};
use crate::layout::{self, ACCOUNT_BYTES, AccountRecord, Counts, KEY_BYTES, Supply};

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

#[derive(Clone, Copy, Debug)]
struct Cached<T> {
    value: T,
    changed: bool,
}

/// What has been read of the registries, with its changes.
#[derive(Debug)]
pub(crate) struct Registry {
    counts: Cached<Counts>,
    addresses: BTreeMap<Tz4Address, Cached<Option<AccountIndex>>>,
    accounts: BTreeMap<AccountIndex, Cached<AccountRecord>>,
    new_keys: BTreeMap<u32, [u8; KEY_BYTES]>,
    tickets: BTreeMap<TicketHash, Option<TicketIndex>>,
    new_tickets: BTreeMap<TicketIndex, Ticket>,
    supplies: BTreeMap<TicketIndex, Cached<Supply>>,
}

impl Registry {
    pub(crate) fn open<H: RawRollupCore>(state: &Subtree<'_, H>) -> Result<Self, HostError> {
        let counts = state.read_record(layout::COUNTS, "/counts")?.map(Counts::from_bytes);
        Ok(Registry {
            counts: Cached { value: counts.unwrap_or_default(), changed: false },
            addresses: BTreeMap::new(),
            accounts: BTreeMap::new(),
            new_keys: BTreeMap::new(),
            tickets: BTreeMap::new(),
            new_tickets: BTreeMap::new(),
            supplies: BTreeMap::new(),
        })
    }

    pub(crate) fn counts(&self) -> Counts {
        self.counts.value
    }

    fn change_counts(&mut self, change: impl FnOnce(&mut Counts)) {
        change(&mut self.counts.value);
        self.counts.changed = true;
    }

    /// The index of an address, if it has one.
    pub(crate) fn find<H: RawRollupCore>(
        &mut self,
        state: &Subtree<'_, H>,
        address: &Tz4Address,
    ) -> Result<Option<AccountIndex>, HostError> {
        if let Some(cached) = self.addresses.get(address) {
            return Ok(cached.value);
        }
        let path = layout::address_path(address);
        let value = state
            .read_record(&path, "/addresses")?
            .map(|bytes| AccountIndex(u32::from_be_bytes(bytes)));
        self.addresses.insert(*address, Cached { value, changed: false });
        Ok(value)
    }

    /// Gives the next index to an address that has none.
    pub(crate) fn allocate(&mut self, address: &Tz4Address) -> Result<AccountIndex, Refused> {
        let index = AccountIndex(self.counts.value.accounts);
        let next = index.0.checked_add(1).ok_or(Refused::RegistryFull("accounts"))?;
        self.change_counts(|counts| counts.accounts = next);
        self.addresses.insert(*address, Cached { value: Some(index), changed: true });
        let value = AccountRecord { address: *address, counter: Counter::FIRST, key_slot: None };
        self.accounts.insert(index, Cached { value, changed: true });
        Ok(index)
    }

    /// Takes the last [`Registry::allocate`] back.
    pub(crate) fn undo_allocate(&mut self, address: &Tz4Address, index: AccountIndex) {
        self.accounts.remove(&index);
        self.addresses.insert(*address, Cached { value: None, changed: false });
        self.change_counts(|counts| counts.accounts = index.0);
    }

    fn record<H: RawRollupCore>(
        &mut self,
        state: &Subtree<'_, H>,
        index: AccountIndex,
    ) -> Result<&mut Cached<AccountRecord>, HostError> {
        use std::collections::btree_map::Entry;
        match self.accounts.entry(index) {
            Entry::Occupied(entry) => Ok(entry.into_mut()),
            Entry::Vacant(entry) => {
                let (path, offset) = layout::account_place(index);
                let bytes = state.read_at(&path, offset, ACCOUNT_BYTES)?;
                let value =
                    AccountRecord::from_bytes(&bytes).ok_or(HostError::Corrupt("/accounts"))?;
                Ok(entry.insert(Cached { value, changed: false }))
            }
        }
    }

    /// The account of an index that has been given out.
    pub(crate) fn account<H: RawRollupCore>(
        &mut self,
        state: &Subtree<'_, H>,
        index: AccountIndex,
    ) -> Result<Account, HostError> {
        let AccountRecord { address, counter, .. } = self.record(state, index)?.value;
        Ok(Account { index, address, counter })
    }

    pub(crate) fn set_counter<H: RawRollupCore>(
        &mut self,
        state: &Subtree<'_, H>,
        index: AccountIndex,
        counter: Counter,
    ) -> Result<(), HostError> {
        let record = self.record(state, index)?;
        record.value.counter = counter;
        record.changed = true;
        Ok(())
    }

    /// The stored key of an account, if it has shown one.
    pub(crate) fn key<H: RawRollupCore>(
        &mut self,
        state: &Subtree<'_, H>,
        index: AccountIndex,
    ) -> Result<Option<[u8; KEY_BYTES]>, HostError> {
        let Some(slot) = self.record(state, index)?.value.key_slot else { return Ok(None) };
        if let Some(key) = self.new_keys.get(&slot) {
            return Ok(Some(*key));
        }
        let (path, offset) = layout::key_place(slot);
        let bytes = state.read_at(&path, offset, KEY_BYTES)?;
        bytes.try_into().map(Some).map_err(|_| HostError::Corrupt("/keys"))
    }

    /// Stores the checked key of an account that has none yet.
    pub(crate) fn set_key<H: RawRollupCore>(
        &mut self,
        state: &Subtree<'_, H>,
        index: AccountIndex,
        key: [u8; KEY_BYTES],
    ) -> Result<(), LedgerError> {
        let slot = self.counts.value.keys;
        let record = self.record(state, index)?;
        if record.value.key_slot.is_some() {
            return Ok(());
        }
        let next = slot.checked_add(1).ok_or(Refused::RegistryFull("keys"))?;
        record.value.key_slot = Some(slot);
        record.changed = true;
        self.new_keys.insert(slot, key);
        self.change_counts(|counts| counts.keys = next);
        Ok(())
    }

    /// The index of a ticket, if the rollup has ever held it.
    pub(crate) fn find_ticket<H: RawRollupCore>(
        &mut self,
        state: &Subtree<'_, H>,
        hash: &TicketHash,
    ) -> Result<Option<TicketIndex>, HostError> {
        if let Some(known) = self.tickets.get(hash) {
            return Ok(*known);
        }
        let found = state
            .read_record(&layout::ticket_index_path(hash), "/tickets/index")?
            .map(|bytes| TicketIndex(u32::from_be_bytes(bytes)));
        self.tickets.insert(*hash, found);
        Ok(found)
    }

    /// Gives the next index to a ticket that has none.
    pub(crate) fn allocate_ticket(&mut self, ticket: &Ticket) -> Result<TicketIndex, Refused> {
        let index = TicketIndex(self.counts.value.tickets);
        let next = index.0.checked_add(1).ok_or(Refused::RegistryFull("tickets"))?;
        self.change_counts(|counts| counts.tickets = next);
        self.tickets.insert(ticket.hash(), Some(index));
        self.new_tickets.insert(index, ticket.clone());
        Ok(index)
    }

    /// The ticket of an index.
    pub(crate) fn ticket<H: RawRollupCore>(
        &self,
        state: &Subtree<'_, H>,
        index: TicketIndex,
    ) -> Result<Ticket, HostError> {
        if let Some(ticket) = self.new_tickets.get(&index) {
            return Ok(ticket.clone());
        }
        let record = state.read(&layout::ticket_record_path(index))?;
        Ticket::from_record(&record).ok_or(HostError::Corrupt("/tickets/record"))
    }

    /// The supply of a ticket.
    pub(crate) fn supply<H: RawRollupCore>(
        &mut self,
        state: &Subtree<'_, H>,
        index: TicketIndex,
    ) -> Result<Supply, HostError> {
        if let Some(cached) = self.supplies.get(&index) {
            return Ok(cached.value);
        }
        let value = match state.read_record(&layout::supply_path(index), "/tickets/supply")? {
            None => Supply::default(),
            Some(bytes) => {
                Supply::from_bytes(&bytes).ok_or(HostError::Corrupt("/tickets/supply"))?
            }
        };
        self.supplies.insert(index, Cached { value, changed: false });
        Ok(value)
    }

    pub(crate) fn set_supply(&mut self, index: TicketIndex, value: Supply) {
        self.supplies.insert(index, Cached { value, changed: true });
    }

    /// Writes what has changed.
    pub(crate) fn write<H: RawRollupCore>(&self, to: &Subtree<'_, H>) -> Result<(), HostError> {
        if self.counts.changed {
            to.write(layout::COUNTS, &self.counts.value.to_bytes())?;
        }
        for (address, cached) in &self.addresses {
            if let Cached { value: Some(index), changed: true } = cached {
                to.write(&layout::address_path(address), &index.0.to_be_bytes())?;
            }
        }
        // In order of index, so that pages only ever grow at their end.
        for (index, cached) in self.accounts.iter().filter(|(_, cached)| cached.changed) {
            let (path, offset) = layout::account_place(*index);
            to.write_at(&path, offset, &cached.value.to_bytes())?;
        }
        for (slot, key) in &self.new_keys {
            let (path, offset) = layout::key_place(*slot);
            to.write_at(&path, offset, key)?;
        }
        for (index, ticket) in &self.new_tickets {
            to.write(&layout::ticket_index_path(&ticket.hash()), &index.0.to_be_bytes())?;
            to.write(&layout::ticket_record_path(*index), &ticket.to_record())?;
        }
        for (index, cached) in self.supplies.iter().filter(|(_, cached)| cached.changed) {
            to.write(&layout::supply_path(*index), &cached.value.to_bytes())?;
        }
        Ok(())
    }
}
