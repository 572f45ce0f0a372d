//! The sandbox's own endpoints: `/dev/…`. No rollup node has them.

use std::sync::atomic::Ordering;

use layer1::entrypoints::{DEFAULT, Parameter};
use layer1::json::micheline;
use serde::Deserialize;
use serde_json::{Value, json};
use store::Place;

use super::{Asked, Served, bytes};
use crate::base58::{self, read_commitment, read_contract, read_implicit};
use crate::chain::{OutboxProof, Paid, Prospect};
use crate::desk::Desk;
use crate::error::NodeError;
use crate::limits::MAX_LEVELS_PER_REQUEST;
use crate::queue::at_most;

type Result<T> = std::result::Result<T, NodeError>;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Mine {
    levels: u32,
}

pub(super) fn mine(desk: &mut Desk<'_>, asked: &Asked<'_>) -> Result<Served> {
    let Mine { levels } = asked.body()?;
    let limit = usize::try_from(MAX_LEVELS_PER_REQUEST).unwrap_or(usize::MAX);
    at_most("levels", usize::try_from(levels).unwrap_or(usize::MAX), limit)?;
    let mut left = levels;
    while left > 0 {
        left = left.saturating_sub(desk.bake_some(left)?);
    }
    head(desk)
}

/// A contract's call of the rollup.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Deposit {
    /// Micheline in hex, as layer 1 writes it.
    payload: String,
    /// `KT1…`
    sender: String,
    /// `tz1…`
    source: String,
}

pub(super) fn deposit(desk: &mut Desk<'_>, asked: &Asked<'_>) -> Result<Served> {
    let Deposit { payload, sender, source } = asked.body()?;
    let payload = bytes("payload", &payload)?;
    let id = desk.chain.transfer(&payload, &read_contract(&sender)?, &read_implicit(&source)?)?;
    Ok(json!({"id": base58::message(&id)}).into())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Snapshot {
    name: String,
}

pub(super) fn snapshot(desk: &mut Desk<'_>, asked: &Asked<'_>) -> Result<Served> {
    let Snapshot { name } = asked.body()?;
    desk.chain.snapshot(&name)?;
    head(desk)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Revert {
    /// A level, or the name of a snapshot, neither of which can be taken for the other.
    to: String,
}

pub(super) fn revert(desk: &mut Desk<'_>, asked: &Asked<'_>) -> Result<Served> {
    let Revert { to } = asked.body()?;
    desk.revert(to.parse().map_or(Place::Snapshot(&to), Place::Level))?;
    head(desk)
}

/// Which message is executed: by its place, or with what the proof endpoint answers.
#[derive(Deserialize)]
#[serde(untagged)]
enum Execute {
    Place(ByPlace),
    Proof(WithProof),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ByPlace {
    outbox_level: i32,
    message_index: u32,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WithProof {
    commitment: String,
    proof: String,
}

pub(super) fn execute(desk: &mut Desk<'_>, asked: &Asked<'_>) -> Result<Served> {
    let asked: Execute = asked.body().map_err(|_| {
        NodeError::Body("outbox_level and message_index, or commitment and proof".to_owned())
    })?;
    let done = match asked {
        Execute::Place(ByPlace { outbox_level, message_index }) => {
            desk.chain.execute(outbox_level, message_index)?
        }
        Execute::Proof(WithProof { commitment, proof }) => {
            let hash = read_commitment(&commitment).ok_or_else(|| {
                NodeError::malformed("commitment", &commitment, "the hash src1… of one")
            })?;
            let decoded = OutboxProof::decode(&bytes("proof", &proof)?);
            // A proof is of one commitment, and no other.
            let decoded = decoded.filter(|decoded| decoded.commitment == hash);
            let decoded = decoded.ok_or_else(|| {
                NodeError::malformed("proof", &proof, "one that was made here, for the commitment")
            })?;
            desk.chain.execute_proven(&decoded)?
        }
    };
    Ok(json!({
        "executed_at": desk.chain.head(),
        "message": desk.chain.describe(&done.message),
        "bytes": hex::encode(&done.message),
        "paid": done.paid.iter().map(paid).collect::<Value>(),
    })
    .into())
}

/// What a call has done: whom it named, of what, and whether its contract is known.
fn paid(paid: &Paid) -> Value {
    let ticket = layer1::outbox::ticket(&paid.call.parameters);
    json!({
        "destination": paid.call.destination.to_string(),
        "entrypoint": if paid.call.entrypoint.is_empty() { DEFAULT } else { &paid.call.entrypoint },
        "receiver": paid.receiver().map(|receiver| receiver.to_string()),
        "ticketer": ticket.as_ref().map(|ticket| ticket.ticketer.to_string()),
        "content": ticket.as_ref().map(|ticket| micheline(ticket.content)),
        "amount": ticket.as_ref().map(|ticket| layer1::michelson::text(ticket.amount)),
        "known": paid.known,
    })
}

/// What a contract can be called with.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Contract {
    /// `KT1…`
    contract: String,
    /// A script, or its section `parameter …` alone.
    script: String,
}

pub(super) fn contract(desk: &mut Desk<'_>, asked: &Asked<'_>) -> Result<Served> {
    let Contract { contract, script } = asked.body()?;
    let hash = read_contract(&contract).map_err(|_| {
        NodeError::malformed("contract", &contract, "the address KT1… of a contract")
    })?;
    let parameter = Parameter::of_script(&script)?;
    let shown = super::layer1::shown(&parameter);
    desk.chain.tell_contract(hash, parameter)?;
    Ok(shown.into())
}

pub(super) fn stop(desk: &mut Desk<'_>, _: &Asked<'_>) -> Result<Served> {
    desk.options.stop.store(true, Ordering::SeqCst);
    head(desk)
}

pub(super) fn outbox(desk: &mut Desk<'_>, asked: &Asked<'_>) -> Result<Served> {
    let prospects = desk.chain.prospects(asked.level(0)?)?;
    Ok(prospects.iter().map(prospect).collect::<Value>().into())
}

fn head(desk: &Desk<'_>) -> Result<Served> {
    let level = desk.chain.head();
    Ok(json!({"level": level, "hash": base58::block(&desk.chain.hash(level)?)}).into())
}

fn prospect(prospect: &Prospect) -> Value {
    json!({
        "message_index": prospect.index,
        "understood": prospect.understood,
        "executable_from": prospect.executable_from,
        "expires": prospect.expires,
        "executed_at": prospect.executed,
    })
}
