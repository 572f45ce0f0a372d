//! What has been withdrawn, in a file of the wallet's own: lines of JSON that are only ever added.
//!
//! A line is on the disk before its withdrawal is sent, so that a crash at any moment loses none. The rest
//! is remembered to be asked for once only.

mod entry;
mod line;
#[cfg(test)]
mod tests;

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use encoding::{Hash32, RollupAddress};
use layer1::plain::grouped;

use crate::error::{io_words, one_line};
use crate::limits::MAX_FILE_BYTES;
use line::LogLine;

pub use entry::{LogEntry, LoggedWithdrawal, WithdrawalEnd};
pub use line::hash;

/// Why the file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum WithdrawalLogError {
    /// The system refuses.
    #[error("cannot {action} {}: {}", path.display(), io_words(source))]
    Io {
        /// What was tried.
        action: &'static str,
        /// With which file or folder.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// A line that nobody here has written.
    #[error("{}, line {line}: {problem}", path.display())]
    Line {
        /// Which file.
        path: PathBuf,
        /// Which line, from 1.
        line: usize,
        /// What is wrong.
        problem: String,
    },
    /// Longer than such a file may be.
    #[error("{}: more than {} bytes", path.display(), grouped(MAX_FILE_BYTES))]
    TooLong {
        /// Which file.
        path: PathBuf,
    },
}

/// The file of one rollup.
#[derive(Clone, Debug)]
pub struct WithdrawalLog {
    path: PathBuf,
}

impl WithdrawalLog {
    /// That of a rollup in a folder, neither of which need be there yet.
    #[must_use]
    pub fn new(folder: &Path, rollup: &RollupAddress) -> Self {
        WithdrawalLog { path: folder.join(format!("{rollup}.jsonl")) }
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Adds lines. They are on the disk when this returns. A folder that is made is for its owner alone
    /// (0700), as is the file (0600).
    ///
    /// # Errors
    /// When the system refuses.
    pub fn append(&self, entries: &[LogEntry]) -> Result<(), WithdrawalLogError> {
        if entries.is_empty() {
            return Ok(());
        }
        let failing = |action, path: &Path| {
            let path = path.to_owned();
            move |source| WithdrawalLogError::Io { action, path, source }
        };
        if let Some(folder) = self.path.parent() {
            files::own_folder(folder).map_err(failing("make", folder))?;
        }
        let file = files::append(&self.path, files::Readers::Owner);
        let mut file = file.map_err(failing("write", &self.path))?;
        file.lock().map_err(failing("lock", &self.path))?;
        let mut bytes = Vec::new();
        // What a crash has cut off was not sent: it stays an incomplete line.
        if !ends_a_line(&mut file).map_err(failing("read", &self.path))? {
            bytes.push(b'\n');
        }
        for entry in entries {
            // There is nothing in it that JSON could not say.
            bytes.extend(serde_json::to_vec(&LogLine::of(entry)).unwrap_or_default());
            bytes.push(b'\n');
        }
        let written = file.write_all(&bytes).and_then(|()| file.sync_all());
        written.map_err(failing("write", &self.path))?;
        // The name of a new file is the folder's.
        match self.path.parent().map(File::open) {
            Some(folder) => {
                folder.and_then(|folder| folder.sync_all()).map_err(failing("write", &self.path))
            }
            None => Ok(()),
        }
    }

    /// Everything in it, in the order in which it was sent. Without a file that is nothing. A line that
    /// was cut off is passed over.
    ///
    /// # Errors
    /// When the file cannot be read, or has a line that this code has not written.
    pub fn read(&self) -> Result<Vec<LoggedWithdrawal>, WithdrawalLogError> {
        let failing =
            |source| WithdrawalLogError::Io { action: "read", path: self.path.clone(), source };
        let file = match File::open(&self.path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            file => file.map_err(failing)?,
        };
        let mut bytes = Vec::new();
        // One byte more than there may be shows that there are more.
        file.take(MAX_FILE_BYTES + 1).read_to_end(&mut bytes).map_err(failing)?;
        if u64::try_from(bytes.len()).is_ok_and(|len| len > MAX_FILE_BYTES) {
            return Err(WithdrawalLogError::TooLong { path: self.path.clone() });
        }
        let mut records: Vec<LoggedWithdrawal> = Vec::new();
        for (number, line) in (1..).zip(bytes.split(|byte| *byte == b'\n')) {
            let entry = match entry(line) {
                Ok(Some(entry)) => entry,
                Ok(None) => continue,
                Err(problem) => {
                    return Err(WithdrawalLogError::Line {
                        path: self.path.clone(),
                        line: number,
                        problem,
                    });
                }
            };
            add(&mut records, entry);
        }
        Ok(records)
    }
}

/// Whether a file is empty or ends with a whole line.
fn ends_a_line(file: &mut File) -> io::Result<bool> {
    if file.seek(SeekFrom::End(0))? == 0 {
        return Ok(true);
    }
    let mut last = [0];
    file.seek(SeekFrom::End(-1))?;
    file.read_exact(&mut last)?;
    Ok(last == [b'\n'])
}

/// Reads a line; `None` if it was cut off, which is where JSON ends too early.
fn entry(line: &[u8]) -> Result<Option<LogEntry>, String> {
    match serde_json::from_slice::<LogLine>(line) {
        Ok(line) => line.entry().map(Some),
        Err(error) if error.is_eof() => Ok(None),
        Err(error) => Err(one_line(&error.to_string())),
    }
}

/// Takes a line in. What was sent again is one withdrawal, of which nothing is known but that.
fn add(records: &mut Vec<LoggedWithdrawal>, entry: LogEntry) {
    let mut of = |hash: &Hash32, change: &dyn Fn(&mut LoggedWithdrawal)| {
        records.iter_mut().filter(|one| one.withdrawal.hash == *hash).for_each(change);
    };
    match entry {
        LogEntry::Sent(withdrawal) => {
            records.retain(|one| one.withdrawal.hash != withdrawal.hash);
            records.push(LoggedWithdrawal::new(withdrawal));
        }
        LogEntry::Applied(hash, level) => of(&hash, &|one| one.applied = Some(level)),
        LogEntry::Searched(hash, level) => of(&hash, &|one| one.searched = Some(level)),
        LogEntry::Found(hash, id) => of(&hash, &|one| one.found = Some(id)),
        LogEntry::Ended(hash, end) => of(&hash, &|one| one.end = Some(end)),
    }
}
