//! Those who are told of every block: a bounded number, of whom none makes others wait.

use std::sync::Arc;

use tokio::sync::mpsc::{Receiver, Sender, channel};

use crate::limits::{MAX_BLOCKS_BEHIND, MAX_STREAMS};

/// Which blocks are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Feed {
    /// Each, when it is the head.
    Head,
    /// Each, when it is final.
    Final,
}

/// The blocks that one of them is told, as JSON. They end when it was too slow, or all ends.
pub(crate) type BlockStream = Receiver<Arc<str>>;

#[derive(Debug)]
struct Subscriber {
    feed: Feed,
    blocks: Sender<Arc<str>>,
}

/// All who are told.
#[derive(Debug, Default)]
pub(crate) struct Subscribers(Vec<Subscriber>);

impl Subscribers {
    /// Another one, who is told of a block first; `None` if there are too many.
    pub(crate) fn add(&mut self, feed: Feed, first: &Arc<str>) -> Option<BlockStream> {
        self.0.retain(|subscriber| !subscriber.blocks.is_closed());
        if self.0.len() >= MAX_STREAMS {
            return None;
        }
        let (blocks, stream) = channel(MAX_BLOCKS_BEHIND);
        // It has just come: there is room.
        let _ = blocks.try_send(Arc::clone(first));
        self.0.push(Subscriber { feed, blocks });
        Some(stream)
    }

    /// Whether anybody wants to hear of such blocks.
    pub(crate) fn want(&self, feed: Feed) -> bool {
        self.0.iter().any(|subscriber| subscriber.feed == feed)
    }

    /// Tells a block to those who want to hear of such. Who is too far behind is told no more.
    pub(crate) fn tell(&mut self, feed: Feed, block: &Arc<str>) {
        self.0.retain(|subscriber| {
            subscriber.feed != feed || subscriber.blocks.try_send(Arc::clone(block)).is_ok()
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::sync::mpsc::error::TryRecvError;

    #[test]
    fn they_are_bounded_and_the_slow_are_left_behind() {
        let mut subscribers = Subscribers::default();
        let block: Arc<str> = Arc::from("{}");
        let mut quick = subscribers.add(Feed::Head, &block).unwrap();
        let mut slow = subscribers.add(Feed::Head, &block).unwrap();
        let mut other = subscribers.add(Feed::Final, &block).unwrap();
        assert_eq!((quick.try_recv(), other.try_recv()), (Ok(block.clone()), Ok(block.clone())));
        for _ in 0..MAX_BLOCKS_BEHIND {
            subscribers.tell(Feed::Head, &block);
            assert_eq!(quick.try_recv(), Ok(block.clone()));
        }
        for _ in 0..MAX_BLOCKS_BEHIND {
            assert_eq!(slow.try_recv(), Ok(block.clone()));
        }
        assert_eq!(slow.try_recv(), Err(TryRecvError::Disconnected));
        assert_eq!(other.try_recv(), Err(TryRecvError::Empty));
        assert_eq!(subscribers.0.len(), 2);
        let all: Vec<BlockStream> =
            std::iter::from_fn(|| subscribers.add(Feed::Final, &block)).collect();
        assert_eq!(all.len(), MAX_STREAMS - 2);
        drop(other);
        let last = subscribers.add(Feed::Head, &block);
        assert!(last.is_some() && subscribers.add(Feed::Head, &block).is_none());
    }
}
