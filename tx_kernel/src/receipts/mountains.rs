//! A Merkle tree that grows by leaves at its end, as a list of peaks: a Merkle mountain range.
//!
//! So many leaves as a power of two make a mountain, a perfect binary tree. The mountains stand in the
//! order of their leaves, and each is higher than the next: their heights are the bits of the number of
//! leaves. A new leaf costs one hash, and one more for each mountain that it completes.
//!
//! | what | hash: Blake2b-256 of |
//! |---|---|
//! | a leaf | `00`, a length u8, that many bytes of a name, the record |
//! | a node | `01`, the left child, the right child |
//! | the root | `02`, the number of leaves u64, the peaks |

use encoding::{Hash32, blake2b_256};

const LEAF: u8 = 0;
const NODE: u8 = 1;
const ROOT: u8 = 2;

/// The hash of a leaf: a record, under a name of at most 255 bytes.
///
/// Longer names are cut. The names of results have at most 75 bytes.
pub fn leaf(name: &str, record: &[u8]) -> Hash32 {
    let length = u8::try_from(name.len()).unwrap_or(u8::MAX);
    let name = name.as_bytes().get(..length.into()).unwrap_or_default();
    blake2b_256(&[&[LEAF, length], name, record])
}

fn node(left: &Hash32, right: &Hash32) -> Hash32 {
    blake2b_256(&[&[NODE], &left.0, &right.0])
}

fn root(leaves: u64, peaks: &[Hash32]) -> Hash32 {
    let mut bytes = vec![ROOT];
    bytes.extend_from_slice(&leaves.to_be_bytes());
    peaks.iter().for_each(|peak| bytes.extend_from_slice(&peak.0));
    blake2b_256(&[&bytes])
}

/// The peaks of a growing tree.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mountains {
    leaves: u64,
    /// One for each bit of `leaves`, the highest first.
    peaks: Vec<Hash32>,
}

impl Mountains {
    /// How many leaves there are.
    pub fn leaves(&self) -> u64 {
        self.leaves
    }

    /// Adds a leaf at the end.
    pub fn append(&mut self, leaf: Hash32) {
        let mut peak = leaf;
        let mut complete = self.leaves;
        while complete & 1 == 1
            && let Some(left) = self.peaks.pop()
        {
            peak = node(&left, &peak);
            complete >>= 1;
        }
        self.peaks.push(peak);
        self.leaves = self.leaves.saturating_add(1);
    }

    /// The root over all leaves.
    pub fn root(&self) -> Hash32 {
        root(self.leaves, &self.peaks)
    }

    /// Number of leaves u64, peaks.
    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.leaves.to_be_bytes());
        self.peaks.iter().for_each(|peak| out.extend_from_slice(&peak.0));
    }

    /// Reads what [`Self::write`] has written: all of the bytes.
    pub(crate) fn read(bytes: &[u8]) -> Option<Self> {
        let (leaves, peaks) = bytes.split_first_chunk()?;
        let leaves = u64::from_be_bytes(*leaves);
        let (peaks, []) = peaks.as_chunks::<32>() else { return None };
        let as_many = u32::try_from(peaks.len()) == Ok(leaves.count_ones());
        as_many.then(|| Mountains { leaves, peaks: peaks.iter().copied().map(Hash32).collect() })
    }
}

/// What leads from a leaf to the root.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Path {
    /// The place of the leaf, from 0.
    pub index: u64,
    /// How many leaves there are.
    pub leaves: u64,
    /// The other child of each node on the way up the leaf's mountain, from below.
    pub siblings: Vec<Hash32>,
    /// The peaks of the other mountains, in order.
    pub peaks: Vec<Hash32>,
}

impl Path {
    /// The path of the leaf at `index`, if there is one.
    pub fn of(leaves: &[Hash32], index: usize) -> Option<Self> {
        let mountain = Mountain::of(as_u64(index), as_u64(leaves.len()))?;
        let mut rest = leaves;
        let (mut siblings, mut peaks) = (Vec::new(), Vec::new());
        for height in heights(as_u64(leaves.len())) {
            let (mut row, after) = rest.split_at_checked(1 << height)?;
            rest = after;
            let mut at = (height == mountain.height).then_some(mountain.index);
            let mut above: Vec<Hash32>;
            while row.len() > 1 {
                if let Some(at) = &mut at {
                    siblings.push(*row.get(usize::try_from(*at ^ 1).ok()?)?);
                    *at >>= 1;
                }
                above = row.as_chunks::<2>().0.iter().map(|[l, r]| node(l, r)).collect();
                row = &above;
            }
            if at.is_none() {
                peaks.extend_from_slice(row);
            }
        }
        Some(Path { index: as_u64(index), leaves: as_u64(leaves.len()), siblings, peaks })
    }

