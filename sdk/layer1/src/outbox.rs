//! The outbox decoded: what layer 1 will be asked to do.
//!
//! Total: a foreign kernel may write anything. Bytes that are no message are shown as bytes.

use tezos_data_encoding::nom::NomReader;

use crate::address::{Address, Kind};
use crate::michelson::Node;
use crate::protocol::{ContractEncoding, Expression, OutboxMessageEncoding, WhitelistEncoding};

/// One outbox message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OutboxMessage {
    /// Calls of contracts, which layer 1 executes all or none.
    Calls(Vec<Call>),
    /// The operators that may commit from now on; `None` lets anybody.
    Whitelist(Option<Vec<Address>>),
    /// None of the forms that layer 1 knows. It occupies a place and is skipped.
    Unknown,
}

/// A call of a contract.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// Whom.
    pub destination: Address,
    /// Where; empty means `default`.
    pub entrypoint: String,
    /// With what.
    pub parameters: Node,
    /// The type of that, where the message says it.
    pub parameters_type: Option<Node>,
}

/// A ticket as Micheline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ticket<'a> {
    /// The contract that made it.
    pub ticketer: Address,
    /// What it says.
    pub content: &'a Node,
    /// How many of it.
    pub amount: &'a Node,
    /// For whom it is, where the parameters are a pair with the ticket on the right.
    pub receiver: Option<&'a Node>,
}

/// Decodes a message.
pub fn decode(bytes: &[u8]) -> OutboxMessage {
    let decoded = match OutboxMessageEncoding::nom_read(bytes) {
        Ok(([], OutboxMessageEncoding::Untyped(batch))) => {
            let calls = batch.calls.into_iter();
            let calls =
                calls.map(|call| checked(call.destination, call.entrypoint, call.parameters, None));
            calls.collect::<Option<_>>().map(OutboxMessage::Calls)
        }
        Ok(([], OutboxMessageEncoding::Typed(batch))) => {
            let calls = batch.calls.into_iter().map(|call| {
                let parameters_type = Some(call.parameters_type);
                checked(call.destination, call.entrypoint, call.parameters, parameters_type)
            });
            calls.collect::<Option<_>>().map(OutboxMessage::Calls)
        }
        Ok(([], OutboxMessageEncoding::Whitelist(WhitelistEncoding { keys }))) => {
            let keys = keys.map(|keys| keys.iter().map(Address::of_key_hash).collect());
            // Keys of which one has no known curve are no whitelist.
            match keys {
                Some(None) => None,
                Some(Some(keys)) => Some(OutboxMessage::Whitelist(Some(keys))),
                None => Some(OutboxMessage::Whitelist(None)),
            }
        }
        _ => None,
    };
    decoded.unwrap_or(OutboxMessage::Unknown)
}

/// A call, if a contract is called, at a name.
fn checked(
    destination: ContractEncoding,
    entrypoint: String,
    parameters: Expression,
    parameters_type: Option<Expression>,
) -> Option<Call> {
    let destination = Address::of_contract(&destination);
    let destination = destination.filter(|address| address.kind == Kind::Contract)?;
    // An entrypoint is a name; anything else could steer the terminal it is shown on.
    if !entrypoint.chars().all(|c| c.is_ascii_graphic()) {
        return None;
    }
    let parameters_type = parameters_type.map(|node| node.0);
    Some(Call { destination, entrypoint, parameters: parameters.0, parameters_type })
}

/// The ticket in a call's parameters: they are one, or a pair of a receiver and one.
pub fn ticket(parameters: &Node) -> Option<Ticket<'_>> {
    ticket_alone(parameters).or_else(|| {
        let (receiver, right) = pair(parameters)?;
        let mut ticket = ticket_alone(right)?;
        ticket.receiver = Some(receiver);
        Some(ticket)
    })
}

