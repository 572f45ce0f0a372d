//! What was tried, on the disk: a line before anything is run, and one when it has ended. Whoever goes on after a
//! crash knows what may be on its way, asks what became of it, and repeats nothing blindly.

mod key;
mod line;
mod record;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::fs::{File, TryLockError};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use encoding::{Level, RollupAddress};
use files::{Draft, Readers};
use thiserror::Error;

use crate::limits::{DAY_SECONDS, JOURNAL_BYTES, MAX_JOURNAL_BYTES};
use crate::schedule::{Ended, LastTry};
use crate::tez::Tez;
use line::{Begin, End, Header, Line, Mark};

pub use key::Key;
pub use record::Record;

/// Why the journal cannot be used.
#[derive(Debug, Error)]
pub enum JournalError {
    /// The system refuses.
    #[error("cannot {action} {}: {}", path.display(), words(source))]
    Io {
        /// What was tried.
        action: &'static str,
        /// With which file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// Another operator has it.
    #[error("another operator uses {}", .0.display())]
    InUse(PathBuf),
    /// A line that no operator has written.
    #[error("{}, line {line}: {problem}", path.display())]
    Line {
        /// Which file.
        path: PathBuf,
        /// Which line, from 1.
        line: usize,
        /// What is wrong.
        problem: String,
    },
    /// It is about another rollup.
    #[error("{} is the journal of {found}, not of {wanted}", path.display())]
    OtherRollup {
        /// Which file.
        path: PathBuf,
        /// Which rollup it is of.
        found: String,
        /// Which one is followed.
        wanted: String,
    },
    /// Longer than such a file may be.
    #[error("{}: more than {MAX_JOURNAL_BYTES} bytes", .0.display())]
    TooLong(PathBuf),
}

fn words(error: &io::Error) -> String {
    error.to_string().split(" (os error").next().unwrap_or_default().to_owned()
}

/// The journal of an operator. Nobody else uses it meanwhile.
#[derive(Debug)]
pub struct Journal {
    path: PathBuf,
    file: File,
    #[expect(dead_code, reason = "it is locked as long as it is open")]
    lock: File,
    records: BTreeMap<Key, Record>,
    /// When something may have been paid, and how much at most.
    spent: Vec<Spending>,
}

/// What a try may have cost.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Spending {
    of: Key,
    at: i64,
    cap: Tez,
}

impl Journal {
    /// Opens a journal, or makes it. `afresh` forgets what is in it: a sandbox can begin anew.
    ///
    /// # Errors
    /// When another operator uses it, it cannot be read or written, or it is no journal of this rollup.
    pub fn open(
        path: &Path,
        rollup: &RollupAddress,
        now: i64,
        afresh: bool,
    ) -> Result<Self, JournalError> {
        let failing = |action| failing(action, path);
        if let Some(folder) = path.parent() {
            files::own_folder(folder).map_err(failing("make the folder of"))?;
        }
        let mut name = path.as_os_str().to_owned();
        name.push(".lock");
        let lock = files::append(Path::new(&name), Readers::Owner).map_err(failing("lock"))?;
        let is_held = |error: &TryLockError| matches!(error, TryLockError::WouldBlock);
        files::open_unless_held(|| lock.try_lock(), is_held).map_err(|error| match error {
            TryLockError::WouldBlock => JournalError::InUse(path.to_owned()),
            TryLockError::Error(source) => failing("lock")(source),
        })?;
        let header = Header { operator: 1, rollup: rollup.to_string() };
        let file = files::append(path, Readers::Owner).map_err(failing("write"))?;
        let mut journal =
            Self { path: path.to_owned(), file, lock, records: BTreeMap::new(), spent: Vec::new() };
        let bytes = if afresh { Vec::new() } else { journal.bytes()? };
        journal.take(&bytes, &header)?;
        let len = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        if bytes.is_empty() || len > JOURNAL_BYTES {
            journal.rewrite(&header, now)?;
        } else if bytes.last() != Some(&b'\n') {
            // What a crash has cut off was never begun: it stays an incomplete line.
            journal.append_bytes(b"\n")?;
        }
        Ok(journal)
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What is known of a message.
    #[must_use]
    pub fn record(&self, key: &Key) -> Option<&Record> {
        self.records.get(key)
    }

    /// What may have been paid in the last day, at most.
    #[must_use]
    pub fn spent(&self, now: i64) -> Tez {
        let recent = self.spent.iter().filter(|one| now.saturating_sub(one.at) < DAY_SECONDS);
        recent.fold(Tez::default(), |sum, one| sum.plus(one.cap))
    }

    /// A try is about to begin, which pays so much at most. It is on the disk when this returns.
    ///
    /// # Errors
    /// When it cannot be written. Then nothing may be begun.
    pub fn begin(
        &mut self,
        key: &Key,
        now: i64,
        head: Level,
        cap: Tez,
    ) -> Result<(), JournalError> {
        let count = self.records.get(key).map_or(0, |record| record.last.count).saturating_add(1);
        let begin = Begin { key: key.into(), at: now, head: head.0, count, cap: cap.mutez() };
        self.add(Line::Begin(begin))
    }

    /// A try has ended.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn end(
        &mut self,
        key: &Key,
        now: i64,
        head: Level,
        ended: Ended,
        operation: Option<String>,
        why: Option<String>,
    ) -> Result<(), JournalError> {
        let key = key.into();
        self.add(Line::End(End {
            key,
            at: now,
            head: head.0,
            result: ended.into(),
            operation,
            why,
        }))
    }

