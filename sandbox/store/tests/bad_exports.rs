//! Exports that are cut, changed, or of an earlier version: those that are not what was exported are refused with what is
//! wrong, and nothing is left behind.

use std::fs;
use std::io::Cursor;

use crate::common::{Folder, busy, config, exported, played, pvm};
use redb::{Database, TableDefinition};
use store::{EXPORT_VERSION, ImportError, KeptState, Persistent, Store, StoreError};

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
