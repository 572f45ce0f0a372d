//! What the store tells about levels: their messages, their summaries, what each changed.

use std::ops::RangeBounds;

use pvm::Durable;
use redb::{ReadableDatabase, ReadableTable};

use crate::error::StoreError;
use crate::record::{KnownState, LevelRecord, LevelSummary};
use crate::store::{Store, level_record, messages_of, oldest};
use crate::tables::{INBOX, LEVELS, OUTBOX, UNDO};

/// A level, and what a value was before it.
pub type Replaced = (i32, Option<Vec<u8>>);

impl Store {
    /// The outbox of a level.
    ///
    /// # Errors
    /// When the level is not kept, or the file cannot be read.
    pub fn outbox(&self, level: i32) -> Result<Vec<Vec<u8>>, StoreError> {
        let txn = self.db().begin_read()?;
        let levels = txn.open_table(LEVELS)?;
        if levels.get(level)?.is_none() {
            let oldest = oldest(&levels, self.last())?;
            return Err(StoreError::NotKept { level, oldest, last: self.last() });
        }
        messages_of(&txn.open_table(OUTBOX)?, level)
    }

    /// The messages of a level's inbox, without the protocol's own; `None` if they are not kept: the level
    /// was played before inboxes were.
    ///
    /// # Errors
    /// When the level is not kept, or the file cannot be read.
    pub fn inbox(&self, level: i32) -> Result<Option<Vec<Vec<u8>>>, StoreError> {
        let txn = self.db().begin_read()?;
        let levels = txn.open_table(LEVELS)?;
        let Some(record) = levels.get(level)? else {
            let oldest = oldest(&levels, self.last())?;
            return Err(StoreError::NotKept { level, oldest, last: self.last() });
        };
        let record = LevelRecord::decode(level, record.value()).map_err(StoreError::damaged)?;
        let inbox = txn.open_table(INBOX)?;
        let messages = inbox.range((level, 0)..=(level, u32::MAX))?;
        let messages = messages.map(|row| Ok(row?.1.value().to_vec()));
        let messages = messages.collect::<Result<Vec<_>, StoreError>>()?;
        let whole = usize::try_from(record.summary.messages) == Ok(messages.len());
        Ok(whole.then_some(messages))
    }

    /// What is told about levels, of those that are kept.
    ///
    /// # Errors
    /// When the file cannot be read, or a record is damaged.
    pub fn levels(&self, range: impl RangeBounds<i32>) -> Result<Vec<LevelSummary>, StoreError> {
        let levels = self.db().begin_read()?.open_table(LEVELS)?;
        let records = levels.range::<i32>((range.start_bound(), range.end_bound()))?;
        let mut summaries: Vec<LevelSummary> = Vec::new();
        let before = |record: &LevelRecord| record.before.known_state();
        for row in records {
            let record = level_record(row)?;
            if let Some(previous) = summaries.last_mut() {
                previous.state = before(&record);
            }
            summaries.push(record.summary);
        }
        if let Some(last) = summaries.last_mut() {
            let next =
                last.level.checked_add(1).map(|next| levels.range(next..=next)).transpose()?;
            last.state = match next.and_then(|mut next| next.next()) {
                Some(row) => before(&level_record(row)?),
                None => self.head.machine.known_state(),
            };
        }
        Ok(summaries)
    }

    /// What a commitment says of the state after the last level, if it is known.
    #[must_use]
    pub fn known_state(&self) -> Option<KnownState> {
        self.head.machine.known_state()
    }

    /// The same of the state before the first level that is kept; of that after the last, if none is.
    ///
    /// # Errors
    /// When the file cannot be read, or a record is damaged.
    pub fn oldest_known_state(&self) -> Result<Option<KnownState>, StoreError> {
        let levels = self.db().begin_read()?.open_table(LEVELS)?;
        let first = levels.first()?.map(|(level, record)| {
            LevelRecord::decode(level.value(), record.value()).map_err(StoreError::damaged)
        });
        Ok(first.transpose()?.map_or(self.known_state(), |first| first.before.known_state()))
    }

    /// The levels that changed a value of up to 4,096 bytes, with what it was before, of those that
    /// are kept. A level that did not change it is not among them.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn changes_of(&self, path: &str) -> Result<Vec<Replaced>, StoreError> {
        let txn = self.db().begin_read()?;
        let undo = txn.open_table(UNDO)?;
        let mut changes: Vec<Replaced> = Vec::new();
        for row in txn.open_table(LEVELS)?.iter()? {
            let level = row?.0.value();
            if let Some(before) = undo.get((level, path, 0))? {
                let mut durable = Durable::default();
                durable.set_row(path, 0, before.value())?;
                changes.push((level, durable.get(path)));
            }
        }
        // Which pages are there may change, and the bytes stay the same.
        let mut after = self.head.durable.get(path);
        changes.reverse();
        changes.retain(|(_, before)| {
            let is_change = *before != after;
            after.clone_from(before);
            is_change
        });
        changes.reverse();
        Ok(changes)
    }
}
