//! Everywhere a transaction or a batch is, and what became of it there.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{MoveAnswer, ResultAnswer, text};
use crate::rows::{Message, OperationRow, TransactionRow};
use crate::words::UNKNOWN;

/// What the index has under a hash: a transaction, a batch, or both.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TransactionAnswer {
    /// The hash.
    pub hash: String,
    /// The last level that is in the index.
    pub level: i32,
    /// In how many messages the transaction is, counted as far as 5,000.
    pub count: u64,
    /// Whether it is in more messages than were counted.
    pub more: bool,
    /// Some of those: one that applied it is the first, the others are the oldest ones. One that was sent again is
    /// applied once at most.
    pub places: Vec<PlaceAnswer>,
    /// Messages that have the batch with this digest: one that was carried out is the first, the others are the oldest
    /// ones; at most as many as `places`.
    pub batches: Vec<BatchAnswer>,
}

/// A message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct MessageAnswer {
    /// The level that had it.
    pub level: i32,
    /// Its index in that level.
    pub message: u32,
    /// `deposit`, `v1`, `v2`, `request`, `upgrade`, `bytes` or `malformed`.
    pub kind: String,
    /// Of a v2 batch: what those who co-signed it signed.
    pub digest: Option<String>,
    /// Bytes.
    pub bytes: u64,
    /// Transactions in it.
    pub transactions: u64,
    /// Accounts that it registers.
    pub registrations: u64,
    /// `done`, `held` or `refused`; null as long as the kernel puts it off; `unknown` if nobody can tell any more.
    pub outcome: Option<String>,
    /// The result that says so; null without one.
    pub result: Option<ResultAnswer>,
}

impl From<Message> for MessageAnswer {
    fn from(message: Message) -> Self {
        let (outcome, result) = message.result.unzip();
        let unknown = message.unknown.map(|_| UNKNOWN.to_owned());
        Self {
            level: message.id.level.0,
            message: message.id.index,
            kind: message.kind,
            digest: message.digest.as_ref().map(text),
            bytes: message.length,
            transactions: message.transactions,
            registrations: message.registrations,
            outcome: outcome.map(|kind| kind.word().to_owned()).or(unknown),
            result: result.map(ResultAnswer::from),
        }
    }
}

/// A transaction in a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PlaceAnswer {
    /// The message.
    pub message: MessageAnswer,
    /// Its place in the batch.
    pub transaction: u32,
    /// The last level in which it can be applied; null if it never expires.
    pub expires: Option<i32>,
    /// Its operations, in order.
    pub operations: Vec<OperationAnswer>,
}

impl PlaceAnswer {
    pub(crate) fn new(row: TransactionRow, operations: Vec<OperationRow>) -> Self {
        Self {
            message: row.message.into(),
            transaction: row.number,
            expires: row.expires.map(|level| level.0),
            operations: operations.into_iter().map(OperationAnswer::from).collect(),
        }
    }
}

/// An operation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct OperationAnswer {
    /// Its place in the transaction.
    pub operation: u32,
    /// Who signed it, if that is known.
    pub signer: Option<String>,
    /// Its counter, in decimal.
    pub counter: String,
    /// Its memo: its text, or `0x` and hexadecimal if it is no plain text.
    pub memo: Option<String>,
    /// Whether its signer signed the transaction for itself, and not the batch.
    pub individual: bool,
    /// What became of it; null as long as it waits, or if its message was refused.
    pub result: Option<ResultAnswer>,
    /// What it moves, in its order.
    pub moves: Vec<MoveAnswer>,
}

impl From<OperationRow> for OperationAnswer {
    fn from(row: OperationRow) -> Self {
        Self {
            operation: row.number,
            signer: row.signer.as_ref().map(text),
            counter: row.counter.get().to_string(),
            memo: row.memo,
            individual: row.individual,
            result: row.result.map(ResultAnswer::from),
            moves: row.moves.into_iter().map(MoveAnswer::from).collect(),
        }
    }
}

/// A batch in a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct BatchAnswer {
    /// The message.
    pub message: MessageAnswer,
    /// Operations that were applied.
    pub applied: u64,
    /// Operations that were not applied.
    pub failed: u64,
    /// Some of those, in order.
    pub failures: Vec<FailureAnswer>,
}

/// An operation of a batch that was not applied.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FailureAnswer {
    /// The place of its transaction in the batch.
    pub transaction: u32,
    /// The hash of its transaction.
    pub hash: Option<String>,
    /// The operation. It has no moves here.
    pub operation: OperationAnswer,
}
