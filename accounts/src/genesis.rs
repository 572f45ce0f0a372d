//! States that are made up: for a sandbox that begins with funded accounts, and for measurements
//! over more accounts than anyone would wait for.

use encoding::limits::STORE_IO_BYTES;
use encoding::{AccountIndex, Amount, Ticket, TicketIndex, Tz4Address};
use host::{HostError, RawRollupCore, Subtree};

use crate::layout::{self, COUNTERS, Counts, HOLDERS_PER_PAGE, StoredKey, Supply};
use crate::paged_cache::PagedCache;

/// The values, by their path below the state, of a ledger in which each of `accounts` holds `amount`
/// of one ticket. Their addresses are made up too: no key leads to any of them.
pub fn crowd(accounts: u32, ticket: &Ticket, amount: Amount) -> Vec<(String, Vec<u8>)> {
    let all = u128::from(amount.get()).saturating_mul(accounts.into());
    let on_rollup = Amount::new(u64::try_from(all).unwrap_or(u64::MAX));
    let supply = Supply { on_rollup, deposited: all, withdrawn: 0 };
    let gold = TicketIndex(0);
    let mut values = vec![
        (layout::COUNTS.to_owned(), Counts { accounts, tickets: 1 }.to_bytes().to_vec()),
        (layout::ticket_index_path(&ticket.hash()), gold.0.to_be_bytes().to_vec()),
        (layout::ticket_record_path(gold), ticket.to_record()),
        (layout::supply_path(gold), supply.to_bytes().to_vec()),
    ];
    for page in 0..accounts.div_ceil(HOLDERS_PER_PAGE) {
        let mut path = String::new();
        layout::push_dense_path(&mut path, gold, page);
        let holds = |slot: u32| page * HOLDERS_PER_PAGE + slot < accounts;
        let amounts = (0..HOLDERS_PER_PAGE).map(|slot| if holds(slot) { amount.get() } else { 0 });
        values.push((path, amounts.flat_map(u64::to_be_bytes).collect()));
    }
    for page in 0..accounts.div_ceil(PagedCache::<4>::PER_PAGE) {
        let mut path = COUNTERS.to_owned();
        layout::push_number(&mut path, page);
        values.push((path, vec![0; STORE_IO_BYTES]));
    }
    let mut pages: Vec<(String, Vec<u8>)> = Vec::new();
    for index in 0..accounts {
        let (path, _) = layout::address_slot(AccountIndex(index));
        let address = address(index);
        match pages.last_mut().filter(|(last, _)| *last == path) {
            Some((_, page)) => page.extend_from_slice(&address.0),
            None => pages.push((path, address.0.to_vec())),
        }
    }
    values.extend(pages);
    values
}

/// The made-up address of an account.
fn address(index: u32) -> Tz4Address {
    let mut hash = [0xcd; 20];
    hash[..4].copy_from_slice(&index.to_be_bytes());
    Tz4Address(hash)
}

/// The values, by their path, of the proven keys of these accounts, which are in increasing order.
pub fn keys(points: &[(AccountIndex, [u8; layout::KEY_BYTES])]) -> Vec<(String, Vec<u8>)> {
    let mut pages: Vec<(String, Vec<u8>)> = Vec::new();
    for (account, point) in points {
        let path = layout::key_path(account.0 / layout::KEYS_PER_PAGE);
        if pages.last().is_none_or(|(last, _)| *last != path) {
            pages.push((path, vec![0; layout::KEY_PAGE_BYTES]));
        }
        let record = layout::key_record(&StoredKey { point: *point, proven: true });
        let offset = layout::key_offset(*account);
        let target = pages
            .last_mut()
            .and_then(|(_, page)| page.get_mut(offset..offset + layout::KEY_RECORD_BYTES));
        if let Some(target) = target {
            target.copy_from_slice(&record);
        }
    }
    pages
}

/// A registry that gives out indexes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Registry {
    /// That of accounts.
    Accounts,
    /// That of tickets.
    Tickets,
}

/// Lets a registry give out the index `next` as its next one: all before it are taken, by nobody.
///
/// # Errors
/// When the host fails, or what is stored does not match the layout.
pub fn skip_to<H: RawRollupCore>(
    state: &Subtree<'_, H>,
    registry: Registry,
    next: u32,
) -> Result<(), HostError> {
    let stored = state.read_record(layout::COUNTS, layout::COUNTS)?;
    let mut counts = stored.map(Counts::from_bytes).unwrap_or_default();
    match registry {
        Registry::Accounts => {
            counts.accounts = next;
            // The page of the next address only grows at its end: it is filled up to there.
            let (path, wanted) = layout::address_slot(AccountIndex(next));
            let there = state.read(&path)?.len();
            state.write_at(&path, there, &vec![0; wanted.saturating_sub(there)])?;
        }
        Registry::Tickets => counts.tickets = next,
    }
    state.write(layout::COUNTS, &counts.to_bytes())
}
