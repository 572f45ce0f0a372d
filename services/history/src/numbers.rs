//! Numbers up to 2^64 - 1 as SQLite has them: an INTEGER where it fits, otherwise a TEXT of 20 digits.
//! So SQLite orders them as numbers.

use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, Value, ValueRef};

/// A number of any 64 bits in a column of type ANY.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Wide(pub(crate) u64);

impl ToSql for Wide {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        let value = match i64::try_from(self.0) {
            Ok(number) => Value::Integer(number),
            // A text comes after every integer, and texts of one length in the order of their digits.
            Err(_) => Value::Text(format!("{:020}", self.0)),
        };
        Ok(ToSqlOutput::Owned(value))
    }
}

impl FromSql for Wide {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        match value {
            ValueRef::Integer(number) => {
                u64::try_from(number).map(Wide).map_err(|_| FromSqlError::OutOfRange(number))
            }
            ValueRef::Text(text) => {
                let text = std::str::from_utf8(text).ok();
                let number = text.and_then(|text| text.parse().ok());
                number.map(Wide).ok_or(FromSqlError::InvalidType)
            }
            _ => Err(FromSqlError::InvalidType),
        }
    }
}

/// A count as SQLite has it. None comes near its bound.
pub(crate) fn whole(count: impl TryInto<i64>) -> i64 {
    count.try_into().unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use rusqlite::Connection;

    use super::*;

    #[test]
    fn every_number_comes_back_in_order() {
        let file = Connection::open_in_memory().unwrap();
        file.execute_batch("CREATE TABLE t (n ANY NOT NULL) STRICT").unwrap();
        const BEYOND: u64 = i64::MAX.unsigned_abs() + 1;
        let all = [u64::MAX, 0, BEYOND - 1, 10_000_000_000_000_000_000, BEYOND, 1];
        for number in all {
            file.execute("INSERT INTO t VALUES (?1)", [Wide(number)]).unwrap();
            let back: Wide = file
                .query_row("SELECT n FROM t WHERE n = ?1", [Wide(number)], |row| row.get(0))
                .unwrap();
            assert_eq!(back, Wide(number));
        }
        let mut ordered = all;
        ordered.sort_unstable();
        let mut asked = file.prepare("SELECT n FROM t ORDER BY n").unwrap();
        let found: Vec<Wide> =
            asked.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
        assert_eq!(found, ordered.map(Wide));
    }
}
