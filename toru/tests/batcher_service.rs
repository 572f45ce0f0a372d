//! A batcher as a process: it is killed, ended, started twice, left without its node; and the one beside a sandbox.

use std::fs;
use std::io::Read;
use std::path::Path;
use std::process::{Child, Command, ExitStatus};

use crate::common::Folder;
use crate::common::batcher::{
    Batcher, dev, mine_until, mine_until_applied, payment, record, submit,
};
use crate::common::events::Events;
use crate::common::http::call;
use crate::common::ports::free_address;
use crate::common::sandbox::Sandbox;
use crate::common::wait::{found, until};
use serde_json::{Value, json};

fn hash_of(transaction: &Value) -> String {
    transaction["hash"].as_str().unwrap().to_owned()
}

/// How a process ends by itself.
fn ended(child: &mut Child) -> ExitStatus {
    found("it ends", || child.try_wait().unwrap())
}

fn terminate(pid: u32) {
    assert!(Command::new("kill").arg(pid.to_string()).status().unwrap().success());
}

#[test]
fn what_was_accepted_is_there_after_it_was_killed() {
    let folder = Folder::new("batcher-kill");
    let sandbox = Sandbox::start(&folder, &["--no-batcher"]);
    let user = sandbox.user(&folder);
    let batcher = Batcher::start(&folder, &sandbox.endpoint, &[]);
    let all: Vec<Value> = (0..3).map(|counter| payment(&user, "dev0", "dev1", counter)).collect();
    let results = submit(&batcher.endpoint, &all);
    batcher.kill();
    let batcher = Batcher::start(&folder, &sandbox.endpoint, &[]);
    for (transaction, result) in all.iter().zip(&results) {
        let hash = hash_of(transaction);
        let now = record(&batcher.endpoint, &hash);
        assert_eq!(now["receipt"], result["record"]["receipt"]);
        assert_eq!(now["promised"], result["record"]["promised"]);
    }
    // The same once more is the same.
    let again = submit(&batcher.endpoint, &all);
    assert_eq!(again[0]["record"]["receipt"], results[0]["record"]["receipt"]);
    for transaction in &all {
        mine_until_applied(&sandbox, &batcher.endpoint, &hash_of(transaction));
    }
    let balance = user.done(&["balance", "dev1", "demo"]);
    assert_eq!(balance.trim(), "1000003");
}

#[test]
fn it_ends_in_order_and_is_alone_in_its_folder() {
    let folder = Folder::new("batcher-ends");
    let sandbox = Sandbox::start(&folder, &["--no-batcher"]);
    let mut batcher = Batcher::start(&folder, &sandbox.endpoint, &[]);
    let second = Batcher::command(&folder, &sandbox.endpoint, &[])
        .stderr(std::process::Stdio::piped())
        .output()
        .unwrap();
    assert_eq!(second.status.code(), Some(2), "{second:?}");
    let said = String::from_utf8(second.stderr).unwrap();
    assert!(said.contains("another batcher uses"), "{said}");
    // An open stream does not hold it up.
    let stream = Events::open(&batcher.endpoint, "/v1/events", "");
    terminate(batcher.child.id());
    assert!(ended(&mut batcher.child).success());
    drop(stream);
    // The folder is free again.
    Batcher::start(&folder, &sandbox.endpoint, &[]);
}

#[test]
fn without_its_node_it_says_so_and_goes_on_when_that_is_back() {
    let folder = Folder::new("batcher-node");
    let endpoint = free_address();
    let options = ["--no-batcher", "--state", "chain", "--rpc", &endpoint];
    let sandbox = Sandbox::start(&folder, &options);
    let batcher = Batcher::start(&folder, &endpoint, &[]);
    let user = sandbox.user(&folder);
    let paid = payment(&user, "dev0", "dev1", 0);
    let mut sandbox = sandbox;
    sandbox.child.kill().unwrap();
    sandbox.child.wait().unwrap();
    until("its node is away", || batcher.get("/health").body["node"] == "away");

    let sandbox = Sandbox::start(&folder, &options);
    until("its node is back", || batcher.get("/health").body["node"] == "up");
    let hash = hash_of(&paid);
    submit(&batcher.endpoint, &[paid]);
    mine_until_applied(&sandbox, &batcher.endpoint, &hash);
}