/// `Pair ticketer (Pair content amount)`.
fn ticket_alone(node: &Node) -> Option<Ticket<'_>> {
    let (ticketer, rest) = pair(node)?;
    let (content, amount) = pair(rest)?;
    let Node::Bytes(ticketer) = ticketer else { return None };
    let ticketer = Address::from_contract_bytes(ticketer)?;
    matches!(amount, Node::Int(_)).then_some(Ticket { ticketer, content, amount, receiver: None })
}

fn pair(node: &Node) -> Option<(&Node, &Node)> {
    match node {
        Node::Prim { prim, args, .. } if prim.name() == "Pair" => match args.as_slice() {
            [left, right] => Some((left, right)),
            _ => None,
        },
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::michelson;

    fn contract(fill: u8) -> (Address, String) {
        let address = Address { kind: Kind::Contract, hash: [fill; 20] };
        (address, format!("01{}00", hex::encode([fill; 20])))
    }

    fn bytes(hex_text: &str) -> Vec<u8> {
        hex::decode(hex_text.replace(' ', "")).unwrap()
    }

    #[test]
    fn a_withdrawal() {
        let ((ticketer, ticketer_hex), (destination, destination_hex)) =
            (contract(0xaa), contract(0xbb));
        let ticket_hex = format!("07070a00000016{ticketer_hex}0707010000000178 0007");
        let call = format!("{ticket_hex} {destination_hex} 000000046275726e");
        let call = call.replace(' ', "");
        let len = call.len() / 2;
        let message = bytes(&format!("00{:08x}{call}{call}", 2 * len));
        let OutboxMessage::Calls(calls) = decode(&message) else { panic!("no calls") };
        assert_eq!(calls.len(), 2);
        assert_eq!((calls[0].destination, calls[0].entrypoint.as_str()), (destination, "burn"));
        let found = ticket(&calls[1].parameters).unwrap();
        assert_eq!(found.ticketer, ticketer);
        assert_eq!(michelson::text(found.content), "\"x\"");
        assert_eq!(michelson::text(found.amount), "7");
        assert_eq!(found.receiver, None);

        let typed = format!("{ticket_hex}0368{destination_hex}00000000").replace(' ', "");
        let message = bytes(&format!("01{:08x}{typed}", typed.len() / 2));
        let OutboxMessage::Calls(calls) = decode(&message) else { panic!("no calls") };
        assert_eq!(calls[0].entrypoint, "");
        assert_eq!(
            calls[0].parameters_type.as_ref().map(michelson::text).as_deref(),
            Some("string")
        );
    }

    #[test]
    fn a_ticket_with_a_receiver() {
        let (_, ticketer) = contract(1);
        let source = format!("Pair \"tz1\" (Pair 0x{ticketer} (Pair (Pair 0 None) 5))");
        let node = michelson::parse(&source).unwrap();
        let found = ticket(&node).unwrap();
        assert_eq!(found.receiver.map(michelson::text).as_deref(), Some("\"tz1\""));
        assert_eq!(michelson::text(found.content), "Pair 0 None");
    }

    #[test]
    fn whitelists() {
        assert_eq!(decode(&bytes("0200")), OutboxMessage::Whitelist(None));
        let message = bytes(&format!("02ff0000001504{}", "cc".repeat(20)));
        let key = Address { kind: Kind::Implicit(4), hash: [0xcc; 20] };
        assert_eq!(decode(&message), OutboxMessage::Whitelist(Some(vec![key])));
    }

    #[test]
    fn anything_else_is_unknown() {
        let (_, destination) = contract(1);
        for hex_text in [
            "",
            "03",
            "00",
            "00000000",
            "0000000001",
            "000000000201",
            "02ff00000001",
            "02ff0000000100",
            "00ffffffff",
            &format!("000000001d 030b {destination} 00000001 1b"),
            &format!("000000001e 030b {destination} 00000002 61"),
        ] {
            assert_eq!(decode(&bytes(hex_text)), OutboxMessage::Unknown, "{hex_text}");
        }
        assert_eq!(decode(&bytes("0000000000")), OutboxMessage::Calls(vec![]));
    }
}
