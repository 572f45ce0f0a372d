//! Whose file it is, as its first bytes say, before SQLite touches it.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Read};
use std::path::{Path, PathBuf};

use crate::error::HistoryError;

/// What SQLite keeps in the head of each index: the program that a database is of.
pub(crate) const APPLICATION: i32 = i32::from_be_bytes(*b"toru");

/// The version of the schema. An index of another one is built anew.
pub(crate) const VERSION: u32 = 2;

/// What every database of SQLite begins with.
const MAGIC: &[u8; 16] = b"SQLite format 3\0";

/// Bytes of the head up to the program's number and with it.
const HEAD_BYTES: usize = 72;

/// What there is under a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FileKind {
    /// No file, or an empty one.
    Nothing,
    /// An index, of whatever version, and however damaged behind its head.
    Index,
    /// Anything else: it is not written, and not removed.
    Other,
}

/// What there is under a name.
pub(crate) fn kind_of(path: &Path) -> Result<FileKind, HistoryError> {
    read_kind(path).map_err(|source| HistoryError::Io { path: path.to_owned(), source })
}

fn read_kind(path: &Path) -> io::Result<FileKind> {
    let about = match fs::metadata(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(FileKind::Nothing),
        about => about?,
    };
    // To read a pipe would be to wait for somebody who writes into it.
    if !about.is_file() {
        return Ok(FileKind::Other);
    }
    let mut head = Vec::with_capacity(HEAD_BYTES);
    let most = u64::try_from(HEAD_BYTES).unwrap_or(u64::MAX);
    File::open(path)?.take(most).read_to_end(&mut head)?;
    let is_ours = head.len() == HEAD_BYTES
        && head.starts_with(MAGIC)
        && head.ends_with(&APPLICATION.to_be_bytes());
    Ok(match (head.is_empty(), is_ours) {
        (true, _) => FileKind::Nothing,
        (false, true) => FileKind::Index,
        (false, false) => FileKind::Other,
    })
}

/// Removes an index with what SQLite keeps beside it. Where there is none, nothing is done.
///
/// # Errors
/// When there is something else under its name, which stays, or the system refuses.
pub fn remove(path: &Path) -> Result<(), HistoryError> {
    match kind_of(path)? {
        FileKind::Nothing => return Ok(()),
        FileKind::Index => {}
        FileKind::Other => return Err(HistoryError::NotAnIndex(path.to_owned())),
    }
    // The file itself goes last: as long as it is there, it says whose the others are.
    for suffix in ["-wal", "-shm", ""] {
        let mut file = path.as_os_str().to_owned();
        file.push(suffix);
        let file = PathBuf::from(file);
        match fs::remove_file(&file) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                return Err(HistoryError::Io { path: file, source: error });
            }
            _ => {}
        }
    }
    Ok(())
}
