//! An operation applied to a state: a new state and what is to be told, or why not, and the state as it was.

use blake2::digest::consts::{U20, U32};
use blake2::{Blake2b, Digest};
use layer1::address::{Address, Kind};
use layer1::entrypoints::DEFAULT;
use layer1::fits::fits;
use layer1::outbox::{OutboxMessage, decode};

use crate::asset::Change;
use crate::call::{Call, CallOutcome, CallStatus, RollupCall};
use crate::contract::{Code, Contract};
use crate::limits::MAX_CONTENTS;
use crate::micheline::Target;
use crate::normal::{normal, tickets};
use crate::operation::{Content, Operation, contract_address};
use crate::originate::recognised;
use crate::refusal::Refusal;
use crate::run::{Origin, Step, play, user_call};
use crate::state::State;
use crate::ticket::ContractHash;
use crate::work::Work;

/// What an operation came to.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// Its hash, which is the simulation's own.
    pub hash: [u8; 32],
    /// Its calls, in the order in which they were made.
    pub calls: Vec<CallOutcome>,
    /// The balances that are others than before.
    pub changes: Vec<Change>,
    /// What it sends to the rollup.
    pub messages: Vec<RollupCall>,
}

/// What an operation that is only tried came to: its calls, the failed one among them.
#[derive(Clone, Debug)]
pub struct Trial {
    /// Its calls.
    pub calls: Vec<CallOutcome>,
    /// The state that it would lead to, and what is to be told of it, or why it fails.
    pub done: Result<(State, Outcome), Refusal>,
}

/// Tries an operation in a level. The number of the operation makes its hash its own.
#[must_use]
pub fn attempt(state: &State, level: i32, number: u64, operation: &Operation) -> Trial {
    let line = operation.to_line().unwrap_or_default();
    let hash: [u8; 32] = Blake2b::<U32>::new()
        .chain_update(b"operation of layer 1")
        .chain_update(number.to_be_bytes())
        .chain_update(line.as_bytes())
        .finalize()
        .into();
    let mut work = Work::on(state);
    let played = match operation {
        Operation::Manager(contents) => manager(&mut work, &hash, contents),
        Operation::Execute { source, outbox_level, index, message } => {
            execute(&mut work, level, *source, (*outbox_level, *index), message)
        }
        Operation::Call { sender, source, payload } => {
            let call = Call {
                source: *source,
                sender: contract_address(sender),
                destination: work.state.rollup(),
                amount: 0,
                entrypoint: String::new(),
                value: payload.clone(),
                value_type: None,
            };
            raw_call(&mut work, &call)
                .map(|()| play(&mut work, vec![Step::Call(call)], Origin::User))
        }
        Operation::Tell { contract, parameter } => {
            let code = work.state.contract(contract).map(|known| &known.code);
            if code.is_some_and(|code| !matches!(code, Code::Typed | Code::DemoTicketer)) {
                Err(Refusal::HasCode(contract_address(contract)))
            } else {
                let known =
                    Contract { name: None, parameter: parameter.clone(), code: Code::Typed };
                work.state.contracts.insert(*contract, known);
                Ok((Vec::new(), true))
            }
        }
        Operation::Found(found) => {
            let rollup = work.state.rollup();
            found.iter().for_each(|(ticket, amount)| work.mint(ticket, rollup, amount));
            Ok((Vec::new(), true))
        }
    };
    let (calls, all) = match played {
        Ok(played) => played,
        Err(refusal) => return Trial { calls: Vec::new(), done: Err(refusal) },
    };
    if !all {
        let refusal = failure(&calls, matches!(operation, Operation::Execute { .. }));
        return Trial { calls, done: Err(refusal) };
    }
    let changes = work.changes();
    let Work { state, messages, .. } = work;
    let outcome = Outcome { hash, calls: calls.clone(), changes, messages };
    Trial { calls, done: Ok((state, outcome)) }
}

