//! The store: its head in memory, and how a level gets into the file.

use std::borrow::Borrow;
use std::ops::RangeBounds;

use pvm::{Durable, Identity, LevelReport, MachineState, Pvm, Snapshot, Status};
use redb::{Database, Durability, ReadableDatabase, ReadableTable, Table, WriteTransaction};

use crate::error::StoreError;
use crate::record::{LevelRecord, LevelSummary, Machine};
use crate::tables::{
    HEAD, INBOX, LEVELS, MAX_ROWS_PER_LEVEL, META, META_MACHINE, OUTBOX, SNAPSHOTS, UNDO,
};

/// A state: a machine, its durable storage, and what else its hash is of.
#[derive(Clone, Debug)]
pub(crate) struct Head {
    pub(crate) durable: Durable,
    pub(crate) machine: Machine,
    pub(crate) state: Option<MachineState>,
}

impl Head {
    /// As a PVM goes on with it.
    pub(crate) fn snapshot(&self) -> Snapshot {
        self.machine.with(self.durable.clone(), self.state.clone())
    }
}

/// Which state is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeptState<'a> {
    /// That at the end of a level. The level before the first one kept is the state before it.
    Level(i32),
    /// That of a snapshot.
    Snapshot(&'a str),
}

/// A rollup in a file. In memory are its last state and a small cache, whatever the number of
/// levels.
pub struct Store {
    db: Database,
    identity: Identity,
    pub(crate) head: Head,
    /// Whether writing has failed: then the file may be ahead of the head.
    failed: bool,
}

impl std::fmt::Debug for Store {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Store")
            .field("identity", &self.identity)
            .field("last", &self.last())
            .finish_non_exhaustive()
    }
}

impl Store {
    pub(crate) fn new(db: Database, identity: Identity, head: Head) -> Self {
        Self { db, identity, head, failed: false }
    }

    /// What the rollup was set up with.
    #[must_use]
    pub fn identity(&self) -> Identity {
        self.identity
    }

    /// The state after the last level, as a PVM goes on with it.
    #[must_use]
    pub fn state(&self) -> Snapshot {
        self.head.snapshot()
    }

    /// The durable storage after the last level.
    #[must_use]
    pub fn durable(&self) -> &Durable {
        &self.head.durable
    }

    /// Whether the kernel still runs.
    #[must_use]
    pub fn status(&self) -> &Status {
        self.head.machine.status()
    }

    /// The level that was played last. Before any is, the one before the first.
    #[must_use]
    pub fn last(&self) -> i32 {
        self.head.machine.at_end_of()
    }

    /// The level to be played next; `None` after the last there is.
    #[must_use]
    pub fn next_level(&self) -> Option<i32> {
        self.head.machine.next_level()
    }

    /// The least level whose end can be travelled to: the one before the first of [`Self::levels`].
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn oldest(&self) -> Result<i32, StoreError> {
        let levels = self.db.begin_read()?.open_table(LEVELS)?;
        oldest(&levels, self.last())
    }

    /// Keeps a level that the PVM has just played, in one transaction that is on the disk when this
    /// returns.
    ///
    /// # Errors
    /// When the level does not follow the last one, or cannot be kept. Then it is not, and the file
    /// is as it was, unless [`StoreError::MustReopen`] is said from then on.
    pub fn commit(
        &mut self,
        pvm: &Pvm,
        report: &LevelReport,
        messages: &[Vec<u8>],
    ) -> Result<(), StoreError> {
        self.commit_level(pvm, report, messages, Durability::Immediate)
    }

    /// Keeps a level in one transaction that is on the disk when the next one is, or
    /// [`Self::sync`] has returned. A process that ends before has not played the level.
    ///
    /// # Errors
    /// Those of [`Self::commit`].
    pub fn commit_unsynced(
        &mut self,
        pvm: &Pvm,
        report: &LevelReport,
        messages: &[Vec<u8>],
    ) -> Result<(), StoreError> {
        self.commit_level(pvm, report, messages, Durability::None)
    }

    /// Puts on the disk what has been kept.
    ///
    /// # Errors
    /// When it cannot be. Then [`StoreError::MustReopen`] is said from then on.
    pub fn sync(&mut self) -> Result<(), StoreError> {
        self.write(|_, _| Ok(()))
    }

    fn commit_level(
        &mut self,
        pvm: &Pvm,
        report: &LevelReport,
        messages: &[Vec<u8>],
        durability: Durability,
    ) -> Result<(), StoreError> {
        let level = report.level;
        let expected = self.next_level();
        let machine = Machine::of(pvm).filter(|machine| machine.at_end_of() == level);
        let Some(machine) = machine.filter(|_| expected == Some(level)) else {
            return Err(StoreError::OutOfOrder { expected, found: level });
        };
        let record = LevelRecord {
            before: self.head.machine.clone(),
            summary: LevelSummary::of(report, messages, machine.known_state()),
        };
        let state = pvm.snapshot().machine().cloned();
        let head = Head { durable: pvm.durable().clone(), machine, state };
        refuse_too_much(&self.head.durable, &head.durable)?;
        self.write_as(durability, |txn, old| {
            let mut undo = txn.open_table(UNDO)?;
            replace_head(txn, old, &head, |path, part, before| {
                undo.insert((level, path, part), before)?;
                Ok(())
            })?;
            txn.open_table(LEVELS)?.insert(level, record.encode().as_slice())?;
            let mut inbox = txn.open_table(INBOX)?;
            for (index, message) in (0..).zip(messages) {
                inbox.insert((level, index), message.as_slice())?;
            }
            let mut outbox = txn.open_table(OUTBOX)?;
            for (index, message) in (0..).zip(&report.outbox) {
                outbox.insert((level, index), message.as_slice())?;
            }
            Ok(())
        })?;
        self.head = head;
        Ok(())
    }

