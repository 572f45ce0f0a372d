//! The batcher and its node are killed again and again under load, at moments that nobody chose. Every transaction
//! that was accepted ends in exactly one way, the record says which, and the ledger says the same: applied once, or
//! not at all.
//!
//! `TORU_BATCHER_KILLS` says how often; 4 times unless it does. `TORU_BATCHER_SEED` chooses the moments.

mod common;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use batcher_api::{Record, Settled, SignedTransaction};
use common::Folder;
use common::batcher::{Batcher, is_over};
use common::http::call;
use common::payers::{Listener, Payer, submission};
use common::ports::free_address;
use common::sandbox::Sandbox;
use common::wait::PATIENCE;
use encoding::{Hash32, Level, Tz4Address, blake2b_256};
use serde_json::Value;
use toru::dev::FUNDS;

/// Accounts that pay. One of them never signs a batch.
const PAYERS: u32 = 6;
/// The longest time between two kills, in milliseconds.
const LONGEST_LIFE_MS: u64 = 1_511;
/// The longest time for which what was killed is away, in milliseconds.
const LONGEST_DEATH_MS: u64 = 409;
/// Between two payments of one account.
const PAUSE: Duration = Duration::from_millis(20);

fn number(name: &str, default: u64) -> u64 {
    std::env::var(name).map_or(default, |text| text.parse().unwrap())
}

/// Somebody whom nobody else pays.
fn receiver(payer: u32, payment: u64) -> Tz4Address {
    let digest = blake2b_256(&[b"batcher", &payer.to_be_bytes(), &payment.to_be_bytes()]).0;
    let mut hash = [0; 20];
    hash.copy_from_slice(&digest[..20]);
    Tz4Address(hash)
}

/// A payment, and what is known of it.
struct Payment {
    hash: Hash32,
    is_accepted: bool,
}

/// Pays until told to stop. What had no answer is sent again as it is, until it has one.
fn pay(endpoint: &str, number: u32, expires: Level, stop: &AtomicBool) -> BTreeMap<u64, Payment> {
    let payer = Payer::dev(number);
    let mut payments = BTreeMap::new();
    let (mut counter, mut payment) = (0, 0);
    while !stop.load(Ordering::SeqCst) {
        let transaction = payer.pays(counter, receiver(number, payment), 1, expires);
        let hash = transaction.hash();
        payments.insert(payment, Payment { hash, is_accepted: false });
        let Some(result) = submitted(endpoint, &transaction, stop) else { break };
        if result["error"].is_null() {
            let record: Record = serde_json::from_value(result["record"].clone()).unwrap();
            assert_eq!(record.hash, hash.to_string());
            payments.insert(payment, Payment { hash, is_accepted: true });
            counter += 1;
        } else if let Some(next) = next_counter(endpoint, &payer) {
            // Whatever came of an earlier one, the batcher knows which counter is next.
            counter = next;
        }
        payment += 1;
        thread::sleep(PAUSE);
    }
    payments
}

/// What is answered, however often it has to be asked; nothing once it is over.
fn submitted(endpoint: &str, one: &SignedTransaction, stop: &AtomicBool) -> Option<Value> {
    let body = submission(std::slice::from_ref(one));
    while !stop.load(Ordering::SeqCst) {
        match call(endpoint, "POST", "/v1/transactions", Some(&body)) {
            Ok(answer) if answer.status == 200 => return Some(answer.body["results"][0].clone()),
            // It has gone, or its node has.
            _ => thread::sleep(PAUSE),
        }
    }
    None
}

fn next_counter(endpoint: &str, payer: &Payer) -> Option<u64> {
    let answer = call(endpoint, "GET", &format!("/v1/accounts/{}", payer.address), None).ok()?;
    answer.body["pending"]["counter"].as_str()?.parse().ok()
}

/// Numbers in no order that means anything.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (self.0 >> 33) % bound
    }

    fn millis(&mut self, bound: u64) -> Duration {
        Duration::from_millis(self.below(bound))
    }
}

