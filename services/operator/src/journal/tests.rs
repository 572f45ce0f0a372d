//! A journal says the same after a crash at any byte, and after it was written anew.

use super::*;
use serde_json::json;
use wallet::outbox::OutboxMessageId;

const ROLLUP: RollupAddress = RollupAddress([7; 20]);

fn key(level: i32, index: u32) -> Key {
    let id = OutboxMessageId { level: Level(level), index };
    Key::of(id, &json!({"transactions": [level]}))
}

fn open(path: &Path) -> Result<Journal, JournalError> {
    Journal::open(path, &ROLLUP, 2_000, false)
}

/// A journal with a try of each kind.
fn filled(path: &Path) -> Journal {
    let mut journal = open(path).unwrap();
    let cap = Tez::of_mutez(100);
    for (index, ended) in [(0, Ended::Refused), (1, Ended::Sent), (2, Ended::Unknown)] {
        journal.begin(&key(2, index), 1_000, Level(10), cap).unwrap();
        let why = Some("a \"reason\"\nof two lines".to_owned());
        journal.end(&key(2, index), 1_010, Level(11), ended, Some("op".to_owned()), why).unwrap();
    }
    journal.begin(&key(2, 0), 1_500, Level(20), cap).unwrap();
    journal.settled(&key(2, 1), 1_600).unwrap();
    journal.lost(&key(2, 3), 1_700).unwrap();
    journal
}

fn check(journal: &Journal) {
    let last = |index| journal.record(&key(2, index)).unwrap();
    let again = LastTry { ended: None, at: 1_500, head: Level(20), count: 2 };
    assert_eq!(last(0).last, again);
    let sent = LastTry { ended: Some(Ended::Sent), at: 1_010, head: Level(11), count: 1 };
    assert_eq!((last(1).last, last(1).settled), (sent, Some(1_600)));
    assert_eq!(last(2).last.ended, Some(Ended::Unknown));
    assert_eq!(last(2).why.as_deref(), Some("a \"reason\"\nof two lines"));
    assert!(last(3).is_lost && last(3).last_try().is_none());
    assert!(journal.record(&key(3, 0)).is_none());
    // The refused one has cost nothing.
    assert_eq!(journal.spent(2_000), Tez::of_mutez(300));
    assert_eq!(journal.spent(1_000 + DAY_SECONDS), Tez::of_mutez(100));
    assert_eq!(journal.spent(1_500 + DAY_SECONDS), Tez::default());
}

#[test]
fn what_is_in_it_is_there_again() {
    let folder = files::scratch().unwrap();
    let path = folder.path().join("deep/journal");
    check(&filled(&path));
    check(&open(&path).unwrap());
    // Another message at the same place is not that one.
    let other = Key { message: "0".repeat(16), ..key(2, 0) };
    assert!(open(&path).unwrap().record(&other).is_none());
    let mut journal = open(&path).unwrap();
    journal.rewrite(&Header { operator: 1, rollup: ROLLUP.to_string() }, 2_000).unwrap();
    check(&journal);
    journal.begin(&key(9, 9), 1_999, Level(30), Tez::default()).unwrap();
    drop(journal);
    let journal = open(&path).unwrap();
    check(&journal);
    assert!(journal.record(&key(9, 9)).is_some());
    drop(journal);
    // A day later what was executed is forgotten, and what was lost is not told again.
    let mut journal = open(&path).unwrap();
    let later = 1_600 + DAY_SECONDS;
    journal.rewrite(&Header { operator: 1, rollup: ROLLUP.to_string() }, later).unwrap();
    drop(journal);
    let journal = open(&path).unwrap();
    assert!(journal.record(&key(2, 1)).is_none());
    assert!(journal.record(&key(2, 3)).unwrap().is_lost);
    drop(journal);
    let journal = Journal::open(&path, &ROLLUP, 2_000, true).unwrap();
    assert!(journal.records.is_empty());
}

#[test]
fn a_crash_at_any_byte_leaves_a_journal() {
    let folder = files::scratch().unwrap();
    let path = folder.path().join("journal");
    drop(filled(&path));
    let whole = std::fs::read(&path).unwrap();
    let header = whole.iter().position(|byte| *byte == b'\n').unwrap();
    for cut in (header + 1..whole.len()).step_by(3) {
        std::fs::write(&path, &whole[..cut]).unwrap();
        let mut journal = open(&path).unwrap();
        let before = journal.records.clone();
        journal.begin(&key(5, 5), 1_900, Level(30), Tez::default()).unwrap();
        drop(journal);
        let journal = open(&path).unwrap();
        assert_eq!(journal.records.len(), before.len() + 1, "{cut}");
        assert!(before.iter().all(|(key, record)| journal.record(key) == Some(record)), "{cut}");
    }
}

#[test]
fn what_is_no_journal_of_this_rollup_is_refused() {
    let folder = files::scratch().unwrap();
    let path = folder.path().join("journal");
    let held = filled(&path);
    assert!(matches!(open(&path), Err(JournalError::InUse(_))));
    drop(held);
    let other = Journal::open(&path, &RollupAddress([8; 20]), 2_000, false);
    assert!(matches!(other, Err(JournalError::OtherRollup { .. })));
    let whole = std::fs::read_to_string(&path).unwrap();
    for (text, line) in [
        ("hello\n".to_owned(), 1),
        (whole.replace("\"begin\"", "\"start\""), 2),
        (format!("{whole}{{\"settled\":-1}}\n"), whole.lines().count() + 1),
    ] {
        std::fs::write(&path, text).unwrap();
        let found = open(&path).map(|_| ());
        let at = |found: &Result<(), JournalError>| match found {
            Err(JournalError::Line { line, .. }) => *line,
            _ => 0,
        };
        assert_eq!(at(&found), line, "{found:?}");
    }
    let nowhere = Path::new("/proc/nowhere/journal");
    assert!(matches!(open(nowhere), Err(JournalError::Io { .. })));
}
