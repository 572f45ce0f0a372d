//! What must not be forgotten, on the disk before anybody is told: accepted transactions, sealed batches, results. One
//! commit has all that came together.

mod key;
mod records;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};

use encoding::{Hash32, Level, RollupAddress};
use redb::{
    Builder, Database, DatabaseError, ReadableDatabase, ReadableTable, TableDefinition,
    WriteTransaction,
};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::StartError;
use crate::limits::{FORGOTTEN_PER_COMMIT, JOURNAL_CACHE, JOURNAL_FORMAT};
use crate::pool::Ending;

pub(crate) use key::acceptance_key;
pub(crate) use records::{KeptBatch, KeptEnding, KeptProgress, KeptTransaction};

type Table = TableDefinition<'static, &'static [u8], &'static [u8]>;

/// Facts about the whole, by name.
const META: TableDefinition<'_, &str, &[u8]> = TableDefinition::new("meta");
/// Accepted transactions, by hash.
const TRANSACTIONS: Table = TableDefinition::new("transactions");
/// How transactions ended, by hash.
const ENDINGS: Table = TableDefinition::new("endings");
/// Those that have not ended, or whose end is not final: what a start begins with.
const OPEN: Table = TableDefinition::new("open");
/// Sealed batches, by digest.
const BATCHES: Table = TableDefinition::new("batches");
/// Batches without a final result, by digest.
const OPEN_BATCHES: Table = TableDefinition::new("open batches");
/// What is to be forgotten, by the level in which it ended: transactions, and batches.
const BY_LEVEL: TableDefinition<'_, (i32, u8, &[u8]), ()> = TableDefinition::new("by level");
const TRANSACTION: u8 = 0;
const BATCH: u8 = 1;

/// What a commit is made of.
pub(crate) enum Write {
    /// A transaction was accepted.
    Accepted(Hash32, KeptTransaction),
    /// It ended.
    Ended(Hash32, KeptEnding),
    /// It has not ended after all.
    Pending(Hash32),
    /// Its end is final.
    Final(Hash32),
    /// A batch was sealed, or has come further.
    Batch(Hash32, KeptBatch),
    /// A batch has come to its end.
    BatchEnded(Hash32, Level),
}

/// The journal.
pub(crate) struct Journal {
    db: Database,
    path: PathBuf,
}

/// What a journal had at the start.
#[derive(Default)]
pub(crate) struct Contents {
    pub(crate) transactions: Vec<(Hash32, KeptTransaction, Option<KeptEnding>)>,
    pub(crate) batches: Vec<(Hash32, KeptBatch)>,
}

impl Journal {
    /// Opens the journal at a path, or begins one.
    pub(crate) fn open(path: &Path) -> Result<Self, StartError> {
        let failed = |error: redb::Error| failing(path, error);
        let mut builder = Builder::new();
        builder.set_cache_size(JOURNAL_CACHE);
        let is_held = |error: &DatabaseError| matches!(error, DatabaseError::DatabaseAlreadyOpen);
        let db = files::open_unless_held(|| builder.create(path), is_held);
        let db = db.map_err(|error| failed(error.into()))?;
        let journal = Journal { db, path: path.to_owned() };
        journal.begin().map_err(failed)?;
        let format = journal.meta("format").map_err(failed)?.unwrap_or_default();
        if format != JOURNAL_FORMAT.to_be_bytes() {
            let problem = format!("it has format {}, not {JOURNAL_FORMAT}", hex::encode(format));
            return Err(StartError::Foreign { path: path.to_owned(), problem });
        }
        Ok(journal)
    }

    fn begin(&self) -> Result<(), redb::Error> {
        let txn = self.db.begin_write()?;
        {
            let mut meta = txn.open_table(META)?;
            if meta.get("format")?.is_none() {
                meta.insert("format", JOURNAL_FORMAT.to_be_bytes().as_slice())?;
            }
            for table in [TRANSACTIONS, ENDINGS, OPEN, BATCHES, OPEN_BATCHES] {
                txn.open_table(table)?;
            }
            txn.open_table(BY_LEVEL)?;
        }
        Ok(txn.commit()?)
    }

    fn meta(&self, name: &str) -> Result<Option<Vec<u8>>, redb::Error> {
        let txn = self.db.begin_read()?;
        let value = txn.open_table(META)?.get(name)?;
        Ok(value.map(|value| value.value().to_vec()))
    }

