//! Accounts, and what they have.

use encoding::{Amount, Tz4Address};
use rusqlite::Row;

use super::columns::Columns;
use super::{Page, Paged, Reader};
use crate::error::HistoryError;
use crate::numbers::{Wide, whole};
use crate::rows::{AccountRow, BalanceRow, BoundedCount, HolderCursor, Holders};

const ACCOUNT: &str = "a.id, a.address, a.since, a.number, a.registered";
const BALANCE: &str = "a.id, a.address, k.id, k.hash, k.record, k.since, k.number, b.amount, b.level, \
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
    pub fn count_accounts(&self) -> Result<BoundedCount, HistoryError> {
        self.counted("SELECT 1 FROM accounts LIMIT ?1", &[])
    }

    /// What an account has, by its row, as the index knows it, in the order in which the index learned of the
    /// tickets. A page begins after the row of a ticket.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn balances(&self, account: i64, page: Page) -> Result<Paged<BalanceRow>, HistoryError> {
        let sql = format!(
            "SELECT {BALANCE} WHERE b.account = ?1 AND b.ticket > ?2 AND b.amount > 0 \
             ORDER BY b.ticket LIMIT ?3"
        );
        let after = page.after.unwrap_or(i64::MIN);
        Self::paged(
            page,
            |one: &BalanceRow| one.ticket.row,
            |limit| self.all(&sql, (account, after, limit), balance),
        )
    }

    /// What an account has of one ticket, by their rows; nothing if it has none.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn balance(&self, account: i64, ticket: i64) -> Result<Option<BalanceRow>, HistoryError> {
        let sql =
            format!("SELECT {BALANCE} WHERE b.account = ?1 AND b.ticket = ?2 AND b.amount > 0");
        self.one(&sql, (account, ticket), balance)
    }

    /// Who has most of a ticket, by its row: so many of them, at most a page. Of two who have as much, the one that
    /// came later is first.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn holders(
        &self,
        ticket: i64,
        after: Option<HolderCursor>,
        rows: usize,
    ) -> Result<Holders, HistoryError> {
        let after = after.unwrap_or(HolderCursor { amount: Amount::MAX, account: i64::MAX });
        // The index of balances by ticket has amount and account in this order.
        let sql = format!(
            "SELECT {BALANCE} WHERE b.ticket = ?1 AND (b.amount, b.account) < (?2, ?3) \
             AND b.amount > 0 ORDER BY b.amount DESC, b.account DESC LIMIT ?4"
        );
        let limit = Page::first(rows).limit();
        let parameters = (ticket, Wide(after.amount.get()), after.account, whole(limit + 1));
        let mut rows = self.all(&sql, parameters, balance)?;
        let more = rows.len() > limit;
        rows.truncate(limit);
        let cursor = |last: &BalanceRow| HolderCursor { amount: last.amount, account: last.row };
        let next = rows.last().map(cursor).filter(|_| more);
        Ok(Holders { rows, next })
    }

    /// How many accounts have a ticket, by its row.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn count_holders(&self, ticket: i64) -> Result<BoundedCount, HistoryError> {
        let sql = "SELECT 1 FROM balances WHERE ticket = ?2 AND amount > 0 LIMIT ?1";
        self.counted(sql, &[&ticket])
    }
}

fn account(row: &Row<'_>) -> Result<AccountRow, HistoryError> {
    Columns::new(row).account()
}

fn balance(row: &Row<'_>) -> Result<BalanceRow, HistoryError> {
    let mut row = Columns::new(row);
    Ok(BalanceRow {
        row: row.get()?,
        account: row.address()?,
        ticket: row.ticket()?,
        amount: Amount::new(row.wide()?),
        level: row.level()?,
        checked: row.level_or_none()?,
    })
}
