//! The counters of accounts, 512 neighbouring ones a page, of 32 bits each. One that has outgrown
//! them has a value of its own.

use encoding::{AccountIndex, Counter};
use host::{HostError, RawRollupCore, Subtree};

use crate::layout::{self, COUNTERS};
use crate::paged_cache::{CacheMode, CacheSlot, PagedCache, only_folder};

/// What stands in the page for a counter that has a value of its own: a greater one.
const OUTGROWN: u64 = u32::MAX as u64;

/// The counters read so far, with their changes.
#[derive(Debug)]
pub(crate) struct Counters {
    pages: PagedCache<4>,
    large: Vec<(AccountIndex, Counter)>,
}

impl Counters {
    pub(crate) fn new(mode: CacheMode) -> Self {
        Counters { pages: PagedCache::new(mode), large: Vec::new() }
    }

    #[inline]
    fn slot<H: RawRollupCore>(
        &mut self,
        state: &Subtree<'_, H>,
        account: AccountIndex,
    ) -> Result<CacheSlot, HostError> {
        if let Some(slot) = self.pages.cached(0, account.0) {
            return Ok(slot);
        }
        let stored = self.pages.load(state, only_folder(COUNTERS), 0, account.0)?;
        Ok(stored.unwrap_or_else(|| self.pages.begin(0, account.0)))
    }

    #[inline]
    pub(crate) fn get<H: RawRollupCore>(
        &mut self,
        state: &Subtree<'_, H>,
        account: AccountIndex,
    ) -> Result<Counter, HostError> {
        let slot = self.slot(state, account)?;
        match self.pages.get(slot) {
            OUTGROWN => self.get_large(state, account),
            number => Ok(Counter::new(number)),
        }
    }

    /// Uses up the current counter, if it is `expected`; otherwise tells what it is. `None`: it is the
    /// last.
    #[inline]
    pub(crate) fn use_if<H: RawRollupCore>(
        &mut self,
        state: &Subtree<'_, H>,
        account: AccountIndex,
        expected: Counter,
    ) -> Result<Option<Counter>, HostError> {
        let slot = self.slot(state, account)?;
        let current = match self.pages.get(slot) {
            OUTGROWN => self.get_large(state, account)?,
            number => Counter::new(number),
        };
        if current != expected {
            return Ok(Some(current));
        }
        match current.next() {
            Some(next) if next.get() < OUTGROWN => self.pages.set(slot, next.get()),
            Some(next) => self.set(state, account, next)?,
            None => return Ok(None),
        }
        Ok(Some(current))
    }

    fn get_large<H: RawRollupCore>(
        &mut self,
        state: &Subtree<'_, H>,
        account: AccountIndex,
    ) -> Result<Counter, HostError> {
        if let Some((_, counter)) = self.large.iter().find(|(other, _)| *other == account) {
            return Ok(*counter);
        }
        let stored = state.read_record(&layout::large_counter_path(account), COUNTERS)?;
        stored.map(u64::from_be_bytes).map(Counter::new).ok_or(HostError::Corrupt(COUNTERS))
    }

    #[inline]
    pub(crate) fn set<H: RawRollupCore>(
        &mut self,
        state: &Subtree<'_, H>,
        account: AccountIndex,
        counter: Counter,
    ) -> Result<(), HostError> {
        let slot = self.slot(state, account)?;
        self.pages.set(slot, counter.get().min(OUTGROWN));
        if counter.get() >= OUTGROWN {
            self.large.retain(|(other, _)| *other != account);
            self.large.push((account, counter));
        }
        Ok(())
    }

    /// Makes room for so many more counters.
    pub(crate) fn make_room(&mut self, more: usize) {
        self.pages.make_room(more);
    }

    /// Whether nothing has been read or changed yet.
    pub(crate) fn is_empty(&self) -> bool {
        self.pages.is_empty()
    }

    /// Writes what has changed.
    pub(crate) fn write<H: RawRollupCore>(&self, to: &Subtree<'_, H>) -> Result<(), HostError> {
        self.pages.write(to, only_folder(COUNTERS))?;
        for (account, counter) in &self.large {
            to.write(&layout::large_counter_path(*account), &counter.get().to_be_bytes())?;
        }
        Ok(())
    }
}
