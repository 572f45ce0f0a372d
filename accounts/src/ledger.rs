//! The draft: what was read, what has changed, how to take a transaction back.

use encoding::{AccountIndex, Amount, Counter, Ticket, TicketHash, TicketIndex, Tz4Address};
use host::{HostError, RawRollupCore, Subtree};

use crate::balances::{Balances, Change};
use crate::error::{LedgerError, Refused};
use crate::layout::Supply;
use crate::registry::{Account, Registry};

/// A place in a draft to which it can be rolled back.
#[derive(Clone, Copy, Debug)]
#[must_use]
pub struct Mark(usize);

#[derive(Clone, Copy, Debug)]
enum Undo {
    Balance(Change),
    Account(Tz4Address, AccountIndex),
}

/// A draft of the ledger over a committed state.
#[derive(Debug)]
pub struct Ledger<'h, H: RawRollupCore> {
    pub(crate) state: Subtree<'h, H>,
    pub(crate) registry: Registry,
    balances: Balances,
    journal: Vec<Undo>,
}

impl<'h, H: RawRollupCore> Ledger<'h, H> {
    /// A draft over what is stored under `state`.
    pub fn open(state: Subtree<'h, H>) -> Result<Self, HostError> {
        let registry = Registry::open(&state)?;
        Ok(Ledger { state, registry, balances: Balances::default(), journal: Vec::new() })
    }

    /// Writes every change under `to`, which holds a copy of the state this draft began with.
    pub fn commit(self, to: &Subtree<'_, H>) -> Result<(), HostError> {
        self.registry.write(to)?;
        self.balances.write(to)
    }

    /// Forgets every change.
    pub fn discard(self) {}

    /// Remembers this place.
    pub fn mark(&self) -> Mark {
        Mark(self.journal.len())
    }

    /// Takes back the balances that were set and the accounts that were allocated since `mark`.
    ///
    /// Counters and keys of older accounts stay: a failed transaction uses up its counters. So do a
    /// ticket that was allocated and a supply that was set: only a deposit does that, as the last
    /// thing before it succeeds.
    pub fn roll_back(&mut self, mark: Mark) {
        while self.journal.len() > mark.0 {
            match self.journal.pop() {
                Some(Undo::Balance(change)) => self.balances.undo(change),
                Some(Undo::Account(address, index)) => {
                    self.registry.undo_allocate(&address, index);
                }
                None => return,
            }
        }
    }

    /// How many accounts there are. Their indexes are all the numbers below.
    pub fn accounts(&self) -> u32 {
        self.registry.counts().accounts
    }

    /// How many tickets there are. Their indexes are all the numbers below.
    pub fn tickets(&self) -> u32 {
        self.registry.counts().tickets
    }

    /// The account at an address, if there is one.
    pub fn find(&mut self, address: &Tz4Address) -> Result<Option<Account>, HostError> {
        match self.registry.find(&self.state, address)? {
            Some(index) => self.account(index).map(Some),
            None => Ok(None),
        }
    }

    /// The account of an index below [`Ledger::accounts`].
    pub fn account(&mut self, index: AccountIndex) -> Result<Account, HostError> {
        self.registry.account(&self.state, index)
    }

    /// The account at an address, made if it is not there.
    pub fn find_or_allocate(&mut self, address: &Tz4Address) -> Result<AccountIndex, LedgerError> {
        if let Some(index) = self.registry.find(&self.state, address)? {
            return Ok(index);
        }
        let index = self.registry.allocate(address)?;
        self.journal.push(Undo::Account(*address, index));
        Ok(index)
    }

    /// The counter that the next operation of an address carries.
    pub fn counter(&mut self, address: &Tz4Address) -> Result<Counter, HostError> {
        Ok(self.find(address)?.map_or(Counter::FIRST, |account| account.counter))
    }

    /// Uses up the current counter of an account.
    pub fn use_counter(&mut self, index: AccountIndex) -> Result<(), LedgerError> {
        let counter = self.account(index)?.counter;
        let next = counter.next().ok_or(Refused::CounterExhausted(counter))?;
        Ok(self.registry.set_counter(&self.state, index, next)?)
    }

    /// The stored key of an account: a checked affine point of 96 bytes.
    pub fn key(&mut self, index: AccountIndex) -> Result<Option<[u8; 96]>, HostError> {
        self.registry.key(&self.state, index)
    }

    /// Stores the checked key of an account, unless it has one.
    pub fn set_key(&mut self, index: AccountIndex, key: [u8; 96]) -> Result<(), LedgerError> {
        self.registry.set_key(&self.state, index, key)
    }

    /// What an account holds of a ticket.
    pub fn balance(
        &mut self,
        account: AccountIndex,
        ticket: TicketIndex,
    ) -> Result<Amount, HostError> {
        self.balances.get(&self.state, account, ticket)
    }

    pub(crate) fn set_balance(
        &mut self,
        account: AccountIndex,
        ticket: TicketIndex,
        amount: Amount,
    ) -> Result<(), HostError> {
        let change = self.balances.set(&self.state, account, ticket, amount)?;
        self.journal.push(Undo::Balance(change));
        Ok(())
    }

    /// The index of a ticket, if the rollup has ever held it.
    pub fn find_ticket(&mut self, hash: &TicketHash) -> Result<Option<TicketIndex>, HostError> {
        self.registry.find_ticket(&self.state, hash)
    }

    /// The ticket of an index below [`Ledger::tickets`].
    pub fn ticket(&self, index: TicketIndex) -> Result<Ticket, HostError> {
        self.registry.ticket(&self.state, index)
    }

    /// The supply of a ticket.
    pub fn supply(&mut self, index: TicketIndex) -> Result<Supply, HostError> {
        self.registry.supply(&self.state, index)
    }
}
