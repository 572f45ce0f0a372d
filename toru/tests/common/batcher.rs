//! A batcher in a process of its own, and what is asked of it.
#![allow(dead_code, reason = "each test binary uses some of it")]

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use batcher_api::{Record, SignedTransaction, Stage};
use bls::Signature;
use encoding::{Hash32, Level, Tz4Address};
use serde_json::{Value, json};
use toru::dev::Account;

use super::Folder;
use super::http::{Answer, call};
use super::payers::{co_signatures, submission};
use super::sandbox::Sandbox;
use super::user::User;
use super::wait::{found, until};

/// Levels: how much longer than usual payments are valid.
const FAR_LEVELS: i32 = 6_000;
/// Milliseconds: rounds that are long enough for a client that signs on a busy machine. A round in which all have
/// signed ends sooner.
pub const LONG_ROUND: &str = "20000";

/// A batcher that runs; killed at the end.
pub struct Batcher {
    pub child: Child,
    pub endpoint: String,
}

impl Batcher {
    /// Starts one over a node, with its data in the folder `batcher`, and waits until it is well.
    pub fn start(folder: &Folder, node: &str, options: &[&str]) -> Self {
        let batcher = Self::start_alone(folder, node, options);
        until("the batcher is well", || batcher.get("/health").status == 200);
        batcher
    }

    /// Starts one whose node may be away, and waits until it serves.
    pub fn start_alone(folder: &Folder, node: &str, options: &[&str]) -> Self {
        let mut child = Self::spawn(folder, node, options);
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let served = |line: String| {
            let (_, rest) = line.split_once("http://")?;
            rest.split([' ', '/']).next().map(str::to_owned)
        };
        let endpoint = lines.map_while(Result::ok).find_map(served).unwrap();
        Self { child, endpoint }
    }

    /// It, once the indexes of those that a sandbox begins with are final.
    pub fn with_indexes(self) -> Self {
        let account = format!("/v1/accounts/{}", dev(0));
        until("the indexes are final", || self.get(&account).body["index"].is_number());
        self
    }

    /// Starts one that need not serve.
    pub fn spawn(folder: &Folder, node: &str, options: &[&str]) -> Child {
        Self::command(folder, node, options).spawn().unwrap()
    }

    pub fn command(folder: &Folder, node: &str, options: &[&str]) -> Command {
        let anywhere: &[&str] =
            if options.contains(&"--listen") { &[] } else { &["--listen", "127.0.0.1:0"] };
        let mut command = Command::new(env!("CARGO_BIN_EXE_toru"));
        command
            .args(["batcher", "--data", "batcher", "--endpoint", node])
            .args(anywhere)
            .args(options)
            .current_dir(&folder.0)
            .env("XDG_DATA_HOME", folder.0.join("data"))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        command
    }

    pub fn get(&self, path: &str) -> Answer {
        call(&self.endpoint, "GET", path, None).unwrap()
    }

    pub fn post(&self, path: &str, body: &Value) -> Answer {
        call(&self.endpoint, "POST", path, Some(body)).unwrap()
    }

    /// Submits transactions; what is answered to each.
    pub fn submit(&self, transactions: &[SignedTransaction]) -> Vec<Value> {
        results(&self.endpoint, &submission(transactions))
    }

    /// Submits one that is accepted.
    pub fn accepted(&self, transaction: &SignedTransaction) -> Record {
        let results = self.submit(std::slice::from_ref(transaction));
        let record = serde_json::from_value(results[0]["record"].clone());
        record.unwrap_or_else(|error| panic!("{error}: {}", results[0]))
    }

    /// Submits one that is refused, with this code.
    pub fn refused(&self, transaction: &SignedTransaction, code: &str) -> Value {
        let results = self.submit(std::slice::from_ref(transaction));
        assert_eq!(results[0]["error"]["code"], code, "{}", results[0]);
        results[0]["error"].clone()
    }

    pub fn record(&self, hash: Hash32) -> Option<Record> {
        let answer = self.get(&format!("/v1/transactions/{hash}"));
        (answer.status == 200).then(|| serde_json::from_value(answer.body).unwrap())
    }

