//! `toru dev --state` is killed again and again under load. Every message that was accepted is in the
//! inbox of exactly one level: each deposit is credited once, whether it is a bare call of the rollup or an
//! operation that takes tez for it, and each transfer is applied once. What layer 1 has is what was taken.
//!
//! `TORU_KILLS` says how often; 4 times unless it does.

mod common;

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use client::{Assembly, Builder, registration, sign};
use common::Folder;
use common::http::call;
use common::sandbox::Sandbox;
use encoding::{Amount, Counter, RollupAddress, Tz4Address, blake2b_256};
use inbox::v2::{Action, Name, Operation, TicketName, Transaction};
use serde_json::{Value, json};
use toru::dev::{Account, BOOTSTRAP, BOOTSTRAP_TEZ, DevContract, FUNDS, demo_ticket};

/// Threads that deposit.
const DEPOSITORS: u32 = 6;
/// In milliseconds.
const LONGEST_LIFE_MS: u64 = 1_009;
/// Between two transfers: a signature takes the kernel a while, and most kills would fall into that.
const PAUSE: Duration = Duration::from_millis(250);
/// Of the messages accepted last, how many are asked for in the end. The sandbox knows 20,000.
const KNOWN: usize = 15_000;

/// Somebody whom nobody else pays.
fn receiver(kind: &str, number: u64) -> Tz4Address {
    let digest = blake2b_256(&[kind.as_bytes(), &number.to_be_bytes()]).0;
    let mut hash = [0; 20];
    hash.copy_from_slice(&digest[..20]);
    Tz4Address(hash)
}

fn deposit(number: u64) -> Value {
    let ticket = demo_ticket();
    let receiver = receiver("deposit", number).to_string();
    let payload = inbox::deposit::encode(&receiver, &ticket, &1u32.into());
    json!({
        "payload": hex::encode(payload),
        "sender": ticket.ticketer.to_string(),
        "source": "tz1Ke2h7sDdakHJQh8WX4Z372du1KChsksyU",
    })
}

/// A mutez that somebody deposits.
fn operation(number: u64) -> Value {
    let receiver = receiver("operation", number).to_string();
    let text = |text: String| json!({"string": text});
    let rollup = "sr163Lv22CdE8QagCwf48PWDTquk6isQwv57".to_owned();
    let ticketer = DevContract::XtzTicketer.address().to_string();
    let value = json!({"prim": "Pair", "args": [text(ticketer), text(rollup), text(receiver)]});
    json!({"contents": [{
        "kind": "transaction",
        "source": BOOTSTRAP[0],
        "destination": DevContract::Helper.address().to_string(),
        "amount": "1",
        "parameters": {"entrypoint": "deposit_xtz", "value": value},
    }]})
}

/// A payment of 1 by an account, with its counter; the first one brings its key.
fn transfer(payer: &Account, counter: u64) -> Value {
    let secret = keys::read_secret(&payer.text).unwrap();
    let pays = Action::Transfers {
        ticket: TicketName::Full(demo_ticket()),
        to: vec![(Name::Address(receiver("transfer", counter)), Amount::new(1))],
    };
    let (builder, signer) = match counter {
        0 => (Builder::new().registration(registration(secret.key())), Name::Registration(0)),
        _ => (Builder::new(), Name::Address(payer.address)),
    };
    let operation =
        Operation { signer, counter: Counter::new(counter), memo: None, actions: vec![pays] };
    let batch =
        builder.transaction(Transaction { expires: None, operations: vec![operation] }).build();
    let mut assembly = Assembly::new(batch, RollupAddress([0; 20]));
    assembly.batch_signature(0, sign(secret.key(), &assembly.signing_payload()));
    json!([hex::encode(&assembly.message().unwrap()[1..])])
}

/// What a thread has seen. What had no answer may have been accepted or not.
#[derive(Default)]
struct Seen {
    accepted: Vec<(u64, String)>,
    unanswered: Vec<u64>,
}

impl Seen {
    fn add(&mut self, other: Seen) {
        self.accepted.extend(other.accepted);
        self.unanswered.extend(other.unanswered);
    }
}

