//! Hashes that are kept against hashes of storages that were made anew, and what it costs to keep
//! them.

use crate::durable::{Durable, Key, Value};
use crate::merkle::Hash;
use proptest::prelude::*;

fn key(text: &str) -> Key<'_> {
    Key::from_path(text).unwrap()
}

fn hash(durable: &Durable) -> Option<Hash> {
    durable.tree_hash(Key::ROOT)
}

/// The same values in nodes that nothing was kept of.
fn anew(durable: &Durable) -> Durable {
    let mut out = Durable::default();
    durable
        .rows::<crate::TooDeep>(|row| {
            out.set_row(row.path, row.part, row.after.as_deref()).unwrap();
            Ok(())
        })
        .unwrap();
    out
}

#[derive(Clone, Debug)]
enum Op {
    Write(usize, i32, usize, u8),
    Create(usize, i32),
    Delete(usize),
    DeleteValue(usize),
    Copy(usize, usize),
    Move(usize, usize),
    Hash,
    Snapshot,
    Restore,
}

const PATHS: [&str; 10] =
    ["/a", "/a/b", "/a/b/c", "/b", "/b/@x", "/n/1", "/n/2", "/n/3", "/n", "/a-b"];

fn path(index: usize) -> String {
    match PATHS.get(index) {
        Some(path) => path.replace('@', "_"),
        // Enough of them for inodes.
        None => format!("/many/{index}"),
    }
}

fn op() -> impl Strategy<Value = Op> {
    let at = || 0_usize..60;
    prop_oneof![
        8 => (at(), 0_i32..9_000, 0_usize..2_048, any::<u8>())
            .prop_map(|(at, offset, len, byte)| Op::Write(at, offset, len, byte)),
        2 => (at(), prop::sample::select(vec![0, 1, 600, 4_096, 4_097, 20_000]))
            .prop_map(|(at, size)| Op::Create(at, size)),
        1 => at().prop_map(Op::Delete),
        1 => at().prop_map(Op::DeleteValue),
        2 => (at(), at()).prop_map(|(from, to)| Op::Copy(from, to)),
        2 => (at(), at()).prop_map(|(from, to)| Op::Move(from, to)),
        4 => Just(Op::Hash),
        1 => Just(Op::Snapshot),
        1 => Just(Op::Restore),
    ]
}

proptest! {
    #[test]
    fn what_is_kept_is_what_is_hashed_anew(ops in prop::collection::vec(op(), 1..80)) {
        let mut durable = Durable::default();
        let mut snapshot = durable.clone();
        for op in ops {
            match op {
                Op::Write(at, offset, len, byte) => {
                    let bytes = vec![byte; len];
                    let num = i32::try_from(len).unwrap();
                    let _ = durable.write(key(&path(at)), offset, num, || Ok(&bytes));
                }
                Op::Create(at, size) => drop(durable.create(key(&path(at)), size)),
                Op::Delete(at) => drop(durable.delete_tree(key(&path(at)))),
                Op::DeleteValue(at) => drop(durable.delete_value(key(&path(at)))),
                Op::Copy(from, to) => drop(durable.copy(key(&path(from)), key(&path(to)))),
                Op::Move(from, to) => drop(durable.rename(key(&path(from)), key(&path(to)))),
                Op::Hash => prop_assert_eq!(hash(&durable), hash(&anew(&durable))),
                Op::Snapshot => snapshot = durable.clone(),
                Op::Restore => durable = snapshot.clone(),
            }
        }
        prop_assert_eq!(hash(&durable), hash(&anew(&durable)));
        prop_assert_eq!(hash(&snapshot), hash(&anew(&snapshot)));
        prop_assert_eq!(hash(&durable) == hash(&snapshot), durable == snapshot);
    }
}

#[test]
fn an_empty_storage_has_no_hash() {
    let mut durable = Durable::default();
    assert_eq!(hash(&durable), None);
    durable.set("/a", b"").unwrap();
    assert!(hash(&durable).is_some());
    durable.delete("/a").unwrap();
    assert_eq!(hash(&durable), None);
}

#[test]
fn pages_that_were_never_written_are_not_hashed() {
    let of = |value: Value| {
        let mut durable = Durable::default();
        durable.put(key("/v"), value);
        hash(&durable)
    };
    // By the rules, the pages that are there are all that tells these apart.
    for len in [512, 5_000, 2_000_000_000] {
        let created = of(Value::zeros(len));
        let mut one = Value::zeros(len);
        one.write(0, &[0]);
        assert_ne!(created, of(one));
        assert_ne!(created, of(Value::zeros(len - 1)));
    }
}

#[test]
fn a_tree_of_any_depth_can_be_hashed_and_dropped() {
    let mut durable = Durable::default();
    durable.set("/a", b"").unwrap();
    let deep = "/a".repeat(100);
    for _ in 0..2_000 {
        durable.rename(key("/a"), key(&deep)).unwrap();
    }
    let first = hash(&durable);
    assert!(first.is_some());
    assert_eq!(hash(&durable.clone()), first);
    durable.set("/a/b", b"").unwrap();
    assert_ne!(hash(&durable), first);
    drop(durable);
}
