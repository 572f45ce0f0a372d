//! What contracts of layer 1 take, as a node of layer 1 tells it, and whether a call fits.
//!
//! A withdrawal is debited on the rollup long before layer 1 makes its call. A call that its contract does not
//! take is refused there again and again, so it is held against what is known before anybody signs.

use encoding::{Kt1Address, TicketContent};
use layer1::fits::fits;
use layer1::json::from_micheline;
use layer1::michelson::{self, Node as Micheline, Prim};
use layer1::types::{check, same, shown};
use serde_json::Value;

use crate::error::RpcError;
use crate::rpc::Node;

/// The entrypoints that ticketers pay out at, by the names that are in use, the commonest first.
pub const EXITS: [&str; 2] = ["burn", "withdraw"];
/// What `default` is called on layer 1.
const DEFAULT: &str = "default";

/// What a contract can be called with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entrypoints {
    all: Vec<(String, Micheline)>,
}

/// A call that its contract does not take.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Misfit {
    /// The contract has no such entrypoint.
    #[error("{contract} has no entrypoint {name}, but {there}; the call has {has}")]
    NoEntrypoint {
        /// Which contract.
        contract: Kt1Address,
        /// The entrypoint of the call.
        name: String,
        /// The entrypoints that there are.
        there: String,
        /// The type of what the call has.
        has: String,
    },
    /// It takes something else.
    #[error("{contract}%{name} takes {takes}, and the call has {has}")]
    Type {
        /// Which contract.
        contract: Kt1Address,
        /// The entrypoint.
        name: String,
        /// Its type.
        takes: String,
        /// The type of what the call has.
        has: String,
    },
}

/// What a withdrawal's call has: a ticket, alone or beside who is to be paid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Handing {
    with_receiver: Option<Receives>,
    is_text: bool,
}

/// Who is named beside a ticket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Receives {
    /// An implicit account, tz1 to tz5: it is of the types `address` and `contract unit`.
    Implicit,
    /// A contract: it is of the type `address`.
    Contract,
}

impl Handing {
    /// A ticket of this content, and who is named beside it.
    #[must_use]
    pub fn of(content: &TicketContent, with_receiver: Option<Receives>) -> Self {
        Self { with_receiver, is_text: matches!(content, TicketContent::String(_)) }
    }

    /// Its type, in Michelson.
    #[must_use]
    pub fn text(&self) -> String {
        let ticket = self.ticket();
        match self.with_receiver {
            Some(_) => format!("pair address ({ticket})"),
            None => ticket.to_owned(),
        }
    }

    fn ticket(&self) -> &'static str {
        if self.is_text { "ticket string" } else { "ticket (pair nat (option bytes))" }
    }

    /// Whether an entrypoint of this type takes it.
    #[must_use]
    pub fn is_taken_by(&self, entrypoint: &Micheline) -> bool {
        let mut types = vec![self.text()];
        if self.with_receiver == Some(Receives::Implicit) {
            types.push(format!("pair (contract unit) ({})", self.ticket()));
        }
        let parsed = types.iter().filter_map(|text| michelson::parse(text).ok());
        parsed.into_iter().any(|one| same(&one, entrypoint))
    }
}

impl Entrypoints {
    /// Asks a node of layer 1. `None` if it knows no such contract.
    ///
    /// # Errors
    /// When it does not answer, or what it answers is no list of entrypoints.
    pub fn read(layer1: &Node, contract: &Kt1Address) -> Result<Option<Self>, RpcError> {
        let path = format!("/chains/main/blocks/head/context/contracts/{contract}/entrypoints");
        let told: Value = match layer1.get(&path) {
            Err(RpcError::Refused { status: 404, .. }) => return Ok(None),
            told => told?,
        };
        let wrong = |problem: &str| layer1.shape(&path, problem);
        let named = told["entrypoints"].as_object().ok_or_else(|| wrong("no entrypoints"))?;
        let mut all = Vec::new();
        for (name, told) in named {
            let node = from_micheline(told).filter(|node| check(node).is_ok());
            let node = node.ok_or_else(|| wrong("an entrypoint without a type"))?;
            let name_is_one = name.bytes().all(|byte| byte.is_ascii_graphic());
            if !name_is_one {
                return Err(wrong("an entrypoint without a name"));
            }
            all.push((name.clone(), node));
        }
        // The whole is `default` where nothing else is, and is not in the list.
        if !named.contains_key(DEFAULT) {
            let whole: Option<Value> = match layer1.get(&format!("{path}/{DEFAULT}")) {
                Err(RpcError::Refused { .. }) => None,
                told => Some(told?),
            };
            let whole = whole.as_ref().and_then(from_micheline).filter(|one| check(one).is_ok());
            all.extend(whole.map(|whole| (DEFAULT.to_owned(), whole)));
        }
        Ok(Some(Self { all }))
    }

    /// All of them: names and types.
    #[must_use]
    pub fn all(&self) -> &[(String, Micheline)] {
        &self.all
    }

