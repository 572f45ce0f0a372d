//! Batches: which one is next, whether the level and the run can still afford it, and its way
//! through verification and application to its result.
//!
//! Batches are looked at in the order of the inbox. One that its level cannot afford waits for a later
//! level, or is refused as busy: [`crate::schedule`] has who goes first.

use bls::{PublicKey, Signature, Suite};
use deposit::Claimant;
use encoding::RollupAddress;
use encoding::limits::{BATCHES_PER_RUN, UNITS_PER_RUN};
use host::{Host, HostError, RawRollupCore};
use inbox::reclaim::Signed;
use inbox::{Envelope, MessageKind, envelope, v1, v2};

use crate::apply::{self, Count};
use crate::draft::Draft;
use crate::ingest::Entry;
use crate::layout::{Deferred, Lane, LevelUse};
use crate::pending_upgrade::Change;
use crate::price::Price;
use crate::results::{MessageResult, Outcome, ResultCode};
use crate::schedule::Deferral;
use crate::upgrade;
use crate::verify::v2::BatchToVerify;
use crate::verify::{self, Progress, Resolved};
use crate::{held, in_progress};

/// Works off the batches that were taken in. Returns whether another run of this level has more
/// to do.
pub(crate) fn work_off<H: RawRollupCore>(
    host: &H,
    rollup: &RollupAddress,
    accept_v1: bool,
    level: &mut LevelUse,
) -> Result<bool, HostError> {
    let mut allowance = UNITS_PER_RUN;
    for _ in 0..BATCHES_PER_RUN {
        let mut draft = Draft::open(host, level.level)?;
        let Some((number, entry)) = next(host, level, &draft)? else { return Ok(false) };
        let Some(entry) = entry else {
            // A batch that is not there any more cannot keep the others waiting.
            draft.cursors.finish_batch(number);
            draft.commit()?;
            continue;
        };
        in_progress::take(host, &draft.cursors, Lane::Batches, number)?;

        let waited = draft.cursors.waits(number);
        let (price, work) = examine(&mut draft, rollup, accept_v1, &entry)?;
        let mut after = *level;
        // What was parked beside another kernel's state, in an earlier level, is not expected in this one.
        if let Some(price) = price.filter(|_| !waited && entry.message.level == level.level) {
            after.remove_demand(price);
        }
        let work = match work {
            Ok(work) => work,
            Err(reason) => {
                after.save(host, level)?;
                finish(host, draft, number, &entry, MessageResult::Refused(reason))?;
                continue;
            }
        };
        let (units, class) = (work.cost(), price.map_or(0, |price| price.class));
        // One that waited has been chosen because it fits.
        if !waited && !after.affords(class, units, &draft.cursors) {
            let busy = MessageResult::Refused(Outcome::plain(ResultCode::Busy));
            match draft.cursors.defer(Deferred { number, units, class }) {
                Deferral::Waits => {
                    after.save(host, level)?;
                    draft.commit()?;
                }
                Deferral::Busy => {
                    after.save(host, level)?;
                    finish(host, draft, number, &entry, busy)?;
                }
                Deferral::InPlaceOf(other) => {
                    // This one is looked at again, when there is room.
                    in_progress::take(host, &draft.cursors, Lane::Batches, other)?;
                    match Entry::read(host, Lane::Batches, other)? {
                        Some(entry) => finish(host, draft, other, &entry, busy)?,
                        None => {
                            draft.cursors.finish_batch(other);
                            draft.commit()?;
                        }
                    }
                }
            }
            continue;
        }
        if allowance == 0 {
            return put_back(host, draft);
        }
        let (result, units) = match work {
            Work::Reclaim(signed) => {
                allowance = allowance.saturating_sub(units);
                (reclaim(&mut draft, rollup, &signed)?, units)
            }
            Work::Page(change, reason) => {
                draft.upgrade = Some(change);
                (MessageResult::Done(reason), units)
            }
            Work::V1(resolved) => {
                let progress = resolved.verify(host, &mut allowance)?;
                let apply = |verified| apply::v1::apply(&mut draft, entry.message, verified);
                match progress.then(units, apply)? {
                    Some(end) => end,
                    None => return put_back(host, draft),
                }
            }
            Work::V2(resolved) => {
                let progress = resolved.verify(host, &mut allowance)?;
                let apply = |verified| apply::v2::apply(&mut draft, entry.message, verified);
                match progress.then(units, apply)? {
                    Some(end) => end,
                    None => return put_back(host, draft),
                }
            }
        };
        after.charge(units);
        after.save(host, level)?;
        finish(host, draft, number, &entry, result)?;
    }
    Ok(true)
}

/// The batch that is next: the oldest that waits and can be afforded, else the first new one, else whichever
/// of those that wait gets what is left of the budget.
fn next<H: RawRollupCore>(
    host: &H,
    level: &LevelUse,
    draft: &Draft<'_, H>,
) -> Result<Option<(u64, Option<Entry>)>, HostError> {
    let cursors = &draft.cursors;
    let read = |number| Ok(Some((number, Entry::read(host, Lane::Batches, number)?)));
    if let Some(number) = level.due(cursors) {
        return read(number);
    }
    match (Entry::read(host, Lane::Batches, cursors.batches)?, level.best(cursors)) {
        (Some(entry), _) => Ok(Some((cursors.batches, Some(entry)))),
        (None, Some(number)) => read(number),
        (None, None) => Ok(None),
    }
}

impl LevelUse {
    /// Becomes what the level is in `current` from now on, there and in storage.
    fn save<H: RawRollupCore>(self, host: &H, current: &mut LevelUse) -> Result<(), HostError> {
        if self != *current {
            *current = self;
            self.write(host)?;
        }
        Ok(())
    }
}

