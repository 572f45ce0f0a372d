//! The outboxes that a state has: one for each level of a window, with or without messages.

use crate::merkle::{Dir, Hash, Kind, Label, Tree, contents, int, string};
use imbl::OrdMap;
use std::sync::Arc;

/// The most outboxes that a state can be made with.
pub const MAX_OUTBOXES: usize = 1 << 20;

/// The level of an outbox, as a name.
#[derive(Clone, Copy, Debug)]
pub(crate) struct OutboxLevel(pub(crate) i32);

/// The index of a message, as a name.
#[derive(Clone, Copy, Debug)]
pub(crate) struct MessageIndex(pub(crate) u64);

impl Label for OutboxLevel {
    fn kind(&self) -> Kind {
        Kind::Directory
    }

    fn with_bytes<R>(&self, then: impl FnOnce(&[u8]) -> R) -> R {
        then(self.0.to_string().as_bytes())
    }
}

impl Label for MessageIndex {
    fn kind(&self) -> Kind {
        Kind::Contents
    }

    fn with_bytes<R>(&self, then: impl FnOnce(&[u8]) -> R) -> R {
        then(self.0.to_string().as_bytes())
    }
}

/// A message as the state has it.
pub(crate) fn stored_message(message: &[u8]) -> Vec<u8> {
    string(message)
}

/// The messages of a level.
#[derive(Clone, Debug, Default)]
pub(crate) struct Outbox {
    messages: Vec<Vec<u8>>,
}

impl Outbox {
    /// The messages.
    pub(crate) fn messages(&self) -> &[Vec<u8>] {
        &self.messages
    }

    /// Their directory.
    pub(crate) fn contents(&self) -> Dir<MessageIndex> {
        let messages = (0..).zip(&self.messages);
        messages.map(|(i, bytes)| (MessageIndex(i), contents(&stored_message(bytes)))).collect()
    }

    /// The directory of the outbox, with that of the messages by its hash.
    pub(crate) fn tree(&self) -> Tree {
        let messages = self.contents().hash().map(|hash| ("contents", Tree::Kept(hash)));
        let length = u64::try_from(self.messages.len()).unwrap_or(u64::MAX);
        let numbers = [("head", Tree::Contents(int(0))), ("length", Tree::Contents(int(length)))];
        Tree::Directory(messages.into_iter().chain(numbers).collect())
    }
}

/// The outboxes of a window of levels.
#[derive(Clone, Debug)]
pub(crate) struct Outboxes {
    validity: i32,
    /// Those of all levels from the oldest to the newest.
    boxes: OrdMap<i32, Arc<Outbox>>,
    /// What levels without messages share.
    empty: Arc<Outbox>,
    empty_hash: Hash,
    dir: Dir<OutboxLevel>,
}

impl Outboxes {
    /// None yet.
    pub(crate) fn new(validity: i32) -> Self {
        let empty = Arc::<Outbox>::default();
        let empty_hash = empty.tree().hash();
        Self { validity, boxes: OrdMap::new(), empty, empty_hash, dir: Dir::default() }
    }

    /// All of them, unless they are more than [`MAX_OUTBOXES`].
    pub(super) fn from_parts(
        validity: i32,
        boxes: impl IntoIterator<Item = (i32, Vec<Vec<u8>>)>,
    ) -> Option<Self> {
        let mut out = Self::new(validity);
        for (level, messages) in boxes {
            let outbox = match messages.is_empty() {
                true => Arc::clone(&out.empty),
                false => Arc::new(Outbox { messages }),
            };
            out.boxes.insert(level, outbox);
            if out.boxes.len() > MAX_OUTBOXES {
                return None;
            }
        }
        let hash = |outbox: &Outbox| match outbox.messages.is_empty() {
            true => out.empty_hash,
            false => outbox.tree().hash(),
        };
        let hashes = out.boxes.iter().map(|(level, outbox)| (OutboxLevel(*level), hash(outbox)));
        out.dir = hashes.collect();
        Some(out)
    }