/// Sends until told to stop, or until nobody answers.
fn send(
    endpoint: &str,
    path: &str,
    stop: &AtomicBool,
    mut next: impl FnMut() -> (u64, Value),
    id: impl Fn(&Value) -> &Value,
) -> Seen {
    let mut seen = Seen::default();
    while !stop.load(Ordering::SeqCst) {
        let (number, body) = next();
        match call(endpoint, "POST", path, Some(&body)) {
            Ok(answer) => {
                assert_eq!(answer.status, 200, "{answer:?}");
                seen.accepted.push((number, id(&answer.body).as_str().unwrap().to_owned()));
            }
            Err(_) => {
                seen.unanswered.push(number);
                break;
            }
        }
    }
    seen
}

/// All that was seen in all lives.
#[derive(Default)]
struct Totals {
    deposits: Seen,
    operations: Seen,
    transfers: Seen,
    /// The counter of the next transfer.
    counter: u64,
    /// The ids of all that was accepted, life by life.
    ids: Vec<String>,
}

/// A life of the sandbox, under load, to its end by SIGKILL.
fn live(
    mut sandbox: Sandbox,
    life: Duration,
    numbers: &AtomicU64,
    payer: &Account,
    all: &mut Totals,
) {
    let endpoint = sandbox.endpoint.clone();
    let (stop, endpoint) = (&AtomicBool::new(false), endpoint.as_str());
    let counter = &mut all.counter;
    let (deposits, operations, transfers) = thread::scope(|scope| {
        let depositor = || {
            let next = || {
                let number = numbers.fetch_add(1, Ordering::SeqCst);
                (number, deposit(number))
            };
            send(endpoint, "/dev/deposit", stop, next, |body| &body["id"])
        };
        let depositors: Vec<_> = (0..DEPOSITORS).map(|_| scope.spawn(depositor)).collect();
        let operator = scope.spawn(|| {
            let next = || {
                let number = numbers.fetch_add(1, Ordering::SeqCst);
                (number, operation(number))
            };
            send(endpoint, "/dev/operation", stop, next, |body| &body["messages"][0])
        });
        let payer = scope.spawn(move || {
            let next = || {
                thread::sleep(PAUSE);
                *counter += 1;
                (*counter - 1, transfer(payer, *counter - 1))
            };
            send(endpoint, "/local/batcher/injection", stop, next, |body| &body[0])
        });
        let miner = scope.spawn(move || {
            let mine = || call(endpoint, "POST", "/dev/mine", Some(&json!({"levels": 1})));
            while !stop.load(Ordering::SeqCst) && mine().is_ok() {}
        });
        thread::sleep(life);
        sandbox.child.kill().unwrap();
        sandbox.child.wait().unwrap();
        stop.store(true, Ordering::SeqCst);
        miner.join().unwrap();
        let deposits: Vec<Seen> = depositors.into_iter().map(|one| one.join().unwrap()).collect();
        (deposits, operator.join().unwrap(), payer.join().unwrap())
    });
    for seen in deposits.iter().chain([&operations, &transfers]) {
        all.ids.extend(seen.accepted.iter().map(|(_, id)| id.clone()));
    }
    for seen in deposits {
        all.deposits.add(seen);
    }
    all.operations.add(operations);
    // One that had no answer is sent again: it has the same counter, so that one of them is applied.
    if let Some(unanswered) = transfers.unanswered.last() {
        all.counter = *unanswered;
    }
    all.transfers.add(transfers);
}

