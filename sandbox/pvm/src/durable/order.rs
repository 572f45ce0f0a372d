//! The order in which `store_get_nth_key` lists the children of a folder.
//!
//! The reference keeps a folder of more than two children in a tree of nodes of two sides on disk,
//! by the bits of the hashes of their names. A folder that was loaded and has not been changed since
//! is listed in the order of that tree; one that was changed since is listed by name. A value is a child
//! of its own node there, under a name that no key can have.

use super::listing::Epoch;
use super::name::Name;
use super::node::{Children, Node};
use blake2::digest::consts::U32;
use blake2::{Blake2b, Digest};

/// The name of a node's own value among its children. Listed, it is "".
const VALUE: &str = "@";

/// As many children as are always listed by name.
const ALWAYS_SORTED: usize = 2;

/// The name of a child of a node, "" for the node's own value.
pub(super) fn nth(node: &Node, index: usize, now: Epoch) -> Option<&str> {
    let count = node.count() + usize::from(node.value.is_some());
    match node.listed() {
        Some((children, listing)) if count > ALWAYS_SORTED && !listing.is_changed(now) => {
            let has_value = node.value.is_some();
            let order = listing.by_hash(|| by_hash(children, has_value));
            order.get(index).map(|name| name.as_ref().map_or("", Name::text))
        }
        _ => by_name(node).nth(index),
    }
}

fn by_name(node: &Node) -> impl Iterator<Item = &str> {
    let names = || node.children().into_iter().flatten().map(|(name, _)| name.text());
    let before_value = names().take_while(|name| *name < VALUE);
    let own_value = node.value.iter().map(|_| "");
    let after_value = names().skip_while(|name| *name < VALUE);
    before_value.chain(own_value).chain(after_value)
}

/// A child, or the value, with the hash of its name.
struct Entry {
    hash: [u8; 32],
    name: Option<Name>,
}

fn by_hash(children: &Children, has_value: bool) -> Box<[Option<Name>]> {
    let entry = |text: &str, name| Entry { hash: Blake2b::<U32>::digest(text).into(), name };
    let mut entries: Vec<Entry> =
        children.keys().map(|name| entry(name.text(), Some(name.clone()))).collect();
    entries.extend(has_value.then(|| entry(VALUE, None)));
    // The order of bits, most significant first, is that of the hashes. Where a node of the tree comes
    // down to two children, they are sorted by name.
    entries.sort_unstable_by_key(|entry| entry.hash);
    sort_buckets(&mut entries);
    entries.into_iter().map(|entry| entry.name).collect()
}

/// Sorts by name wherever a node of the tree has two children or fewer. The entries are all of a folder,
/// ordered by hash.
fn sort_buckets(entries: &mut [Entry]) {
    let mut todo = vec![(entries, 0_u8)];
    while let Some((part, depth)) = todo.pop() {
        if part.len() <= ALWAYS_SORTED {
            part.sort_unstable_by(|a, b| text(a).cmp(text(b)));
        } else if depth < u8::MAX {
            let middle = part.partition_point(|entry| !bit(&entry.hash, depth));
            let (left, right) = part.split_at_mut(middle);
            todo.extend([(left, depth + 1), (right, depth + 1)]);
        }
    }
}

fn text(entry: &Entry) -> &str {
    entry.name.as_ref().map_or(VALUE, Name::text)
}

fn bit(hash: &[u8; 32], depth: u8) -> bool {
    hash[usize::from(depth / 8)] >> (7 - depth % 8) & 1 == 1
}

#[cfg(test)]
mod tests {
    use crate::durable::{Durable, Key};

    fn names(durable: &Durable, path: &str) -> Vec<String> {
        let key = Key::from_path(path).unwrap();
        (0..).map_while(|index| durable.nth_key(key, index).ok().map(str::to_owned)).collect()
    }

    fn sorted(durable: &Durable, path: &str) -> bool {
        names(durable, path).is_sorted()
    }

    /// A storage with two folders of a hundred values each, loaded.
    fn loaded() -> Durable {
        let mut durable = Durable::default();
        for index in 0..100 {
            durable.set(&format!("/a/{index:02}"), b"x").unwrap();
            durable.set(&format!("/b/{index:02}"), b"x").unwrap();
        }
        assert!(sorted(&durable, "/a") && sorted(&durable, "/b"), "made, not loaded");
        durable.load();
        durable
    }

    #[test]
    fn a_folder_is_listed_by_hash_until_it_is_changed() {
        let mut durable = loaded();
        let by_hash = names(&durable, "/a");
        assert!(!by_hash.is_sorted() && by_hash.len() == 100);
        durable.set("/a/00", b"y").unwrap();
        assert!(sorted(&durable, "/a") && !sorted(&durable, "/b"));
        durable.load();
        assert_eq!(names(&durable, "/a"), by_hash);
        // A change below is a change of the folder.
        durable.set("/a/01/below", b"y").unwrap();
        assert!(sorted(&durable, "/a"));
    }

    #[test]
    fn what_is_refused_is_no_change() {
        let mut durable = loaded();
        let key = Key::from_path("/a/00").unwrap();
        assert!(durable.write(key, 7, 1, || Ok(b"z")).is_err());
        durable.delete("/a/none").unwrap();
        durable.delete_value(Key::from_path("/a").unwrap()).unwrap();
        assert!(!sorted(&durable, "/a"));
        durable.write(key, 1, 1, || Ok(b"z")).unwrap();
        assert!(sorted(&durable, "/a"));
    }

    #[test]
    fn a_folder_keeps_its_order_where_it_is_copied_or_moved_to() {
        let mut durable = loaded();
        let [a, b, c] = ["/a", "/b", "/c/d"].map(|path| Key::from_path(path).unwrap());
        durable.copy(a, c).unwrap();
        assert!(!sorted(&durable, "/a") && !sorted(&durable, "/c/d"));
        durable.rename(c, b).unwrap();
        assert!(!sorted(&durable, "/b"));
        durable.set("/b/00", b"y").unwrap();
        assert!(sorted(&durable, "/b") && !sorted(&durable, "/a"), "a copy has its own changes");
    }

    #[test]
    fn a_value_is_one_of_the_children() {
        let mut durable = loaded();
        durable.set("/a", b"own").unwrap();
        let sorted = names(&durable, "/a");
        let (own, others) = sorted.split_last().unwrap();
        assert!(own.is_empty() && others.is_sorted(), "a new value is a change: {sorted:?}");
        durable.load();
        let by_hash = names(&durable, "/a");
        let own = by_hash.iter().position(String::is_empty).unwrap();
        assert!(own < 100 && by_hash.len() == 101, "{own}");
    }

    #[test]
    fn two_are_always_sorted_and_the_rest_is_by_the_bits_of_hashes() {
        let mut durable = Durable::default();
        for name in ["two/b", "two/a", "three/a", "three/b", "three/c"] {
            durable.set(&format!("/{name}"), b"x").unwrap();
        }
        durable.load();
        assert_eq!(names(&durable, "/two"), ["a", "b"]);
        // The BLAKE2b hashes of a, b and c begin with 89, 6e and ed (hex): b has a side of its own, and on the
        // other side two are left.
        assert_eq!(names(&durable, "/three"), ["b", "a", "c"]);
    }
}
