//! Transactions and their operations.

use encoding::{Counter, Hash32};
use rusqlite::Row;
use tx_kernel::results::ResultCode;

use super::columns::Columns;
use super::levels::{MESSAGE, message_at};
use super::{Page, Paged, Reader};
use crate::error::HistoryError;
use crate::limits::{HASHES_FOUND, MIN_HASH_DIGITS, PLACES_LOOKED};
use crate::numbers::whole;
use crate::rows::{BoundedCount, OperationRow, TransactionRow};

/// The columns of an operation; `o` is the operation, and `a` the account of its signer.
pub(super) const OPERATION: &str = "o.id, o.number, a.address, o.counter, o.hash, o.memo, \
    o.individual, o.code, o.first, o.second, o.settled";
const TRANSACTION: &str = "t.id, t.number, t.hash, t.expires";
/// The rows of the transactions with a hash, which is ?2; of v1 an operation has it.
const PLACES: &str = "SELECT id FROM transactions WHERE hash = ?2 \
    UNION ALL SELECT tx AS id FROM operations WHERE hash = ?2";

impl Reader<'_> {
    /// Everywhere a transaction is, by its hash, oldest first: of v1 by the hash of an operation. A transaction
    /// that was sent again is in several messages, and is applied once at most. A page begins after a row.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn transactions(
        &self,
        hash: &Hash32,
        page: Page,
    ) -> Result<Paged<TransactionRow>, HistoryError> {
        // Operations have rows in the order of their transactions.
        let sql = format!(
            "SELECT {TRANSACTION}, {MESSAGE} FROM transactions t JOIN messages m ON m.id = t.message \
             WHERE t.id IN (SELECT * FROM (SELECT id FROM transactions \
             WHERE hash = ?1 AND id > ?2 ORDER BY id LIMIT ?3) \
             UNION SELECT * FROM (SELECT tx FROM operations WHERE hash = ?1 AND id > \
             coalesce((SELECT max(id) FROM operations WHERE tx = ?2), 0) ORDER BY id LIMIT ?3)) \
             ORDER BY t.id LIMIT ?3"
        );
        let after = page.after.unwrap_or(i64::MIN);
        Self::paged(
            page,
            |transaction: &TransactionRow| transaction.row,
            |limit| self.all(&sql, (hash.0, after, limit), transaction),
        )
    }

    /// In how many messages a transaction is. Counted as far as [`PLACES_LOOKED`].
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn count_transactions(&self, hash: &Hash32) -> Result<BoundedCount, HistoryError> {
        self.counted_to(PLACES_LOOKED, &format!("{PLACES} LIMIT ?1"), &[&hash.0])
    }

    /// Of everywhere that a transaction is, the place whose result counts: where it was applied, otherwise where its
    /// result is final, otherwise the first. The oldest [`PLACES_LOOKED`] are looked at.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn decisive_transaction(
        &self,
        hash: &Hash32,
    ) -> Result<Option<TransactionRow>, HistoryError> {
        let open: Vec<String> = ResultCode::ALL
            .iter()
            .filter(|code| !code.is_final())
            .map(|code| code.number().to_string())
            .collect();
        // An operation without a code is none of these, and so as open as can be.
        let rank = format!(
            "SELECT min(CASE WHEN o.code = 0 THEN 2 WHEN o.code NOT IN ({}) THEN 1 ELSE 0 END) \
             FROM operations o WHERE o.tx = p.id",
            open.join(", ")
        );
        let sql = format!(
            "SELECT {TRANSACTION}, {MESSAGE} FROM (SELECT p.id AS id, coalesce(({rank}), 0) AS rank \
             FROM ({PLACES} LIMIT ?1) p ORDER BY 2 DESC, 1 LIMIT 1) first \
             JOIN transactions t ON t.id = first.id JOIN messages m ON m.id = t.message"
        );
        self.one(&sql, (whole(PLACES_LOOKED), hash.0), transaction)
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
    /// are many: [`HASHES_FOUND`].
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn hashes(&self, digits: &str) -> Result<Vec<Hash32>, HistoryError> {
        let Some((from, to)) = range(digits) else { return Ok(Vec::new()) };
        let sql = "SELECT hash FROM transactions WHERE hash BETWEEN ?1 AND ?2 \
                   UNION SELECT hash FROM operations WHERE hash BETWEEN ?1 AND ?2 \
                   UNION SELECT digest FROM messages WHERE digest BETWEEN ?1 AND ?2 LIMIT ?3";
        self.all(sql, (from, to, whole(HASHES_FOUND)), |row| Ok(Hash32(Columns::new(row).get()?)))
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