    /// The rollup that the journal is of, once it is.
    pub(crate) fn rollup(&self) -> Result<Option<RollupAddress>, StartError> {
        let bytes = self.meta("rollup").map_err(|error| failing(&self.path, error))?;
        let bytes = bytes.map(<[u8; 20]>::try_from).transpose();
        let bytes = bytes.map_err(|_| self.damaged("its rollup has not 20 bytes"))?;
        Ok(bytes.map(RollupAddress))
    }

    /// From now on it is of this rollup.
    pub(crate) fn set_rollup(&self, rollup: &RollupAddress) -> Result<(), StartError> {
        let write = || -> Result<(), redb::Error> {
            let txn = self.db.begin_write()?;
            txn.open_table(META)?.insert("rollup", rollup.0.as_slice())?;
            Ok(txn.commit()?)
        };
        write().map_err(|error| failing(&self.path, error))
    }

    /// Puts everything on the disk, at once.
    pub(crate) fn commit(&self, writes: &[Write], forget: Option<Level>) -> Result<(), StartError> {
        self.try_commit(writes, forget).map_err(|error| failing(&self.path, error))
    }

    fn try_commit(&self, writes: &[Write], forget: Option<Level>) -> Result<(), redb::Error> {
        let txn = self.db.begin_write()?;
        {
            let mut transactions = txn.open_table(TRANSACTIONS)?;
            let mut endings = txn.open_table(ENDINGS)?;
            let mut open = txn.open_table(OPEN)?;
            let mut batches = txn.open_table(BATCHES)?;
            let mut open_batches = txn.open_table(OPEN_BATCHES)?;
            let mut by_level = txn.open_table(BY_LEVEL)?;
            for write in writes {
                match write {
                    Write::Accepted(hash, kept) => {
                        transactions.insert(hash.0.as_slice(), json(kept).as_slice())?;
                        open.insert(hash.0.as_slice(), [].as_slice())?;
                        // One that was dropped may be taken in anew.
                        endings.remove(hash.0.as_slice())?;
                    }
                    Write::Ended(hash, ending) => {
                        endings.insert(hash.0.as_slice(), json(ending).as_slice())?;
                        by_level.insert((ending.level, TRANSACTION, hash.0.as_slice()), ())?;
                    }
                    Write::Pending(hash) => {
                        endings.remove(hash.0.as_slice())?;
                        open.insert(hash.0.as_slice(), [].as_slice())?;
                    }
                    Write::Final(hash) => {
                        open.remove(hash.0.as_slice())?;
                    }
                    Write::Batch(id, kept) => {
                        batches.insert(id.0.as_slice(), json(kept).as_slice())?;
                        open_batches.insert(id.0.as_slice(), [].as_slice())?;
                    }
                    Write::BatchEnded(id, level) => {
                        open_batches.remove(id.0.as_slice())?;
                        by_level.insert((level.0, BATCH, id.0.as_slice()), ())?;
                    }
                }
            }
        }
        if let Some(level) = forget {
            self.forget(&txn, level)?;
        }
        Ok(txn.commit()?)
    }

    /// Forgets some of what ended before a level. One that has not ended after all stays.
    fn forget(&self, txn: &WriteTransaction, before: Level) -> Result<(), redb::Error> {
        let mut by_level = txn.open_table(BY_LEVEL)?;
        let mut transactions = txn.open_table(TRANSACTIONS)?;
        let mut endings = txn.open_table(ENDINGS)?;
        let mut batches = txn.open_table(BATCHES)?;
        let open = txn.open_table(OPEN)?;
        let open_batches = txn.open_table(OPEN_BATCHES)?;
        let mut old: Vec<(i32, u8, Vec<u8>)> = Vec::new();
        for row in by_level.iter()? {
            let (key, ()) = {
                let (key, _) = row?;
                let (level, kind, hash) = key.value();
                ((level, kind, hash.to_vec()), ())
            };
            if key.0 >= before.0 || old.len() >= FORGOTTEN_PER_COMMIT {
                break;
            }
            old.push(key);
        }
        for (level, kind, hash) in old {
            by_level.remove((level, kind, hash.as_slice()))?;
            if kind == TRANSACTION && open.get(hash.as_slice())?.is_none() {
                transactions.remove(hash.as_slice())?;
                endings.remove(hash.as_slice())?;
            } else if kind == BATCH && open_batches.get(hash.as_slice())?.is_none() {
                batches.remove(hash.as_slice())?;
            }
        }
        Ok(())
    }

