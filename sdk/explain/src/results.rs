//! What became of messages and of operations in them, as JSON has it.

use std::collections::BTreeMap;

use encoding::{Hash32, MessageId};
use serde::Serialize;
use tx_kernel::results::{MessageResult, OperationResult, Outcome};

use crate::batch_v2::memo_text;
use crate::outcome::{of_message, of_operation, sentence, values_in_decimal};
use crate::settled::Settled;

/// Messages that the protocol puts before all others of a level: its start and its info.
pub const MESSAGES_BEFORE: u32 = 2;

/// What became of a message, or of an operation in it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct ResultEntry {
    /// The level of the message.
    pub level: i32,
    /// The message: its place among those that somebody sent in its level, from 0.
    pub message: u32,
    /// Of an operation: the place of its transaction in the batch.
    pub transaction: Option<u32>,
    /// Of an operation: its place in the transaction.
    pub operation: Option<u32>,
    /// Of an operation in v1: its hash in hex.
    pub hash: Option<String>,
    /// Of an operation in v2: what its signer signed, `batch` or `transaction`.
    pub signed: Option<&'static str>,
    /// Of an operation in v2: the digest of what its signer signed, in hex.
    pub digest: Option<String>,
    /// Of an operation in v2: its memo.
    pub memo: Option<String>,
    /// One word. Of an operation: `applied`, `failed` or `stale`. Of a message: `held`, `refused`, or what it
    /// has brought about, such as `credited` or `accepted`.
    pub outcome: &'static str,
    /// The name of the result code.
    pub code: &'static str,
    /// The number of the result code.
    pub number: u16,
    /// The values of the result code in decimal, by their names.
    pub values: BTreeMap<&'static str, String>,
    /// The result code in a sentence, with its values.
    pub reason: String,
}

impl ResultEntry {
    /// That of a message.
    #[must_use]
    pub fn of_message(message: MessageId, result: &MessageResult) -> Self {
        Self::new(message, of_message(result), result.outcome())
    }

    /// That of an operation in v1, which has this hash.
    #[must_use]
    pub fn of_operation(hash: &Hash32, result: &OperationResult) -> Self {
        Self {
            transaction: Some(result.transaction.into()),
            operation: Some(result.operation.into()),
            hash: Some(hash.to_string()),
            ..Self::new(result.message, of_operation(&result.outcome), &result.outcome)
        }
    }

    /// That of an operation in v2.
    #[must_use]
    pub fn of_settled(settled: &Settled) -> Self {
        let outcome = &settled.line.outcome;
        Self {
            transaction: Some(settled.transaction),
            operation: Some(settled.operation),
            signed: Some(if settled.individually_signed { "transaction" } else { "batch" }),
            digest: Some(settled.digest.to_string()),
            memo: settled.line.memo.as_ref().map(memo_text),
            ..Self::new(settled.message, of_operation(outcome), outcome)
        }
    }

    fn new(message: MessageId, word: &'static str, outcome: &Outcome) -> Self {
        Self {
            level: message.level.0,
            message: message.index.saturating_sub(MESSAGES_BEFORE),
            transaction: None,
            operation: None,
            hash: None,
            signed: None,
            digest: None,
            memo: None,
            outcome: word,
            code: outcome.code.name(),
            number: outcome.code.number(),
            values: values_in_decimal(outcome),
            reason: sentence(outcome),
        }
    }
}
