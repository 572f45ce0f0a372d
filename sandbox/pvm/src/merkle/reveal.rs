//! A directory as a proof shows it: the ways to some of its children, and hashes for the rest.

use super::dir::{Item, Part, by_name, hash_of};
use super::{Dir, Hash, Kind, Label, MAX_LISTED, blake};

/// A child that is listed: its name, what it is, its hash.
pub(crate) type Child = (Vec<u8>, Kind, Hash);

/// A part of a directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Revealed {
    /// Only its hash.
    Hidden(Hash),
    /// One or two children, in order of their names.
    Listed(Vec<Child>),
    /// More, in two parts, one of which may be empty.
    Inode {
        /// How many.
        count: usize,
        /// The parts.
        sides: [Option<Box<Revealed>>; 2],
    },
}

/// The ways to some children, which all lead to this part: the hashes of their names.
type Ways<'a> = Vec<&'a Hash>;

fn side(way: &Hash, depth: usize) -> usize {
    let byte = way.get(depth / 8).copied().unwrap_or(0);
    usize::from(byte >> (7 - depth % 8) & 1 == 1)
}

impl<K: Label> Dir<K> {
    /// Shows the ways to children. `None` for a directory without children.
    pub(crate) fn reveal<'n>(&self, names: impl IntoIterator<Item = &'n [u8]>) -> Option<Revealed> {
        let ways: Vec<Hash> = names.into_iter().map(blake).collect();
        self.root().map(|root| part(root, 0, ways.iter().collect()))
    }
}

fn part<K: Label>(from: &Part<K>, depth: usize, ways: Ways<'_>) -> Revealed {
    match from {
        Part::Flat { items, .. } => few(items, depth, ways),
        Part::Inode(_) if ways.is_empty() => Revealed::Hidden(from.hash()),
        Part::Inode(many) => {
            let [left, right] = split(ways, depth);
            let [old_left, old_right] = &many.sides;
            let show = |side: &Option<Part<K>>, ways| {
                side.as_ref().map(|side| Box::new(part(side, depth + 1, ways)))
            };
            Revealed::Inode {
                count: many.count,
                sides: [show(old_left, left), show(old_right, right)],
            }
        }
    }
}

fn few<K: Label>(items: &[Item<K>], depth: usize, ways: Ways<'_>) -> Revealed {
    // A directory that is shown and is listed in one piece is listed, whatever is looked for.
    let is_listed = items.len() <= MAX_LISTED;
    if ways.is_empty() && !(is_listed && depth == 0) {
        return Revealed::Hidden(hash_of(items, depth));
    }
    if is_listed {
        return Revealed::Listed(by_name(items));
    }
    let cut = items.partition_point(|item| item.side(depth) == 0);
    let (left, right) = items.split_at(cut);
    let [ways_left, ways_right] = split(ways, depth);
    let show =
        |side: &[Item<K>], ways| (!side.is_empty()).then(|| Box::new(few(side, depth + 1, ways)));
    Revealed::Inode { count: items.len(), sides: [show(left, ways_left), show(right, ways_right)] }
}

fn split(ways: Ways<'_>, depth: usize) -> [Ways<'_>; 2] {
    let (left, right) = ways.into_iter().partition(|way| side(way, depth) == 0);
    [left, right]
}
