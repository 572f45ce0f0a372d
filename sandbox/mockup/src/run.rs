//! Plays an operation's calls, and those that contracts make in turn: depth first, as layer 1 does, all of them
//! or none.

use layer1::address::{Address, Kind};
use layer1::entrypoints::DEFAULT;
use layer1::fits::{Mismatch, fits};
use layer1::michelson::{Node, encode};
use layer1::types::{same, shown};

use crate::call::{Call, CallOutcome, CallStatus, RollupCall};
use crate::called::Called;
use crate::code::{leaf, run};
use crate::contract::Contract;
use crate::limits::MAX_CALLS;
use crate::micheline::{Target, type_of, unit};
use crate::normal::{likely_tickets, normal, tickets};
use crate::refusal::Refusal;
use crate::ticket::ContractHash;
use crate::work::{Work, is_ticket};

/// One step of an operation.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    /// A call.
    Call(Call),
    /// A contract is made, with tez of who makes it.
    Originate { source: Address, hash: ContractHash, contract: Box<Contract>, mutez: u64 },
}

/// What a call is part of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    /// A transaction that a user signed.
    User,
    /// A message of the rollup's outbox. A contract of which nothing is known takes its calls.
    Outbox,
}

/// Plays the steps in order. What each came to is returned, and whether all are done. If one fails, the
/// state is of no use any more.
pub(crate) fn play(work: &mut Work, steps: Vec<Step>, origin: Origin) -> (Vec<CallOutcome>, bool) {
    let mut told: Vec<CallOutcome> = Vec::new();
    let mut failed = false;
    for (transaction, step) in steps.into_iter().enumerate() {
        let mut left = vec![(step, false)];
        while let Some((step, is_internal)) = left.pop() {
            if failed {
                told.push(outcome(work, &step, transaction, is_internal, CallStatus::Skipped));
                continue;
            }
            let of = if is_internal { None } else { Some(origin) };
            let done = match told.len() < MAX_CALLS {
                true => play_one(work, &step, of),
                false => Err(Refusal::TooMany(MAX_CALLS)),
            };
            match done {
                Ok(calls) => {
                    told.push(outcome(work, &step, transaction, is_internal, CallStatus::Applied));
                    left.extend(calls.into_iter().rev().map(|call| (Step::Call(call), true)));
                }
                Err(refusal) => {
                    failed = true;
                    for before in &mut told {
                        before.status = CallStatus::Backtracked;
                        before.tez.clear();
                        before.tickets.clear();
                    }
                    let status = CallStatus::Failed(refusal);
                    told.push(outcome(work, &step, transaction, is_internal, status));
                }
            }
        }
    }
    (told, !failed)
}

fn outcome(
    work: &mut Work,
    step: &Step,
    transaction: usize,
    is_internal: bool,
    status: CallStatus,
) -> CallOutcome {
    let (tez, tickets) = (std::mem::take(&mut work.tez), std::mem::take(&mut work.tickets));
    let moved = status == CallStatus::Applied;
    let (call, originated) = match step {
        Step::Call(call) => (call.clone(), None),
        Step::Originate { source, hash, mutez, .. } => {
            let made = Address { kind: Kind::Contract, hash: *hash };
            let target = Target { address: made, entrypoint: String::new() };
            (user_call(*source, &target, *mutez, unit()), Some(*hash))
        }
    };
    CallOutcome {
        call,
        transaction,
        is_internal,
        status,
        tez: if moved { tez } else { Vec::new() },
        tickets: if moved { tickets } else { Vec::new() },
        originated,
    }
}

/// A call that a user makes.
pub(crate) fn user_call(source: Address, to: &Target, mutez: u64, value: Node) -> Call {
    Call {
        source,
        sender: source,
        destination: to.address,
        amount: mutez,
        entrypoint: to.entrypoint.clone(),
        value,
        value_type: None,
    }
}

fn play_one(work: &mut Work, step: &Step, origin: Option<Origin>) -> Result<Vec<Call>, Refusal> {
    match step {
        Step::Call(call) => play_call(work, call, origin),
        Step::Originate { source, hash, contract, mutez } => {
            let made = Address { kind: Kind::Contract, hash: *hash };
            work.state.contracts.insert(*hash, contract.as_ref().clone());
            work.pay(*source, made, *mutez)?;
            Ok(Vec::new())
        }
    }
}