#[test]
fn what_was_accepted_ends_in_exactly_one_way_wherever_the_kills_fall() {
    let kills = number("TORU_BATCHER_KILLS", 4);
    let seed = number("TORU_BATCHER_SEED", u64::from(std::process::id()));
    let mut random = Random(seed);
    let folder = Folder::new("batcher-kills");
    let (rpc, listen) = (free_address(), free_address());
    let node = || {
        Sandbox::start(
            &folder,
            &["--state", "s", "--no-batcher", "--block-time", "1", "--rpc", &rpc],
        )
    };
    let options = ["--listen", &listen, "--deadline-ms", "300", "--max-wait-ms", "100"];
    let mut sandbox = Some(node());
    sandbox.as_ref().unwrap().mine(4);
    let mut batcher = Some(Batcher::start(&folder, &rpc, &options).with_indexes());
    let expires = batcher.as_ref().unwrap().expires();
    // The last one never signs a batch.
    let honest = (0..PAYERS - 1).map(Payer::dev).collect();
    let cosigners = Listener::honest(&listen, honest);
    let silent = Listener::start(&listen, &[Payer::dev(PAYERS - 1).address], |_, _| ());
    let begin = Instant::now();
    let stop = AtomicBool::new(false);
    let payments: Vec<BTreeMap<u64, Payment>> = thread::scope(|scope| {
        let (listen, stop) = (&listen, &stop);
        let payers: Vec<_> = (0..PAYERS)
            .map(|number| scope.spawn(move || pay(listen, number, expires, stop)))
            .collect();
        for _ in 0..kills {
            thread::sleep(random.millis(LONGEST_LIFE_MS));
            // The batcher, the node, or both.
            let which = random.below(3);
            if which != 1 {
                drop(batcher.take());
            }
            if which != 0 {
                // It would be asked whether it is solvent if it were dropped as it is.
                let killed = sandbox.as_mut().unwrap();
                killed.child.kill().unwrap();
                killed.child.wait().unwrap();
                sandbox = None;
            }
            thread::sleep(random.millis(LONGEST_DEATH_MS));
            if batcher.is_none() && random.below(2) == 0 {
                // It starts while there may be no node, and is killed while it starts.
                let mut child = Batcher::spawn(&folder, &rpc, &options);
                thread::sleep(random.millis(LONGEST_DEATH_MS));
                child.kill().unwrap();
                child.wait().unwrap();
            }
            sandbox = sandbox.take().or_else(|| Some(node()));
            batcher = batcher.take().or_else(|| Some(Batcher::start(&folder, &rpc, &options)));
        }
        thread::sleep(Duration::from_millis(LONGEST_LIFE_MS));
        stop.store(true, Ordering::SeqCst);
        payers.into_iter().map(|payer| payer.join().unwrap()).collect()
    });
    let (sandbox, batcher) = (sandbox.unwrap(), batcher.unwrap());
    let load = begin.elapsed().as_secs();
    let mut ends = BTreeMap::<String, u64>::new();
    let accepted: Vec<(u32, u64, Hash32)> = (0..)
        .zip(&payments)
        .flat_map(|(payer, all)| {
            let accepted = all.iter().filter(|(_, payment)| payment.is_accepted);
            accepted.map(move |(number, payment)| (payer, *number, payment.hash))
        })
        .collect();
    let rest = Instant::now();
    let mut records = BTreeMap::new();
    for (payer, number, hash) in &accepted {
        let record = loop {
            let record = batcher.record(*hash).expect("what was accepted is known");
            if is_over(&record) {
                break record;
            }
            assert!(rest.elapsed() < PATIENCE, "seed {seed}: it never ends: {record:?}");
            thread::sleep(PAUSE);
        };
        let end = match record.result {
            Some(Settled::Applied) => "applied",
            Some(Settled::Failed) => "failed",
            None => record.stage.word(),
        };
        *ends.entry(end.to_owned()).or_default() += 1;
        records.insert((*payer, *number), record);
    }
    drop((cosigners, silent));
    eprintln!(
        "seed {seed}: {kills} kills in {load} s, {} accepted: {ends:?}; all over {} s later",
        accepted.len(),
        rest.elapsed().as_secs(),
    );
    assert!(!accepted.is_empty());
    // Nobody failed: each had the funds, and nobody but the batcher ordered them.
    assert!(!ends.contains_key("failed") && !ends.contains_key("expired"), "seed {seed}: {ends:?}");
    check(&sandbox, &payments, &records, seed);
}

/// The ledger and the records say the same, payment by payment.
fn check(
    sandbox: &Sandbox,
    payments: &[BTreeMap<u64, Payment>],
    records: &BTreeMap<(u32, u64), Record>,
    seed: u64,
) {
    let balances = sandbox.balances();
    for (payer, all) in (0..).zip(payments) {
        let mut paid = 0;
        for number in all.keys() {
            let has = balances.get(&receiver(payer, *number)).copied().unwrap_or(0);
            paid += has;
            let told = records.get(&(payer, *number)).map(|record| record.result);
            match told {
                Some(Some(Settled::Applied)) => assert_eq!(has, 1, "seed {seed}: {payer} {number}"),
                Some(_) => assert_eq!(has, 0, "seed {seed}: {payer} {number}"),
                // It had no answer, or was refused: it may have been accepted all the same, once.
                None => assert!(has <= 1, "seed {seed}: {payer} {number}"),
            }
        }
        assert_eq!(balances[&Payer::dev(payer).address], FUNDS - paid, "seed {seed}: {payer}");
    }
}
