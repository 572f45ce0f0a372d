//! Levels that are kept are played again: they come to the same, unless somebody has changed the file.

use crate::common::{Change, Folder, busy, config, messages, pvm};
use pvm::{NativeHost, NativeProgram, Pvm, PvmError};
use redb::{Database, Key, TableDefinition, Value};
use std::path::Path;
use store::{Difference, Persistent, ReplayError, Store, StoreError};

const HEAD: TableDefinition<'_, (&str, u32), &[u8]> = TableDefinition::new("head");
const UNDO: TableDefinition<'_, (i32, &str, u32), Option<&[u8]>> = TableDefinition::new("undo");
const INBOX: TableDefinition<'_, (i32, u32), &[u8]> = TableDefinition::new("inbox");
const OUTBOX: TableDefinition<'_, (i32, u32), &[u8]> = TableDefinition::new("outbox");

/// Puts something else into a row of the file, or takes it away.
fn tamper<K: Key + 'static, V: Value + 'static>(
    path: &Path,
    table: TableDefinition<'_, K, V>,
    key: K::SelfType<'_>,
    value: Option<V::SelfType<'_>>,
) {
    let db = Database::open(path).unwrap();
    let txn = db.begin_write().unwrap();
    {
        let mut table = txn.open_table(table).unwrap();
        let before = match value {
            Some(value) => table.insert(key, value).unwrap(),
            None => table.remove(key).unwrap(),
        };
        assert!(before.is_some(), "there is such a row");
    }
    txn.commit().unwrap();
}

/// The levels that part, with where.
fn parted(store: &Store) -> Result<Vec<(i32, Vec<Difference>)>, ReplayError> {
    let mut pvm = store.replayer(None, config()).unwrap();
    let mut parted = Vec::new();
    let mut played = Vec::new();
    let levels = store.levels(..).unwrap();
    let (first, last) = (levels[0].level, store.last());
    store.replay(first..=last, &mut pvm, |replayed| {
        played.push(replayed.level);
        if !replayed.differences.is_empty() {
            parted.push((replayed.level, replayed.differences));
        }
    })?;
    assert_eq!(played, (first..=last).rev().collect::<Vec<_>>());
    Ok(parted)
}

/// Whether nothing but the hash of the state differs.
fn is_hash(differences: &[Difference]) -> bool {
    matches!(differences, [Difference::Fact { what: "state hash", .. }])
}

#[test]
fn what_nobody_has_changed_comes_to_the_same() {
    let folder = Folder::in_memory("replay");
    let store = busy(&folder.path("store"));
    assert_eq!(parted(&store).unwrap(), []);
    let last = store.last();
    let state = store.durable().clone();
    let mut pvm = store.replayer(None, config()).unwrap();
    let mut levels = Vec::new();
    store.replay(last - 3..=last - 1, &mut pvm, |replayed| levels.push(replayed.level)).unwrap();
    assert_eq!(levels, [last - 1, last - 2, last - 3]);
    assert!(*store.durable() == state, "nothing has changed");
}

#[test]
fn a_value_that_was_changed_is_found_with_both_values() {
    let folder = Folder::in_memory("replay-value");
    let path = folder.path("store");
    let last = busy(&path).last();
    let mut kept = vec![5; 700];
    kept[3] ^= 1;
    // The length before it, and that both of its pages are there behind it.
    let row = [&700_u32.to_le_bytes()[..], &kept, &[0b11]].concat();
    tamper(&path, HEAD, ("/v/5", 0), Some(row.as_slice()));
    let found = parted(&Store::open(&path).unwrap()).unwrap();
    let value = Difference::Value {
        path: "/v/5".to_owned(),
        part: 0,
        kept: Some(kept),
        found: Some(vec![5; 700]),
    };
    assert_eq!(found, [(last, vec![value])], "in no level but the one that wrote it");
}

#[test]
fn a_value_that_was_taken_away_or_put_into_an_earlier_state_is_found() {
    let folder = Folder::in_memory("replay-undo");
    let path = folder.path("store");
    let last = busy(&path).last();
    // What /v/5 was before the last level wrote it: nothing. Now the level before seems to have left it.
    tamper(&path, UNDO, (last, "/v/5", 0), Some(Some(&[1, 0, 0, 0, 9, 1][..])));
    let found = parted(&Store::open(&path).unwrap()).unwrap();
    let levels: Vec<i32> = found.iter().map(|(level, _)| *level).collect();
    // The last level overwrites it, so that this one comes to the same. The states before it have another hash.
    let before: Vec<i32> = (last - 5..last).rev().collect();
    assert_eq!(levels, before, "{found:?}");
    assert!(found.iter().all(|(_, differences)| is_hash(differences)), "{found:?}");
}

