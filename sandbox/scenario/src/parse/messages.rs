//! The messages of a level.

use serde_norway::{Mapping, Value};

use super::batches::{self, Piece};
use crate::diagnostics::{Diagnostics, all};
use crate::error::Problem;
use crate::fixtures::Fixtures;
use crate::fixtures::{MINT, hash_of};
use crate::item::{
    Item, found, get, hex_of, item, list_of, only, optional_count, optional_times, text_of,
};
use crate::kind::Kind;
use crate::model::{Body, Entry, Route, Tampering};
use crate::operation::{self, OPERATION_FORMS, SOURCE};
use crate::outcome::Expected;
use crate::words::is_name;
use crate::{reclaim, register, upgrade};
use layer1::address::{Address, Role};
use layer1::michelson;
use layer1::plain::quoted;

/// Keys that say what a message is.
const KINDS: [&str; 7] = ["batch", "transaction", "payload", "raw", "external", "framed", "replay"];
/// Keys of every message.
const COMMON: [&str; 2] = ["label", "expect"];
/// Keys of batches.
const OF_BATCHES: [&str; 10] = [
    "format",
    "for",
    "version",
    "signature",
    "signed by",
    "signed for",
    "transactions per message",
    batches::INDIVIDUALLY_SIGNED,
    batches::EXPIRES,
    batches::PADDED,
];
/// Keys of messages that are sent again.
const OF_REPLAYS: [&str; 4] = ["times", "with bytes", "cut", "append"];
/// Keys of calls by contracts.
const OF_CALLS: [&str; 3] = ["sender", "source", "destination"];

const MESSAGE: &str = "a message: a sentence, or a map with one of the keys batch, transaction, \
                       payload, raw, external, framed, replay";
const OUTCOME: &str = "an outcome, as text";

/// Reads one entry of `messages`.
pub(crate) fn entry(value: &Value, fixtures: &mut Fixtures) -> Result<Entry, Diagnostics> {
    let options = [&COMMON[..], &OF_BATCHES].concat();
    match item(value, &KINDS, &options, MESSAGE)? {
        Item::Sentence(sentence, outcome, map) => {
            let empty = Mapping::new();
            spoken(sentence, outcome, map.unwrap_or(&empty), fixtures)
        }
        Item::Map(map) => keyed(map, fixtures),
    }
}

/// An entry that is a sentence.
fn spoken(
    sentence: &str,
    outcome: Option<&Value>,
    map: &Mapping,
    fixtures: &mut Fixtures,
) -> Result<Entry, Diagnostics> {
    if let Some(deposits) = operation::deposits(sentence, fixtures)? {
        if let Some(key) = OF_BATCHES.iter().find(|key| map.contains_key(**key)) {
            return Err(Problem::Exclusive((*key).to_owned(), "is sent".to_owned()).into());
        }
        let bodies: Vec<Body> = deposits.into_iter().map(Body::Deposit).collect();
        return finish(bodies, outcome, map);
    }
    let signed_by = get(map, "signed by").and_then(Value::as_str);
    if let Some(raw) = reclaim::message(sentence, signed_by, fixtures)? {
        return finish(vec![Body::Raw(raw)], outcome, map);
    }
    if let Some(raws) = upgrade::messages(sentence, fixtures)? {
        return finish(raws.into_iter().map(Body::Raw).collect(), outcome, map);
    }
    if let Some(registrations) = register::registrations(sentence, fixtures)? {
        let mut map = map.clone();
        map.insert("format".into(), "v2".into());
        let bodies = batches::messages(registrations, Vec::new(), &map, fixtures)?;
        return finish(bodies, outcome, &map);
    }
    let Some(group) = operation::operations(sentence, fixtures)? else {
        let mut forms = vec![operation::DEPOSIT_FORM];
        forms.extend(OPERATION_FORMS);
        forms.push(register::FORM);
        forms.extend(reclaim::FORMS);
        forms.extend(upgrade::FORMS);
        let keys = format!("or one of the keys {}", KINDS.join(", "));
        forms.push(&keys);
        return Err(Problem::sentence(sentence, &forms).into());
    };
    let expect = outcome.map(batches::operation_outcome).transpose()?;
    let transactions = batches::singles(group, expect.as_ref());
    let bodies = batches::messages(Vec::new(), transactions, map, fixtures)?;
    finish(bodies, None, map)
}

