//! Levels, and the messages in them.

use encoding::{Hash32, Level, MessageId};
use rusqlite::Row;

use super::columns::Columns;
use super::{Page, Paged, Reader};
use crate::error::HistoryError;
use crate::limits::PLACES_LOOKED;
use crate::numbers::whole;
use crate::rows::{BoundedCount, LevelRow, Message, Settlement};
use crate::words::{ResultKind, UNKNOWN};

const LEVEL: &str = "level, block, time, shown, messages, bytes, others, ticks, transfers, applied, \
                     failed, cosigned";
/// Columns of a message under the name `m`.
pub(super) const MESSAGE: &str = "m.id, m.level, m.place, m.kind, m.text, m.digest, m.length, \
    m.transactions, m.registrations, m.result, m.code, m.first, m.second, m.settled";

impl Reader<'_> {
    /// Levels, newest first. A page begins after a level.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn levels(&self, page: Page) -> Result<Paged<LevelRow>, HistoryError> {
        let sql =
            format!("SELECT {LEVEL} FROM levels WHERE level < ?1 ORDER BY level DESC LIMIT ?2");
        let after = page.after.unwrap_or(i64::MAX);
        Self::paged(
            page,
            |level: &LevelRow| level.level.0.into(),
            |limit| self.all(&sql, (after, limit), level),
        )
    }

    /// A level, if it is in the index.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn level(&self, at: Level) -> Result<Option<LevelRow>, HistoryError> {
        self.one(&format!("SELECT {LEVEL} FROM levels WHERE level = ?1"), [at.0], level)
    }

    /// A level by the hash of its block, if it is in the index.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn block(&self, hash: &str) -> Result<Option<LevelRow>, HistoryError> {
        self.one(&format!("SELECT {LEVEL} FROM levels WHERE block = ?1"), [hash], level)
    }

    /// The messages of a level, in order. A page begins after a place.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn messages(&self, at: Level, page: Page) -> Result<Paged<Message>, HistoryError> {
        let sql = format!(
            "SELECT {MESSAGE} FROM messages m WHERE m.level = ?1 AND m.place > ?2 \
             ORDER BY m.place LIMIT ?3"
        );
        let after = page.after.unwrap_or(-1);
        Self::paged(
            page,
            |message: &Message| message.id.index.into(),
            |limit| self.all(&sql, (at.0, after, limit), message),
        )
    }

    /// Messages that the kernel has put off, oldest first. A page begins after a row.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn waiting(&self, page: Page) -> Result<Paged<Message>, HistoryError> {
        let sql = format!(
            "SELECT {MESSAGE} FROM messages m WHERE m.settled IS NULL AND m.id > ?1 \
             ORDER BY m.id LIMIT ?2"
        );
        let after = page.after.unwrap_or(i64::MIN);
        Self::paged(
            page,
            |message: &Message| message.row,
            |limit| self.all(&sql, (after, limit), message),
        )
    }

    /// How many messages the kernel has put off.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn count_waiting(&self) -> Result<BoundedCount, HistoryError> {
        self.counted("SELECT 1 FROM messages WHERE settled IS NULL LIMIT ?1", &[])
    }

    /// The last messages that were refused whole, newest first. A page begins after a row.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn refused(&self, page: Page) -> Result<Paged<Message>, HistoryError> {
        let sql = format!(
            "SELECT {MESSAGE} FROM messages m WHERE m.result = 'refused' AND m.id < ?1 \
             ORDER BY m.id DESC LIMIT ?2"
        );
        let after = page.after.unwrap_or(i64::MAX);
        Self::paged(
            page,
            |message: &Message| message.row,
            |limit| self.all(&sql, (after, limit), message),
        )
    }

    /// A message, if it is in the index.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn message(&self, id: MessageId) -> Result<Option<Message>, HistoryError> {
        let sql = format!("SELECT {MESSAGE} FROM messages m WHERE m.level = ?1 AND m.place = ?2");
        self.one(&sql, (id.level.0, id.index), message)
    }

    /// The messages with a v2 batch of this digest, oldest first. A page begins after a row.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn batches(&self, digest: &Hash32, page: Page) -> Result<Paged<Message>, HistoryError> {
        let sql = format!(
            "SELECT {MESSAGE} FROM messages m WHERE m.digest = ?1 AND m.id > ?2 \
             ORDER BY m.id LIMIT ?3"
        );
        let after = page.after.unwrap_or(i64::MIN);
        Self::paged(
            page,
            |message: &Message| message.row,
            |limit| self.all(&sql, (digest.0, after, limit), message),
        )
    }

    /// Of the messages with a v2 batch of this digest the one whose result counts: the one of which most was
    /// applied, otherwise one that has a result, otherwise the first. The oldest [`PLACES_LOOKED`] are looked at.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn decisive_batch(&self, digest: &Hash32) -> Result<Option<Message>, HistoryError> {
        let sql = format!(
            "SELECT {MESSAGE} FROM (SELECT * FROM messages WHERE digest = ?1 ORDER BY id LIMIT ?2) m \
             ORDER BY m.result IS NULL, m.result <> 'done', m.first DESC, m.id LIMIT 1"
        );
        self.one(&sql, (digest.0, whole(PLACES_LOOKED)), message)
    }

    /// The bytes of a message, with its tag.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn body(&self, row: i64) -> Result<Option<Vec<u8>>, HistoryError> {
        let sql = "SELECT bytes FROM bodies WHERE message = ?1";
        self.one(sql, [row], |row| Columns::new(row).get())
    }
}

fn level(row: &Row<'_>) -> Result<LevelRow, HistoryError> {
    let mut row = Columns::new(row);
    Ok(LevelRow {
        level: row.level()?,
        block: row.get()?,
        time: row.get()?,
        shown: row.get()?,
        messages: row.count()?,
        bytes: row.count()?,
        others: row.count()?,
        ticks: row.read("levels.ticks", |ticks: Option<i64>| match ticks {
            None => Some(None),
            Some(ticks) => u64::try_from(ticks).ok().map(Some),
        })?,
        transfers: row.count()?,
        applied: row.count()?,
        failed: row.count()?,
        cosigned: row.count()?,
    })
}

fn message(row: &Row<'_>) -> Result<Message, HistoryError> {
    message_at(&mut Columns::new(row))
}

/// A message whose columns are [`MESSAGE`].
pub(super) fn message_at(row: &mut Columns<'_, '_>) -> Result<Message, HistoryError> {
    let message = Message {
        row: row.get()?,
        id: row.message()?,
        kind: row.get()?,
        text: row.get()?,
        digest: row.hash_or_none()?,
        length: row.count()?,
        transactions: row.count()?,
        registrations: row.count()?,
        result: None,
        unknown: None,
    };
    let word: Option<String> = row.get()?;
    let outcome = row.outcome()?;
    let settled = row.level_or_none()?;
    Ok(match word.as_deref() {
        None => message,
        Some(UNKNOWN) => Message { unknown: settled, ..message },
        Some(word) => {
            let kind = ResultKind::of_word(word).ok_or_else(|| HistoryError::Value {
                column: "messages.result",
                value: word.to_owned(),
            })?;
            let settlement = outcome.zip(settled);
            let settlement = settlement.map(|(outcome, level)| Settlement { outcome, level });
            Message { result: settlement.map(|settlement| (kind, settlement)), ..message }
        }
    })
}
