//! Batches: their transactions, who signs them, and how they are spread over messages.

use std::collections::BTreeSet;

use encoding::Level;
use inbox::v2::Registration;
use serde_norway::{Mapping, Value};

use crate::diagnostics::{Diagnostics, all};
use crate::error::Problem;
use crate::fixtures::{Fixtures, Format};
use crate::item::{Item, found, get, item, list_of, only, optional_count, optional_times, text_of};
use crate::kind::Kind;
use crate::model::{
    BatchSpec, Body, Framing, IndividuallySigned, OperationSpec, SignatureSpec, TransactionSpec,
};
use crate::operation::{self, OPERATION_FORMS};
use crate::outcome::Expected;
use crate::reference::only_v2;
use crate::register;
use layer1::plain::quoted;

pub(crate) fn operation_outcome(value: &Value) -> Result<Expected, Problem> {
    Expected::parse(Kind::Operation, &text_of(value, "an outcome, as text")?)
}

/// Each operation a transaction of its own.
pub(crate) fn singles(
    group: operation::OperationGroup,
    expect: Option<&Expected>,
) -> Vec<TransactionSpec> {
    let operations = group.by_counter.into_iter().flatten();
    let transaction = |operation: OperationSpec| TransactionSpec {
        operations: vec![OperationSpec { expect: expect.cloned(), ..operation }],
        signed_by: None,
        is_single: true,
        expires: None,
        individually_signed: IndividuallySigned::Nobody,
    };
    operations.map(transaction).collect()
}

/// What an item of `batch` comes to.
pub(crate) enum Piece {
    Transactions(Vec<TransactionSpec>),
    Registrations(Vec<Registration>),
}

/// An item of `batch`: a registration, or a transaction, or a sentence that stands for several.
pub(crate) fn piece(value: &Value, fixtures: &mut Fixtures) -> Result<Piece, Diagnostics> {
    if let Some(sentence) = value.as_str()
        && let Some(registrations) = register::registrations(sentence, fixtures)?
    {
        return Ok(Piece::Registrations(registrations));
    }
    transactions(value, fixtures).map(Piece::Transactions)
}

fn transactions(
    value: &Value,
    fixtures: &mut Fixtures,
) -> Result<Vec<TransactionSpec>, Diagnostics> {
    const EXPECTED: &str = "a transaction: a list of operations, one operation, or a map with \
                            the keys transaction and signed by";
    if let Value::Sequence(_) = value {
        return Ok(vec![transaction(value, &Mapping::new(), fixtures)?]);
    }
    match item(value, &["transaction"], &BESIDE_TRANSACTIONS, EXPECTED)? {
        Item::Map(map) => {
            only(map, &[&["transaction"], &BESIDE_TRANSACTIONS[..]].concat())?;
            let operations = get(map, "transaction").unwrap_or(&Value::Null);
            let spec = transaction(operations, map, fixtures)?;
            Ok(vec![TransactionSpec {
                expires: expires(map)?,
                individually_signed: individually_signed(map, fixtures)?,
                ..spec
            }])
        }
        Item::Sentence(sentence, outcome, options) => {
            let expect = outcome.map(operation_outcome).transpose()?;
            let group = operation::operations(sentence, fixtures)?
                .ok_or_else(|| Problem::sentence(sentence, &OPERATION_FORMS))?;
            let mut all = singles(group, expect.as_ref());
            if let Some(map) = options {
                let signed_by = get(map, "signed by");
                let signed_by = signed_by.map(|value| signatories(value, fixtures)).transpose()?;
                let individually_signed = individually_signed(map, fixtures)?;
                let expires = expires(map)?;
                all = all
                    .into_iter()
                    .map(|transaction| TransactionSpec {
                        signed_by: signed_by.clone(),
                        individually_signed: individually_signed.clone(),
                        expires,
                        ..transaction
                    })
                    .collect();
            }
            Ok(all)
        }
    }
}

