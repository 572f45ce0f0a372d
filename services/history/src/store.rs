//! The file: its schema, and the one connection that writes.

use std::path::{Path, PathBuf};

use encoding::Level;
use rusqlite::{Connection, OptionalExtension};
use wallet::rpc::Block;

use crate::error::HistoryError;
use crate::file::{APPLICATION, FileKind, VERSION, kind_of, remove};
use crate::limits::{BUSY_TIME, CACHE_KIB, STATEMENTS};
use crate::readers::Readers;

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
    /// anew if that is wanted. A file that is no index stays as it is.
    pub(crate) fn begin(path: &Path, rebuild: bool) -> Result<Self, HistoryError> {
        match Self::begin_as_it_is(path, rebuild) {
            Err(error) if rebuild && error.is_damage() => {
                remove(path)?;
                Self::begin_as_it_is(path, rebuild)
            }
            begun => begun,
        }
    }

    fn begin_as_it_is(path: &Path, rebuild: bool) -> Result<Self, HistoryError> {
        let kind = kind_of(path)?;
        if kind == FileKind::Other {
            return Err(HistoryError::NotAnIndex(path.to_owned()));
        }
        let of_file = |source| HistoryError::File { path: path.to_owned(), source };
        let file = Connection::open(path).map_err(of_file)?;
        file.busy_timeout(BUSY_TIME).map_err(of_file)?;
        if kind == FileKind::Nothing {
            // Before anything else, and before there is a log beside the file: its first bytes say whose it is.
            file.pragma_update(None, "application_id", APPLICATION).map_err(of_file)?;
        }
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
        // One that was ended before it had any tables is like a new one.
        if tables == 0 {
            store.make().map_err(of_file)?;
        }
        let found = match (tables, meta) {
            (1.., 0) => String::new(),
            _ => store.meta("version")?.unwrap_or_default(),
        };
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