fn play_call(work: &mut Work, call: &Call, origin: Option<Origin>) -> Result<Vec<Call>, Refusal> {
    match call.destination.kind {
        Kind::Implicit(_) => to_implicit(work, call).map(|()| Vec::new()),
        Kind::Contract => to_contract(work, call, origin),
        Kind::Rollup => to_rollup(work, call).map(|()| Vec::new()),
    }
}

fn no_entrypoint(there: &str) -> Refusal {
    Refusal::NoEntrypoint { there: there.to_owned() }
}

fn to_implicit(work: &mut Work, call: &Call) -> Result<(), Refusal> {
    if !matches!(call.entrypoint.as_str(), "" | DEFAULT) {
        return Err(no_entrypoint(DEFAULT));
    }
    let units = type_of("unit");
    let of = call.value_type.as_ref().filter(|of| is_ticket(of)).unwrap_or(&units);
    fits(&call.value, of)?;
    if call.amount == 0 && !is_ticket(of) {
        return Err(Refusal::EmptyTransfer(call.destination));
    }
    work.pay(call.sender, call.destination, call.amount)?;
    move_tickets(work, call, &normal(&call.value, of), Some(of))
}

fn move_tickets(
    work: &mut Work,
    call: &Call,
    value: &Node,
    of: Option<&Node>,
) -> Result<(), Refusal> {
    let found = match of {
        Some(of) => tickets(value, of),
        None => likely_tickets(value),
    };
    if !found.is_empty() && matches!(call.sender.kind, Kind::Implicit(_)) {
        return Err(Refusal::TicketByUser(call.sender));
    }
    for (ticket, amount) in &found {
        work.hand_over(ticket, call.sender, call.destination, amount)?;
    }
    Ok(())
}

fn to_contract(work: &mut Work, call: &Call, origin: Option<Origin>) -> Result<Vec<Call>, Refusal> {
    let Some(contract) = work.state.contract(&call.destination.hash).cloned() else {
        if origin != Some(Origin::Outbox) {
            return Err(Refusal::NoContract(call.destination));
        }
        move_tickets(work, call, &call.value, call.value_type.as_ref())?;
        return Ok(Vec::new());
    };
    let Contract { parameter, code, .. } = contract;
    let Some(takes) = parameter.entrypoint(&call.entrypoint) else {
        let names: Vec<&str> = parameter.list().iter().map(|(name, _)| *name).collect();
        let there = if names.is_empty() { DEFAULT.to_owned() } else { names.join(", ") };
        return Err(Refusal::NoEntrypoint { there });
    };
    if let Some(other) = call.value_type.as_ref().filter(|told| !same(told, takes)) {
        return Err(Mismatch { takes: shown(takes), has: shown(other) }.into());
    }
    fits(&call.value, takes)?;
    let value = normal(&call.value, takes);
    work.pay(call.sender, call.destination, call.amount)?;
    move_tickets(work, call, &value, Some(takes))?;
    let (entrypoint, value) = leaf(&parameter, &call.entrypoint, &value);
    run(work, &code, &Called { call, entrypoint: &entrypoint, value: &value })
}

fn to_rollup(work: &mut Work, call: &Call) -> Result<(), Refusal> {
    if call.destination.hash != work.state.rollup {
        return Err(Refusal::NoRollup(call.destination));
    }
    if call.sender.kind != Kind::Contract {
        return Err(Refusal::RollupByUser(call.sender));
    }
    if call.amount != 0 {
        return Err(Refusal::RollupTez);
    }
    if !matches!(call.entrypoint.as_str(), "" | DEFAULT) {
        return Err(no_entrypoint(DEFAULT));
    }
    let of = work.state.rollup_type.clone();
    if let Some(of) = &of {
        fits(&call.value, of)?;
    }
    let of = of.as_ref().or(call.value_type.as_ref());
    let value = of.map_or_else(|| call.value.clone(), |of| normal(&call.value, of));
    let carried = of.map(|of| tickets(&value, of)).unwrap_or_default();
    move_tickets(work, call, &value, of)?;
    work.messages.push(RollupCall {
        sender: call.sender.hash,
        source: call.source,
        payload: encode(&value),
        tickets: carried,
    });
    Ok(())
}