#[test]
fn a_message_of_an_outbox_that_was_changed_is_found_with_its_index() {
    let folder = Folder::in_memory("replay-outbox");
    let path = folder.path("store");
    let last = busy(&path).last();
    tamper(&path, OUTBOX, (last - 1, 1), Some(&b"other"[..]));
    let found = parted(&Store::open(&path).unwrap()).unwrap();
    let message =
        Difference::Outbox { index: 1, kept: Some(b"other".to_vec()), found: Some(vec![7]) };
    let [(level, hash), changed] = &found[..] else { panic!("{found:?}") };
    // The outbox is part of the state after the next level, too.
    assert!(*level == last && is_hash(hash), "{found:?}");
    assert_eq!(*changed, (last - 1, vec![message]));
}

#[test]
fn counts_that_were_told_wrong_are_found() {
    let folder = Folder::in_memory("replay-counts");
    let mut pvm = pvm();
    let mut store = Store::create(&folder.path("store"), &pvm).unwrap();
    let changes = messages(&[Change::Write("/x".to_owned(), 0, vec![1])]);
    let mut report = pvm.run_level(&changes).unwrap();
    let (instructions, host_calls) = (report.instructions().unwrap(), report.host_call_count());
    report.runs[0].instructions = Some(instructions + 1);
    report.runs[0].host_calls += 1;
    report.unread = 3;
    store.commit(&pvm, &report, &changes).unwrap();
    let fact = |what, kept: u64, found: u64| Difference::Fact {
        what,
        kept: kept.to_string(),
        found: found.to_string(),
    };
    let expected = vec![
        fact("instructions", instructions + 1, instructions),
        fact("host calls", host_calls + 1, host_calls),
        fact("unread messages", 3, 0),
    ];
    assert_eq!(parted(&store).unwrap(), [(report.level, expected)]);
}

#[test]
fn an_inbox_that_is_not_whole_or_another_one_is_not_played() {
    let folder = Folder::in_memory("replay-inbox");
    let path = folder.path("store");
    let last = busy(&path).last();
    tamper(&path, INBOX, (last - 2, 1), Some(&b"\x01other"[..]));
    let refused = parted(&Store::open(&path).unwrap()).unwrap_err();
    assert!(matches!(refused, ReplayError::OtherInbox { level } if level == last - 2));
    tamper(&path, INBOX, (last - 1, 0), None);
    let refused = parted(&Store::open(&path).unwrap()).unwrap_err();
    assert!(matches!(refused, ReplayError::NoInbox { level } if level == last - 1));
}

#[test]
fn levels_that_are_not_kept_cannot_be_played_again() {
    let folder = Folder::in_memory("replay-kept");
    let store = busy(&folder.path("store"));
    let (oldest, last) = (store.oldest().unwrap(), store.last());
    let mut pvm = store.replayer(None, config()).unwrap();
    for levels in [oldest..=last, last..=last + 1, i32::MIN..=last, last + 5..=last + 5] {
        let refused = store.replay(levels.clone(), &mut pvm, |_| panic!("{levels:?}"));
        let Err(ReplayError::Store(StoreError::NotKept { .. })) = refused else {
            panic!("{levels:?}: {refused:?}")
        };
    }
}

#[test]
fn a_program_is_played_by_a_program() {
    let folder = Folder::in_memory("replay-native");
    let native = || Box::new(NativeProgram::new(|_: &NativeHost| ()));
    let pvm = Pvm::originate(native(), config());
    let mut real = Persistent::create(&folder.path("store"), pvm).unwrap();
    real.run_level(&[b"\x01x".to_vec()]).unwrap();
    let store = real.into_store();
    let refused = store.replayer(None, config());
    assert!(matches!(refused.err(), Some(StoreError::OtherRollup { what: "kernel", .. })));
    let mut pvm = store.replayer(Some(native()), config()).unwrap();
    let mut levels = 0;
    let last = store.last();
    store
        .replay(last..=last, &mut pvm, |replayed| {
            assert_eq!(replayed.differences, []);
            levels += 1;
        })
        .unwrap();
    assert_eq!(levels, 1);
}

#[test]
fn a_level_that_cannot_be_played_any_more_is_told() {
    let folder = Folder::in_memory("replay-interrupt");
    let store = busy(&folder.path("store"));
    let interrupted = config();
    interrupted.interrupt.set();
    let mut pvm = store.replayer(None, interrupted).unwrap();
    let last = store.last();
    let refused = store.replay(last..=last, &mut pvm, |_| panic!("it is not played"));
    let Err(ReplayError::Pvm { level, source: PvmError::Interrupted }) = refused else {
        panic!("{refused:?}")
    };
    assert_eq!(level, last);
}
