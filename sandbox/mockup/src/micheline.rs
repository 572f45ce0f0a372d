//! Micheline as it is built and taken apart here: always in the form that layer 1 writes.

use layer1::address::{Address, Kind};
use layer1::entrypoints::NAME_MAX;
use layer1::michelson::{Node, Prim, parse};
use num_bigint::{BigInt, BigUint, Sign};

/// The tag of a rollup among the bytes of addresses.
const ROLLUP_TAG: u8 = 3;
/// Bytes: an address without an entrypoint.
const ADDRESS_BYTES: usize = 22;

/// A place that can be called: an address, and the entrypoint that it names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Target {
    pub address: Address,
    /// Empty for `default`.
    pub entrypoint: String,
}

/// A primitive applied to arguments. One that Michelson does not have is an empty sequence.
pub(crate) fn prim(name: &str, args: Vec<Node>) -> Node {
    match Prim::from_name(name) {
        Some(prim) => Node::Prim { prim, args, annots: Vec::new() },
        None => Node::Seq(Vec::new()),
    }
}

/// The type in a text of ours. One that cannot be read is an empty sequence, which no value fits.
pub(crate) fn type_of(text: &str) -> Node {
    parse(text).unwrap_or_else(|_| Node::Seq(Vec::new()))
}

pub(crate) fn pair(left: Node, right: Node) -> Node {
    prim("Pair", vec![left, right])
}

pub(crate) fn unit() -> Node {
    prim("Unit", Vec::new())
}

pub(crate) fn nat(number: &BigUint) -> Node {
    Node::Int(BigInt::from(number.clone()))
}

pub(crate) fn address(address: &Address) -> Node {
    Node::Bytes(address_bytes(address))
}

/// An address as layer 1 writes it in bytes.
pub(crate) fn address_bytes(address: &Address) -> Vec<u8> {
    match address.to_contract_bytes() {
        Some(bytes) => bytes.to_vec(),
        None => [&[ROLLUP_TAG], address.hash.as_slice(), &[0]].concat(),
    }
}

/// The arguments of a primitive of this name.
pub(crate) fn applied<'a>(node: &'a Node, name: &str) -> Option<&'a [Node]> {
    match node {
        Node::Prim { prim, args, .. } if prim.name() == name => Some(args),
        _ => None,
    }
}

/// The two sides of a pair.
pub(crate) fn as_pair(node: &Node) -> Option<(&Node, &Node)> {
    match applied(node, "Pair")? {
        [left, right] => Some((left, right)),
        _ => None,
    }
}

pub(crate) fn as_nat(node: &Node) -> Option<BigUint> {
    match node {
        Node::Int(number) if number.sign() != Sign::Minus => number.to_biguint(),
        _ => None,
    }
}

pub(crate) fn as_text(node: &Node) -> Option<&str> {
    match node {
        Node::String(text) => Some(text),
        _ => None,
    }
}

/// An address that names no entrypoint.
pub(crate) fn as_address(node: &Node) -> Option<Address> {
    as_target(node).filter(|target| target.entrypoint.is_empty()).map(|target| target.address)
}

/// An address, as text or as bytes, and the entrypoint that it names.
pub(crate) fn as_target(node: &Node) -> Option<Target> {
    match node {
        Node::String(text) => {
            let (address, name) = text.split_once('%').unwrap_or((text, ""));
            let address = address.parse().ok()?;
            Some(Target { address, entrypoint: name.to_owned() })
        }
        Node::Bytes(bytes) => {
            let (address, name) = bytes.split_at_checked(ADDRESS_BYTES)?;
            let entrypoint = std::str::from_utf8(name).ok()?.to_owned();
            let address = match address {
                [ROLLUP_TAG, hash @ .., 0] => {
                    Address { kind: Kind::Rollup, hash: hash.try_into().ok()? }
                }
                _ => Address::from_contract_bytes(address)?,
            };
            Some(Target { address, entrypoint })
        }
        _ => None,
    }
    .filter(|target: &Target| target.entrypoint.len() <= NAME_MAX)
}

impl Target {
    /// As layer 1 writes it in bytes.
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        [address_bytes(&self.address), self.entrypoint.as_bytes().to_vec()].concat()
    }
}
