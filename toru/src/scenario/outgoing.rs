//! The outbox in sentences, as scenarios write it.

use encoding::{Kt1Address, Ticket, TicketContent, Tz4Address, whole};

use super::cast::Cast;
use crate::address::{Address, Kind};
use crate::describe::grouped;
use crate::michelson::{self, Node};
use crate::outbox::{self, Call, OutboxMessage};

/// Each message as the list of its calls.
pub(super) fn outbox(cast: &Cast, raw: &[Vec<u8>]) -> Vec<Vec<String>> {
    let message = |raw: &Vec<u8>| match outbox::decode(raw) {
        OutboxMessage::Calls(calls) => calls.iter().map(|one| call(cast, one)).collect(),
        _ => vec![hex::encode(raw)],
    };
    raw.iter().map(message).collect()
}

fn call(cast: &Cast, call: &Call) -> String {
    let contract = cast.name_of_contract(&Kt1Address(call.destination.hash));
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
            cast.name_of_ticket(&Ticket { ticketer, content })
        }
        Err(_) => michelson::text(ticket.content),
    };
    let amount = grouped(&michelson::text(ticket.amount));
    let receiver = ticket.receiver.map(|node| format!(" for {}", receiver(cast, node)));
    format!("{called} gets {amount} {name}{}", receiver.unwrap_or_default())
}

fn receiver(cast: &Cast, node: &Node) -> String {
    const TZ4: Kind = Kind::Implicit(3);
    let Node::Bytes(bytes) = node else { return michelson::text(node) };
    match Address::from_contract_bytes(bytes) {
        Some(Address { kind: TZ4, hash }) => cast.name_of_account(&Tz4Address(hash)),
        Some(address) => address.to_string(),
        None => michelson::text(node),
    }
}

/// All messages in one line.
pub(super) fn text(messages: &[Vec<String>]) -> String {
    if messages.is_empty() {
        return "outbox: nothing".to_owned();
    }
    let messages: Vec<String> = messages.iter().map(|calls| calls.join(", ")).collect();
    format!("outbox: [{}]", messages.join("] ["))
}
