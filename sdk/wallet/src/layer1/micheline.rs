//! Short words for the Michelson values that calls and views are made of.

use layer1::michelson::{Node, Prim};
use num_bigint::BigInt;

/// A primitive that Michelson has, applied to values.
pub(super) fn applied(name: &str, args: Vec<Node>) -> Node {
    match Prim::from_name(name) {
        Some(prim) => Node::Prim { prim, args, annots: Vec::new() },
        // Only the names below come here, and the test has each of them.
        None => Node::Seq(args),
    }
}

/// `Unit`.
#[must_use]
pub fn unit() -> Node {
    applied("Unit", Vec::new())
}

/// `Pair left right`.
#[must_use]
pub fn pair(left: Node, right: Node) -> Node {
    applied("Pair", vec![left, right])
}

/// `Left value`.
#[must_use]
pub fn left(value: Node) -> Node {
    applied("Left", vec![value])
}

/// `Right value`.
#[must_use]
pub fn right(value: Node) -> Node {
    applied("Right", vec![value])
}

/// `Some value`.
#[must_use]
pub fn some(value: Node) -> Node {
    applied("Some", vec![value])
}

/// `None`.
#[must_use]
pub fn none() -> Node {
    applied("None", Vec::new())
}

/// A text or an address.
#[must_use]
pub fn string(text: impl ToString) -> Node {
    Node::String(text.to_string())
}

/// A number.
#[must_use]
pub fn int(number: impl Into<BigInt>) -> Node {
    Node::Int(number.into())
}

/// The arguments of a primitive of this name, with pairs of two only.
#[must_use]
pub fn args<'n, const N: usize>(node: &'n Node, name: &str) -> Option<&'n [Node; N]> {
    match node {
        Node::Prim { prim, args, .. } if prim.name() == name => args.as_slice().try_into().ok(),
        _ => None,
    }
}

/// The two sides of a pair, which a node may also tell as one of three or more, or as a sequence.
#[must_use]
pub fn both(node: &Node) -> Option<(Node, Node)> {
    let items = match node {
        Node::Prim { prim, args, .. } if prim.name() == "Pair" => args,
        Node::Seq(items) if items.len() > 2 => items,
        _ => return None,
    };
    match items.as_slice() {
        [left, right] => Some((left.clone(), right.clone())),
        [left, rest @ ..] if rest.len() > 1 => Some((left.clone(), applied("Pair", rest.to_vec()))),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use layer1::michelson::{parse, text};

    #[test]
    fn every_word_is_what_it_says() {
        let all = pair(left(unit()), right(pair(string("a\"b"), int(7))));
        assert_eq!(text(&all), "Pair (Left Unit) (Right (Pair \"a\\\"b\" 7))");
        let other = pair(some(int(-1)), pair(none(), applied("Elt", vec![int(1), int(2)])));
        assert_eq!(text(&other), "Pair (Some -1) (Pair None (Elt 1 2))");
    }

    #[test]
    fn pairs_of_all_forms_have_two_sides() {
        let expected = Some((int(1), pair(int(2), int(3))));
        for form in ["Pair 1 (Pair 2 3)", "Pair 1 2 3", "{ 1 ; 2 ; 3 }"] {
            let read = both(&parse(form).unwrap()).map(|(left, right)| {
                (left, both(&right).map(|(left, right)| pair(left, right)).unwrap())
            });
            assert_eq!(read, expected, "{form}");
        }
        for form in ["Pair 1", "{ 1 ; 2 }", "1", "Left 1"] {
            assert_eq!(both(&parse(form).unwrap()), None, "{form}");
        }
        let some = parse("Some 5").unwrap();
        assert_eq!(args(&some, "Some"), Some(&[int(5)]));
        assert_eq!(args::<2>(&some, "Some"), None);
        assert_eq!(args::<1>(&some, "Left"), None);
    }
}