    /// Makes the range of levels another one.
    pub(super) fn go_to<E>(
        &mut self,
        range: Option<(i32, i32)>,
        mut messages: impl FnMut(i32) -> Result<Vec<Vec<u8>>, E>,
    ) -> Result<(), E> {
        let is_in = |level: i32| range.is_some_and(|(first, last)| (first..=last).contains(&level));
        let mut changes: OrdMap<i32, Option<Hash>> = OrdMap::new();
        // A range is changed at its ends.
        while let Some(level) = self.boxes.get_min().map(|(level, _)| *level)
            && !is_in(level)
        {
            self.boxes.remove(&level);
            changes.insert(level, None);
        }
        while let Some(level) = self.last().filter(|level| !is_in(*level)) {
            self.boxes.remove(&level);
            changes.insert(level, None);
        }
        if let Some((first, last)) = range {
            let (low, high) = self.range().unwrap_or((last.saturating_add(1), last));
            for level in (first..low).chain(high.saturating_add(1)..=last) {
                if self.boxes.contains_key(&level) {
                    continue;
                }
                let outbox = Outbox { messages: messages(level)? };
                let hash = match outbox.messages.is_empty() {
                    true => self.empty_hash,
                    false => outbox.tree().hash(),
                };
                self.boxes.insert(level, Arc::new(outbox));
                changes.insert(level, Some(hash));
            }
        }
        self.dir.update(changes.into_iter().map(|(level, hash)| (OutboxLevel(level), hash)));
        Ok(())
    }

    pub(super) fn validity(&self) -> i32 {
        self.validity
    }

    pub(super) fn set_validity(&mut self, validity: i32) {
        self.validity = validity;
    }

    /// The levels of the oldest and the newest.
    pub(super) fn range(&self) -> Option<(i32, i32)> {
        let [first, last] = [self.boxes.get_min(), self.boxes.get_max()];
        Some((first?.0, last?.0))
    }

    /// The level of the newest.
    pub(super) fn last(&self) -> Option<i32> {
        self.boxes.get_max().map(|(level, _)| *level)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (i32, &[Vec<u8>])> {
        self.boxes.iter().map(|(level, outbox)| (*level, outbox.messages()))
    }

    /// The outbox of a level.
    pub(crate) fn get(&self, level: i32) -> Option<&Outbox> {
        self.boxes.get(&level).map(|outbox| &**outbox)
    }

    /// The directory of all.
    pub(crate) fn dir(&self) -> &Dir<OutboxLevel> {
        &self.dir
    }

    /// A level begins. Only the first one's number counts: each other is taken for the next.
    pub(super) fn begin(&mut self, level: i32) {
        let mut changes = Vec::with_capacity(2);
        let next = match self.last() {
            None => level,
            Some(last) => {
                let old = last.wrapping_sub(self.validity).wrapping_add(1);
                if self.boxes.remove(&old).is_some() {
                    changes.push((OutboxLevel(old), None));
                }
                last.saturating_add(1)
            }
        };
        self.boxes.insert(next, Arc::clone(&self.empty));
        changes.push((OutboxLevel(next), Some(self.empty_hash)));
        self.dir.update(changes);
    }

    /// Messages for the newest.
    pub(super) fn append(&mut self, more: &[Vec<u8>]) {
        let Some(level) = self.last().filter(|_| !more.is_empty()) else { return };
        let mut messages = self.get(level).map_or_else(Vec::new, |outbox| outbox.messages.clone());
        messages.extend_from_slice(more);
        let outbox = Outbox { messages };
        self.dir.update([(OutboxLevel(level), Some(outbox.tree().hash()))]);
        self.boxes.insert(level, Arc::new(outbox));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_of_levels_is_kept_whatever_the_levels_are_called() {
        let mut outboxes = Outboxes::new(3);
        assert_eq!(outboxes.range(), None);
        outboxes.begin(20);
        outboxes.append(&[b"x".to_vec()]);
        // A jump in the levels is none here.
        for level in [21, 30, 31] {
            outboxes.begin(level);
        }
        assert_eq!(outboxes.range(), Some((21, 23)));
        outboxes.set_validity(100);
        outboxes.begin(0);
        assert_eq!(outboxes.range(), Some((21, 24)));
        outboxes.append(&[b"a".to_vec()]);
        outboxes.append(&[b"b".to_vec(), Vec::new()]);
        assert_eq!(outboxes.get(24).unwrap().messages(), [&b"a"[..], b"b", b""]);
        let boxes = outboxes.iter().map(|(level, messages)| (level, messages.to_vec()));
        let again = Outboxes::from_parts(100, boxes.collect::<Vec<_>>()).unwrap();
        assert_eq!(again.dir().hash(), outboxes.dir().hash());
        // To another range and back, with what is no more there brought by the caller.
        let mut moved = again.clone();
        for range in [None, Some((20, 22)), Some((100, 101)), outboxes.range()] {
            let brought = |level| {
                Ok::<_, ()>(
                    outboxes.get(level).map_or_else(Vec::new, |outbox| outbox.messages().to_vec()),
                )
            };
            moved.go_to(range, brought).unwrap();
            assert_eq!(moved.range(), range);
        }
        assert_eq!(moved.dir().hash(), outboxes.dir().hash());
        let many = i32::try_from(MAX_OUTBOXES).unwrap();
        assert!(Outboxes::from_parts(3, (0..=many).map(|level| (level, Vec::new()))).is_none());
    }
}
