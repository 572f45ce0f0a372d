//! What a ticket stands for: tez, or a token of the FA1.2 or FA2 kind.

use std::fmt;

use encoding::{Kt1Address, Ticket, TicketContent};
use layer1::address::{Address, Kind};
use layer1::michelson::{self, Node};
use num_bigint::BigInt;

use super::Layer1Block;
use super::error::{Layer1Error, malformed};
use super::micheline::{args, both, int, pair, string, unit};
use crate::pins::PinKind;
use crate::ticket::packed_facts;

/// What a ticketer locks for its tickets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Asset {
    /// Tez; an amount is in mutez.
    Tez,
    /// A token of the FA1.2 kind.
    Fa12(Kt1Address),
    /// A token of the FA2 kind, and its id in its contract.
    Fa2(Kt1Address, BigInt),
}

impl fmt::Display for Asset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Asset::Tez => f.write_str("tez"),
            Asset::Fa12(token) => write!(f, "the FA1.2 token {token}"),
            Asset::Fa2(token, id) => write!(f, "the FA2 token {id} of {token}"),
        }
    }
}

/// Why it is not known what a ticketer stands for.
#[derive(Debug, thiserror::Error)]
pub enum AssetError {
    /// Layer 1 does not tell.
    #[error(transparent)]
    Layer1(#[from] Layer1Error),
    /// What the view returns has another form.
    #[error("the view get_token of {0} returns neither an FA1.2 token nor an FA2 token")]
    NotAToken(Kt1Address),
}

impl Asset {
    /// What the view `get_token` of a ticketer of tokens returns: `Left address`, or
    /// `Right (Pair address id)`.
    #[must_use]
    pub fn of_view(told: &Node) -> Option<Self> {
        if let Some([token]) = args(told, "Left") {
            return contract(token).map(Asset::Fa12);
        }
        let [token] = args(told, "Right")?;
        match both(token)? {
            (token, Node::Int(id)) if id >= BigInt::ZERO => Some(Asset::Fa2(contract(&token)?, id)),
            _ => None,
        }
    }

    /// What a ticket's content claims: its ticketer's word, with nobody's check of it.
    #[must_use]
    pub fn claimed(content: &TicketContent) -> Option<Self> {
        let TicketContent::NatBytes(id, data) = content else { return None };
        let Some(data) = data else { return (*id == BigInt::ZERO).then_some(Asset::Tez) };
        let facts = packed_facts(data);
        let fact = |name: &str| facts.iter().find(|(key, _)| key == name).map(|(_, value)| value);
        let token = claimed_contract(fact("contract_address")?)?;
        match fact("token_type")?.as_str() {
            "FA1.2" => Some(Asset::Fa12(token)),
            "FA2" => Some(Asset::Fa2(token, id.clone())),
            _ => None,
        }
    }
}

impl Asset {
    /// The same of a ticket that is pinned as one of this kind; `None` if it does not claim that.
    #[must_use]
    pub fn claimed_as(ticket: &Ticket, kind: PinKind) -> Option<Self> {
        match (kind, &ticket.content) {
            (PinKind::Tez, TicketContent::NatBytes(..)) => Some(Asset::Tez),
            (PinKind::Fa, content) => Self::claimed(content).filter(|asset| *asset != Asset::Tez),
            _ => None,
        }
    }
}

impl Layer1Block<'_> {
    /// What a ticket stands for that is pinned as one of this kind: by its ticketer's view `get_token`; if that
    /// does not answer, as the ticket claims. `None` if neither says.
    ///
    /// # Errors
    /// When layer 1 does not tell, or the view returns something else than a token.
    pub fn stands_for(&self, ticket: &Ticket, kind: PinKind) -> Result<Option<Asset>, AssetError> {
        if kind != PinKind::Fa {
            return Ok(Asset::claimed_as(ticket, kind));
        }
        match self.token_of(&ticket.ticketer) {
            Ok(asset) => Ok(Some(asset)),
            Err(AssetError::Layer1(Layer1Error::Refused { .. })) => {
                Ok(Asset::claimed_as(ticket, kind))
            }
            Err(error) => Err(error),
        }
    }

    /// The token that a ticketer says it locks, by its view `get_token`.
    ///
    /// # Errors
    /// When layer 1 does not tell, the ticketer has no such view, or it returns something else.
    pub fn token_of(&self, ticketer: &Kt1Address) -> Result<Asset, AssetError> {
        let told = self.view(ticketer, "get_token", &unit())?;
        Asset::of_view(&told).ok_or(AssetError::NotAToken(*ticketer))
    }

    /// How much of a token of the FA1.2 kind somebody else may take of an owner's.
    ///
    /// # Errors
    /// When layer 1 does not tell, or the token does not answer as its kind does.
    pub fn allowance(
        &self,
        token: &Kt1Address,
        owner: &Address,
        spender: &Kt1Address,
    ) -> Result<BigInt, Layer1Error> {
        match self.ask(token, "getAllowance", &pair(string(owner), string(spender)))? {
            Node::Int(allowed) if allowed >= BigInt::ZERO => Ok(allowed),
            _ => {
                let path = format!("getAllowance of {token}");
                Err(malformed(&path, "expected a natural number"))
            }
        }
    }

