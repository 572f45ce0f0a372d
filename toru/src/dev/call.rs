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
        DevCommand::Mine { levels, at } => level(&post(at, "mine", &json!({"levels": levels}))?),
        DevCommand::Snapshot { name, at } => level(&post(at, "snapshot", &json!({"name": name}))?),
        DevCommand::Revert { to, at } => level(&post(at, "revert", &json!({"to": to}))?),
        DevCommand::Stop { at } => level(&post(at, "stop", &Value::Null)?),
        DevCommand::Deposit { receiver, amount, at } => {
            let answer = post(at, "deposit", &deposit(&receiver_of(receiver)?, *amount))?;
            let id = answer["id"].as_str().unwrap_or_default();
            let words = || format!("{} waits for the next level\n", one_line(id));
            ui.answer(&json!({"id": id}), words)
        }
        DevCommand::Operations { count, at } => operations((*count).into(), at, ui),
        DevCommand::Contract { contract, script, at } => {
            tell_contract(contract, script.as_deref(), at, ui)
        }
        DevCommand::Execute { level, index, at } => {
            let asked = json!({"outbox_level": level, "message_index": index});
            let answer = post(at, "execute", &asked)?;
            let at_level = &answer["executed_at"];
            let told = json!({"executed_at": at_level, "paid": answer["paid"]});
            let paid = paid(&answer["paid"], |_| None);
            ui.answer(&told, || format!("executed at level {at_level}\n{paid}"))
        }
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
