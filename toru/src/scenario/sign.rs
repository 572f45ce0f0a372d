//! Messages as they are sent: encoded, signed, framed.

use std::collections::BTreeMap;

use bls::Signature;
use encoding::limits::INBOX_MESSAGE_BYTES;
use encoding::{Hash32, RollupAddress};
use inbox::deposit::{encode, encode_unwrapped};
use inbox::envelope::{transfer_message, unframed_v1};
use inbox::v1::{Batch, SIGNATURE_BYTES, Transaction};

use super::cast::{Cast, hash_of};
use super::error::{Problem, ScenarioError};
use super::outcome::Expected;
use super::{BatchSpec, Body, Deposit, Framing, Scenario, SignatureSpec};

/// The rollup that plays scenarios: the one that `toru run` plays.
pub(super) const ROLLUP: RollupAddress = RollupAddress(pvm::DEBUGGER_ROLLUP);

/// A message that is sent.
#[derive(Debug)]
pub(super) struct Sent {
    /// Where it is in the file.
    pub place: String,
    pub label: Option<String>,
    pub raw: Vec<u8>,
    pub expect: Option<Expected>,
    /// The operations in it of which something is expected.
    pub operations: Vec<SentOperation>,
}

/// An operation of which something is expected.
#[derive(Debug)]
pub(super) struct SentOperation {
    /// Its transaction and its place there.
    pub place: String,
    pub hash: Hash32,
    pub expect: Expected,
}

/// What has been sent under a label.
type Labelled = BTreeMap<String, Vec<Vec<u8>>>;

/// Builds the messages of every level.
pub(super) fn build(scenario: &Scenario) -> Result<Vec<Vec<Sent>>, ScenarioError> {
    let mut labelled = Labelled::new();
    let mut levels = Vec::new();
    for (number, level) in scenario.levels.iter().enumerate() {
        let mut sent = Vec::new();
        for (entry_number, entry) in level.entries.iter().enumerate() {
            let mut raws = Vec::new();
            let mut outcomes = entry.expect.iter().flat_map(|(times, one)| vec![one; *times]);
            for body in &entry.bodies {
                let expect = outcomes.next().cloned();
                for raw in encoded(body, &scenario.cast, &labelled)? {
                    let part = match entry.bodies.len() {
                        1 => String::new(),
                        _ => format!(" (its message {})", raws.len()),
                    };
                    let place = format!("message {entry_number}{part}");
                    if raw.len() > INBOX_MESSAGE_BYTES {
                        let error = Problem::TooLong(raw.len()).at(place);
                        return Err(error.inside(format!("level {number}")));
                    }
                    raws.push(raw.clone());
                    sent.push(Sent {
                        place,
                        label: entry.label.clone(),
                        raw,
                        expect: expect.clone(),
                        operations: operations(body),
                    });
                }
            }
            if let Some(label) = &entry.label {
                labelled.insert(label.clone(), raws);
            }
        }
        levels.push(sent);
    }
    Ok(levels)
}

fn encoded(body: &Body, cast: &Cast, labelled: &Labelled) -> Result<Vec<Vec<u8>>, ScenarioError> {
    let known = |label: &String| {
        labelled.get(label).ok_or_else(|| ScenarioError::from(Problem::Label(label.clone())))
    };
    Ok(vec![match body {
        Body::Deposit(one) => deposit(one),
        Body::Call { payload, route, destination } => {
            transfer_message(payload, &route.sender, &route.source, &RollupAddress(*destination))
        }
        Body::Raw(raw) => raw.clone(),
        Body::Replay(label) => return known(label).cloned(),
        Body::Batch(spec) => {
            let other = match &spec.signature {
                SignatureSpec::Of(label) => known(label)?.first().cloned(),
                _ => None,
            };
            batch(spec, cast, other.as_deref())
        }
    }])
}

/// The message of a deposit.
pub(super) fn deposit(deposit: &Deposit) -> Vec<u8> {
    let Deposit { receiver, amount, ticket, route, unwrapped } = deposit;
    let payload = match unwrapped {
        true => encode_unwrapped(receiver, ticket, amount),
        false => encode(receiver, ticket, amount),
    };
    transfer_message(&payload, &route.sender, &route.source, &ROLLUP)
}

fn batch(spec: &BatchSpec, cast: &Cast, other: Option<&[u8]>) -> Vec<u8> {
    let mut signatures = Vec::new();
    let mut transactions = Vec::new();
    for transaction in &spec.transactions {
        let operations = transaction.operations.iter();
        let built = Transaction { operations: operations.map(|o| o.operation.clone()).collect() };
        let message = built.signed_bytes();
        let signers: Vec<&String> = match &transaction.signed_by {
            Some(names) => names.iter().collect(),
            None => transaction.operations.iter().filter_map(|o| o.signer.as_ref()).collect(),
        };
        let people = signers.into_iter().filter_map(|name| cast.known(name));
        signatures.extend(people.map(|person| person.sign(&message)));
        transactions.push(built);
    }
    let last = other.and_then(|raw| raw.last_chunk::<SIGNATURE_BYTES>().copied());
    let signature = match &spec.signature {
        SignatureSpec::Fixed(bytes) => *bytes,
        SignatureSpec::Of(_) => last.unwrap_or([0; SIGNATURE_BYTES]),
        SignatureSpec::Honest => Signature::aggregate(&signatures)
            .map_or_else(identity, |signature| signature.to_compressed()),
    };
    let body = Batch { transactions, signature }.encode();
    let framed = |rollup: &[u8]| [&[1, 0], rollup, &[spec.version], &body].concat();
    match spec.framing {
        Framing::Unframed if spec.version == 0 => unframed_v1(&body),
        Framing::Unframed | Framing::ForUs => framed(&ROLLUP.0),
        Framing::ForAnother => framed(&hash_of("rollup", "another")),
    }
}

/// The sum of no signatures.
fn identity() -> [u8; SIGNATURE_BYTES] {
    let mut bytes = [0; SIGNATURE_BYTES];
    bytes[0] = 0xc0;
    bytes
}

fn operations(body: &Body) -> Vec<SentOperation> {
    let Body::Batch(spec) = body else { return Vec::new() };
    let mut all = Vec::new();
    for (number, transaction) in spec.transactions.iter().enumerate() {
        for (at, spec) in transaction.operations.iter().enumerate() {
            let Some(expect) = &spec.expect else { continue };
            all.push(SentOperation {
                place: format!("transaction {number}, operation {at}"),
                hash: spec.operation.hash(),
                expect: expect.clone(),
            });
        }
    }
    all
}
