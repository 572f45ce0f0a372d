//! Those who are told of every block: a bounded number, of whom none makes others wait.

use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::sync::{Arc, Weak};
use std::time::Duration;

use crate::limits::{MAX_BLOCKS_BEHIND, MAX_STREAMS};

/// Which blocks are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Which {
    /// Each, when it is the head.
    Head,
    /// Each, when it is final.
    Final,
}

struct Watcher {
    which: Which,
    values: SyncSender<Arc<str>>,
    /// Dead when nobody listens any more.
    listens: Weak<()>,
}

/// All who are told.
#[derive(Default)]
pub(crate) struct Watchers(Vec<Watcher>);

/// The values that one of them is told. They end when it was too slow, or all ends.
#[derive(Debug)]
pub(crate) struct Told {
    values: Receiver<Arc<str>>,
    _listens: Arc<()>,
}

impl Watchers {
    /// Another one; `None` if there are too many.
    pub(crate) fn add(&mut self, which: Which) -> Option<Told> {
        self.0.retain(|watcher| watcher.listens.strong_count() > 0);
        if self.0.len() >= MAX_STREAMS {
            return None;
        }
        let (values, told) = sync_channel(MAX_BLOCKS_BEHIND);
        let listens = Arc::new(());
        self.0.push(Watcher { which, values, listens: Arc::downgrade(&listens) });
        Some(Told { values: told, _listens: listens })
    }

    /// Whether anybody wants to hear of such blocks.
    pub(crate) fn want(&self, which: Which) -> bool {
        self.0.iter().any(|watcher| watcher.which == which)
    }

    /// Tells a block to those who want to hear of such. Who is too far behind is told no more.
    pub(crate) fn tell(&mut self, which: Which, value: &Arc<str>) {
        self.0.retain(|watcher| {
            watcher.which != which || watcher.values.try_send(Arc::clone(value)).is_ok()
        });
    }

    /// Tells a block to the one who came last.
    pub(crate) fn tell_last(&self, value: &Arc<str>) {
        if let Some(watcher) = self.0.last() {
            // It has just come: there is room.
            let _ = watcher.values.try_send(Arc::clone(value));
        }
    }
}

impl Told {
    /// The next value; an error if there is none yet, or there are no more.
    pub(crate) fn next(&self, within: Duration) -> Result<Arc<str>, RecvTimeoutError> {
        self.values.recv_timeout(within)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn they_are_bounded_and_the_slow_are_left_behind() {
        let mut watchers = Watchers::default();
        let quick = watchers.add(Which::Head).unwrap();
        let slow = watchers.add(Which::Head).unwrap();
        let other = watchers.add(Which::Final).unwrap();
        let value: Arc<str> = Arc::from("{}");
        for _ in 0..=MAX_BLOCKS_BEHIND {
            watchers.tell(Which::Head, &value);
            assert_eq!(quick.next(Duration::from_secs(1)).unwrap(), value);
        }
        for _ in 0..MAX_BLOCKS_BEHIND {
            assert!(slow.next(Duration::ZERO).is_ok());
        }
        assert_eq!(slow.next(Duration::ZERO), Err(RecvTimeoutError::Disconnected));
        assert_eq!(other.next(Duration::ZERO), Err(RecvTimeoutError::Timeout));
        assert_eq!(watchers.0.len(), 2);
        let all: Vec<Told> = std::iter::from_fn(|| watchers.add(Which::Final)).collect();
        assert_eq!(all.len(), MAX_STREAMS - 2);
        drop(other);
        let last = watchers.add(Which::Head);
        assert!(last.is_some() && watchers.add(Which::Head).is_none());
    }
}
