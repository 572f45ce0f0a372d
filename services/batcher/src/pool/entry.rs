//! A transaction that was accepted, and where it is.

use std::sync::Arc;

use batcher_api::{ApiError, Receipt, Settled};
use encoding::{Counter, Hash32, Level, Tz4Address};
use serde::{Deserialize, Serialize};
use tx_kernel::results::{Outcome, ResultCode};

use crate::admission::Verified;
use crate::moment::Moment;

/// A transaction that was accepted.
#[derive(Debug)]
pub(crate) struct Entry {
    /// What it is.
    pub tx: Arc<Verified>,
    /// The head's level when it was accepted.
    pub received: Level,
    /// The level by which it is to be in an inbox.
    pub promised: Level,
    /// The batcher's word.
    pub receipt: Arc<Receipt>,
    /// When it was accepted.
    pub since: Moment,
    /// Where it is.
    pub status: Status,
    /// Its place among those that are ready.
    pub order: u64,
    /// With whom it may share a batch.
    pub queue: QueueKind,
    /// Why it is dropped, or why it goes round once more.
    pub why: Option<ApiError>,
    /// How often the kernel has refused a batch of which it was part.
    pub refusals: u8,
    /// Whether no message can have it, even by itself.
    pub unsealable: bool,
    /// Whether a message has had it, or may have had before a restart.
    pub was_sealed: bool,
}

/// Where a transaction is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Status {
    /// It waits for an earlier counter.
    AwaitsCounter {
        /// How long.
        until: Moment,
        /// Whose counter is missing.
        account: Tz4Address,
        /// Which.
        counter: Counter,
    },
    /// It may go into a batch.
    Ready,
    /// The kernel would refuse it now.
    Failing {
        /// Since which head.
        since: Level,
    },
    /// Its counter has been used, or it has expired, at the head. What became of it is looked for.
    Stale {
        /// Since which head.
        since: Level,
        /// Whether that is for its last level alone.
        expired: bool,
    },
    /// It is in a batch.
    InBatch {
        /// Which.
        batch: u64,
        /// Its number there.
        number: u32,
    },
    /// It has a result, or will have none.
    Ended(Ending),
}

impl Status {
    /// Whether nothing more is to come of it, unless the chain goes back.
    pub(crate) fn is_ended(&self) -> bool {
        matches!(self, Status::Ended(_))
    }
}

/// With whom a transaction may share a batch. The order is that in which batches are made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum QueueKind {
    /// Its signers were silent: batches in which all signings are individual.
    Alone,
    /// Its signers answered a round in which too many others were silent: one more, shorter round.
    Second,
    /// All its signers are there, and sign batches.
    #[default]
    Present,
    /// A signer is not there. In the same batches as those who are, up to a limit.
    Absent,
}

/// How a transaction ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Ending {
    /// The kernel has a result of it.
    Result {
        /// Which.
        settled: Settled,
        /// Where.
        spot: Spot,
        /// Of each operation.
        outcomes: Outcomes,
    },
    /// It has expired.
    Expired,
    /// It will not be applied, and the record says why.
    Dropped,
}

/// Where a result is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Spot {
    /// The level of the inbox.
    pub level: i32,
    /// The message's index in it.
    pub index: u32,
    /// The transaction's number in the batch.
    pub number: u32,
    /// The batch's digest, if the batch is one of this batcher.
    pub batch: Option<String>,
    /// The node's id of the message.
    pub message: Option<String>,
    /// Whether its signers signed the batch.
    pub cosigned: bool,
}

/// Results of operations: code, first and second value.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Outcomes(Vec<(u16, u64, u64)>);

impl Outcomes {
    /// Of these.
    pub(crate) fn new(outcomes: &[Outcome]) -> Self {
        let numbers = |outcome: &Outcome| (outcome.code.number(), outcome.first, outcome.second);
        Outcomes(outcomes.iter().map(numbers).collect())
    }

    /// Each of them.
    pub(crate) fn each(&self) -> impl Iterator<Item = Outcome> + '_ {
        self.0.iter().map(|(code, first, second)| {
            Outcome::new(ResultCode::from_number(*code), *first, *second)
        })
    }
}

impl Entry {
    /// Its hash.
    pub(crate) fn hash(&self) -> Hash32 {
        self.tx.hash
    }

    /// Whether it is in the batch of this number.
    pub(crate) fn is_in(&self, number: u64) -> bool {
        matches!(self.status, Status::InBatch { batch, .. } if batch == number)
    }
}
