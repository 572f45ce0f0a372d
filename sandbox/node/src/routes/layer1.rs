//! The little of a layer-1 node's interface that is here: what contracts can be called with. The sandbox's
//! layer 1 so can be asked as a real one.

use layer1::entrypoints::{NAME_MAX, Parameter, unnamed};
use layer1::json::micheline;
use serde_json::{Map, Value, json};

use super::{Asked, Served};
use crate::base58::read_contract;
use crate::contracts;
use crate::desk::Desk;
use crate::error::NodeError;

type Result<T> = std::result::Result<T, NodeError>;

/// The contract that is asked about, as it is known.
fn parameter<'a>(desk: &'a Desk<'_>, asked: &Asked<'_>) -> Result<&'a Parameter> {
    let text = asked.parameter(0);
    let contract = read_contract(text)
        .map_err(|_| NodeError::malformed("contract", text, "the address KT1… of a contract"))?;
    let known = desk.chain.contracts().parameter(&contract);
    known.ok_or_else(|| NodeError::NoContract(contracts::address(&contract).to_string()))
}

/// The entrypoints of a type that have names, as JSON.
pub(super) fn shown(parameter: &Parameter) -> Value {
    let all = parameter.list();
    let all = all.iter().map(|(name, node)| ((*name).to_owned(), micheline(&unnamed(node))));
    json!({"entrypoints": all.collect::<Map<String, Value>>()})
}

pub(super) fn entrypoints(desk: &mut Desk<'_>, asked: &Asked<'_>) -> Result<Served> {
    asked.flag("normalize_types")?;
    Ok(shown(parameter(desk, asked)?).into())
}

pub(super) fn entrypoint(desk: &mut Desk<'_>, asked: &Asked<'_>) -> Result<Served> {
    asked.flag("normalize_types")?;
    let name = asked.parameter(1);
    let found = parameter(desk, asked)?.entrypoint(name).map(|node| micheline(&unnamed(node)));
    let missing = || NodeError::NoEntrypoint {
        contract: asked.parameter(0).to_owned(),
        name: name.chars().take(NAME_MAX).collect(),
    };
    Ok(found.ok_or_else(missing)?.into())
}
