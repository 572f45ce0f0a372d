//! Tickets, and their supplies.

use encoding::{Amount, TicketHash, TicketIndex};
use rusqlite::Row;

use super::columns::Columns;
use super::{Page, Paged, Reader};
use crate::error::HistoryError;
use crate::numbers::whole;
use crate::rows::{SupplyRow, TicketRow};

const TICKET: &str = "SELECT id, hash, record, since, number FROM tickets";

impl Reader<'_> {
    /// The tickets, in the order in which the index learned of them. A page begins after a row.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn tickets(&self, page: Page) -> Result<Paged<TicketRow>, HistoryError> {
        let sql = format!("{TICKET} WHERE id > ?1 ORDER BY id LIMIT ?2");
        let after = page.after.unwrap_or(i64::MIN);
        Self::paged(page, |one: &TicketRow| one.row, |limit| self.all(&sql, (after, limit), ticket))
    }

    /// A ticket by its identity, if anything has named it.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn ticket(&self, hash: &TicketHash) -> Result<Option<TicketRow>, HistoryError> {
        self.one(&format!("{TICKET} WHERE hash = ?1"), [hash.0.0], ticket)
    }

    /// A ticket by its row.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn ticket_of_row(&self, row: i64) -> Result<Option<TicketRow>, HistoryError> {
        self.one(&format!("{TICKET} WHERE id = ?1"), [row], ticket)
    }

    /// A ticket by its index in the rollup's registry.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn ticket_at(&self, index: TicketIndex) -> Result<Option<TicketRow>, HistoryError> {
        self.one(&format!("{TICKET} WHERE number = ?1"), [index.0], ticket)
    }

    /// A ticket's supply after each level that changed it, newest first, so many of them at most.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn supplies(&self, ticket: i64, rows: usize) -> Result<Vec<SupplyRow>, HistoryError> {
        let sql = "SELECT level, on_rollup, deposited, withdrawn FROM supplies WHERE ticket = ?1 \
                   ORDER BY level DESC LIMIT ?2";
        self.all(sql, (ticket, whole(rows)), |row| {
            let mut row = Columns::new(row);
            Ok(SupplyRow {
                level: row.level()?,
                on_rollup: Amount::new(row.wide()?),
                deposited: row.get()?,
                withdrawn: row.get()?,
            })
        })
    }
}

fn ticket(row: &Row<'_>) -> Result<TicketRow, HistoryError> {
    Columns::new(row).ticket()
}
