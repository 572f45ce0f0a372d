//! What became of a transaction or a batch: found by its hash in the rollup's state, and settled as
//! layer 1 settles.

use encoding::{Hash32, Level, MessageId};
use inbox::v2::Memo;
use tx_kernel::results::{Outcome, ResultCode};
use tx_kernel::view::View;

use crate::error::StateError;
use crate::rpc::{Node, Settled};
use crate::state::RollupState;

/// How far a result has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Settlement {
    /// It is in a level. A reorganisation of layer 1 may still take that back.
    Included,
    /// No reorganisation takes it back.
    Final,
    /// A commitment has it.
    Committed,
    /// Nobody can refute that commitment any more.
    Cemented,
}

impl Settlement {
    /// All of them, in order.
    pub const ALL: [Settlement; 4] =
        [Settlement::Included, Settlement::Final, Settlement::Committed, Settlement::Cemented];

    /// In a word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Settlement::Included => "included",
            Settlement::Final => "final",
            Settlement::Committed => "committed",
            Settlement::Cemented => "cemented",
        }
    }
}

impl Settled {
    /// How far a level has come; `None` if it is still to come.
    #[must_use]
    pub fn stage(&self, level: Level) -> Option<Settlement> {
        let stages = [
            (self.cemented, Settlement::Cemented),
            (self.committed, Settlement::Committed),
            (self.finalized, Settlement::Final),
            (self.head, Settlement::Included),
        ];
        stages.into_iter().find(|(reached, _)| level <= *reached).map(|(_, stage)| stage)
    }
}

/// What is known under a hash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// The message that brought it.
    pub message: MessageId,
    /// HashKind what kind it is.
    pub kind: HashKind,
    /// What became of its operations: of a transaction all of them; of a batch those that were not
    /// applied or have a memo.
    pub operations: Vec<FoundOperation>,
}

/// What a hash is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HashKind {
    /// A transaction that its signers signed for itself.
    Transaction,
    /// A batch of so many transactions.
    Batch {
        /// How many.
        transactions: u32,
    },
}

/// What became of an operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundOperation {
    /// The number of its transaction in the batch.
    pub transaction: u32,
    /// Its place in the transaction.
    pub operation: u32,
    /// Applied, or why not.
    pub outcome: Outcome,
    /// Its memo.
    pub memo: Option<Memo>,
}

impl Found {
    /// Whether this is the last word on all of it.
    #[must_use]
    pub fn is_final(&self) -> bool {
        self.operations.iter().all(|line| line.outcome.is_final())
    }

    /// The first operation that was not applied for its own fault, if one was not.
    #[must_use]
    pub fn failure(&self) -> Option<&FoundOperation> {
        self.operations.iter().find(|line| is_own_fault(&line.outcome))
    }
}

/// Whether an operation was not applied for what it is itself, rather than for another one of its
/// transaction.
pub(crate) fn is_own_fault(reason: &Outcome) -> bool {
    use ResultCode::{Applied, RolledBack, StaleSibling};
    ![Applied, RolledBack, StaleSibling].contains(&reason.code)
}

/// Looks a hash up: the result that is kept under it, or under the digest of a batch that its signers have signed
/// ([`crate::cosigned`]). A result that is the last word counts before one that is not.
///
/// # Errors
/// When the state is not known.
pub fn look_up(state: &RollupState<'_>, hash: &Hash32) -> Result<Option<Found>, StateError> {
    let places = state.node().cosigned().of(hash);
    state.read(|host| {
        let view = View::new(host);
        let mut own = None;
        if let Some(result) = view.transaction(hash)? {
            let operations = (0..).zip(result.lines).map(|(operation, line)| FoundOperation {
                transaction: result.transaction,
                operation,
                outcome: line.outcome,
                memo: line.memo,
            });
            let operations = operations.collect();
            let found = Found { message: result.message, kind: HashKind::Transaction, operations };
            if found.is_final() {
                return Ok(Some(found));
            }
            own = Some(found);
        }
        for place in places {
            let Some(result) = view.batch(&place.batch)? else { continue };
            let lines = result.lines.into_iter().filter(|(number, ..)| *number == place.number);
            let lines = lines.map(|(transaction, operation, line)| FoundOperation {
                transaction,
                operation,
                outcome: line.outcome,
                memo: line.memo,
            });
            let mut operations: Vec<FoundOperation> = lines.collect();
            if operations.is_empty() {
                // What was applied and has no memo is not told one by one.
                operations.push(FoundOperation {
                    transaction: place.number,
                    operation: 0,
                    outcome: Outcome::new(ResultCode::Applied, 0, 0),
                    memo: None,
                });
            }
            let found = Found { message: result.message, kind: HashKind::Transaction, operations };
            if found.is_final() {
                return Ok(Some(found));
            }
            own = own.or(Some(found));
        }
        if own.is_some() {
            return Ok(own);
        }
        let Some(result) = view.batch(hash)? else { return Ok(None) };
        let operations = result.lines.into_iter().map(|(transaction, operation, line)| {
            FoundOperation { transaction, operation, outcome: line.outcome, memo: line.memo }
        });
        let kind = HashKind::Batch { transactions: result.transactions };
        Ok(Some(Found { message: result.message, kind, operations: operations.collect() }))
    })
}

/// Looks a hash up at the head, with how far it has come.
///
/// # Errors
/// When the state is not known.
pub fn status_at_head(
    node: &Node,
    hash: &Hash32,
) -> Result<Option<(Found, Settlement)>, StateError> {
    // Settled first: a head that comes in between only makes it look less settled than it is.
    let settled = node.settled()?;
    let found = look_up(&RollupState::at(node, "head")?, hash)?;
    Ok(found.map(|found| {
        let stage = settled.stage(found.message.level).unwrap_or(Settlement::Included);
        (found, stage)
    }))
}
