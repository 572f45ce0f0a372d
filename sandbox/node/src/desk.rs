//! What the thread that owns the chain has before it: the chain, how it is served, and who is told of
//! blocks.

use std::sync::Arc;

use store::Place;

use crate::chain::Chain;
use crate::error::NodeError;
use crate::options::Options;
use crate::shapes;
use crate::watchers::{Told, Watchers, Which};

/// All that a request can be about.
pub(crate) struct Desk<'a> {
    pub(crate) chain: &'a mut Chain,
    pub(crate) options: &'a Options,
    watchers: Watchers,
    /// The last level that was told.
    told: i32,
}

impl<'a> Desk<'a> {
    pub(crate) fn new(chain: &'a mut Chain, options: &'a Options) -> Self {
        let told = chain.head();
        Self { chain, options, watchers: Watchers::default(), told }
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
    pub(crate) fn revert(&mut self, place: Place<'_>) -> Result<(), NodeError> {
        let done = self.chain.revert(place);
        self.told = self.told.min(self.chain.head());
        done
    }

    /// Tells another one of blocks, from the last one on.
    pub(crate) fn watch(&mut self, which: Which) -> Result<Told, NodeError> {
        let level = match which {
            Which::Head => self.chain.head(),
            Which::Final => self.chain.resolve("finalized")?,
        };
        let block: Arc<str> = shapes::block(self.chain, level)?.to_string().into();
        let told = self.watchers.add(which).ok_or(NodeError::TooManyStreams)?;
        self.watchers.tell_last(&block);
        Ok(told)
    }

    fn tell(&mut self) -> Result<(), NodeError> {
        let oldest = self.chain.store().oldest()?;
        while self.told < self.chain.head() {
            self.told = self.told.saturating_add(1);
            let last_final = Chain::final_at(self.told);
            for (which, level) in [(Which::Head, self.told), (Which::Final, last_final)] {
                if level > oldest && self.watchers.want(which) {
                    let block = shapes::block(self.chain, level)?.to_string().into();
                    self.watchers.tell(which, &block);
                }
            }
        }
        Ok(())
    }
}
