//! Values of columns as types.

use encoding::{
    AccountIndex, Hash32, Level, MessageId, Ticket, TicketHash, TicketIndex, Tz4Address,
};
use rusqlite::Row;
use rusqlite::types::{FromSql, Value};
use tx_kernel::results::{Outcome, ResultCode};

use crate::error::HistoryError;
use crate::numbers::Wide;
use crate::rows::{AccountRow, Settlement, TicketRow};

type Result<T> = std::result::Result<T, HistoryError>;

/// Reads a row from a column on, column by column.
pub(super) struct Columns<'r, 's> {
    row: &'r Row<'s>,
    at: usize,
}

impl<'r, 's> Columns<'r, 's> {
    pub(super) const fn new(row: &'r Row<'s>) -> Self {
        Columns { row, at: 0 }
    }

    pub(super) fn get<T: FromSql>(&mut self) -> Result<T> {
        let value = self.row.get(self.at)?;
        self.at += 1;
        Ok(value)
    }

    /// A value that has to be one of those that `read` takes.
    pub(super) fn read<T: FromSql, U>(
        &mut self,
        column: &'static str,
        read: impl FnOnce(T) -> Option<U>,
    ) -> Result<U> {
        let value: Value = self.row.get(self.at)?;
        let read = read(self.get()?);
        read.ok_or_else(|| HistoryError::Value { column, value: format!("{value:?}") })
    }

    pub(super) fn level(&mut self) -> Result<Level> {
        self.get().map(Level)
    }

    pub(super) fn level_or_none(&mut self) -> Result<Option<Level>> {
        Ok(self.get::<Option<i32>>()?.map(Level))
    }

    pub(super) fn message(&mut self) -> Result<MessageId> {
        Ok(MessageId { level: self.level()?, index: self.get()? })
    }

    pub(super) fn wide(&mut self) -> Result<u64> {
        Ok(self.get::<Wide>()?.0)
    }

    pub(super) fn count(&mut self) -> Result<u64> {
        self.read("a count", |number: i64| u64::try_from(number).ok())
    }

    pub(super) fn hash_or_none(&mut self) -> Result<Option<Hash32>> {
        Ok(self.get::<Option<[u8; 32]>>()?.map(Hash32))
    }

    pub(super) fn address(&mut self) -> Result<Tz4Address> {
        self.read("accounts.address", |text: String| Tz4Address::from_base58(&text).ok())
    }

    pub(super) fn address_or_none(&mut self) -> Result<Option<Tz4Address>> {
        self.read("accounts.address", |text: Option<String>| match text {
            None => Some(None),
            Some(text) => Tz4Address::from_base58(&text).ok().map(Some),
        })
    }

    /// A code, its two values, and the level that said so.
    pub(super) fn settlement(&mut self) -> Result<Option<Settlement>> {
        let outcome = self.outcome()?;
        let level = self.level_or_none()?;
        Ok(outcome.zip(level).map(|(outcome, level)| Settlement { outcome, level }))
    }

    /// A code and its two values.
    pub(super) fn outcome(&mut self) -> Result<Option<Outcome>> {
        let code: Option<u16> = self.get()?;
        let first: Option<Wide> = self.get()?;
        let second: Option<Wide> = self.get()?;
        let value = |wide: Option<Wide>| wide.map_or(0, |wide| wide.0);
        let code = code.map(ResultCode::from_number);
        Ok(code.map(|code| Outcome::new(code, value(first), value(second))))
    }

    /// `id, hash, record, since, number` of a ticket.
    pub(super) fn ticket(&mut self) -> Result<TicketRow> {
        Ok(TicketRow {
            row: self.get()?,
            hash: TicketHash(Hash32(self.get()?)),
            ticket: self.read("tickets.record", |record: Vec<u8>| Ticket::from_record(&record))?,
            since: self.level()?,
            index: self.get::<Option<u32>>()?.map(TicketIndex),
        })
    }

    /// `id, address, since, number, registered` of an account.
    pub(super) fn account(&mut self) -> Result<AccountRow> {
        Ok(AccountRow {
            row: self.get()?,
            address: self.address()?,
            since: self.level()?,
            index: self.get::<Option<u32>>()?.map(AccountIndex),
            registered: self.level_or_none()?,
        })
    }
}
