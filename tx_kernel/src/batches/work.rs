//! What there is to do for a message from a batcher, found out without a pairing.

use bls::{PublicKey, Signature, Suite};
use deposit::Claimant;
use encoding::{RollupAddress, VerificationGas};
use host::{HostError, RawRollupCore, StepResult};
use inbox::reclaim::Signed;
use inbox::{Envelope, MessageKind, envelope, v1, v2};

use crate::draft::Draft;
use crate::held;
use crate::ingest::Entry;
use crate::pending_upgrade::Change;
use crate::price::Price;
use crate::results::{MessageResult, Outcome, ResultCode};
use crate::upgrade;
use crate::verify::v2::BatchToVerify;
use crate::verify::{self, Resolved};

/// What a message asks to have verified.
#[derive(Debug)]
pub(super) enum Work<'b> {
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
    /// What its verification costs.
    pub(super) fn cost(&self) -> VerificationGas {
        match self {
            Work::V1(resolved) => resolved.cost(),
            Work::V2(resolved) => resolved.cost(),
            // It is the one that was announced, and there are only so many: it never waits.
            Work::Page(..) => VerificationGas::ZERO,
            Work::Reclaim(_) => Price::of_request(0).gas,
        }
    }
}

/// Checks the signature of a request for a held deposit, and grants it to the depositor.
pub(super) fn reclaim<H: RawRollupCore>(
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

/// The price that was expected of a message when it was collected, and what there is to do for it.
type Priced<'b> = (Option<Price>, Examined<'b>);

/// Checks everything about a message that needs no pairing.
#[inline(never)] // Smaller apart: docs/bls.md.
pub(super) fn examine<'b, H: RawRollupCore>(
    draft: &mut Draft<'_, H>,
    rollup: &RollupAddress,
    accept_v1: bool,
    entry: &'b Entry,
) -> Result<Priced<'b>, HostError> {
    let refuse = |reason| Ok((None, Err(reason)));
    let Some(bytes) = &entry.bytes else { return refuse(Outcome::plain(ResultCode::Interrupted)) };
    let length = bytes.len();
    match envelope(bytes, rollup, accept_v1) {
        Envelope::External { kind: MessageKind::V1, body } if accept_v1 => {
            match v1::Batch::decode(body) {
                Ok(batch) => {
                    let price = Some(Price::of_v1(&batch, length));
                    let work = verify::v1::resolve(&mut draft.ledger, batch, body);
                    Ok((price, work.map(Work::V1).map(Ok).or_refusal(Err)?))
                }
                Err(malformed) => refuse(Outcome::malformed(&malformed)),
            }
        }
        Envelope::External { kind: MessageKind::V2, body } => {
            match v2::Batch::decode_padded(body) {
                Ok((batch, body)) => {
                    let level = draft.level();
                    let price = Price::of_v2(&batch, length);
                    let work = verify::v2::resolve(&mut draft.ledger, batch, body, rollup, level);
                    Ok((price, work.map(Work::V2).map(Ok).or_refusal(Err)?))
                }
                Err(malformed) => refuse(Outcome::malformed(&malformed)),
            }
        }
        Envelope::External { kind: MessageKind::Reclaim, body } => match Signed::decode(body) {
            Ok(signed) => Ok((Some(Price::of_request(length)), Ok(Work::Reclaim(signed)))),
            Err(malformed) => refuse(Outcome::malformed(&malformed)),
        },
        Envelope::External { kind: MessageKind::Page, body } => {
            let page = upgrade::examine(draft, body);
            Ok((
                None,
                page.map(|(change, outcome)| Work::Page(change, outcome))
                    .map(Ok)
                    .or_refusal(Err)?,
            ))
        }
        Envelope::External { kind: MessageKind::Unknown(version), .. } => {
            refuse(Outcome::new(ResultCode::UnknownVersion, version.into(), 0))
        }
        // An unframed batch that was collected under another configuration is not accepted any more.
        _ => refuse(Outcome::plain(ResultCode::V1NotAccepted)),
    }
}
