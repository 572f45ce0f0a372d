//! What the node says of batches and transactions at a head.

use encoding::{Hash32, Level, MessageId};
use tx_kernel::results::Outcome;
use tx_kernel::results::batch::{BatchResult, TransactionResult};

use super::Tip;

/// What became of a batch, as of a head.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    /// The node does not know it: it is in no inbox and in no queue, as far as was looked.
    Nowhere,
    /// It waits in the node's queue.
    Queued,
    /// It is in an inbox, and the kernel says nothing of it yet.
    Included(MessageId),
    /// The kernel has refused it whole.
    Refused(MessageId, Outcome),
    /// It has a result.
    Result(BatchResult),
}

/// What became of a transaction that was signed for itself, as of a head; `None` if it has no result.
pub(crate) type Found = (Hash32, Option<TransactionResult>);

/// A new head, with what the node says there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct HeadReport {
    /// How far the chain is.
    pub(crate) tip: Tip,
    /// The last level that it has in common with the head before; lower than that head if the chain has gone back.
    pub(crate) common: Level,
    /// What became of batches, by their numbers. Of those that are not here nothing new is known.
    pub(crate) fates: Vec<(u64, Fate)>,
    /// What became of transactions that were looked for.
    pub(crate) found: Vec<Found>,
}