pub(crate) fn transaction(
    value: &Value,
    map: &Mapping,
    fixtures: &mut Fixtures,
) -> Result<TransactionSpec, Diagnostics> {
    let values = list_of(value, "a list of operations")?.iter().enumerate();
    let operations = all(values.map(|(number, value)| {
        let read = operations(value, fixtures);
        read.map_err(|problem| problem.at(format!("operation {number}")))
    }));
    let operations = operations?.into_iter().flatten().collect();
    let signed_by = get(map, "signed by");
    let signed_by = signed_by.map(|value| signatories(value, fixtures)).transpose()?;
    let (is_single, expires, individually_signed) = (false, None, IndividuallySigned::Nobody);
    Ok(TransactionSpec { operations, signed_by, is_single, expires, individually_signed })
}

/// The last level in which something is applied.
pub(crate) const EXPIRES: &str = "expires with level";

/// Who signs their own transactions in place of the batch.
pub(crate) const INDIVIDUALLY_SIGNED: &str = "individually signed";

/// What may stand beside a transaction of a batch, and beside a sentence that is one.
const BESIDE_TRANSACTIONS: [&str; 3] = ["signed by", INDIVIDUALLY_SIGNED, EXPIRES];

/// How many bytes zeros make of a message.
pub(crate) const PADDED: &str = "padded to";

fn expires(map: &Mapping) -> Result<Option<Level>, Problem> {
    Ok(optional_count(map, EXPIRES)?.map(|level: u32| Level(level.cast_signed())))
}

/// `individually signed`: who signs their own transactions in place of the batch.
fn individually_signed(
    map: &Mapping,
    fixtures: &mut Fixtures,
) -> Result<IndividuallySigned, Problem> {
    match get(map, INDIVIDUALLY_SIGNED) {
        None => Ok(IndividuallySigned::Nobody),
        Some(Value::String(all)) if all == "all" => Ok(IndividuallySigned::All),
        Some(value) => signatories(value, fixtures).map(IndividuallySigned::These),
    }
}

fn operations(value: &Value, fixtures: &mut Fixtures) -> Result<Vec<OperationSpec>, Problem> {
    let Item::Sentence(sentence, outcome, _) = item(value, &[], &[], "an operation")? else {
        return Err(Problem::unexpected(found(value), "an operation"));
    };
    let expect = outcome.map(operation_outcome).transpose()?;
    let group = operation::operations(sentence, fixtures)?
        .ok_or_else(|| Problem::sentence(sentence, &OPERATION_FORMS))?;
    if group.by_counter.len() > 1 {
        let expected = "one counter: a signer has one operation in a transaction";
        return Err(Problem::unexpected(quoted(sentence), expected));
    }
    let all = group.by_counter.into_iter().flatten();
    Ok(all.map(|operation| OperationSpec { expect: expect.clone(), ..operation }).collect())
}

/// Who signs: a name, several, or `nobody`.
fn signatories(value: &Value, fixtures: &mut Fixtures) -> Result<Vec<String>, Problem> {
    const EXPECTED: &str = "nobody, a name, or a list of names";
    let names = match value {
        Value::String(name) if name == "nobody" => Vec::new(),
        Value::String(name) => vec![name.clone()],
        other => {
            let items = list_of(other, EXPECTED)?.iter();
            items.map(|item| text_of(item, EXPECTED)).collect::<Result<Vec<_>, _>>()?
        }
    };
    for name in &names {
        fixtures.person(name)?;
    }
    Ok(names)
}

/// Whom a batch is for, by the key that says it.
fn framing(map: &Mapping, key: &str) -> Result<Framing, Problem> {
    let Some(value) = get(map, key) else { return Ok(Framing::Unframed) };
    match value.as_str() {
        Some("anybody") => Ok(Framing::Unframed),
        Some("us") => Ok(Framing::ForUs),
        Some("another rollup") => Ok(Framing::ForAnother),
        _ => {
            let expected = format!("{key}: anybody (no frame), us, or another rollup");
            Err(Problem::unexpected(found(value), expected))
        }
    }
}

