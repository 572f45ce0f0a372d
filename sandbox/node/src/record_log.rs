//! A file of lines beside the rollup's: a header, then lines that are on the disk before what they
//! say is reported. What the records of this crate have in common.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use files::{Draft, Readers};

use crate::error::NodeError;

/// Such a file, or none: then nothing outlives the process.
#[derive(Debug)]
pub(crate) struct RecordLog {
    /// What it is, for errors.
    what: &'static str,
    /// The first line.
    header: &'static str,
    kept: Option<Kept>,
}

#[derive(Debug)]
struct Kept {
    path: PathBuf,
    file: File,
    /// Bytes: all of it, each of them on the disk.
    len: u64,
    /// Bytes: what it was when it was last written as a whole.
    base: u64,
    /// Why nothing can be added any more.
    broken: Option<String>,
}

impl RecordLog {
    /// None: what is appended is forgotten.
    pub(crate) fn nowhere(what: &'static str, header: &'static str) -> Self {
        Self { what, header, kept: None }
    }

    /// Makes the file anew, with these lines in it.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(crate) fn create(
        path: &Path,
        what: &'static str,
        header: &'static str,
        lines: &str,
    ) -> Result<Self, NodeError> {
        let kept = Kept::create(path, header, lines).map_err(|error| failed(what, &error))?;
        Ok(Self { what, header, kept: Some(kept) })
    }

    /// The lines of a file; no lines if there is no file. A last line that was cut off was never
    /// accepted, so it does not count.
    ///
    /// # Errors
    /// When it cannot be read, or has another header.
    pub(crate) fn read(
        path: &Path,
        what: &'static str,
        header: &'static str,
    ) -> Result<Vec<String>, NodeError> {
        let bytes = match fs::read(path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(failed(what, &error)),
        };
        let end = bytes.iter().rposition(|byte| *byte == b'\n').unwrap_or(0);
        let no_text = |_| NodeError::Record { what, problem: "it is not text".to_owned() };
        let whole = std::str::from_utf8(&bytes[..end]).map_err(no_text)?;
        let mut lines = whole.lines();
        if lines.next() != Some(header) {
            return Err(NodeError::Record {
                what,
                problem: "its first line is not that of this record".to_owned(),
            });
        }
        Ok(lines.map(str::to_owned).collect())
    }

    /// Adds lines. They are on the disk when this returns.
    ///
    /// # Errors
    /// When they cannot be written. Then none of them is there, and if that cannot be made sure of,
    /// nothing is taken any more.
    pub(crate) fn append(&mut self, lines: &str) -> Result<(), NodeError> {
        let Some(kept) = &mut self.kept else { return Ok(()) };
        kept.append(lines).map_err(|error| failed(self.what, &error))
    }

    /// Writes all of it to a new file, which replaces the old one.
    ///
    /// # Errors
    /// When it cannot be written. Then nothing is taken any more.
    pub(crate) fn replace(&mut self, lines: &str) -> Result<(), NodeError> {
        let Some(kept) = &mut self.kept else { return Ok(()) };
        match Kept::create(&kept.path, self.header, lines) {
            Ok(new) => {
                *kept = new;
                Ok(())
            }
            Err(error) => {
                kept.broken = Some(error.to_string());
                Err(failed(self.what, &error))
            }
        }
    }

    /// Whether anything outlives the process.
    pub(crate) fn is_kept(&self) -> bool {
        self.kept.is_some()
    }

    /// Bytes that were added since it was last written as a whole, and what it was then.
    pub(crate) fn grown(&self) -> (u64, u64) {
        self.kept.as_ref().map_or((0, 0), |kept| (kept.len - kept.base, kept.base))
    }
}

impl Kept {
    fn create(path: &Path, header: &str, lines: &str) -> io::Result<Self> {
        let text = format!("{header}\n{lines}");
        let mut draft = Draft::new(path, Readers::All)?;
        draft.file().write_all(text.as_bytes())?;
        let file = draft.put()?;
        let len = u64::try_from(text.len()).unwrap_or(u64::MAX);
        Ok(Self { path: path.to_owned(), file, len, base: len, broken: None })
    }

