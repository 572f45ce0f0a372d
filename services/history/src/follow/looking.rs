//! Looking at the node: is there a new head, what does it have in common with the index, what is to be indexed.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use encoding::{Level, RollupAddress};
use wallet::rpc::{Block, Node};

use super::change::Broadcast;
use super::doubt::{is_unknown, unknown};
use super::level::{Of, write};
use super::names::Names;
use super::problem::Problem;
use super::stages::{Stages, settle};
use super::undo::take_back;
use crate::limits::{GROUP_LEVELS, GROUP_TIME, UNDO_LEVELS};
use crate::store::Store;

/// What looks at the node.
pub(super) struct Looking<'a> {
    pub(super) store: Store,
    pub(super) node: &'a Node,
    pub(super) broadcast: &'a Broadcast,
    pub(super) stop: &'a AtomicBool,
    /// Whether an index of another rollup is made anew.
    pub(super) rebuild: bool,
    names: Names,
    /// What is known of the node; asked again after it was away.
    known: Option<Known>,
    /// The head to which the stages of withdrawals are.
    settled: Option<Block>,
}

#[derive(Clone, Copy)]
pub(super) struct Known {
    rollup: RollupAddress,
    sandbox: bool,
    /// Whether it tells the time of a block, and that of its head.
    pub(super) header: bool,
    pub(super) health: bool,
}

impl<'a> Looking<'a> {
    /// One that has not asked anything yet.
    pub(super) fn new(
        store: Store,
        node: &'a Node,
        broadcast: &'a Broadcast,
        stop: &'a AtomicBool,
        rebuild: bool,
    ) -> Self {
        let names = Names::default();
        Looking { store, node, broadcast, stop, rebuild, names, known: None, settled: None }
    }

    /// Brings the index to the node's head. Whatever was committed before a problem stays.
    pub(super) fn look(&mut self) -> Result<(), Problem> {
        let looked = self.try_look();
        if looked.is_err() {
            self.known = None;
            self.names.forget();
            if !self.store.file.is_autocommit() {
                self.store.file.execute_batch("ROLLBACK")?;
            }
        }
        looked
    }

    fn try_look(&mut self) -> Result<(), Problem> {
        let known = self.known()?;
        let head = self.node.block("head")?;
        self.broadcast.note(|following| following.node_head = Some(head.level));
        let mut last = self.store.last()?;
        if last.as_ref() == Some(&head) {
            return self.settle(known, head);
        }
        if let Some(block) = &last {
            let common = self.common(block, &head)?;
            if common.as_ref() != Some(block) {
                self.go_back(block, common.as_ref())?;
                last = common;
            }
        }
        let first = match &last {
            Some(last) => Level(last.level.0.saturating_add(1)),
            None => self.first(head.level)?,
        };
        self.broadcast.note(|following| following.first = following.first.or(Some(first)));
        let last = self.index(known, first, last, &head)?;
        match last.as_ref() == Some(&head) {
            true => self.settle(known, head),
            // It was told to end on the way. What the head says is of levels that are not in the index.
            false => Ok(()),
        }
    }

    /// What is known of the node. An index that is of another rollup is an error, or made anew.
    fn known(&mut self) -> Result<Known, Problem> {
        if let Some(known) = self.known {
            return Ok(known);
        }
        let rollup = self.node.rollup()?;
        let sandbox = self.node.is_sandbox()?;
        if self.store.claim(&rollup.to_string(), self.rebuild)? {
            self.names.forget();
            self.broadcast.changed(None, true);
        }
        let first = self
            .store
            .file
            .query_row("SELECT min(level) FROM levels", [], |row| row.get::<_, Option<i32>>(0))?;
        let last = self.store.last()?;
        self.broadcast.note(|following| {
            following.rollup = Some(rollup);
            following.first = first.map(Level);
            following.indexed = last.map(|block| block.level);
        });
        let known = Known { rollup, sandbox, header: true, health: true };
        self.known = Some(known);
        Ok(known)
    }

