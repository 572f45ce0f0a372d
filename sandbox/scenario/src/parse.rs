//! A scenario file into scenarios.

pub(crate) mod batches;
mod levels;
mod messages;
mod upgrades;

use encoding::{Ticket, TicketContent};
use serde::Deserialize;
use serde_norway::{Mapping, Value};
use tx_kernel::layout::{exit_path, refund_to_sender_path};

use crate::assertion::{self, Names, assertion};
use crate::diagnostics::{Collector, Diagnostics, all};
use crate::error::Problem;
use crate::fixtures::{Fixtures, MINT};
use crate::item::{self, found, get, hex_of, list_of, only, text_of};
use crate::model::{Deposit, Scenario};
use crate::operation;
use crate::words::{Words, is_name};
use crate::yaml_depth::check_depth;
use layer1::plain::{one_line, quoted};

const KEYS: [&str; 11] = [
    "scenario",
    "v1",
    "format",
    "tickets",
    "exits",
    upgrades::KERNELS,
    upgrades::ADMIN,
    upgrades::DELAY,
    "set",
    "start",
    "levels",
];

/// Reads a file: scenarios as YAML documents, or as a list. What is no YAML is said alone.
pub fn parse(text: &str) -> Result<Vec<Scenario>, Diagnostics> {
    check_depth(text).map_err(|error| Problem::Syntax(error.to_string()))?;
    let mut values = Vec::new();
    for document in serde_norway::Deserializer::from_str(text) {
        let value = Value::deserialize(document)
            .map_err(|error| Problem::Syntax(one_line(&error.to_string())))?;
        match value {
            Value::Null => {}
            Value::Sequence(items) => values.extend(items),
            other => values.push(other),
        }
    }
    if values.is_empty() {
        return Err(Problem::unexpected("nothing", "at least one scenario").into());
    }
    all(values.iter().enumerate().map(|(number, value)| {
        let name = get_name(value);
        let read = scenario(value).map_err(Diagnostics::without_consequences);
        read.map_err(|diagnostics| diagnostics.inside(title(number, name.as_deref())))
    }))
}

/// A scenario's place in its file.
pub fn title(number: usize, name: Option<&str>) -> String {
    match name {
        Some(name) => format!("scenario {number} ({name})"),
        None => format!("scenario {number}"),
    }
}

fn get_name(value: &Value) -> Option<String> {
    value
        .as_mapping()
        .and_then(|map| get(map, "scenario"))
        .and_then(item::text)
        .map(|name| one_line(&name))
}

fn scenario(value: &Value) -> Result<Scenario, Diagnostics> {
    let Value::Mapping(map) = value else {
        let expected = "a scenario: a map with the keys scenario and levels";
        return Err(Problem::unexpected(found(value), expected).into());
    };
    let mut collector = Collector::default();
    collector.keep(only(map, &KEYS));
    let name = collector.keep(get_name(value).ok_or(Problem::Missing("scenario")));
    let accept_v1 = collector.keep(accept_v1(map).map_err(|problem| problem.at("v1")));
    let format = collector.keep(batches::format(map).map_err(|problem| problem.at("format")));
    let mut fixtures = Fixtures::default();
    fixtures.format = format.unwrap_or_default();
    collector
        .keep(tickets(map, &mut fixtures).map_err(|diagnostics| diagnostics.inside("tickets")));
    collector.keep(
        upgrades::kernels(map, &mut fixtures)
            .map_err(|diagnostics| diagnostics.inside(upgrades::KERNELS)),
    );
    let mut set = collector.keep(set(map).map_err(|diagnostics| diagnostics.inside("set")));
    set.extend(
        collector
            .keep(exits(map, &mut fixtures).map_err(|diagnostics| diagnostics.inside("exits"))),
    );
    let administrator = upgrades::administrator(map, &mut fixtures);
    set.extend(collector.keep(administrator.map_err(|problem| problem.at(upgrades::ADMIN))));
    set.extend(collector.keep(upgrades::delay(map).map_err(|problem| problem.at(upgrades::DELAY))));
    let (start, start_held) = collector
        .keep(start(map, &mut fixtures).map_err(|diagnostics| diagnostics.inside("start")));
    let levels = get(map, "levels").ok_or_else(|| Problem::Missing("levels").into());
    let levels = collector.keep(levels.and_then(|levels| levels::levels(levels, &mut fixtures)));
    collector.end(Scenario { name, fixtures, accept_v1, set, start, start_held, levels })
}

/// `v1`: whether batches in wire format v1 are accepted.
fn accept_v1(map: &Mapping) -> Result<bool, Problem> {
    let Some(value) = get(map, "v1") else { return Ok(true) };
    match value.as_str() {
        Some("accepted") => Ok(true),
        Some("not accepted") => Ok(false),
        _ => Err(Problem::unexpected(found(value), "accepted or not accepted")),
    }
}

/// `set`: durable values by their paths, for configuration.
fn set(map: &Mapping) -> Result<Vec<(String, Vec<u8>)>, Diagnostics> {
    let Some(value) = get(map, "set") else { return Ok(Vec::new()) };
    let Value::Mapping(values) = value else {
        return Err(Problem::unexpected(found(value), "a map of paths to hex").into());
    };
    let entry = |(path, value): (&Value, &Value)| {
        let path = text_of(path, "a path")?;
        if !path.starts_with("/toru/config/") {
            return Err(Problem::unexpected(quoted(&path), "a path below /toru/config/"));
        }
        hex_of(&path, value).map(|bytes| (path.clone(), bytes))
    };
    all(values.iter().map(entry))
}

