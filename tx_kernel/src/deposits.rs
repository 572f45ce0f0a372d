//! Deposits: credited, or held with the reason. Never lost, and never tried twice.

use ::deposit::Claim;
use encoding::RollupAddress;
use encoding::limits::DEPOSITS_PER_RUN;
use host::{Host, HostError, RawRollupCore};
use inbox::deposit::{self as payload, Payload};
use inbox::{Envelope, envelope};

use crate::draft::Draft;
use crate::hand;
use crate::intake::Entry;
use crate::layout::{Lane, LevelUse};
use crate::results::{MessageResult, Reason, code, place};

/// Works off the deposits that were taken in. Returns whether some are left for another run.
pub(crate) fn work_off<H: RawRollupCore>(
    host: &H,
    rollup: &RollupAddress,
    level: &LevelUse,
) -> Result<bool, HostError> {
    for _ in 0..DEPOSITS_PER_RUN {
        let draft = Draft::open(host, level.level)?;
        let number = draft.cursors.deposits;
        let Some(entry) = Entry::read(host, Lane::Deposits, number)? else { return Ok(false) };
        hand::take(host, &draft.cursors, Lane::Deposits, number)?;
        one(draft, rollup, number, &entry)?;
        host.delete(&Lane::Deposits.path(number))?;
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

fn judge<H: RawRollupCore>(
    draft: &mut Draft<'_, H>,
    rollup: &RollupAddress,
    entry: &Entry,
) -> Result<MessageResult, HostError> {
    let held = |code| Ok(MessageResult::Held(Reason::plain(code)));
    let Some(bytes) = &entry.bytes else { return held(code::INTERRUPTED) };
    let Envelope::Transfer(call) = envelope(bytes, rollup, false) else {
        return held(code::UNKNOWN_SHAPE);
    };
    let claim = match payload::decode(call.payload) {
        Ok(Payload::Deposit(claim)) => claim,
        Ok(Payload::Bytes(_)) => {
            return Ok(MessageResult::Done(Reason::plain(code::BYTES_IGNORED)));
        }
        Err(malformed) => {
            let reason = Reason::new(code::UNKNOWN_SHAPE, place(malformed.at), 0);
            return Ok(MessageResult::Held(reason));
        }
    };
    let claim = Claim { receiver: claim.receiver, ticket: &claim.ticket, amount: &claim.amount };
    Ok(match ::deposit::apply(&mut draft.ledger, claim)? {
        Ok(credit) => MessageResult::Done(Reason::new(
            code::DEPOSIT_CREDITED,
            credit.account.0.into(),
            credit.amount.get(),
        )),
        Err(held) => MessageResult::Held(held.into()),
    })
}
