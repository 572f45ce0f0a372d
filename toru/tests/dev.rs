//! `toru dev`: the story of a deposit, a batch and a withdrawal, in a process of its own that is
//! killed in between.

mod common;

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use client::{Assembly, Builder, registration, sign};
use common::Folder;
use encoding::{Amount, Counter, Entrypoint, RollupAddress, Tz4Address};
use inbox::v2::{Move, Name, Operation, TicketName, Transaction};
use pvm::{Durable, NativeHost};
use serde_json::{Value, json};
use toru::dev::{Account, FUNDS, demo_ticket};
use tx_kernel::view::View;

/// A sandbox that runs; killed at the end.
struct Sandbox {
    child: Child,
    endpoint: String,
}

impl Sandbox {
    fn start(folder: &Folder, options: &[&str]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_toru"))
            .args(["dev", "--block-time", "0", "--rpc", "127.0.0.1:0"])
            .args(["--commitment-period", "2", "--challenge-window", "3"])
            .args(options)
            .current_dir(&folder.0)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let served = |line: String| {
            let (_, rest) = line.split_once("http://")?;
            rest.split(' ').next().map(str::to_owned)
        };
        let endpoint = lines.map_while(Result::ok).find_map(served).unwrap();
        Self { child, endpoint }
    }

    fn get(&self, path: &str) -> Value {
        let answer = node::client::call(&self.endpoint, "GET", path, None).unwrap();
        assert_eq!(answer.status, 200, "{path}: {answer:?}");
        answer.body
    }

    fn post(&self, path: &str, body: &Value) -> (u16, Value) {
        let answer = node::client::call(&self.endpoint, "POST", path, Some(body)).unwrap();
        (answer.status, answer.body)
    }

    /// What an account has of the demo ticket, read through the interface.
    fn balance(&self, account: Tz4Address) -> u64 {
        let values = self.get("/global/block/head/durable/wasm_2_0_0/values?key=/toru/state");
        let mut durable = Durable::default();
        for value in values.as_array().unwrap() {
            let bytes = hex::decode(value["value"].as_str().unwrap()).unwrap();
            durable.set(value["key"].as_str().unwrap(), &bytes).unwrap();
        }
        let host = NativeHost::over(durable);
        let balances = View::new(&host).balances().unwrap();
        balances.iter().find(|one| one.account == account).map_or(0, |one| one.amount.get())
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The first account pays the second 30, and withdraws 5; in hex, without the tag.
fn batch(accounts: &[Account]) -> String {
    let ticket = TicketName::Full(demo_ticket());
    let pays = Move::Transfers {
        ticket: ticket.clone(),
        to: vec![(Name::Address(accounts[1].address), Amount::new(30))],
    };
    let withdraws = Move::Withdraw {
        ticket,
        to: demo_ticket().ticketer,
        entrypoint: Entrypoint::new(b"burn").unwrap(),
        amount: Amount::new(5),
    };
    let operation = Operation {
        signer: Name::Place(0),
        counter: Counter::FIRST,
        memo: None,
        moves: vec![pays, withdraws],
    };
    let secret = keys::read_secret(&accounts[0].text).unwrap();
    let batch = Builder::new()
        .registration(registration(secret.key()))
        .transaction(Transaction { expires: None, operations: vec![operation] })
        .build();
    let mut assembly = Assembly::new(batch, RollupAddress([0; 20]));
    assembly.batch_signature(0, sign(secret.key(), &assembly.claim()));
    hex::encode(&assembly.message().unwrap()[1..])
}

#[test]
fn a_deposit_a_batch_a_withdrawal_and_a_kill() {
    let folder = Folder::new("dev-story");
    let accounts = Account::all();
    let (alice, bob) = (accounts[0].address, accounts[1].address);
    let sandbox = Sandbox::start(&folder, &["--state", "s"]);
    let told = |sandbox: &Sandbox, args: &[&str]| {
        folder.played(&[&["dev"], args, &["--endpoint", &sandbox.endpoint]].concat())
    };
    assert_eq!(sandbox.balance(alice), FUNDS);
    told(&sandbox, &["deposit", &alice.to_string(), "7"]);
    assert_eq!(told(&sandbox, &["mine"]), "level 2\n");
    assert_eq!(sandbox.balance(alice), FUNDS + 7);

    let (status, ids) = sandbox.post("/local/batcher/injection", &json!([batch(&accounts)]));
    assert_eq!((status, ids.as_array().unwrap().len()), (200, 1));
    assert_eq!(told(&sandbox, &["mine", "1"]), "level 3\n");
    assert_eq!((sandbox.balance(alice), sandbox.balance(bob)), (FUNDS - 28, FUNDS + 30));
    let outbox = sandbox.get("/global/block/head/outbox/3/messages");
    let call = &outbox[0]["message"]["transactions"][0];
    assert_eq!(call["entrypoint"], "burn");
    assert_eq!(call["destination"], demo_ticket().ticketer.to_string());

    // Committed with 4, published in 5, cemented in 8.
    let execute = json!({"outbox_level": 3, "message_index": 0});
    assert_eq!(sandbox.post("/dev/execute", &execute).0, 409);
    told(&sandbox, &["snapshot", "here"]);
    drop(sandbox);

    let sandbox = Sandbox::start(&folder, &["--state", "s"]);
    assert_eq!((sandbox.balance(alice), sandbox.balance(bob)), (FUNDS - 28, FUNDS + 30));
    assert_eq!(told(&sandbox, &["mine", "5"]), "level 8\n");
    assert_eq!(sandbox.post("/dev/execute", &execute).0, 200);
    drop(sandbox);

    let sandbox = Sandbox::start(&folder, &["--state", "s"]);
    assert_eq!(sandbox.post("/dev/execute", &execute).0, 409);
    assert_eq!(told(&sandbox, &["revert", "here"]), "level 3\n");
    assert_eq!(sandbox.balance(bob), FUNDS + 30);
    assert_eq!(told(&sandbox, &["stop"]), "level 3\n");
}

#[test]
fn what_is_refused_is_one_line() {
    let folder = Folder::new("dev-refusals");
    let remote = folder.refused(&["dev", "--rpc", "0.0.0.0:0"]);
    assert!(remote.starts_with("error: 0.0.0.0:0 is not this machine alone"), "{remote}");
    for (args, expected) in [
        (["dev", "--commitment-period", "0"], "a commitment period of 0"),
        (["dev", "--block-time", "x"], "--block-time"),
        (["dev", "deposit", "tz4x"], "AMOUNT"),
        (["dev", "mine", "x"], "invalid"),
    ] {
        let text = folder.refused(&args);
        assert!(text.starts_with("error: ") && text.contains(expected), "{args:?}: {text}");
        assert!(text.lines().count() <= 2, "{text}");
    }
    let text = folder.refused(&["dev", "deposit", "KT18amZmM5W7qDWVt2pH6uj7sCEd3kbzLrHT", "1"]);
    assert!(text.starts_with("error: receiver: "), "{text}");
}
