//! How far each row of a plan has come.

use std::collections::HashMap;

use encoding::{Hash32, Level};

use super::plan::PayoutPlan;
use super::progress::PayoutPart;
use crate::follow::Settlement;
use crate::rpc::Settled;
use crate::transaction_status::TransactionStatus;

/// How far a row has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RowStage {
    /// Nothing of the plan was sent from here, and the rollup has not had it.
    NotSent,
    /// It was sent, and is in no level.
    Sent,
    /// A level has applied it, and layer 1 has settled that so far.
    Paid(Settlement),
    /// It is not paid: what its transaction is.
    Unpaid(TransactionStatus),
}

impl RowStage {
    /// In a word, which stays the same across versions.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            RowStage::NotSent => "not sent",
            RowStage::Sent => "sent",
            RowStage::Paid(settlement) => settlement.word(),
            RowStage::Unpaid(status) => status.word(),
        }
    }

    /// All words, in the order in which counts are told.
    pub const WORDS: [&'static str; 12] = [
        "not sent",
        "sent",
        "included",
        "final",
        "committed",
        "cemented",
        "not applied",
        "refused",
        "expired",
        "replaced",
        "forgotten",
        "unknown",
    ];
}

/// A row of a plan, and how far it has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StagedRow {
    /// Which row of the plan.
    pub row: usize,
    /// The hash of the transaction that counts for it.
    pub hash: Hash32,
    /// How far it has come.
    pub stage: RowStage,
    /// What became of its transaction.
    pub status: TransactionStatus,
    /// The level that had it.
    pub level: Option<Level>,
    /// Whether no reorganisation of layer 1 changes that any more.
    pub is_final: bool,
}

impl StagedRow {
    /// Takes what somebody else knows of its transaction, such as a history: a level has had it.
    pub fn take(&mut self, status: TransactionStatus, settled: &Settled) {
        let reached = |level| settled.stage(level).unwrap_or(Settlement::Included);
        (self.stage, self.level) = match status {
            TransactionStatus::Applied(level) => (RowStage::Paid(reached(level)), Some(level)),
            TransactionStatus::Refused(level, _) => (RowStage::Unpaid(status), Some(level)),
            other => (RowStage::Unpaid(other), None),
        };
        self.status = status;
        self.is_final = self.level.is_some_and(|level| reached(level) >= Settlement::Final);
    }
}

impl PayoutPlan {
    /// How far each row has come, in the order of the plan. Without a node that says how far layer 1 has settled
    /// the rollup, what is in a level is included.
    #[must_use]
    pub fn staged(&self, parts: &[PayoutPart], settled: Option<&Settled>) -> Vec<StagedRow> {
        let known: Vec<Known<'_>> = parts.iter().map(Known::new).collect();
        let rows = self.facts().rows.iter().enumerate();
        rows.filter_map(|(at, row)| known.get(row.payer)?.staged(at, row.line, settled)).collect()
    }
}

/// What is known of the rows of one payer.
struct Known<'p> {
    part: &'p PayoutPart,
    /// Which row of the record begins in a line.
    places: HashMap<u64, usize>,
    /// Which transaction counts for a row of the record.
    current: Vec<usize>,
}

impl<'p> Known<'p> {
    fn new(part: &'p PayoutPart) -> Self {
        let rows = part.payments().rows.iter().enumerate();
        Known {
            part,
            places: rows.map(|(at, row)| (row.line, at)).collect(),
            current: part.payments().current(),
        }
    }

    fn staged(&self, row: usize, line: u64, settled: Option<&Settled>) -> Option<StagedRow> {
        let at = *self.current.get(*self.places.get(&line)?)?;
        let sent = self.part.payments().transactions.get(at)?;
        let progress = &self.part.progress;
        let status = progress.now.get(at).copied().unwrap_or(TransactionStatus::Open(None));
        let reached = |level: Level| {
            settled.and_then(|settled| settled.stage(level)).unwrap_or(Settlement::Included)
        };
        let stage = match status {
            TransactionStatus::Applied(level) => RowStage::Paid(reached(level)),
            TransactionStatus::Open(None) if self.part.is_begun() => RowStage::Sent,
            TransactionStatus::Open(None) => RowStage::NotSent,
            other => RowStage::Unpaid(other),
        };
        let level = match status {
            TransactionStatus::Applied(level)
            | TransactionStatus::Refused(level, _)
            | TransactionStatus::Open(Some((level, _))) => Some(level),
            _ => None,
        };
        let is_final = match (status, level) {
            (TransactionStatus::Open(_), _) => false,
            (_, Some(level)) => reached(level) >= Settlement::Final,
            (status, None) => progress.settled.get(at) == Some(&status),
        };
        Some(StagedRow { row, hash: sent.signable.hash(), stage, status, level, is_final })
    }
}
