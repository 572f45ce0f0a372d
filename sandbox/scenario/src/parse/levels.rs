//! Levels: what is sent, and what is expected after it.

use std::collections::BTreeSet;

use serde_norway::{Mapping, Value};

use super::messages;
use crate::assertion::{self, Expectation, Names, assertion};
use crate::diagnostics::{Collector, Diagnostics, all};
use crate::error::Problem;
use crate::fixtures::Fixtures;
use crate::item::{Item, count_of, found, get, item, list_of, only, text, text_of};
use crate::kind::Kind;
use crate::model::{Body, Entry, Level, SignatureSpec};
use crate::outbox_text;
use crate::outcome::Expected;
use layer1::plain::quoted;

const KEYS: [&str; 2] = ["messages", "expect"];

/// Reads the levels: first all messages, as expectations may name whoever comes later.
pub(crate) fn levels(value: &Value, fixtures: &mut Fixtures) -> Result<Vec<Level>, Diagnostics> {
    let values = list_of(value, "a list of levels").map_err(|problem| problem.at("levels"))?;
    let mut labels = BTreeSet::new();
    let mut levels = Vec::new();
    let mut collector = Collector::default();
    for (number, value) in values.iter().enumerate() {
        let read = as_map(value).map_err(Diagnostics::from);
        let read = read.and_then(|map| entries(map, fixtures, &mut labels));
        let entries = collector
            .keep(read.map_err(|diagnostics| diagnostics.inside(format!("level {number}"))));
        levels.push(Level { entries, expect: Vec::new() });
    }
    for (number, (level, value)) in levels.iter_mut().zip(values).enumerate() {
        let Some(value) = value.as_mapping().and_then(|map| get(map, "expect")) else { continue };
        let location = |diagnostics: Diagnostics| {
            diagnostics.inside("expect").inside(format!("level {number}"))
        };
        level.expect = collector.keep(expectations(value, fixtures, &labels).map_err(location));
    }
    collector.end(levels)
}

fn as_map(value: &Value) -> Result<&Mapping, Problem> {
    match value {
        Value::Mapping(map) => only(map, &KEYS).map(|()| map),
        other => Err(Problem::unexpected(found(other), "a map with the keys messages and expect")),
    }
}

fn entries(
    map: &Mapping,
    fixtures: &mut Fixtures,
    labels: &mut BTreeSet<String>,
) -> Result<Vec<Entry>, Diagnostics> {
    let Some(value) = get(map, "messages") else { return Ok(Vec::new()) };
    let values = list_of(value, "a list of messages")?.iter().enumerate();
    all(values.map(|(number, value)| {
        let read = messages::entry(value, fixtures).and_then(|entry| labelled(entry, labels));
        read.map_err(|diagnostics| diagnostics.inside(format!("message {number}")))
    }))
}

/// Looks at the labels of an entry: its own, and those of earlier messages.
fn labelled(entry: Entry, labels: &mut BTreeSet<String>) -> Result<Entry, Diagnostics> {
    for body in &entry.bodies {
        let wanted = match body {
            Body::Replay(label, _) => label,
            Body::Batch(batch) => match &batch.signature {
                SignatureSpec::Of(label) => label,
                _ => continue,
            },
            _ => continue,
        };
        if !labels.contains(wanted) {
            return Err(Problem::Label(wanted.clone()).into());
        }
    }
    if let Some(label) = &entry.label
        && !labels.insert(label.clone())
    {
        return Err(Problem::LabelTwice(label.clone()).into());
    }
    Ok(entry)
}

fn expectations(
    value: &Value,
    fixtures: &mut Fixtures,
    labels: &BTreeSet<String>,
) -> Result<Vec<Expectation>, Diagnostics> {
    let values = list_of(value, "a list of expectations")?.iter().enumerate();
    let read = all(values.map(|(number, value)| {
        let read = expectation(value, fixtures, labels);
        read.map_err(|problem| problem.at(format!("sentence {number}")))
    }));
    read.map(|expectations| expectations.into_iter().flatten().collect())
}

const MORE_FORMS: [&str; 9] = [
    "NAME has nothing",
    "nothing changes",
    "everything else unchanged",
    "outbox: nothing, NUMBER messages, or a list",
    "held deposits: NUMBER, or a list of codes",
    "runs: NUMBER",
    "messages for others: NUMBER",
    "message LABEL: OUTCOME",
    "nothing waits for the outbox",
];

