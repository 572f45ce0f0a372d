//! How far the index is, and its alarms.

use super::columns::Columns;
use super::{Page, Paged, Reader};
use crate::error::HistoryError;
use crate::rows::{AlarmRow, Status};

impl Reader<'_> {
    /// The rollup that it is of, `sr1…`; empty before the node has told.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn rollup(&self) -> Result<String, HistoryError> {
        let sql = "SELECT value FROM meta WHERE name = 'rollup'";
        Ok(self.one(sql, [], |row| Columns::new(row).get())?.unwrap_or_default())
    }

    /// How far it is.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn status(&self) -> Result<Status, HistoryError> {
        let rollup = self.rollup()?;
        let last = self.levels(Page::first(1))?.rows.pop();
        let first = "SELECT min(level) FROM levels";
        let first = self.one(first, [], |row| Columns::new(row).level_or_none())?.flatten();
        let count = |sql: &str| self.one(sql, [], |row| Columns::new(row).count());
        Ok(Status {
            rollup,
            last,
            first,
            unseen: count("SELECT count(*) FROM levels WHERE shown = 0")?.unwrap_or(0),
            alarms: count("SELECT count(*) FROM alarms")?.unwrap_or(0),
        })
    }

    /// Where state and moves differ, newest first.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn alarms(&self, page: Page) -> Result<Paged<AlarmRow>, HistoryError> {
        let sql = "SELECT id, level, text, stated, derived FROM alarms WHERE id < ?1 \
                   ORDER BY id DESC LIMIT ?2";
        let after = page.after.unwrap_or(i64::MAX);
        let paged = Self::paged(
            page,
            |(id, _): &(i64, AlarmRow)| *id,
            |limit| {
                self.all(sql, (after, limit), |row| {
                    let mut row = Columns::new(row);
                    let id = row.get()?;
                    let level = row.level()?;
                    let (text, stated, derived) = (row.get()?, row.get()?, row.get()?);
                    Ok((id, AlarmRow { level, text, stated, derived }))
                })
            },
        )?;
        let rows = paged.rows.into_iter().map(|(_, alarm)| alarm).collect();
        Ok(Paged { rows, next: paged.next })
    }
}