    /// Takes the index back to a block. Where that is not possible, it is made anew.
    fn go_back(&mut self, last: &Block, common: Option<&Block>) -> Result<(), Problem> {
        self.names.forget();
        self.settled = None;
        let possible = |kept: &&Block| last.level.0.saturating_sub(kept.level.0) <= UNDO_LEVELS;
        match common.filter(possible) {
            Some(kept) => take_back(&mut self.store.file, kept.level)?,
            None => {
                self.store.empty()?;
                self.broadcast.note(|following| following.first = None);
                self.broadcast.changed(None, true);
                // The next look begins at the first level.
                return Err(Problem::Moved);
            }
        }
        self.broadcast.changed(common.cloned(), true);
        Ok(())
    }

    /// Indexes the levels up to the head, or as far as it is not told to end: the last one that is in the index then.
    fn index(
        &mut self,
        mut known: Known,
        first: Level,
        mut last: Option<Block>,
        head: &Block,
    ) -> Result<Option<Block>, Problem> {
        let mut level = first;
        while level <= head.level && !self.stop.load(Ordering::SeqCst) {
            self.store.file.execute_batch("BEGIN IMMEDIATE")?;
            let begin = Instant::now();
            let mut ended = Ok(());
            for _ in 0..GROUP_LEVELS {
                self.store.file.execute_batch("SAVEPOINT level")?;
                ended = self.one(&mut known, level, last.as_ref(), head).map(|block| {
                    last = Some(block);
                });
                if ended.is_err() {
                    self.store.file.execute_batch("ROLLBACK TO level; RELEASE level")?;
                    break;
                }
                self.store.file.execute_batch("RELEASE level")?;
                level = Level(level.0.saturating_add(1));
                let stops = self.stop.load(Ordering::SeqCst);
                if level > head.level || stops || begin.elapsed() > GROUP_TIME {
                    break;
                }
            }
            self.store.file.execute_batch("COMMIT")?;
            self.known = Some(known);
            self.broadcast.changed(last.clone(), false);
            ended?;
        }
        Ok(last)
    }

    /// Indexes one level upon the last one.
    fn one(
        &mut self,
        known: &mut Known,
        level: Level,
        last: Option<&Block>,
        head: &Block,
    ) -> Result<Block, Problem> {
        let is_head = level == head.level;
        let name = if is_head { head.hash.clone() } else { level.to_string() };
        let shown = self.node.shown_block(&name)?;
        let hash = match shown.as_ref().and_then(|shown| shown.hash.clone()) {
            _ if is_head => Some(head.hash.clone()),
            Some(hash) => Some(hash),
            None => self.hash(level)?,
        };
        let Some(hash) = hash else {
            // It is thrown away already, and nothing can be known of it.
            let block = Block { hash: unknown(level), level };
            let sql = "INSERT INTO levels VALUES (?1, ?2, NULL, 0, 0, 0, 0, NULL, 0, 0, 0, 0)";
            self.store.file.prepare_cached(sql)?.execute((level.0, &block.hash))?;
            return Ok(block);
        };
        let block = Block { hash, level };
        let before = shown.as_ref().and_then(|shown| shown.predecessor.as_ref());
        if let (Some(before), Some(last)) = (before, last)
            && *before != last.hash
            && !is_unknown(&last.hash)
        {
            return Err(Problem::Moved);
        }
        let time = self.time(known, &block, head)?;
        let of = Of { node: self.node, rollup: known.rollup, block: &block, shown, time };
        write(&self.store.file, &mut self.names, &of)?;
        Ok(block)
    }

    /// Looks how far layer 1 is with what is in outboxes, once for each head.
    fn settle(&mut self, known: Known, head: Block) -> Result<(), Problem> {
        if self.settled.as_ref() == Some(&head) {
            return Ok(());
        }
        self.store.file.execute_batch("BEGIN IMMEDIATE")?;
        let stages = settle(&self.store.file, self.node, known.sandbox, &head)?;
        if stages == Stages::Moved {
            // The next look has the new head.
            self.store.file.execute_batch("ROLLBACK")?;
            return Ok(());
        }
        self.store.file.execute_batch("COMMIT")?;
        if stages == Stages::Changed {
            self.broadcast.changed(Some(head.clone()), false);
        }
        self.broadcast.note(|following| following.settled = Some(head.clone()));
        self.settled = Some(head);
        Ok(())
    }
}
