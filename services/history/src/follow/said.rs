//! What the state at a block says of a message and of each operation in it.

use std::collections::BTreeMap;

use encoding::MessageId;
use host::{HostError, RawRollupCore};
use tx_kernel::results::{MessageResult, Outcome, ResultCode};
use tx_kernel::view::View;

use super::content::{Body, Content};
use crate::words::ResultKind;

/// The last word on a message.
#[derive(Debug)]
pub(super) struct Said {
    pub(super) kind: ResultKind,
    pub(super) outcome: Outcome,
    /// What became of each operation, by transaction and place; nothing where there are none.
    operations: Operations,
}

#[derive(Debug)]
enum Operations {
    /// The message was refused, or has none, or the state does not tell.
    Unknown,
    /// Those that are not here were applied.
    OfV2(BTreeMap<(u32, u32), Outcome>),
    /// Those that are not here have the result of an earlier message.
    OfV1(BTreeMap<(u32, u32), Outcome>),
}

/// What is known of an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// This.
    Outcome(Outcome),
    /// An earlier message has settled it: this one changed nothing.
    Earlier,
    /// Nothing: its message was refused whole.
    Nothing,
}

impl Said {
    /// What became of an operation.
    pub(super) fn operation(&self, transaction: u32, operation: u32) -> Fate {
        let key = (transaction, operation);
        match &self.operations {
            Operations::Unknown => Fate::Nothing,
            Operations::OfV2(lines) => Fate::Outcome(
                lines.get(&key).copied().unwrap_or(Outcome::plain(ResultCode::Applied)),
            ),
            Operations::OfV1(lines) => lines.get(&key).map_or(Fate::Earlier, |o| Fate::Outcome(*o)),
        }
    }

    /// Whether a deposit was credited.
    pub(super) fn is_credit(&self) -> bool {
        self.kind == ResultKind::Done && self.outcome.code == ResultCode::DepositCredited
    }

    /// The number of the held deposit that it has paid back, if it has.
    pub(super) fn reclaimed(&self) -> Option<u64> {
        (self.outcome.code == ResultCode::DepositReclaimed).then_some(self.outcome.first)
    }
}

/// Asks a state what became of a message; nothing as long as the kernel puts it off.
pub(super) fn said<H: RawRollupCore>(
    view: &View<'_, H>,
    id: MessageId,
    content: &Content,
) -> Result<Option<Said>, HostError> {
    let (kind, outcome) = match view.message(id)? {
        None => return Ok(None),
        Some(MessageResult::Done(outcome)) => (ResultKind::Done, outcome),
        Some(MessageResult::Held(outcome)) => (ResultKind::Held, outcome),
        Some(MessageResult::Refused(outcome)) => (ResultKind::Refused, outcome),
    };
    let operations = match (&content.body, kind) {
        (Body::Batch(_), ResultKind::Done) => operations(view, id, content)?,
        _ => Operations::Unknown,
    };
    Ok(Some(Said { kind, outcome, operations }))
}

fn operations<H: RawRollupCore>(
    view: &View<'_, H>,
    id: MessageId,
    content: &Content,
) -> Result<Operations, HostError> {
    // The result of a whole v2 batch has those of its transactions that were signed for themselves, too.
    if let Some(digest) = &content.digest {
        let found = view.batch(digest)?.map(|result| {
            let lines = result.lines.into_iter();
            lines.map(|(number, at, line)| ((number, at), line.outcome)).collect()
        });
        return Ok(found.map_or(Operations::Unknown, Operations::OfV2));
    }
    let mut lines = BTreeMap::new();
    let Body::Batch(transactions) = &content.body else { return Ok(Operations::Unknown) };
    for (transaction, number) in transactions.iter().zip(0_u32..) {
        for (operation, at) in transaction.operations.iter().zip(0_u32..) {
            let Some(hash) = &operation.hash else { continue };
            let Some(result) = view.operation(hash)? else { continue };
            let place = (u32::from(result.transaction), u32::from(result.operation));
            if result.message == id && place == (number, at) {
                lines.insert((number, at), result.outcome);
            }
        }
    }
    Ok(Operations::OfV1(lines))
}