fn expectation(
    value: &Value,
    fixtures: &mut Fixtures,
    labels: &BTreeSet<String>,
) -> Result<Vec<Expectation>, Problem> {
    let forms = || [&assertion::FORMS[..], &MORE_FORMS].concat();
    let (sentence, value) = match item(value, &[], &[], "a sentence about the state")? {
        Item::Sentence(sentence, value, _) => (sentence, value),
        Item::Map(_) => return Err(Problem::unexpected(found(value), "a sentence")),
    };
    if let Some(value) = value {
        let read = valued(sentence, value, fixtures, labels)?;
        return read.map(|one| vec![one]).ok_or_else(|| Problem::sentence(sentence, &forms()));
    }
    let mut names = Names { fixtures, introduce: false };
    match sentence {
        "nothing changes" => return Ok(vec![Expectation::NothingChanges]),
        "everything else unchanged" => return Ok(vec![Expectation::EverythingElseUnchanged]),
        "nothing waits for the outbox" => {
            let fact = assertion::Fact::Pending;
            return Ok(vec![Expectation::Is(assertion::Assertion { fact, value: None })]);
        }
        _ => {}
    }
    if let Some(name) = sentence.strip_suffix(" has nothing") {
        return Ok(vec![Expectation::HasNothing(names.account(name)?)]);
    }
    let mut all = Vec::new();
    for one in assertion::each(sentence) {
        let read = assertion(&one, &mut names)?.map(Expectation::Is);
        all.push(read.ok_or_else(|| Problem::sentence(sentence, &forms()))?);
    }
    Ok(all)
}

/// Expectations of the form `what: value`.
fn valued(
    what: &str,
    value: &Value,
    fixtures: &Fixtures,
    labels: &BTreeSet<String>,
) -> Result<Option<Expectation>, Problem> {
    Ok(Some(match what {
        "runs" => Expectation::Runs(count_of(value, "a number of runs")?),
        "messages for others" => Expectation::ForOthers(count_of(value, "a number of messages")?),
        "held deposits" => held(value)?,
        "outbox" => outbox(value, fixtures)?,
        _ => match what.strip_prefix("message ") {
            Some(label) if labels.contains(label) => {
                let outcome = text_of(value, "an outcome, as text")?;
                Expectation::Message(label.to_owned(), Expected::parse(Kind::Message, &outcome)?)
            }
            Some(label) => return Err(Problem::Label(label.to_owned())),
            None => return Ok(None),
        },
    }))
}

fn held(value: &Value) -> Result<Expectation, Problem> {
    const EXPECTED: &str = "the number of held deposits, or the list of their reasons";
    if let Value::Sequence(reasons) = value {
        let reason = |value| Expected::parse(Kind::Held, &text_of(value, "a reason, as text")?);
        return reasons.iter().map(reason).collect::<Result<_, _>>().map(Expectation::Held);
    }
    count_of(value, EXPECTED).map(Expectation::HeldCount)
}

fn outbox(value: &Value, fixtures: &Fixtures) -> Result<Expectation, Problem> {
    const EXPECTED: &str = "nothing, NUMBER messages, or a list of messages";
    if let Value::Sequence(messages) = value {
        let call = |value: &Value| {
            outbox_text::expected(
                fixtures,
                &text_of(value, "CONTRACT [ENTRYPOINT] gets NUMBER TICKET")?,
            )
        };
        let message = |value: &Value| match value {
            Value::Sequence(calls) => calls.iter().map(call).collect(),
            one => Ok(vec![call(one)?]),
        };
        return messages.iter().map(message).collect::<Result<_, _>>().map(Expectation::Outbox);
    }
    let text = text(value).unwrap_or_default();
    let count = match text.as_str() {
        "nothing" => Some(0),
        other => {
            let number = other.strip_suffix(" messages").or_else(|| other.strip_suffix(" message"));
            number.and_then(|number| number.parse().ok())
        }
    };
    count.map(Expectation::OutboxCount).ok_or_else(|| Problem::unexpected(quoted(&text), EXPECTED))
}
