//! Withdrawals that were applied, and deposits that are held.

use encoding::{Level, Ticket};
use rusqlite::Row;
use tx_kernel::results::Outcome;

use super::columns::Columns;
use super::moves::{FROM, MOVE, move_at};
use super::{Page, Paged, Reader};
use crate::error::HistoryError;
use crate::numbers::whole;
use crate::rows::{HeldRow, WithdrawalRow};
use crate::words::WithdrawalWord;

/// Which are not at their end, as the index of open ones has it.
const OPEN: &str = "w.stage NOT IN ('executed', 'lost', 'unknown')";
/// How far a withdrawal is; `w` is the withdrawal.
const STAGE: &str = "w.outbox_level, w.outbox_index, w.stage, w.executed, w.expires, w.ended";

impl Reader<'_> {
    /// Withdrawals that were applied, newest first: all, or those that are not at their end.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn withdrawals(
        &self,
        open: bool,
        page: Page,
    ) -> Result<Paged<WithdrawalRow>, HistoryError> {
        let which = if open { format!("AND {OPEN}") } else { String::new() };
        let sql = format!(
            "SELECT {MOVE}, {STAGE} FROM withdrawals w CROSS JOIN {FROM} \
             WHERE v.id = w.id AND w.id < ?1 {which} ORDER BY w.id DESC LIMIT ?2"
        );
        let after = page.after.unwrap_or(i64::MAX);
        Self::paged(
            page,
            |one: &WithdrawalRow| one.moved.row,
            |limit| self.all(&sql, (after, limit), withdrawal),
        )
    }

    /// How many withdrawals are not at their end.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn count_open_withdrawals(&self) -> Result<u64, HistoryError> {
        self.count(&format!("SELECT count(*) FROM withdrawals w WHERE {OPEN}"))
    }

    /// How many of them layer 1 executes for whoever asks.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn count_executable(&self) -> Result<u64, HistoryError> {
        self.count("SELECT count(*) FROM withdrawals WHERE stage = 'executable'")
    }

    /// Those of them, oldest first, up to so many.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn executable(&self, rows: usize) -> Result<Vec<WithdrawalRow>, HistoryError> {
        let sql = format!(
            "SELECT {MOVE}, {STAGE} FROM withdrawals w CROSS JOIN {FROM} WHERE v.id = w.id \
             AND w.stage = 'executable' ORDER BY w.id LIMIT ?1"
        );
        self.all(&sql, [whole(rows)], withdrawal)
    }

    /// How many withdrawals there are of which the node does not tell whether they were executed.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn count_unknown_withdrawals(&self) -> Result<u64, HistoryError> {
        self.count("SELECT count(*) FROM withdrawals WHERE stage = 'unknown'")
    }

    /// Those of them, newest first, up to so many.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn unknown_withdrawals(&self, rows: usize) -> Result<Vec<WithdrawalRow>, HistoryError> {
        let sql = format!(
            "SELECT {MOVE}, {STAGE} FROM withdrawals w CROSS JOIN {FROM} WHERE v.id = w.id \
             AND w.stage = 'unknown' ORDER BY w.id DESC LIMIT ?1"
        );
        self.all(&sql, [whole(rows)], withdrawal)
    }

    /// The withdrawal that a move is, by its row, if it was applied.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn withdrawal(&self, row: i64) -> Result<Option<WithdrawalRow>, HistoryError> {
        let sql = format!(
            "SELECT {MOVE}, {STAGE} FROM withdrawals w CROSS JOIN {FROM} WHERE v.id = w.id AND w.id = ?1"
        );
        self.one(&sql, [row], withdrawal)
    }

    /// Deposits that are held, newest first: all, or those that have not been paid back. A page begins after a
    /// number.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn held(&self, unpaid: bool, page: Page) -> Result<Paged<HeldRow>, HistoryError> {
        // As the index of unpaid ones has it.
        let which = if unpaid { "AND h.paid IS NULL" } else { "" };
        let sql = format!(
            "SELECT h.number, m.level, m.place, h.sender, h.source, h.record, h.amount, h.code, \
             h.first, h.second, h.paid FROM held h CROSS JOIN messages m ON m.id = h.message \
             WHERE h.number < ?1 {which} ORDER BY h.number DESC LIMIT ?2"
        );
        let after = page.after.unwrap_or(i64::MAX);
        let at = |one: &HeldRow| whole(one.number);
        Self::paged(page, at, |limit| self.all(&sql, (after, limit), held))
    }

    /// How many deposits are held and have not been paid back.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn count_held(&self) -> Result<u64, HistoryError> {
        self.count("SELECT count(*) FROM held WHERE paid IS NULL")
    }

    fn count(&self, sql: &str) -> Result<u64, HistoryError> {
        Ok(self.one(sql, [], |row| Columns::new(row).count())?.unwrap_or(0))
    }
}

fn withdrawal(row: &Row<'_>) -> Result<WithdrawalRow, HistoryError> {
    let mut row = Columns::new(row);
    let moved = move_at(&mut row)?;
    let level: Option<i32> = row.get()?;
    let index: Option<u32> = row.get()?;
    Ok(WithdrawalRow {
        moved,
        outbox: level.map(Level).zip(index),
        stage: row.read("withdrawals.stage", |word: String| WithdrawalWord::of_word(&word))?,
        executed: row.level_or_none()?,
        expires: row.level_or_none()?,
        ended: row.level_or_none()?,
    })
}

fn held(row: &Row<'_>) -> Result<HeldRow, HistoryError> {
    let mut row = Columns::new(row);
    Ok(HeldRow {
        number: row.count()?,
        message: row.message()?,
        sender: row.get()?,
        source: row.get()?,
        ticket: row.get::<Option<Vec<u8>>>()?.and_then(|record| Ticket::from_record(&record)),
        amount: row.get()?,
        outcome: row.outcome()?.unwrap_or(Outcome::default()),
        paid: row.level_or_none()?,
    })
}
