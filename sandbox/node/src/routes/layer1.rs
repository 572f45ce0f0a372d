//! A layer-1 node's interface: blocks, contracts, tickets, views. The sandbox's layer 1 so can be asked as a
//! real one. It is known as it is at the head and as it was at the levels just before.

use std::borrow::Cow;

use layer1::address::{Address, Kind};
use layer1::entrypoints::{NAME_MAX, Parameter, unnamed};
use layer1::types::check;
use mockup::{ContractHash, State, Ticket, call_back, contract_address, script, storage, view};

use super::RequestContext;
use crate::digest::digest;
use crate::error::NodeError;
use crate::layer1::read_contract;
use crate::limits::ACTIVE_OUTBOX_LEVELS;
use crate::service::NodeService;
use crate::shapes::{
    BlockHash, BlockHeader, CallingView, ChainId, Constants, Count, Entrypoints, Micheline,
    OperationSimulation, Script, ScriptView, SimulatedOperation, StepOutcome, TicketQuestion,
    ViewAnswer, time,
};

type Result<T> = std::result::Result<T, NodeError>;

/// Gas: the limits of a protocol of today. Nothing uses any here.
const GAS_PER_OPERATION: u32 = 1_040_000;
const GAS_PER_BLOCK: u32 = 1_386_666;
/// Bytes: the most that an operation may add to storage, by a protocol of today.
const STORAGE_PER_OPERATION: u32 = 60_000;
/// Seconds between blocks where they are baked on demand: as on mainnet.
const BLOCK_DELAY_SECONDS: u64 = 6;

/// The level of the block that is asked about.
fn level(service: &NodeService<'_>, request: &RequestContext) -> Result<i32> {
    service.chain.resolve(request.parameter(0))
}

/// Layer 1 as it is at the block that is asked about.
fn state<'a>(service: &'a NodeService<'_>, request: &RequestContext) -> Result<Cow<'a, State>> {
    let level = level(service, request)?;
    service.chain.layer1_at(level).ok_or(NodeError::NotTheHead(service.chain.head()))
}

/// A name of the chain, which is the simulation's own: of the rollup on it.
fn chain_name(service: &NodeService<'_>) -> ChainId {
    let hash = digest("chain", &[&service.chain.store().identity().rollup]);
    let [a, b, c, d, ..] = hash;
    ChainId(layer1::hashes::CHAIN.text(&[a, b, c, d]))
}

pub(super) fn chain_id(service: &mut NodeService<'_>, _: &RequestContext) -> Result<ChainId> {
    Ok(chain_name(service))
}

pub(super) fn header(
    service: &mut NodeService<'_>,
    request: &RequestContext,
) -> Result<BlockHeader> {
    let (chain, level) = (&service.chain, level(service, request)?);
    let back = i64::from(chain.head()).saturating_sub(i64::from(level));
    Ok(BlockHeader {
        chain_id: chain_name(service),
        hash: BlockHash::of(&chain.hash(level)?),
        level,
        predecessor: BlockHash::of(&chain.hash(level.saturating_sub(1)).or(chain.hash(level))?),
        // Time passes by a second a level at least.
        timestamp: time(chain.head_time().saturating_sub(back)),
    })
}

pub(super) fn constants(
    service: &mut NodeService<'_>,
    request: &RequestContext,
) -> Result<Constants> {
    level(service, request)?;
    let settlement = service.chain.settlement();
    let delay = service.options.block_time.map_or(BLOCK_DELAY_SECONDS, |time| time.as_secs());
    Ok(Constants {
        minimal_block_delay: Count::of(delay),
        hard_gas_limit_per_operation: Count::of(GAS_PER_OPERATION),
        hard_gas_limit_per_block: Count::of(GAS_PER_BLOCK),
        hard_storage_limit_per_operation: Count::of(STORAGE_PER_OPERATION),
        smart_rollup_commitment_period_in_blocks: settlement.commitment_period(),
        smart_rollup_challenge_window_in_blocks: settlement.challenge_window(),
        smart_rollup_max_active_outbox_levels: ACTIVE_OUTBOX_LEVELS,
    })
}

/// The account that is asked about: not a rollup.
fn account(request: &RequestContext) -> Result<Address> {
    let text = request.parameter(1);
    let address = text.parse().ok().filter(|found: &Address| found.kind != Kind::Rollup);
    address.ok_or_else(|| NodeError::malformed("contract", text, "the address tz… or KT1… of one"))
}

/// The contract that is asked about.
fn contract(request: &RequestContext) -> Result<ContractHash> {
    read_contract("contract", request.parameter(1))
}

fn unknown(contract: &ContractHash) -> NodeError {
    NodeError::NoContract(contract_address(contract).to_string())
}

pub(super) fn balance(service: &mut NodeService<'_>, request: &RequestContext) -> Result<Count> {
    let (account, state) = (account(request)?, state(service, request)?);
    if account.kind == Kind::Contract && state.contract(&account.hash).is_none() {
        return Err(unknown(&account.hash));
    }
    Ok(Count::of(state.mutez(&account)))
}

