//! The main record of an account: its counter, and what it holds of the main ticket. Most transfers need both, of which
//! one call reads both and one writes both.

use encoding::{AccountIndex, Amount, Counter};
use host::{HostError, RawRollupCore, Subtree};

use crate::layout::MAIN;
use crate::paged_cache::{CacheMode, CacheSlot, PagedCache, only_folder};
use crate::table::Spread;

/// The numbers of a record.
const COUNTER: usize = 0;
const BALANCE: usize = 1;

/// The records read so far, with their changes.
#[derive(Debug)]
pub(crate) struct MainRecords(PagedCache<2>);

impl MainRecords {
    pub(crate) fn new(mode: CacheMode, spread: Spread) -> Self {
        MainRecords(PagedCache::new(mode, spread))
    }

    /// Where the record of an account stands; it is read if it is not cached.
    #[inline]
    pub(crate) fn slot<H: RawRollupCore>(
        &mut self,
        state: &Subtree<'_, H>,
        account: AccountIndex,
    ) -> Result<CacheSlot, HostError> {
        match self.0.cached(0, account.0) {
            Some(slot) => Ok(slot),
            None => self.load(state, account),
        }
    }

    #[inline(never)] // Smaller apart: docs/bls.md.
    fn load<H: RawRollupCore>(
        &mut self,
        state: &Subtree<'_, H>,
        account: AccountIndex,
    ) -> Result<CacheSlot, HostError> {
        let stored = self.0.load(state, only_folder(MAIN), 0, account.0)?;
        Ok(stored.unwrap_or_else(|| self.0.begin(0, account.0)))
    }

    #[inline(always)]
    pub(crate) fn counter(&self, slot: CacheSlot) -> Counter {
        Counter::new(self.0.get::<COUNTER>(slot))
    }

    #[inline(always)]
    pub(crate) fn set_counter(&mut self, slot: CacheSlot, counter: Counter) {
        self.0.set::<COUNTER>(slot, counter.get());
    }

    #[inline(always)]
    pub(crate) fn balance(&self, slot: CacheSlot) -> Amount {
        Amount::new(self.0.get::<BALANCE>(slot))
    }

    #[inline(always)]
    pub(crate) fn set_balance(&mut self, slot: CacheSlot, amount: Amount) {
        self.0.set::<BALANCE>(slot, amount.get());
    }

    /// Makes room for so many more records.
    pub(crate) fn make_room(&mut self, more: usize) {
        self.0.make_room(more);
    }

    /// Whether nothing has been read or changed yet.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Writes what has changed.
    pub(crate) fn write<H: RawRollupCore>(&self, to: &Subtree<'_, H>) -> Result<(), HostError> {
        self.0.write(to, only_folder(MAIN))
    }
}
