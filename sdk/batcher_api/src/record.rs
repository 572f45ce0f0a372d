//! What a batcher knows of a transaction that it has accepted.

use encoding::{Hash32, Level};
use serde::{Deserialize, Serialize};

use crate::receipt::Receipt;
use api_error::ApiError;

/// How far a transaction has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub enum Stage {
    /// It waits for a round, or for an earlier counter.
    Queued,
    /// It is in a batch whose signers are asked to sign the batch.
    Offered,
    /// It is in a batch that takes no more signatures.
    Sealed,
    /// The rollup node has the batch.
    Sent,
    /// The batch is in the inbox of a level, and has no result yet.
    Included,
    /// The kernel has applied it.
    Applied,
    /// The kernel has refused it, and its counter is used up.
    Failed,
    /// Its result is in a level that no reorganisation of layer 1 takes back.
    Final,
    /// The commitment of its level is cemented.
    Cemented,
    /// It will not be applied: its counter was used by another transaction, or the batcher gave it up.
    Dropped,
    /// It has expired, and can no longer be applied.
    Expired,
}

impl Stage {
    /// All of them, in their order.
    pub const ALL: [Stage; 11] = [
        Stage::Queued,
        Stage::Offered,
        Stage::Sealed,
        Stage::Sent,
        Stage::Included,
        Stage::Applied,
        Stage::Failed,
        Stage::Final,
        Stage::Cemented,
        Stage::Dropped,
        Stage::Expired,
    ];

    /// Its word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Stage::Queued => "queued",
            Stage::Offered => "offered",
            Stage::Sealed => "sealed",
            Stage::Sent => "sent",
            Stage::Included => "included",
            Stage::Applied => "applied",
            Stage::Failed => "failed",
            Stage::Final => "final",
            Stage::Cemented => "cemented",
            Stage::Dropped => "dropped",
            Stage::Expired => "expired",
        }
    }

    /// Whether it has no result yet, and may get one.
    #[must_use]
    pub fn is_pending(self) -> bool {
        self <= Stage::Included
    }
}

/// Which result a transaction has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub enum Settled {
    /// All of it was applied.
    Applied,
    /// None of it was.
    Failed,
}

/// An account that signs, and the counter that it uses.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct AccountCounter {
    /// `tz4…`.
    pub account: String,
    /// In decimal.
    pub counter: String,
}

/// The result of an operation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct OutcomeText {
    /// The result code's name.
    pub code: String,
    /// Its number.
    pub number: u16,
    /// Its values, by their names, in decimal.
    pub values: crate::Values,
    /// A sentence.
    pub reason: String,
}

/// What a batcher knows of a transaction.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Record {
    /// Its hash, which is its id.
    pub hash: String,
    /// How far it has come.
    pub stage: Stage,
    /// Its result, once it has one.
    pub result: Option<Settled>,
    /// Who signs it, in the order of its operations.
    pub accounts: Vec<AccountCounter>,
    /// The last level in which it can be applied.
    pub expires: i32,
    /// The head's level when it was accepted.
    pub received: i32,
    /// The level by which it is to be in an inbox.
    pub promised: i32,
    /// The batcher's signature of that.
    pub receipt: Receipt,
    /// The digest of the batch that it is in.
    pub batch: Option<String>,
    /// Whether its signers signed that batch; null before the batch is sealed.
    pub cosigned: Option<bool>,
    /// Milliseconds of Unix time: when the batch takes no more signatures. Only while it is offered.
    pub deadline_ms: Option<u64>,
    /// The node's id of the message.
    pub message: Option<String>,
    /// The level of its inbox.
    pub level: Option<i32>,
    /// The batch's index in that inbox.
    pub index: Option<u32>,
    /// Its number in the batch.
    pub transaction: Option<u32>,
    /// The result of each operation, once there is one.
    pub outcomes: Vec<OutcomeText>,
    /// The counter that is missing before it, if it waits for one.
    pub waits_for: Option<AccountCounter>,
    /// Why it was dropped, or why it goes round once more.
    pub why: Option<ApiError>,
}

impl Record {
    /// The record of a transaction that has just been accepted: it is queued, and nothing has come of it.
    #[must_use]
    pub fn queued(
        hash: &Hash32,
        accounts: Vec<AccountCounter>,
        expires: Level,
        received: Level,
        promised: Level,
        receipt: Receipt,
    ) -> Self {
        Record {
            hash: hash.to_string(),
            stage: Stage::Queued,
            result: None,
            accounts,
            expires: expires.0,
            received: received.0,
            promised: promised.0,
            receipt,
            batch: None,
            cosigned: None,
            deadline_ms: None,
            message: None,
            level: None,
            index: None,
            transaction: None,
            outcomes: Vec::new(),
            waits_for: None,
            why: None,
        }
    }
}
