//! Pages of holdings, cached: who holds how much of a ticket, 170 neighbouring accounts a page.

use std::collections::BTreeMap;
use std::ops::Range;

use encoding::{AccountIndex, Amount, TicketIndex};
use host::{HostError, RawRollupCore, Subtree};

use crate::layout::{self, HOLDING_BYTES, HOLDING_PAGE_BYTES, Holding};

/// How to take one change of a page back.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Change {
    ticket: TicketIndex,
    page: u32,
    slot: usize,
    /// What stood in the slot; `None` when the slot is new.
    before: Option<Holding>,
}

#[derive(Debug, Default)]
struct Page {
    holdings: Vec<Holding>,
    /// The slots that differ from what is stored.
    changed: Range<usize>,
}

/// The pages read so far, with their changes.
#[derive(Debug, Default)]
pub(crate) struct Balances {
    pages: BTreeMap<(TicketIndex, u32), Page>,
}

impl Balances {
    fn page<H: RawRollupCore>(
        &mut self,
        state: &Subtree<'_, H>,
        ticket: TicketIndex,
        page: u32,
    ) -> Result<&mut Page, HostError> {
        use std::collections::btree_map::Entry;
        match self.pages.entry((ticket, page)) {
            Entry::Occupied(entry) => Ok(entry.into_mut()),
            Entry::Vacant(entry) => {
                let path = layout::holding_path(ticket, page);
                let bytes = state.read_at(&path, 0, HOLDING_PAGE_BYTES)?;
                let holdings: Option<Vec<_>> =
                    bytes.chunks(HOLDING_BYTES).map(Holding::from_bytes).collect();
                let holdings = holdings.ok_or(HostError::Corrupt("/balances"))?;
                Ok(entry.insert(Page { holdings, changed: 0..0 }))
            }
        }
    }

    /// What `account` holds of `ticket`.
    pub(crate) fn get<H: RawRollupCore>(
        &mut self,
        state: &Subtree<'_, H>,
        account: AccountIndex,
        ticket: TicketIndex,
    ) -> Result<Amount, HostError> {
        let page = self.page(state, ticket, layout::holding_page(account))?;
        let found = page.holdings.iter().find(|holding| holding.account == account);
        Ok(found.map_or(Amount::ZERO, |holding| holding.amount))
    }

    /// Sets what `account` holds of `ticket`; returns how to take that back.
    pub(crate) fn set<H: RawRollupCore>(
        &mut self,
        state: &Subtree<'_, H>,
        account: AccountIndex,
        ticket: TicketIndex,
        amount: Amount,
    ) -> Result<Change, HostError> {
        let number = layout::holding_page(account);
        let page = self.page(state, ticket, number)?;
        // The account's own slot, or one that nobody needs any more, or a new one.
        let slot = page
            .holdings
            .iter()
            .position(|holding| holding.account == account)
            .or_else(|| page.holdings.iter().position(|holding| holding.amount.is_zero()))
            .unwrap_or(page.holdings.len());
        let change =
            Change { ticket, page: number, slot, before: page.holdings.get(slot).copied() };
        page.put(slot, Holding { account, amount });
        Ok(change)
    }

    /// Takes a change back. Changes are taken back in reverse order, so a new slot is the last.
    pub(crate) fn undo(&mut self, change: Change) {
        if let Some(page) = self.pages.get_mut(&(change.ticket, change.page)) {
            match change.before {
                Some(holding) => page.put(change.slot, holding),
                None => {
                    page.holdings.truncate(change.slot);
                    page.changed.end = page.changed.end.min(change.slot);
                }
            }
        }
    }

    /// Writes what has changed, one call a page.
    pub(crate) fn write<H: RawRollupCore>(&self, to: &Subtree<'_, H>) -> Result<(), HostError> {
        for ((ticket, number), page) in &self.pages {
            let Some(changed) = page.holdings.get(page.changed.clone()) else { continue };
            if changed.is_empty() {
                continue;
            }
            let bytes: Vec<u8> = changed.iter().flat_map(|holding| holding.to_bytes()).collect();
            let path = layout::holding_path(*ticket, *number);
            to.write_at(&path, page.changed.start * HOLDING_BYTES, &bytes)?;
        }
        Ok(())
    }
}

impl Page {
    fn put(&mut self, slot: usize, holding: Holding) {
        match self.holdings.get_mut(slot) {
            Some(place) => *place = holding,
            None => self.holdings.push(holding),
        }
        self.changed = match self.changed.is_empty() {
            true => slot..slot + 1,
            false => self.changed.start.min(slot)..self.changed.end.max(slot + 1),
        };
    }
}
