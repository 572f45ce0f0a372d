//! Applying v2: registrations, then transfer groups, then transactions.

use accounts::{Ledger, LedgerError, Receiver, Refused, StoredKey, TicketLookup};
use encoding::{AccountIndex, Amount, Level, MessageId, Payout};
use host::{HostError, RawRollupCore, StepError, StepResult};
use inbox::v2::{Action, Batch, Memo, Name, Operation, TicketName, Transaction, Transfer};
use outbox::{Call, Message, Owner, Pending, Withdrawal};

use super::{ApplyError, Count, TransactionOutcome, failed, outcome_of, refused_at, result_of};
use crate::draft::Draft;
use crate::results::batch::{BatchResult, OperationOutcome, TransactionResult};
use crate::results::{Outcome, ResultCode};
use crate::verify::Verified;
use crate::verify::v2::BatchToVerify;

/// Applies everything, and records what became of it.
///
/// # Errors
/// When the host fails.
#[inline(never)] // Smaller apart: docs/bls.md.
pub fn apply<H: RawRollupCore>(
    draft: &mut Draft<'_, H>,
    message: MessageId,
    mut verified: Verified<BatchToVerify>,
) -> Result<Count, HostError> {
    register(draft, &mut verified)?;
    let BatchToVerify { batch, signing_payload, rollup, .. } = verified.batch();
    // Not before: now the keys are not needed any more, and may have left their room.
    draft.ledger.make_room(batch.transfers().saturating_mul(2));
    let level = draft.level();
    let mut count = Count::default();
    let mut result = BatchResult::new(message, batch.transactions());
    let any_individual = batch.individual_signings() > 0;
    let mut individual = batch.each_individually_signed();
    let mut number = 0;
    for group in &batch.transfer_groups {
        let ticket = known_ticket(&mut draft.ledger, &group.ticket)?;
        let expired = check_expiry(group.expires, level).is_err();
        for row in &group.transfers {
            let outcome = if !expired && pay_if_simple(&mut draft.ledger, row, ticket)? {
                None
            } else {
                let applied = check_expiry(group.expires, level)
                    .and_then(|()| apply_transfer(&mut draft.ledger, batch, row, ticket));
                draft.ledger.forget_undo();
                let outcome = outcome_of(applied)?;
                result.push(number, &outcome, |_| None, 1);
                outcome
            };
            count.add(&outcome);
            if any_individual
                && individual.next() == Some(true)
                && let Some(signing_payload) = batch.signing_payload_of_transaction(number, rollup)
            {
                let lines = vec![OperationOutcome { outcome: result_of(&outcome, 0), memo: None }];
                let result = TransactionResult { message, transaction: as_u32(number), lines };
                draft.transaction_result(&signing_payload.digest, &result)?;
            }
            number += 1;
        }
    }
    for transaction in &batch.transactions {
        let outcome = outcome_of(one(draft, batch, transaction, level))?;
        draft.ledger.forget_undo();
        count.add(&outcome);
        let memo = |at: usize| transaction.operations.get(at).and_then(|op| op.memo.clone());
        result.push(number, &outcome, memo, transaction.operations.len());
        let is_individual =
            individual.by_ref().take(transaction.operations.len()).fold(false, |a, b| a | b);
        if is_individual
            && let Some(signing_payload) = batch.signing_payload_of_transaction(number, rollup)
        {
            let lines = transaction.operations.iter().enumerate();
            let lines = lines.map(|(at, operation)| OperationOutcome {
                outcome: result_of(&outcome, at),
                memo: operation.memo.clone(),
            });
            let lines = lines.collect();
            let result = TransactionResult { message, transaction: as_u32(number), lines };
            draft.transaction_result(&signing_payload.digest, &result)?;
        }
        number += 1;
    }
    drop(individual);
    if number > 0 {
        draft.batch_result(&signing_payload.digest, result)?;
    }
    Ok(count)
}

/// Applies everything, and tells what became of it.
#[cfg(not(target_arch = "wasm32"))]
pub(crate) fn simulate<H: RawRollupCore>(
    draft: &mut Draft<'_, H>,
    message: MessageId,
    verified: Verified<BatchToVerify>,
) -> Result<BatchResult, HostError> {
    let BatchToVerify { batch, signing_payload, .. } = verified.batch();
    let (transactions, digest) = (batch.transactions(), signing_payload.digest);
    apply(draft, message, verified)?;
    let result = draft.recorded_batch(&digest);
    Ok(result.unwrap_or_else(|| BatchResult::new(message, transactions)))
}