pub(super) fn counter(service: &mut NodeService<'_>, request: &RequestContext) -> Result<Count> {
    let account = account(request)?;
    if account.kind == Kind::Contract {
        let expected = "the address tz1… to tz5… of an implicit account";
        return Err(NodeError::malformed("contract", request.parameter(1), expected));
    }
    Ok(Count::of(state(service, request)?.counter(&account)))
}

pub(super) fn script_of(service: &mut NodeService<'_>, request: &RequestContext) -> Result<Script> {
    let (contract, state) = (contract(request)?, state(service, request)?);
    let known = state.contract(&contract).ok_or_else(|| unknown(&contract))?;
    let no_script = || NodeError::NoScript(contract_address(&contract).to_string());
    let code = script(known).ok_or_else(no_script)?;
    let stored = storage(&state, &contract).ok_or_else(no_script)?;
    Ok(Script { code: Micheline::of(&code), storage: Micheline::of(&stored) })
}

pub(super) fn stored(service: &mut NodeService<'_>, request: &RequestContext) -> Result<Micheline> {
    Ok(script_of(service, request)?.storage)
}

/// What the contract that is asked about can be called with.
fn parameter(service: &NodeService<'_>, request: &RequestContext) -> Result<Parameter> {
    let (contract, state) = (contract(request)?, state(service, request)?);
    let known = state.contract(&contract).ok_or_else(|| unknown(&contract))?;
    Ok(known.parameter.clone())
}

pub(super) fn entrypoints(
    service: &mut NodeService<'_>,
    request: &RequestContext,
) -> Result<Entrypoints> {
    request.flag("normalize_types")?;
    Ok((&parameter(service, request)?).into())
}

pub(super) fn entrypoint(
    service: &mut NodeService<'_>,
    request: &RequestContext,
) -> Result<Micheline> {
    request.flag("normalize_types")?;
    let name = request.parameter(2);
    let parameter = parameter(service, request)?;
    let found = parameter.entrypoint(name).map(|node| Micheline::of(&unnamed(node)));
    found.ok_or_else(|| NodeError::NoEntrypoint {
        contract: request.parameter(1).to_owned(),
        name: name.chars().take(NAME_MAX).collect(),
    })
}

/// The ticket that is asked about.
fn ticket(asked: &TicketQuestion) -> Result<Ticket> {
    let ticketer = read_contract("ticketer", &asked.ticketer)?;
    let (of, content) = (asked.content_type.read("content_type")?, asked.content.read("content")?);
    check(&of).map_err(|error| NodeError::Body(format!("content_type: {error}")))?;
    let read = Ticket::read(ticketer, &of, &content);
    read.map_err(|error| NodeError::Body(format!("content: {error}")))
}

pub(super) fn ticket_balance(
    service: &mut NodeService<'_>,
    request: &RequestContext,
    asked: TicketQuestion,
) -> Result<Count> {
    let (account, state) = (account(request)?, state(service, request)?);
    Ok(Count::of(state.tickets(&ticket(&asked)?, &account)))
}

pub(super) fn rollup_ticket_balance(
    service: &mut NodeService<'_>,
    request: &RequestContext,
    asked: TicketQuestion,
) -> Result<Count> {
    let text = request.parameter(1);
    let rollup = text.parse().ok().filter(|found: &Address| found.kind == Kind::Rollup);
    let rollup = rollup
        .ok_or_else(|| NodeError::malformed("rollup", text, "the address sr1… of a rollup"))?;
    let state = state(service, request)?;
    if rollup != state.rollup() {
        return Err(NodeError::Refused(mockup::Refusal::NoRollup(rollup)));
    }
    Ok(Count::of(state.tickets(&ticket(&asked)?, &rollup)))
}

pub(super) fn script_view(
    service: &mut NodeService<'_>,
    request: &RequestContext,
    asked: ScriptView,
) -> Result<ViewAnswer> {
    let contract = read_contract("contract", &asked.contract.0)?;
    let (input, state) = (asked.input.read("input")?, state(service, request)?);
    Ok(ViewAnswer { data: Micheline::of(&view(&state, &contract, &asked.view.0, &input)?) })
}

pub(super) fn calling_view(
    service: &mut NodeService<'_>,
    request: &RequestContext,
    asked: CallingView,
) -> Result<ViewAnswer> {
    let contract = read_contract("contract", &asked.contract.0)?;
    let (input, state) = (asked.input.read("input")?, state(service, request)?);
    let told = call_back(&state, &contract, &asked.entrypoint.0, &input)?;
    Ok(ViewAnswer { data: Micheline::of(&told) })
}

pub(super) fn simulate_operation(
    service: &mut NodeService<'_>,
    request: &RequestContext,
    asked: OperationSimulation,
) -> Result<SimulatedOperation> {
    // It is always tried upon the head.
    state(service, request)?;
    let contents = asked.operation.contents.iter().map(|one| one.read());
    let contents = contents.collect::<Result<Vec<_>>>()?;
    let source = contents.first().map(|content| *content.source());
    let counter = source.map_or(0, |source| service.chain.layer1().state().counter(&source));
    let trial = service.chain.attempt(contents);
    if let (Err(refusal), true) = (&trial.done, trial.calls.is_empty()) {
        return Err(refusal.clone().into());
    }
    Ok(SimulatedOperation { contents: StepOutcome::all(&trial.calls, counter) })
}
