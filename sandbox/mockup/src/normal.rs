//! Values in the one form that layer 1 writes, by their type: addresses as bytes, pairs of two. And the
//! tickets in them.

use layer1::address::Kind;
use layer1::fits::halves;
use layer1::michelson::Node;
use layer1::types::plain;
use num_bigint::BigUint;

use crate::micheline::{Target, applied, as_nat, as_pair, as_target, pair, prim};
use crate::ticket::Ticket;

/// A value of a type, in the form that layer 1 writes. The value is known to fit the type.
pub(crate) fn normal(value: &Node, of: &Node) -> Node {
    normal_plain(value, &plain(of))
}

fn normal_plain(value: &Node, of: &Node) -> Node {
    let Node::Prim { prim: name, args, .. } = of else { return value.clone() };
    match (name.name(), args.as_slice()) {
        ("pair", [left, right]) => match halves(value) {
            Some((first, rest)) => pair(normal_plain(first, left), normal_plain(&rest, right)),
            None => value.clone(),
        },
        ("address" | "contract", _) => match as_target(value) {
            Some(target) => Node::Bytes(default_left_out(target).to_bytes()),
            None => value.clone(),
        },
        ("key_hash", _) => match as_target(value) {
            Some(Target { address, .. }) => match address.kind {
                Kind::Implicit(tag) => Node::Bytes([&[tag], address.hash.as_slice()].concat()),
                Kind::Contract | Kind::Rollup => value.clone(),
            },
            None => value.clone(),
        },
        ("ticket", [content]) => match ticket_parts(value) {
            Some((ticketer, found, amount)) => {
                // A ticketer is a contract, whatever entrypoint stands behind its address: layer 1 drops that.
                let contract = |target: Target| Target { entrypoint: String::new(), ..target };
                let ticketer =
                    as_target(ticketer).map(|target| Node::Bytes(contract(target).to_bytes()));
                let found = normal_plain(&found, content);
                pair(ticketer.unwrap_or_else(|| value.clone()), pair(found, amount))
            }
            None => value.clone(),
        },
        ("option", [content]) => within(value, "Some", content),
        ("or", [left, right]) => match applied(value, "Left") {
            Some(_) => within(value, "Left", left),
            None => within(value, "Right", right),
        },
        ("list" | "set", [item]) => match value {
            Node::Seq(items) => {
                Node::Seq(items.iter().map(|one| normal_plain(one, item)).collect())
            }
            other => other.clone(),
        },
        ("map" | "big_map", [key, item]) => match value {
            Node::Seq(items) => {
                Node::Seq(items.iter().map(|one| element(one, key, item)).collect())
            }
            other => other.clone(),
        },
        _ => value.clone(),
    }
}

/// Layer 1 does not write the entrypoint that goes without saying.
fn default_left_out(mut target: Target) -> Target {
    if target.entrypoint == layer1::entrypoints::DEFAULT {
        target.entrypoint.clear();
    }
    target
}

fn within(value: &Node, name: &str, content: &Node) -> Node {
    match applied(value, name) {
        Some([inner]) => prim(name, vec![normal_plain(inner, content)]),
        _ => value.clone(),
    }
}

fn element(one: &Node, key: &Node, item: &Node) -> Node {
    match applied(one, "Elt") {
        Some([k, v]) => prim("Elt", vec![normal_plain(k, key), normal_plain(v, item)]),
        _ => one.clone(),
    }
}

/// A ticket's ticketer, content and amount.
fn ticket_parts(value: &Node) -> Option<(&Node, Node, Node)> {
    if let Some([ticketer, _, content, amount]) = applied(value, "Ticket") {
        return Some((ticketer, content.clone(), amount.clone()));
    }
    let (ticketer, rest) = halves(value)?;
    let (content, amount) = halves(&rest)?;
    Some((ticketer, content.clone(), amount))
}

/// The ticket that a value of `ticket …` is, and how many. The value is in normal form.
pub(crate) fn ticket(value: &Node, content_type: &Node) -> Option<(Ticket, BigUint)> {
    let (ticketer, rest) = as_pair(value)?;
    let (content, amount) = as_pair(rest)?;
    let ticketer = as_target(ticketer)?.address;
    let ticket = Ticket::new(ticketer.hash, content_type, content.clone());
    (ticketer.kind == Kind::Contract).then_some((ticket, as_nat(amount)?))
}

/// All tickets in a value, by its type. The value is in normal form.
pub(crate) fn tickets(value: &Node, of: &Node) -> Vec<(Ticket, BigUint)> {
    let mut found = Vec::new();
    collect(value, &plain(of), &mut found);
    found
}

