//! The sandbox's own endpoints: `/dev/…`. No rollup node has them.

use std::sync::atomic::Ordering;

use layer1::address::{Address, Kind};
use layer1::entrypoints::{DEFAULT, Parameter};
use layer1::hashes;
use mockup::{Operation, contract_address};
use store::KeptState;

use super::RequestContext;
use super::request::read_hex;
use crate::chain::{Executability, ExecutedCall};
use crate::error::NodeError;
use crate::layer1::{message_ids, read_contract};
use crate::limits::{MAX_LEVELS_PER_REQUEST, at_most};
use crate::service::NodeService;
use crate::shapes::{
    BakeRequest, BlockHash, CallEffect, ContractRequest, Count, DepositRequest, Described,
    EntrypointName, Entrypoints, ExecuteRequest, ExecutedMessage, ExecutionWindow, Head, Hex,
    MessageHash, Micheline, RevertRequest, SentMessage, SnapshotRequest,
};

type Result<T> = std::result::Result<T, NodeError>;

pub(super) fn mine(
    service: &mut NodeService<'_>,
    _: &RequestContext,
    BakeRequest { levels }: BakeRequest,
) -> Result<Head> {
    let limit = usize::try_from(MAX_LEVELS_PER_REQUEST).unwrap_or(usize::MAX);
    at_most("levels", usize::try_from(levels).unwrap_or(usize::MAX), limit)?;
    let mut left = levels;
    while left > 0 {
        left = left.saturating_sub(service.bake_some(left)?);
    }
    head(service)
}

pub(super) fn deposit(
    service: &mut NodeService<'_>,
    _: &RequestContext,
    body: DepositRequest,
) -> Result<SentMessage> {
    let payload = read_hex("payload", &body.payload.0)?;
    let sender = read_contract("sender", &body.sender.0)?;
    let source = read_implicit(&body.source.0)?;
    at_most("bytes of a message", payload.len(), pvm::MAX_MESSAGE_BYTES)?;
    let payload = layer1::michelson::decode(&payload)
        .map_err(|_| NodeError::malformed("payload", &body.payload.0, "Micheline"))?;
    let outcome = service.chain.operate(Operation::Call { sender, source, payload })?;
    let id = message_ids(outcome).next();
    let id = id.ok_or_else(|| NodeError::NoContract(contract_address(&sender).to_string()))?;
    Ok(SentMessage { id: MessageHash::of(&id) })
}

/// An implicit account.
fn read_implicit(text: &str) -> Result<Address> {
    match text.parse() {
        Ok(address @ Address { kind: Kind::Implicit(_), .. }) => Ok(address),
        _ => {
            let expected = "the address tz1… to tz5… of an implicit account";
            Err(NodeError::malformed("source", text, expected))
        }
    }
}

pub(super) fn snapshot(
    service: &mut NodeService<'_>,
    _: &RequestContext,
    body: SnapshotRequest,
) -> Result<Head> {
    service.chain.snapshot(&body.name.0)?;
    head(service)
}

pub(super) fn revert(
    service: &mut NodeService<'_>,
    _: &RequestContext,
    RevertRequest { to }: RevertRequest,
) -> Result<Head> {
    service.revert(to.parse().map_or(KeptState::Snapshot(&to), KeptState::Level))?;
    head(service)
}

pub(super) fn execute(
    service: &mut NodeService<'_>,
    _: &RequestContext,
    asked: ExecuteRequest,
) -> Result<ExecutedMessage> {
    let done = match asked {
        ExecuteRequest::Position(position) => {
            service.chain.execute(position.outbox_level, position.message_index)?
        }
        ExecuteRequest::Proof(given) => {
            let text = &given.commitment.0;
            let hash = hashes::COMMITMENT
                .read(text)
                .ok_or_else(|| NodeError::malformed("commitment", text, "the hash src1… of one"))?;
            service.chain.execute_proven(&hash, &read_hex("proof", &given.proof.0)?)?
        }
    };
    Ok(ExecutedMessage {
        executed_at: service.chain.head(),
        message: service.chain.describe(&done.message).map(Described),
        bytes: Hex::of(&done.message),
        paid: done.paid.iter().map(effect).collect(),
    })
}

/// What a call has done: whom it named, of what, and whether its contract is known.
fn effect(paid: &ExecutedCall) -> CallEffect {
    let ticket = layer1::outbox::ticket(&paid.call.value);
    let name = if paid.call.entrypoint.is_empty() { DEFAULT } else { &paid.call.entrypoint };
    CallEffect {
        destination: paid.call.destination.to_string(),
        entrypoint: EntrypointName(name.to_owned()),
        receiver: paid.receiver().map(|receiver| receiver.to_string()),
        ticketer: ticket.as_ref().map(|ticket| ticket.ticketer.to_string()),
        content: ticket.as_ref().map(|ticket| Micheline::of(ticket.content)),
        amount: ticket.as_ref().map(|ticket| Count(layer1::michelson::text(ticket.amount))),
        known: paid.known,
    }
}

pub(super) fn contract(
    service: &mut NodeService<'_>,
    _: &RequestContext,
    body: ContractRequest,
) -> Result<Entrypoints> {
    let hash = read_contract("contract", &body.contract.0)?;
    let parameter = Parameter::of_script(&body.script)?;
    let entrypoints = Entrypoints::from(&parameter);
    service.chain.operate(Operation::Tell { contract: hash, parameter })?;
    Ok(entrypoints)
}

pub(super) fn stop(service: &mut NodeService<'_>, _: &RequestContext) -> Result<Head> {
    service.options.stop.store(true, Ordering::SeqCst);
    head(service)
}

pub(super) fn outbox(
    service: &mut NodeService<'_>,
    request: &RequestContext,
) -> Result<Vec<ExecutionWindow>> {
    let executability = service.chain.executability(request.level(0)?)?;
    Ok(executability.iter().map(window).collect())
}

fn head(service: &NodeService<'_>) -> Result<Head> {
    let level = service.chain.head();
    Ok(Head { level, hash: BlockHash::of(&service.chain.hash(level)?) })
}

fn window(executability: &Executability) -> ExecutionWindow {
    ExecutionWindow {
        message_index: executability.index,
        understood: executability.understood,
        executable_from: executability.executable_from,
        expires: executability.expires,
        executed_at: executability.executed,
    }
}
