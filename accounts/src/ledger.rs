//! The draft: what was read, what has changed, how to take a transaction back.

use encoding::{AccountIndex, Amount, Counter, Ticket, TicketHash, TicketIndex, Tz4Address};
use host::{HostError, RawRollupCore, Subtree};

use crate::balances::{BalanceSlot, Balances};
use crate::counters::Counters;
use crate::error::{LedgerError, Refused};
use crate::keys::{Keys, share_a_page};
use crate::layout::{HOLDERS_PER_PAGE, StoredKey, Supply};
use crate::paged_cache::CacheMode;
use crate::registry::Registry;

/// A place in a draft to which it can be rolled back.
#[derive(Clone, Copy, Debug)]
#[must_use]
pub struct Mark(usize);

#[derive(Clone, Copy, Debug)]
enum Undo {
    Balance(BalanceSlot, Amount),
    Account(Tz4Address, AccountIndex),
}

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

/// A draft of the ledger over a committed state.
#[derive(Debug)]
pub struct Ledger<'h, H: RawRollupCore> {
    pub(crate) state: Subtree<'h, H>,
    pub(crate) registry: Registry,
    counters: Counters,
    keys: Keys,
    balances: Balances,
    journal: Vec<Undo>,
}

/// Balances of a page that a draft must touch on average to read whole pages: fewer calls, at a page
/// of bytes each.
const TOUCHES_PER_PAGE: usize = 4;

impl<'h, H: RawRollupCore> Ledger<'h, H> {
    /// A draft over what is stored under `state`, for few accounts.
    ///
    /// # Errors
    /// When the host fails, or a stored value does not match the layout.
    pub fn open(state: Subtree<'h, H>) -> Result<Self, HostError> {
        Self::open_for(state, 0)
    }

    /// A draft over what is stored under `state`, which is going to touch some `touches` balances:
    /// if that is many of those there are, they are read in pages.
    ///
    /// # Errors
    /// When the host fails, or a stored value does not match the layout.
    pub fn open_for(state: Subtree<'h, H>, touches: usize) -> Result<Self, HostError> {
        let registry = Registry::open(&state)?;
        let mut ledger = Ledger {
            state,
            registry,
            counters: Counters::new(CacheMode::Record),
            keys: Keys::default(),
            balances: Balances::new(CacheMode::Record),
            journal: Vec::new(),
        };
        ledger.expect_touches(touches);
        Ok(ledger)
    }

    /// Reads in pages from here on, if some `touches` balances are many of those there are. A draft
    /// that has read or changed anything is left as it is.
    pub fn expect_touches(&mut self, touches: usize) {
        let pages =
            usize::try_from(self.accounts().div_ceil(HOLDERS_PER_PAGE)).unwrap_or(usize::MAX);
        // Where there is no account yet, the first page is to come.
        if touches / TOUCHES_PER_PAGE >= pages.max(1)
            && self.balances.is_empty()
            && self.counters.is_empty()
        {
            // Pages of counters are as many or fewer. Each touch may be of an account to come.
            let to_come = touches / usize::try_from(HOLDERS_PER_PAGE).unwrap_or(1);
            let mode = CacheMode::Page(pages.saturating_add(to_come).saturating_add(2));
            self.counters = Counters::new(mode);
            self.balances = Balances::new(mode);
        }
    }

    /// Writes every change under `to`, which holds a copy of the state this draft began with.
    ///
    /// # Errors
    /// When the host fails, or a stored value does not match the layout.
    pub fn commit(self, to: &Subtree<'_, H>) -> Result<(), HostError> {
        self.registry.write(to)?;
        self.counters.write(to)?;
        self.keys.write(to)?;
        self.balances.write(to)
    }

    /// Forgets every change.
    pub fn discard(self) {}

    /// Remembers this place.
    pub fn mark(&self) -> Mark {
        Mark(self.journal.len())
    }

    /// Forgets how to roll back to any mark.
    pub fn forget_undo(&mut self) {
        self.journal.clear();
    }