    /// What an account or a contract has of it, in the smallest units.
    ///
    /// # Errors
    /// When layer 1 does not tell, or the token does not answer as its kind does.
    pub fn holds(&self, owner: &Address, asset: &Asset) -> Result<BigInt, Layer1Error> {
        let (told, path) = match asset {
            Asset::Tez => return self.balance(owner),
            Asset::Fa12(token) => {
                let told = self.ask(token, "getBalance", &string(owner))?;
                (Some(told), format!("getBalance of {token}"))
            }
            Asset::Fa2(token, id) => {
                let one = pair(string(owner), int(id.clone()));
                let told = self.ask(token, "balance_of", &Node::Seq(vec![one]))?;
                let balance = match &told {
                    Node::Seq(all) => match all.as_slice() {
                        [one] => both(one).map(|(_, balance)| balance),
                        _ => None,
                    },
                    _ => None,
                };
                (balance, format!("balance_of of {token}"))
            }
        };
        match told {
            Some(Node::Int(balance)) if balance >= BigInt::ZERO => Ok(balance),
            _ => Err(malformed(&path, "expected a balance, a natural number")),
        }
    }
}

/// The contract that a content names: as people write it, or in hex as layer 1 packs an address.
fn claimed_contract(text: &str) -> Option<Kt1Address> {
    if let Ok(token) = Kt1Address::from_base58(text) {
        return Some(token);
    }
    // Bytes that happen to be text are shown as text.
    let bytes = hex::decode(text).unwrap_or_else(|_| text.as_bytes().to_vec());
    match bytes.split_first() {
        Some((5, packed)) => contract(&michelson::decode(packed).ok()?),
        _ => contract(&Node::Bytes(bytes)),
    }
}

/// A contract, as a text or as the bytes of one.
pub(super) fn contract(node: &Node) -> Option<Kt1Address> {
    let address = match node {
        Node::String(text) => text.parse::<Address>().ok()?,
        Node::Bytes(bytes) => Address::from_contract_bytes(bytes)?,
        _ => return None,
    };
    (address.kind == Kind::Contract).then_some(Kt1Address(address.hash))
}

#[cfg(test)]
mod tests {
    use super::*;
    use layer1::michelson::{encode, parse};

    const TOKEN: &str = "KT18amZmM5W7qDWVt2pH6uj7sCEd3kbzLrHT";

    #[test]
    fn the_token_of_a_view() {
        let token = Kt1Address([0; 20]);
        let bytes = format!("0x01{}00", "00".repeat(20));
        for (told, expected) in [
            (format!("Left \"{TOKEN}\""), Some(Asset::Fa12(token))),
            (format!("Right (Pair \"{TOKEN}\" 3)"), Some(Asset::Fa2(token, 3.into()))),
            (format!("Right (Pair {bytes} 0)"), Some(Asset::Fa2(token, 0.into()))),
            (format!("Right (Pair \"{TOKEN}\" -1)"), None),
            (format!("Left (Pair \"{TOKEN}\" 1)"), None),
            ("Left \"tz1Ke2h7sDdakHJQh8WX4Z372du1KChsksyU\"".to_owned(), None),
            (format!("\"{TOKEN}\""), None),
            ("Unit".to_owned(), None),
        ] {
            assert_eq!(Asset::of_view(&parse(&told).unwrap()), expected, "{told}");
        }
    }

    #[test]
    fn what_a_content_claims() {
        let of = |address: &[u8], kind: &str| {
            let entry = |key: &str, value: &[u8]| format!("Elt \"{key}\" 0x{}", hex::encode(value));
            let all = [
                entry("contract_address", address),
                entry("decimals", b"6"),
                entry("token_type", kind.as_bytes()),
            ];
            let map = parse(&format!("{{ {} }}", all.join(" ; "))).unwrap();
            [&[5], encode(&map).as_slice()].concat()
        };
        let facts = |address: &str, kind: &str| of(address.as_bytes(), kind);
        let raw = |address: &[u8]| of(address, "FA2");
        let address = Kt1Address([0; 20]).to_contract_22();
        let packed = [&[5], encode(&Node::Bytes(address.to_vec())).as_slice()].concat();
        let content = |id: i32, data| TicketContent::NatBytes(id.into(), data);
        let token = Kt1Address([0; 20]);
        for (content, expected) in [
            (content(0, None), Some(Asset::Tez)),
            (content(1, None), None),
            (content(0, Some(facts(TOKEN, "FA1.2"))), Some(Asset::Fa12(token))),
            (content(9, Some(facts(TOKEN, "FA2"))), Some(Asset::Fa2(token, 9.into()))),
            (content(9, Some(facts(TOKEN, "NFT"))), None),
            (content(9, Some(facts("KT1", "FA2"))), None),
            (content(9, Some(raw(&address))), Some(Asset::Fa2(token, 9.into()))),
            (content(9, Some(raw(&packed))), Some(Asset::Fa2(token, 9.into()))),
            (content(9, Some(raw(&[0xff; 22]))), None),
            (content(9, Some(vec![1, 2])), None),
            (TicketContent::String(b"demo".to_vec()), None),
        ] {
            assert_eq!(Asset::claimed(&content), expected, "{content:?}");
        }
    }
}
