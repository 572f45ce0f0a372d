//! Applying a verified batch: its transactions in order, each whole or not at all.

use accounts::LedgerError;
use encoding::{AccountIndex, MessageId, Payout};
use host::{HostError, RawRollupCore};
use inbox::v1::{Content, Operation, Signer, Transaction};
use outbox::{Message, Waiting};

use crate::draft::Draft;
use crate::results::{OperationResult, Reason, code, place};
use crate::verify::Verified;

/// How many transactions of a batch were applied, and how many were not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Count {
    pub applied: u64,
    pub failed: u64,
}

/// Why a transaction did not happen.
enum Stop {
    /// The operation at this place cannot be done.
    At(usize, Reason),
    Host(HostError),
}

impl From<HostError> for Stop {
    fn from(error: HostError) -> Self {
        Stop::Host(error)
    }
}

/// Applies every transaction, and records the result of every operation.
pub(crate) fn apply<H: RawRollupCore>(
    draft: &mut Draft<'_, H>,
    message: MessageId,
    mut verified: Verified,
) -> Result<Count, HostError> {
    let mut count = Count::default();
    for number in 0..verified.transactions().len() {
        let Some(transaction) = verified.transactions().get(number).cloned() else { continue };
        let outcome = match one(draft, &mut verified, &transaction) {
            Ok(()) => None,
            Err(Stop::At(place, reason)) => Some((place, reason)),
            Err(Stop::Host(error)) => return Err(error),
        };
        match outcome {
            None => count.applied += 1,
            Some(_) => count.failed += 1,
        }
        record(draft, message, number, &transaction, outcome)?;
    }
    Ok(count)
}

fn one<H: RawRollupCore>(
    draft: &mut Draft<'_, H>,
    verified: &mut Verified,
    transaction: &Transaction,
) -> Result<(), Stop> {
    // Nothing changes if one counter is not the next one.
    for (at, operation) in transaction.operations.iter().enumerate() {
        let expected = draft.ledger.counter(&operation.signer.address())?;
        if operation.counter != expected {
            let values = (expected.get(), operation.counter.get());
            return Err(Stop::At(at, Reason::new(code::COUNTER_MISMATCH, values.0, values.1)));
        }
    }
    // From here on the signers exist and their counters are used up, whatever happens.
    let mut signers = Vec::with_capacity(transaction.operations.len());
    for (at, operation) in transaction.operations.iter().enumerate() {
        let stop = |error| refused_at(at, error);
        let index = draft.ledger.find_or_allocate(&operation.signer.address()).map_err(stop)?;
        if let Signer::Key(key) = &operation.signer
            && draft.ledger.key(index)?.is_none()
        {
            draft.ledger.set_key(index, verified.stored_form(key)?).map_err(stop)?;
        }
        signers.push(index);
    }
    for (at, index) in signers.iter().enumerate() {
        draft.ledger.use_counter(*index).map_err(|error| refused_at(at, error))?;
    }

    let mark = draft.ledger.mark();
    match move_tickets(draft, &signers, &transaction.operations) {
        Ok(None) => Ok(()),
        Ok(Some((account, waiting))) => {
            draft.depart(account, waiting);
            Ok(())
        }
        Err(stop) => {
            draft.ledger.roll_back(mark);
            Err(stop)
        }
    }
}

/// Does what the operations say, in order. All withdrawals of a transaction share one message,
/// which waits in the lane of the first one who withdraws.
fn move_tickets<H: RawRollupCore>(
    draft: &mut Draft<'_, H>,
    signers: &[AccountIndex],
    operations: &[Operation],
) -> Result<Option<(AccountIndex, Waiting)>, Stop> {
    let mut message = Message::new();
    let mut tickets = Vec::new();
    let mut lane = None;
    for (at, (signer, operation)) in signers.iter().zip(operations).enumerate() {
        for content in &operation.contents {
            match content {
                Content::Transfer { to, ticket, amount } => draft
                    .ledger
                    .transfer(*signer, to, ticket, *amount)
                    .map_err(|error| refused_at(at, error))?,
                Content::Withdraw { to, ticket, amount, entrypoint } => {
                    let payout = Payout {
                        destination: *to,
                        entrypoint: entrypoint.clone(),
                        ticket: ticket.clone(),
                        amount: *amount,
                    };
                    let index = withdraw::apply(&mut draft.ledger, *signer, &payout, |payout| {
                        message.push(payout).map_err(|error| error.bytes)
                    })?
                    .map_err(|refused| Stop::At(at, refused.into()))?;
                    tickets.push((index, *amount));
                    lane = lane.or(Some(*signer));
                }
            }
        }
    }
    Ok(lane.map(|account| (account, Waiting { message: message.encode(), tickets })))
}

fn refused_at(at: usize, error: LedgerError) -> Stop {
    match error {
        LedgerError::Refused(refused) => Stop::At(at, refused.into()),
        LedgerError::Host(error) => Stop::Host(error),
    }
}

/// Records the results of a transaction's operations: applied, or the reason at the one that
/// stopped it and a pointer to that one at all others.
fn record<H: RawRollupCore>(
    draft: &mut Draft<'_, H>,
    message: MessageId,
    number: usize,
    transaction: &Transaction,
    outcome: Option<(usize, Reason)>,
) -> Result<(), HostError> {
    for (at, operation) in transaction.operations.iter().enumerate() {
        let reason = match outcome {
            None => Reason::plain(code::APPLIED),
            Some((culprit, reason)) if culprit == at => reason,
            Some((culprit, reason)) => {
                let other = if reason.is_final() { code::ROLLED_BACK } else { code::STALE_SIBLING };
                Reason::new(other, place(culprit), 0)
            }
        };
        // A message of 4,096 bytes has room for far fewer than 2^16 of either.
        let [transaction, operation_number] =
            [number, at].map(|number| u16::try_from(number).unwrap_or(u16::MAX));
        let result = OperationResult { reason, message, transaction, operation: operation_number };
        draft.operation_result(operation.hash(), result)?;
    }
    Ok(())
}
