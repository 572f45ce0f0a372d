//! Transactions and their operations.

use encoding::{Counter, Hash32};
use rusqlite::Row;

use super::columns::Columns;
use super::levels::{MESSAGE, message_at};
use super::{Page, Paged, Reader};
use crate::error::HistoryError;
use crate::limits::MIN_HASH_DIGITS;
use crate::rows::{OperationRow, TransactionRow};

/// The columns of an operation; `o` is the operation, and `a` the account of its signer.
pub(super) const OPERATION: &str = "o.id, o.number, a.address, o.counter, o.hash, o.memo, \
    o.individual, o.code, o.first, o.second, o.settled";
/// Everywhere a transaction is, by its hash or that of an operation.
const CARRIED: &str = "WITH carried (id) AS (SELECT id FROM transactions WHERE hash = ?1 \
    UNION SELECT tx FROM operations WHERE hash = ?1)";
const TRANSACTION: &str = "t.id, t.number, t.hash, t.expires";

impl Reader<'_> {
    /// Everywhere a transaction is, by its hash, oldest first: of v1 by the hash of an operation. A transaction
    /// that was sent again is in several messages, and is applied once at most.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn transactions(&self, hash: &Hash32) -> Result<Vec<TransactionRow>, HistoryError> {
        let sql = format!(
            "SELECT {TRANSACTION}, {MESSAGE} FROM transactions t JOIN messages m ON m.id = t.message \
             WHERE t.hash = ?1 \
             UNION SELECT {TRANSACTION}, {MESSAGE} FROM operations o \
             JOIN transactions t ON t.id = o.tx JOIN messages m ON m.id = t.message \
             WHERE o.hash = ?1 ORDER BY 1"
        );
        self.all(&sql, [hash.0], transaction)
    }

    /// In how many messages a transaction is, by its hash.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn count_transactions(&self, hash: &Hash32) -> Result<u64, HistoryError> {
        let sql = format!("{CARRIED} SELECT count(*) FROM carried");
        let count = self.one(&sql, [hash.0], |row| Columns::new(row).count())?;
        Ok(count.unwrap_or(0))
    }

    /// Some of where a transaction is, by its hash: where it was applied first, and then the oldest, up to so many.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn some_transactions(
        &self,
        hash: &Hash32,
        rows: usize,
    ) -> Result<Vec<TransactionRow>, HistoryError> {
        let sql = format!(
            "{CARRIED} SELECT {TRANSACTION}, {MESSAGE} FROM carried c JOIN transactions t ON t.id = c.id \
             JOIN messages m ON m.id = t.message ORDER BY \
             EXISTS (SELECT 1 FROM operations o WHERE o.tx = t.id AND o.code = 0) DESC, t.id LIMIT ?2"
        );
        self.all(&sql, (hash.0, i64::try_from(rows).unwrap_or(i64::MAX)), transaction)
    }

    /// The transactions of a message, in order. A page begins after a place.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn transactions_of(
        &self,
        message: i64,
        page: Page,
    ) -> Result<Paged<TransactionRow>, HistoryError> {
        let sql = format!(
            "SELECT {TRANSACTION}, {MESSAGE} FROM transactions t JOIN messages m ON m.id = t.message \
             WHERE t.message = ?1 AND t.number > ?2 ORDER BY t.number LIMIT ?3"
        );
        let after = page.after.unwrap_or(-1);
        Self::paged(
            page,
            |transaction: &TransactionRow| transaction.number.into(),
            |limit| self.all(&sql, (message, after, limit), transaction),
        )
    }

    /// The operations of a transaction, in order, each with what it moves.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn operations(&self, transaction: i64) -> Result<Vec<OperationRow>, HistoryError> {
        let sql = format!(
            "SELECT {OPERATION} FROM operations o LEFT JOIN accounts a ON a.id = o.signer \
             WHERE o.tx = ?1 ORDER BY o.number"
        );
        let read = |row: &Row<'_>| operation_at(&mut Columns::new(row));
        let mut all = self.all(&sql, [transaction], read)?;
        for operation in &mut all {
            operation.moves = self.moves_of_operation(operation.row)?;
        }
        Ok(all)
    }

    /// The hashes of transactions and batches that begin with these hexadecimal digits: some of them, if there
    /// are many.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn hashes(&self, digits: &str) -> Result<Vec<Hash32>, HistoryError> {
        const SOME: i64 = 20;
        let Some((from, to)) = range(digits) else { return Ok(Vec::new()) };
        let sql = "SELECT hash FROM transactions WHERE hash BETWEEN ?1 AND ?2 \
                   UNION SELECT hash FROM operations WHERE hash BETWEEN ?1 AND ?2 \
                   UNION SELECT digest FROM messages WHERE digest BETWEEN ?1 AND ?2 LIMIT ?3";
        self.all(sql, (from, to, SOME), |row| Ok(Hash32(Columns::new(row).get()?)))
    }
}

/// The first and the last hash that begin with some digits; nothing for too few or none.
fn range(digits: &str) -> Option<([u8; 32], [u8; 32])> {
    const DIGITS: usize = 64;
    if !(MIN_HASH_DIGITS..=DIGITS).contains(&digits.len()) {
        return None;
    }
    let with = |digit: char| {
        let full: String = digits.chars().chain(std::iter::repeat(digit)).take(DIGITS).collect();
        let mut bytes = [0; 32];
        hex::decode_to_slice(full, &mut bytes).ok().map(|()| bytes)
    };
    Some((with('0')?, with('f')?))
}

fn transaction(row: &Row<'_>) -> Result<TransactionRow, HistoryError> {
    let mut row = Columns::new(row);
    let id = row.get()?;
    let number = row.get()?;
    let hash = row.hash_or_none()?;
    let expires = row.level_or_none()?;
    Ok(TransactionRow { row: id, number, hash, expires, message: message_at(&mut row)? })
}

/// An operation whose columns are [`OPERATION`], without what it moves.
pub(super) fn operation_at(row: &mut Columns<'_, '_>) -> Result<OperationRow, HistoryError> {
    Ok(OperationRow {
        row: row.get()?,
        number: row.get()?,
        signer: row.address_or_none()?,
        counter: Counter::new(row.wide()?),
        hash: row.hash_or_none()?,
        memo: row.get()?,
        individual: row.get()?,
        result: row.settlement()?,
        moves: Vec::new(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_a_range() {
        let (from, to) = range("00ff00ff0").unwrap();
        assert_eq!(hex::encode(from), format!("00ff00ff0{}", "0".repeat(55)));
        assert_eq!(hex::encode(to), format!("00ff00ff0{}", "f".repeat(55)));
        for bad in ["", "1234567", "1234567g", &"0".repeat(65), "ééééé"] {
            assert_eq!(range(bad), None, "{bad}");
        }
    }
}
