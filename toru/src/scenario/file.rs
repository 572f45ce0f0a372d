//! A scenario file into scenarios.

mod batches;
mod levels;
mod messages;
mod upgrades;

use encoding::{Ticket, TicketContent};
use serde::Deserialize;
use serde_norway::{Mapping, Value};
use tx_kernel::layout::{exit_path, refund_to_sender_path};

use super::cast::{Cast, MINT};
use super::deed;
use super::error::Problem;
use super::faults::{Faults, Sieve, all};
use super::item::{self, count_of, found, get, hex_of, list_of, only, text_of};
use super::statement::{self, Names, statement};
use super::words::{Words, is_name};
use super::{Deposit, Format, Scenario};
use crate::plain::{one_line, quoted};
use crate::yaml::check_depth;

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
pub fn parse(text: &str) -> Result<Vec<Scenario>, Faults> {
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
        let read = scenario(value).map_err(Faults::without_consequences);
        read.map_err(|faults| faults.inside(title(number, name.as_deref())))
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

fn scenario(value: &Value) -> Result<Scenario, Faults> {
    let Value::Mapping(map) = value else {
        let expected = "a scenario: a map with the keys scenario and levels";
        return Err(Problem::unexpected(found(value), expected).into());
    };
    let mut sieve = Sieve::default();
    sieve.keep(only(map, &KEYS));
    let name = sieve.keep(get_name(value).ok_or(Problem::Missing("scenario")));
    let accept_v1 = sieve.keep(accept_v1(map).map_err(|problem| problem.at("v1")));
    let format = sieve.keep(format(map).map_err(|problem| problem.at("format")));
    let mut cast = Cast::default();
    cast.format = format.unwrap_or_default();
    sieve.keep(tickets(map, &mut cast).map_err(|faults| faults.inside("tickets")));
    sieve
        .keep(upgrades::kernels(map, &mut cast).map_err(|faults| faults.inside(upgrades::KERNELS)));
    let mut set = sieve.keep(set(map).map_err(|faults| faults.inside("set")));
    set.extend(sieve.keep(exits(map, &mut cast).map_err(|faults| faults.inside("exits"))));
    let administrator = upgrades::administrator(map, &mut cast);
    set.extend(sieve.keep(administrator.map_err(|problem| problem.at(upgrades::ADMIN))));
    set.extend(sieve.keep(upgrades::delay(map).map_err(|problem| problem.at(upgrades::DELAY))));
    let (start, start_held) =
        sieve.keep(start(map, &mut cast).map_err(|faults| faults.inside("start")));
    let levels = get(map, "levels").ok_or_else(|| Problem::Missing("levels").into());
    let levels = sieve.keep(levels.and_then(|levels| levels::levels(levels, &mut cast)));
    sieve.end(Scenario { name, cast, accept_v1, set, start, start_held, levels })
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

/// `format`: the wire format of batches.
fn format(map: &Mapping) -> Result<Option<Format>, Problem> {
    let Some(value) = get(map, "format") else { return Ok(None) };
    match value.as_str() {
        Some("v1") => Ok(Some(Format::V1)),
        Some("v2") => Ok(Some(Format::V2)),
        _ => Err(Problem::unexpected(found(value), "format: v1 or v2")),
    }
}

/// `set`: durable values by their paths, for configuration.
fn set(map: &Mapping) -> Result<Vec<(String, Vec<u8>)>, Faults> {
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
fn exits(map: &Mapping, cast: &mut Cast) -> Result<Vec<(String, Vec<u8>)>, Faults> {
    let Some(value) = get(map, "exits") else { return Ok(Vec::new()) };
    let Value::Mapping(exits) = value else {
        return Err(Problem::unexpected(found(value), "a map of ticketers to entrypoints").into());
    };
    let exit = |(ticketer, entrypoint): (&Value, &Value)| -> Result<_, Problem> {
        let ticketer = cast.contract(&text_of(ticketer, "a contract")?)?;
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
fn tickets(map: &Mapping, cast: &mut Cast) -> Result<(), Faults> {
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
        let ticketer = cast.contract(ticketer)?;
        cast.define(&name, Ticket { ticketer, content });
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
            Some(digits) => Some(crate::hex_text::decode(digits.strip_prefix("0x")?).ok()?),
            None => None,
        };
        return words.end().map(|()| TicketContent::NatBytes(number, bytes));
    }
    let text = what.strip_prefix("text ").or_else(|| (what == "text").then_some(""))?;
    Some(TicketContent::String(text.as_bytes().to_vec()))
}

/// `start`: statements, and deposits that are held.
fn start(
    map: &Mapping,
    cast: &mut Cast,
) -> Result<(Vec<statement::Statement>, Vec<Deposit>), Faults> {
    let mut statements = Vec::new();
    let mut held = Vec::new();
    let Some(value) = get(map, "start") else { return Ok((statements, held)) };
    let sentences = list_of(value, "a list of sentences")?.iter().enumerate();
    let read = all(sentences.map(|(number, value)| {
        let mut read = || -> Result<(), Problem> {
            let sentence = text_of(value, "a sentence")?;
            if let Some(deposit) = sentence.strip_suffix(" and that is held")
                && let Some(deposits) = deed::deposits(deposit, cast)?
            {
                held.extend(deposits);
                return Ok(());
            }
            for one in statement::each(&sentence) {
                match statement(&one, &mut Names { cast, introduce: true })? {
                    Some(statement) => statements.push(statement),
                    None => {
                        let held_form = format!("{} and that is held", deed::DEPOSIT_FORM);
                        let settable = |form: &&str| !statement::NOT_AT_THE_START.contains(form);
                        let forms = statement::FORMS.into_iter().filter(settable);
                        let forms: Vec<&str> = forms.chain([held_form.as_str()]).collect();
                        return Err(Problem::sentence(&sentence, &forms));
                    }
                }
            }
            Ok(())
        };
        read().map_err(|problem| problem.at(format!("sentence {number}")))
    }));
    read.map(|_| (statements, held))
}

/// A number that may be missing.
fn optional_count<T: TryFrom<u64>>(map: &Mapping, key: &str) -> Result<Option<T>, Problem> {
    let number = |value| count_of(value, &format!("a number from 0 on for {key:?}"));
    get(map, key).map(number).transpose()
}

/// A number that may be missing, but not 0.
fn optional_times<T: TryFrom<u64>>(map: &Mapping, key: &str) -> Result<Option<T>, Problem> {
    if get(map, key).and_then(Value::as_u64) == Some(0) {
        let expected = format!("a number from 1 on for {key:?}");
        return Err(Problem::unexpected("the number 0", expected));
    }
    optional_count(map, key)
}
