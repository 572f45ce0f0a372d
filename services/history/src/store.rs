//! The file: its schema, the one connection that writes, and those that read.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};

use encoding::Level;
use rusqlite::{Connection, ErrorCode, OpenFlags, OptionalExtension};
use wallet::rpc::Block;

use crate::error::HistoryError;
use crate::limits::{BUSY_TIME, CACHE_KIB, READERS};
use crate::read::Reader;

/// The version of the schema. An index of another one is built anew.
const VERSION: u32 = 1;

/// Statements that the connection which writes keeps prepared: more than there are.
const STATEMENTS: usize = 100;

const SCHEMA: &str = include_str!("schema.sql");

/// The connection that writes. There is one of a file.
#[derive(Debug)]
pub struct Store {
    path: PathBuf,
    pub(crate) file: Connection,
}

impl Store {
    /// Opens an index of a rollup, or makes one.
    ///
    /// # Errors
    /// When the file cannot be used, or is an index of another rollup or version.
    pub fn open(path: &Path, rollup: &str) -> Result<Self, HistoryError> {
        let mut store = Self::begin(path, false)?;
        store.claim(rollup, false)?;
        Ok(store)
    }

    /// Opens an index, or makes one that is of no rollup yet. One of another version, or one that is damaged, is made
    /// anew if that is wanted.
    pub(crate) fn begin(path: &Path, rebuild: bool) -> Result<Self, HistoryError> {
        let damaged = |error: &HistoryError| match error {
            HistoryError::File { source, .. } | HistoryError::Sql(source) => matches!(
                source.sqlite_error_code(),
                Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt)
            ),
            _ => false,
        };
        match Self::begin_as_it_is(path, rebuild) {
            Err(error) if rebuild && damaged(&error) => {
                for suffix in ["", "-wal", "-shm"] {
                    let mut file = path.as_os_str().to_owned();
                    file.push(suffix);
                    // What cannot be removed cannot be opened either.
                    let _ = std::fs::remove_file(file);
                }
                Self::begin_as_it_is(path, rebuild)
            }
            begun => begun,
        }
    }

    fn begin_as_it_is(path: &Path, rebuild: bool) -> Result<Self, HistoryError> {
        let of_file = |source| HistoryError::File { path: path.to_owned(), source };
        let file = Connection::open(path).map_err(of_file)?;
        file.busy_timeout(BUSY_TIME).map_err(of_file)?;
        // A commit that the machine loses in a power cut is made again from the node.
        file.execute_batch(&format!(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON; \
             PRAGMA cache_size = -{CACHE_KIB};"
        ))
        .map_err(of_file)?;
        file.set_prepared_statement_cache_capacity(STATEMENTS);
        let sql = "SELECT count(*), coalesce(sum(name = 'meta'), 0) FROM sqlite_master \
                   WHERE type = 'table'";
        let (tables, meta): (i64, i64) =
            file.query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?))).map_err(of_file)?;
        let mut store = Store { path: path.to_owned(), file };
        match (tables, meta) {
            (0, _) => store.make().map_err(of_file)?,
            // Nothing of others is dropped.
            (_, 0) => return Err(HistoryError::NotAnIndex(path.to_owned())),
            _ => {}
        }
        let found = store.meta("version")?.unwrap_or_default();
        if found != VERSION.to_string() {
            if !rebuild {
                let path = path.to_owned();
                return Err(HistoryError::Version { path, found, expected: VERSION });
            }
            store.make().map_err(of_file)?;
        }
        Ok(store)
    }

    /// Makes it the index of a rollup. One of another rollup is made anew if that is wanted: whether it was.
    pub(crate) fn claim(&mut self, rollup: &str, rebuild: bool) -> Result<bool, HistoryError> {
        let found = self.meta("rollup")?;
        let anew = match found {
            Some(found) if found == rollup => return Ok(false),
            Some(found) if !rebuild => {
                let (path, served) = (self.path.clone(), rollup.to_owned());
                return Err(HistoryError::OtherRollup { path, found, served });
            }
            Some(_) => {
                self.make()?;
                true
            }
            None => false,
        };
        self.file.execute("INSERT INTO meta VALUES ('rollup', ?1)", [rollup])?;
        Ok(anew)
    }

    /// Puts all into the one file, as far as nobody reads it meanwhile: so it can be copied alone.
    pub(crate) fn settle(&self) {
        let _ = self.file.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)");
    }

    /// Forgets all levels: it is an index of the same rollup that has none yet.
    pub(crate) fn empty(&mut self) -> Result<(), HistoryError> {
        let rollup = self.meta("rollup")?;
        self.make()?;
        if let Some(rollup) = rollup {
            self.file.execute("INSERT INTO meta VALUES ('rollup', ?1)", [rollup])?;
        }
        Ok(())
    }

    /// Makes an empty index of what the file has. Those who read see the one or the other.
    fn make(&mut self) -> rusqlite::Result<()> {
        // What is dropped is not looked through for what refers to it.
        self.file.execute_batch("PRAGMA foreign_keys = OFF")?;
        let made = self.remake();
        self.file.execute_batch("PRAGMA foreign_keys = ON")?;
        made
    }

    fn remake(&mut self) -> rusqlite::Result<()> {
        let change = self.file.transaction()?;
        let tables: Vec<String> = {
            let mut ask = change.prepare(
                "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'",
            )?;
            ask.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?
        };
        for table in tables {
            change.execute_batch(&format!("DROP TABLE \"{}\"", table.replace('"', "\"\"")))?;
        }
        change.execute_batch(SCHEMA)?;
        change.execute("INSERT INTO meta VALUES ('version', ?1)", [VERSION.to_string()])?;
        change.commit()
    }

    /// What reads the same file.
    #[must_use]
    pub fn readers(&self) -> Readers {
        Readers::of(&self.path)
    }

    /// The last block of the index.
    pub(crate) fn last(&self) -> Result<Option<Block>, HistoryError> {
        let sql = "SELECT block, level FROM levels ORDER BY level DESC LIMIT 1";
        let mut ask = self.file.prepare_cached(sql)?;
        let block =
            ask.query_row([], |row| Ok(Block { hash: row.get(0)?, level: Level(row.get(1)?) }));
        Ok(block.optional()?)
    }

    fn meta(&self, name: &str) -> Result<Option<String>, HistoryError> {
        let ask = "SELECT value FROM meta WHERE name = ?1";
        Ok(self.file.query_row(ask, [name], |row| row.get(0)).optional()?)
    }
}