    /// Opens again what was final and has its result in a level after this one: the chain has gone back further than
    /// it should. What was opened.
    pub(crate) fn reopen(&self, common: Level) -> Result<Contents, StartError> {
        let first = (common.0.saturating_add(1), TRANSACTION, [].as_slice());
        let rows = || -> Result<Vec<(u8, Vec<u8>)>, redb::Error> {
            let txn = self.db.begin_read()?;
            let rows = txn.open_table(BY_LEVEL)?.range(first..)?.map(|row| {
                let (key, _) = row?;
                let (_, kind, hash) = key.value();
                Ok((kind, hash.to_vec()))
            });
            rows.collect()
        };
        let mut contents = Contents::default();
        let mut writes = Vec::new();
        for (kind, hash) in rows().map_err(|error| failing(&self.path, error))? {
            let Ok(hash) = <[u8; 32]>::try_from(hash).map(Hash32) else { continue };
            if kind == TRANSACTION {
                if let Some((kept, Some(ending))) = self.transaction(&hash)?
                    && matches!(&ending.ending, Ending::Result { spot, .. } if spot.level > common.0)
                {
                    contents.transactions.push((hash, kept, None));
                    writes.push(Write::Pending(hash));
                }
            } else if let Some(mut kept) = self.batch(&hash)?
                && let KeptProgress::Accepted(level, _) | KeptProgress::Refused(level, _) =
                    kept.progress
                && level > common.0
            {
                kept.progress = KeptProgress::Sent(common.0);
                writes.push(Write::Batch(hash, kept.clone()));
                contents.batches.push((hash, kept));
            }
        }
        contents.batches.sort_by_key(|(_, kept)| kept.number);
        self.commit(&writes, None)?;
        Ok(contents)
    }

    /// A transaction, and how it ended.
    pub(crate) fn transaction(
        &self,
        hash: &Hash32,
    ) -> Result<Option<(KeptTransaction, Option<KeptEnding>)>, StartError> {
        let kept = self.row(TRANSACTIONS, hash)?;
        let ending = self.row(ENDINGS, hash)?;
        Ok(kept.map(|kept| (kept, ending)))
    }

    /// A sealed batch.
    pub(crate) fn batch(&self, id: &Hash32) -> Result<Option<KeptBatch>, StartError> {
        self.row(BATCHES, id)
    }

    fn row<T: DeserializeOwned>(
        &self,
        table: Table,
        hash: &Hash32,
    ) -> Result<Option<T>, StartError> {
        let bytes = || -> Result<Option<Vec<u8>>, redb::Error> {
            let txn = self.db.begin_read()?;
            let value = txn.open_table(table)?.get(hash.0.as_slice())?;
            Ok(value.map(|value| value.value().to_vec()))
        };
        let bytes = bytes().map_err(|error| failing(&self.path, error))?;
        let read = |bytes: Vec<u8>| serde_json::from_slice(&bytes);
        bytes.map(read).transpose().map_err(|error| self.damaged(&format!("{hash}: {error}")))
    }

    /// What has not come to its end.
    pub(crate) fn contents(&self) -> Result<Contents, StartError> {
        let hashes = |table: Table| -> Result<Vec<Vec<u8>>, redb::Error> {
            let txn = self.db.begin_read()?;
            let table = txn.open_table(table)?;
            table.iter()?.map(|row| Ok(row?.0.value().to_vec())).collect()
        };
        let hashes = |table| hashes(table).map_err(|error| failing(&self.path, error));
        let hash = |bytes: Vec<u8>| {
            let bytes = <[u8; 32]>::try_from(bytes);
            bytes.map(Hash32).map_err(|_| self.damaged("a hash has not 32 bytes"))
        };
        let mut contents = Contents::default();
        for bytes in hashes(OPEN)? {
            let hash = hash(bytes)?;
            if let Some((kept, ending)) = self.transaction(&hash)? {
                contents.transactions.push((hash, kept, ending));
            }
        }
        for bytes in hashes(OPEN_BATCHES)? {
            let id = hash(bytes)?;
            if let Some(kept) = self.batch(&id)? {
                contents.batches.push((id, kept));
            }
        }
        contents.batches.sort_by_key(|(_, kept)| kept.number);
        Ok(contents)
    }

    /// It has something that no batcher wrote.
    pub(crate) fn damaged(&self, problem: &str) -> StartError {
        StartError::Foreign { path: self.path.clone(), problem: problem.to_owned() }
    }
}

/// The rows are shapes of our own, which always have a form in JSON.
fn json<T: Serialize>(value: &T) -> Vec<u8> {
    serde_json::to_vec(value).unwrap_or_default()
}

fn failing(path: &Path, source: redb::Error) -> StartError {
    match source {
        redb::Error::DatabaseAlreadyOpen => StartError::InUse(path.to_owned()),
        source => StartError::Journal { path: path.to_owned(), source: Box::new(source) },
    }
}
