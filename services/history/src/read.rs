//! The questions that the index answers, each in one view of the file.

mod accounts;
mod columns;
#[cfg(test)]
mod costs;
mod failures;
mod levels;
mod moves;
mod status;
#[cfg(test)]
pub(crate) mod tests;
mod tickets;
mod times;
mod transactions;
mod withdrawals;

use std::sync::atomic::{AtomicU64, Ordering};

use rusqlite::{CachedStatement, Connection, Params, Row, StatementStatus, ToSql};

use crate::error::HistoryError;
use crate::limits::{COUNTED, MAX_PAGE};
use crate::numbers::whole;
use crate::rows::BoundedCount;
use crate::words::MoveKind;
use columns::Columns;

/// Which part of a long list: newest first, or by place in the order of a level.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Page {
    /// Begins after the row at which the page before ended.
    pub after: Option<i64>,
    /// Rows; 0 and more than [`MAX_PAGE`] stand for [`MAX_PAGE`].
    pub rows: usize,
}

/// A part of a long list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Paged<T> {
    /// The rows.
    pub rows: Vec<T>,
    /// For the next page, if there is one.
    pub next: Option<i64>,
}

impl<T> Default for Paged<T> {
    /// No rows, and no next page.
    fn default() -> Self {
        Paged { rows: Vec::new(), next: None }
    }
}

/// Which moves are wanted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Of one ticket, by its row.
    pub ticket: Option<i64>,
    /// Of one kind.
    pub kind: Option<MoveKind>,
    /// Of this level and later ones.
    pub since: Option<encoding::Level>,
    /// Applied ones alone.
    pub applied: bool,
}

/// The index as it is at one moment.
#[derive(Clone, Copy, Debug)]
pub struct Reader<'a> {
    file: &'a Connection,
    steps: &'a AtomicU64,
}

impl Page {
    /// The first page.
    #[must_use]
    pub const fn first(rows: usize) -> Self {
        Page { after: None, rows }
    }

    fn limit(self) -> usize {
        match self.rows {
            0 => MAX_PAGE,
            rows => rows.min(MAX_PAGE),
        }
    }
}

impl<'a> Reader<'a> {
    pub(crate) const fn new(file: &'a Connection, steps: &'a AtomicU64) -> Self {
        Reader { file, steps }
    }

    /// Counts what a question has cost.
    fn asked(&self, asked: &CachedStatement<'_>) {
        #[cfg(test)]
        costs::count_steps(asked);
        let steps = asked.reset_status(StatementStatus::VmStep);
        self.steps.fetch_add(u64::try_from(steps).unwrap_or(0), Ordering::Relaxed);
    }

    fn one<T>(
        &self,
        sql: &str,
        parameters: impl Params,
        read: impl FnOnce(&Row<'_>) -> Result<T, HistoryError>,
    ) -> Result<Option<T>, HistoryError> {
        let mut asked = self.file.prepare_cached(sql)?;
        let mut rows = asked.query(parameters)?;
        let one = rows.next()?.map(read).transpose();
        drop(rows);
        self.asked(&asked);
        one
    }

    fn all<T>(
        &self,
        sql: &str,
        parameters: impl Params,
        mut read: impl FnMut(&Row<'_>) -> Result<T, HistoryError>,
    ) -> Result<Vec<T>, HistoryError> {
        let mut asked = self.file.prepare_cached(sql)?;
        let mut rows = asked.query(parameters)?;
        let mut all = Vec::new();
        while let Some(row) = rows.next()? {
            all.push(read(row)?);
        }
        drop(rows);
        self.asked(&asked);
        Ok(all)
    }

    /// How many rows there are of what `sql` takes, which is limited to ?1 rows, with parameters from ?2 on.
    fn counted(&self, sql: &str, of: &[&dyn ToSql]) -> Result<BoundedCount, HistoryError> {
        self.counted_to(COUNTED, sql, of)
    }

    /// The same, counted as far as `most`.
    fn counted_to(
        &self,
        most: usize,
        sql: &str,
        of: &[&dyn ToSql],
    ) -> Result<BoundedCount, HistoryError> {
        let sql = format!("SELECT count(*) FROM ({sql})");
        let limit = whole(most.saturating_add(1));
        let mut parameters: Vec<&dyn ToSql> = vec![&limit];
        parameters.extend(of);
        let found = self.one(&sql, parameters.as_slice(), |row| Columns::new(row).count())?;
        let (found, most) = (found.unwrap_or(0), u64::try_from(most).unwrap_or(u64::MAX));
        Ok(BoundedCount { count: found.min(most), more: found > most })
    }

    /// A page of what `ask` finds, which is asked for one row more than a page has.
    fn paged<T>(
        page: Page,
        at: impl Fn(&T) -> i64,
        ask: impl FnOnce(i64) -> Result<Vec<T>, HistoryError>,
    ) -> Result<Paged<T>, HistoryError> {
        let limit = page.limit();
        let mut rows = ask(whole(limit + 1))?;
        let more = rows.len() > limit;
        rows.truncate(limit);
        let next = rows.last().map(at).filter(|_| more);
        Ok(Paged { rows, next })
    }
}