    /// Takes back the balances that were set and the accounts that were allocated since `mark`.
    ///
    /// Counters and keys of older accounts stay: a failed transaction uses up its counters. So do a
    /// ticket that was allocated and a supply that was set: only a deposit does that, as the last
    /// thing before it succeeds.
    pub fn roll_back(&mut self, mark: Mark) {
        while self.journal.len() > mark.0 {
            match self.journal.pop() {
                Some(Undo::Balance(slot, before)) => self.balances.set(slot, before),
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

    /// Whether there is an account of this index.
    #[inline]
    pub fn has_account(&self, index: AccountIndex) -> bool {
        index.0 < self.accounts()
    }

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
        self.journal.push(Undo::Account(*address, index));
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
        self.counters.get(&self.state, index)
    }

    /// Uses up the current counter of an account.
    ///
    /// # Errors
    /// When the rules refuse it, or the host fails.
    #[inline]
    pub fn use_counter(&mut self, index: AccountIndex) -> Result<(), LedgerError> {
        let counter = self.counter_of(index)?;
        let next = counter.next().ok_or(Refused::CounterExhausted(counter))?;
        Ok(self.counters.set(&self.state, index, next)?)
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
        let current = self.counters.use_if(&self.state, index, expected)?;
        Ok(current.ok_or(Refused::CounterExhausted(expected))?)
    }

    /// Sets the counter of an account: for a state that is made up, never for a message.
    ///
    /// # Errors
    /// When the host fails, or a stored value does not match the layout.
    pub fn set_counter(&mut self, index: AccountIndex, next: Counter) -> Result<(), HostError> {
        self.counters.set(&self.state, index, next)
    }

    /// The stored key of an account, if it has shown one.
    ///
    /// # Errors
    /// When the host fails, or a stored value does not match the layout.
    pub fn key(&mut self, index: AccountIndex) -> Result<Option<StoredKey>, HostError> {
        self.keys.get(&self.state, index, false)
    }

    /// The stored keys of accounts in order: those of a page that follow each other cost one call.
    ///
    /// # Errors
    /// When the host fails, or a stored value does not match the layout.
    pub fn keys_of(
        &mut self,
        accounts: &[AccountIndex],
    ) -> Result<Vec<Option<StoredKey>>, HostError> {
        let next = |at: usize| accounts.get(at + 1);
        let whole = |(at, index): (usize, &AccountIndex)| {
            next(at).is_some_and(|next| share_a_page(*index, *next))
        };
        let whole: Vec<bool> = accounts.iter().enumerate().map(whole).collect();
        accounts
            .iter()
            .zip(whole)
            .map(|(index, whole)| self.keys.get(&self.state, *index, whole))
            .collect()
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

    /// What an account holds of a ticket.
    ///
    /// # Errors
    /// When the host fails, or a stored value does not match the layout.
    pub fn balance(
        &mut self,
        account: AccountIndex,
        ticket: TicketIndex,
    ) -> Result<Amount, HostError> {
        let slot = self.slot(account, ticket)?;
        Ok(self.balance_at(slot))
    }

    #[inline]
    pub(crate) fn slot(
        &mut self,
        account: AccountIndex,
        ticket: TicketIndex,
    ) -> Result<BalanceSlot, HostError> {
        self.balances.slot(&self.state, account, ticket)
    }

    #[inline]
    pub(crate) fn balance_at(&self, slot: BalanceSlot) -> Amount {
        self.balances.get(slot)
    }

    #[inline]
    pub(crate) fn set_balance_at(&mut self, slot: BalanceSlot, before: Amount, amount: Amount) {
        self.journal.push(Undo::Balance(slot, before));
        self.balances.set(slot, amount);
    }

    /// The index of a ticket, if the rollup has ever held it.
    ///
    /// # Errors
    /// When the host fails, or a stored value does not match the layout.
    pub fn find_ticket(&mut self, hash: &TicketHash) -> Result<Option<TicketIndex>, HostError> {
        self.registry.find_ticket(&self.state, hash)
    }

    /// The ticket of an index below [`Ledger::tickets`].
    ///
    /// # Errors
    /// When the host fails, or a stored value does not match the layout.
    pub fn ticket(&self, index: TicketIndex) -> Result<Ticket, HostError> {
        self.registry.ticket(&self.state, index)
    }

    /// The supply of a ticket.
    ///
    /// # Errors
    /// When the host fails, or a stored value does not match the layout.
    pub fn supply(&mut self, index: TicketIndex) -> Result<Supply, HostError> {
        self.registry.supply(&self.state, index)
    }

    /// Sets the supply of a ticket: for a state that is made up, never for a message.
    pub fn set_supply(&mut self, index: TicketIndex, supply: Supply) {
        self.registry.set_supply(index, supply);
    }
}
