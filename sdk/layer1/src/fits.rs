//! Whether a call fits an entrypoint: what an outbox message carries, held against a type.
//!
//! Layer 1 reads a call's parameters by the type of the entrypoint: the bytes of an address are one where
//! an address is expected, and bytes elsewhere. So a value has many types, and one is made up only to be
//! shown.

use std::borrow::Cow;

use num_bigint::BigInt;

use crate::address::{Address, Kind};
use crate::michelson::Node;
use crate::types::{SHOWN_MAX, plain, shown};

/// A call whose parameters the entrypoint does not take.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the entrypoint takes {takes}, and the call has {has}")]
pub struct Mismatch {
    /// The entrypoint's type.
    pub takes: String,
    /// A type of what the call has.
    pub has: String,
}

/// Whether a value is of a type, as layer 1 reads calls from an outbox: tickets among them, and
/// addresses as bytes or as text.
///
/// What cannot be known without layer 1's state is taken to be good: whether a contract of `contract …`
/// exists, and what code and ciphertexts mean.
///
/// # Errors
/// When it is not, with both types as they are shown.
pub fn fits(value: &Node, entrypoint: &Node) -> Result<(), Mismatch> {
    if is(value, &plain(entrypoint)) {
        return Ok(());
    }
    Err(Mismatch { takes: shown(entrypoint), has: likely(value) })
}

fn is(value: &Node, expected: &Node) -> bool {
    // Long pairs lead to the right, and need no deeper stack for it.
    let (mut value, mut expected) = (Cow::Borrowed(value), expected);
    while let Some([left, right]) = applied(expected, "pair") {
        let Some((_, rest)) = halves(&value).filter(|(first, _)| is(first, left)) else {
            return false;
        };
        (value, expected) = (Cow::Owned(rest), right);
    }
    is_other(&value, expected)
}

fn is_other(value: &Node, expected: &Node) -> bool {
    let Node::Prim { prim, args, .. } = expected else { return false };
    match (prim.name(), args.as_slice()) {
        ("unit", _) => constant(value, "Unit"),
        ("bool", _) => constant(value, "True") || constant(value, "False"),
        ("int" | "timestamp", _) if matches!(value, Node::Int(_)) => true,
        ("nat", _) => matches!(value, Node::Int(number) if *number >= BigInt::ZERO),
        ("mutez", _) => matches!(value, Node::Int(number)
            if *number >= BigInt::ZERO && *number <= BigInt::from(i64::MAX)),
        ("string", _) => matches!(value, Node::String(_)),
        ("bytes" | "chest" | "chest_key" | "bls12_381_g1" | "bls12_381_g2", _) => {
            matches!(value, Node::Bytes(_))
        }
        ("bls12_381_fr", _) => matches!(value, Node::Bytes(_) | Node::Int(_)),
        ("address", _) => address(value).is_some(),
        ("contract", [parameter]) => address(value).is_some_and(|to| reaches(to, parameter)),
        ("timestamp" | "key" | "signature" | "chain_id", _) => {
            matches!(value, Node::Bytes(_) | Node::String(_))
        }
        ("key_hash", _) => key_hash(value),
        ("option", [content]) => {
            constant(value, "None")
                || applied(value, "Some").is_some_and(|[some]| is(some, content))
        }
        ("or", [left, right]) => {
            applied(value, "Left").is_some_and(|[value]| is(value, left))
                || applied(value, "Right").is_some_and(|[value]| is(value, right))
        }
        ("list" | "set", [item]) => {
            matches!(value, Node::Seq(items) if items.iter().all(|one| is(one, item)))
        }
        ("map", [key, item]) => matches!(value, Node::Seq(items) if elements(items, key, item)),
        ("big_map", [key, item]) => match value {
            Node::Int(_) => true,
            Node::Seq(items) => elements(items, key, item),
            _ => false,
        },
        ("ticket", [content]) => ticket(value).is_some_and(|(found, amount)| {
            is(&found, content) && matches!(amount, Node::Int(number) if number > BigInt::ZERO)
        }),
        ("lambda", _) => matches!(value, Node::Seq(_)),
        ("sapling_transaction" | "sapling_transaction_deprecated", _) => {
            matches!(value, Node::Bytes(_))
        }
        ("sapling_state", _) => matches!(value, Node::Int(_) | Node::Seq(_)),
        // Nobody can give one: never, operation.
        _ => false,
    }
}

fn constant(value: &Node, name: &str) -> bool {
    matches!(value, Node::Prim { prim, args, .. } if prim.name() == name && args.is_empty())
}

fn applied<'a, const N: usize>(value: &'a Node, name: &str) -> Option<&'a [Node; N]> {
    match value {
        Node::Prim { prim, args, .. } if prim.name() == name => args.as_slice().try_into().ok(),
        _ => None,
    }
}

/// The two sides of a pair. One of three or more is a pair of the first and of a pair of the rest, and may
/// be written as a sequence.
#[must_use]
pub fn halves(value: &Node) -> Option<(&Node, Node)> {
    let items = match value {
        Node::Prim { prim, args, .. } if prim.name() == "Pair" => args,
        Node::Seq(items) if items.len() > 2 => items,
        _ => return None,
    };
    match items.as_slice() {
        [left, right] => Some((left, right.clone())),
        [left, rest @ ..] if rest.len() > 1 => {
            let prim = crate::michelson::Prim::from_name("Pair")?;
            Some((left, Node::Prim { prim, args: rest.to_vec(), annots: Vec::new() }))
        }
        _ => None,
    }
}

