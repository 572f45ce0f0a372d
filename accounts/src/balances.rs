//! Who holds how much of a ticket, 256 neighbouring accounts a page.
//!
//! A page of few holders is a list of them, one of many is 256 amounts in order: either weighs
//! about what its holders' records do. A list that has grown long becomes the other kind, for good.

use encoding::{AccountIndex, Amount, TicketIndex};
use host::{HostError, RawRollupCore, Subtree};

use crate::layout::{self, FEW_HOLDERS, HOLDERS_PER_PAGE, HOLDING_BYTES, Holding};
use crate::lines::{Grain, Lines, Spot};
use crate::table::Table;

/// A page of few holders.
#[derive(Debug)]
struct Few {
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
    many: Lines<8>,
    few: Vec<Few>,
    few_table: Table,
}

/// Where a cached balance stands.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Place {
    Many(Spot),
    Few { page: usize, slot: u8 },
}

impl Balances {
    pub(crate) fn new(grain: Grain) -> Self {
        Balances { many: Lines::new(grain), few: Vec::new(), few_table: Table::new() }
    }

    /// Where the balance of `account` stands; it is read if it is not cached.
    #[inline]
    pub(crate) fn place<H: RawRollupCore>(
        &mut self,
        state: &Subtree<'_, H>,
        account: AccountIndex,
        ticket: TicketIndex,
    ) -> Result<Place, HostError> {
        match self.many.cached(ticket.0, account.0) {
            Some(spot) => Ok(Place::Many(spot)),
            None => self.load(state, account, ticket),
        }
    }

    fn load<H: RawRollupCore>(
        &mut self,
        state: &Subtree<'_, H>,
        account: AccountIndex,
        ticket: TicketIndex,
    ) -> Result<Place, HostError> {
        let page = account.0 / HOLDERS_PER_PAGE;
        let slot = layout::holder_slot(account);
        if let Some(page) = self.few_table.get(ticket.0, page) {
            return Ok(Place::Few { page, slot });
        }
        let path = |path: &mut String, page| layout::push_many_path(path, ticket, page);
        if let Some(spot) = self.many.load(state, path, ticket.0, account.0)? {
            return Ok(Place::Many(spot));
        }
        let mut path = String::new();
        layout::push_few_path(&mut path, ticket, page);
        let bytes = state.read_at(&path, 0, encoding::limits::STORE_IO_BYTES)?;
        let holdings = Holding::list_from_bytes(&bytes).ok_or(HostError::Corrupt("/balances"))?;
        let number = self.few.len();
        self.few_table.insert(ticket.0, page, number);
        let stored = bytes.len() / HOLDING_BYTES;
        self.few.push(Few { ticket, page, holdings, changed: false, stored });
        Ok(Place::Few { page: number, slot })
    }

    #[inline]
    pub(crate) fn get(&self, place: Place) -> Amount {
        match place {
            Place::Many(spot) => Amount::new(self.many.get(spot)),
            Place::Few { page, slot } => self.few_amount(page, slot),
        }
    }

    fn few_amount(&self, page: usize, slot: u8) -> Amount {
        let holdings = self.few.get(page).map_or(&[][..], |few| &few.holdings);
        let at = holdings.binary_search_by_key(&slot, |holding| holding.slot);
        at.ok().and_then(|at| holdings.get(at)).map_or(Amount::ZERO, |holding| holding.amount)
    }

    #[inline]
    pub(crate) fn set(&mut self, place: Place, amount: Amount) {
        match place {
            Place::Many(spot) => self.many.set(spot, amount.get()),
            Place::Few { page, slot } => self.set_few(page, slot, amount),
        }
    }

    fn set_few(&mut self, page: usize, slot: u8, amount: Amount) {
        let Some(few) = self.few.get_mut(page) else { return };
        few.changed = true;
        match few.holdings.binary_search_by_key(&slot, |holding| holding.slot) {
            Ok(at) => few.holdings[at].amount = amount,
            Err(_) if amount.is_zero() => {}
            Err(at) => few.holdings.insert(at, Holding { slot, amount }),
        }
    }

    /// Whether nothing has been read or changed yet.
    pub(crate) fn is_empty(&self) -> bool {
        self.many.is_empty() && self.few.is_empty()
    }

    /// Writes what has changed.
    pub(crate) fn write<H: RawRollupCore>(&self, to: &Subtree<'_, H>) -> Result<(), HostError> {
        self.many.write(to, |path, ticket, page| {
            layout::push_many_path(path, TicketIndex(ticket), page);
        })?;
        self.few.iter().filter(|few| few.changed).try_for_each(|few| few.write(to))
    }
}

impl Few {
    fn write<H: RawRollupCore>(&self, to: &Subtree<'_, H>) -> Result<(), HostError> {
        let mut path = String::new();
        let holdings = || self.holdings.iter().filter(|holding| !holding.amount.is_zero());
        let count = holdings().count();
        if count <= FEW_HOLDERS {
            layout::push_few_path(&mut path, self.ticket, self.page);
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
                target.copy_from_slice(&amount.get().to_be_bytes());
            }
        }
        if self.stored > 0 {
            layout::push_few_path(&mut path, self.ticket, self.page);
            to.delete(&path)?;
            path.clear();
        }
        layout::push_many_path(&mut path, self.ticket, self.page);
        to.write(&path, &amounts)
    }
}
