//! How a batch went: what of it was applied, and what was not.

use super::columns::Columns;
use super::levels::{MESSAGE, message_at};
use super::transactions::{OPERATION, operation_at};
use super::{Page, Paged, Reader};
use crate::error::HistoryError;
use crate::numbers::whole;
use crate::rows::{BatchCount, FailedOperation, Message};

impl Reader<'_> {
    /// How many operations of a message were applied, and how many were not.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn count_operations(&self, message: i64) -> Result<BatchCount, HistoryError> {
        let sql = "SELECT count(*) FILTER (WHERE o.code = 0), count(*) FILTER (WHERE o.code <> 0), \
                   count(*) FILTER (WHERE o.individual = 0), count(*) \
                   FROM transactions t JOIN operations o ON o.tx = t.id WHERE t.message = ?1";
        let count = self.one(sql, [message], |row| {
            let mut row = Columns::new(row);
            Ok(BatchCount {
                applied: row.count()?,
                failed: row.count()?,
                cosigned: row.count()?,
                all: row.count()?,
            })
        })?;
        Ok(count.unwrap_or_default())
    }

    /// The last messages with a v2 batch, newest first.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn last_batches(&self, page: Page) -> Result<Paged<Message>, HistoryError> {
        let sql = format!(
            "SELECT {MESSAGE} FROM messages m WHERE m.digest IS NOT NULL AND m.id < ?1 \
             ORDER BY m.id DESC LIMIT ?2"
        );
        let after = page.after.unwrap_or(i64::MAX);
        Self::paged(
            page,
            |message: &Message| message.row,
            |limit| self.all(&sql, (after, limit), |row| message_at(&mut Columns::new(row))),
        )
    }

    /// The operations of a message that were not applied, in order, so many of them at most. They come without
    /// what they would have moved.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn failures(
        &self,
        message: i64,
        rows: usize,
    ) -> Result<Vec<FailedOperation>, HistoryError> {
        let sql = format!(
            "SELECT t.number, t.hash, {OPERATION} FROM transactions t \
             JOIN operations o ON o.tx = t.id LEFT JOIN accounts a ON a.id = o.signer \
             WHERE t.message = ?1 AND o.code <> 0 ORDER BY t.number, o.number LIMIT ?2"
        );
        self.all(&sql, (message, whole(rows)), |row| {
            let mut row = Columns::new(row);
            let (transaction, hash) = (row.get()?, row.hash_or_none()?);
            Ok(FailedOperation { transaction, hash, operation: operation_at(&mut row)? })
        })
    }
}
