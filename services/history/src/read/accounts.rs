//! Accounts, and what they have.

use encoding::{Amount, Tz4Address};
use rusqlite::Row;

use super::columns::Columns;
use super::{Page, Paged, Reader};
use crate::error::HistoryError;
use crate::numbers::whole;
use crate::rows::{AccountRow, BalanceRow};

const ACCOUNT: &str = "a.id, a.address, a.since, a.number, a.registered";
const BALANCE: &str = "a.address, k.id, k.hash, k.record, k.since, k.number, b.amount, b.level, \
    b.checked FROM balances b CROSS JOIN accounts a ON a.id = b.account CROSS JOIN tickets k ON k.id = b.ticket";

impl Reader<'_> {
    /// An account, if anything has named it.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn account(&self, address: &Tz4Address) -> Result<Option<AccountRow>, HistoryError> {
        let sql = format!("SELECT {ACCOUNT} FROM accounts a WHERE a.address = ?1");
        self.one(&sql, [address.to_string()], account)
    }

    /// Accounts, newest first. A page begins after a row.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn accounts(&self, page: Page) -> Result<Paged<AccountRow>, HistoryError> {
        let sql =
            format!("SELECT {ACCOUNT} FROM accounts a WHERE a.id < ?1 ORDER BY a.id DESC LIMIT ?2");
        let after = page.after.unwrap_or(i64::MAX);
        Self::paged(
            page,
            |account: &AccountRow| account.row,
            |limit| self.all(&sql, (after, limit), account),
        )
    }

    /// How many accounts the index has.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn count_accounts(&self) -> Result<u64, HistoryError> {
        let sql = "SELECT count(*) FROM accounts";
        Ok(self.one(sql, [], |row| Columns::new(row).count())?.unwrap_or(0))
    }

    /// What an account has, by its row, as the index knows it.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn balances(&self, account: i64) -> Result<Vec<BalanceRow>, HistoryError> {
        let sql =
            format!("SELECT {BALANCE} WHERE b.account = ?1 AND b.amount > 0 ORDER BY b.ticket");
        self.all(&sql, [account], balance)
    }

    /// Who has most of a ticket, by its row. A page begins after so many.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn holders(&self, ticket: i64, page: Page) -> Result<Paged<BalanceRow>, HistoryError> {
        let sql = format!(
            "SELECT {BALANCE} WHERE b.ticket = ?1 AND b.amount > 0 \
             ORDER BY b.amount DESC LIMIT ?3 OFFSET ?2"
        );
        let after = page.after.unwrap_or(0).max(0);
        let limit = page.limit();
        let mut rows = self.all(&sql, (ticket, after, whole(limit + 1)), balance)?;
        let more = rows.len() > limit;
        rows.truncate(limit);
        let next = after.saturating_add(whole(rows.len()));
        Ok(Paged { rows, next: more.then_some(next) })
    }

    /// How many accounts have a ticket, by its row.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn count_holders(&self, ticket: i64) -> Result<u64, HistoryError> {
        let sql = "SELECT count(*) FROM balances WHERE ticket = ?1 AND amount > 0";
        Ok(self.one(sql, [ticket], |row| Columns::new(row).count())?.unwrap_or(0))
    }
}

fn account(row: &Row<'_>) -> Result<AccountRow, HistoryError> {
    Columns::new(row).account()
}

fn balance(row: &Row<'_>) -> Result<BalanceRow, HistoryError> {
    let mut row = Columns::new(row);
    Ok(BalanceRow {
        account: row.address()?,
        ticket: row.ticket()?,
        amount: Amount::new(row.wide()?),
        level: row.level()?,
        checked: row.level_or_none()?,
    })
}
