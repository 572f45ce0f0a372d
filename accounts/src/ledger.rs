//! The draft: what was read, what has changed, how to take a transaction back.

use encoding::{AccountIndex, Amount, Hash32, Ticket, TicketHash, TicketIndex, Tz4Address};
use host::{HostError, RawRollupCore, Subtree};

use crate::balances::{Balances, OtherSlot};
use crate::keys::Keys;
use crate::layout::{MAIN_TICKET, Supply};
use crate::main_records::MainRecords;
use crate::paged_cache::{CacheMode, CacheSlot, PagedCache};
use crate::registry::Registry;
use crate::table::Spread;

/// A place in a draft to which it can be rolled back.
#[derive(Clone, Copy, Debug)]
#[must_use]
pub struct Mark {
    balances: usize,
    allocated: usize,
}

/// Where a cached balance stands.
#[derive(Clone, Copy, Debug)]
pub(crate) enum BalanceSlot {
    /// In the main record of its account.
    Main(CacheSlot),
    Other(OtherSlot),
}

/// A draft of the ledger over a committed state.
#[derive(Debug)]
pub struct Ledger<'h, H: RawRollupCore> {
    pub(crate) state: Subtree<'h, H>,
    pub(crate) registry: Registry,
    pub(crate) main: MainRecords,
    pub(crate) keys: Keys,
    balances: Balances,
    /// Balances that were set, with what they were before.
    set: Vec<(BalanceSlot, Amount)>,
    /// Accounts that were allocated.
    allocated: Vec<(Tz4Address, AccountIndex)>,
}

/// Records of a page that a draft must touch on average to read whole pages. A page takes 2,048 bytes each way, a record
/// 16 and a path of some 25: in the PVM, where bytes cost ticks, pages pay late; natively, where calls cost time, soon.
const TOUCHES_PER_PAGE: usize = if cfg!(target_arch = "wasm32") { 32 } else { 3 };

impl<'h, H: RawRollupCore> Ledger<'h, H> {
    /// A draft over what is stored under `state`, for few accounts.
    ///
    /// # Errors
    /// When the host fails, or a stored value does not match the layout.
    pub fn open(state: Subtree<'h, H>) -> Result<Self, HostError> {
        let registry = Registry::open(&state)?;
        Ok(Ledger {
            state,
            registry,
            main: MainRecords::new(CacheMode::Record, Spread::ANY),
            keys: Keys::new(),
            balances: Balances::new(CacheMode::Record, Spread::ANY),
            set: Vec::new(),
            allocated: Vec::new(),
        })
    }

    /// A draft over what is stored under `state`, which is going to touch some `touches` balances:
    /// if that is many of those there are, they are read in pages.
    ///
    /// # Errors
    /// When the host fails, or a stored value does not match the layout.
    pub fn open_for(state: Subtree<'h, H>, touches: usize) -> Result<Self, HostError> {
        let mut ledger = Self::open(state)?;
        ledger.prepare(touches, Spread::ANY);
        Ok(ledger)
    }

    /// Prepares for the transfers of a message, which touch some `touches` balances: from here on they are read in pages,
    /// if that is many of those there are. What is looked for is spread by the message's digest. A draft that has read or
    /// changed anything is left as it is.
    pub fn expect_message(&mut self, touches: usize, digest: &Hash32) {
        self.prepare(touches, Spread::by(&digest.0));
    }

    fn prepare(&mut self, touches: usize, spread: Spread) {
        const PER_PAGE: u32 = PagedCache::<2>::PER_PAGE;
        if !self.balances.is_empty() || !self.main.is_empty() || !self.registry.is_empty() {
            return;
        }
        self.registry.set_spread(spread);
        let pages = usize::try_from(self.accounts().div_ceil(PER_PAGE)).unwrap_or(usize::MAX);
        // Where there is no account yet, the first page is to come.
        let many = touches / TOUCHES_PER_PAGE >= pages.max(1);
        let mode = if many {
            // Each touch may be of an account to come.
            let to_come = u32::try_from(touches).unwrap_or(u32::MAX);
            CacheMode::Page(self.accounts().saturating_add(to_come))
        } else {
            CacheMode::Record
        };
        self.main = MainRecords::new(mode, spread);
        self.balances = Balances::new(mode, spread);
    }

    /// Makes room for what so many touches read, so that memory has not to grow step by step.
    pub fn make_room(&mut self, touches: usize) {
        self.main.make_room(touches);
    }

    /// Writes every change under `to`, which holds a copy of the state this draft began with.
    ///
    /// # Errors
    /// When the host fails, or a stored value does not match the layout.
    pub fn commit(self, to: &Subtree<'_, H>) -> Result<(), HostError> {
        self.registry.write(to)?;
        self.main.write(to)?;
        self.keys.write(to)?;
        self.balances.write(to)
    }

    /// Forgets every change.
    pub fn discard(self) {}

    /// Remembers this place.
    #[inline]
    pub fn mark(&self) -> Mark {
        Mark { balances: self.set.len(), allocated: self.allocated.len() }
    }

    /// Forgets how to roll back to any mark.
    #[inline]
    pub fn forget_undo(&mut self) {
        self.set.clear();
        self.allocated.clear();
    }

    /// Takes back the balances that were set and the accounts that were allocated since `mark`.
    ///
    /// Counters and keys of older accounts stay: a failed transaction uses up its counters. So do a
    /// ticket that was allocated and a supply that was set: only a deposit does that, as the last
    /// thing before it succeeds.
    #[inline(never)] // Smaller apart: docs/bls.md.
    pub fn roll_back(&mut self, mark: Mark) {
        while self.set.len() > mark.balances {
            let Some((slot, before)) = self.set.pop() else { return };
            self.overwrite(slot, before);
        }
        while self.allocated.len() > mark.allocated {
            let Some((address, index)) = self.allocated.pop() else { return };
            self.registry.undo_allocate(&address, index);
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
        self.allocated.push((*address, index));
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
        if ticket == MAIN_TICKET {
            return self.main.slot(&self.state, account).map(BalanceSlot::Main);
        }
        self.balances.slot(&self.state, account, ticket).map(BalanceSlot::Other)
    }

    #[inline]
    pub(crate) fn balance_at(&self, slot: BalanceSlot) -> Amount {
        match slot {
            BalanceSlot::Main(slot) => self.main.balance(slot),
            BalanceSlot::Other(slot) => self.balances.get(slot),
        }
    }

    #[inline]
    pub(crate) fn set_balance_at(&mut self, slot: BalanceSlot, before: Amount, amount: Amount) {
        self.set.push((slot, before));
        self.overwrite(slot, amount);
    }

    #[inline]
    fn overwrite(&mut self, slot: BalanceSlot, amount: Amount) {
        match slot {
            BalanceSlot::Main(slot) => self.main.set_balance(slot, amount),
            BalanceSlot::Other(slot) => self.balances.set(slot, amount),
        }
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