/// An entry that says by a key what it is.
fn keyed(map: &Mapping, fixtures: &mut Fixtures) -> Result<Entry, Diagnostics> {
    let mut kinds = KINDS.into_iter().filter(|kind| map.contains_key(*kind));
    let (Some(kind), second) = (kinds.next(), kinds.next()) else {
        return Err(Problem::Missing("batch").into());
    };
    if let Some(second) = second {
        return Err(Problem::Exclusive(kind.to_owned(), second.to_owned()).into());
    }
    let value = get(map, kind).unwrap_or(&Value::Null);
    let allowed: &[&str] = match kind {
        "batch" | "transaction" => &OF_BATCHES,
        "payload" => &OF_CALLS,
        "replay" => &OF_REPLAYS,
        _ => &[],
    };
    only(map, &[&[kind], &COMMON[..], allowed].concat())?;
    let bodies = match kind {
        "batch" => {
            let items = list_of(value, "a list of transactions")?;
            let pieces = all(items.iter().enumerate().map(|(number, value)| {
                let read = batches::piece(value, fixtures);
                read.map_err(|diagnostics| diagnostics.inside(format!("transaction {number}")))
            }));
            let (mut registrations, mut transactions) = (Vec::new(), Vec::new());
            for piece in pieces? {
                match piece {
                    Piece::Registrations(some) => registrations.extend(some),
                    Piece::Transactions(some) => transactions.extend(some),
                }
            }
            batches::messages(registrations, transactions, map, fixtures)?
        }
        "transaction" => {
            let transaction = batches::transaction(value, map, fixtures)?;
            let others: Mapping = map
                .iter()
                .filter(|(k, _)| *k != "signed by")
                .map(|(k, v)| (k.clone(), v.clone()))
                .collect();
            batches::messages(Vec::new(), vec![transaction], &others, fixtures)?
        }
        "payload" => vec![call(value, map, fixtures)?],
        "raw" => vec![Body::Raw(hex_of(kind, value)?)],
        "external" => vec![Body::Raw([vec![1], hex_of(kind, value)?].concat())],
        "framed" => {
            vec![Body::Raw([vec![1, 0], vec![0; 20], hex_of(kind, value)?].concat())]
        }
        _ => {
            let label = text_of(value, "the label of an earlier message")?;
            let times = optional_times(map, "times")?.unwrap_or(1);
            let again = || Ok::<_, Problem>(Body::Replay(label.clone(), tampering(map)?));
            (0..times).map(|_: u16| again()).collect::<Result<_, _>>()?
        }
    };
    finish(bodies, None, map)
}

/// What is changed in a message that is sent again.
fn tampering(map: &Mapping) -> Result<Tampering, Problem> {
    const EXPECTED: &str = "a map of places in the batch to hex: {23: '00', -96: '80'}";
    let append = get(map, "append").map(|value| hex_of("append", value)).transpose()?;
    let mut changes = Tampering {
        cut: optional_count(map, "cut")?.unwrap_or(0),
        append: append.unwrap_or_default(),
        bytes: Vec::new(),
    };
    let Some(value) = get(map, "with bytes") else { return Ok(changes) };
    let Value::Mapping(places) = value else {
        return Err(Problem::unexpected(found(value), EXPECTED));
    };
    for (location, value) in places {
        let location =
            location.as_i64().ok_or_else(|| Problem::unexpected(found(location), EXPECTED))?;
        changes.bytes.push((location, hex_of("with bytes", value)?));
    }
    Ok(changes)
}

/// Adds label and expectations to what an entry sends.
fn finish(bodies: Vec<Body>, outcome: Option<&Value>, map: &Mapping) -> Result<Entry, Diagnostics> {
    let label = get(map, "label").map(|value| text_of(value, "a label")).transpose()?;
    let expect = match (outcome, get(map, "expect")) {
        (Some(_), Some(_)) => {
            let both = Problem::Exclusive("expect".to_owned(), "an outcome".to_owned());
            return Err(both.into());
        }
        (Some(value), None) | (None, Some(value)) => expectations(value, bodies.len())?,
        (None, None) => Vec::new(),
    };
    Ok(Entry { label, bodies, expect })
}

/// One outcome for all messages of an entry, or how often which: `72 times accepted`.
fn expectations(value: &Value, made: usize) -> Result<Vec<(usize, Expected)>, Problem> {
    if let Value::Sequence(items) = value {
        let mut all = Vec::new();
        for item in items {
            let text = text_of(item, "NUMBER times OUTCOME")?;
            let split = text.split_once(" times ");
            let parsed = split.and_then(|(n, outcome)| Some((n.parse::<usize>().ok()?, outcome)));
            let Some((times, outcome)) = parsed else {
                return Err(Problem::unexpected(quoted(&text), "NUMBER times OUTCOME"));
            };
            all.push((times, Expected::parse(Kind::Message, outcome)?));
        }
        let expected = all.iter().map(|(times, _)| times).sum();
        if expected != made {
            return Err(Problem::Count { expected, made });
        }
        return Ok(all);
    }
    Ok(vec![(made, Expected::parse(Kind::Message, &text_of(value, OUTCOME)?)?)])
}

/// A call with any payload, in Michelson. `$name` stands for an account's address, and `0x$name`
/// for a contract's 22 bytes.
fn call(value: &Value, map: &Mapping, fixtures: &mut Fixtures) -> Result<Body, Problem> {
    let text = text_of(value, "Michelson")?;
    let node = michelson::parse(&filled_in(&text, fixtures)?).map_err(Problem::Michelson)?;
    let word = |key: &str, default: &str| match get(map, key) {
        None => Ok(default.to_owned()),
        Some(value) => text_of(value, "a name or an address"),
    };
    let route = Route {
        sender: fixtures.contract(&word("sender", MINT)?)?,
        source: fixtures.source(&word("source", SOURCE)?)?,
    };
    let destination = match word("destination", "us")?.as_str() {
        "us" => [0; 20],
        "another rollup" => hash_of("rollup", "another"),
        text => {
            Address::parse_as(Role::Rollup, text)
                .map_err(|problem| Problem::Address { text: text.to_owned(), problem })?
                .hash
        }
    };
    Ok(Body::Call { payload: michelson::encode(&node), route, destination })
}

fn filled_in(text: &str, fixtures: &mut Fixtures) -> Result<String, Problem> {
    let mut parts = text.split('$');
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let end = part.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == '-'));
        let (name, rest) = part.split_at(end.unwrap_or(part.len()));
        if !is_name(name) {
            return Err(Problem::unexpected(quoted(&format!("${name}")), "$NAME"));
        }
        if out.ends_with("0x") {
            out.push_str(&hex::encode(fixtures.contract(name)?.to_contract_22()));
        } else {
            out.push_str(&fixtures.person(name)?.address.to_string());
        }
        out.push_str(rest);
    }
    Ok(out)
}