/// What stands behind an exit that pays the contract which sent the deposit.
const TO_THE_SENDER: &str = " to the sender";

/// `exits`: the entrypoint through which a ticketer takes its tickets back, and whom it pays.
fn exits(map: &Mapping, fixtures: &mut Fixtures) -> Result<Vec<(String, Vec<u8>)>, Diagnostics> {
    let Some(value) = get(map, "exits") else { return Ok(Vec::new()) };
    let Value::Mapping(exits) = value else {
        return Err(Problem::unexpected(found(value), "a map of ticketers to entrypoints").into());
    };
    let exit = |(ticketer, entrypoint): (&Value, &Value)| -> Result<_, Problem> {
        let ticketer = fixtures.contract(&text_of(ticketer, "a contract")?)?;
        let text = text_of(entrypoint, "ENTRYPOINT, or ENTRYPOINT to the sender")?;
        let to_sender = text.strip_suffix(TO_THE_SENDER);
        let refund_to = to_sender.map(|_| (refund_to_sender_path(&ticketer), vec![1]));
        let entrypoint = to_sender.unwrap_or(&text).as_bytes().to_vec();
        Ok([Some((exit_path(&ticketer), entrypoint)), refund_to])
    };
    let set = all(exits.iter().map(exit))?;
    Ok(set.into_iter().flatten().flatten().collect())
}

/// `tickets`: what their names stand for.
fn tickets(map: &Mapping, fixtures: &mut Fixtures) -> Result<(), Diagnostics> {
    const FORM: &str =
        "text WORDS, text of NUMBER letters, or pair NUMBER [HEX], then [by CONTRACT]";
    let Some(value) = get(map, "tickets") else { return Ok(()) };
    let Value::Mapping(definitions) = value else {
        return Err(Problem::unexpected(found(value), "a map of names to tickets").into());
    };
    let define = |(name, definition): (&Value, &Value)| -> Result<(), Problem> {
        let name = text_of(name, "a name")?;
        if !is_name(&name) {
            return Err(Problem::unexpected(quoted(&name), "a name for a ticket"));
        }
        let definition = text_of(definition, FORM)?;
        let (what, ticketer) = definition.rsplit_once(" by ").unwrap_or((&definition, MINT));
        let content =
            content(what).ok_or_else(|| Problem::unexpected(quoted(&definition), FORM))?;
        let ticketer = fixtures.contract(ticketer)?;
        fixtures.define(&name, Ticket { ticketer, content });
        Ok(())
    };
    all(definitions.iter().map(define)).map(drop)
}

/// The longest content that a definition can ask for by its length.
const LETTERS_MAX: usize = 4_000;

fn content(what: &str) -> Option<TicketContent> {
    let mut words = Words::of(what);
    if words.phrase("text of").is_some() {
        let letters = words.bounded::<usize>().filter(|letters| *letters <= LETTERS_MAX)?;
        words.phrase("letters")?;
        return words.end().map(|()| TicketContent::String(vec![b'x'; letters]));
    }
    if words.phrase("pair").is_some() {
        let number = words.number()?;
        let bytes = match words.next() {
            Some(digits) => Some(layer1::hex_text::decode(digits.strip_prefix("0x")?).ok()?),
            None => None,
        };
        return words.end().map(|()| TicketContent::NatBytes(number, bytes));
    }
    let text = what.strip_prefix("text ").or_else(|| (what == "text").then_some(""))?;
    Some(TicketContent::String(text.as_bytes().to_vec()))
}

/// `start`: assertions, and deposits that are held.
fn start(
    map: &Mapping,
    fixtures: &mut Fixtures,
) -> Result<(Vec<assertion::Assertion>, Vec<Deposit>), Diagnostics> {
    let mut assertions = Vec::new();
    let mut held = Vec::new();
    let Some(value) = get(map, "start") else { return Ok((assertions, held)) };
    let sentences = list_of(value, "a list of sentences")?.iter().enumerate();
    let read = all(sentences.map(|(number, value)| {
        let mut read = || -> Result<(), Problem> {
            let sentence = text_of(value, "a sentence")?;
            if let Some(deposit) = sentence.strip_suffix(" and that is held")
                && let Some(deposits) = operation::deposits(deposit, fixtures)?
            {
                held.extend(deposits);
                return Ok(());
            }
            for one in assertion::each(&sentence) {
                match assertion(&one, &mut Names { fixtures, introduce: true })? {
                    Some(assertion) => assertions.push(assertion),
                    None => {
                        let held_form = format!("{} and that is held", operation::DEPOSIT_FORM);
                        let settable = |form: &&str| !assertion::NOT_AT_THE_START.contains(form);
                        let forms = assertion::FORMS.into_iter().filter(settable);
                        let forms: Vec<&str> = forms.chain([held_form.as_str()]).collect();
                        return Err(Problem::sentence(&sentence, &forms));
                    }
                }
            }
            Ok(())
        };
        read().map_err(|problem| problem.at(format!("sentence {number}")))
    }));
    read.map(|_| (assertions, held))
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::*;

    #[test]
    fn deep_texts_are_refused_in_no_time() {
        for one in
            ["[", "{", "- ", "? ", "{a: ", "[{a: ", "!t [", "&a [", "[ # [\n", "\n- [\"]\", "]
        {
            let started = Instant::now();
            assert!(parse(&one.repeat(500_000)).is_err(), "{one}");
            let took = started.elapsed();
            assert!(took < Duration::from_secs(120), "{one}: {took:?}");
        }
    }
}
