//! Held deposits: kept whole, and paid back once at most.
//!
//! | path under the state | value |
//! |---|---|
//! | `/held/<number>/message` | the message as it was ingested |
//! | `/held/<number>/reason` | a message result that says why |
//! | `/held/<number>/paid` | one byte, once it has been paid back |
//!
//! Paying back is part of one commit with the mark that it is paid.

use deposit::{Claimant, Depositor};
use encoding::{RollupAddress, payment_parameter};
use host::{HostError, RawRollupCore, StepResult, Subtree};
use inbox::deposit::{Deposit, Payload, decode};
use inbox::envelope::InternalTransfer;
use inbox::reclaim::Request;
use inbox::{Envelope, envelope};
use outbox::{Call, Message, Owner, Pending};

use crate::draft::Draft;
use crate::ingest::Entry;
use crate::layout;
use crate::results::{MessageResult, Outcome, ResultCode};

/// The message of a held deposit, if there is one of this number.
pub(crate) fn message<H: RawRollupCore>(
    state: &Subtree<'_, H>,
    number: u64,
) -> Result<Option<Entry>, HostError> {
    Ok(Entry::decode(&state.read(&layout::held_path(number, "message"))?))
}

/// Whether a held deposit has been paid back.
pub(crate) fn is_paid<H: RawRollupCore>(
    state: &Subtree<'_, H>,
    number: u64,
) -> Result<bool, HostError> {
    Ok(!state.read_at(&layout::held_path(number, "paid"), 0, 1)?.is_empty())
}

/// The deposit in a held message, if there is one.
pub(crate) fn deposit(bytes: &[u8]) -> Option<Deposit<'_>> {
    match decode(call(bytes)?.payload) {
        Ok(Payload::Deposit(deposit)) => Some(deposit),
        _ => None,
    }
}

/// Pays a deposit that is being held back through the exit of its ticketer, if one is configured. One
/// that fits no message, or for which the queue has no room, stays held.
pub(crate) fn refund<H: RawRollupCore>(
    draft: &mut Draft<'_, H>,
    depositor: &Depositor,
    deposit: &Deposit<'_>,
) -> Result<(), HostError> {
    let ticketer = deposit.ticket.ticketer;
    let Some((entrypoint, refund_to)) = layout::exit_of(draft.host(), &ticketer)? else {
        return Ok(());
    };
    let receiver = Some(depositor.receiver(refund_to));
    let call = Call { destination: ticketer, entrypoint, receiver };
    if fits_a_message(&call, deposit) {
        let number = draft.next_held();
        // The reason for which it is held is its result; that its refund found no room is not.
        let pending = Pending::Held { number, call };
        draft.pay_back(number, queue_owner(depositor), pending).or_refusal(|_full| ())?;
    }
    Ok(())
}

/// Sends a held deposit where its depositor asks.
pub(crate) fn reclaim<H: RawRollupCore>(
    draft: &mut Draft<'_, H>,
    claimant: &Claimant,
    request: &Request,
) -> Result<MessageResult, HostError> {
    let number = request.number;
    let refuse = |code| Ok(MessageResult::Refused(Outcome::new(code, number, 0)));
    let Some(entry) = message(&draft.state(), number)? else {
        return refuse(ResultCode::UnknownHeldDeposit);
    };
    let bytes = entry.bytes.unwrap_or_default();
    let Some(call) = call(&bytes) else { return refuse(ResultCode::NothingToPay) };
    let depositor = Depositor { sender: call.sender, source: call.source };
    if !depositor.is(claimant) {
        return refuse(ResultCode::NotTheDepositor);
    }
    if is_paid(&draft.state(), number)? {
        return refuse(ResultCode::AlreadyPaidBack);
    }
    let Some(deposit) = deposit(&bytes) else { return refuse(ResultCode::NothingToPay) };
    let Request { destination, entrypoint, receiver, .. } = request.clone();
    let call = Call { destination, entrypoint, receiver };
    if !fits_a_message(&call, &deposit) {
        return refuse(ResultCode::NothingToPay);
    }
    let pending = Pending::Held { number, call };
    let paid = draft.pay_back(number, queue_owner(&depositor), pending);
    paid.map(|()| MessageResult::Done(Outcome::new(ResultCode::DepositReclaimed, number, 0)))
        .or_refusal(|full| MessageResult::Refused(full.into()))
}

/// The call that a held message was, if it was ingested whole.
pub(crate) fn call(bytes: &[u8]) -> Option<InternalTransfer<'_>> {
    // It was ingested as ours, so the address at its end is ours.
    let rollup = RollupAddress(*bytes.last_chunk()?);
    match envelope(bytes, &rollup, false) {
        Envelope::Transfer(call) => Some(call),
        _ => None,
    }
}

fn fits_a_message(call: &Call, deposit: &Deposit<'_>) -> bool {
    let parameter = payment_parameter(call.receiver, &deposit.ticket, &deposit.amount);
    Message::new().push_call(&call.destination, &call.entrypoint, &parameter).is_ok()
}

/// The owner of the queue in which payments back to a depositor wait.
fn queue_owner(depositor: &Depositor) -> Owner {
    Owner::Depositor(depositor.id())
}
