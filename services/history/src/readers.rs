//! The connections that read the file.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};

use rusqlite::{Connection, OpenFlags, OptionalExtension};

use crate::error::HistoryError;
use crate::file::{FileKind, VERSION, kind_of};
use crate::limits::{BUSY_TIME, READERS, STATEMENTS};
use crate::read::Reader;

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
    /// When there is none, the file is something else, or it is of another version.
    pub fn open(path: &Path) -> Result<Self, HistoryError> {
        if kind_of(path)? == FileKind::Other {
            return Err(HistoryError::NotAnIndex(path.to_owned()));
        }
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

    pub(crate) fn of(path: &Path) -> Self {
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
            .and_then(|file| file.busy_timeout(BUSY_TIME).map(|()| file))
            .inspect(|file| file.set_prepared_statement_cache_capacity(STATEMENTS));
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