    /// The type of an entrypoint. No name means `default`.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Micheline> {
        let name = if name.is_empty() { DEFAULT } else { name };
        self.all.iter().find(|(found, _)| found == name).map(|(_, node)| node)
    }

    /// The entrypoint at which a ticketer pays out, if it has one that takes this.
    #[must_use]
    pub fn exit(&self, handing: &Handing) -> Option<&'static str> {
        EXITS
            .into_iter()
            .find(|name| self.get(name).is_some_and(|entrypoint| handing.is_taken_by(entrypoint)))
    }

    /// Whether an entrypoint takes what a withdrawal hands it.
    ///
    /// # Errors
    /// When it does not, with both types.
    pub fn takes(
        &self,
        contract: &Kt1Address,
        name: &str,
        handing: &Handing,
    ) -> Result<(), Misfit> {
        let (contract, has) = (*contract, handing.text());
        let name = if name.is_empty() { DEFAULT } else { name }.to_owned();
        match self.get(&name) {
            Some(entrypoint) if handing.is_taken_by(entrypoint) => Ok(()),
            Some(entrypoint) => Err(Misfit::Type { contract, name, takes: shown(entrypoint), has }),
            None => Err(Misfit::NoEntrypoint { contract, name, there: self.listed(), has }),
        }
    }

    /// All of them with their types, in words.
    #[must_use]
    pub fn listed(&self) -> String {
        let all = self.all.iter().map(|(name, node)| format!("{name} of {}", shown(node)));
        let all = all.collect::<Vec<_>>().join(", ");
        if all.is_empty() { "none at all".to_owned() } else { all }
    }
}

/// Which call of a message its contract does not take: its number from 1, how many there are, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadCall {
    /// Which, from 1.
    pub number: usize,
    /// Of how many.
    pub count: usize,
    /// Why not, with both types.
    pub misfit: Misfit,
}

/// Holds the calls of a message, in a node's JSON, against what layer 1 knows of their contracts. The first
/// that does not fit, if any does not. Of contracts that layer 1 does not know, nothing is said.
///
/// # Errors
/// When layer 1 does not answer.
pub fn bad_call(layer1: &Node, message: &Value) -> Result<Option<BadCall>, RpcError> {
    let Some(calls) = message["transactions"].as_array() else { return Ok(None) };
    for (at, call) in calls.iter().enumerate() {
        let destination = call["destination"].as_str().unwrap_or_default();
        let Ok(contract) = Kt1Address::from_base58(destination) else { continue };
        let parameters = match call.get("parameters") {
            Some(told) => from_micheline(told),
            None => Prim::from_name("Unit").map(|prim| Micheline::Prim {
                prim,
                args: Vec::new(),
                annots: Vec::new(),
            }),
        };
        let Some(parameters) = parameters else { continue };
        let Some(known) = Entrypoints::read(layer1, &contract)? else { continue };
        let name = call["entrypoint"].as_str().unwrap_or(DEFAULT).to_owned();
        let misfit = match known.get(&name).map(|entrypoint| fits(&parameters, entrypoint)) {
            Some(Ok(())) => continue,
            Some(Err(mismatch)) => {
                Misfit::Type { contract, name, takes: mismatch.takes, has: mismatch.has }
            }
            None => {
                let has = layer1::fits::likely(&parameters);
                Misfit::NoEntrypoint { contract, name, there: known.listed(), has }
            }
        };
        return Ok(Some(BadCall { number: at + 1, count: calls.len(), misfit }));
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entrypoints(all: &[(&str, &str)]) -> Entrypoints {
        let all = all.iter().map(|(name, text)| {
            ((*name).to_owned(), michelson::parse(text).unwrap_or_else(|error| panic!("{error}")))
        });
        Entrypoints { all: all.collect() }
    }

    fn token() -> TicketContent {
        TicketContent::NatBytes(0.into(), None)
    }

    #[test]
    fn exits_are_found_by_name_and_type() {
        let pays = Handing::of(&token(), Some(Receives::Implicit));
        let tk = "(ticket (pair nat (option bytes)))";
        let exchanger = format!("pair address {tk}");
        let tzel = format!("pair (contract %receiver unit) {tk}");
        for (all, expected) in [
            (vec![("mint", "address"), ("burn", exchanger.as_str())], Some("burn")),
            (vec![("withdraw", exchanger.as_str()), ("deposit", "nat")], Some("withdraw")),
            (vec![("withdraw", exchanger.as_str()), ("burn", exchanger.as_str())], Some("burn")),
            (vec![("burn", "nat"), ("withdraw", exchanger.as_str())], Some("withdraw")),
            (vec![("burn", tzel.as_str())], Some("burn")),
            (vec![("burn", "pair address (ticket string)")], None),
            (vec![("pay_out", exchanger.as_str())], None),
            (vec![], None),
        ] {
            assert_eq!(entrypoints(&all).exit(&pays), expected, "{all:?}");
        }
        // A contract is of no `contract unit` that is known to be one.
        let to_contract = Handing::of(&token(), Some(Receives::Contract));
        assert_eq!(entrypoints(&[("burn", &tzel)]).exit(&to_contract), None);
        let text = Handing::of(&TicketContent::String(b"x".to_vec()), Some(Receives::Contract));
        assert_eq!(
            entrypoints(&[("burn", "pair (address %to) (ticket %t string)")]).exit(&text),
            Some("burn")
        );
    }

    #[test]
    fn what_does_not_fit_is_said_with_both_types() {
        let contract = Kt1Address([7; 20]);
        let known = entrypoints(&[("burn", "pair address (ticket string)"), ("default", "unit")]);
        let bare = Handing::of(&TicketContent::String(Vec::new()), None);
        let refused = |name: &str| known.takes(&contract, name, &bare).unwrap_err().to_string();
        assert!(
            refused("burn").ends_with(
                "%burn takes pair address (ticket string), and the call has ticket string"
            ),
            "{}",
            refused("burn")
        );
        assert!(refused("").contains("%default takes unit"), "{}", refused(""));
        let missing = refused("withdraw");
        assert!(missing.contains("no entrypoint withdraw, but burn of pair"), "{missing}");
        let vault = entrypoints(&[("default", "ticket string")]);
        assert_eq!(vault.takes(&contract, "", &bare), Ok(()));
    }
}
