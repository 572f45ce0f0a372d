//! Which outbox messages have been executed, and at which level: kept beside the rollup's file, so
//! that each is executed once, whenever the process ends.
//!
//! A line a message, written and on the disk before the execution is reported. What was executed at
//! a level that is gone back from was not executed.

use std::collections::BTreeMap;
use std::path::Path;

use crate::error::NodeError;
use crate::record_log::RecordLog;

/// What it is, for errors.
const WHAT: &str = "the record of executed messages";
/// The first line of the file.
const HEADER: &str = "toru sandbox, executed outbox messages: outbox level, index, executed at";

/// By outbox level and index, the level at which a message was executed.
type Executed = BTreeMap<(i32, u32), i32>;

/// What has been executed.
#[derive(Debug)]
pub struct ExecutionLog {
    executed: Executed,
    lines: RecordLog,
}

impl ExecutionLog {
    /// One that is forgotten when the process ends.
    #[must_use]
    pub fn in_memory() -> Self {
        Self { executed: Executed::new(), lines: RecordLog::nowhere(WHAT, HEADER) }
    }

    /// Starts one anew for a rollup that is new.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn create(path: &Path) -> Result<Self, NodeError> {
        let lines = RecordLog::create(path, WHAT, HEADER, "")?;
        Ok(Self { executed: Executed::new(), lines })
    }

    /// Continues a log, or starts a new one. Executions after `last`, the rollup's present level, are
    /// dropped.
    ///
    /// # Errors
    /// When the file cannot be read or written, or is not such a record.
    pub fn open(path: &Path, last: i32) -> Result<Self, NodeError> {
        let lines = RecordLog::read(path, WHAT, HEADER)?;
        let entry = |line: &String| entry(line).ok_or_else(|| NodeError::invalid_line(WHAT, line));
        let mut executed = lines.iter().map(entry).collect::<Result<Executed, NodeError>>()?;
        executed.retain(|_, at| *at <= last);
        let lines = RecordLog::create(path, WHAT, HEADER, &text(&executed))?;
        Ok(Self { executed, lines })
    }

    /// When a message was executed.
    #[must_use]
    pub fn executed(&self, level: i32, index: u32) -> Option<i32> {
        self.executed.get(&(level, index)).copied()
    }

    /// Records that a message is executed.
    pub(crate) fn execute(&mut self, level: i32, index: u32, at: i32) -> Result<(), NodeError> {
        self.lines.append(&format!("{level} {index} {at}\n"))?;
        self.executed.insert((level, index), at);
        Ok(())
    }

    /// Forgets what was executed after a level.
    pub(crate) fn revert(&mut self, level: i32) -> Result<(), NodeError> {
        self.executed.retain(|_, at| *at <= level);
        self.lines.replace(&text(&self.executed))
    }
}

fn text(executed: &Executed) -> String {
    executed.iter().map(|((level, index), at)| format!("{level} {index} {at}\n")).collect()
}

fn entry(line: &str) -> Option<((i32, u32), i32)> {
    let mut words = line.split(' ');
    let level = words.next()?.parse().ok()?;
    let index = words.next()?.parse().ok()?;
    let at = words.next()?.parse().ok()?;
    words.next().is_none().then_some(((level, index), at))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::{self, OpenOptions};
    use std::io::Write;

    #[test]
    fn it_remembers_across_ends_and_going_back() {
        let path = std::env::temp_dir().join(format!("node-execution-log-{}", std::process::id()));
        let mut log = ExecutionLog::create(&path).unwrap();
        log.execute(3, 0, 10).unwrap();
        log.execute(3, 1, 12).unwrap();
        drop(log);

        // A line without its end was cut off while it was written.
        let mut file = OpenOptions::new().append(true).open(&path).unwrap();
        file.write_all(b"4 0 1").unwrap();
        let mut log = ExecutionLog::open(&path, 12).unwrap();
        assert_eq!(log.executed(3, 0), Some(10));
        assert_eq!(log.executed(3, 1), Some(12));
        assert_eq!(log.executed(4, 0), None);
        log.revert(11).unwrap();
        log.execute(5, 7, 11).unwrap();
        drop(log);

        let log = ExecutionLog::open(&path, 10).unwrap();
        assert_eq!(log.executed(3, 0), Some(10));
        assert_eq!((log.executed(3, 1), log.executed(5, 7)), (None, None));
        drop(log);
        fs::write(&path, "something else\n").unwrap();
        assert!(matches!(ExecutionLog::open(&path, 10), Err(NodeError::Record { .. })));
        fs::write(&path, format!("{HEADER}\n1 2\n")).unwrap();
        assert!(matches!(ExecutionLog::open(&path, 10), Err(NodeError::Record { .. })));
        fs::remove_file(&path).unwrap();
    }
}
