//! Snapshots: names for states to come back to. One costs nothing but that what leads back to it
//! cannot be pruned.

use redb::{ReadableDatabase, ReadableTable};

use crate::error::StoreError;
use crate::store::Store;
use crate::tables::{MAX_SNAPSHOT_NAME_BYTES, SNAPSHOTS};

/// Names begin with a letter, so that none can be taken for a level.
pub(crate) fn is_name(name: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
    name.len() <= MAX_SNAPSHOT_NAME_BYTES
        && name.bytes().next().is_some_and(|first| first.is_ascii_alphabetic())
        && name.bytes().all(allowed)
}

impl Store {
    /// Names the state at the end of the last level.
    ///
    /// # Errors
    /// When the name is taken, or none, or the file cannot be written to.
    pub fn snapshot(&mut self, name: &str) -> Result<(), StoreError> {
        if !is_name(name) {
            return Err(StoreError::SnapshotName { name: name.to_owned() });
        }
        let last = self.last();
        self.write(|txn, _| {
            let mut snapshots = txn.open_table(SNAPSHOTS)?;
            if let Some(level) = snapshots.get(name)? {
                let name = name.to_owned();
                return Err(StoreError::SnapshotExists { name, level: level.value() });
            }
            snapshots.insert(name, last)?;
            Ok(())
        })
    }

    /// Forgets a snapshot.
    ///
    /// # Errors
    /// When no snapshot has this name, or the file cannot be written to.
    pub fn forget(&mut self, name: &str) -> Result<(), StoreError> {
        self.write(|txn, _| match txn.open_table(SNAPSHOTS)?.remove(name)? {
            Some(_) => Ok(()),
            None => Err(StoreError::NoSnapshot { name: name.to_owned() }),
        })
    }

    /// All snapshots by name, with the level at whose end each is.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn snapshots(&self) -> Result<Vec<(String, i32)>, StoreError> {
        let snapshots = self.db().begin_read()?.open_table(SNAPSHOTS)?;
        let named = |row: Result<(redb::AccessGuard<'_, &str>, redb::AccessGuard<'_, i32>), _>| {
            let (name, level) = row?;
            Ok((name.value().to_owned(), level.value()))
        };
        snapshots.iter()?.map(named).collect()
    }

    pub(crate) fn snapshot_level(&self, name: &str) -> Result<i32, StoreError> {
        let snapshots = self.db().begin_read()?.open_table(SNAPSHOTS)?;
        let level = snapshots.get(name)?.map(|level| level.value());
        level.ok_or_else(|| StoreError::NoSnapshot { name: name.to_owned() })
    }
}
