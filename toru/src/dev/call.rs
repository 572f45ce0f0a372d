//! What is said to a sandbox that runs, and what it answers.

use std::time::Duration;

use encoding::Tz4Address;
use serde_json::{Value, json};
use wallet::error::RpcError;
use wallet::rpc::Node;

use super::accounts::{Account, demo_ticket, deposit_payload};
use super::warp::warp;
use super::{DevCommand, Endpoint};
use crate::address::{Address, AddressError, Kind, Role};
use crate::error::Failure;
use crate::exit::Exit;
use crate::out;
use crate::plain::one_line;
use crate::wallet::WalletFailure;

/// How long a sandbox that is just being started is waited for.
const START_TIME: Duration = Duration::from_secs(5);
/// How long it may take to answer: levels are baked while it is waited for.
const ANSWER_TIME: Duration = Duration::from_secs(600);

/// Says it. What it returns is to be printed.
pub fn call(command: &DevCommand, json: bool) -> Result<String, Failure> {
    let level = |answer: &Value| {
        let level = level_of(&answer["level"])?;
        told(json, &json!({"level": level}), format!("level {level}\n"))
    };
    match command {
        DevCommand::Warp { to, at } => level(&json!({"level": warp(*to, at)?})),
        DevCommand::Mine { levels, at } => level(&post(at, "mine", &json!({"levels": levels}))?),
        DevCommand::Snapshot { name, at } => level(&post(at, "snapshot", &json!({"name": name}))?),
        DevCommand::Revert { to, at } => level(&post(at, "revert", &json!({"to": to}))?),
        DevCommand::Stop { at } => level(&post(at, "stop", &Value::Null)?),
        DevCommand::Deposit { receiver, amount, at } => {
            let wrong =
                |problem| Failure::Option { name: "receiver", value: receiver.clone(), problem };
            let named =
                Account::all().into_iter().zip(0..).find(|(_, n)| *receiver == format!("dev{n}"));
            let address = match named {
                Some((account, _)) => Address { kind: Kind::Implicit(3), hash: account.address.0 },
                None => receiver.parse().map_err(wrong)?,
            };
            if address.kind != Kind::Implicit(3) {
                return Err(wrong(AddressError::WrongRole(Role::Account)));
            }
            let answer = post(at, "deposit", &deposit(&Tz4Address(address.hash), *amount))?;
            let id = answer["id"].as_str().unwrap_or_default();
            told(json, &json!({"id": id}), format!("{} waits for the next level\n", one_line(id)))
        }
        DevCommand::Contract { contract, script, at } => {
            super::contract::contract(contract, script.as_deref(), at, json)
        }
        DevCommand::Execute { level, index, at } => {
            let asked = json!({"outbox_level": level, "message_index": index});
            let answer = post(at, "execute", &asked)?;
            let paid = super::contract::paid(&answer["paid"]);
            let at_level = &answer["executed_at"];
            let words = format!("executed at level {at_level}\n{paid}");
            told(json, &json!({"executed_at": at_level, "paid": answer["paid"]}), words)
        }
    }
}

/// What there is to say, in words or as JSON.
fn told(json: bool, value: &Value, words: String) -> Result<String, Failure> {
    if json { out::json_line(value) } else { Ok(words) }
}

/// The body of a deposit of the demo ticket.
pub(super) fn deposit(receiver: &Tz4Address, amount: u64) -> Value {
    json!({
        "payload": hex::encode(deposit_payload(&receiver.to_string(), amount)),
        "sender": demo_ticket().ticketer.to_string(),
        "source": SOURCE,
    })
}

/// Who calls the ticketer: nobody has this key.
const SOURCE: &str = "tz1Ke2h7sDdakHJQh8WX4Z372du1KChsksyU";

/// A level in an answer.
pub(super) fn level_of(value: &Value) -> Result<i64, Failure> {
    value.as_i64().ok_or_else(|| no_sandbox("what answered is no sandbox"))
}

/// Tells the sandbox something.
pub(super) fn post(at: &Endpoint, what: &str, body: &Value) -> Result<Value, Failure> {
    ask(at, |node| node.post(&format!("/dev/{what}"), body))
}

/// Asks it something.
pub(super) fn get(at: &Endpoint, path: &str) -> Result<Value, Failure> {
    ask(at, |node| node.get(path))
}

fn ask(at: &Endpoint, ask: impl Fn(&Node) -> Result<Value, RpcError>) -> Result<Value, Failure> {
    let node = Node::patient(&at.endpoint, ANSWER_TIME);
    match node.and_then(|node| node.once_up(START_TIME, ask)) {
        Ok(answer) => Ok(answer),
        // It is a sandbox, and says why not.
        Err(RpcError::Refused { words, .. }) if !words.is_empty() => {
            Err(Failure::Dev { problem: words, hint: None, exit: Exit::Refused })
        }
        Err(error @ RpcError::Endpoint(_)) => Err(WalletFailure::Rpc(error).into()),
        Err(error) => Err(no_sandbox(&error.to_string())),
    }
}

fn no_sandbox(problem: &str) -> Failure {
    Failure::Dev {
        problem: one_line(problem),
        hint: Some("toru dev starts a sandbox; --endpoint names one that runs elsewhere"),
        exit: Exit::NoAnswer,
    }
}
