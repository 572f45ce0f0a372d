//! The storage as such: its convenience API, what is shared, and how deep it may get.

use super::*;
use crate::codes::Code;

fn sample() -> Durable {
    let mut durable = Durable::default();
    for (path, value) in [("/a/b", "1"), ("/a-b", "2"), ("/a", "3"), ("/a/b/c", "4"), ("/z", "")] {
        durable.set(path, value.as_bytes()).unwrap();
    }
    durable
}

fn key(path: &str) -> Key<'_> {
    Key::from_path(path).unwrap()
}

#[test]
fn what_is_set_is_got() {
    let durable = sample();
    assert_eq!(durable.get("/a/b").as_deref(), Some(&b"1"[..]));
    assert_eq!(durable.get("/z").as_deref(), Some(&b""[..]));
    for nothing in ["/a/b/c/d", "/b", "", "no path", "/z/"] {
        assert_eq!(durable.get(nothing), None, "{nothing}");
    }
    assert!(durable.has("/a/b") && durable.has("") && !durable.has("/b") && !durable.has("/a/"));
    assert_eq!(durable.subkeys(""), ["a", "a-b", "z"]);
    assert_eq!(durable.subkeys("/a/b"), ["c"]);
    assert!(durable.subkeys("/nothing").is_empty());
}

#[test]
fn values_come_in_order_of_their_steps() {
    let paths = |durable: &Durable, under: &str| -> Vec<String> {
        durable.values_under(under).map(|(path, _)| path).collect()
    };
    assert_eq!(paths(&sample(), ""), ["/a", "/a/b", "/a/b/c", "/a-b", "/z"]);
    assert_eq!(paths(&sample(), "/a/b"), ["/a/b", "/a/b/c"]);
    assert!(paths(&sample(), "/a/").is_empty());
    let values: Vec<_> = sample().iter_values().map(|(_, value)| value).collect();
    assert_eq!(values, [&b"3"[..], b"1", b"4", b"2", b""]);
}

#[test]
fn deleting_the_last_below_deletes_what_is_above() {
    let mut durable = sample();
    durable.set("/x/y/z", b"").unwrap();
    durable.delete("/x/y/z").unwrap();
    assert!(!durable.has("/x"));
    assert_eq!(durable, sample());
    durable.delete_value(key("/a/b")).unwrap();
    assert_eq!(durable.kind(key("/a/b")), 2);
    durable.delete("").unwrap();
    assert_eq!(durable, Durable::default());
    assert!(!durable.has(""));
}

#[test]
fn equality_is_of_contents() {
    assert_eq!(sample(), sample());
    for (path, value) in [("/a/b/c", "5"), ("/a/b/d", ""), ("/y", "")] {
        let mut other = sample();
        other.set(path, value.as_bytes()).unwrap();
        assert_ne!(sample(), other, "{path}");
    }
    let mut renamed = sample();
    renamed.rename(key("/z"), key("/y")).unwrap();
    assert_ne!(sample(), renamed);
}

#[test]
fn copying_and_moving_a_million_children_touches_none_of_them() {
    let mut durable = Durable::default();
    for i in 0..1_000_000 {
        durable.put(key(&format!("/big/{i}")), Value::default());
    }
    let before = durable.clone();
    durable.copy(key("/big"), key("/some/where/else")).unwrap();
    durable.rename(key("/big"), key("/moved")).unwrap();
    let node = |durable: &Durable, path: &str| durable.node(key(path)).cloned().unwrap();
    let original = node(&before, "/big");
    assert!(original.shares_children(&node(&durable, "/some/where/else")));
    assert!(original.shares_children(&node(&durable, "/moved")));
    assert!(!durable.has("/big"));

    // A write into the copy copies the node, and a path of the map that holds its children.
    durable.write(key("/moved/500000"), 0, 1, || Ok(b"x")).unwrap();
    assert_eq!(durable.list_size(key("/moved")), 1_000_000);
    let moved = node(&durable, "/moved");
    let (old, new) = (original.children().unwrap(), moved.children().unwrap());
    let changed = old.iter().zip(new.iter()).filter(|((_, a), (_, b))| a != b).count();
    assert_eq!(changed, 1);
}

#[test]
fn a_node_may_go_into_its_own_descendant() {
    let mut durable = sample();
    durable.rename(key("/a/b"), key("/a/b/c")).unwrap();
    assert_eq!(durable.get("/a/b/c").as_deref(), Some(&b"1"[..]));
    assert_eq!(durable.get("/a/b/c/c").as_deref(), Some(&b"4"[..]));
    assert_eq!(durable.get("/a/b"), None);
    let mut durable = sample();
    durable.copy(key("/a/b"), key("/a/b/c")).unwrap();
    assert_eq!(durable.get("/a/b").as_deref(), Some(&b"1"[..]));
    assert_eq!(durable.get("/a/b/c").as_deref(), Some(&b"1"[..]));
    assert_eq!(durable.get("/a/b/c/c").as_deref(), Some(&b"4"[..]));
    // A node onto itself.
    durable.rename(key("/a"), key("/a")).unwrap();
    assert_eq!(durable.get("/a/b/c/c").as_deref(), Some(&b"4"[..]));
}

#[test]
fn a_tree_of_any_depth_can_be_compared_and_dropped() {
    let mut durable = Durable::default();
    durable.set("/a", b"").unwrap();
    let deep = "/a".repeat(100);
    for _ in 0..5_000 {
        // 99 steps deeper each time.
        durable.rename(key("/a"), key(&deep)).unwrap();
    }
    assert_eq!(durable, durable.clone());
    drop(durable);
}

#[test]
fn names_are_listed_as_the_reference_does() {
    let durable = sample();
    let nth = |path: &str, i| durable.nth_key(key(path), i).map(|name| name.to_string());
    // '-', '.' and digits come before a node's own value, which is called '@' there.
    let mut digits = durable.clone();
    digits.set("/a/1", b"").unwrap();
    let names: Vec<_> = (0..3).map(|i| digits.nth_key(key("/a"), i).unwrap().to_string()).collect();
    assert_eq!(names, ["1", "", "b"]);
    assert_eq!(nth("/a", 2), Err(Code::IndexTooLarge));
    assert_eq!(nth("/a", -1), Err(Code::IndexTooLarge));
    assert_eq!(nth("/q", 0), Err(Code::NoTree));
}
