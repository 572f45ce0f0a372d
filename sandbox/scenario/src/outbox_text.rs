//! The outbox in sentences, as scenarios write it.

use encoding::{Kt1Address, Ticket, TicketContent, Tz4Address, whole};

use ::outbox::ResultsRoot;

use crate::error::Problem;
use crate::fixtures::Fixtures;
use crate::words::{Words, is_name};
use layer1::address::{Address, Kind};
use layer1::michelson::{self, Node};
use layer1::outbox::{self, Call, OutboxMessage};
use layer1::plain::quoted;

/// Each message as the list of its calls.
pub(crate) fn outbox(fixtures: &Fixtures, raw: &[Vec<u8>]) -> Vec<Vec<String>> {
    let message = |raw: &Vec<u8>| match (ResultsRoot::decode(raw), outbox::decode(raw)) {
        (Ok(root), _) => vec![root_text(root.leaves, root.first.0, root.last.0)],
        (_, OutboxMessage::Calls(calls)) => calls.iter().map(|one| call(fixtures, one)).collect(),
        _ => vec![hex::encode(raw)],
    };
    raw.iter().map(message).collect()
}

/// A root of results. Its hash is of everything that is in the results.
fn root_text(results: u64, first: i32, last: i32) -> String {
    format!("a root over {results} results of levels {first} to {last}")
}

/// Reads what [`root_text`] writes.
fn read_root(text: &str) -> Option<String> {
    let mut words = Words::of(text);
    words.phrase("a root over")?;
    let results = words.bounded()?;
    words.phrase("results of levels")?;
    let first = words.bounded()?;
    words.phrase("to")?;
    let last = words.bounded()?;
    words.end().map(|()| root_text(results, first, last))
}

fn call(fixtures: &Fixtures, call: &Call) -> String {
    let contract = fixtures.name_of_contract(&Kt1Address(call.destination.hash));
    let called = match call.entrypoint.as_str() {
        "" => contract,
        entrypoint => format!("{contract} {entrypoint}"),
    };
    let Some(ticket) = outbox::ticket(&call.parameters) else {
        return format!("{called} is called with {}", michelson::text(&call.parameters));
    };
    let content = michelson::encode(ticket.content);
    let name = match whole(&content, TicketContent::read) {
        Ok(content) => {
            let ticketer = Kt1Address(ticket.ticketer.hash);
            fixtures.name_of_ticket(&Ticket { ticketer, content })
        }
        Err(_) => michelson::text(ticket.content),
    };
    let amount = michelson::text(ticket.amount);
    let receiver = ticket.receiver.map(|node| format!(" for {}", receiver(fixtures, node)));
    format!("{called} gets {amount} {name}{}", receiver.unwrap_or_default())
}

fn receiver(fixtures: &Fixtures, node: &Node) -> String {
    const TZ4: Kind = Kind::Implicit(3);
    let Node::Bytes(bytes) = node else { return michelson::text(node) };
    match Address::from_contract_bytes(bytes) {
        Some(Address { kind: TZ4, hash }) => fixtures.name_of_account(&Tz4Address(hash)),
        Some(address) => address.to_string(),
        None => michelson::text(node),
    }
}

/// What is expected of a call, as [`outbox`] writes it: everybody and everything in it is in the scenario.
pub(crate) fn expected(fixtures: &Fixtures, text: &str) -> Result<String, Problem> {
    const FORM: &str = "CONTRACT [ENTRYPOINT] gets NUMBER TICKET [for NAME], or \
        a root over NUMBER results of levels LEVEL to LEVEL";
    if let Some(root) = read_root(text) {
        return Ok(root);
    }
    let wrong = || Problem::unexpected(quoted(text), FORM);
    // What is not of that form has no names in it.
    if text.contains(" is called with ") || layer1::hex_text::decode(text).is_ok() {
        return Ok(text.to_owned());
    }
    let (called, rest) = text.split_once(" gets ").ok_or_else(wrong)?;
    let mut words = Words::of(called);
    let contract = words.next().ok_or_else(wrong)?;
    let entrypoint = words.next();
    words.end().ok_or_else(wrong)?;
    let mut words = Words::of(rest);
    let amount = words.number().ok_or_else(wrong)?;
    let ticket = words.next().ok_or_else(wrong)?;
    let receiver = match words.phrase("for") {
        Some(()) => Some(words.next().ok_or_else(wrong)?),
        None => None,
    };
    words.end().ok_or_else(wrong)?;
    fixtures.known_contract(contract)?;
    if is_name(ticket) {
        fixtures.known_ticket(ticket)?;
    }
    if let Some(receiver) = receiver.filter(|receiver| is_name(receiver)) {
        fixtures.known_account(receiver)?;
    }
    let called =
        entrypoint.map_or_else(|| contract.to_owned(), |name| format!("{contract} {name}"));
    let receiver = receiver.map_or_else(String::new, |receiver| format!(" for {receiver}"));
    Ok(format!("{called} gets {amount} {ticket}{receiver}"))
}

/// Messages of which as many are shown.
const SHOWN_MAX: usize = 10;

/// All messages in one line, as a scenario has them.
pub(crate) fn text(messages: &[Vec<String>]) -> String {
    let message = |calls: &Vec<String>| match &calls[..] {
        [call] => call.clone(),
        calls => format!("[{}]", calls.join(", ")),
    };
    match messages {
        [] => "outbox: nothing".to_owned(),
        messages if messages.len() > SHOWN_MAX => {
            let first: Vec<String> = messages.iter().take(SHOWN_MAX).map(message).collect();
            format!("outbox: [{}, …], {} messages", first.join(", "), messages.len())
        }
        messages => {
            let all: Vec<String> = messages.iter().map(message).collect();
            format!("outbox: [{}]", all.join(", "))
        }
    }
}