fn collect(value: &Node, of: &Node, found: &mut Vec<(Ticket, BigUint)>) {
    let Node::Prim { prim: name, args, .. } = of else { return };
    match (name.name(), args.as_slice()) {
        ("ticket", [content]) => found.extend(ticket(value, content)),
        ("pair", [left, right]) => {
            if let Some((first, second)) = as_pair(value) {
                collect(first, left, found);
                collect(second, right, found);
            }
        }
        ("or", [left, right]) => {
            if let Some([inner]) = applied(value, "Left") {
                collect(inner, left, found);
            } else if let Some([inner]) = applied(value, "Right") {
                collect(inner, right, found);
            }
        }
        ("option", [content]) => {
            if let Some([inner]) = applied(value, "Some") {
                collect(inner, content, found);
            }
        }
        ("list" | "set", [item]) => {
            if let Node::Seq(items) = value {
                items.iter().for_each(|one| collect(one, item, found));
            }
        }
        ("map" | "big_map", [_, item]) => {
            if let Node::Seq(items) = value {
                for one in items {
                    if let Some([_, inner]) = applied(one, "Elt") {
                        collect(inner, item, found);
                    }
                }
            }
        }
        _ => {}
    }
}

/// The tickets in a call of a contract of which nothing is known: one, alone or beside a receiver, in a shape
/// that is in use.
pub(crate) fn likely_tickets(value: &Node) -> Vec<(Ticket, BigUint)> {
    let Some(found) = layer1::outbox::ticket(value) else { return Vec::new() };
    let of = match found.content {
        Node::String(_) => prim("string", Vec::new()),
        Node::Bytes(_) => prim("bytes", Vec::new()),
        Node::Int(_) => prim("nat", Vec::new()),
        _ => pair_type(),
    };
    let amount = as_nat(found.amount);
    let ticket = Ticket::new(found.ticketer.hash, &of, found.content.clone());
    amount.map(|amount| (ticket, amount)).into_iter().collect()
}

/// `pair nat (option bytes)`.
pub(crate) fn pair_type() -> Node {
    let option = prim("option", vec![prim("bytes", Vec::new())]);
    prim("pair", vec![prim("nat", Vec::new()), option])
}

/// What the tickets of the ticketer of tez say: `Pair 0 None`.
pub(crate) fn tez_content() -> Node {
    pair(Node::Int(0.into()), prim("None", Vec::new()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use layer1::michelson::{parse, text};

    fn shown(value: &str, of: &str) -> String {
        text(&normal(&parse(value).unwrap(), &parse(of).unwrap()))
    }

    #[test]
    fn values_are_written_as_layer_1_writes_them() {
        let zero = "0x01000000000000000000000000000000000000000000";
        let kt = "\"KT18amZmM5W7qDWVt2pH6uj7sCEd3kbzLrHT\"";
        assert_eq!(shown("Pair 1 2 3", "pair nat nat nat"), "Pair 1 (Pair 2 3)");
        assert_eq!(shown("{1; 2; 3}", "pair nat (pair nat nat)"), "Pair 1 (Pair 2 3)");
        assert_eq!(shown(kt, "address"), zero);
        assert_eq!(shown(&kt.replace("HT\"", "HT%default\""), "address"), zero);
        assert_eq!(shown(&kt.replace("HT\"", "HT%a\""), "address"), format!("{zero}61"));
        assert_eq!(shown(kt, "string"), kt);
        let ticket = format!("Pair {kt} \"x\" 5");
        let typed = "or (pair string (ticket string)) nat";
        let expected = format!("Left (Pair \"a\" (Pair {zero} (Pair \"x\" 5)))");
        assert_eq!(shown(&format!("Left (Pair \"a\" ({ticket}))"), typed), expected);
        let ticket = format!("Ticket {kt} string \"x\" 5");
        assert_eq!(shown(&format!("Left (Pair \"a\" ({ticket}))"), typed), expected);
    }

    #[test]
    fn a_ticketer_is_a_contract_whatever_entrypoint_stands_behind_it() {
        let of = "ticket string";
        let ticketer = "KT18amZmM5W7qDWVt2pH6uj7sCEd3kbzLrHT";
        let plain = shown(&format!("Pair \"{ticketer}\" \"x\" 1"), of);
        for name in ["%x", "%default"] {
            assert_eq!(shown(&format!("Pair \"{ticketer}{name}\" \"x\" 1"), of), plain);
        }
    }

    #[test]
    fn tickets_are_found_wherever_they_are() {
        let of = parse("pair (list (ticket string)) (option (map nat (ticket string)))").unwrap();
        let one =
            |amount: u32| format!("Pair \"KT18amZmM5W7qDWVt2pH6uj7sCEd3kbzLrHT\" \"x\" {amount}");
        let value = format!("Pair {{ {} ; {} }} (Some {{ Elt 1 ({}) }})", one(1), one(2), one(3));
        let found = tickets(&normal(&parse(&value).unwrap(), &of), &of);
        let amounts: Vec<_> = found.iter().map(|(_, amount)| amount.to_string()).collect();
        assert_eq!(amounts, ["1", "2", "3"]);
        assert!(found.iter().all(|(ticket, _)| ticket == &found[0].0));
    }
}