fn elements(items: &[Node], key: &Node, item: &Node) -> bool {
    items.iter().all(|one| applied(one, "Elt").is_some_and(|[k, v]| is(k, key) && is(v, item)))
}

/// A ticket's content and amount: `Pair ticketer content amount`, or `Ticket ticketer type content amount`.
fn ticket(value: &Node) -> Option<(Node, Node)> {
    if let Some([ticketer, _, content, amount]) = applied(value, "Ticket") {
        contract(ticketer)?;
        return Some((content.clone(), amount.clone()));
    }
    let (ticketer, rest) = halves(value)?;
    contract(ticketer)?;
    let (content, amount) = halves(&rest)?;
    Some((content.clone(), amount))
}

fn contract(value: &Node) -> Option<Address> {
    address(value).filter(|address| address.kind == Kind::Contract)
}

/// The address in a value; the entrypoint that it may name is left out.
fn address(value: &Node) -> Option<Address> {
    match value {
        Node::String(text) => {
            let (address, name) = text.split_once('%').unwrap_or((text, ""));
            address.parse().ok().filter(|_| name.len() <= crate::entrypoints::NAME_MAX)
        }
        Node::Bytes(bytes) => {
            let (address, name) = bytes.split_at_checked(22)?;
            let printable = name.iter().all(u8::is_ascii_graphic);
            if name.len() > crate::entrypoints::NAME_MAX || !printable {
                return None;
            }
            match address {
                [3, hash @ .., 0] => {
                    Some(Address { kind: Kind::Rollup, hash: hash.try_into().ok()? })
                }
                _ => Address::from_contract_bytes(address),
            }
        }
        _ => None,
    }
}

/// Whether an address may be of `contract parameter`: an implicit account takes nothing but `unit` and
/// tickets.
fn reaches(to: Address, parameter: &Node) -> bool {
    let takes = |name: &str| matches!(parameter, Node::Prim { prim, .. } if prim.name() == name);
    !matches!(to.kind, Kind::Implicit(_)) || takes("unit") || takes("ticket")
}

fn key_hash(value: &Node) -> bool {
    match value {
        Node::Bytes(bytes) => matches!(bytes.as_slice(), [0..=4, hash @ ..] if hash.len() == 20),
        Node::String(text) => matches!(text.parse(), Ok(Address { kind: Kind::Implicit(_), .. })),
        _ => false,
    }
}

/// A type that a value could have, for people: the tickets and addresses that it seems to have in it.
#[must_use]
pub fn likely(value: &Node) -> String {
    let mut out = String::new();
    guess(value, false, &mut out);
    match out.char_indices().nth(SHOWN_MAX) {
        Some((at, _)) => format!("{}…", &out[..at]),
        None => out,
    }
}

fn guess(value: &Node, as_argument: bool, out: &mut String) {
    // What is cut off needs no words, and no stack.
    if out.len() > SHOWN_MAX {
        return;
    }
    let all: (&str, Vec<Node>) = match value {
        Node::Int(number) if *number < BigInt::ZERO => ("int", Vec::new()),
        Node::Int(_) => ("nat", Vec::new()),
        Node::String(_) => ("string", Vec::new()),
        Node::Bytes(bytes) if bytes.len() == 22 && address(value).is_some() => {
            ("address", Vec::new())
        }
        Node::Bytes(_) => ("bytes", Vec::new()),
        Node::Prim { prim, args, .. } => match (prim.name(), ticket(value), halves(value)) {
            (_, Some((content, Node::Int(_))), _) => {
                return write(out, as_argument, "ticket", |out| guess_content(&content, out));
            }
            ("Pair", _, Some((left, right))) => ("pair", vec![left.clone(), right]),
            ("Unit", ..) => ("unit", Vec::new()),
            ("True" | "False", ..) => ("bool", Vec::new()),
            ("Some", ..) => ("option", args.clone()),
            ("None", ..) => return write(out, as_argument, "option", |out| out.push('…')),
            (side @ ("Left" | "Right"), ..) => {
                return write(out, as_argument, "or", |out| match args.as_slice() {
                    [one] if side == "Left" => {
                        guess(one, true, out);
                        out.push_str(" …");
                    }
                    [one] => {
                        out.push_str("… ");
                        guess(one, true, out);
                    }
                    _ => out.push('…'),
                });
            }
            _ => return out.push('…'),
        },
        Node::Seq(items) => match items.first() {
            Some(first) => ("list", vec![first.clone()]),
            None => return write(out, as_argument, "list", |out| out.push('…')),
        },
    };
    let (name, args) = all;
    if args.is_empty() {
        return out.push_str(name);
    }
    write(out, as_argument, name, |out| {
        for (at, arg) in args.iter().enumerate() {
            if at > 0 {
                out.push(' ');
            }
            guess(arg, true, out);
        }
    });
}

/// Tickets of the two shapes in use, whose `None` says nothing of what could be there.
fn guess_content(content: &Node, out: &mut String) {
    let bytes_or_none = |value: &Node| {
        constant(value, "None")
            || applied(value, "Some").is_some_and(|[one]| matches!(one, Node::Bytes(_)))
    };
    match halves(content) {
        Some((Node::Int(_), right)) if bytes_or_none(&right) => {
            out.push_str("(pair nat (option bytes))");
        }
        _ => guess(content, true, out),
    }
}

fn write(out: &mut String, as_argument: bool, name: &str, inner: impl FnOnce(&mut String)) {
    if as_argument {
        out.push('(');
    }
    out.push_str(name);
    out.push(' ');
    inner(out);
    if as_argument {
        out.push(')');
    }
}

#[cfg(test)]
mod tests;