/// Leaves a batch to another run of this level.
fn put_back<H: RawRollupCore>(host: &H, draft: Draft<'_, H>) -> Result<bool, HostError> {
    draft.discard();
    in_progress::put_back(host)?;
    Ok(true)
}

impl<T> Progress<T> {
    /// The message's result and what it cost, once verification has come to an end.
    fn then(
        self,
        units: u32,
        apply: impl FnOnce(T) -> Result<Count, HostError>,
    ) -> Result<Option<(MessageResult, u32)>, HostError> {
        match self {
            Progress::Unfinished => Ok(None),
            Progress::Refused(reason, units) => Ok(Some((MessageResult::Refused(reason), units))),
            Progress::Done(verified) => {
                let count = apply(verified)?;
                let reason = Outcome::new(ResultCode::BatchAccepted, count.applied, count.failed);
                Ok(Some((MessageResult::Done(reason), units)))
            }
        }
    }
}

/// What a message asks to have verified.
#[derive(Debug)]
enum Work<'b> {
    /// A batch.
    V1(Resolved<'b, v1::Batch>),
    /// A batch.
    V2(Resolved<'b, BatchToVerify>),
    /// A request for a held deposit.
    Reclaim(Signed),
    /// A page of a new kernel, with its result.
    Page(Change, Outcome),
}

impl Work<'_> {
    /// Units.
    fn cost(&self) -> u32 {
        match self {
            Work::V1(resolved) => resolved.cost(),
            Work::V2(resolved) => resolved.cost(),
            // It is the one that was announced, and there are only so many: it never waits.
            Work::Page(..) => 0,
            Work::Reclaim(_) => Price::of_request(0).units,
        }
    }
}

/// Checks the signature of a request for a held deposit, and grants it to the depositor.
fn reclaim<H: RawRollupCore>(
    draft: &mut Draft<'_, H>,
    rollup: &RollupAddress,
    signed: &Signed,
) -> Result<MessageResult, HostError> {
    let refuse = |code| Ok(MessageResult::Refused(Outcome::plain(code)));
    let Ok(key) = PublicKey::from_compressed(&signed.key) else {
        return refuse(ResultCode::InvalidPublicKey);
    };
    let Ok(signature) = Signature::from_compressed(&signed.signature) else {
        return refuse(ResultCode::InvalidSignature);
    };
    if !key.verify(Suite::Pop, &signed.request.signed_bytes(rollup), &signature) {
        return refuse(ResultCode::WrongSignature);
    }
    held::reclaim(draft, &Claimant::Signer(key.address()), &signed.request)
}

/// What a message asks to have verified, or why it is refused.
type Examined<'b> = Result<Work<'b>, Outcome>;

/// Everything about a message that needs no pairing, and the price that was expected of it when it was
/// taken in.
#[inline(never)] // Smaller apart: docs/bls.md.
fn examine<'b, H: RawRollupCore>(
    draft: &mut Draft<'_, H>,
    rollup: &RollupAddress,
    accept_v1: bool,
    entry: &'b Entry,
) -> Result<(Option<Price>, Examined<'b>), HostError> {
    let refuse = |reason| Ok((None, Err(reason)));
    let Some(bytes) = &entry.bytes else { return refuse(Outcome::plain(ResultCode::Interrupted)) };
    let length = bytes.len();
    match envelope(bytes, rollup, accept_v1) {
        Envelope::External { kind: MessageKind::V1, body } if accept_v1 => {
            match v1::Batch::decode(body) {
                Ok(batch) => {
                    let price = Some(Price::of_v1(&batch, length));
                    let work = verify::v1::resolve(&mut draft.ledger, batch, body)?;
                    Ok((price, work.map(Work::V1)))
                }
                Err(malformed) => refuse(Outcome::malformed(&malformed)),
            }
        }
        Envelope::External { kind: MessageKind::V2, body } => {
            match v2::Batch::decode_padded(body) {
                Ok((batch, body)) => {
                    let level = draft.level();
                    let price = Price::of_v2(&batch, length);
                    let work = verify::v2::resolve(&mut draft.ledger, batch, body, rollup, level)?;
                    Ok((price, work.map(Work::V2)))
                }
                Err(malformed) => refuse(Outcome::malformed(&malformed)),
            }
        }
        Envelope::External { kind: MessageKind::Reclaim, body } => match Signed::decode(body) {
            Ok(signed) => Ok((Some(Price::of_request(length)), Ok(Work::Reclaim(signed)))),
            Err(malformed) => refuse(Outcome::malformed(&malformed)),
        },
        Envelope::External { kind: MessageKind::Page, body } => {
            let page = upgrade::examine(draft, body)?;
            Ok((None, page.map(|(change, reason)| Work::Page(change, reason))))
        }
        Envelope::External { kind: MessageKind::Unknown(version), .. } => {
            refuse(Outcome::new(ResultCode::UnknownVersion, version.into(), 0))
        }
        // An unframed batch that was taken in under another configuration is not accepted any more.
        _ => refuse(Outcome::plain(ResultCode::V1NotAccepted)),
    }
}

fn finish<H: RawRollupCore>(
    host: &H,
    mut draft: Draft<'_, H>,
    number: u64,
    entry: &Entry,
    result: MessageResult,
) -> Result<(), HostError> {
    draft.message_result(entry.message, result);
    draft.cursors.finish_batch(number);
    draft.commit()?;
    host.delete(&Lane::Batches.path(number))
}
