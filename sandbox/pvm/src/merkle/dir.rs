//! A directory that keeps the hashes of its inodes: a change rehashes what lies on its way alone, and
//! clones share the rest.
//!
//! Inode that have few children below them are not kept, as their hashes cost less than their memory.

use super::{Hash, Kind, MAX_LISTED, blake, bucket, directory, inode};
use std::cmp::Ordering;
use std::sync::Arc;

/// The most children whose inodes are hashed anew each time.
const FEW: usize = 8;

/// The bits of the hash of a name.
const NAME_BITS: usize = 256;

/// The name of a child, as its owner keeps it.
pub(crate) trait Label: Clone {
    /// What the child is.
    fn kind(&self) -> Kind;

    /// Its bytes.
    fn with_bytes<R>(&self, then: impl FnOnce(&[u8]) -> R) -> R;
}

/// Children by name, with their hashes.
#[derive(Clone, Debug)]
pub(crate) struct Dir<K> {
    root: Option<Part<K>>,
}

/// A child.
#[derive(Clone, Debug)]
pub(super) struct Item<K> {
    /// The first bits of the hash of its name.
    place: u64,
    pub(super) name: K,
    pub(super) hash: Hash,
}

/// The children that share the first bits of the hashes of their names: at least one.
#[derive(Clone, Debug)]
pub(super) enum Part<K> {
    /// At most [`FEW`], in order of the hashes of their names.
    Flat { hash: Hash, items: Arc<[Item<K>]> },
    /// More.
    Inode(Arc<Inode<K>>),
}

/// An inode.
#[derive(Clone, Debug)]
pub(super) struct Inode<K> {
    hash: Hash,
    pub(super) count: usize,
    pub(super) sides: [Option<Part<K>>; 2],
}

/// A child that is to be put in place, or to go.
struct Change<K> {
    place: u64,
    name: K,
    hash: Option<Hash>,
}

/// Bit `depth` of the hash of a name: which part its child belongs to at that depth.
fn side<K: Label>(place: u64, name: &K, depth: usize) -> usize {
    if depth < 64 {
        return usize::from(place >> (63 - depth) & 1 == 1);
    }
    let hash = name.with_bytes(blake);
    let byte = hash.get(depth / 8).copied().unwrap_or(0);
    usize::from(byte >> (7 - depth % 8) & 1 == 1)
}

fn place_of<K: Label>(name: &K) -> u64 {
    let hash = name.with_bytes(blake);
    hash.first_chunk().map_or(0, |first| u64::from_be_bytes(*first))
}

/// The order of the hashes of names.
fn order<K: Label>(one: (u64, &K), other: (u64, &K)) -> Ordering {
    one.0.cmp(&other.0).then_with(|| one.1.with_bytes(blake).cmp(&other.1.with_bytes(blake)))
}

impl<K: Label> Item<K> {
    /// Which part it belongs to at a depth.
    pub(super) fn side(&self, depth: usize) -> usize {
        side(self.place, &self.name, depth)
    }
}

impl<K> Default for Dir<K> {
    fn default() -> Self {
        Self { root: None }
    }
}

impl<K: Label> Dir<K> {
    /// The hash; `None` without children.
    pub(crate) fn hash(&self) -> Option<Hash> {
        self.root.as_ref().map(Part::hash)
    }

    /// How many children there are.
    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        self.root.as_ref().map_or(0, Part::count)
    }

    pub(super) fn root(&self) -> Option<&Part<K>> {
        self.root.as_ref()
    }

    /// Puts children in their places, or takes them out where there is no hash. Each name comes once.
    pub(crate) fn update(&mut self, changes: impl IntoIterator<Item = (K, Option<Hash>)>) {
        let changes = changes.into_iter();
        let mut changes: Vec<Change<K>> =
            changes.map(|(name, hash)| Change { place: place_of(&name), name, hash }).collect();
        changes.sort_unstable_by(|a, b| order((a.place, &a.name), (b.place, &b.name)));
        self.root = merge(self.root.as_ref(), &changes, 0);
    }
}

impl<K: Label> FromIterator<(K, Hash)> for Dir<K> {
    fn from_iter<I: IntoIterator<Item = (K, Hash)>>(children: I) -> Self {
        let mut dir = Self::default();
        dir.update(children.into_iter().map(|(name, hash)| (name, Some(hash))));
        dir
    }
}

