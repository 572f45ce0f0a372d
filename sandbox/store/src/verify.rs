//! Whether all that a store keeps goes together. Costs as much as travelling to its oldest state.

use redb::{ReadableDatabase, ReadableTable};

use crate::error::StoreError;
use crate::snapshots::is_name;
use crate::store::{Store, level_record};
use crate::tables::{INBOX, LEVELS, OUTBOX, SNAPSHOTS, UNDO};

impl Store {
    /// Checks everything: that levels follow each other, that what belongs to a level belongs to one
    /// that is kept, that outboxes are as long as they should be, that the way back to the oldest state
    /// can be gone, and that each state on it has the hash that was kept.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] with what does not fit, or when the file cannot be read.
    pub fn verify(&self) -> Result<(), StoreError> {
        let wrong = |detail: String| Err(StoreError::Damaged { detail });
        let oldest = self.oldest()?;
        let last = self.last();
        let oldest_outbox = self.verify_hashes(oldest)?.unwrap_or(last);
        let txn = self.db().begin_read()?;
        let mut end = oldest;
        let mut sent = Vec::new();
        for row in txn.open_table(LEVELS)?.iter()? {
            let record = level_record(row)?;
            let level = record.summary.level;
            if record.before.at_end_of() != end || end.checked_add(1) != Some(level) {
                return wrong(format!("level {level} does not follow level {end}"));
            }
            end = level;
            if record.summary.outbox > 0 {
                sent.push((level, record.summary.outbox));
            }
        }
        if end != last {
            return wrong(format!("the last level is {last}, what is kept ends with {end}"));
        }
        let kept = |level: i32| level > oldest && level <= last;
        for row in txn.open_table(UNDO)?.iter()? {
            let (key, _) = row?;
            let (level, path, _) = key.value();
            if !kept(level) {
                return wrong(format!("{path} before level {level}, which is not kept"));
            }
        }
        let messages = txn.open_table(OUTBOX)?;
        let expected = sent.iter().flat_map(|&(level, count)| (0..count).map(move |i| (level, i)));
        let mut expected = expected.peekable();
        for row in messages.iter()? {
            let key = row?.0.value();
            // The state has those of levels that are not kept any more.
            if (oldest_outbox..=oldest).contains(&key.0) {
                continue;
            }
            if expected.next() != Some(key) {
                return wrong(format!("message {} of the outbox of level {}", key.1, key.0));
            }
        }
        if let Some((level, index)) = expected.peek() {
            return wrong(format!("no message {index} of the outbox of level {level}"));
        }
        for row in txn.open_table(INBOX)?.iter()? {
            let (level, index) = row?.0.value();
            if !kept(level) {
                return wrong(format!(
                    "message {index} of the inbox of level {level}, which is not kept"
                ));
            }
        }
        for row in txn.open_table(SNAPSHOTS)?.iter()? {
            let (name, level) = row?;
            let (name, level) = (name.value(), level.value());
            if !is_name(name) || level < oldest || level > last {
                return wrong(format!("a snapshot {name:?} of level {level}"));
            }
        }
        Ok(())
    }

    /// Goes back to the oldest state, and compares hashes. Returns the level of the oldest outbox there.
    fn verify_hashes(&self, oldest: i32) -> Result<Option<i32>, StoreError> {
        let mut back = self.back_to(oldest)?;
        loop {
            let head = &back.head;
            let level = head.machine.at_end_of();
            if head.snapshot().state_hash().ok() != head.machine.state_hash() {
                let detail =
                    format!("the state after level {level} has another hash than was kept");
                return Err(StoreError::Damaged { detail });
            }
            if level <= oldest {
                break;
            }
            back.step()?;
        }
        Ok(back.head.machine.kept.and_then(|kept| kept.outboxes).map(|(first, _)| first))
    }
}