#[test]
fn one_beside_a_sandbox_is_there_unless_it_is_left_out() {
    let folder = Folder::new("batcher-dev");
    let sandbox = Sandbox::start(&folder, &["--no-batcher"]);
    assert_eq!(call(&sandbox.endpoint, "GET", "/v1/quote", None).unwrap().status, 404);
    drop(sandbox);
    assert!(!folder.0.join("chain.batcher").exists());

    let sandbox = Sandbox::start(&folder, &["--state", "chain"]);
    let user = sandbox.user(&folder);
    until("it is well", || {
        call(&sandbox.endpoint, "GET", "/v1/health", None).unwrap().status == 200
    });
    let paid = payment(&user, "dev0", "dev1", 0);
    let hash = hash_of(&paid);
    let results = submit(&sandbox.endpoint, &[paid]);
    assert!(results[0]["error"].is_null(), "{results:?}");
    drop(sandbox);
    assert!(folder.0.join("chain.batcher").is_dir());
    let sandbox = Sandbox::start(&folder, &["--state", "chain"]);
    assert_eq!(record(&sandbox.endpoint, &hash)["receipt"], results[0]["record"]["receipt"]);
    mine_until_applied(&sandbox, &sandbox.endpoint, &hash);
    drop(sandbox);

    // A sandbox that begins anew knows nothing of one before it, though it has the same address.
    for file in ["chain", "chain.layer1", "chain.queue"] {
        fs::remove_file(folder.0.join(file)).unwrap();
    }
    let sandbox = Sandbox::start(&folder, &["--state", "chain"]);
    let path = format!("/v1/transactions/{hash}");
    assert_eq!(call(&sandbox.endpoint, "GET", &path, None).unwrap().status, 404);
}

#[test]
fn a_sandbox_that_goes_back_takes_its_batcher_with_it() {
    let folder = Folder::new("batcher-revert");
    let sandbox = Sandbox::start(&folder, &[]);
    let user = sandbox.user(&folder);
    user.done(&["dev", "snapshot", "before"]);
    let is_well = || call(&sandbox.endpoint, "GET", "/v1/health", None).unwrap().status == 200;
    until("it has heard of its node", is_well);
    let pay = |counter| {
        let paid = payment(&user, "dev0", "dev1", counter);
        let hash = hash_of(&paid);
        let results = submit(&sandbox.endpoint, &[paid]);
        assert!(results[0]["error"].is_null(), "{results:?}");
        mine_until_applied(&sandbox, &sandbox.endpoint, &hash);
        hash
    };
    let first = pay(0);
    // Beyond what layer 1 may take back.
    sandbox.mine(10);
    let is_final = || {
        ["final", "cemented"].map(Value::from).contains(&record(&sandbox.endpoint, &first)["stage"])
    };
    until("it is final", is_final);
    user.done(&["dev", "revert", "before"]);
    // It knows where the account is by then, and goes on from there.
    until("it follows", || {
        let path = format!("/v1/accounts/{}", dev(0));
        let answer = call(&sandbox.endpoint, "GET", &path, None).unwrap();
        answer.status == 200 && answer.body["head"]["level"] == 1
    });
    until("the first one waits again", || record(&sandbox.endpoint, &first)["result"].is_null());
    // It is applied once more.
    mine_until(&sandbox, &sandbox.endpoint, &first, || {
        let path = format!("/v1/accounts/{}", dev(0));
        let answer = call(&sandbox.endpoint, "GET", &path, None).unwrap();
        answer.body["head"]["counter"] == "1"
    });
    pay(1);
}

#[test]
fn nothing_is_left_of_a_sandbox_that_keeps_nothing() {
    let folder = Folder::new("batcher-scratch");
    let scratch = folder.0.join("scratch");
    fs::create_dir(&scratch).unwrap();
    let mut child = Command::new(env!("CARGO_BIN_EXE_toru"))
        .args(["dev", "--rpc", "127.0.0.1:0", "--block-time", "0", "--json"])
        .env("TMPDIR", &scratch)
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let mut said = Vec::new();
    let mut out = child.stdout.take().unwrap();
    let mut byte = [0];
    while !said.ends_with(b"\n") && out.read(&mut byte).unwrap() == 1 {
        said.push(byte[0]);
    }
    let banner: Value = serde_json::from_slice(&said).unwrap();
    assert_eq!(banner["batcher"], banner["endpoint"]);
    let endpoint = banner["endpoint"].as_str().unwrap();
    until("it is well", || call(endpoint, "GET", "/v1/health", None).unwrap().status == 200);
    let is_empty = |path: &Path| fs::read_dir(path).unwrap().next().is_none();
    // However it ends.
    assert!(is_empty(&scratch));
    assert_eq!(call(endpoint, "POST", "/dev/stop", Some(&json!(null))).unwrap().status, 200);
    assert!(ended(&mut child).success());
    assert!(is_empty(&scratch));
}