    /// The record once it is so.
    pub fn record_once(&self, hash: Hash32, is: impl Fn(&Record) -> bool) -> Record {
        let look = || self.record(hash).filter(|record| is(record));
        found(&format!("the record of {hash}"), look)
    }

    /// The record once it is over.
    pub fn ended(&self, hash: Hash32) -> Record {
        self.record_once(hash, is_over)
    }

    /// The last level to sign with. It is so far ahead that nothing expires in a test, however slow the machine is.
    pub fn expires(&self) -> Level {
        let quote = self.get("/v1/quote");
        assert_eq!(quote.status, 200, "{quote:?}");
        Level(i32::try_from(quote.body["expires"].as_i64().unwrap()).unwrap() + FAR_LEVELS)
    }

    pub fn sign_offer(&self, batch: Hash32, signatures: &[(Tz4Address, Signature)]) -> Answer {
        self.post(&format!("/v1/batches/{batch}/signatures"), &co_signatures(signatures))
    }

    /// Kills it: nothing can be put in order before.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Batcher {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Whether nothing more will become of it, but for commitments.
pub fn is_over(record: &Record) -> bool {
    record.result.is_some() || [Stage::Dropped, Stage::Expired].contains(&record.stage)
}

/// What a batcher tells of a transaction.
pub fn record(endpoint: &str, hash: &str) -> Value {
    let answer = call(endpoint, "GET", &format!("/v1/transactions/{hash}"), None).unwrap();
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.body
}

/// Makes a level whenever the node has a message that waits for one, until a transaction is applied. However slow the
/// batcher is, nothing expires: there are no levels while it works.
pub fn mine_until_applied(sandbox: &Sandbox, endpoint: &str, hash: &str) {
    mine_until(sandbox, endpoint, hash, || record(endpoint, hash)["result"] == "applied");
}

/// The same until something holds.
pub fn mine_until(sandbox: &Sandbox, endpoint: &str, hash: &str, holds: impl Fn() -> bool) {
    until("it is applied", || {
        let is_so = holds();
        if !is_so && record(endpoint, hash)["stage"] == "sent" {
            mine_heard(sandbox, endpoint);
        }
        is_so
    });
}

/// Makes a level, and waits until the batcher has heard of it.
pub fn mine_heard(sandbox: &Sandbox, endpoint: &str) {
    sandbox.mine(1);
    let level = sandbox.get("/global/tezos_level").as_i64();
    let account = format!("/v1/accounts/{}", dev(0));
    until("it hears of the level", || {
        let answer = call(endpoint, "GET", &account, None).unwrap();
        answer.status == 200 && answer.body["head"]["level"].as_i64() >= level
    });
}

/// A payment of the demo ticket that its payer has signed with the wallet, as it is submitted.
pub fn payment(user: &User<'_>, from: &str, to: &str, counter: u64) -> Value {
    let file = format!("{from}-{to}-{counter}.json");
    let _ = std::fs::remove_file(user.folder.0.join(&file));
    let counter = counter.to_string();
    let craft = ["tx", "craft", "1", "demo", from, to, "--out", &file, "--counter", &counter];
    user.done(&[&craft[..], &["--valid-for", "240"]].concat());
    user.done(&["tx", "sign", &file, "--key", from, "--yes"]);
    let text = std::fs::read_to_string(user.folder.0.join(&file)).unwrap();
    serde_json::from_str(&text).unwrap()
}

/// Submits some of them: what became of each.
pub fn submit(endpoint: &str, transactions: &[Value]) -> Vec<Value> {
    results(endpoint, &json!({"transactions": transactions}))
}

fn results(endpoint: &str, body: &Value) -> Vec<Value> {
    let answer = call(endpoint, "POST", "/v1/transactions", Some(body)).unwrap();
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.body["results"].as_array().unwrap().clone()
}

/// The account of the sandbox of that number.
pub fn dev(number: u32) -> String {
    Account::new(number).unwrap().address.to_string()
}
