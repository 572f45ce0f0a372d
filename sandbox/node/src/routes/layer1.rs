//! The little of a layer-1 node's interface that is here: what contracts can be called with. The sandbox's
//! layer 1 so can be asked as a real one.

use layer1::entrypoints::{NAME_MAX, Parameter, unnamed};

use super::RequestContext;
use crate::contracts::{address, read_contract};
use crate::error::NodeError;
use crate::service::NodeService;
use crate::shapes::{Entrypoints, Micheline};

type Result<T> = std::result::Result<T, NodeError>;

/// The contract that is asked about, as it is known.
fn parameter<'a>(service: &'a NodeService<'_>, request: &RequestContext) -> Result<&'a Parameter> {
    let contract = read_contract("contract", request.parameter(0))?;
    let known = service.chain.contracts().parameter(&contract);
    known.ok_or_else(|| NodeError::NoContract(address(&contract).to_string()))
}

pub(super) fn entrypoints(
    service: &mut NodeService<'_>,
    request: &RequestContext,
) -> Result<Entrypoints> {
    request.flag("normalize_types")?;
    Ok(parameter(service, request)?.into())
}

pub(super) fn entrypoint(
    service: &mut NodeService<'_>,
    request: &RequestContext,
) -> Result<Micheline> {
    request.flag("normalize_types")?;
    let name = request.parameter(1);
    let found = parameter(service, request)?.entrypoint(name);
    let found = found.map(|node| Micheline::of(&unnamed(node)));
    found.ok_or_else(|| NodeError::NoEntrypoint {
        contract: request.parameter(0).to_owned(),
        name: name.chars().take(NAME_MAX).collect(),
    })
}
