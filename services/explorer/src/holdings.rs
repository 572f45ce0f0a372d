//! What accounts have, as the index knows it: as much as a page shows, with what is pinned first.

use history::{BalanceRow, HistoryError, Page, Reader};
use wallet::pins::Pins;

use crate::limits::PINS_LOOKED;

/// Some of what an account has.
#[derive(Debug, Default)]
pub(crate) struct Holdings {
    /// What is pinned comes first, and then what the index learned of first: anybody can make other tickets, and send
    /// them to anybody.
    pub rows: Vec<BalanceRow>,
    /// Whether it has more.
    pub more: bool,
}

/// The rows of the tickets that are pinned, as far as the index has them.
pub(crate) fn pinned(reader: &Reader<'_>, pins: &Pins) -> Result<Vec<i64>, HistoryError> {
    let mut rows = Vec::new();
    for pin in pins.entries().iter().take(PINS_LOOKED) {
        rows.extend(reader.ticket(&pin.ticket.hash())?.map(|ticket| ticket.row));
    }
    Ok(rows)
}

/// What an account has, by its row, and of that `most` at most.
pub(crate) fn holdings(
    reader: &Reader<'_>,
    account: i64,
    pinned: &[i64],
    most: usize,
) -> Result<Holdings, HistoryError> {
    let mut rows = Vec::new();
    for ticket in pinned {
        rows.extend(reader.balance(account, *ticket)?);
    }
    let others = reader.balances(account, Page::first(most))?;
    let is_new = |one: &BalanceRow| !pinned.contains(&one.ticket.row);
    rows.extend(others.rows.into_iter().filter(is_new));
    let more = rows.len() > most || others.next.is_some();
    rows.truncate(most);
    Ok(Holdings { rows, more })
}
