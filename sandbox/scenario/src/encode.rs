//! Messages as they are sent: encoded, signed, framed.

use std::collections::BTreeMap;

use bls::Signature;
use encoding::limits::INBOX_MESSAGE_BYTES;
use encoding::{Hash32, RollupAddress};
use inbox::deposit::{encode, encode_bytes, encode_unwrapped};
use inbox::envelope::{Envelope, envelope, transfer_message, unframed_v1};
use inbox::v1::SIGNATURE_BYTES;
use inbox::v2;
use pvm::Durable;

use crate::batch_v1;
use crate::batch_v2::{self, Known};
use crate::error::{Problem, ScenarioError};
use crate::fixtures::Format;
use crate::fixtures::{Fixtures, hash_of};
use crate::model::{
    BatchSpec, Body, Deposit, Framing, Level, Route, SignatureSpec, Tampering, TransactionSpec,
};
use crate::outcome::Expected;

/// The rollup that plays scenarios: the one that `toru run` plays.
pub(crate) const ROLLUP: RollupAddress = RollupAddress(pvm::DEBUGGER_ROLLUP);

/// A message that is sent.
#[derive(Debug)]
pub(crate) struct Sent {
    /// Where it is in the file.
    pub location: String,
    pub label: Option<String>,
    pub raw: Vec<u8>,
    pub expect: Option<Expected>,
    /// The operations in it of which something is expected.
    pub operations: Vec<SentOperation>,
}

/// An operation of which something is expected.
#[derive(Debug)]
pub(crate) struct SentOperation {
    /// Its transaction and its place there.
    pub location: String,
    pub lookup: Lookup,
    pub expect: Expected,
}

/// How an operation's result is found.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Lookup {
    /// Of v1, by its hash.
    Hash(Hash32),
    /// Of v2, by its place in the batch.
    Position(u32, u32),
}

/// What has been sent under a label.
pub(crate) type Labelled = BTreeMap<String, Vec<Vec<u8>>>;

/// Builds the messages of a level. What is known of accounts and tickets before it decides how v2
/// names them.
pub(crate) fn level(
    level: &Level,
    fixtures: &Fixtures,
    labelled: &mut Labelled,
    before: &Durable,
) -> Result<Vec<Sent>, ScenarioError> {
    let mut sent = Vec::new();
    let known = Known::by(before);
    for (entry_number, entry) in level.entries.iter().enumerate() {
        let mut raws = Vec::new();
        let mut outcomes = entry.expect.iter().flat_map(|(times, one)| vec![one; *times]);
        for body in &entry.bodies {
            let expect = outcomes.next().cloned();
            let location = |number: usize| match entry.bodies.len() {
                1 => format!("message {entry_number}"),
                _ => format!("message {entry_number} (its message {number})"),
            };
            let encoded = encoded(body, fixtures, labelled, &known)
                .map_err(|problem| problem.at(location(raws.len())))?;
            for (raw, operations) in encoded {
                let location = location(raws.len());
                if raw.len() > INBOX_MESSAGE_BYTES {
                    return Err(Problem::TooLong(raw.len()).at(location));
                }
                raws.push(raw.clone());
                let (label, expect) = (entry.label.clone(), expect.clone());
                sent.push(Sent { location, label, raw, expect, operations });
            }
        }
        if let Some(label) = &entry.label {
            labelled.insert(label.clone(), raws);
        }
    }
    Ok(sent)
}

/// A message and the operations in it of which something is expected.
type Encoded = (Vec<u8>, Vec<SentOperation>);

fn encoded(
    body: &Body,
    fixtures: &Fixtures,
    labelled: &Labelled,
    known: &Known<'_>,
) -> Result<Vec<Encoded>, Problem> {
    let sent = |label: &String| labelled.get(label).ok_or_else(|| Problem::Label(label.clone()));
    let plain = |raw| (raw, Vec::new());
    Ok(vec![match body {
        Body::Deposit(one) => plain(deposit(one)),
        Body::Call { payload, route, destination } => {
            let destination = RollupAddress(*destination);
            plain(transfer_message(payload, &route.sender, &route.source, &destination))
        }
        Body::Raw(raw) => plain(raw.clone()),
        Body::Replay(label, changes) => {
            let raws = sent(label)?.iter();
            return raws.map(|raw| changes.tamper(raw.clone()).map(plain)).collect();
        }
        Body::Batch(spec) => {
            let other = match &spec.signature {
                SignatureSpec::Of(label) => sent(label)?.first().cloned(),
                _ => None,
            };
            match spec.format {
                Format::V1 => batch(spec, fixtures, other.as_deref())?,
                Format::V2 => compact_batch(spec, fixtures, known, other.as_deref())?,
            }
        }
    }])
}

/// Bytes before a framed batch: two tags, the address, the version.
const FRAME_BYTES: usize = 23;

/// Where in a message its batch begins, as errors count its bytes from there.
fn start_of_batch(raw: &[u8]) -> usize {
    match envelope(raw, &ROLLUP, true) {
        Envelope::External { body, .. } => raw.len() - body.len(),
        _ => FRAME_BYTES,
    }
}

impl Tampering {
    fn tamper(&self, mut raw: Vec<u8>) -> Result<Vec<u8>, Problem> {
        let start = start_of_batch(&raw);
        for (at, bytes) in &self.bytes {
            let end = if *at < 0 { raw.len() } else { start };
            let start = isize::try_from(*at).ok().and_then(|at| end.checked_add_signed(at));
            let there = start.and_then(|start| raw.get_mut(start..)?.get_mut(..bytes.len()));
            let outside = || Problem::unexpected(at.to_string(), "a place in the message");
            there.ok_or_else(outside)?.copy_from_slice(bytes);
        }
        let left = raw.len().checked_sub(self.cut).ok_or_else(|| {
            let expected = format!("at most {}, the message's bytes", raw.len());
            Problem::unexpected(self.cut.to_string(), expected)
        })?;
        raw.truncate(left);
        raw.extend_from_slice(&self.append);
        Ok(raw)
    }
}