/// Applies one transaction that names nobody by registration, and tells the result of each operation. Nothing is
/// recorded. Where it is not applied, its counters may be used up.
#[cfg(not(target_arch = "wasm32"))]
pub(crate) fn apply_alone<H: RawRollupCore>(
    draft: &mut Draft<'_, H>,
    transaction: &Transaction,
) -> Result<Vec<Outcome>, HostError> {
    let around = Batch {
        expires: None,
        registrations: Vec::new(),
        transfer_groups: Vec::new(),
        transactions: Vec::new(),
        individually_signed: inbox::v2::IndividuallySigned::Nobody,
        signature: None,
    };
    let level = draft.level();
    let outcome = outcome_of(one(draft, &around, transaction, level))?;
    Ok((0..transaction.operations.len()).map(|at| result_of(&outcome, at)).collect())
}

fn as_u32(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

/// Makes the accounts of new keys. Where there is no index left, there is no account, and what it was
/// to sign is refused for that.
fn register<H: RawRollupCore>(
    draft: &mut Draft<'_, H>,
    verified: &mut Verified<BatchToVerify>,
) -> Result<(), HostError> {
    for at in verified.batch().new.clone() {
        let Some(registration) = verified.batch().batch.registrations.get(at).copied() else {
            continue;
        };
        let point = verified.stored_form(&registration.key)?;
        let address = encoding::Tz4Address::of_public_key(&registration.key);
        match draft.ledger.find_or_allocate(&address) {
            Ok(index) => draft.ledger.set_key(index, StoredKey { point, proven: true })?,
            Err(StepError::Refused(_)) => {}
            Err(StepError::Host(error)) => return Err(error),
        }
    }
    draft.ledger.forget_undo();
    Ok(())
}

/// The index of a ticket, if the rollup has ever held it.
fn known_ticket<H: RawRollupCore>(
    ledger: &mut Ledger<'_, H>,
    ticket: &TicketName,
) -> Result<TicketLookup, HostError> {
    match ticket {
        TicketName::Full(ticket) => ledger.known_ticket(&ticket.hash()),
        TicketName::Index(index) if index.0 < ledger.tickets() => Ok(TicketLookup::Known(*index)),
        TicketName::Index(index) => Ok(TicketLookup::Unknown(Refused::UnknownTicketIndex(*index))),
    }
}

/// A transaction that has expired changes nothing, whatever else is wrong with it.
fn check_expiry(expires: Option<Level>, level: Level) -> Result<(), ApplyError> {
    match expires.filter(|expires| *expires < level) {
        None => Ok(()),
        Some(expires) => {
            Err(failed(0, Outcome::levels(ResultCode::TransactionExpired, expires, level)))
        }
    }
}

/// One transfer, if it is as most are. If not, nothing has changed.
#[inline]
fn pay_if_simple<H: RawRollupCore>(
    ledger: &mut Ledger<'_, H>,
    row: &Transfer,
    ticket: TicketLookup,
) -> Result<bool, HostError> {
    match row.to {
        Name::Index(to) => ledger.pay_if_simple(row.signer, row.counter, to, ticket, row.amount),
        Name::Address(_) | Name::Registration(_) => Ok(false),
    }
}

/// One transfer.
#[inline(never)] // Smaller apart: docs/bls.md.
fn apply_transfer<H: RawRollupCore>(
    ledger: &mut Ledger<'_, H>,
    batch: &Batch,
    row: &Transfer,
    ticket: TicketLookup,
) -> Result<(), ApplyError> {
    let expected = ledger.use_counter_if(row.signer, row.counter).map_refusal(refused_at(0))?;
    if row.counter != expected {
        let values = (expected.get(), row.counter.get());
        return Err(failed(0, Outcome::new(ResultCode::CounterMismatch, values.0, values.1)));
    }
    let mark = ledger.mark();
    let result = transfer(ledger, batch, row.signer, row.to, ticket, row.amount);
    if result.is_err() {
        ledger.roll_back(mark);
    }
    result.map_refusal(refused_at(0))
}

/// Moves tickets to an account that the batch names in any way.
#[inline]
fn transfer<H: RawRollupCore>(
    ledger: &mut Ledger<'_, H>,
    batch: &Batch,
    from: AccountIndex,
    to: Name,
    ticket: TicketLookup,
    amount: Amount,
) -> Result<(), LedgerError> {
    let to = match to {
        Name::Index(index) => Receiver::Index(index),
        Name::Address(address) => Receiver::Address(address),
        // A batch that was decoded has the place.
        Name::Registration(_) => Receiver::Address(batch.address_of(to).unwrap_or_default()),
    };
    ledger.transfer(from, to, ticket, amount)
}

fn one<H: RawRollupCore>(
    draft: &mut Draft<'_, H>,
    batch: &Batch,
    transaction: &Transaction,
    level: Level,
) -> Result<(), ApplyError> {
    check_expiry(transaction.expires, level)?;
    // Nothing changes if one counter is not the next one, or if a registration has found no index.
    let mut signers = Vec::with_capacity(transaction.operations.len());
    for (at, operation) in transaction.operations.iter().enumerate() {
        let signer = match operation.signer {
            Name::Index(index) => Some(index),
            name => match batch.address_of(name) {
                Some(address) => draft.ledger.find_index(&address)?,
                None => None,
            },
        };
        let Some(signer) = signer else {
            return Err(failed(at, Outcome::plain(ResultCode::NoIndexForSigner)));
        };
        let expected = draft.ledger.counter_of(signer)?;
        if operation.counter != expected {
            let values = (expected.get(), operation.counter.get());
            return Err(failed(at, Outcome::new(ResultCode::CounterMismatch, values.0, values.1)));
        }
        if expected.next().is_none() {
            return Err(failed(at, Outcome::new(ResultCode::CounterExhausted, expected.get(), 0)));
        }
        signers.push(signer);
    }
    for (at, signer) in signers.iter().enumerate() {
        draft.ledger.use_counter(*signer).map_refusal(refused_at(at))?;
    }
    let mark = draft.ledger.mark();
    let before = draft.enqueued();
    for (at, (signer, operation)) in signers.iter().zip(&transaction.operations).enumerate() {
        if let Err(stop) = operate(draft, batch, *signer, operation, at) {
            draft.ledger.roll_back(mark);
            draft.forget_enqueued(before);
            return Err(stop);
        }
    }
    Ok(())
}

/// Does what one operation says, in order. Its withdrawals share one message: if layer 1 refuses
/// that, it is for what this signer asked.
fn operate<H: RawRollupCore>(
    draft: &mut Draft<'_, H>,
    batch: &Batch,
    signer: AccountIndex,
    operation: &Operation,
    at: usize,
) -> Result<(), ApplyError> {
    let ledger = &mut draft.ledger;
    let mut message = Message::new();
    let mut withdrawals = Vec::new();
    for one in &operation.actions {
        match one {
            Action::Transfers { ticket, to } => {
                let ticket = known_ticket(ledger, ticket)?;
                for (to, amount) in to {
                    transfer(ledger, batch, signer, *to, ticket, *amount)
                        .map_refusal(refused_at(at))?;
                }
            }
            Action::Withdraw { ticket, to, entrypoint, receiver, amount } => {
                let known = known_ticket(ledger, ticket)?;
                let full = match (ticket, known) {
                    (TicketName::Full(ticket), _) => ticket.clone(),
                    (TicketName::Index(_), TicketLookup::Known(index)) => ledger.ticket(index)?,
                    (TicketName::Index(_), TicketLookup::Unknown(refused)) => {
                        return Err(failed(at, refused.into()));
                    }
                };
                let payout = Payout {
                    destination: *to,
                    entrypoint: entrypoint.clone(),
                    ticket: full,
                    amount: *amount,
                    receiver: *receiver,
                };
                let reserve = |payout: &Payout| message.push(payout).map_err(|error| error.bytes);
                let index = withdraw::apply(ledger, signer, &payout, known, reserve)
                    .map_refusal(refused_at(at))?;
                let Payout { destination, entrypoint, receiver, .. } = payout;
                let call = Call { destination, entrypoint, receiver };
                withdrawals.push(Withdrawal { ticket: index, amount: *amount, call });
            }
        }
    }
    if withdrawals.is_empty() {
        return Ok(());
    }
    let pending = Pending::Withdrawals(withdrawals);
    draft.enqueue(Owner::Account(signer), pending).map_refusal(refused_at(at))
}

impl BatchResult {
    /// Records what became of a transaction: an operation that was applied and has no memo takes
    /// no room.
    fn push(
        &mut self,
        number: usize,
        outcome: &TransactionOutcome,
        memo: impl Fn(usize) -> Option<Memo>,
        operations: usize,
    ) {
        for at in 0..operations {
            let memo = memo(at);
            if outcome.is_some() || memo.is_some() {
                let line = OperationOutcome { outcome: result_of(outcome, at), memo };
                self.lines.push((as_u32(number), as_u32(at), line));
            }
        }
    }
}
