//! The rows of the journal, as JSON.

use batcher_api::{ApiError, Receipt, SubmittedTransaction};
use serde::{Deserialize, Serialize};

use crate::pool::Ending;

/// A transaction that was accepted.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct KeptTransaction {
    /// As it was submitted.
    pub(crate) submitted: SubmittedTransaction,
    /// The last level in which it can be applied.
    pub(crate) expires: i32,
    /// The head's level when it was accepted.
    pub(crate) received: i32,
    /// The level by which it is to be in an inbox.
    pub(crate) promised: i32,
    /// The batcher's word.
    pub(crate) receipt: Receipt,
    /// When it was accepted, in milliseconds of Unix time.
    pub(crate) since: u64,
}

/// How a transaction ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct KeptEnding {
    /// How.
    pub(crate) ending: Ending,
    /// Why, if it was dropped or has expired.
    pub(crate) why: Option<ApiError>,
    /// The head's level then.
    pub(crate) level: i32,
}

/// A sealed batch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct KeptBatch {
    /// Its number: batches are sent in the order of these.
    pub(crate) number: u64,
    /// The message with its tag, in hex.
    pub(crate) message: String,
    /// The hashes of its transactions, by their numbers.
    pub(crate) transactions: Vec<String>,
    /// The numbers of its individual signings.
    pub(crate) individual: Vec<u32>,
    /// How far it has come.
    pub(crate) progress: KeptProgress,
    /// The node's id of the message.
    pub(crate) message_id: Option<String>,
}

/// How far a sealed batch has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum KeptProgress {
    /// Whether the node has the message is not known.
    Sealed,
    /// The node had it when the head was this one.
    Sent(i32),
    /// It has a result in this message: level and index.
    Accepted(i32, u32),
    /// The kernel has refused it in this message.
    Refused(i32, u32),
}
