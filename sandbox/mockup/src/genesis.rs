//! The contracts that a layer 1 can begin with.

use imbl::{OrdMap, OrdSet};
use layer1::address::Address;
use layer1::entrypoints::{Parameter, ScriptError};
use layer1::michelson::{Node, encode};
use num_bigint::BigUint;

use crate::contract::{Code, Contract, Fa2, Fa12, FaTicketer, Token, TokenFacts};
use crate::micheline::{nat, pair, prim};
use crate::normal::{pair_type, tez_content};
use crate::operation::contract_address;
use crate::scripts;
use crate::ticket::{ContractHash, Ticket};

/// What packed data begins with.
const PACKED: u8 = 5;

fn contract(name: &str, script: &str, code: Code) -> Result<Contract, ScriptError> {
    Ok(Contract { name: Some(name.to_owned()), parameter: Parameter::of_script(script)?, code })
}

/// A ticketer of tez.
///
/// # Errors
/// Never: the type of its parameter is ours.
pub fn xtz_ticketer(name: &str) -> Result<Contract, ScriptError> {
    contract(name, scripts::XTZ_TICKETER, Code::XtzTicketer)
}

/// A ticketer of a token.
///
/// # Errors
/// Never: the type of its parameter is ours.
pub fn fa_ticketer(name: &str, token: Token, facts: &TokenFacts) -> Result<Contract, ScriptError> {
    let content = fa_content(&token, facts);
    contract(name, scripts::FA_TICKETER, Code::FaTicketer(FaTicketer { token, content }))
}

/// The helper that deposits.
///
/// # Errors
/// Never: the type of its parameter is ours.
pub fn deposit_helper(name: &str) -> Result<Contract, ScriptError> {
    contract(name, scripts::DEPOSIT_HELPER, Code::DepositHelper(None))
}

/// The ticketer of the demo's ticket.
///
/// # Errors
/// Never: the type of its parameter is ours.
pub fn demo_ticketer(name: &str) -> Result<Contract, ScriptError> {
    contract(name, scripts::DEMO_TICKETER, Code::DemoTicketer)
}

/// A contract of FA2 with one token, of which these accounts have each this much.
///
/// # Errors
/// Never: the type of its parameter is ours.
pub fn fa2(
    name: &str,
    facts: TokenFacts,
    holders: &[Address],
    each: &BigUint,
) -> Result<Contract, ScriptError> {
    let id = BigUint::ZERO;
    let ledger = holders.iter().map(|owner| ((*owner, id.clone()), each.clone())).collect();
    let tokens = OrdMap::from_iter([(id.clone(), facts)]);
    contract(name, scripts::FA2, Code::Fa2(Fa2 { ledger, operators: OrdSet::new(), tokens }))
}

/// A contract of FA1.2, of whose token these accounts have each this much.
///
/// # Errors
/// Never: the type of its parameter is ours.
pub fn fa12(
    name: &str,
    facts: TokenFacts,
    holders: &[Address],
    each: &BigUint,
) -> Result<Contract, ScriptError> {
    let ledger = holders.iter().map(|owner| (*owner, each.clone())).collect();
    let code = Code::Fa12(Fa12 { ledger, allowances: OrdMap::new(), facts });
    contract(name, scripts::FA12, code)
}

/// What the tickets of a ticketer of a token say: its number, and what is known of it, packed.
fn fa_content(token: &Token, facts: &TokenFacts) -> Node {
    let (id, kind) = match token {
        Token::Fa12(_) => (BigUint::ZERO, "FA1.2"),
        Token::Fa2(_, id) => (id.clone(), "FA2"),
    };
    let element = |key: &str, value: String| {
        prim("Elt", vec![Node::String(key.to_owned()), Node::Bytes(value.into_bytes())])
    };
    // In the order of the keys, as maps are written.
    let map = Node::Seq(vec![
        element("contract_address", contract_address(token.contract()).to_string()),
        element("decimals", facts.decimals.to_string()),
        element("name", facts.name.clone()),
        element("symbol", facts.symbol.clone()),
        element("token_type", kind.to_owned()),
    ]);
    let packed = [&[PACKED], encode(&map).as_slice()].concat();
    pair(nat(&id), prim("Some", vec![Node::Bytes(packed)]))
}

/// The ticket that a ticketer makes; `None` if it is no ticketer, or can make many.
#[must_use]
pub fn ticket_of(hash: &ContractHash, contract: &Contract) -> Option<Ticket> {
    match &contract.code {
        Code::XtzTicketer => Some(Ticket::new(*hash, &pair_type(), tez_content())),
        Code::FaTicketer(fa) => Some(Ticket::new(*hash, &pair_type(), fa.content.clone())),
        Code::DemoTicketer => {
            let content = Node::String(scripts::DEMO_CONTENT.to_owned());
            Some(Ticket::new(*hash, &prim("string", Vec::new()), content))
        }
        _ => None,
    }
}
