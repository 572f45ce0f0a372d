//! What contracts answer without being called in an operation: views, and entrypoints that call back.

use layer1::fits::fits;
use layer1::michelson::Node;
use layer1::types::plain;
use num_bigint::BigUint;
use thiserror::Error;

use crate::code::{fa2, fa12};
use crate::contract::{Code, FaTicketer, Token};
use crate::micheline::{address, applied, nat, pair, prim, type_of};
use crate::normal::{normal, pair_type, tez_content};
use crate::operation::contract_address;
use crate::state::State;
use crate::ticket::{ContractHash, Ticket};

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ViewError {
    /// Nobody has told of the contract.
    #[error("layer 1 has no contract {0}")]
    NoContract(String),
    /// Nothing of that name can be asked for.
    #[error("{contract} has no view {name:?}")]
    NoView {
        /// Which contract.
        contract: String,
        /// What was asked for, shortened.
        name: String,
    },
    /// It is asked with something else than it takes.
    #[error("the view {name:?} takes {takes}")]
    Input {
        /// Which view.
        name: String,
        /// What it takes.
        takes: &'static str,
    },
    /// A token that there is not.
    #[error("the contract has no such token")]
    NoToken,
}

fn no_view(contract: &ContractHash, name: &str) -> ViewError {
    let name = name.chars().take(40).collect();
    ViewError::NoView { contract: contract_address(contract).to_string(), name }
}

fn code<'a>(state: &'a State, contract: &ContractHash) -> Result<&'a Code, ViewError> {
    let known = state.contract(contract).map(|known| &known.code);
    known.ok_or_else(|| ViewError::NoContract(contract_address(contract).to_string()))
}

/// The supply of a ticketer's one ticket.
pub(crate) fn supply(state: &State, ticketer: &ContractHash, content: &Node) -> BigUint {
    state.supply(&Ticket::new(*ticketer, &pair_type(), content.clone()))
}

/// What a view answers.
///
/// # Errors
/// When there is no such view, or it takes something else.
pub fn view(
    state: &State,
    contract: &ContractHash,
    name: &str,
    input: &Node,
) -> Result<Node, ViewError> {
    let answer = match (code(state, contract)?, name) {
        (Code::XtzTicketer, "get_total_supply") => nat(&supply(state, contract, &tez_content())),
        (Code::XtzTicketer, "get_content") => tez_content(),
        (Code::FaTicketer(FaTicketer { content, .. }), "get_total_supply") => {
            nat(&supply(state, contract, content))
        }
        (Code::FaTicketer(FaTicketer { content, .. }), "get_content") => content.clone(),
        (Code::FaTicketer(FaTicketer { token, .. }), "get_token") => token_node(token),
        _ => return Err(no_view(contract, name)),
    };
    let takes = || ViewError::Input { name: name.to_owned(), takes: "unit" };
    fits(input, &type_of("unit")).map_err(|_| takes())?;
    Ok(answer)
}

/// A token as a ticketer tells it: `or (address %fa12) (pair %fa2 address nat)`.
pub(crate) fn token_node(token: &Token) -> Node {
    let contract = address(&contract_address(token.contract()));
    match token {
        Token::Fa12(_) => prim("Left", vec![contract]),
        Token::Fa2(_, id) => prim("Right", vec![pair(contract, nat(id))]),
    }
}

/// What an entrypoint would call back with: one of type `pair REQUEST (contract ANSWER)`, asked with the
/// request alone.
///
/// # Errors
/// When there is no such entrypoint, or it takes something else.
pub fn call_back(
    state: &State,
    contract: &ContractHash,
    name: &str,
    input: &Node,
) -> Result<Node, ViewError> {
    let code = code(state, contract)?;
    let parameter = state.contract(contract).map(|known| &known.parameter);
    let of = parameter.and_then(|parameter| parameter.entrypoint(name)).map(plain);
    let Some([request, _]) = of.as_ref().and_then(|of| applied(of, "pair")) else {
        return Err(no_view(contract, name));
    };
    let wrong = || ViewError::Input { name: name.to_owned(), takes: "what it is asked for" };
    fits(input, request).map_err(|_| wrong())?;
    let input = normal(input, request);
    match code {
        Code::Fa12(stored) => fa12::read(stored, name, &input)
            .map(|found| nat(&found))
            .ok_or_else(|| no_view(contract, name)),
        Code::Fa2(stored) if name == "balance_of" => {
            fa2::read(stored, &input).ok_or(ViewError::NoToken)
        }
        _ => Err(no_view(contract, name)),
    }
}
