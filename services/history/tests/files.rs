//! Files that are an index, that are a damaged one, and that are something else: nothing of others is touched.

use std::fs;
use std::path::{Path, PathBuf};

use history::{HistoryError, Options, Readers, Store, remove, start};
use rusqlite::Connection;
use wallet::rpc::Node;

fn begun(file: &Path, rebuild: bool) -> Result<(), HistoryError> {
    let node = Node::new("http://127.0.0.1:9").unwrap();
    start(Options { rebuild, ..Options::new(file.to_owned()) }, node).map(|running| {
        running.stop();
        running.join().unwrap();
    })
}

/// Everything in a folder.
fn all(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut all: Vec<(PathBuf, Vec<u8>)> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_file())
        .map(|path| (path.clone(), fs::read(path).unwrap()))
        .collect();
    all.sort();
    all
}

#[test]
fn what_is_no_index_stays_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let named = |name: &str| folder.path().join(name);
    fs::write(named("letter.txt"), "Dear Sir").unwrap();
    fs::write(named("short"), [7]).unwrap();
    fs::write(named("noise"), [7; 10_000]).unwrap();
    fs::create_dir(named("folder")).unwrap();
    // Beside files whose names SQLite would take for its own.
    fs::write(named("letter.txt-wal"), "of mine").unwrap();
    // Databases of others: with nothing in it yet, and with tables whose names are ours.
    let empty = Connection::open(named("empty.sqlite")).unwrap();
    empty.execute_batch("CREATE TABLE t (a); DROP TABLE t").unwrap();
    drop(empty);
    let theirs = Connection::open(named("theirs.sqlite")).unwrap();
    theirs
        .execute_batch(
            "CREATE TABLE meta (name TEXT, value TEXT); INSERT INTO meta VALUES ('version', '0'); \
             CREATE TABLE levels (level INTEGER PRIMARY KEY)",
        )
        .unwrap();
    drop(theirs);
    let before = all(folder.path());
    for name in ["letter.txt", "short", "noise", "folder", "empty.sqlite", "theirs.sqlite"] {
        let file = named(name);
        for rebuild in [false, true] {
            let refused = begun(&file, rebuild);
            assert!(matches!(refused, Err(HistoryError::NotAnIndex(_))), "{name}: {refused:?}");
        }
        let refused = Store::open(&file, "sr1").map(|_| ());
        assert!(matches!(refused, Err(HistoryError::NotAnIndex(_))), "{name}: {refused:?}");
        let refused = Readers::open(&file).map(|_| ());
        assert!(matches!(refused, Err(HistoryError::NotAnIndex(_))), "{name}: {refused:?}");
        let refused = remove(&file);
        assert!(matches!(refused, Err(HistoryError::NotAnIndex(_))), "{name}: {refused:?}");
    }
    assert_eq!(all(folder.path()), before);
}

#[test]
fn a_damaged_index_is_made_anew_if_that_is_wanted() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("index.sqlite");
    begun(&file, false).unwrap();
    let mut bytes = fs::read(&file).unwrap();
    // Where SQLite keeps whose it is, stays.
    bytes[100..].fill(7);
    fs::write(&file, &bytes).unwrap();
    let refused = begun(&file, false).unwrap_err();
    assert!(refused.is_damage(), "{refused:?}");
    assert_eq!(fs::read(&file).unwrap(), bytes);
    begun(&file, true).unwrap();
    begun(&file, false).unwrap();
}

#[test]
fn an_empty_file_becomes_an_index_and_a_process_that_was_killed_leaves_one() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("index.sqlite");
    fs::write(&file, []).unwrap();
    // Dropped without an end: all but the first page is in the log.
    let store = Store::open(&file, "sr1").unwrap();
    std::mem::forget(store);
    let copy = folder.path().join("copy.sqlite");
    fs::copy(&file, &copy).unwrap();
    // Without its log it is one that has no tables.
    Store::open(&copy, "sr1").unwrap();
    Store::open(&file, "sr1").unwrap();
}

#[test]
fn an_index_is_removed_with_what_is_beside_it() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("index.sqlite");
    remove(&file).unwrap();
    let store = Store::open(&file, "sr1").unwrap();
    assert!(all(folder.path()).len() > 1);
    remove(&file).unwrap();
    assert_eq!(all(folder.path()), []);
    drop(store);
}
