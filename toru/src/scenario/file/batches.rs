//! Batches: their transactions, who signs them, and how they are spread over messages.

use serde_norway::{Mapping, Value};

use super::{Cast, optional_count};
use crate::plain::quoted;
use crate::scenario::deed::{self, OPERATION_FORMS};
use crate::scenario::error::{Problem, ScenarioError};
use crate::scenario::item::{Item, found, get, item, list_of, only, text_of};
use crate::scenario::outcome::{Expected, Kind};
use crate::scenario::{BatchSpec, Body, Framing, OperationSpec, SignatureSpec, TransactionSpec};

pub(super) fn operation_outcome(value: &Value) -> Result<Expected, Problem> {
    Expected::parse(Kind::Operation, &text_of(value, "an outcome, as text")?)
}

/// Each operation a transaction of its own.
pub(super) fn singles(deeds: deed::Deeds, expect: Option<&Expected>) -> Vec<TransactionSpec> {
    let operations = deeds.by_counter.into_iter().flatten();
    let transaction = |operation: OperationSpec| TransactionSpec {
        operations: vec![OperationSpec { expect: expect.cloned(), ..operation }],
        signed_by: None,
    };
    operations.map(transaction).collect()
}

/// An item of `batch`: a transaction, or a sentence that stands for one or more.
pub(super) fn transactions(
    value: &Value,
    cast: &mut Cast,
) -> Result<Vec<TransactionSpec>, ScenarioError> {
    const EXPECTED: &str = "a transaction: a list of operations, one operation, or a map with \
                            the keys transaction and signed by";
    if let Value::Sequence(_) = value {
        return Ok(vec![transaction(value, None, cast)?]);
    }
    match item(value, &["transaction"], &[], EXPECTED)? {
        Item::Map(map) => {
            only(map, &["transaction", "signed by"])?;
            let operations = get(map, "transaction").unwrap_or(&Value::Null);
            Ok(vec![transaction(operations, get(map, "signed by"), cast)?])
        }
        Item::Sentence(sentence, outcome, _) => {
            let expect = outcome.map(operation_outcome).transpose()?;
            let deeds = deed::operations(sentence, cast)?
                .ok_or_else(|| Problem::sentence(sentence, &OPERATION_FORMS))?;
            Ok(singles(deeds, expect.as_ref()))
        }
    }
}

pub(super) fn transaction(
    value: &Value,
    signed_by: Option<&Value>,
    cast: &mut Cast,
) -> Result<TransactionSpec, ScenarioError> {
    let mut operations = Vec::new();
    for (number, value) in list_of(value, "a list of operations")?.iter().enumerate() {
        let read = self::operations(value, cast);
        operations.extend(read.map_err(|problem| problem.at(format!("operation {number}")))?);
    }
    let signed_by = signed_by.map(|value| signatories(value, cast)).transpose()?;
    Ok(TransactionSpec { operations, signed_by })
}

fn operations(value: &Value, cast: &mut Cast) -> Result<Vec<OperationSpec>, Problem> {
    let Item::Sentence(sentence, outcome, _) = item(value, &[], &[], "an operation")? else {
        return Err(Problem::unexpected(found(value), "an operation"));
    };
    let expect = outcome.map(operation_outcome).transpose()?;
    let deeds = deed::operations(sentence, cast)?
        .ok_or_else(|| Problem::sentence(sentence, &OPERATION_FORMS))?;
    if deeds.by_counter.len() > 1 {
        let expected = "one counter: a signer has one operation in a transaction";
        return Err(Problem::unexpected(quoted(sentence), expected));
    }
    let all = deeds.by_counter.into_iter().flatten();
    Ok(all.map(|operation| OperationSpec { expect: expect.clone(), ..operation }).collect())
}

/// Who signs: a name, several, or `nobody`.
fn signatories(value: &Value, cast: &mut Cast) -> Result<Vec<String>, Problem> {
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
        cast.person(name)?;
    }
    Ok(names)
}

/// Transactions into the messages that carry them.
pub(super) fn messages(
    mut transactions: Vec<TransactionSpec>,
    map: &Mapping,
    cast: &mut Cast,
) -> Result<Vec<Body>, ScenarioError> {
    if let Some(value) = get(map, "signed by") {
        let signed_by = signatories(value, cast)?;
        transactions.iter_mut().for_each(|tx| tx.signed_by = Some(signed_by.clone()));
    }
    let framing = match get(map, "for") {
        None => Framing::Unframed,
        Some(value) => match value.as_str() {
            Some("anybody") => Framing::Unframed,
            Some("us") => Framing::ForUs,
            Some("another rollup") => Framing::ForAnother,
            _ => {
                let expected = "for: anybody (no frame), us, or another rollup";
                return Err(Problem::unexpected(found(value), expected).into());
            }
        },
    };
    let version = optional_count(map, "version")?.unwrap_or(0);
    let signature = get(map, "signature").map(signature).transpose()?;
    let signature = signature.unwrap_or(SignatureSpec::Honest);
    let per_message = optional_count(map, "transactions per message")?.filter(|n: &usize| *n > 0);
    let per_message = per_message.unwrap_or(transactions.len().max(1));
    let mut bodies = Vec::new();
    let mut rest = transactions;
    loop {
        let later = rest.split_off(rest.len().min(per_message));
        let signature = signature.clone();
        bodies.push(Body::Batch(BatchSpec { transactions: rest, framing, version, signature }));
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
                let bytes = crate::hex_text::decode(other).ok().and_then(|b| b.try_into().ok());
                let bytes = bytes.ok_or_else(|| Problem::unexpected(quoted(other), EXPECTED))?;
                SignatureSpec::Fixed(bytes)
            }
        },
    })
}
