//! What the thread that owns the chain serves: the chain, how it is served, and who is told of blocks.

use std::sync::Arc;

use store::KeptState;

use crate::chain::Chain;
use crate::error::NodeError;
use crate::options::Options;
use crate::shapes::BlockHead;
use crate::subscribers::{BlockStream, Feed, Subscribers};

/// All that a request can be about.
pub(crate) struct NodeService<'a> {
    pub(crate) chain: &'a mut Chain,
    pub(crate) options: &'a Options,
    subscribers: Subscribers,
    /// The last level that was told.
    last_told: i32,
}

impl<'a> NodeService<'a> {
    pub(crate) fn new(chain: &'a mut Chain, options: &'a Options) -> Self {
        let last_told = chain.head();
        Self { chain, options, subscribers: Subscribers::default(), last_told }
    }

    /// Plays a level with what waits, and tells of it.
    pub(crate) fn bake(&mut self) -> Result<(), NodeError> {
        self.chain.bake()?;
        self.tell()
    }

    /// Plays some levels, tells of them, and returns how many it were: see [`Chain::bake_some`].
    pub(crate) fn bake_some(&mut self, levels: u32) -> Result<u32, NodeError> {
        let played = self.chain.bake_some(levels);
        self.tell()?;
        played
    }

    /// Goes back: see [`Chain::revert`]. What is told next is what comes then.
    pub(crate) fn revert(&mut self, state: KeptState<'_>) -> Result<(), NodeError> {
        let done = self.chain.revert(state);
        self.last_told = self.last_told.min(self.chain.head());
        done
    }

    /// Tells another one of blocks, from the last one on.
    pub(crate) fn subscribe(&mut self, feed: Feed) -> Result<BlockStream, NodeError> {
        let level = match feed {
            Feed::Head => self.chain.head(),
            Feed::Final => self.chain.resolve("finalized")?,
        };
        let block = self.block(level)?;
        self.subscribers.add(feed, &block).ok_or(NodeError::TooManyStreams)
    }

    fn tell(&mut self) -> Result<(), NodeError> {
        let oldest = self.chain.store().oldest()?;
        while self.last_told < self.chain.head() {
            self.last_told = self.last_told.saturating_add(1);
            let last_final = Chain::final_at(self.last_told);
            for (feed, level) in [(Feed::Head, self.last_told), (Feed::Final, last_final)] {
                if level > oldest && self.subscribers.want(feed) {
                    let block = self.block(level)?;
                    self.subscribers.tell(feed, &block);
                }
            }
        }
        Ok(())
    }

    /// A block as streams tell it.
    fn block(&self, level: i32) -> Result<Arc<str>, NodeError> {
        let block = serde_json::to_string(&BlockHead::of(self.chain, level)?);
        Ok(block.map_err(NodeError::Unwritable)?.into())
    }
}
