//! What a node tells of its chain: blocks, how far they are settled, durable storage, outboxes.

use encoding::{Level, RollupAddress};
use layer1::address::{Address, Role};
use layer1::plain::quoted;
use serde_json::Value;

use super::Node;
use crate::error::RpcError;

/// A block that a node knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    /// Its hash, `BL…`: it names this block whatever is built upon it.
    pub hash: String,
    /// Its level.
    pub level: Level,
}

/// How far a node is with settling on layer 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settled {
    /// The last level.
    pub head: Level,
    /// The last level that no reorganisation of layer 1 takes back.
    pub finalized: Level,
    /// The last final level with a commitment made by this node.
    pub committed: Level,
    /// The last level with a commitment that nobody can refute any more.
    pub cemented: Level,
}

impl Node {
    /// The rollup's address.
    ///
    /// # Errors
    /// As for [`Self::get`].
    pub fn rollup(&self) -> Result<RollupAddress, RpcError> {
        const PATH: &str = "/global/smart_rollup_address";
        let text: String = self.get(PATH)?;
        let address = Address::parse_as(Role::Rollup, &text);
        address
            .map(|address| RollupAddress(address.hash))
            .map_err(|problem| self.shape(PATH, format!("{} {problem}", quoted(&text))))
    }

    /// A block by its name: `head`, `finalized`, `cemented`, a level or a hash.
    ///
    /// # Errors
    /// As for [`Self::get`].
    pub fn block(&self, name: &str) -> Result<Block, RpcError> {
        // The hash first: what it names does not change between the two requests.
        let hash: String = self.get(&format!("/global/block/{name}/hash"))?;
        let level = self.get(&format!("/global/block/{hash}/level"))?;
        Ok(Block { hash, level: Level(level) })
    }

    /// The level of a block.
    ///
    /// # Errors
    /// As for [`Self::get`].
    pub fn level(&self, name: &str) -> Result<Level, RpcError> {
        self.get(&format!("/global/block/{name}/level")).map(Level)
    }

    /// How far the node is with settling.
    ///
    /// # Errors
    /// As for [`Self::get`].
    pub fn settled(&self) -> Result<Settled, RpcError> {
        // From the slowest to the head, so that none is ahead of the next.
        let cemented = self.level("cemented")?;
        // None is made in the first levels of a rollup, and not every node tells.
        let stored = match self.get::<Value>("/global/last_stored_commitment") {
            Err(RpcError::Refused { .. }) => Value::Null,
            stored => stored?,
        };
        let committed = stored["commitment"]["inbox_level"].as_i64();
        let committed = committed.and_then(|level| i32::try_from(level).ok()).map(Level);
        let finalized = self.level("finalized")?;
        let head = self.level("head")?;
        // A commitment over a level that is not final may be made anew. Nor is one made by this node
        // older than what is cemented.
        let committed = committed.unwrap_or(cemented).min(finalized).max(cemented);
        Ok(Settled { head, finalized, committed, cemented })
    }

    /// A value of durable storage at a block, `None` if there is none.
    ///
    /// # Errors
    /// As for [`Self::get`].
    pub fn value(&self, block: &str, key: &str) -> Result<Option<Vec<u8>>, RpcError> {
        let path = format!("/global/block/{block}/durable/wasm_2_0_0/value?key={key}");
        let text: Option<String> = self.get(&path)?;
        let bytes = text.map(hex::decode).transpose();
        bytes.map_err(|_| self.shape(&path, "not hexadecimal"))
    }

    /// The values right below a path of durable storage at a block, with their names.
    ///
    /// # Errors
    /// As for [`Self::get`].
    pub fn values(&self, block: &str, key: &str) -> Result<Vec<(String, Vec<u8>)>, RpcError> {
        let path = format!("/global/block/{block}/durable/wasm_2_0_0/values?key={key}");
        let all: Vec<Value> = self.get(&path)?;
        let one = |value: &Value| {
            let (name, bytes) = (value["key"].as_str()?, value["value"].as_str()?);
            // Whole paths or names alone: of either, what is deeper is not wanted.
            let name = name.strip_prefix(key).unwrap_or(name).trim_start_matches('/');
            let wanted = !name.is_empty() && !name.contains('/');
            wanted.then(|| Some((name.to_owned(), hex::decode(bytes).ok()?)))?
        };
        Ok(all.iter().filter_map(one).collect())
    }

    /// Whether there is anything below a path of durable storage at a block.
    ///
    /// # Errors
    /// As for [`Self::get`].
    pub fn has_below(&self, block: &str, key: &str) -> Result<bool, RpcError> {
        let path = format!("/global/block/{block}/durable/wasm_2_0_0/subkeys?key={key}");
        let names: Vec<String> = self.get(&path)?;
        // A node may list a value itself as a subkey without a name.
        Ok(names.iter().any(|name| !name.is_empty()))
    }

    /// The messages of an outbox as JSON, as known at a block.
    ///
    /// # Errors
    /// As for [`Self::get`].
    pub fn outbox(&self, block: &str, level: Level) -> Result<Vec<Value>, RpcError> {
        self.get(&format!("/global/block/{block}/outbox/{level}/messages"))
    }

    /// Whether it is the sandbox of `toru dev`, where nothing is worth anything.
    ///
    /// # Errors
    /// When there is no answer at all.
    pub fn is_sandbox(&self) -> Result<bool, RpcError> {
        match self.get::<Value>("/version") {
            Ok(version) => Ok(version["sandbox"] == true),
            Err(RpcError::Connection { endpoint, source }) => {
                Err(RpcError::Connection { endpoint, source })
            }
            Err(_) => Ok(false),
        }
    }
}
