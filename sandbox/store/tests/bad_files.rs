//! Files that are no store, or not a whole one: each is refused with what is wrong, nothing is harmed, nothing is left
//! behind.

use std::fs;

use crate::common::{Folder, busy, config, exported, played, pvm};
use pvm::{Config, NativeHost, NativeProgram, Pvm};
use redb::{Database, TableDefinition};
use store::{FORMAT, KeptState, Persistent, Store, StoreError};

#[test]
fn what_is_no_store_is_said_to_be_none_and_stays_as_it_is() {
    let folder = Folder::in_memory("strange");
    let meta = TableDefinition::<&str, &[u8]>::new("meta");
    fs::write(folder.path("empty"), "").unwrap();
    fs::write(folder.path("text"), "a text that is no store, and longer than a magic").unwrap();
    fs::write(folder.path("magic"), b"redb\x1a\x0a\xa9\x0d\x0a").unwrap();
    fs::create_dir(folder.path("folder")).unwrap();
    drop(Database::create(folder.path("nothing")).unwrap());
    let database = Database::create(folder.path("foreign")).unwrap();
    let txn = database.begin_write().unwrap();
    txn.open_table(TableDefinition::<u8, u8>::new("meta")).unwrap().insert(1, 1).unwrap();
    txn.commit().unwrap();
    drop(database);
    for name in ["empty", "text", "magic", "folder", "nothing", "foreign"] {
        let before = fs::read(folder.path(name)).ok();
        let error = Store::open(&folder.path(name)).unwrap_err();
        let text = error.to_string();
        assert!(
            matches!(error, StoreError::NotAStore { .. } | StoreError::Damaged { .. }),
            "{name}: {text}"
        );
        // A whole database of something else is opened as such, and closed again.
        if !["nothing", "foreign"].contains(&name) {
            assert!(fs::read(folder.path(name)).ok() == before, "{name}");
        }
    }
    let error = Store::open(&folder.path("not-there")).unwrap_err();
    assert!(matches!(error, StoreError::Io { action: "open the store", .. }), "{error}");

    drop(played(&folder.path("newer")));
    let database = Database::open(folder.path("newer")).unwrap();
    let txn = database.begin_write().unwrap();
    let format = (FORMAT + 1).to_le_bytes();
    txn.open_table(meta).unwrap().insert("format", &format[..]).unwrap();
    txn.commit().unwrap();
    drop(database);
    let error = Store::open(&folder.path("newer")).unwrap_err();
    assert!(matches!(error, StoreError::OtherFormat { found } if found == FORMAT + 1), "{error}");
}

#[test]
fn a_damaged_store_is_noticed_or_is_still_the_same() {
    let folder = Folder::in_memory("damaged");
    let store = busy(&folder.path("store"));
    let expected = exported(&store);
    drop(store);
    let good = fs::read(folder.path("store")).unwrap();
    let path = folder.path("damaged");
    let mut noticed = 0;
    let mut harmless = 0;
    let mut attempt = |bytes: &[u8], what: &str| {
        fs::write(&path, bytes).unwrap();
        match Store::open(&path) {
            Ok(store) => {
                assert!(exported(&store) == expected, "{what}");
                harmless += 1;
            }
            Err(StoreError::Damaged { .. } | StoreError::NotAStore { .. }) => {
                assert!(fs::read(&path).unwrap() == bytes, "{what} was written to");
                noticed += 1;
            }
            Err(other) => panic!("{what}: {other:?}"),
        }
    };
    for len in (0..good.len()).step_by(509) {
        attempt(&good[..len], &format!("cut at {len}"));
    }
    for at in (0..good.len()).step_by(251).chain(0..400) {
        let mut bytes = good.clone();
        bytes[at] ^= 0x5a;
        attempt(&bytes, &format!("changed at {at}"));
    }
    println!("of {} bytes: {noticed} noticed, {harmless} harmless", good.len());
    assert!(noticed > 200);
}

#[test]
fn a_store_goes_on_only_as_what_it_is() {
    let folder = Folder::in_memory("same");
    let path = folder.path("store");
    let mut real = Persistent::create(&path, pvm()).unwrap();
    real.run_level(&[]).unwrap();
    drop(real);
    let open = || Store::open(&path).unwrap();
    let what = |outcome: Result<Persistent, StoreError>| match outcome.map(|_| ()) {
        Err(StoreError::OtherRollup { what, .. }) => what,
        other => panic!("{other:?}"),
    };
    let other_rollup = Config { rollup: [1; 20], ..config() };
    assert_eq!(what(Persistent::resume_wasm(open(), other_rollup)), "address");
    let other_level = Config { origination_level: 1, ..config() };
    assert_eq!(what(Persistent::resume_wasm(open(), other_level)), "origination level");
    let native = Box::new(NativeProgram::new(|_: &NativeHost| ()));
    assert_eq!(what(Persistent::resume(open(), native, config())), "kernel");

    // A level that was played elsewhere does not follow.
    let mut elsewhere = pvm();
    let report = elsewhere.run_level(&[]).unwrap();
    let mut store = open();
    let error = store.commit(&elsewhere, &report, &[]).unwrap_err();
    assert!(matches!(error, StoreError::OutOfOrder { expected: Some(102), found: 101 }), "{error}");
    for name in ["", "1", "-a", "a b", "a/b", "é", &"a".repeat(65)] {
        let error = store.snapshot(name).unwrap_err();
        assert!(matches!(error, StoreError::SnapshotName { .. }), "{error}");
    }
    store.at(KeptState::Level(101)).unwrap();

    let first = Config { first_level: i32::MIN, ..config() };
    let pvm = Pvm::originate_unchecked(b"", first);
    let error = Store::create(&folder.path("least"), &pvm).unwrap_err();
    assert!(matches!(error, StoreError::NoLevelBefore), "{error}");
}

#[test]
fn stuck_and_at_the_last_level_it_is_still_kept() {
    let folder = Folder::in_memory("stuck");
    let path = folder.path("store");
    let last = Config { first_level: i32::MAX, ..config() };
    let real = Pvm::originate_unchecked(b"no kernel", last);
    let mut real = Persistent::create(&path, real).unwrap();
    real.run_level(&[]).unwrap();
    assert!(real.run_level(&[]).is_err());
    let status = real.pvm().status().clone();
    assert!(status != pvm::Status::Running);
    drop(real);
    let mut store = Store::open(&path).unwrap();
    assert_eq!((store.status(), store.last(), store.next_level()), (&status, i32::MAX, None));
    store.verify().unwrap();
    store.revert(KeptState::Level(i32::MAX - 1)).unwrap();
    assert_eq!(store.status(), &pvm::Status::Running);
    let mut real = Persistent::resume_wasm(store, config()).unwrap();
    assert_eq!(real.run_level(&[]).unwrap().status, status);
}
