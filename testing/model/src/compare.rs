//! A rollup's state held against the model's, through the view that everybody reads it with.

use std::fmt::Debug;

use encoding::{Hash32, Level, MessageId};
use inbox::v2::Memo;
use tx_kernel::results::batch::OperationOutcome;
use tx_kernel::results::{MessageResult, Outcome as KernelOutcome};

use crate::outcome::Outcome;
use crate::state::Model;
use crate::wire::Address;
use crate::workload::Kind;
use kit::Twin;

/// Says what differs, if something does.
pub fn same<T: PartialEq + Debug>(what: &str, real: &T, predicted: &T) -> Result<(), String> {
    if real == predicted {
        return Ok(());
    }
    Err(format!("{what}:\n  the rollup has {real:?}\n  the model has {predicted:?}"))
}

/// Says where a rollup's state first differs from the model's.
pub fn compare(twin: &Twin, model: &Model) -> Result<(), String> {
    let failed = |error| format!("the view: {error}");
    let accounts = twin.view(|view| view.accounts()).map_err(failed)?;
    let accounts: Vec<(Address, u64)> =
        accounts.iter().map(|(address, counter)| (address.0, counter.get())).collect();
    let predicted: Vec<(Address, u64)> =
        model.accounts.iter().map(|address| (*address, model.counter(*address))).collect();
    same("accounts and counters", &accounts, &predicted)?;
    let index = |address: &Address| model.accounts.iter().position(|one| one == address);

    let tickets = twin.view(|view| view.tickets()).map_err(failed)?;
    let name = |ticket: &encoding::Ticket| (ticket.ticketer.0, ticket.content.to_micheline());
    let of_kind = |kind: &Kind| (kind.ticketer(), kind.content());
    let tickets: Vec<_> = tickets
        .iter()
        .map(|(ticket, s)| (name(ticket), u128::from(s.on_rollup.get()), s.deposited, s.withdrawn))
        .collect();
    let predicted: Vec<_> = model
        .tickets
        .iter()
        .map(|kind| (kind, model.supplies.get(kind).copied().unwrap_or_default()))
        .map(|(kind, s)| (of_kind(kind), s.on_rollup, s.deposited, s.withdrawn))
        .collect();
    same("tickets and supplies", &tickets, &predicted)?;

    let balances = twin.view(|view| view.balances()).map_err(failed)?;
    let mut balances: Vec<_> = balances
        .iter()
        .map(|balance| (index(&balance.account.0), name(&balance.ticket), balance.amount.get()))
        .collect();
    let mut predicted: Vec<_> = model
        .balances
        .iter()
        .map(|((address, kind), amount)| (index(address), of_kind(kind), *amount))
        .collect();
    balances.sort();
    predicted.sort();
    same("balances", &balances, &predicted)?;

    let held = twin.view(|view| view.held()).map_err(failed)?;
    let held: Vec<_> = held
        .iter()
        .map(|one| {
            let reason = triple(&one.outcome);
            let message_index = (one.message.level.0, one.message.index);
            (reason, message_index, one.bytes.clone().unwrap_or_default(), one.paid_back)
        })
        .collect();
    let predicted: Vec<_> = model
        .held
        .iter()
        .map(|one| (one.reason, one.message_index, one.bytes.clone(), one.paid_back))
        .collect();
    same("held deposits", &held, &predicted)?;
    let pending = twin.view(|view| view.pending_messages()).map_err(failed)?;
    same("waiting for the outbox", &pending, &(model.pending() as u64))?;
    let not_ours = twin.view(|view| view.not_ours()).map_err(failed)?;
    same("not ours", &not_ours, &model.not_ours)?;
    compare_results(twin, model)
}

fn compare_results(twin: &Twin, model: &Model) -> Result<(), String> {
    let failed = |error| format!("the view: {error}");
    for ((level, index), (kind, reason)) in &model.messages {
        let message = MessageId { level: Level(*level), index: *index };
        let result = twin.view(|view| view.message(message)).map_err(failed)?;
        let result = result.map(|result| {
            let kind = match result {
                MessageResult::Done(_) => 0,
                MessageResult::Held(_) => 1,
                MessageResult::Refused(_) => 2,
            };
            let reason = result.outcome();
            (kind, triple(reason))
        });
        same(&format!("the result of message {message}"), &result, &Some((*kind, *reason)))?;
    }
    for (hash, predicted) in &model.operations {
        let result = twin.view(|view| view.operation(&Hash32(*hash))).map_err(failed)?;
        let result = result.map(|result| Outcome {
            reason: triple(&result.outcome),
            message: (result.message.level.0, result.message.index),
            position: (result.transaction, result.operation),
        });
        let of = predicted.message;
        same(&format!("the result of an operation of {of:?}"), &result, &Some(predicted.clone()))?;
    }
    compare_v2(twin, model)?;
    let results = twin.durable().values_under(tx_kernel::layout::RESULTS).count();
    let of_v1 = model.messages.len() + model.operations.len();
    let predicted = of_v1 + model.batches.len() + model.own.len();
    same("number of results", &results, &predicted)
}

/// A result as the model has it.
fn triple(outcome: &KernelOutcome) -> (u16, u64, u64) {
    (outcome.code.number(), outcome.first, outcome.second)
}

/// Results under the digests that were signed.
fn compare_v2(twin: &Twin, model: &Model) -> Result<(), String> {
    let failed = |error| format!("the view: {error}");
    let plain = |line: &OperationOutcome| {
        let memo = match &line.memo {
            Some(Memo::Bytes(bytes)) => Some(bytes.clone()),
            Some(Memo::Hash(hash)) => Some(hash.0.to_vec()),
            None => None,
        };
        (triple(&line.outcome), memo)
    };
    let message_index = |message: MessageId| (message.level.0, message.index);
    for (digest, (message, lines)) in &model.batches {
        let result = twin.view(|view| view.batch(&Hash32(*digest))).map_err(failed)?;
        let result = result.map(|result| {
            let lines = result.lines.iter();
            let lines: Vec<_> = lines.map(|(t, o, line)| ((*t, *o), plain(line))).collect();
            (message_index(result.message), result.transactions, lines)
        });
        let transactions = lines.keys().map(|(transaction, _)| transaction + 1).max().unwrap_or(0);
        let said = lines.iter().filter(|(_, (reason, memo))| reason.0 != 0 || memo.is_some());
        let lines: Vec<_> = said.map(|(key, line)| (*key, line.clone())).collect();
        let predicted = Some((*message, transactions, lines));
        same(&format!("the result of a v2 batch of {message:?}"), &result, &predicted)?;
    }
    for (digest, (message, number, lines)) in &model.own {
        let result = twin.view(|view| view.transaction(&Hash32(*digest))).map_err(failed)?;
        let result = result.map(|result| {
            let lines: Vec<_> = result.lines.iter().map(plain).collect();
            (message_index(result.message), result.transaction, lines)
        });
        let predicted = Some((*message, *number, lines.clone()));
        same(&format!("the result of a transaction of {message:?}"), &result, &predicted)?;
    }
    Ok(())
}
