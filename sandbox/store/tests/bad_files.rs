//! Files that are no store, or not a whole one, and exports that are not what was exported: each is
//! refused with what is wrong, nothing is harmed, nothing is left behind.

use std::fs;
use std::io::Cursor;
use std::path::Path;

use crate::common::{Change, Folder, config, messages, pvm};
use pvm::{Config, NativeHost, NativeProgram, Pvm};
use redb::{Database, TableDefinition};
use store::{EXPORT_VERSION, FORMAT, ImportError, KeptState, Persistent, Store, StoreError};

/// A small rollup with a few levels.
fn played(path: &Path) -> Store {
    let kernel = NativeProgram::new(|_: &NativeHost| ());
    let mut pvm = Pvm::originate(Box::new(kernel), config());
    pvm.durable_mut().set("/long", &[3; 4_200]).unwrap();
    let mut real = Persistent::create(path, pvm).unwrap();
    for level in 0..3 {
        real.run_level(&vec![b"\x01x".to_vec(); level]).unwrap();
    }
    real.snapshot("here").unwrap();
    real.run_level(&[]).unwrap();
    real.into_store()
}

/// The same with outboxes and more of a history, as WASM.
fn busy(path: &Path) -> Store {
    let mut real = Persistent::create(path, pvm()).unwrap();
    for level in 0..6u8 {
        let changes = [
            Change::Write(format!("/v/{level}"), 0, vec![level; 700]),
            Change::Move("/v/1".to_owned(), "/v/7".to_owned()),
            Change::Output(vec![level; 9]),
            Change::Output(vec![7]),
        ];
        real.run_level(&messages(&changes)).unwrap();
    }
    real.into_store()
}

fn exported(store: &Store) -> Vec<u8> {
    let mut bytes = Vec::new();
    store.export(&mut bytes).unwrap();
    bytes
}

#[test]
fn every_cut_and_every_changed_byte_of_an_export_is_noticed() {
    let folder = Folder::in_memory("cuts");
    let bytes = exported(&played(&folder.path("store")));
    let target = folder.path("imported");
    for len in 0..bytes.len() {
        let error = Store::import(Cursor::new(&bytes[..len]), &target).unwrap_err();
        match error {
            ImportError::NotAnExport => assert!(len < 8, "{len}"),
            ImportError::Truncated { bytes } => assert_eq!(bytes, len as u64),
            other => panic!("{len}: {other}"),
        }
        assert_eq!(folder.names(), ["store"], "{len}");
    }
    for at in 0..bytes.len() {
        let mut changed = bytes.clone();
        changed[at] ^= 1 << (at % 8);
        assert!(Store::import(Cursor::new(&changed[..]), &target).is_err(), "{at}");
        assert_eq!(folder.names(), ["store"], "{at}");
    }
    let longer = [&bytes[..], b"x"].concat();
    let error = Store::import(Cursor::new(&longer[..]), &target).unwrap_err();
    assert!(
        matches!(error, ImportError::TrailingBytes { at } if at == bytes.len() as u64),
        "{error}"
    );
    let mut newer = bytes.clone();
    newer[9] += 1;
    let error = Store::import(Cursor::new(&newer[..]), &target).unwrap_err();
    assert!(
        matches!(error, ImportError::OtherVersion { found } if found == EXPORT_VERSION + 1),
        "{error}"
    );
    Store::import(Cursor::new(&bytes[..]), &target).unwrap();
}

/// The records of an export, without their lengths.
fn records(bytes: &[u8]) -> Vec<Vec<u8>> {
    let mut rest = &bytes[10..];
    let mut records = Vec::new();
    loop {
        let (len, more) = rest.split_first_chunk().unwrap();
        let len = u32::from_be_bytes(*len) as usize;
        if len == 0 {
            return records;
        }
        records.push(more[..len].to_vec());
        rest = &more[len..];
    }
}

