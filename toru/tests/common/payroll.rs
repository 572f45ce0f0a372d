//! A payroll: a file of payments, and what sends it.
#![allow(dead_code, reason = "each test binary uses some of it")]

use client::{Assembly, Builder, registration, sign};
use encoding::{Amount, Counter, RollupAddress, Tz4Address, blake2b_256};
use inbox::v2::{Action, Name, Operation, TicketName, Transaction};
use serde_json::Value;
use toru::dev::{Account, demo_ticket};

use super::Folder;
use super::sandbox::Sandbox;
use super::user::User;

pub const SEND: [&str; 6] = ["send", "--file", "pay.csv", "--from", "dev0", "--yes"];
pub const RESUME: [&str; 5] = ["send", "--file", "pay.csv", "--resume", "--yes"];

pub fn with<'a>(args: &[&'a str], more: &[&'a str]) -> Vec<&'a str> {
    [args, more].concat()
}

/// Somebody whom nobody else pays.
pub fn receiver(number: u64) -> Tz4Address {
    let digest = blake2b_256(&[b"payroll", &number.to_be_bytes()]).0;
    let mut hash = [0; 20];
    hash.copy_from_slice(&digest[..20]);
    Tz4Address(hash)
}

/// A file that pays each of these receivers their number.
pub fn file(numbers: impl Iterator<Item = u64>) -> String {
    let rows = numbers.map(|number| format!("{},{number},demo\n", receiver(number)));
    format!("to,amount,ticket\n{}", rows.collect::<String>())
}

/// 400 rows are three messages.
pub const ROWS: u64 = 400;

pub fn start(name: &str) -> (Folder, Sandbox) {
    let folder = Folder::new(name);
    let sandbox = Sandbox::start(&folder, &[]);
    folder.file("pay.csv", file(1..=ROWS));
    (folder, sandbox)
}

/// Everybody was paid once.
pub fn all_are_paid(sandbox: &Sandbox) {
    let balances = sandbox.balances();
    for number in 1..=ROWS {
        assert_eq!(balances.get(&receiver(number)), Some(&number), "{number}");
    }
}

/// Runs and expects an object on standard output, with this exit code, and nothing else; returns it, and
/// what is said in it of what went wrong.
pub fn json_of(user: &User<'_>, code: i32, args: &[&str]) -> (Value, String) {
    let output = user.run(&with(args, &["--json"]));
    let text = String::from_utf8(output.stdout.clone()).unwrap();
    assert_eq!(output.status.code(), Some(code), "{args:?}: {output:?}");
    let told: Value =
        serde_json::from_str(&text).unwrap_or_else(|e| panic!("{args:?}: {e}: {text:?}"));
    let error = said(&told);
    (told, error)
}

/// What an object says went wrong, and what to do.
pub fn said(told: &Value) -> String {
    let error = &told["error"];
    format!("{}\n{}", error["message"].as_str().unwrap_or(""), error["hint"].as_str().unwrap_or(""))
}

/// A payment by `dev0` with a counter, as the batcher takes it.
pub fn payload(counter: u64) -> String {
    let secret = keys::read_secret(&Account::new(0).unwrap().text).unwrap();
    let to = vec![(Name::Address(receiver(1_000_000)), Amount::new(7))];
    let pays = Action::Transfers { ticket: TicketName::Full(demo_ticket()), to };
    let (signer, counter) = (Name::Registration(0), Counter::new(counter));
    let operation = Operation { signer, counter, memo: None, actions: vec![pays] };
    let transaction = Transaction { expires: None, operations: vec![operation] };
    let builder = Builder::new().registration(registration(secret.key()));
    let mut assembly =
        Assembly::new(builder.transaction(transaction).build(), RollupAddress([0; 20]));
    assembly.batch_signature(0, sign(secret.key(), &assembly.signing_payload()));
    hex::encode(&assembly.message().unwrap()[1..])
}

pub fn queue_length(sandbox: &Sandbox) -> usize {
    sandbox.get("/local/batcher/queue").as_array().unwrap().len()
}
