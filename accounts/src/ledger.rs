//! The draft: what was read, what has changed, how to take a transaction back.

use encoding::{AccountIndex, Amount, Ticket, TicketHash, TicketIndex, Tz4Address};
use host::{HostError, RawRollupCore, Subtree};

use crate::balances::{BalanceSlot, Balances};
use crate::counters::Counters;
use crate::keys::Keys;
use crate::layout::{HOLDERS_PER_PAGE, Supply};
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

/// A draft of the ledger over a committed state.
#[derive(Debug)]
pub struct Ledger<'h, H: RawRollupCore> {
    pub(crate) state: Subtree<'h, H>,
    pub(crate) registry: Registry,
    pub(crate) counters: Counters,
    pub(crate) keys: Keys,
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
        if !self.balances.is_empty() || !self.counters.is_empty() {
            return;
        }
        if touches / TOUCHES_PER_PAGE >= pages.max(1) {
            // Pages of counters are as many or fewer. Each touch may be of an account to come.
            let to_come = touches / usize::try_from(HOLDERS_PER_PAGE).unwrap_or(1);
            let mode = CacheMode::Page(pages.saturating_add(to_come).saturating_add(2));
            self.counters = Counters::new(mode);
            self.balances = Balances::new(mode);
        } else {
            self.balances.make_room(touches);
            self.counters.make_room(touches / 2);
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

    /// Remembers that an account was allocated, to take that back.
    pub(crate) fn record_allocation(&mut self, address: &Tz4Address, index: AccountIndex) {
        self.journal.push(Undo::Account(*address, index));
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
