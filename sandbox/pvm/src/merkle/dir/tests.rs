//! A directory that was changed against one that was made at once, and against the rules as they are
//! written down.

use super::*;
use proptest::prelude::*;
use std::collections::BTreeMap;

impl Label for u32 {
    fn kind(&self) -> Kind {
        if self.is_multiple_of(3) { Kind::Contents } else { Kind::Directory }
    }

    fn with_bytes<R>(&self, then: impl FnOnce(&[u8]) -> R) -> R {
        then(self.to_string().as_bytes())
    }
}

fn hash_in(byte: u8) -> Hash {
    [byte; 32]
}

/// The hash by the rules, from the set of children alone.
fn plain(children: &BTreeMap<u32, Hash>) -> Option<Hash> {
    fn bit(name: u32, depth: usize) -> bool {
        blake(name.to_string().as_bytes())[depth / 8] & (0x80 >> (depth % 8)) != 0
    }
    fn part(children: &[(u32, Hash)], depth: usize) -> Hash {
        if children.len() <= 2 && depth > 0 {
            let mut named: Vec<_> =
                children.iter().map(|(n, h)| (n.to_string().into_bytes(), n.kind(), *h)).collect();
            named.sort_by(|a, b| a.0.cmp(&b.0));
            return bucket(named.iter().map(|(n, k, h)| (n.as_slice(), *k, *h)));
        }
        let sides = [false, true].map(|side| {
            let some: Vec<_> =
                children.iter().filter(|(n, _)| bit(*n, depth) == side).copied().collect();
            (!some.is_empty()).then(|| part(&some, depth + 1))
        });
        inode(depth, children.len(), sides)
    }
    let mut named: Vec<_> =
        children.iter().map(|(n, h)| (n.to_string().into_bytes(), n.kind(), *h)).collect();
    named.sort_by(|a, b| a.0.cmp(&b.0));
    match children.len() {
        0 => None,
        1 | 2 => Some(directory(named.iter().map(|(n, k, h)| (n.as_slice(), *k, *h)))),
        _ => Some(part(&children.iter().map(|(n, h)| (*n, *h)).collect::<Vec<_>>(), 0)),
    }
}

proptest! {
    #[test]
    fn whatever_was_changed_the_hash_is_that_of_the_set(
        rounds in prop::collection::vec(
            prop::collection::btree_map(0_u32..60, prop::option::of(any::<u8>()), 0..30), 1..8),
    ) {
        let mut dir = Dir::<u32>::default();
        let mut model = BTreeMap::new();
        for round in rounds {
            let (before, hash_before) = (dir.clone(), dir.hash());
            let hashes = round.into_iter().map(|(name, byte)| (name, byte.map(hash_in)));
            let changes: Vec<_> = hashes.collect();
            for (name, hash) in &changes {
                match hash {
                    Some(hash) => model.insert(*name, *hash),
                    None => model.remove(name),
                };
            }
            dir.update(changes);
            prop_assert_eq!(dir.hash(), plain(&model));
            prop_assert_eq!(dir.len(), model.len());
            prop_assert_eq!(before.hash(), hash_before);
        }
    }
}

#[test]
fn a_large_directory_is_hashed_by_the_rules() {
    let children: BTreeMap<u32, Hash> =
        (0..3_000_u32).map(|n| (n, blake(&n.to_be_bytes()))).collect();
    let mut dir: Dir<u32> = children.clone().into_iter().collect();
    assert_eq!(dir.hash(), plain(&children));
    // Taken away again down to two, and to none.
    dir.update((2..3_000).map(|n| (n, None)));
    let two: BTreeMap<u32, Hash> = children.into_iter().take(2).collect();
    assert_eq!(dir.hash(), plain(&two));
    dir.update([(0, None), (1, None)]);
    assert_eq!(dir.hash(), None);
}

#[test]
fn a_change_shares_all_that_is_beside_its_way() {
    let old: Dir<u32> = (0..10_000_u32).map(|n| (n, [0; 32])).collect();
    let mut new = old.clone();
    new.update([(77, Some([1; 32]))]);
    fn inodes(part: &Part<u32>, out: &mut Vec<*const Inode<u32>>) {
        if let Part::Inode(many) = part {
            out.push(Arc::as_ptr(many));
            many.sides.iter().flatten().for_each(|side| inodes(side, out));
        }
    }
    let [old, new] = [&old, &new].map(|dir| {
        let mut all = Vec::new();
        inodes(dir.root().unwrap(), &mut all);
        all
    });
    let copied = new.iter().filter(|one| !old.contains(one)).count();
    assert!(copied <= 24, "{copied} of {}", new.len());
}