/// An export of these records whose checksum is right.
fn sealed(records: &[Vec<u8>]) -> Vec<u8> {
    use blake2::digest::consts::U32;
    use blake2::{Blake2b, Digest};
    let mut bytes = b"TORUSTOR".to_vec();
    bytes.extend(EXPORT_VERSION.to_be_bytes());
    for record in records {
        bytes.extend(u32::try_from(record.len()).unwrap().to_be_bytes());
        bytes.extend(record);
    }
    bytes.extend([0; 4]);
    let sum = Blake2b::<U32>::digest(&bytes);
    bytes.extend(sum);
    bytes
}

#[test]
fn a_right_checksum_does_not_make_nonsense_a_store() {
    let folder = Folder::in_memory("sealed");
    let bytes = exported(&busy(&folder.path("store")));
    let good = records(&bytes);
    assert_eq!(sealed(&good), bytes);
    let target = folder.path("imported");
    let mut refused = 0;
    let mut taken = 0;
    let mut attempt = |records: &[Vec<u8>], must_fail: bool| {
        match Store::import(Cursor::new(sealed(records)), &target) {
            Ok(store) => {
                assert!(!must_fail);
                store.verify().unwrap();
                drop(store);
                fs::remove_file(&target).unwrap();
                taken += 1;
            }
            Err(error) => {
                let text = error.to_string();
                assert!(!text.contains('\n') && text.len() < 400, "{text}");
                refused += 1;
            }
        }
        assert_eq!(folder.names(), ["store"]);
    };
    for i in 0..good.len() {
        let mut twice = good.clone();
        twice.insert(i, good[i].clone());
        attempt(&twice, true);
        let mut without = good.clone();
        without.remove(i);
        // Hashes of states tell of each row of the head and of the way back.
        attempt(&without, matches!(good[i][0], 1..=6));
        for at in (0..good[i].len().min(60)).step_by(3) {
            let mut changed = good.clone();
            changed[i][at] ^= 0x81;
            attempt(&changed, at == 0 || matches!(good[i][0], 3 | 4));
        }
    }
    attempt(&[], true);
    println!("{refused} refused, {taken} taken");
    assert!(refused > 100 && taken > 100);
}

#[test]
fn what_is_there_is_never_replaced() {
    let folder = Folder::in_memory("replaced");
    let store = played(&folder.path("store"));
    let bytes = exported(&store);
    fs::write(folder.path("other"), "precious").unwrap();
    for target in ["store", "other"] {
        let before = fs::read(folder.path(target)).unwrap();
        let error = Store::import(Cursor::new(&bytes[..]), &folder.path(target)).unwrap_err();
        assert!(matches!(error, ImportError::Store(StoreError::Exists)), "{error}");
        let error = Store::create(&folder.path(target), &pvm()).unwrap_err();
        assert!(matches!(error, StoreError::Exists), "{error}");
        assert!(fs::read(folder.path(target)).unwrap() == before);
    }
    assert_eq!(folder.names(), ["other", "store"]);
    // And while it is open, nobody else gets in.
    let error = Store::open(&folder.path("store")).unwrap_err();
    assert!(matches!(error, StoreError::InUse), "{error}");
}

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

#[test]
fn what_was_kept_before_inboxes_were_is_read_and_says_that_it_has_none() {
    let folder = Folder::in_memory("before-inboxes");
    let bytes = exported(&busy(&folder.path("store")));
    const INBOX: u8 = 8;
    let without: Vec<_> = records(&bytes).into_iter().filter(|one| one[0] != INBOX).collect();
    assert!(without.len() < records(&bytes).len());
    let mut old = sealed(&without);
    old.truncate(old.len() - 32);
    old[9] = 1;
    let sum = {
        use blake2::digest::consts::U32;
        use blake2::{Blake2b, Digest};
        Blake2b::<U32>::digest(&old)
    };
    old.extend(sum);
    let target = folder.path("imported");
    drop(Store::import(Cursor::new(&old[..]), &target).unwrap());
    // A file that has no such table gets one.
    let database = Database::open(&target).unwrap();
    let txn = database.begin_write().unwrap();
    let inbox: TableDefinition<'_, (i32, u32), &[u8]> = TableDefinition::new("inbox");
    assert!(txn.delete_table(inbox).unwrap());
    txn.commit().unwrap();
    drop(database);
    let store = Store::open(&target).unwrap();
    store.verify().unwrap();
    for summary in store.levels(..).unwrap() {
        let expected = (summary.messages == 0).then(Vec::new);
        assert_eq!(store.inbox(summary.level).unwrap(), expected);
    }
}

