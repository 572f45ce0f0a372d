//! What became of a transaction or a batch: found by its hash in the rollup's state, and settled as
//! layer 1 settles.

use encoding::{Hash32, Level, MessageId};
use inbox::v2::Memo;
use tx_kernel::results::{Outcome, ResultCode};
use tx_kernel::view::View;

use crate::error::StateError;
use crate::rpc::{Node, Settled};
use crate::state::State;

/// How far a result has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// It is in a level. A reorganisation of layer 1 may still take that back.
    Included,
    /// No reorganisation takes it back.
    Final,
    /// A commitment has it.
    Committed,
    /// Nobody can refute that commitment any more.
    Cemented,
}

impl Stage {
    /// All of them, in order.
    pub const ALL: [Stage; 4] = [Stage::Included, Stage::Final, Stage::Committed, Stage::Cemented];

    /// In a word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Stage::Included => "included",
            Stage::Final => "final",
            Stage::Committed => "committed",
            Stage::Cemented => "cemented",
        }
    }
}

impl Settled {
    /// How far a level has come; `None` if it is still to come.
    #[must_use]
    pub fn stage(&self, level: Level) -> Option<Stage> {
        let stages = [
            (self.cemented, Stage::Cemented),
            (self.committed, Stage::Committed),
            (self.finalized, Stage::Final),
            (self.head, Stage::Included),
        ];
        stages.into_iter().find(|(reached, _)| level <= *reached).map(|(_, stage)| stage)
    }
}

/// What is known under a hash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// The message that brought it.
    pub message: MessageId,
    /// Of what kind it is.
    pub of: Of,
    /// What became of its operations: of a transaction all of them; of a batch those that were not
    /// applied or have a memo.
    pub lines: Vec<Line>,
}

/// What a hash is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Of {
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
pub struct Line {
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
        self.lines.iter().all(|line| line.outcome.is_final())
    }

    /// The first operation that was not applied for its own fault, if one was not.
    #[must_use]
    pub fn failure(&self) -> Option<&Line> {
        self.lines.iter().find(|line| is_own_fault(&line.outcome))
    }
}

/// Whether an operation was not applied for what it is itself, rather than for another one of its
/// transaction.
pub(crate) fn is_own_fault(reason: &Outcome) -> bool {
    use ResultCode::{Applied, RolledBack, StaleSibling};
    ![Applied, RolledBack, StaleSibling].contains(&reason.code)
}

/// Looks a hash up.
///
/// # Errors
/// When the state is not known.
pub fn look_up(state: &State<'_>, hash: &Hash32) -> Result<Option<Found>, StateError> {
    state.read(|host| {
        let view = View::new(host);
        if let Some(result) = view.transaction(hash)? {
            let lines = (0..).zip(result.lines).map(|(operation, line)| Line {
                transaction: result.transaction,
                operation,
                outcome: line.outcome,
                memo: line.memo,
            });
            let lines = lines.collect();
            return Ok(Some(Found { message: result.message, of: Of::Transaction, lines }));
        }
        let Some(result) = view.batch(hash)? else { return Ok(None) };
        let lines = result.lines.into_iter().map(|(transaction, operation, line)| Line {
            transaction,
            operation,
            outcome: line.outcome,
            memo: line.memo,
        });
        let of = Of::Batch { transactions: result.transactions };
        Ok(Some(Found { message: result.message, of, lines: lines.collect() }))
    })
}

/// Looks a hash up at the head, with how far it has come.
///
/// # Errors
/// When the state is not known.
pub fn status(node: &Node, hash: &Hash32) -> Result<Option<(Found, Stage)>, StateError> {
    // Settled first: a head that comes in between only makes it look less settled than it is.
    let settled = node.settled()?;
    let found = look_up(&State::at(node, "head")?, hash)?;
    Ok(found.map(|found| {
        let stage = settled.stage(found.message.level).unwrap_or(Stage::Included);
        (found, stage)
    }))
}