    /// The node says that a message was executed.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn settled(&mut self, key: &Key, now: i64) -> Result<(), JournalError> {
        self.add(Line::Settled(Mark { key: key.into(), at: now }))
    }

    /// It was told that a message is lost.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn lost(&mut self, key: &Key, now: i64) -> Result<(), JournalError> {
        self.add(Line::Lost(Mark { key: key.into(), at: now }))
    }

    fn add(&mut self, line: Line) -> Result<(), JournalError> {
        self.append_bytes(&line.to_bytes())?;
        self.learn(line);
        Ok(())
    }

    fn append_bytes(&mut self, bytes: &[u8]) -> Result<(), JournalError> {
        let written = self.file.write_all(bytes).and_then(|()| self.file.sync_data());
        written.map_err(failing("write", &self.path))
    }

    fn bytes(&mut self) -> Result<Vec<u8>, JournalError> {
        let failing = failing("read", &self.path);
        let mut bytes = Vec::new();
        let read = self.file.seek(SeekFrom::Start(0)).and_then(|_| {
            // One byte more than there may be shows that there are more.
            (&self.file).take(MAX_JOURNAL_BYTES + 1).read_to_end(&mut bytes)
        });
        read.map_err(failing)?;
        match u64::try_from(bytes.len()).is_ok_and(|len| len <= MAX_JOURNAL_BYTES) {
            true => Ok(bytes),
            false => Err(JournalError::TooLong(self.path.clone())),
        }
    }

    /// Takes in what is in the file.
    fn take(&mut self, bytes: &[u8], wanted: &Header) -> Result<(), JournalError> {
        let path = self.path.clone();
        for (number, line) in (1..).zip(bytes.split(|byte| *byte == b'\n')) {
            let wrong =
                |problem: String| JournalError::Line { path: path.clone(), line: number, problem };
            if number == 1 {
                if line.is_empty() {
                    continue;
                }
                let header: Header = serde_json::from_slice(line)
                    .map_err(|_| wrong("not the beginning of an operator's journal".to_owned()))?;
                if header.rollup != wanted.rollup {
                    let (found, wanted) = (header.rollup, wanted.rollup.clone());
                    return Err(JournalError::OtherRollup { path, found, wanted });
                }
                continue;
            }
            match serde_json::from_slice::<Line>(line) {
                Ok(line) => self.learn(line),
                Err(error) if error.is_eof() => {}
                Err(error) => return Err(wrong(error.to_string())),
            }
        }
        Ok(())
    }

    fn learn(&mut self, line: Line) {
        match line {
            Line::Begin(begin) => {
                let key = Key::from(begin.key);
                let cap = Tez::of_mutez(begin.cap);
                self.spent.push(Spending { of: key.clone(), at: begin.at, cap });
                let (at, head, count) = (begin.at, Level(begin.head), begin.count);
                let last = LastTry { ended: None, at, head, count };
                let is_lost = self.records.get(&key).is_some_and(|record| record.is_lost);
                self.records.insert(key, Record { is_lost, ..Record::new(last) });
            }
            Line::End(end) => {
                let (key, ended) = (Key::from(end.key), Ended::from(end.result));
                if ended == Ended::Refused {
                    // Nothing was sent, and so nothing was paid.
                    let last = self.spent.iter().rposition(|one| one.of == key);
                    last.map(|last| self.spent.remove(last));
                }
                let count = self.records.get(&key).map_or(1, |record| record.last.count);
                let last = LastTry { ended: Some(ended), at: end.at, head: Level(end.head), count };
                let record = Record { operation: end.operation, why: end.why, ..Record::new(last) };
                self.records.insert(key, record);
            }
            Line::Settled(mark) => {
                if let Some(record) = self.records.get_mut(&Key::from(mark.key)) {
                    record.settled = Some(mark.at);
                }
            }
            Line::Lost(mark) => {
                let last = LastTry { ended: None, at: mark.at, head: Level(0), count: 0 };
                let record = self.records.entry(mark.key.into());
                record.or_insert_with(|| Record::new(last)).is_lost = true;
            }
            Line::Spent { at, cap, key } => {
                self.spent.push(Spending { of: key.into(), at, cap: Tez::of_mutez(cap) });
            }
        }
    }

    /// Writes the journal anew: what counts of each message, and what was paid in the last day.
    fn rewrite(&mut self, header: &Header, now: i64) -> Result<(), JournalError> {
        let is_old = |at: i64| now.saturating_sub(at) >= DAY_SECONDS;
        self.records.retain(|_, record| !record.settled.is_some_and(is_old));
        self.spent.retain(|one| !is_old(one.at));
        let mut bytes = header.to_bytes();
        for one in &self.spent {
            let (at, cap, key) = (one.at, one.cap.mutez(), (&one.of).into());
            bytes.extend(Line::Spent { at, cap, key }.to_bytes());
        }
        for (key, record) in &self.records {
            bytes.extend(record.lines(key).iter().flat_map(Line::to_bytes));
        }
        let failing = failing("write", &self.path);
        let put = || {
            let mut draft = Draft::new(&self.path, Readers::Owner)?;
            draft.file().write_all(&bytes)?;
            draft.put()
        };
        self.file = put().map_err(failing)?;
        Ok(())
    }
}

fn failing(action: &'static str, path: &Path) -> impl Fn(io::Error) -> JournalError + use<> {
    let path = path.to_owned();
    move |source| JournalError::Io { action, path: path.clone(), source }
}