impl<K> Part<K> {
    pub(super) fn hash(&self) -> Hash {
        match self {
            Self::Flat { hash, .. } => *hash,
            Self::Inode(many) => many.hash,
        }
    }

    pub(super) fn count(&self) -> usize {
        match self {
            Self::Flat { items, .. } => items.len(),
            Self::Inode(many) => many.count,
        }
    }
}

fn merge<K: Label>(part: Option<&Part<K>>, changes: &[Change<K>], depth: usize) -> Option<Part<K>> {
    if changes.is_empty() {
        return part.cloned();
    }
    match part {
        None => make(merge_items(&[], changes), depth),
        Some(Part::Flat { items, .. }) => make(merge_items(items, changes), depth),
        Some(Part::Inode(many)) => {
            let cut = changes.partition_point(|one| side(one.place, &one.name, depth) == 0);
            let (left, right) = changes.split_at(cut);
            let [old_left, old_right] = &many.sides;
            join(
                [
                    merge(old_left.as_ref(), left, depth + 1),
                    merge(old_right.as_ref(), right, depth + 1),
                ],
                depth,
            )
        }
    }
}

/// Both in the order of the hashes of their names.
fn merge_items<K: Label>(items: &[Item<K>], changes: &[Change<K>]) -> Vec<Item<K>> {
    let mut out = Vec::with_capacity(items.len() + changes.len());
    let mut old = items.iter().peekable();
    for change in changes {
        let before = |item: &&Item<K>| {
            order((item.place, &item.name), (change.place, &change.name)) == Ordering::Less
        };
        while let Some(item) = old.next_if(before) {
            out.push(item.clone());
        }
        let same = |item: &&Item<K>| {
            order((item.place, &item.name), (change.place, &change.name)) == Ordering::Equal
        };
        let _replaced = old.next_if(same);
        if let Some(hash) = change.hash {
            out.push(Item { place: change.place, name: change.name.clone(), hash });
        }
    }
    out.extend(old.cloned());
    out
}

fn make<K: Label>(mut items: Vec<Item<K>>, depth: usize) -> Option<Part<K>> {
    if items.is_empty() {
        return None;
    }
    // No two names have the same hash, so that no part is ever as deep as that.
    if items.len() <= FEW || depth >= NAME_BITS {
        let hash = hash_of(&items, depth);
        return Some(Part::Flat { hash, items: items.into() });
    }
    let right = items.split_off(items.partition_point(|item| item.side(depth) == 0));
    join([make(items, depth + 1), make(right, depth + 1)], depth)
}

fn join<K: Label>(sides: [Option<Part<K>>; 2], depth: usize) -> Option<Part<K>> {
    let count = sides.iter().flatten().map(Part::count).sum();
    if count <= FEW {
        let mut items = Vec::with_capacity(count);
        for part in sides.iter().flatten() {
            // What has few children has no inode below it.
            if let Part::Flat { items: some, .. } = part {
                items.extend_from_slice(some);
            }
        }
        return make(items, depth);
    }
    let hashes = sides.each_ref().map(|part| part.as_ref().map(Part::hash));
    let hash = inode(depth, count, hashes);
    Some(Part::Inode(Arc::new(Inode { hash, count, sides })))
}

/// One or two children in order of their names.
pub(super) fn by_name<K: Label>(items: &[Item<K>]) -> Vec<(Vec<u8>, Kind, Hash)> {
    let listed =
        |item: &Item<K>| (item.name.with_bytes(<[u8]>::to_vec), item.name.kind(), item.hash);
    let mut children: Vec<_> = items.iter().map(listed).collect();
    children.sort_unstable_by(|(a, ..), (b, ..)| a.cmp(b));
    children
}

/// The hash of children that share so many bits.
pub(super) fn hash_of<K: Label>(items: &[Item<K>], depth: usize) -> Hash {
    if items.len() > MAX_LISTED && depth < NAME_BITS {
        let (left, right) = items.split_at(items.partition_point(|item| item.side(depth) == 0));
        let hash = |part: &[Item<K>]| (!part.is_empty()).then(|| hash_of(part, depth + 1));
        return inode(depth, items.len(), [hash(left), hash(right)]);
    }
    let children = by_name(items);
    let children = children.iter().map(|(name, kind, hash)| (name.as_slice(), *kind, *hash));
    if depth == 0 { directory(children) } else { bucket(children) }
}

#[cfg(test)]
mod tests;