/// Registrations and transactions into the messages that carry them.
pub(crate) fn messages(
    mut registrations: Vec<Registration>,
    mut transactions: Vec<TransactionSpec>,
    map: &Mapping,
    fixtures: &mut Fixtures,
) -> Result<Vec<Body>, Diagnostics> {
    if let Some(value) = get(map, "signed by") {
        let signed_by = signatories(value, fixtures)?;
        transactions.iter_mut().for_each(|tx| tx.signed_by = Some(signed_by.clone()));
    }
    let signed_for = framing(map, "signed for")?;
    let framing = framing(map, "for")?;
    let version = optional_count(map, "version")?;
    let format = format(map)?.unwrap_or(fixtures.format);
    let (expires, individually_signed) = (expires(map)?, individually_signed(map, fixtures)?);
    let padded_to: Option<usize> = optional_count(map, PADDED)?;
    let is_individual = |one: &IndividuallySigned| *one != IndividuallySigned::Nobody;
    let any_expires = transactions.iter().any(|one| one.expires.is_some());
    let any_individual = transactions.iter().any(|one| is_individual(&one.individually_signed));
    let of_v2 = [
        (EXPIRES, expires.is_some() || any_expires),
        (INDIVIDUALLY_SIGNED, is_individual(&individually_signed) || any_individual),
        (PADDED, padded_to.is_some()),
    ];
    for (key, is_there) in of_v2 {
        if format == Format::V1 && is_there {
            return Err(only_v2(key).into());
        }
    }
    let all_individual = transactions
        .iter()
        .map(|transaction| &transaction.individually_signed)
        .chain([&individually_signed]);
    for name in all_individual.flat_map(IndividuallySigned::names) {
        let mut signers: BTreeSet<&str> =
            transactions.iter().flat_map(TransactionSpec::signatories).collect();
        let operations = transactions.iter().flat_map(|transaction| &transaction.operations);
        signers.extend(operations.filter_map(|operation| operation.signs.as_deref()));
        if !signers.contains(name.as_str()) {
            let signers = signers.into_iter().collect::<Vec<_>>().join(", ");
            let expected =
                format!("somebody who signs here for {INDIVIDUALLY_SIGNED:?}: {signers}");
            return Err(Problem::unexpected(quoted(name), expected).into());
        }
    }
    let signature = get(map, "signature").map(signature).transpose()?;
    let signature = signature.unwrap_or(SignatureSpec::Honest);
    let per_message = optional_times(map, "transactions per message")?;
    let per_message = per_message.unwrap_or(transactions.len().max(1));
    let mut bodies = Vec::new();
    let mut rest = transactions;
    loop {
        let later = rest.split_off(rest.len().min(per_message));
        let signature = signature.clone();
        bodies.push(Body::Batch(BatchSpec {
            format,
            registrations: std::mem::take(&mut registrations),
            transactions: rest,
            expires,
            individually_signed: individually_signed.clone(),
            framing,
            version,
            signature,
            signed_for,
            padded_to,
        }));
        if later.is_empty() {
            return Ok(bodies);
        }
        rest = later;
    }
}

fn signature(value: &Value) -> Result<SignatureSpec, Problem> {
    const EXPECTED: &str = "signature: garbage, the identity, that of LABEL, or 96 bytes in hex";
    let text = text_of(value, EXPECTED)?;
    let mut identity = [0; 96];
    identity[0] = 0xc0;
    Ok(match text.as_str() {
        "garbage" => SignatureSpec::Fixed([0x5a; 96]),
        "the identity" => SignatureSpec::Fixed(identity),
        other => match other.strip_prefix("that of ") {
            Some(label) => SignatureSpec::Of(label.to_owned()),
            None => {
                let bytes = layer1::hex_text::decode(other).ok().and_then(|b| b.try_into().ok());
                let bytes = bytes.ok_or_else(|| Problem::unexpected(quoted(other), EXPECTED))?;
                SignatureSpec::Fixed(bytes)
            }
        },
    })
}

/// `format`: the wire format of batches.
pub(super) fn format(map: &Mapping) -> Result<Option<Format>, Problem> {
    let Some(value) = get(map, "format") else { return Ok(None) };
    match value.as_str() {
        Some("v1") => Ok(Some(Format::V1)),
        Some("v2") => Ok(Some(Format::V2)),
        _ => Err(Problem::unexpected(found(value), "format: v1 or v2")),
    }
}
