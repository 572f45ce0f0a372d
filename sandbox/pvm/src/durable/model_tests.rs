//! The storage against a sorted map of values by their steps, under whatever a kernel may do.

use super::*;
use crate::codes::Code;
use proptest::prelude::*;
use std::borrow::Cow;
use std::collections::BTreeMap;

/// The values of a storage by the steps of their paths.
#[derive(Clone, Debug, Default)]
struct Model {
    values: BTreeMap<Vec<String>, Vec<u8>>,
}

fn steps(path: &str) -> Vec<String> {
    path.split('/').skip(1).map(str::to_owned).collect()
}

fn is_readonly(path: &str) -> bool {
    path.is_empty() || path == "/readonly" || path.starts_with("/readonly/")
}

impl Model {
    /// What lies at and below a path, by the steps from there.
    fn below(&self, path: &str) -> BTreeMap<Vec<String>, Vec<u8>> {
        let from = steps(path);
        let values = self.values.iter();
        values
            .filter_map(|(at, value)| {
                at.strip_prefix(&from[..]).map(|rest| (rest.to_vec(), value.clone()))
            })
            .collect()
    }

    fn value(&self, path: &str) -> Option<&Vec<u8>> {
        self.values.get(&steps(path))
    }

    fn remove(&mut self, path: &str) {
        let from = steps(path);
        self.values.retain(|at, _| !at.starts_with(&from));
    }

    fn replace(&mut self, path: &str, by: BTreeMap<Vec<String>, Vec<u8>>) {
        self.remove(path);
        self.values
            .extend(by.into_iter().map(|(rest, value)| ([steps(path), rest].concat(), value)));
    }

    /// The names of the children of a path; the value at the path itself has the name `@`.
    fn names(&self, path: &str) -> Vec<String> {
        let mut names: Vec<String> = self
            .below(path)
            .into_keys()
            .map(|rest| rest.into_iter().next().unwrap_or_else(|| "@".to_owned()))
            .collect();
        names.sort();
        names.dedup();
        names
    }

    fn kind(&self, path: &str) -> i32 {
        let below = self.below(path);
        let value = i32::from(below.contains_key(&Vec::new()));
        value + 2 * i32::from(below.keys().any(|rest| !rest.is_empty()))
    }

    fn write(&mut self, path: &str, offset: i32, bytes: &[u8]) -> Result<(), Code> {
        if is_readonly(path) {
            return Err(Code::Readonly);
        }
        if bytes.len() > 2_048 {
            return Err(Code::IoTooLarge);
        }
        let mut value = self.value(path).cloned().unwrap_or_default();
        let offset = usize::try_from(offset).map_err(|_| Code::Other)?;
        if offset > value.len() {
            return Err(Code::BadOffset);
        }
        value.resize(value.len().max(offset + bytes.len()), 0);
        value[offset..offset + bytes.len()].copy_from_slice(bytes);
        self.values.insert(steps(path), value);
        Ok(())
    }

    fn read(&self, path: &str, offset: i32, max: i32) -> Result<Vec<u8>, Code> {
        if max > 2_048 {
            return Err(Code::IoTooLarge);
        }
        let value = self.value(path).ok_or(Code::NoValue)?;
        let offset = usize::try_from(offset).map_err(|_| Code::BadOffset)?;
        let rest = value.get(offset..).filter(|rest| !rest.is_empty()).ok_or(Code::BadOffset)?;
        let max = usize::try_from(max).map_err(|_| Code::Other)?;
        Ok(rest[..max.min(rest.len())].to_vec())
    }

    fn act(&mut self, edit: &Edit) -> Result<(), Code> {
        match edit {
            Edit::Write(path, offset, bytes) => return self.write(path, *offset, bytes),
            Edit::Create(path, _) | Edit::Delete(path) | Edit::DeleteValue(path)
                if is_readonly(path) =>
            {
                return Err(Code::Readonly);
            }
            Edit::Create(path, size) => {
                if self.value(path).is_some() {
                    return Err(Code::ValueExists);
                }
                self.values.insert(steps(path), vec![0; usize::try_from(*size).unwrap()]);
            }
            Edit::Delete(path) => self.remove(path),
            Edit::DeleteValue(path) => {
                self.values.remove(&steps(path));
            }
            Edit::Move(from, _) if is_readonly(from) => return Err(Code::Readonly),
            Edit::Copy(_, to) | Edit::Move(_, to) if is_readonly(to) => {
                return Err(Code::Readonly);
            }
            Edit::Copy(from, to) | Edit::Move(from, to) => {
                let source = self.below(from);
                if source.is_empty() {
                    return Err(Code::NoTree);
                }
                if matches!(edit, Edit::Move(..)) {
                    self.remove(from);
                }
                self.replace(to, source);
            }
            // A tool may write everywhere.
            Edit::Set(path, bytes) => {
                self.values.insert(steps(path), bytes.clone());
            }
            Edit::Snapshot => {}
        }
        Ok(())
    }
}

#[derive(Clone, Debug)]
enum Edit {
    Write(String, i32, Vec<u8>),
    Create(String, i32),
    Delete(String),
    DeleteValue(String),
    Copy(String, String),
    Move(String, String),
    Set(String, Vec<u8>),
    Snapshot,
}