/// A contract's call of the rollup with bytes in place of a ticket.
pub(crate) fn call_with_bytes(bytes: &[u8], route: &Route) -> Vec<u8> {
    transfer_message(&encode_bytes(bytes), &route.sender, &route.source, &ROLLUP)
}

/// The message of a deposit.
pub(crate) fn deposit(deposit: &Deposit) -> Vec<u8> {
    let Deposit { receiver, amount, ticket, route, unwrapped } = deposit;
    let payload = match unwrapped {
        true => encode_unwrapped(receiver, ticket, amount),
        false => encode(receiver, ticket, amount),
    };
    transfer_message(&payload, &route.sender, &route.source, &ROLLUP)
}

impl TransactionSpec {
    /// The names of those who sign it.
    pub(crate) fn signatories(&self) -> Vec<&str> {
        match &self.signed_by {
            Some(names) => names.iter().map(String::as_str).collect(),
            None => self.operations.iter().filter_map(|one| one.signs.as_deref()).collect(),
        }
    }
}

/// A message without the zeros behind its batch.
fn unpadded(raw: &[u8]) -> &[u8] {
    let start = start_of_batch(raw);
    match v2::Batch::decode_padded(raw.get(start..).unwrap_or_default()) {
        Ok((_, body)) => raw.get(..start + body.len()).unwrap_or(raw),
        Err(_) => raw,
    }
}

impl SignatureSpec {
    /// The signature: that of these signers, or what is in its place.
    fn of(&self, signatures: &[Signature], other: Option<&[u8]>) -> [u8; SIGNATURE_BYTES] {
        let last = other.map(unpadded).and_then(|raw| raw.last_chunk::<SIGNATURE_BYTES>().copied());
        match self {
            SignatureSpec::Fixed(bytes) => *bytes,
            SignatureSpec::Of(_) => last.unwrap_or([0; SIGNATURE_BYTES]),
            SignatureSpec::Honest => Signature::aggregate(signatures)
                .map_or_else(identity, |signature| signature.to_compressed()),
        }
    }
}

fn framed(spec: &BatchSpec, version: u8, body: &[u8]) -> Vec<u8> {
    let rollup = match spec.framing {
        Framing::Unframed | Framing::ForUs => ROLLUP.0,
        Framing::ForAnother => another(),
    };
    [&[1, 0], &rollup[..], &[spec.version.unwrap_or(version)], body].concat()
}

fn another() -> [u8; 20] {
    hash_of("rollup", "another")
}

fn batch(spec: &BatchSpec, fixtures: &Fixtures, other: Option<&[u8]>) -> Result<Encoded, Problem> {
    let (mut batch, signatures) = batch_v1::build(spec, fixtures)?;
    batch.signature = spec.signature.of(&signatures, other);
    let body = batch.encode();
    let raw = match spec.framing {
        Framing::Unframed if spec.version.is_none_or(|version| version == 0) => unframed_v1(&body),
        _ => framed(spec, 0, &body),
    };
    let mut operations = Vec::new();
    for (number, (transaction, built)) in
        spec.transactions.iter().zip(&batch.transactions).enumerate()
    {
        for (at, (spec, built)) in transaction.operations.iter().zip(&built.operations).enumerate()
        {
            let Some(expect) = spec.expect.clone() else { continue };
            let location = format!("transaction {number}, operation {at}");
            operations.push(SentOperation { location, lookup: Lookup::Hash(built.hash()), expect });
        }
    }
    Ok((raw, operations))
}

fn compact_batch(
    spec: &BatchSpec,
    fixtures: &Fixtures,
    known: &Known<'_>,
    other: Option<&[u8]>,
) -> Result<Encoded, Problem> {
    let rollup = match spec.signed_for {
        Framing::Unframed | Framing::ForUs => ROLLUP,
        Framing::ForAnother => RollupAddress(another()),
    };
    let built = batch_v2::build(spec, fixtures, known, &rollup)?;
    let mut batch: v2::Batch = built.batch;
    if batch.signings() > 0 {
        batch.signature = Some(spec.signature.of(&built.signatures, other));
    }
    let mut raw = framed(spec, 2, &batch.encode());
    if let Some(padded_to) = spec.padded_to {
        if padded_to < raw.len() || padded_to > INBOX_MESSAGE_BYTES {
            let expected = format!("padded to: {} to {INBOX_MESSAGE_BYTES} bytes", raw.len());
            return Err(Problem::unexpected(padded_to.to_string(), expected));
        }
        raw.resize(padded_to, 0);
    }
    let mut operations = Vec::new();
    for (number, (transaction, written)) in spec.transactions.iter().zip(&built.numbers).enumerate()
    {
        for (at, spec) in transaction.operations.iter().enumerate() {
            let Some(expect) = spec.expect.clone() else { continue };
            let location = format!("transaction {number}, operation {at}");
            let as_u32 = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
            let lookup = Lookup::Position(as_u32(*written), as_u32(at));
            operations.push(SentOperation { location, lookup, expect });
        }
    }
    Ok((raw, operations))
}

/// The sum of no signatures.
fn identity() -> [u8; SIGNATURE_BYTES] {
    let mut bytes = [0; SIGNATURE_BYTES];
    bytes[0] = 0xc0;
    bytes
}
