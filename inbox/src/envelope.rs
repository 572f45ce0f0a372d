//! The outermost layer of a message: what it is, and whether it is for this rollup.
//!
//! Only bytes that need no decoding are looked at, so that a message can be ingested, and be safe,
//! before anything is tried on it.

use encoding::{Kt1Address, RollupAddress, Source, read, whole};

use crate::v1::SIGNATURE_BYTES;

/// The tag of an internal message, and those below it.
const INTERNAL: u8 = 0x00;
const EXTERNAL: u8 = 0x01;
const TRANSFER: u8 = 0x00;
const START_OF_LEVEL: u8 = 0x01;
const END_OF_LEVEL: u8 = 0x02;
const INFO_PER_LEVEL: u8 = 0x03;
const PROTOCOL_MIGRATION: u8 = 0x04;
const DAL_ATTESTED_SLOTS: u8 = 0x05;

/// The tag of a framed external message, which is followed by the address of a rollup. It is also
/// the version byte of an unframed v1 batch.
const FRAMED: u8 = 0x00;
const V1: u8 = 0x00;
/// The version byte of a request for a held deposit.
const RECLAIM: u8 = 0x01;
const V2: u8 = 0x02;
/// The version byte of a page of a new kernel.
const PAGE: u8 = 0x03;

/// Bytes: sender, source and destination at the end of a transfer.
const TRANSFER_TAIL_BYTES: usize = 20 + 21 + 20;

/// The wire format of a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MessageKind {
    /// The original kernel's.
    V1,
    /// The compact one.
    V2,
    /// No batch, but a signed request for a held deposit.
    Reclaim,
    /// No batch, but a page of a new kernel.
    Page,
    /// One that this kernel does not know.
    Unknown(u8),
}

/// What a message is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Envelope<'a> {
    /// The first message of a level.
    StartOfLevel,
    /// Time and predecessor of the level.
    InfoPerLevel,
    /// The last message of a level.
    EndOfLevel,
    /// Layer 1 now runs another protocol.
    ProtocolMigration,
    /// Which DAL slots are available.
    DalAttestedSlots,
    /// A call of this rollup by a contract.
    Transfer(InternalTransfer<'a>),
    /// A batch for this rollup.
    External {
        /// Its kind.
        kind: MessageKind,
        /// What follows the version byte.
        body: &'a [u8],
    },
    /// A message for another rollup, or none that anyone has defined yet.
    NotOurs,
}

/// A call of the rollup by a contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InternalTransfer<'a> {
    /// What it sent along: Micheline.
    pub payload: &'a [u8],
    /// The contract.
    pub sender: Kt1Address,
    /// Who signed the operation that led to the call.
    pub source: Source,
}

/// Tells what `message` is, for the rollup at `rollup`. Unframed v1 batches bind no rollup: they
/// are only looked for where `accept_v1` says so.
pub fn envelope<'a>(message: &'a [u8], rollup: &RollupAddress, accept_v1: bool) -> Envelope<'a> {
    match message {
        [INTERNAL, TRANSFER, call @ ..] => transfer(call, rollup),
        [INTERNAL, START_OF_LEVEL] => Envelope::StartOfLevel,
        [INTERNAL, END_OF_LEVEL] => Envelope::EndOfLevel,
        [INTERNAL, INFO_PER_LEVEL, ..] => Envelope::InfoPerLevel,
        [INTERNAL, PROTOCOL_MIGRATION, ..] => Envelope::ProtocolMigration,
        [INTERNAL, DAL_ATTESTED_SLOTS, ..] => Envelope::DalAttestedSlots,
        [EXTERNAL, FRAMED, rest @ ..] => external(rest, rollup, accept_v1),
        _ => Envelope::NotOurs,
    }
}

fn transfer<'a>(call: &'a [u8], rollup: &RollupAddress) -> Envelope<'a> {
    let Some(split) = call.len().checked_sub(TRANSFER_TAIL_BYTES) else {
        return Envelope::NotOurs;
    };
    let (payload, tail) = call.split_at(split);
    let fields = whole(tail, |input| {
        let (rest, sender) = read::kt1_20(input)?;
        let (rest, source) = Source::read(rest)?;
        let (rest, destination) = read::take(20)(rest)?;
        Ok((rest, (sender, source, destination)))
    });
    match fields {
        Ok((sender, source, destination)) if destination == rollup.0 => {
            Envelope::Transfer(InternalTransfer { payload, sender, source })
        }
        _ => Envelope::NotOurs,
    }
}

fn external<'a>(rest: &'a [u8], rollup: &RollupAddress, accept_v1: bool) -> Envelope<'a> {
    if let Some(framed) = rest.strip_prefix(&rollup.0) {
        return match framed {
            [V1, body @ ..] => Envelope::External { kind: MessageKind::V1, body },
            [V2, body @ ..] => Envelope::External { kind: MessageKind::V2, body },
            [RECLAIM, body @ ..] => Envelope::External { kind: MessageKind::Reclaim, body },
            [PAGE, body @ ..] => Envelope::External { kind: MessageKind::Page, body },
            [version, body @ ..] => {
                Envelope::External { kind: MessageKind::Unknown(*version), body }
            }
            // A frame around nothing: the batch that is not there is malformed.
            [] => Envelope::External { kind: MessageKind::V1, body: framed },
        };
    }
    let unframed_v1 = |length: &[u8; 4], after: &[u8]| {
        usize::try_from(u32::from_be_bytes(*length))
            .is_ok_and(|length| length.checked_add(SIGNATURE_BYTES) == Some(after.len()))
    };
    match rest.split_first_chunk::<4>() {
        Some((length, after)) if accept_v1 && unframed_v1(length, after) => {
            Envelope::External { kind: MessageKind::V1, body: rest }
        }
        _ => Envelope::NotOurs,
    }
}

