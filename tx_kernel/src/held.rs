//! Held deposits: kept whole, and paid back once at most.
//!
//! | path under the state | value |
//! |---|---|
//! | `/held/<number>/message` | the message as it was taken in |
//! | `/held/<number>/reason` | a message result that says why |
//! | `/held/<number>/paid` | one byte, once it has been paid back |
//!
//! Paying back is part of one commit with the mark that it is paid.

use deposit::{Claimant, Depositor, refund_parameter};
use encoding::{Entrypoint, Kt1Address, RollupAddress};
use host::{HostError, RawRollupCore, Subtree};
use inbox::deposit::{Deposit, Payload, decode};
use inbox::reclaim::Request;
use inbox::{Envelope, envelope};
use outbox::{Message, REFUNDS, Waiting};

use crate::draft::Draft;
use crate::intake::Entry;
use crate::layout;
use crate::results::{MessageResult, Reason, code};

/// Where the parts of a held deposit are.
pub(crate) fn path(number: u64, part: &str) -> String {
    format!("/held/{number}/{part}")
}

/// The message of a held deposit, if there is one of this number.
pub(crate) fn message<H: RawRollupCore>(
    state: &Subtree<'_, H>,
    number: u64,
) -> Result<Option<Entry>, HostError> {
    Ok(Entry::decode(&state.read(&path(number, "message"))?))
}

/// Whether a held deposit has been paid back.
pub(crate) fn is_paid<H: RawRollupCore>(
    state: &Subtree<'_, H>,
    number: u64,
) -> Result<bool, HostError> {
    Ok(!state.read_at(&path(number, "paid"), 0, 1)?.is_empty())
}

/// Pays a deposit that is being held back through the exit of its ticketer, if one is configured.
pub(crate) fn refund<H: RawRollupCore>(
    draft: &mut Draft<'_, H>,
    depositor: &Depositor,
    deposit: &Deposit<'_>,
) -> Result<(), HostError> {
    let ticketer = &deposit.ticket.ticketer;
    let Some(exit) = layout::exit_of(draft.host(), ticketer)? else { return Ok(()) };
    let parameter = refund_parameter(depositor.source, &deposit.ticket, &deposit.amount);
    // One that fits no message stays held.
    if let Some(waiting) = one_call(ticketer, &exit, &parameter) {
        let number = draft.next_held();
        draft.pay_back(number, waiting);
    }
    Ok(())
}

/// Sends a held deposit where its depositor asks.
pub(crate) fn reclaim<H: RawRollupCore>(
    draft: &mut Draft<'_, H>,
    rollup: &RollupAddress,
    claimant: &Claimant,
    request: &Request,
) -> Result<MessageResult, HostError> {
    let number = request.number;
    let refuse = |code| Ok(MessageResult::Refused(Reason::new(code, number, 0)));
    let Some(entry) = message(&draft.state(), number)? else { return refuse(code::NOT_HELD) };
    let bytes = entry.bytes.unwrap_or_default();
    let Envelope::Transfer(call) = envelope(&bytes, rollup, false) else {
        return refuse(code::NOTHING_TO_PAY);
    };
    if !(Depositor { sender: call.sender, source: call.source }).is(claimant) {
        return refuse(code::NOT_THE_DEPOSITOR);
    }
    if is_paid(&draft.state(), number)? {
        return refuse(code::ALREADY_PAID_BACK);
    }
    let Ok(Payload::Deposit(deposit)) = decode(call.payload) else {
        return refuse(code::NOTHING_TO_PAY);
    };
    let ticket = deposit.ticket.to_micheline_of(&deposit.amount);
    match one_call(&request.destination, &request.entrypoint, &ticket) {
        None => refuse(code::NOTHING_TO_PAY),
        Some(waiting) => {
            draft.pay_back(number, waiting);
            Ok(MessageResult::Done(Reason::new(code::RECLAIMED, number, 0)))
        }
    }
}

/// A message of one call, for the queue. It carries nothing of any supply: what was held never
/// became part of one.
fn one_call(to: &Kt1Address, entrypoint: &Entrypoint, parameter: &[u8]) -> Option<Waiting> {
    let mut message = Message::new();
    message.push_call(to, entrypoint, parameter).ok()?;
    Some(Waiting { message: message.encode(), tickets: Vec::new() })
}

/// The lane in which what is paid back waits.
pub(crate) const LANE: encoding::AccountIndex = REFUNDS;