    /// The root that this path leads to from a leaf; `None` if it has not the form of a path.
    pub fn root(&self, leaf: Hash32) -> Option<Hash32> {
        let mountain = Mountain::of(self.index, self.leaves)?;
        let others = usize::try_from(self.leaves.count_ones()).ok()?.checked_sub(1)?;
        let height = usize::try_from(mountain.height).ok()?;
        if self.siblings.len() != height || self.peaks.len() != others {
            return None;
        }
        let (mut peak, mut at) = (leaf, mountain.index);
        for sibling in &self.siblings {
            peak = if at & 1 == 0 { node(&peak, sibling) } else { node(sibling, &peak) };
            at >>= 1;
        }
        let mut peaks = self.peaks.clone();
        peaks.insert(mountain.number, peak);
        Some(root(self.leaves, &peaks))
    }
}

/// Where a leaf is.
struct Mountain {
    /// The mountain's number, from 0, the highest first.
    number: usize,
    height: u32,
    /// The place of the leaf in it.
    index: u64,
}

impl Mountain {
    fn of(index: u64, leaves: u64) -> Option<Self> {
        let mut before = 0;
        for (number, height) in heights(leaves).enumerate() {
            let index = index.checked_sub(before)?;
            if index < 1 << height {
                return Some(Mountain { number, height, index });
            }
            before += 1 << height;
        }
        None
    }
}

/// The heights of the mountains of so many leaves, the highest first.
fn heights(leaves: u64) -> impl Iterator<Item = u32> {
    (0..u64::BITS).rev().filter(move |height| leaves >> height & 1 == 1)
}

fn as_u64(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn leaves(count: u8) -> Vec<Hash32> {
        (0..count).map(|number| leaf("message/1/0", &[number])).collect()
    }

    #[test]
    fn every_path_leads_to_the_root_that_growing_makes() {
        let mut grown = Mountains::default();
        for count in 1..=70 {
            let leaves = leaves(count);
            grown.append(leaves[usize::from(count) - 1]);
            for (index, leaf) in leaves.iter().enumerate() {
                let path = Path::of(&leaves, index).expect("there is such a leaf");
                assert_eq!(path.root(*leaf), Some(grown.root()), "{index} of {count}");
            }
            assert_eq!(Path::of(&leaves, leaves.len()), None);
            let mut bytes = Vec::new();
            grown.write(&mut bytes);
            assert_eq!(Mountains::read(&bytes), Some(grown.clone()));
            assert_eq!(Mountains::read(&bytes[1..]), None);
        }
    }

    #[test]
    fn three_leaves_by_hand() {
        let [a, b, c] = leaves(3)[..] else { unreachable!("three") };
        let left = blake2b_256(&[&[1], &a.0, &b.0]);
        let by_hand = blake2b_256(&[&[2], &3u64.to_be_bytes(), &left.0, &c.0]);
        let mut grown = Mountains::default();
        [a, b, c].into_iter().for_each(|leaf| grown.append(leaf));
        assert_eq!(grown.root(), by_hand);
        assert_eq!(a, blake2b_256(&[&[0, 11], b"message/1/0", &[0]]));
    }

    #[test]
    fn a_changed_path_leads_elsewhere_or_nowhere() {
        let leaves = leaves(13);
        let path = Path::of(&leaves, 9).expect("there is such a leaf");
        let root = path.root(leaves[9]).expect("a root");
        let mut changed: Vec<Path> = (0..20)
            .flat_map(|number| {
                [Path { index: number, ..path.clone() }, Path { leaves: number, ..path.clone() }]
            })
            .filter(|other| *other != path)
            .collect();
        changed.push(Path { siblings: path.siblings[1..].to_vec(), ..path.clone() });
        changed.push(Path { peaks: path.peaks[1..].to_vec(), ..path.clone() });
        changed.push(Path { leaves: u64::MAX, index: u64::MAX, ..path.clone() });
        changed.push(Path { leaves: 0, index: 0, siblings: vec![], peaks: vec![] });
        for other in changed {
            assert_ne!(other.root(leaves[9]), Some(root), "{other:?}");
        }
        assert_ne!(path.root(leaves[8]), Some(root));
    }
}