/// Puts a v1 batch into the frame of `rollup`: the whole external message, tag included.
pub fn framed_v1(rollup: &RollupAddress, body: &[u8]) -> Vec<u8> {
    framed(rollup, V1, body)
}

/// Puts a v2 batch into the frame of `rollup`: the whole external message, tag included.
pub fn framed_v2(rollup: &RollupAddress, body: &[u8]) -> Vec<u8> {
    framed(rollup, V2, body)
}

/// Puts a request for a held deposit into the frame of `rollup`.
pub fn framed_reclaim(rollup: &RollupAddress, body: &[u8]) -> Vec<u8> {
    framed(rollup, RECLAIM, body)
}

/// Puts a page of a new kernel into the frame of `rollup`.
pub fn framed_page(rollup: &RollupAddress, body: &[u8]) -> Vec<u8> {
    framed(rollup, PAGE, body)
}

fn framed(rollup: &RollupAddress, version: u8, body: &[u8]) -> Vec<u8> {
    [&[EXTERNAL, FRAMED][..], &rollup.0, &[version], body].concat()
}

/// An external message around an unframed v1 batch, tag included.
pub fn unframed_v1(body: &[u8]) -> Vec<u8> {
    [&[EXTERNAL, V1][..], body].concat()
}

/// A call of `rollup` as layer 1 writes it into the inbox, tags included.
pub fn transfer_message(
    payload: &[u8],
    sender: &Kt1Address,
    source: &Source,
    rollup: &RollupAddress,
) -> Vec<u8> {
    let source = [&[source.curve][..], &source.hash].concat();
    [&[INTERNAL, TRANSFER][..], payload, &sender.0, &source, &rollup.0].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    const US: RollupAddress = RollupAddress([1; 20]);
    const THEM: RollupAddress = RollupAddress([2; 20]);
    const SENDER: Kt1Address = Kt1Address([3; 20]);
    const SOURCE: Source = Source { curve: 4, hash: [5; 20] };

    #[test]
    fn internal_messages_by_their_tags() {
        let of = |hex: &str| {
            let bytes = hex::decode(hex).unwrap_or_default();
            format!("{:?}", envelope(&bytes, &US, false))
        };
        assert_eq!(of("0001"), "StartOfLevel");
        assert_eq!(of("0002"), "EndOfLevel");
        assert_eq!(of(&format!("0003{}", "00".repeat(40))), "InfoPerLevel");
        assert_eq!(of("000400000008753032355f303235"), "ProtocolMigration");
        let dal =
            "00050000000800100001efe01000000000160002298c03ed7d454a101eb7022bc95f7e5f41ac7810";
        assert_eq!(of(dal), "DalAttestedSlots");
        for unknown in ["", "00", "0006", "00ff00", "02", "01", "0101", "ff"] {
            assert_eq!(of(unknown), "NotOurs", "{unknown}");
        }
    }

    #[test]
    fn a_transfer_is_known_by_its_destination() {
        let ours = transfer_message(b"\x03\x0b", &SENDER, &SOURCE, &US);
        let expected = InternalTransfer { payload: b"\x03\x0b", sender: SENDER, source: SOURCE };
        assert_eq!(envelope(&ours, &US, false), Envelope::Transfer(expected));
        assert_eq!(envelope(&ours, &THEM, false), Envelope::NotOurs);
        assert_eq!(envelope(&ours[..40], &US, false), Envelope::NotOurs);
    }

    #[test]
    fn a_frame_names_its_rollup_and_version() {
        let ours = framed_v1(&US, b"body");
        let batch = Envelope::External { kind: MessageKind::V1, body: b"body" };
        assert_eq!(envelope(&ours, &US, false), batch);
        assert_eq!(envelope(&ours, &THEM, true), Envelope::NotOurs);
        let mut newer = ours.clone();
        newer[22] = 9;
        let batch = Envelope::External { kind: MessageKind::Unknown(9), body: b"body" };
        assert_eq!(envelope(&newer, &US, false), batch);
    }

    #[test]
    fn an_unframed_v1_batch_is_known_by_its_length_and_only_if_accepted() {
        let body = [&[0, 0, 0, 2, 7, 7][..], &[9; 96]].concat();
        let message = unframed_v1(&body);
        let batch = Envelope::External { kind: MessageKind::V1, body: &body };
        assert_eq!(envelope(&message, &US, true), batch);
        assert_eq!(envelope(&message, &US, false), Envelope::NotOurs);
        assert_eq!(envelope(&message[..message.len() - 1], &US, true), Envelope::NotOurs);
    }
}
