//! Michelson types: which expressions are some, and which of them are the same.

use crate::michelson::{Node, text};

/// How many arguments a type takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Arity {
    Types(usize),
    TypesAtLeast(usize),
    /// A number, which is no type.
    Number,
}

fn arity(name: &str) -> Option<Arity> {
    Some(match name {
        "unit" | "bool" | "int" | "nat" | "mutez" | "timestamp" | "string" | "bytes"
        | "address" | "key" | "key_hash" | "signature" | "chain_id" | "never" | "operation"
        | "bls12_381_g1" | "bls12_381_g2" | "bls12_381_fr" | "chest" | "chest_key" => {
            Arity::Types(0)
        }
        "option" | "list" | "set" | "contract" | "ticket" => Arity::Types(1),
        "or" | "map" | "big_map" | "lambda" => Arity::Types(2),
        "pair" => Arity::TypesAtLeast(2),
        "sapling_state" | "sapling_transaction" | "sapling_transaction_deprecated" => Arity::Number,
        _ => return None,
    })
}

/// Why an expression is not a type.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TypeError {
    /// Something else.
    #[error("{0} is no type")]
    NoType(String),
    /// A type that is kept elsewhere, under a hash.
    #[error("the type is a global constant, which only layer 1 knows")]
    Constant,
    /// Larger than layer 1's.
    #[error("the type has more than {TYPE_SIZE_MAX} parts")]
    TooLarge,
    /// Not as many arguments as it takes.
    #[error("{name} takes {expected}, and has {found}")]
    Arguments {
        /// Which type.
        name: &'static str,
        /// What it takes.
        expected: String,
        /// How many it has.
        found: usize,
    },
}

/// Types that a type is made of, itself among them: layer 1 has no larger ones
/// (`michelson_maximum_type_size`).
pub const TYPE_SIZE_MAX: usize = 2_001;

/// Whether an expression is a type, with or without annotations.
///
/// # Errors
/// When it is not, with what is wrong with it.
pub fn check(node: &Node) -> Result<(), TypeError> {
    let mut left = TYPE_SIZE_MAX;
    check_within(node, &mut left)
}

fn check_within(node: &Node, left: &mut usize) -> Result<(), TypeError> {
    *left = left.checked_sub(1).ok_or(TypeError::TooLarge)?;
    let Node::Prim { prim, args, .. } = node else {
        return Err(TypeError::NoType(cut(&text(node))));
    };
    let name = prim.name();
    let arity = match arity(name) {
        Some(arity) => arity,
        None if name == "constant" => return Err(TypeError::Constant),
        None => return Err(TypeError::NoType(name.to_owned())),
    };
    let (good, expected) = match arity {
        Arity::Types(1) => (args.len() == 1, "1 type".to_owned()),
        Arity::Types(count) => (args.len() == count, format!("{count} types")),
        Arity::TypesAtLeast(count) => (args.len() >= count, format!("{count} types or more")),
        Arity::Number => (matches!(args.as_slice(), [Node::Int(_)]), "1 number".to_owned()),
    };
    if !good {
        return Err(TypeError::Arguments { name, expected, found: args.len() });
    }
    match arity {
        Arity::Number => Ok(()),
        Arity::Types(_) | Arity::TypesAtLeast(_) => {
            args.iter().try_for_each(|one| check_within(one, left))
        }
    }
}

/// Whether two types are the same. Annotations do not count, and `pair a b c` is `pair a (pair b c)`.
#[must_use]
pub fn same(one: &Node, other: &Node) -> bool {
    plain(one) == plain(other)
}

/// A type without annotations, and with pairs of two only.
#[must_use]
pub fn plain(node: &Node) -> Node {
    match node {
        Node::Prim { prim, args, .. } => {
            let mut args: Vec<Node> = args.iter().map(plain).collect();
            while prim.name() == "pair"
                && args.len() > 2
                && let (Some(last), Some(before)) = (args.pop(), args.pop())
            {
                args.push(Node::Prim { prim: *prim, args: vec![before, last], annots: Vec::new() });
            }
            Node::Prim { prim: *prim, args, annots: Vec::new() }
        }
        other => other.clone(),
    }
}

/// A type as it is shown: without annotations, on one line, and not endless.
#[must_use]
pub fn shown(node: &Node) -> String {
    cut(&text(&plain(node)))
}

/// Characters of a type that are shown.
pub(crate) const SHOWN_MAX: usize = 600;

fn cut(text: &str) -> String {
    match text.char_indices().nth(SHOWN_MAX) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::michelson::parse;

    #[test]
    fn types_are_the_same_whatever_they_are_called() {
        let alike = |one: &str, other: &str| same(&parse(one).unwrap(), &parse(other).unwrap());
        assert!(alike(
            "(pair %burn (address %to) (ticket %t string))",
            "pair address (ticket string)"
        ));
        assert!(alike("pair nat string bytes unit", "pair nat (pair string (pair bytes unit))"));
        assert!(alike("option (pair nat nat nat)", "option (pair nat (pair nat nat))"));
        assert!(!alike("pair (pair nat nat) nat", "pair nat nat nat"));
        assert!(!alike("ticket string", "ticket bytes"));
        assert!(!alike("sapling_state 8", "sapling_state 9"));
    }

    #[test]
    fn every_type_is_one_and_nothing_else() {
        for good in [
            "unit",
            "or (nat %a) (lambda unit (list operation))",
            "big_map address (set (option chest_key))",
            "sapling_transaction 8",
            "pair nat nat nat nat",
        ] {
            assert_eq!(check(&parse(good).unwrap()), Ok(()), "{good}");
        }
        for (bad, expected) in [
            ("nat nat", "nat takes 0 types, and has 1"),
            ("option nat nat", "option takes 1 type, and has 2"),
            ("or nat", "or takes 2 types, and has 1"),
            ("pair nat", "pair takes 2 types or more, and has 1"),
            ("list (option 1)", "1 is no type"),
            ("sapling_state nat", "sapling_state takes 1 number, and has 1"),
            ("constant \"expr\"", "the type is a global constant, which only layer 1 knows"),
            ("DROP", "DROP is no type"),
            ("{}", "{ } is no type"),
        ] {
            assert_eq!(check(&parse(bad).unwrap()).unwrap_err().to_string(), expected, "{bad}");
        }
    }

    #[test]
    fn types_larger_than_those_of_layer_1_are_refused() {
        let pair = |count: usize| parse(&format!("pair {}", "nat ".repeat(count))).unwrap();
        assert_eq!(check(&pair(TYPE_SIZE_MAX - 1)), Ok(()));
        assert!(same(&pair(TYPE_SIZE_MAX - 1), &pair(TYPE_SIZE_MAX - 1)));
        assert_eq!(check(&pair(TYPE_SIZE_MAX)), Err(TypeError::TooLarge));
        assert_eq!(check(&pair(200_000)), Err(TypeError::TooLarge));
    }

    #[test]
    fn long_types_are_cut() {
        let long = format!("pair {}", "(pair nat string) ".repeat(200));
        let shown = shown(&parse(&long).unwrap());
        assert!(shown.ends_with('…') && shown.chars().count() == SHOWN_MAX + 1);
    }
}
