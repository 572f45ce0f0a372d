//! Who holds how much of a ticket other than the main one, 256 neighbouring accounts a page.
//!
//! A page of few holders is a list of them, one of many holders is 256 amounts in order: either weighs
//! about what its holders' records do. A list that has grown long becomes the other kind, for good.

use encoding::{AccountIndex, Amount, TicketIndex};
use host::{HostError, RawRollupCore, Subtree};

use crate::layout::{self, HOLDERS_PER_PAGE, HOLDING_BYTES, Holding, SPARSE_HOLDERS};
use crate::paged_cache::{CacheMode, CacheSlot, PagedCache};
use crate::table::{Spread, Table};

/// A page of few holders.
#[derive(Debug)]
struct SparsePage {
    ticket: TicketIndex,
    page: u32,
    /// In the order of their places in the page.
    holdings: Vec<Holding>,
    changed: bool,
    /// How many entries are stored.
    stored: usize,
}

/// The balances read so far, with their changes.
#[derive(Debug)]
pub(crate) struct Balances {
    dense: PagedCache<1>,
    sparse: Vec<SparsePage>,
    sparse_table: Table,
}

/// Where a cached balance stands.
#[derive(Clone, Copy, Debug)]
pub(crate) enum OtherSlot {
    Dense(CacheSlot),
    Sparse { page: u32, slot: u8 },
}

fn in_memory(page: u32) -> usize {
    usize::try_from(page).unwrap_or(usize::MAX)
}

fn number(page: usize) -> u32 {
    // A draft has room for far fewer than 2^32.
    u32::try_from(page).unwrap_or(u32::MAX)
}

impl Balances {
    pub(crate) fn new(mode: CacheMode, spread: Spread) -> Self {
        let dense = PagedCache::new(mode, spread);
        Balances { dense, sparse: Vec::new(), sparse_table: Table::new(spread) }
    }

    /// Where the balance of `account` stands; it is read if it is not cached.
    #[inline]
    pub(crate) fn slot<H: RawRollupCore>(
        &mut self,
        state: &Subtree<'_, H>,
        account: AccountIndex,
        ticket: TicketIndex,
    ) -> Result<OtherSlot, HostError> {
        match self.dense.cached(ticket.0, account.0) {
            Some(slot) => Ok(OtherSlot::Dense(slot)),
            None => self.load(state, account, ticket),
        }
    }

    #[inline(never)] // Smaller apart: docs/bls.md.
    fn load<H: RawRollupCore>(
        &mut self,
        state: &Subtree<'_, H>,
        account: AccountIndex,
        ticket: TicketIndex,
    ) -> Result<OtherSlot, HostError> {
        let page = account.0 / HOLDERS_PER_PAGE;
        let slot = layout::holder_slot(account);
        let is_it = |at: usize| {
            self.sparse.get(at).is_some_and(|other| (other.ticket, other.page) == (ticket, page))
        };
        if let Some(page) = self.sparse_table.get(sparse_key(ticket, page), is_it) {
            return Ok(OtherSlot::Sparse { page: number(page), slot });
        }
        if let Some(slot) = self.dense.load(state, layout::dense_folder, ticket.0, account.0)? {
            return Ok(OtherSlot::Dense(slot));
        }
        let path = layout::sparse_path(ticket, page);
        let bytes = state.read_at(&path, 0, encoding::limits::STORE_IO_BYTES)?;
        let holdings = Holding::list_from_bytes(&bytes).ok_or(HostError::Corrupt("/balances"))?;
        let at = number(self.sparse.len());
        let stored = bytes.len() / HOLDING_BYTES;
        self.sparse.push(SparsePage { ticket, page, holdings, changed: false, stored });
        let pages = &self.sparse;
        let key_of = |page: &SparsePage| sparse_key(page.ticket, page.page);
        self.sparse_table.push(sparse_key(ticket, page), &|at| pages.get(at).map_or(0, key_of));
        Ok(OtherSlot::Sparse { page: at, slot })
    }

    #[inline]
    pub(crate) fn get(&self, slot: OtherSlot) -> Amount {
        match slot {
            OtherSlot::Dense(slot) => Amount::new(self.dense.get::<0>(slot)),
            OtherSlot::Sparse { page, slot } => self.sparse_amount(in_memory(page), slot),
        }
    }

    #[inline(never)] // Smaller apart: docs/bls.md.
    fn sparse_amount(&self, page: usize, slot: u8) -> Amount {
        let holdings = self.sparse.get(page).map_or(&[][..], |page| &page.holdings);
        let at = holdings.binary_search_by_key(&slot, |holding| holding.slot);
        at.ok().and_then(|at| holdings.get(at)).map_or(Amount::ZERO, |holding| holding.amount)
    }

    #[inline]
    pub(crate) fn set(&mut self, slot: OtherSlot, amount: Amount) {
        match slot {
            OtherSlot::Dense(slot) => self.dense.set::<0>(slot, amount.get()),
            OtherSlot::Sparse { page, slot } => self.set_sparse(in_memory(page), slot, amount),
        }
    }

    #[inline(never)] // Smaller apart: docs/bls.md.
    fn set_sparse(&mut self, page: usize, slot: u8, amount: Amount) {
        let Some(page) = self.sparse.get_mut(page) else { return };
        page.changed = true;
        match page.holdings.binary_search_by_key(&slot, |holding| holding.slot) {
            Ok(at) => page.holdings[at].amount = amount,
            Err(_) if amount.is_zero() => {}
            Err(at) => page.holdings.insert(at, Holding { slot, amount }),
        }
    }

    /// Whether nothing has been read or changed yet.
    pub(crate) fn is_empty(&self) -> bool {
        self.dense.is_empty() && self.sparse.is_empty()
    }

    /// Writes what has changed.
    pub(crate) fn write<H: RawRollupCore>(&self, to: &Subtree<'_, H>) -> Result<(), HostError> {
        self.dense.write(to, layout::dense_folder)?;
        self.sparse.iter().filter(|page| page.changed).try_for_each(|page| page.write(to))
    }
}

/// What a page of few holders is found by.
fn sparse_key(ticket: TicketIndex, page: u32) -> u64 {
    u64::from(ticket.0) << 32 | u64::from(page)
}

impl SparsePage {
    fn write<H: RawRollupCore>(&self, to: &Subtree<'_, H>) -> Result<(), HostError> {
        let holdings = || self.holdings.iter().filter(|holding| !holding.amount.is_zero());
        let count = holdings().count();
        if count <= SPARSE_HOLDERS {
            let path = layout::sparse_path(self.ticket, self.page);
            let mut bytes = Vec::new();
            holdings().for_each(|holding| bytes.extend_from_slice(&holding.to_bytes()));
            // A value does not get shorter: what is over says that nobody holds anything.
            bytes.resize(count.max(self.stored) * HOLDING_BYTES, 0);
            return to.write(&path, &bytes);
        }
        let mut amounts = vec![0; encoding::limits::STORE_IO_BYTES];
        for Holding { slot, amount } in holdings() {
            let at = usize::from(*slot) * 8;
            if let Some(target) = amounts.get_mut(at..at + 8) {
                target.copy_from_slice(&amount.get().to_le_bytes());
            }
        }
        if self.stored > 0 {
            to.delete(&layout::sparse_path(self.ticket, self.page))?;
        }
        to.write(&layout::dense_path(self.ticket, self.page), &amounts)
    }
}