/// The same store as a version wrote it that knew of no hashes of states: the ends of records and the
/// bytes for pages are not there.
fn of_before_hashes(good: &[Vec<u8>]) -> Vec<Vec<u8>> {
    // Of a record behind its length.
    let shorter = |record: &[u8], at: usize, len: usize| {
        let mut out = record[..at].to_vec();
        out.extend(u32::try_from(len).unwrap().to_be_bytes());
        out.extend(&record[at + 4..at + 4 + len]);
        out
    };
    let len_at = |record: &[u8], at: usize| {
        u32::from_be_bytes(record[at..at + 4].try_into().unwrap()) as usize
    };
    let row = |record: &[u8], part_at: usize, at: usize| {
        let len = len_at(record, at);
        let part = len_at(record, part_at);
        let value = &record[at + 4..at + 4 + len];
        let is_long = part == 0 && len == 4;
        // A head ends with its pages, a chunk with its pages and a zero.
        let cut = if is_long { 0 } else { 1 + usize::from(part > 0) };
        assert!(len >= cut, "{value:?}");
        shorter(record, at, len - cut)
    };
    let kept = |rest: &[u8]| -> usize {
        // Registers with an input and outboxes, or with neither.
        if rest[24] == 0 { 26 + 33 } else { 24 + 13 + 9 + 33 }
    };
    good.iter()
        .map(|record| match record[0] {
            2 => {
                let len = len_at(record, 1);
                let machine = &record[5..];
                let end = if machine[0] == 1 { 5 } else { 1 } + 4 + 1 + 40;
                assert_eq!(machine[end], 1);
                assert_eq!(end + 1 + kept(&machine[end + 1..]), len);
                shorter(record, 1, end)
            }
            3 => {
                let part_at = 5 + len_at(record, 1);
                row(record, part_at, part_at + 4)
            }
            4 => {
                let part_at = 9 + len_at(record, 5);
                let is_there = record[part_at + 4] == 1;
                if is_there { row(record, part_at, part_at + 5) } else { record.clone() }
            }
            5 => {
                let len = len_at(record, 5);
                let level = &record[9..];
                let machine = if level[0] == 1 { 5 } else { 1 } + 4 + 1 + 40;
                let counted = machine + 4;
                let end =
                    counted + 1 + 8 * usize::from(level[counted] == 1) + 8 + 4 + 32 + 4 + 4 + 2;
                assert_eq!(level[end], 1);
                assert_eq!(end + 1 + kept(&level[end + 1..]), len);
                shorter(record, 5, end)
            }
            _ => record.clone(),
        })
        .collect()
}

#[test]
fn an_export_of_before_there_were_hashes_is_taken_in_and_goes_on_without_them() {
    let folder = Folder::in_memory("old");
    let store = busy(&folder.path("store"));
    let mut old = sealed(&of_before_hashes(&records(&exported(&store))));
    old[9] = 2;
    let sum_at = old.len() - 32;
    let sum = {
        use blake2::digest::consts::U32;
        use blake2::{Blake2b, Digest};
        Blake2b::<U32>::digest(&old[..sum_at])
    };
    old[sum_at..].copy_from_slice(&sum);
    let again = Store::import(Cursor::new(&old[..]), &folder.path("again")).unwrap();
    assert_eq!(again.durable(), store.durable());
    let oldest = store.oldest().unwrap();
    for level in oldest..=store.last() {
        let [new, old] = [&store, &again].map(|one| one.state_at(KeptState::Level(level)).unwrap());
        assert_eq!(old.durable(), new.durable());
        assert_eq!(old.state_hash(), Err(pvm::UnknownHash::NotKept));
        assert!(new.state_hash().is_ok());
    }
    let mut again = Persistent::resume_wasm(again, config()).unwrap();
    again.run_level(&[]).unwrap();
    assert_eq!(again.store().levels(..).unwrap().pop().unwrap().state, None);
    again.store().verify().unwrap();
}
