//! `toru dev`: the story of a deposit, a batch and a withdrawal, in a process of its own that is
//! killed in between.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;

use crate::common::Folder;
use crate::common::sandbox::Sandbox;
use client::{Assembly, Builder, registration, sign};
use encoding::{Amount, Counter, Entrypoint, Layer1Address, RollupAddress, Source};
use inbox::v2::{Action, Name, Operation, TicketName, Transaction};
use serde_json::json;
use toru::dev::{Account, FUNDS, demo_ticket};

/// The first account pays the second 30, and withdraws 5; in hex, without the tag.
pub fn batch(accounts: &[Account]) -> String {
    let ticket = TicketName::Full(demo_ticket());
    let pays = Action::Transfers {
        ticket: ticket.clone(),
        to: vec![(Name::Address(accounts[1].address), Amount::new(30))],
    };
    let receiver = Source { curve: 0, hash: [7; 20] };
    let withdraws = Action::Withdraw {
        receiver: Some(Layer1Address::Implicit(receiver)),
        ticket,
        to: demo_ticket().ticketer,
        entrypoint: Entrypoint::new(b"burn").unwrap(),
        amount: Amount::new(5),
    };
    let operation = Operation {
        signer: Name::Registration(0),
        counter: Counter::FIRST,
        memo: None,
        actions: vec![pays, withdraws],
    };
    let secret = keys::read_secret(&accounts[0].text).unwrap();
    let batch = Builder::new()
        .registration(registration(secret.key()))
        .transaction(Transaction { expires: None, operations: vec![operation] })
        .build();
    let mut assembly = Assembly::new(batch, RollupAddress([0; 20]));
    assembly.batch_signature(0, sign(secret.key(), &assembly.signing_payload()));
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
    told(&sandbox, &["deposit", &alice.to_string(), "4"]);
    told(&sandbox, &["deposit", "dev0", "3"]);
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
fn warps_end_at_the_level_that_was_named_and_others_are_served_meanwhile() {
    let folder = Folder::new("dev-warp");
    let sandbox = Sandbox::start(&folder, &["--state", "s"]);
    let at = ["--endpoint", &sandbox.endpoint];
    let warp = |to: &str| folder.played(&[&["dev", "warp", to], &at[..]].concat());
    assert_eq!(warp("+3"), "level 4\n");
    assert_eq!(warp("4"), "level 4\n");
    let text = folder.refused(&[&["dev", "warp", "3"], &at[..]].concat());
    assert!(text.starts_with("error: the head is level 4 already\nhint: "), "{text}");
    let alice = Account::all()[0].address;
    let mut seen = Vec::new();
    thread::scope(|scope| {
        let warped = scope.spawn(|| warp("5000"));
        while !warped.is_finished() {
            seen.push(sandbox.get("/global/tezos_level").as_i64().unwrap());
        }
        assert_eq!(warped.join().unwrap(), "level 5000\n");
    });
    seen.retain(|level| (5..5_000).contains(level));
    assert!(!seen.is_empty());
    assert_eq!(sandbox.balance(alice), FUNDS);
    // All of it is kept.
    drop(sandbox);
    let sandbox = Sandbox::start(&folder, &["--state", "s"]);
    assert_eq!(sandbox.get("/global/tezos_level"), 5_000);
    assert_eq!(sandbox.get("/global/block/4321/num_messages"), "3");
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
        (["dev", "warp", "+x"], "a level, or +N"),
        (["dev", "--cors-origin", "http://a.example/"], "is not an origin"),
        (["dev", "--cors-header", "no header"], "is not the name of an HTTP header"),
    ] {
        let text = folder.refused(&args);
        assert!(text.starts_with("error: ") && text.contains(expected), "{args:?}: {text}");
        assert!(text.lines().count() <= 2, "{text}");
    }
    let text = folder.refused(&["dev", "deposit", "KT18amZmM5W7qDWVt2pH6uj7sCEd3kbzLrHT", "1"]);
    assert!(text.starts_with("error: receiver: "), "{text}");
}

#[test]
fn pages_of_an_origin_are_let_in_where_they_are_allowed() {
    let folder = Folder::new("dev-cors");
    let options = ["--cors-origin", "http://a.example", "--cors-origin", "http://b.example"];
    let sandbox = Sandbox::start(&folder, &[&options[..], &["--cors-header", "x-test"]].concat());
    let asked = |origin: &str| {
        let mut stream = TcpStream::connect(&sandbox.endpoint).unwrap();
        let head = format!("GET /ping HTTP/1.1\r\nHost: localhost\r\nOrigin: {origin}\r\n\r\n");
        stream.write_all(head.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    };
    for origin in ["http://a.example", "http://b.example"] {
        let allowed = format!("Access-Control-Allow-Origin: {origin}\r\n");
        assert!(asked(origin).contains(&allowed), "{}", asked(origin));
    }
    assert!(asked("http://c.example").starts_with("HTTP/1.1 403 "));
    assert_eq!(sandbox.get("/config")["cors"]["allowed_headers"], json!(["x-test"]));
}

#[test]
fn what_is_no_sandbox_is_told_from_one_that_says_no() {
    let folder = Folder::new("dev-strangers");
    let page = "<html>no</html>";
    let answers = [
        format!(
            "HTTP/1.1 501 No\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{page}",
            page.len()
        ),
        format!(
            "HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{page}",
            page.len()
        ),
        "HTTP/1.1 200 OK\r\nContent-Length: 15\r\nConnection: close\r\n\r\n{\"le".to_owned(),
        "SSH-2.0\r\n".to_owned(),
    ];
    for (answer, expected) in answers.iter().zip([
        " refuses /dev/mine: without a word (HTTP 501)",
        "/dev/mine: not an answer of a rollup node: expected value at line 1 column 1",
        "no answer from http://",
        "no answer from http://",
    ]) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let endpoint = listener.local_addr().unwrap().to_string();
        let text = thread::scope(|scope| {
            scope.spawn(|| {
                let mut stream = listener.accept().unwrap().0;
                let _ = stream.read(&mut [0; 4096]);
                let _ = stream.write_all(answer.as_bytes());
            });
            folder.refused_with(4, &["dev", "mine", "--endpoint", &endpoint])
        });
        let first = text.lines().next().unwrap();
        assert!(first.starts_with("error: ") && first.contains(expected), "{answer}: {text}");
        assert!(text.contains("\nhint: toru dev starts a sandbox; "), "{text}");
    }
    let sandbox = Sandbox::start(&folder, &[]);
    let text = folder.refused_with(3, &["dev", "revert", "77", "--endpoint", &sandbox.endpoint]);
    assert!(text.starts_with("error: ") && !text.contains("hint: toru dev starts"), "{text}");
}
