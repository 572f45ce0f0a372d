//! Differences lead from one storage to the other and back, and say no more than they need to.

use super::*;
use crate::durable::Key;
use proptest::prelude::*;

type Rows = Vec<(String, u32, Option<Vec<u8>>, Option<Vec<u8>>)>;

fn rows(old: &Durable, new: &Durable) -> Rows {
    let mut rows = Vec::new();
    let own = |row: Option<Cow<'_, [u8]>>| row.map(Cow::into_owned);
    old.diff::<TooDeep>(new, |change| {
        rows.push((change.path.to_owned(), change.part, own(change.before), own(change.after)));
        Ok(())
    })
    .unwrap();
    rows
}

/// What a kernel may do, over few paths, so that they meet.
#[derive(Clone, Debug)]
enum Edit {
    Write(String, usize, Vec<u8>),
    Create(String, i32),
    Delete(String),
    DeleteValue(String),
    Copy(String, String),
    Move(String, String),
}

fn path() -> impl Strategy<Value = String> {
    prop::collection::vec(prop::sample::select(vec!["a", "b", "c-", "d.", "e"]), 1..4)
        .prop_map(|steps| steps.iter().map(|step| format!("/{step}")).collect())
}

fn edit() -> impl Strategy<Value = Edit> {
    let bytes = (any::<u8>(), 0usize..9_000).prop_map(|(byte, len)| vec![byte % 3; len]);
    prop_oneof![
        4 => (path(), 0usize..20_000, bytes).prop_map(|(p, at, b)| Edit::Write(p, at, b)),
        1 => (path(), 0i32..20_000).prop_map(|(p, len)| Edit::Create(p, len)),
        1 => path().prop_map(Edit::Delete),
        1 => path().prop_map(Edit::DeleteValue),
        1 => (path(), path()).prop_map(|(a, b)| Edit::Copy(a, b)),
        1 => (path(), path()).prop_map(|(a, b)| Edit::Move(a, b)),
    ]
}

fn act(durable: &mut Durable, edit: &Edit) {
    fn key(path: &str) -> Key<'_> {
        Key::from_path(path).unwrap()
    }
    // That an edit is refused is fine: it has changed nothing then.
    let _ = match edit {
        Edit::Write(path, at, bytes) => {
            let size = durable.value(key(path)).map_or(0, Value::len);
            let at = i32::try_from((*at).min(size)).unwrap();
            // A call takes 2,048 bytes.
            let len = |chunk: &[u8]| i32::try_from(chunk.len()).unwrap();
            bytes
                .chunks(2_000)
                .try_for_each(|chunk| durable.write(key(path), at, len(chunk), || Ok(chunk)))
        }
        Edit::Create(path, len) => durable.create(key(path), *len),
        Edit::Delete(path) => durable.delete_tree(key(path)),
        Edit::DeleteValue(path) => durable.delete_value(key(path)),
        Edit::Copy(from, to) => durable.copy(key(from), key(to)),
        Edit::Move(from, to) => durable.rename(key(from), key(to)),
    };
}

proptest! {
    #[test]
    fn differences_lead_there_and_back(
        before in prop::collection::vec(edit(), 0..30),
        between in prop::collection::vec(edit(), 0..15),
    ) {
        let mut old = Durable::default();
        before.iter().for_each(|edit| act(&mut old, edit));
        let mut new = old.clone();
        between.iter().for_each(|edit| act(&mut new, edit));

        let changes = rows(&old, &new);
        let [mut there, mut back] = [old.clone(), new.clone()];
        for (path, part, before, after) in &changes {
            prop_assert_ne!(before, after);
            there.set_row(path, *part, after.as_deref()).unwrap();
            back.set_row(path, *part, before.as_deref()).unwrap();
        }
        prop_assert_eq!(&there, &new);
        prop_assert_eq!(&back, &old);
        prop_assert!(rows(&there, &new).is_empty() && rows(&old, &back).is_empty());
        prop_assert_eq!(changes.is_empty(), old == new);

        // From nothing: the rows of a storage are all that it is.
        let mut again = Durable::default();
        for (path, part, before, after) in rows(&Durable::default(), &new) {
            prop_assert_eq!(before, None);
            again.set_row(&path, part, after.as_deref()).unwrap();
        }
        prop_assert_eq!(again, new);
    }
}

#[test]
fn a_small_change_to_much_is_a_small_difference() {
    let mut old = Durable::default();
    for i in 0..100_000 {
        old.set(&format!("/big/{i}"), b"x").unwrap();
    }
    old.set("/long", &vec![7; 1 << 20]).unwrap();
    let mut new = old.clone();
    let key = |path| Key::from_path(path).unwrap();
    // As a commit of a kernel does it: copied, written to, moved back.
    new.copy(key("/big"), key("/work")).unwrap();
    new.write(key("/work/500"), 0, 1, || Ok(b"y")).unwrap();
    new.rename(key("/work"), key("/big")).unwrap();
    new.write(key("/long"), 4_096 * 5 + 3, 1, || Ok(b"y")).unwrap();
    let changes = rows(&old, &new);
    let places: Vec<_> = changes.iter().map(|(path, part, ..)| (path.as_str(), *part)).collect();
    assert_eq!(places, [("/big/500", 0), ("/long", 6)]);
    assert_eq!(changes[0].2.as_deref(), Some(&b"\x01\0\0\0x\x01"[..]));
    assert_eq!(changes[0].3.as_deref(), Some(&b"\x01\0\0\0y\x01"[..]));
}

#[test]
fn zeros_that_were_written_are_pages_that_were_not_there() {
    let mut old = Durable::default();
    let key = Key::from_path("/z").unwrap();
    old.create(key, 100_000).unwrap();
    let mut new = old.clone();
    new.write(key, 50_000, 2_000, || Ok(&[0; 2_000])).unwrap();
    let pages = ("/z".to_owned(), 13, None, Some(vec![0b0011_1110, 0]));
    assert_eq!(rows(&old, &new), std::slice::from_ref(&pages));
    assert_eq!(rows(&Durable::default(), &new).last(), Some(&pages));
    // Once they are there, nothing tells zeros from zeros.
    let old = new.clone();
    new.write(key, 50_000, 2_000, || Ok(&[0; 2_000])).unwrap();
    assert_eq!(rows(&old, &new), []);
}

#[test]
fn what_lies_too_deep_is_said_and_not_a_stack_overflow() {
    let mut durable = Durable::default();
    durable.set("/a", b"").unwrap();
    let deep = "/a".repeat(100);
    for _ in 0..1_000 {
        durable.rename(Key::from_path("/a").unwrap(), Key::from_path(&deep).unwrap()).unwrap();
    }
    assert_eq!(durable.rows(|_| Ok::<_, TooDeep>(())), Err(TooDeep));
}