/// Why the operation of these calls failed.
fn failure(calls: &[CallOutcome], of_message: bool) -> Refusal {
    let failed = calls.iter().find_map(|one| match &one.status {
        CallStatus::Failed(refusal) => Some((one, refusal.clone())),
        _ => None,
    });
    let Some((one, refusal)) = failed else { return Refusal::Sources };
    if !of_message {
        return refusal;
    }
    let count = calls.iter().filter(|one| !one.is_internal).count();
    let own = calls.iter().find(|own| own.transaction == one.transaction && !own.is_internal);
    let call = &own.unwrap_or(one).call;
    let target = match call.entrypoint.as_str() {
        "" | DEFAULT => call.destination.to_string(),
        name => format!("{}%{name}", call.destination),
    };
    Refusal::OfMessage { number: one.transaction + 1, count, target, refusal: Box::new(refusal) }
}

type RunResult = Result<(Vec<CallOutcome>, bool), Refusal>;

fn manager(work: &mut Work, hash: &[u8; 32], contents: &[Content]) -> RunResult {
    let source = *contents.first().ok_or(Refusal::Sources)?.source();
    let same = contents.iter().all(|content| *content.source() == source);
    if !same || !matches!(source.kind, Kind::Implicit(_)) {
        return Err(Refusal::Sources);
    }
    if contents.len() > MAX_CONTENTS {
        return Err(Refusal::TooMany(MAX_CONTENTS));
    }
    let counted = work.state.counter(&source);
    let more = u64::try_from(contents.len()).unwrap_or(u64::MAX);
    work.state.counters.insert(source, counted.saturating_add(more));
    let mut steps = Vec::with_capacity(contents.len());
    for (number, content) in (0_u32..).zip(contents) {
        steps.push(match content {
            Content::Transaction { destination, amount, entrypoint, value, .. } => {
                let target = Target { address: *destination, entrypoint: entrypoint.clone() };
                Step::Call(user_call(source, &target, *amount, value.clone()))
            }
            Content::Origination { balance, code, storage, .. } => Step::Originate {
                source,
                hash: originated(hash, number),
                contract: Box::new(recognised(code, storage)?),
                mutez: *balance,
            },
        });
    }
    Ok(play(work, steps, Origin::User))
}

/// The hash of the contract that an operation makes.
fn originated(operation: &[u8; 32], number: u32) -> ContractHash {
    let hash = Blake2b::<U20>::new().chain_update(operation).chain_update(number.to_be_bytes());
    hash.finalize().into()
}

fn execute(
    work: &mut Work,
    level: i32,
    source: Address,
    place: (i32, u32),
    message: &[u8],
) -> RunResult {
    if let Some(at) = work.state.executed.get(&place) {
        return Err(Refusal::Executed(*at));
    }
    work.state.executed.insert(place, level);
    let OutboxMessage::Calls(calls) = decode(message) else { return Ok((Vec::new(), true)) };
    let sender = work.state.rollup();
    let steps = calls.into_iter().map(|call| {
        Step::Call(Call {
            source,
            sender,
            destination: call.destination,
            amount: 0,
            entrypoint: call.entrypoint,
            value: call.parameters,
            value_type: call.parameters_type,
        })
    });
    let steps = steps.collect();
    Ok(play(work, steps, Origin::Outbox))
}

/// A call by a contract whose code nobody knows: it has what it sends, or makes it, or what it sends is of a
/// ticketer whose code nobody knows either.
fn raw_call(work: &mut Work, call: &Call) -> Result<(), Refusal> {
    let has_code = |work: &Work, hash: &ContractHash| {
        let code = work.state.contract(hash).map(|known| &known.code);
        code.is_some_and(|code| !matches!(code, Code::Typed | Code::DemoTicketer))
    };
    if has_code(work, &call.sender.hash) {
        return Err(Refusal::NotItsCode(call.sender));
    }
    let Some(of) = work.state.rollup_type.clone() else { return Ok(()) };
    fits(&call.value, &of)?;
    for (ticket, amount) in tickets(&normal(&call.value, &of), &of) {
        let has = work.state.tickets(&ticket, &call.sender);
        let makes = !has_code(work, ticket.ticketer());
        if makes && (*ticket.ticketer() == call.sender.hash || has < amount) {
            work.mint(&ticket, call.sender, &amount);
        }
    }
    Ok(())
}