    /// Gives room that is free in the file back to the system. Takes as long as moving all of it.
    ///
    /// # Errors
    /// When the file cannot be written to.
    pub fn compact(&mut self) -> Result<(), StoreError> {
        if self.failed {
            return Err(StoreError::MustReopen);
        }
        let compacted = self.db.compact();
        self.failed = compacted.is_err();
        Ok(compacted.map(|_| ())?)
    }

    pub(crate) fn db(&self) -> &Database {
        &self.db
    }

    /// One transaction: all of it is on the disk at the end, or nothing. The work is told the head
    /// of before.
    pub(crate) fn write<T>(
        &mut self,
        work: impl FnOnce(&WriteTransaction, &Head) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        self.write_as(Durability::Immediate, work)
    }

    /// One transaction, on the disk at once or with the next one that is.
    fn write_as<T>(
        &mut self,
        durability: Durability,
        work: impl FnOnce(&WriteTransaction, &Head) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        if self.failed {
            return Err(StoreError::MustReopen);
        }
        let mut txn = self.db.begin_write()?;
        txn.set_durability(durability).map_err(redb::Error::from)?;
        let done = match work(&txn, &self.head) {
            Ok(done) => txn.commit().map(|()| done).map_err(StoreError::from),
            Err(error) => {
                // What went wrong first is what is told.
                self.failed = txn.abort().is_err();
                Err(error)
            }
        };
        self.failed |= done.as_ref().is_err_and(StoreError::is_of_writing);
        done
    }
}

/// The messages of a level in a table of them.
pub(crate) fn messages_of(
    table: &impl ReadableTable<(i32, u32), &'static [u8]>,
    level: i32,
) -> Result<Vec<Vec<u8>>, StoreError> {
    let messages = table.range((level, 0)..=(level, u32::MAX))?;
    messages.map(|row| Ok(row?.1.value().to_vec())).collect()
}

/// Refuses what is too much before any of it is written. The walk is cheap beside the writing.
fn refuse_too_much(old: &Durable, new: &Durable) -> Result<(), StoreError> {
    let mut count = 0;
    old.diff(new, |_| {
        count += 1;
        if count > MAX_ROWS_PER_LEVEL { Err(StoreError::TooMuch) } else { Ok(()) }
    })
}

/// Makes another state the head in the file. Each row that differs is told with what it was.
pub(crate) fn replace_head(
    txn: &WriteTransaction,
    old: &Head,
    new: &Head,
    mut each: impl FnMut(&str, u32, Option<&[u8]>) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    let mut rows = txn.open_table(HEAD)?;
    old.durable.diff(&new.durable, |change| {
        match &change.after {
            Some(bytes) => rows.insert((change.path, change.part), &**bytes)?,
            None => rows.remove((change.path, change.part))?,
        };
        each(change.path, change.part, change.before.as_deref())
    })?;
    txn.open_table(META)?.insert(META_MACHINE, new.machine.record().as_slice())?;
    Ok(())
}

/// The least level whose end can be travelled to.
pub(crate) fn oldest(
    levels: &impl ReadableTable<i32, &'static [u8]>,
    last: i32,
) -> Result<i32, StoreError> {
    Ok(levels.first()?.map_or(last, |(first, _)| first.value().saturating_sub(1)))
}

/// A level's record from its row.
pub(crate) fn level_record(
    row: Result<
        (redb::AccessGuard<'_, i32>, redb::AccessGuard<'_, &'static [u8]>),
        redb::StorageError,
    >,
) -> Result<LevelRecord, StoreError> {
    let (level, record) = row?;
    LevelRecord::decode(level.value(), record.value()).map_err(StoreError::damaged)
}

/// Drops rows in a range of keys.
pub(crate) fn drop_rows<'a, K: redb::Key + 'static, V: redb::Value + 'static, R>(
    table: &mut Table<'_, K, V>,
    range: impl RangeBounds<R> + 'a,
) -> Result<(), StoreError>
where
    R: Borrow<K::SelfType<'a>> + 'a,
{
    Ok(table.retain_in(range, |_, _| false)?)
}

/// The first snapshot, by level, that is in the way of dropping those that `lost` says.
pub(crate) fn refuse_to_lose(
    txn: &WriteTransaction,
    lost: impl Fn(i32) -> bool,
) -> Result<(), StoreError> {
    for row in txn.open_table(SNAPSHOTS)?.iter()? {
        let (name, level) = row?;
        if lost(level.value()) {
            let name = name.value().to_owned();
            return Err(StoreError::SnapshotInTheWay { name, level: level.value() });
        }
    }
    Ok(())
}
