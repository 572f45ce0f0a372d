//! The registries: accounts by address and by index, and tickets likewise with their supplies.
//!
//! Indexes are given out in order. Those that a transaction took are given back when it is rolled
//! back, so they depend on nothing but the order of what succeeded.

use encoding::limits::MAX_ACCOUNTS;
use encoding::{AccountIndex, Ticket, TicketHash, TicketIndex, Tz4Address};
use host::{Host, HostError, RawRollupCore, Subtree};

use crate::cache::Cache;
use crate::error::Refused;
use crate::layout::{self, ADDRESS_BYTES, Counts, Supply};
use crate::table::Spread;

/// What has been read of the registries, with its changes.
#[derive(Debug)]
pub(crate) struct Registry {
    counts: Counts,
    counts_before: Counts,
    indexes: Cache<Tz4Address, Option<AccountIndex>>,
    /// The addresses of new accounts, whose indexes follow each other.
    new_accounts: Vec<Tz4Address>,
    tickets: Cache<TicketHash, Option<TicketIndex>>,
    new_tickets: Vec<(TicketIndex, Ticket)>,
    supplies: Cache<TicketIndex, Supply>,
}

impl Registry {
    pub(crate) fn open<H: RawRollupCore>(state: &Subtree<'_, H>) -> Result<Self, HostError> {
        let counts = state.read_record(layout::COUNTS, "/counts")?.map(Counts::from_bytes);
        let counts = counts.unwrap_or_default();
        Ok(Registry {
            counts,
            counts_before: counts,
            indexes: Cache::new(Spread::ANY),
            new_accounts: Vec::new(),
            tickets: Cache::new(Spread::ANY),
            new_tickets: Vec::new(),
            supplies: Cache::new(Spread::ANY),
        })
    }

    /// Whether no address and no ticket has been looked for yet.
    pub(crate) fn is_empty(&self) -> bool {
        self.indexes.is_empty() && self.tickets.is_empty() && self.supplies.is_empty()
    }

    /// Looks for things in other places from here on. Nothing has been looked for yet.
    pub(crate) fn set_spread(&mut self, spread: Spread) {
        self.indexes = Cache::new(spread);
        self.tickets = Cache::new(spread);
        self.supplies = Cache::new(spread);
    }

    pub(crate) fn counts(&self) -> Counts {
        self.counts
    }

    /// The index of an address, if it has one.
    pub(crate) fn find<H: RawRollupCore>(
        &mut self,
        state: &Subtree<'_, H>,
        address: &Tz4Address,
    ) -> Result<Option<AccountIndex>, HostError> {
        if let Some(known) = self.indexes.get(address) {
            return Ok(*known);
        }
        let value = state
            .read_record(&layout::address_path(address), "/addresses")?
            .map(|bytes| AccountIndex(u32::from_be_bytes(bytes)));
        self.indexes.keep(address, value);
        Ok(value)
    }

    /// Gives the next index to an address that has none.
    pub(crate) fn allocate(&mut self, address: &Tz4Address) -> Result<AccountIndex, Refused> {
        let index = AccountIndex(self.counts.accounts);
        if index.0 >= MAX_ACCOUNTS {
            return Err(Refused::RegistryFull("accounts"));
        }
        self.counts.accounts = index.0.saturating_add(1);
        self.indexes.change(address, Some(index));
        self.new_accounts.push(*address);
        Ok(index)
    }

    /// Takes the last [`Registry::allocate`] back.
    pub(crate) fn undo_allocate(&mut self, address: &Tz4Address, index: AccountIndex) {
        self.new_accounts.pop();
        self.indexes.keep(address, None);
        self.counts.accounts = index.0;
    }

    /// The address of an index that has been given out.
    pub(crate) fn address<H: RawRollupCore>(
        &self,
        state: &Subtree<'_, H>,
        index: AccountIndex,
    ) -> Result<Tz4Address, HostError> {
        let new = index.0.checked_sub(self.counts_before.accounts);
        let new = new.and_then(|new| self.new_accounts.get(usize::try_from(new).ok()?));
        if let Some(address) = new {
            return Ok(*address);
        }
        let (path, offset) = layout::address_slot(index);
        let mut hash = [0; ADDRESS_BYTES];
        match state.host().read_part(
            state.path(&path).as_bytes(),
            offset,
            &mut hash,
            "/accounts",
        )? {
            true => Ok(Tz4Address(hash)),
            false => Err(HostError::Corrupt("/accounts")),
        }
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
        self.tickets.keep(hash, found);
        Ok(found)
    }

    /// Gives the next index to a ticket that has none.
    pub(crate) fn allocate_ticket(&mut self, ticket: &Ticket) -> Result<TicketIndex, Refused> {
        let index = TicketIndex(self.counts.tickets);
        self.counts.tickets = index.0.checked_add(1).ok_or(Refused::RegistryFull("tickets"))?;
        self.tickets.keep(&ticket.hash(), Some(index));
        self.new_tickets.push((index, ticket.clone()));
        Ok(index)
    }

    /// The ticket of an index.
    pub(crate) fn ticket<H: RawRollupCore>(
        &self,
        state: &Subtree<'_, H>,
        index: TicketIndex,
    ) -> Result<Ticket, HostError> {
        if let Some((_, ticket)) = self.new_tickets.iter().find(|(new, _)| *new == index) {
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
        if let Some(known) = self.supplies.get(&index) {
            return Ok(*known);
        }
        let value = match state.read_record(&layout::supply_path(index), "/tickets/supply")? {
            None => Supply::default(),
            Some(bytes) => {
                Supply::from_bytes(&bytes).ok_or(HostError::Corrupt("/tickets/supply"))?
            }
        };
        self.supplies.keep(&index, value);
        Ok(value)
    }

    pub(crate) fn set_supply(&mut self, index: TicketIndex, value: Supply) {
        self.supplies.change(&index, value);
    }

    /// Writes what has changed.
    pub(crate) fn write<H: RawRollupCore>(&self, to: &Subtree<'_, H>) -> Result<(), HostError> {
        if self.counts != self.counts_before {
            to.write(layout::COUNTS, &self.counts.to_bytes())?;
        }
        for (address, index) in self.indexes.changed() {
            if let Some(index) = index {
                to.write(&layout::address_path(address), &index.0.to_be_bytes())?;
            }
        }
        // They were allocated in order of index, so pages only ever grow at their end.
        for (index, address) in (self.counts_before.accounts..).zip(&self.new_accounts) {
            let (path, offset) = layout::address_slot(AccountIndex(index));
            to.write_at(&path, offset, &address.0)?;
        }
        for (index, ticket) in &self.new_tickets {
            to.write(&layout::ticket_index_path(&ticket.hash()), &index.0.to_be_bytes())?;
            to.write(&layout::ticket_record_path(*index), &ticket.to_record())?;
        }
        for (index, supply) in self.supplies.changed() {
            to.write(&layout::supply_path(*index), &supply.to_bytes())?;
        }
        Ok(())
    }
}