#[test]
fn what_was_accepted_is_in_one_level_wherever_the_kills_fall() {
    let kills = std::env::var("TORU_KILLS").map_or(4, |kills| kills.parse().unwrap());
    let folder = Folder::new("dev-kills");
    let payer = Account::new(0).unwrap();
    let numbers = AtomicU64::new(0);
    let mut all = Totals::default();
    let begin = Instant::now();
    for kill in 0..kills {
        // All lengths, in no order that means anything; where a kill falls is up to the system as well.
        let life = Duration::from_millis(kill * 277 % LONGEST_LIFE_MS);
        // Levels are baked on demand, and in every third life by time as well.
        let block_time = if kill % 3 == 2 { "1" } else { "0" };
        let options = ["--state", "s", "--block-time", block_time];
        if kill % 5 == 4 {
            // It is killed while it starts.
            Sandbox::start_and_kill(&folder, &options, life / 2);
        }
        let sandbox = Sandbox::start(&folder, &options);
        if kill % 5 > 0 {
            // The first level of a life takes long, as the kernel is compiled, and most kills would
            // fall into it.
            sandbox.post("/dev/mine", &json!({"levels": 1}));
        }
        live(sandbox, life, &numbers, &payer, &mut all);
    }
    let sandbox = Sandbox::start(&folder, &["--state", "s"]);
    while sandbox.get("/local/batcher/queue") != json!([]) {
        sandbox.post("/dev/mine", &json!({"levels": 1}));
    }
    // What comes from layer 1 is not listed.
    sandbox.post("/dev/mine", &json!({"levels": 10}));
    let head = sandbox.get("/global/tezos_level").as_i64().unwrap();
    eprintln!(
        "{kills} kills in {} s: {head} levels, {} deposits, {} operations and {} transfers accepted, {}, {} \
         and {} without an answer",
        begin.elapsed().as_secs(),
        all.deposits.accepted.len(),
        all.operations.accepted.len(),
        all.transfers.accepted.len(),
        all.deposits.unanswered.len(),
        all.operations.unanswered.len(),
        all.transfers.unanswered.len(),
    );
    check(&sandbox, &payer, &all, head);
}

fn check(sandbox: &Sandbox, payer: &Account, all: &Totals, head: i64) {
    let balances = sandbox.balances();
    let of = |kind, number| balances.get(&receiver(kind, number)).copied().unwrap_or(0);
    for (number, _) in &all.deposits.accepted {
        assert_eq!(of("deposit", *number), 1, "deposit {number}");
    }
    for (number, _) in &all.operations.accepted {
        assert_eq!(of("operation", *number), 1, "operation {number}");
    }
    let done: Vec<u64> =
        all.operations.unanswered.iter().map(|number| of("operation", *number)).collect();
    let mut late: Vec<u64> =
        all.deposits.unanswered.iter().map(|number| of("deposit", *number)).collect();
    // What was taken on layer 1 is what was credited.
    let taken = u64::try_from(all.operations.accepted.len()).unwrap() + done.iter().sum::<u64>();
    let path = format!("/chains/main/blocks/head/context/contracts/{}/balance", BOOTSTRAP[0]);
    let left = sandbox.get(&path).as_str().unwrap().parse::<u64>().unwrap();
    assert_eq!(left, BOOTSTRAP_TEZ * 1_000_000 - taken);
    sandbox.assert_solvent();
    late.extend(done);
    assert!(late.iter().all(|amount| *amount <= 1), "{late:?}");
    for (counter, _) in &all.transfers.accepted {
        assert_eq!(of("transfer", *counter), 1, "transfer {counter}");
    }
    let paid = (0..=all.counter).map(|counter| of("transfer", counter)).sum::<u64>();
    assert_eq!(balances[&payer.address], FUNDS - paid);
    // Each message has its place in one inbox: the fates of the last ones, and the count of all.
    for id in all.ids.iter().rev().take(KNOWN) {
        let fate = sandbox.get(&format!("/local/batcher/queue/{id}"));
        let status = fate["status"].as_str().unwrap();
        assert!(["included", "committed"].contains(&status), "{fate}");
    }
    let in_level = |level: i64| {
        let count = sandbox.get(&format!("/global/block/{level}/num_messages"));
        count.as_str().unwrap().parse::<u64>().unwrap() - 3
    };
    // The first level has the deposits that every sandbox begins with.
    let found: u64 = (2..=head).map(in_level).sum();
    let accepted = all.deposits.accepted.len()
        + all.operations.accepted.len()
        + all.transfers.accepted.len();
    let accepted = u64::try_from(accepted).unwrap() + late.iter().sum::<u64>();
    let unknown = u64::try_from(all.transfers.unanswered.len()).unwrap();
    assert!((accepted..=accepted + unknown).contains(&found), "{accepted} {unknown} {found}");
    assert!(accepted > 0);
}
