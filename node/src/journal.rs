//! Which outbox messages have been executed, and at which level: kept beside the rollup's file, so
//! that each is executed once, whenever the process ends.
//!
//! A line a message, written and on the disk before the execution is reported. What was executed at
//! a level that is gone back from was not executed.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::error::NodeError;

/// The first line of the file.
const HEADER: &str = "toru sandbox, executed outbox messages: outbox level, index, executed at";

/// What has been executed: by outbox level and index, the level at which.
#[derive(Debug, Default)]
pub struct Journal {
    executed: BTreeMap<(i32, u32), i32>,
    file: Option<(PathBuf, File)>,
}

impl Journal {
    /// One that is forgotten when the process ends.
    #[must_use]
    pub fn in_memory() -> Self {
        Self::default()
    }

    /// Starts one anew for a rollup that is new.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn create(path: &Path) -> Result<Self, NodeError> {
        Self::write_whole(path.to_owned(), BTreeMap::new()).map_err(|error| failed(&error))
    }

    /// Goes on with one, or starts it if there is none yet. What was executed after `last`, the level
    /// that the rollup is at, was not.
    ///
    /// # Errors
    /// When the file cannot be read or written, or is no such record.
    pub fn open(path: &Path, last: i32) -> Result<Self, NodeError> {
        let text = match fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Self::create(path),
            Err(error) => return Err(failed(&error)),
        };
        let mut executed = read(&text)?;
        executed.retain(|_, at| *at <= last);
        Self::write_whole(path.to_owned(), executed).map_err(|error| failed(&error))
    }

    /// When a message was executed.
    #[must_use]
    pub fn executed(&self, level: i32, index: u32) -> Option<i32> {
        self.executed.get(&(level, index)).copied()
    }

    /// Puts down that a message is executed.
    pub(crate) fn execute(&mut self, level: i32, index: u32, at: i32) -> Result<(), NodeError> {
        if let Some((_, file)) = &mut self.file {
            let line = format!("{level} {index} {at}\n");
            file.write_all(line.as_bytes())
                .and_then(|()| file.sync_data())
                .map_err(|error| failed(&error))?;
        }
        self.executed.insert((level, index), at);
        Ok(())
    }

    /// Forgets what was executed after a level.
    pub(crate) fn revert(&mut self, level: i32) -> Result<(), NodeError> {
        self.executed.retain(|_, at| *at <= level);
        if let Some((path, _)) = &self.file {
            let executed = std::mem::take(&mut self.executed);
            *self = Self::write_whole(path.clone(), executed).map_err(|error| failed(&error))?;
        }
        Ok(())
    }

    /// Writes all of it to a new file, and puts that in the place of the old one.
    fn write_whole(path: PathBuf, executed: BTreeMap<(i32, u32), i32>) -> io::Result<Self> {
        let mut draft = path.clone().into_os_string();
        draft.push(".new");
        let mut text = format!("{HEADER}\n");
        for ((level, index), at) in &executed {
            text.push_str(&format!("{level} {index} {at}\n"));
        }
        let mut file = File::create(&draft)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        fs::rename(&draft, &path)?;
        let file = OpenOptions::new().append(true).open(&path)?;
        Ok(Self { executed, file: Some((path, file)) })
    }
}

/// A line that was cut off was never reported, so it does not count.
fn read(text: &str) -> Result<BTreeMap<(i32, u32), i32>, NodeError> {
    let whole = text.rfind('\n').map_or("", |end| &text[..end]);
    let mut lines = whole.lines();
    if lines.next() != Some(HEADER) {
        return Err(NodeError::Journal("not such a record".to_owned()));
    }
    let entry = |line: &str| {
        let mut words = line.split(' ');
        let level = words.next()?.parse().ok()?;
        let index = words.next()?.parse().ok()?;
        let at = words.next()?.parse().ok()?;
        words.next().is_none().then_some(((level, index), at))
    };
    let wrong = |line: &str| NodeError::Journal(format!("a line that means nothing: {line:?}"));
    lines.map(|line| entry(line).ok_or_else(|| wrong(line))).collect()
}

fn failed(error: &io::Error) -> NodeError {
    NodeError::Journal(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_remembers_across_ends_and_going_back() {
        let path = std::env::temp_dir().join(format!("node-journal-{}", std::process::id()));
        let mut journal = Journal::create(&path).unwrap();
        journal.execute(3, 0, 10).unwrap();
        journal.execute(3, 1, 12).unwrap();
        drop(journal);

        // A line without its end was cut off while it was written.
        let mut file = OpenOptions::new().append(true).open(&path).unwrap();
        file.write_all(b"4 0 1").unwrap();
        let mut journal = Journal::open(&path, 12).unwrap();
        assert_eq!(journal.executed(3, 0), Some(10));
        assert_eq!(journal.executed(3, 1), Some(12));
        assert_eq!(journal.executed(4, 0), None);
        journal.revert(11).unwrap();
        journal.execute(5, 7, 11).unwrap();
        drop(journal);

        let journal = Journal::open(&path, 10).unwrap();
        assert_eq!(journal.executed(3, 0), Some(10));
        assert_eq!((journal.executed(3, 1), journal.executed(5, 7)), (None, None));
        drop(journal);
        fs::write(&path, "something else\n").unwrap();
        assert!(matches!(Journal::open(&path, 10), Err(NodeError::Journal(_))));
        fs::write(&path, format!("{HEADER}\n1 2\n")).unwrap();
        assert!(matches!(Journal::open(&path, 10), Err(NodeError::Journal(_))));
        fs::remove_file(&path).unwrap();
    }
}
