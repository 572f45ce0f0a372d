//! What is said to a sandbox that runs, and what it answers.

use encoding::Tz4Address;
use layer1::address::{Address, AddressError, Kind, Role};
use layer1::plain::one_line;
use serde_json::{Value, json};

use super::accounts::{Account, demo_ticket, deposit_payload};
use super::args::DevCommand;
use super::contract::contract as tell_contract;
use super::operations::operations;
use super::paid::paid;
use super::sandbox::{level_of, post};
use super::warp::warp;
use crate::cli::groups::SandboxArgs;
use crate::error::Failure;
use crate::ui::{Output, Ui};

/// Says it.
pub fn call(command: &DevCommand, ui: &Ui) -> Result<Output, Failure> {
    let level = |answer: &Value| {
        let level = level_of(&answer["level"])?;
        ui.answer(&json!({"level": level}), || format!("level {level}\n"))
    };
    match command {
        DevCommand::Warp { to, at } => level(&json!({"level": warp(*to, at, ui)?})),
        DevCommand::Mine { at, .. }
        | DevCommand::Snapshot { at, .. }
        | DevCommand::Revert { at, .. } => level(&asked(command, at)?),
        DevCommand::Stop { at } => level(&post(at, "stop", &Value::Null)?),
        DevCommand::Deposit { at, .. } => {
            let answer = asked(command, at)?;
            let id = answer["id"].as_str().unwrap_or_default();
            let words = || format!("{} waits for the next level\n", one_line(id));
            ui.answer(&json!({"id": id}), words)
        }
        DevCommand::Operations { count, at } => operations((*count).into(), at, ui),
        DevCommand::Contract { contract, script, at } => {
            tell_contract(contract, script.as_deref(), at, ui)
        }
        DevCommand::Execute { at, .. } => {
            let answer = asked(command, at)?;
            let at_level = &answer["executed_at"];
            let told = json!({"executed_at": at_level, "paid": answer["paid"]});
            let paid = paid(&answer["paid"], |_| None);
            ui.answer(&told, || format!("executed at level {at_level}\n{paid}"))
        }
    }
}

/// Which endpoint of the sandbox does what a command says, and with which body; nothing for a command that is more than
/// one call, or none.
pub(super) fn request(command: &DevCommand) -> Result<Option<(&'static str, Value)>, Failure> {
    Ok(Some(match command {
        DevCommand::Mine { levels, .. } => ("mine", json!({"levels": levels})),
        DevCommand::Snapshot { name, .. } => ("snapshot", json!({"name": name})),
        DevCommand::Revert { to, .. } => ("revert", json!({"to": to})),
        DevCommand::Deposit { receiver, amount, .. } => {
            ("deposit", deposit(&receiver_of(receiver)?, *amount))
        }
        DevCommand::Execute { level, index, .. } => {
            ("execute", json!({"outbox_level": level, "message_index": index}))
        }
        DevCommand::Warp { .. }
        | DevCommand::Operations { .. }
        | DevCommand::Contract { .. }
        | DevCommand::Stop { .. } => return Ok(None),
    }))
}

/// Asks the sandbox for what a command of one call says.
fn asked(command: &DevCommand, at: &SandboxArgs) -> Result<Value, Failure> {
    match request(command)? {
        Some((what, body)) => post(at, what, &body),
        None => Err(Failure::internal("a command without a call of its own")),
    }
}

/// Who is named on the command line: an account of the sandbox, or any of the rollup.
fn receiver_of(receiver: &str) -> Result<Tz4Address, Failure> {
    let wrong = |problem: AddressError| Failure::option("receiver", receiver, &problem);
    let named = Account::all().into_iter().zip(0..).find(|(_, n)| receiver == format!("dev{n}"));
    if let Some((account, _)) = named {
        return Ok(account.address);
    }
    let address: Address = receiver.parse().map_err(wrong)?;
    match address.kind {
        Kind::Implicit(3) => Ok(Tz4Address(address.hash)),
        _ => Err(wrong(AddressError::WrongRole(Role::Account))),
    }
}

/// The body of a deposit of the demo ticket.
fn deposit(receiver: &Tz4Address, amount: u64) -> Value {
    json!({
        "payload": hex::encode(deposit_payload(&receiver.to_string(), amount)),
        "sender": demo_ticket().ticketer.to_string(),
        "source": SOURCE,
    })
}

/// Who calls the ticketer: nobody has this key.
const SOURCE: &str = "tz1Ke2h7sDdakHJQh8WX4Z372du1KChsksyU";
