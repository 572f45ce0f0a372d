//! Deposits: credited, or held with the reason. Never lost, and never tried twice.

use ::deposit::{Claimant, Credit, Depositor, UncheckedDeposit};
use encoding::RollupAddress;
use encoding::limits::DEPOSITS_PER_RUN;
use host::{Host, HostError, RawRollupCore, StepError};
use inbox::deposit::{self as payload, Payload};
use inbox::reclaim::Request;
use inbox::upgrade::{ANNOUNCE, CANCEL, UpgradeCommand};
use inbox::{Envelope, envelope};

use crate::draft::Draft;
use crate::ingest::Entry;
use crate::layout::{Cursors, InboxQueue, LevelUse};
use crate::results::{MessageResult, Outcome, ResultCode, as_u64};
use crate::{held, in_progress, upgrade};

/// Works off the ingested deposits. Returns whether some are left for another run.
pub(crate) fn work_off<H: RawRollupCore>(
    host: &H,
    rollup: &RollupAddress,
    level: &LevelUse,
) -> Result<bool, HostError> {
    for _ in 0..DEPOSITS_PER_RUN {
        let cursors = Cursors::read(host)?;
        let number = cursors.deposits;
        let Some(entry) = Entry::read(host, InboxQueue::Deposits, number)? else {
            return Ok(false);
        };
        let draft = Draft::open_at(host, level.level, cursors)?;
        in_progress::mark(host, &draft.cursors, InboxQueue::Deposits, number)?;
        one(draft, rollup, number, &entry)?;
        host.delete(&InboxQueue::Deposits.path(number))?;
    }
    Ok(true)
}

fn one<H: RawRollupCore>(
    mut draft: Draft<'_, H>,
    rollup: &RollupAddress,
    number: u64,
    entry: &Entry,
) -> Result<(), HostError> {
    let result = judge(&mut draft, rollup, entry)?;
    if let MessageResult::Held(reason) = result {
        draft.hold(number, reason);
    }
    draft.message_result(entry.message, result);
    draft.cursors.deposits = number.saturating_add(1);
    draft.commit()
}

/// What a contract asks for with bytes.
enum ContractRequest {
    Reclaim(Request),
    Upgrade(UpgradeCommand),
}

#[inline(never)] // Smaller apart: docs/bls.md.
fn judge<H: RawRollupCore>(
    draft: &mut Draft<'_, H>,
    rollup: &RollupAddress,
    entry: &Entry,
) -> Result<MessageResult, HostError> {
    let held = |code| Ok(MessageResult::Held(Outcome::plain(code)));
    let Some(bytes) = &entry.bytes else { return held(ResultCode::Interrupted) };
    let Envelope::Transfer(call) = envelope(bytes, rollup, false) else {
        return held(ResultCode::WrongPayloadType);
    };
    let depositor = Depositor { sender: call.sender, source: call.source };
    match payload::decode(call.payload) {
        Ok(Payload::Deposit(deposit)) => credit(draft, &depositor, &deposit),
        Ok(Payload::Bytes(bytes)) => {
            let asked = match bytes {
                [ANNOUNCE | CANCEL, ..] => {
                    UpgradeCommand::from_bytes(bytes).map(ContractRequest::Upgrade)
                }
                _ => Request::from_bytes(bytes).map(ContractRequest::Reclaim),
            };
            match asked {
                Ok(ContractRequest::Upgrade(command)) => {
                    upgrade::execute(draft, &depositor.sender, command)
                }
                Ok(ContractRequest::Reclaim(request)) => {
                    held::reclaim(draft, &Claimant::Call(depositor), &request)
                }
                Err(malformed) => {
                    let reason = Outcome::new(ResultCode::BytesIgnored, as_u64(malformed.at), 0);
                    Ok(MessageResult::Done(reason))
                }
            }
        }
        Err(malformed) => {
            let reason = Outcome::new(ResultCode::WrongPayloadType, as_u64(malformed.at), 0);
            Ok(MessageResult::Held(reason))
        }
    }
}

fn credit<H: RawRollupCore>(
    draft: &mut Draft<'_, H>,
    depositor: &Depositor,
    deposit: &payload::Deposit<'_>,
) -> Result<MessageResult, HostError> {
    let unchecked = UncheckedDeposit {
        receiver: deposit.receiver,
        ticket: &deposit.ticket,
        amount: &deposit.amount,
    };
    match ::deposit::apply(&mut draft.ledger, unchecked) {
        Ok(Credit { account, amount, .. }) => {
            let reason = Outcome::new(ResultCode::DepositCredited, account.0.into(), amount.get());
            Ok(MessageResult::Done(reason))
        }
        Err(StepError::Refused(held)) => {
            held::refund(draft, depositor, deposit)?;
            Ok(MessageResult::Held(held.into()))
        }
        Err(StepError::Host(error)) => Err(error),
    }
}