    fn append(&mut self, lines: &str) -> io::Result<()> {
        if let Some(why) = &self.broken {
            return Err(io::Error::other(format!("it could not be written before: {why}")));
        }
        let written = self.file.write_all(lines.as_bytes()).and_then(|()| self.file.sync_data());
        if let Err(error) = written {
            // Half a line must not become the beginning of the next one.
            if let Err(again) = self.file.set_len(self.len).and_then(|()| self.file.sync_all()) {
                self.broken = Some(again.to_string());
            }
            return Err(error);
        }
        self.len += u64::try_from(lines.len()).unwrap_or(0);
        Ok(())
    }
}

fn failed(what: &'static str, error: &io::Error) -> NodeError {
    NodeError::Record { what, problem: error.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &str = "lines";

    #[test]
    fn lines_are_there_again_and_what_was_cut_off_is_not() {
        let path = std::env::temp_dir().join(format!("node-lines-{}", std::process::id()));
        let mut lines = RecordLog::create(&path, "a test", HEADER, "first\n").unwrap();
        lines.append("second\nthird\n").unwrap();
        assert_eq!(lines.grown(), (13, 12));
        let read = || RecordLog::read(&path, "a test", HEADER);
        assert_eq!(read().unwrap(), ["first", "second", "third"]);
        let whole = fs::read(&path).unwrap();
        for cut in 0..whole.len() {
            fs::write(&path, &whole[..cut]).unwrap();
            let expected = match cut {
                ..6 => {
                    assert!(matches!(read(), Err(NodeError::Record { .. })), "{cut}");
                    continue;
                }
                6..12 => 0,
                12..19 => 1,
                19..25 => 2,
                _ => 3,
            };
            assert_eq!(read().unwrap().len(), expected, "{cut}");
        }
        lines.replace("only\n").unwrap();
        assert_eq!(read().unwrap(), ["only"]);
        assert_eq!(lines.grown(), (0, 11));
        fs::write(&path, [0xff, b'\n', b'\n']).unwrap();
        assert!(matches!(read(), Err(NodeError::Record { .. })));
        fs::remove_file(&path).unwrap();
        assert!(read().unwrap().is_empty());
    }

    #[cfg(unix)]
    #[test]
    fn nothing_is_written_through_links() {
        let folder = files::scratch().unwrap();
        let (theirs, path) = (folder.path().join("theirs"), folder.path().join("lines"));
        fs::write(&theirs, "precious").unwrap();
        for name in ["lines", "lines.new"] {
            std::os::unix::fs::symlink(&theirs, folder.path().join(name)).unwrap();
        }
        let mut lines = RecordLog::create(&path, "a test", HEADER, "first\n").unwrap();
        lines.append("second\n").unwrap();
        lines.replace("third\n").unwrap();
        lines.append("fourth\n").unwrap();
        assert_eq!(RecordLog::read(&path, "a test", HEADER).unwrap(), ["third", "fourth"]);
        assert_eq!(fs::read_to_string(&theirs).unwrap(), "precious");
    }

    #[test]
    fn where_nothing_can_be_written_nothing_is_taken() {
        let folder = std::env::temp_dir().join(format!("node-no-folder-{}", std::process::id()));
        let gone = RecordLog::create(&folder.join("file"), "a test", HEADER, "");
        assert!(matches!(gone, Err(NodeError::Record { .. })));
        fs::create_dir(&folder).unwrap();
        let mut lines = RecordLog::create(&folder.join("file"), "a test", HEADER, "").unwrap();
        fs::remove_dir_all(&folder).unwrap();
        assert!(lines.replace("x\n").is_err());
        assert!(lines.append("y\n").is_err());
        let mut nowhere = RecordLog::nowhere("a test", HEADER);
        nowhere.append("x\n").unwrap();
        nowhere.replace("x\n").unwrap();
        assert_eq!(nowhere.grown(), (0, 0));
    }
}
