//! What those who look at an index are told while it goes on.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use encoding::{Level, RollupAddress};
use tokio::sync::watch;
use wallet::rpc::Block;

/// What the index has at its end. Whoever waits is woken by each change.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Change {
    /// Counts the changes since the index was opened: a head can come back after it was taken back.
    pub generation: u64,
    /// Counts those of them that took levels back.
    pub taken_back: u64,
    /// The last block that is in the index; nothing before the first.
    pub head: Option<Block>,
}

/// How far the index is behind its node, and what is wrong, if anything is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Following {
    /// The rollup, once the node has told.
    pub rollup: Option<RollupAddress>,
    /// The node's head when it was last asked.
    pub node_head: Option<Level>,
    /// The last level that is in the index.
    pub indexed: Option<Level>,
    /// The first level that is in the index, or that it begins with.
    pub first: Option<Level>,
    /// The head of which it is all known, the stages of withdrawals included.
    pub settled: Option<Block>,
    /// What keeps it from going on.
    pub trouble: Option<Trouble>,
    /// Why it has ended for good, if it has.
    pub ended: Option<String>,
}

/// Something that keeps an index from going on: it is tried again and again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble {
    /// What, in a sentence.
    pub text: String,
    /// Since when.
    pub since: SystemTime,
}

impl Following {
    /// Levels that the node has and the index has not; nothing before the node has told.
    #[must_use]
    pub fn behind(&self) -> Option<u32> {
        let head = self.node_head?.0;
        let before_first = || self.first.map_or(head, |first| first.0.saturating_sub(1));
        let indexed = self.indexed.map_or_else(before_first, |level| level.0);
        Some(u32::try_from(head.saturating_sub(indexed)).unwrap_or(0))
    }
}

/// What is told, and to whom.
#[derive(Debug, Default)]
pub(super) struct Broadcast {
    following: Mutex<Following>,
    changes: watch::Sender<Change>,
}

impl Broadcast {
    /// How far it is.
    pub(super) fn following(&self) -> Following {
        self.lock().clone()
    }

    /// A receiver of all changes from now on.
    pub(super) fn changes(&self) -> watch::Receiver<Change> {
        self.changes.subscribe()
    }

    /// Notes how far it is.
    pub(super) fn note(&self, note: impl FnOnce(&mut Following)) {
        note(&mut self.lock());
    }

    /// Notes that something keeps it from going on: since when stays that of the first time.
    pub(super) fn trouble(&self, text: String) {
        self.note(|following| {
            let before = following.trouble.take();
            let since = before.map_or_else(SystemTime::now, |before| before.since);
            following.trouble = Some(Trouble { text, since });
        });
    }

    /// Begins with what the index had before.
    pub(super) fn begin(&self, head: Option<Block>) {
        self.note(|following| following.indexed = head.as_ref().map(|block| block.level));
        self.changes.send_modify(|change| change.head = head);
    }

    /// Tells of a new head, and whether levels were taken back for it.
    pub(super) fn changed(&self, head: Option<Block>, taken_back: bool) {
        self.note(|following| following.indexed = head.as_ref().map(|block| block.level));
        self.changes.send_modify(|change| {
            change.generation += 1;
            change.taken_back += u64::from(taken_back);
            change.head = head;
        });
    }

    fn lock(&self) -> MutexGuard<'_, Following> {
        self.following.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn following(first: Option<i32>, indexed: Option<i32>, head: Option<i32>) -> Following {
        let level = |level: Option<i32>| level.map(Level);
        let (first, indexed, node_head) = (level(first), level(indexed), level(head));
        Following { first, indexed, node_head, ..Following::default() }
    }

    #[test]
    fn how_far_behind() {
        for (first, indexed, head, behind) in [
            (None, None, None, None),
            (None, None, Some(7), Some(0)),
            (Some(1), None, Some(7), Some(7)),
            (Some(1), Some(5), Some(7), Some(2)),
            (Some(1), Some(7), Some(7), Some(0)),
            // The node went back, and the index has not yet.
            (Some(1), Some(9), Some(7), Some(0)),
        ] {
            assert_eq!(following(first, indexed, head).behind(), behind);
        }
    }

    #[test]
    fn trouble_is_since_the_first_time_and_changes_wake() {
        let broadcast = Broadcast::default();
        broadcast.trouble("one".to_owned());
        let first = broadcast.following().trouble.unwrap();
        broadcast.trouble("two".to_owned());
        let second = broadcast.following().trouble.unwrap();
        assert_eq!((second.text.as_str(), second.since), ("two", first.since));
        let changes = broadcast.changes();
        let head = Block { hash: "BL".to_owned(), level: Level(3) };
        broadcast.changed(Some(head.clone()), true);
        assert!(changes.has_changed().unwrap());
        let change = Change { generation: 1, taken_back: 1, head: Some(head) };
        assert_eq!(*changes.borrow(), change);
        assert_eq!(broadcast.following().indexed, Some(Level(3)));
    }
}
