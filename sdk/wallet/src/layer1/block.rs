//! A block of layer 1, and what accounts have there.

use std::time::Duration;

use encoding::{Level, RollupAddress, Ticket, TicketContent};
use layer1::address::Address;
use layer1::hashes::BLOCK;
use layer1::json::micheline;
use layer1::michelson;
use num_bigint::BigInt;
use serde_json::{Value, json};

use super::error::{Layer1Error, malformed, text_of};
use crate::error::RpcError;
use crate::rpc::Node;

/// Digits: the longest number that is read, more than any sum of tez or tokens has.
const DIGITS_MAX: usize = 200;

/// What a block says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// Its level.
    pub level: Level,
    /// Its hash, `B…`.
    pub hash: String,
    /// When it was made, as RFC 3339 has it.
    pub timestamp: String,
    /// The chain, `Net…`.
    pub chain_id: String,
}

/// Constants of the protocol, as far as the wallet needs them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Constants {
    /// How long a level takes at least.
    pub block_time: Duration,
    /// Gas: the most that an operation may use.
    pub gas_per_operation: u64,
    /// Gas: the most that all operations of a block may use.
    pub gas_per_block: u64,
    /// Bytes: the most that an operation may add to storage.
    pub storage_per_operation: u64,
}

/// A block, and the node that is asked about it.
#[derive(Clone, Debug)]
pub struct Layer1Block<'n> {
    pub(super) node: &'n Node,
    header: Header,
}

impl<'n> Layer1Block<'n> {
    pub(super) fn read(node: &'n Node, name: &str) -> Result<Self, Layer1Error> {
        let path = format!("/chains/main/blocks/{name}/header");
        let told: Value = node.get(&path)?;
        let level = told["level"].as_i64().and_then(|level| i32::try_from(level).ok());
        let hash = text_of(&told, "hash", &path)?.to_owned();
        if BLOCK.read(&hash).is_none() {
            return Err(malformed(&path, "\"hash\" is no hash of a block"));
        }
        let header = Header {
            level: Level(level.ok_or_else(|| malformed(&path, "no number \"level\""))?),
            hash,
            timestamp: text_of(&told, "timestamp", &path)?.to_owned(),
            chain_id: text_of(&told, "chain_id", &path)?.to_owned(),
        };
        Ok(Self { node, header })
    }

    /// What it says of itself.
    #[must_use]
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// A path below the block.
    pub(super) fn path(&self, rest: &str) -> String {
        format!("/chains/main/blocks/{}/{rest}", self.header.hash)
    }

    /// Reads a whole number, which a node writes as a text.
    pub(super) fn number(path: &str, told: &Value) -> Result<BigInt, Layer1Error> {
        let text = told.as_str().filter(|text| {
            let digits = (1..=DIGITS_MAX).contains(&text.len());
            digits && text.bytes().all(|byte| byte.is_ascii_digit())
        });
        let number = text.and_then(|text| BigInt::parse_bytes(text.as_bytes(), 10));
        number.ok_or_else(|| malformed(path, "expected a whole number in a text"))
    }

    /// Constants of the protocol.
    ///
    /// # Errors
    /// When there is no answer, or it is malformed.
    pub fn constants(&self) -> Result<Constants, Layer1Error> {
        let path = self.path("context/constants");
        let told: Value = self.node.get(&path)?;
        let constant = |name: &str| {
            let number = Self::number(&path, &told[name])?;
            u64::try_from(number).map_err(|_| malformed(&path, format!("\"{name}\" is too large")))
        };
        Ok(Constants {
            block_time: Duration::from_secs(constant("minimal_block_delay")?),
            gas_per_operation: constant("hard_gas_limit_per_operation")?,
            gas_per_block: constant("hard_gas_limit_per_block")?,
            storage_per_operation: constant("hard_storage_limit_per_operation")?,
        })
    }

    /// What an account has of tez, in mutez. An account that layer 1 does not know has nothing.
    ///
    /// # Errors
    /// When there is no answer, or it is malformed.
    pub fn balance(&self, account: &Address) -> Result<BigInt, Layer1Error> {
        let path = self.path(&format!("context/contracts/{account}/balance"));
        match self.node.get::<Value>(&path) {
            Err(RpcError::Refused { status: 404, .. }) => Ok(BigInt::ZERO),
            told => Self::number(&path, &told?),
        }
    }

    /// The counter of the last operation of an account. One that layer 1 does not know has made none.
    ///
    /// # Errors
    /// When there is no answer, or it is malformed.
    pub fn counter(&self, account: &Address) -> Result<BigInt, Layer1Error> {
        let path = self.path(&format!("context/contracts/{account}/counter"));
        match self.node.get::<Value>(&path) {
            Err(RpcError::Refused { status: 404, .. }) => Ok(BigInt::ZERO),
            told => Self::number(&path, &told?),
        }
    }

    /// How much of a ticket an account or a contract has.
    ///
    /// # Errors
    /// When there is no answer, or it is malformed.
    pub fn ticket_balance(&self, owner: &Address, ticket: &Ticket) -> Result<BigInt, Layer1Error> {
        self.tickets_at(&format!("context/contracts/{owner}/ticket_balance"), ticket)
    }

    /// How much of a ticket a rollup has on layer 1.
    ///
    /// # Errors
    /// When there is no answer, or it is malformed.
    pub fn rollup_ticket_balance(
        &self,
        rollup: &RollupAddress,
        ticket: &Ticket,
    ) -> Result<BigInt, Layer1Error> {
        let path = format!("context/smart_rollups/smart_rollup/{rollup}/ticket_balance");
        self.tickets_at(&path, ticket)
    }

    fn tickets_at(&self, rest: &str, ticket: &Ticket) -> Result<BigInt, Layer1Error> {
        let path = self.path(rest);
        let content = michelson::decode(&ticket.content.to_micheline());
        let content = content.map_err(|error| malformed(&path, error.to_string()))?;
        let content_type = match ticket.content {
            TicketContent::String(_) => json!({"prim": "string"}),
            TicketContent::NatBytes(..) => json!({"prim": "pair", "args": [
                {"prim": "nat"}, {"prim": "option", "args": [{"prim": "bytes"}]},
            ]}),
        };
        let body = json!({
            "ticketer": ticket.ticketer.to_string(),
            "content_type": content_type,
            "content": micheline(&content),
        });
        Self::number(&path, &self.node.post::<Value>(&path, &body)?)
    }
}