/// Names that meet, that are around the length of what is kept in place, that sort around `@`, and
/// so many that folders grow beyond one node of the map.
fn name() -> impl Strategy<Value = String> {
    let few =
        ["a", "B", "c-", "readonly", "0123456789abcdef", "0123456789abcdefg", "0123456789abcdefh"];
    prop_oneof![
        3 => prop::sample::select(few.to_vec()).prop_map(str::to_owned),
        1 => (0..200u32).prop_map(|number| number.to_string()),
    ]
}

fn path() -> impl Strategy<Value = String> {
    prop::collection::vec(name(), 0..4)
        .prop_map(|names| names.iter().map(|name| format!("/{name}")).collect())
}

fn edit() -> impl Strategy<Value = Edit> {
    let bytes = || (any::<u8>(), 0usize..2_060).prop_map(|(byte, len)| vec![byte; len]);
    let many = (0..200u32).prop_map(|number| format!("/a/{number}"));
    prop_oneof![
        6 => (path(), -1i32..10, bytes()).prop_map(|(p, at, b)| Edit::Write(p, at, b)),
        3 => (path(), 0i32..6_000, bytes()).prop_map(|(p, at, b)| Edit::Write(p, at, b)),
        6 => many.prop_map(|p| Edit::Write(p, 0, vec![1])),
        1 => (path(), 0i32..9_000).prop_map(|(p, size)| Edit::Create(p, size)),
        1 => path().prop_map(Edit::Delete),
        1 => path().prop_map(Edit::DeleteValue),
        2 => (path(), path()).prop_map(|(a, b)| Edit::Copy(a, b)),
        2 => (path(), path()).prop_map(|(a, b)| Edit::Move(a, b)),
        1 => (path(), bytes()).prop_map(|(p, b)| Edit::Set(p, b)),
        1 => Just(Edit::Snapshot),
    ]
}

fn key(path: &str) -> Key<'_> {
    Key::from_path(path).unwrap()
}

fn act(durable: &mut Durable, edit: &Edit) -> Result<(), Code> {
    match edit {
        Edit::Write(path, offset, bytes) => {
            let len = i32::try_from(bytes.len()).unwrap();
            durable.write(key(path), *offset, len, || Ok(bytes))
        }
        Edit::Create(path, size) => durable.create(key(path), *size),
        Edit::Delete(path) => durable.delete_tree(key(path)),
        Edit::DeleteValue(path) => durable.delete_value(key(path)),
        Edit::Copy(from, to) => durable.copy(key(from), key(to)),
        Edit::Move(from, to) => durable.rename(key(from), key(to)),
        Edit::Set(path, bytes) => {
            durable.set(path, bytes).unwrap();
            Ok(())
        }
        Edit::Snapshot => Ok(()),
    }
}

/// All that can be asked about a path.
fn compare(durable: &Durable, model: &Model, path: &str, offset: i32, max: i32) {
    let at = key(path);
    assert_eq!(durable.kind(at), model.kind(path), "{path}");
    assert_eq!(durable.exists(at), model.kind(path) > 0, "{path}");
    let names = model.names(path);
    assert_eq!(durable.list_size(at), i64::try_from(names.len()).unwrap(), "{path}");
    for (index, name) in (0..).zip(&names) {
        let expected = if name == "@" { "" } else { name };
        assert_eq!(durable.nth_key(at, index), Ok(expected), "{path}");
    }
    let beyond = if names.is_empty() { Code::NoTree } else { Code::IndexTooLarge };
    assert_eq!(durable.nth_key(at, i64::try_from(names.len()).unwrap()), Err(beyond), "{path}");
    let size = model.value(path).map(|value| i32::try_from(value.len()).unwrap());
    assert_eq!(durable.value_size(at), size.ok_or(Code::NoValue), "{path}");
    let read = durable.read(at, offset, max).map(Cow::into_owned);
    assert_eq!(read, model.read(path, offset, max), "{path}, {max} from {offset}");
}

/// Whether both hold the same values.
fn is_same(durable: &Durable, model: &Model) -> bool {
    let values = model.values.iter();
    durable.iter_values().eq(values.map(|(at, value)| {
        (at.iter().map(|step| format!("/{step}")).collect::<String>(), value.clone())
    }))
}

proptest! {
    #[test]
    fn a_storage_is_a_map_of_values(
        edits in prop::collection::vec(edit(), 0..80),
        questions in prop::collection::vec((path(), -1i32..6_000, -1i32..2_060), 30),
    ) {
        let (mut durable, mut model) = (Durable::default(), Model::default());
        let mut kept = Vec::new();
        for edit in &edits {
            if matches!(edit, Edit::Snapshot) {
                kept.push((durable.clone(), model.clone()));
            }
            prop_assert_eq!(act(&mut durable, edit), model.act(edit), "{:?}", edit);
        }
        for (path, offset, max) in &questions {
            compare(&durable, &model, path, *offset, *max);
        }
        for path in ["", "/a", "/readonly"] {
            compare(&durable, &model, path, 0, 9);
        }
        // What was kept is as it was, whatever was done since.
        kept.push((durable, model));
        for (durable, model) in &kept {
            prop_assert!(is_same(durable, model));
        }
    }
}
