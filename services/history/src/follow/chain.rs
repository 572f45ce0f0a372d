//! What the node tells of its chain: where it begins, what it has in common with the index, when blocks were made.

use encoding::Level;
use rusqlite::OptionalExtension;
use serde_json::Value;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use wallet::block_times::DatedLevel;
use wallet::error::RpcError;
use wallet::rpc::Block;

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

    /// The last block of the index that is in the chain of a head.
    pub(super) fn common(&self, last: &Block, head: &Block) -> Result<Option<Block>, Problem> {
        let is_common = |block: &Block| -> Result<bool, Problem> {
            if block.level > head.level {
                return Ok(false);
            }
            if block.level == head.level {
                return Ok(block.hash == head.hash);
            }
            // One that the node does not have any more is too old to be taken back.
            Ok(self.hash(block.level)?.is_none_or(|hash| hash == block.hash))
        };
        if is_common(last)? {
            return Ok(Some(last.clone()));
        }
        // Steps that double, and then halves: a reorganisation is short, and going back in a sandbox is not.
        let (mut good, mut bad, mut step) = (None, last.level.0, 1);
        while good.is_none() {
            let Some(block) = self.indexed(bad.saturating_sub(step))? else { return Ok(None) };
            match is_common(&block)? {
                true => good = Some(block),
                false => (bad, step) = (block.level.0, step.saturating_mul(2)),
            }
        }
        while let Some(block) = good.clone().filter(|good| bad.saturating_sub(good.level.0) > 1) {
            let middle = block.level.0 + (bad - block.level.0) / 2;
            let Some(block) = self.indexed(middle)?.filter(|found| found.level > block.level)
            else {
                break;
            };
            match is_common(&block)? {
                true => good = Some(block),
                false => bad = block.level.0,
            }
        }
        Ok(good)
    }

    /// The block of the index at a level; the first one for what is before it.
    fn indexed(&self, level: i32) -> Result<Option<Block>, Problem> {
        let sql = "SELECT block, level FROM levels WHERE level <= ?1 ORDER BY level DESC LIMIT 1";
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
