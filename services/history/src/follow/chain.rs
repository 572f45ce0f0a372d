//! What the node tells of its chain: where it begins, what it has in common with the index, when blocks were made.

use encoding::Level;
use rusqlite::OptionalExtension;
use serde_json::Value;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use wallet::block_times::DatedLevel;
use wallet::error::RpcError;
use wallet::rpc::Block;

use super::doubt::is_unknown;
use super::looking::{Known, Looking};
use super::problem::Problem;

impl Looking<'_> {
    /// The first level that the node has.
    pub(super) fn first(&self, head: Level) -> Result<Level, Problem> {
        let told = match self.node.get::<Value>("/local/gc_info") {
            Err(RpcError::Refused { .. }) => Value::Null,
            told => told?,
        };
        let told = told["first_available_level"].as_i64().and_then(|n| i32::try_from(n).ok());
        if let Some(level) = told.map(Level).filter(|level| *level <= head)
            && self.hash(level)?.is_some()
        {
            return Ok(level);
        }
        // Those that it has are all up to the head.
        let (mut without, mut with) = (-1, head.0);
        while with.saturating_sub(without) > 1 {
            let middle = without + (with - without) / 2;
            match self.hash(Level(middle))? {
                Some(_) => with = middle,
                None => without = middle,
            }
        }
        Ok(Level(with))
    }

    /// The hash of a level's block; `None` if the node does not have it any more.
    pub(super) fn hash(&self, level: Level) -> Result<Option<String>, Problem> {
        match self.node.get(&format!("/global/block/{level}/hash")) {
            Ok(hash) => Ok(Some(hash)),
            Err(RpcError::Refused { .. }) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// The last block of the index that is in the chain of a head; nothing if there is none, or none of which that can
    /// be known.
    pub(super) fn common(&self, last: &Block, head: &Block) -> Result<Option<Block>, Problem> {
        // Where the node has nothing of the index any more, it goes on behind a gap.
        if self.in_chain(last, head)? != Some(false) {
            return Ok(Some(last.clone()));
        }
        let Some(first) = self.indexed(last.level.0, true)? else { return Ok(None) };
        // Steps that double, and then halves: a reorganisation is short, and going back in a sandbox is not.
        let (mut bad, mut step) = (last.level.0, 1);
        let (mut good, mut known) = loop {
            if bad <= first.level.0 {
                return Ok(None);
            }
            let before = bad.saturating_sub(step).max(first.level.0);
            let Some(block) = self.indexed(before, false)? else { return Ok(None) };
            match self.in_chain(&block, head)? {
                Some(false) => (bad, step) = (block.level.0, step.saturating_mul(2)),
                other => break (block, other.is_some()),
            }
        };
        while bad.saturating_sub(good.level.0) > 1 {
            let middle = good.level.0 + (bad - good.level.0) / 2;
            let block = self.indexed(middle, false)?;
            let Some(block) = block.filter(|found| found.level > good.level) else { break };
            match self.in_chain(&block, head)? {
                Some(false) => bad = block.level.0,
                other => (good, known) = (block, other.is_some()),
            }
        }
        // A chain that leaves that of the index before all that the node has: nobody can tell where.
        Ok(known.then_some(good))
    }

    /// Whether a block of the index is in the chain of a head; nothing if the node has neither it nor what came after.
    fn in_chain(&self, block: &Block, head: &Block) -> Result<Option<bool>, Problem> {
        if block.level >= head.level {
            return Ok(Some(block == head));
        }
        if let Some(hash) = self.hash(block.level)? {
            return Ok(Some(hash == block.hash));
        }
        if is_unknown(&block.hash) {
            return Ok(None);
        }
        let next = Level(block.level.0.saturating_add(1));
        let next = self.node.shown_block(&next.to_string())?;
        let before = next.and_then(|next| next.predecessor);
        Ok(before.map(|before| before == block.hash))
    }

    /// The block of the index at a level or at the last one before it; the first of all, if that is asked for.
    fn indexed(&self, level: i32, first: bool) -> Result<Option<Block>, Problem> {
        let sql = match first {
            true => "SELECT block, level FROM levels WHERE level <= ?1 ORDER BY level LIMIT 1",
            false => {
                "SELECT block, level FROM levels WHERE level <= ?1 ORDER BY level DESC LIMIT 1"
            }
        };
        let mut ask = self.store.file.prepare_cached(sql)?;
        let read =
            |row: &rusqlite::Row<'_>| Ok(Block { hash: row.get(0)?, level: Level(row.get(1)?) });
        Ok(ask.query_row([level], read).optional()?)
    }

    /// When a block was made, if the node tells: as layer 1's does, or of its head alone.
    pub(super) fn time(
        &self,
        known: &mut Known,
        block: &Block,
        head: &Block,
    ) -> Result<Option<i64>, Problem> {
        if known.header {
            let path = format!("/chains/main/blocks/{}/header", block.hash);
            match self.node.get::<Value>(&path) {
                Ok(header) => {
                    let text = header["timestamp"].as_str().unwrap_or_default();
                    let time = OffsetDateTime::parse(text, &Rfc3339).ok();
                    return Ok(time.map(OffsetDateTime::unix_timestamp));
                }
                Err(error @ RpcError::Connection { .. }) => return Err(error.into()),
                Err(_) => known.header = false,
            }
        }
        if known.health && block.level == head.level {
            match DatedLevel::of_rollup_node(self.node)? {
                Some(dated) if dated.level == block.level => {
                    return Ok(Some(dated.at.unix_timestamp()));
                }
                Some(_) => {}
                None => known.health = false,
            }
        }
        Ok(None)
    }
}