/// Connections that read, lent to one at a time. Writing does not hold them up, nor they writing.
#[derive(Clone, Debug)]
pub struct Readers(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    path: PathBuf,
    pool: Mutex<Pool>,
    freed: Condvar,
    steps: AtomicU64,
}

#[derive(Debug)]
struct Pool {
    idle: Vec<Connection>,
    made: usize,
}

impl Readers {
    /// Steps of SQLite's machine that all questions have taken so far: what they cost, whatever the computer.
    #[must_use]
    pub fn steps(&self) -> u64 {
        self.0.steps.load(Ordering::Relaxed)
    }

    /// Reads an index that another process may be writing.
    ///
    /// # Errors
    /// When there is none, or it is of another version.
    pub fn open(path: &Path) -> Result<Self, HistoryError> {
        let readers = Readers::of(path);
        let of_file = |source| HistoryError::File { path: path.to_owned(), source };
        let file = readers.0.open()?;
        let sql = "SELECT value FROM meta WHERE name = 'version'";
        let found: Option<String> =
            file.query_row(sql, [], |row| row.get(0)).optional().map_err(of_file)?;
        let found = found.unwrap_or_default();
        if found != VERSION.to_string() {
            return Err(HistoryError::Version { path: path.to_owned(), found, expected: VERSION });
        }
        Ok(readers)
    }

    /// Opens all connections that there will ever be, each with all of its files. From then on the files may lose their
    /// names: where a system keeps what is open, they go with the process, however it ends.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn open_all(&self) -> Result<(), HistoryError> {
        let mut all = Vec::with_capacity(READERS);
        for _ in 0..READERS {
            let lent = Lent { shared: &self.0, file: Some(self.lend()?) };
            if let Some(file) = &lent.file {
                file.query_row("SELECT count(*) FROM meta", [], |_| Ok(()))?;
            }
            all.push(lent);
        }
        Ok(())
    }

    fn of(path: &Path) -> Self {
        let pool = Mutex::new(Pool { idle: Vec::new(), made: 0 });
        let path = path.to_owned();
        Readers(Arc::new(Shared { path, pool, freed: Condvar::new(), steps: AtomicU64::new(0) }))
    }

    /// Asks something, in one view of the file: what is written meanwhile is not seen.
    ///
    /// # Errors
    /// When the file cannot be read, or `ask` fails.
    pub fn read<T>(
        &self,
        ask: impl FnOnce(&Reader<'_>) -> Result<T, HistoryError>,
    ) -> Result<T, HistoryError> {
        let mut lent = Lent { shared: &self.0, file: Some(self.lend()?) };
        match lent.file.as_mut() {
            Some(file) => {
                let view = file.transaction()?;
                ask(&Reader::new(&view, &self.0.steps))
            }
            // One is lent for as long as this is there.
            None => Err(rusqlite::Error::InvalidQuery.into()),
        }
    }

    fn lend(&self) -> Result<Connection, HistoryError> {
        let shared = &*self.0;
        let mut pool = shared.pool.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if let Some(file) = pool.idle.pop() {
                return Ok(file);
            }
            if pool.made < READERS {
                pool.made += 1;
                drop(pool);
                // Its place is given back if it cannot be opened.
                return shared.open().inspect_err(|_| shared.give_back(None));
            }
            pool = shared.freed.wait(pool).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

impl Shared {
    fn open(&self) -> Result<Connection, HistoryError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let file = Connection::open_with_flags(&self.path, flags)
            .and_then(|file| file.busy_timeout(BUSY_TIME).map(|()| file));
        file.map_err(|source| HistoryError::File { path: self.path.clone(), source })
    }

    fn give_back(&self, file: Option<Connection>) {
        let mut pool = self.pool.lock().unwrap_or_else(PoisonError::into_inner);
        match file {
            Some(file) => pool.idle.push(file),
            None => pool.made = pool.made.saturating_sub(1),
        }
        drop(pool);
        self.freed.notify_one();
    }
}

/// A connection that goes back to the others at its end.
struct Lent<'a> {
    shared: &'a Shared,
    file: Option<Connection>,
}

impl Drop for Lent<'_> {
    fn drop(&mut self) {
        self.shared.give_back(self.file.take());
    }
}
