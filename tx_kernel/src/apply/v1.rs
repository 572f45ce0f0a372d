//! Applying v1: signers named by key or address, tickets in full.

use accounts::{Receiver, StoredKey};
use encoding::{AccountIndex, MessageId, Payout};
use host::{HostError, RawRollupCore, StepError, StepResult};
use inbox::v1::{Batch, Content, Operation, Signer, Transaction};
use outbox::{Call, Message, Owner, Pending, Withdrawal};

use super::{ApplyError, Count, TransactionOutcome, failed, outcome_of, refused_at, result_of};
use crate::draft::Draft;
use crate::results::{OperationResult, Outcome, ResultCode};
use crate::verify::Verified;

/// Applies every transaction, and records the result of every operation.
#[inline(never)] // Smaller apart: docs/bls.md.
pub(crate) fn apply<H: RawRollupCore>(
    draft: &mut Draft<'_, H>,
    message: MessageId,
    mut verified: Verified<Batch>,
) -> Result<Count, HostError> {
    let mut count = Count::default();
    for number in 0..verified.batch().transactions.len() {
        let Some(transaction) = verified.batch().transactions.get(number).cloned() else {
            continue;
        };
        let outcome = outcome_of(one(draft, &mut verified, &transaction))?;
        count.add(&outcome);
        record(draft, message, number, &transaction, &outcome)?;
    }
    Ok(count)
}

fn one<H: RawRollupCore>(
    draft: &mut Draft<'_, H>,
    verified: &mut Verified<Batch>,
    transaction: &Transaction,
) -> Result<(), ApplyError> {
    // Nothing changes if one counter is not the next one.
    for (at, operation) in transaction.operations.iter().enumerate() {
        let expected = draft.ledger.counter(&operation.signer.address())?;
        if operation.counter != expected {
            let values = (expected.get(), operation.counter.get());
            return Err(failed(at, Outcome::new(ResultCode::CounterMismatch, values.0, values.1)));
        }
    }
    // Nor if there is no index left for a signer.
    let before = draft.ledger.mark();
    let mut signers = Vec::with_capacity(transaction.operations.len());
    for (at, operation) in transaction.operations.iter().enumerate() {
        let address = operation.signer.address();
        match draft.ledger.find_or_allocate(&address).map_refusal(refused_at(at)) {
            Ok(index) => signers.push(index),
            Err(StepError::Refused(_)) => {
                draft.ledger.roll_back(before);
                return Err(failed(at, Outcome::plain(ResultCode::NoIndexForSigner)));
            }
            Err(error) => return Err(error),
        }
    }
    // From here on the signers exist and their counters are used up, whatever happens.
    for (index, operation) in signers.iter().zip(&transaction.operations) {
        if let Signer::Key(key) = &operation.signer
            && draft.ledger.key(*index)?.is_none()
        {
            let point = verified.stored_form(key)?;
            draft.ledger.set_key(*index, StoredKey { point, proven: false })?;
        }
    }
    for (at, index) in signers.iter().enumerate() {
        draft.ledger.use_counter(*index).map_refusal(refused_at(at))?;
    }

    let mark = draft.ledger.mark();
    let moved = move_tickets(draft, &signers, &transaction.operations);
    if moved.is_err() {
        draft.ledger.roll_back(mark);
    }
    moved
}

/// Does what the operations say, in order. All withdrawals of a transaction share one message,
/// which waits in the queue of the first one who withdraws; that one's operation is refused if it cannot.
fn move_tickets<H: RawRollupCore>(
    draft: &mut Draft<'_, H>,
    signers: &[AccountIndex],
    operations: &[Operation],
) -> Result<(), ApplyError> {
    let mut message = Message::new();
    let mut withdrawals = Vec::new();
    let mut first = None;
    for (at, (signer, operation)) in signers.iter().zip(operations).enumerate() {
        for content in &operation.contents {
            match content {
                Content::Transfer { to, ticket, amount } => {
                    let ticket = draft.ledger.known_ticket(&ticket.hash())?;
                    let to = Receiver::Address(*to);
                    draft
                        .ledger
                        .transfer(*signer, to, ticket, *amount)
                        .map_refusal(refused_at(at))?;
                }
                Content::Withdraw { to, ticket, amount, entrypoint } => {
                    let known = draft.ledger.known_ticket(&ticket.hash())?;
                    let payout = Payout {
                        destination: *to,
                        entrypoint: entrypoint.clone(),
                        ticket: ticket.clone(),
                        amount: *amount,
                        receiver: None,
                    };
                    let reserve =
                        |payout: &Payout| message.push(payout).map_err(|error| error.bytes);
                    let index =
                        withdraw::apply(&mut draft.ledger, *signer, &payout, known, reserve)
                            .map_refusal(refused_at(at))?;
                    let Payout { destination, entrypoint, receiver, .. } = payout;
                    let call = Call { destination, entrypoint, receiver };
                    withdrawals.push(Withdrawal { ticket: index, amount: *amount, call });
                    first = first.or(Some((at, *signer)));
                }
            }
        }
    }
    match first {
        None => Ok(()),
        Some((at, account)) => draft
            .enqueue(Owner::Account(account), Pending::Withdrawals(withdrawals))
            .map_refusal(refused_at(at)),
    }
}

/// Records the results of a transaction's operations.
fn record<H: RawRollupCore>(
    draft: &mut Draft<'_, H>,
    message: MessageId,
    number: usize,
    transaction: &Transaction,
    outcome: &TransactionOutcome,
) -> Result<(), HostError> {
    for (at, operation) in transaction.operations.iter().enumerate() {
        // A message of 4,096 bytes has room for far fewer than 2^16 of either.
        let [transaction, operation_number] =
            [number, at].map(|number| u16::try_from(number).unwrap_or(u16::MAX));
        let outcome = result_of(outcome, at);
        let result = OperationResult { outcome, message, transaction, operation: operation_number };
        draft.operation_result(operation.hash(), result)?;
    }
    Ok(())
}
