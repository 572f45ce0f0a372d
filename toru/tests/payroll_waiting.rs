//! Who sends a payroll and waits for it is told what became of it: that another transaction took its place, that the
//! node is away or has lost a message, and what was sent when the waiting ends.

use std::fs;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use crate::common::Folder;
use crate::common::liar::{Liar, Mood};
use crate::common::payroll::{
    RESUME, ROWS, SEND, all_are_paid, file, json_of, payload, queue_length, receiver, said, start,
    with,
};
use crate::common::ports::free_address;
use crate::common::sandbox::Sandbox;
use crate::common::signals::interrupt;
use crate::common::user::User;
use crate::common::wait::until;
use client::{Assembly, Builder, registration};
use encoding::RollupAddress;
use serde_json::{Value, json};
use toru::dev::Account;

/// Seconds that a command waits for what comes at once on a machine that is fast.
const TIMEOUT: &str = "300";
/// How often who waits asks for the same, at least. Nothing else asks so often.
const ASKED: usize = 8;

/// Returns once a command waits, and asks the node again and again.
fn waits(node: &Liar) {
    node.forget_asked();
    until("it waits", || node.most_asked() >= ASKED);
}

/// A message that registers `dev0`, as the batcher takes it.
fn register() -> String {
    let secret = keys::read_secret(&Account::new(0).unwrap().text).unwrap();
    let batch = Builder::new().registration(registration(secret.key())).build();
    let message = Assembly::new(batch, RollupAddress([0; 20])).message().unwrap();
    hex::encode(&message[1..])
}

/// Starts a command of a user.
fn spawn(user: &User<'_>, args: &[&str]) -> Child {
    let path = |name: &str| user.folder.0.join(name);
    Command::new(env!("CARGO_BIN_EXE_toru"))
        .args(args)
        .current_dir(&user.folder.0)
        .env("TORU_ENDPOINT", &user.endpoint)
        .env("TORU_KEYS", path("keys"))
        .env("TORU_WITHDRAWALS", "w")
        .env("XDG_DATA_HOME", path("data"))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

#[test]
fn what_another_transaction_took_the_place_of_is_told_at_once_and_paid_by_going_on() {
    let (folder, sandbox) = start("payroll-stale");
    let user = sandbox.user(&folder);
    let wait = with(&SEND, &["--wait", "--timeout", TIMEOUT]);
    let (told, error) = thread::scope(|scope| {
        let waiting = scope.spawn(|| json_of(&user, 3, &wait));
        until("two messages wait", || queue_length(&sandbox) >= 2);
        // It comes first in the level, with the counter of the first message.
        let (status, _) = sandbox.post("/local/batcher/injection?order=0", &json!([payload(0)]));
        assert_eq!(status, 200);
        sandbox.mine(1);
        waiting.join().unwrap()
    });
    let results: Vec<&str> = told["results"]
        .as_array()
        .unwrap()
        .iter()
        .map(|result| result["result"].as_str().unwrap())
        .collect();
    assert_eq!(results[0], "refused whole");
    assert!(results.len() > 1 && results[1..].iter().all(|result| *result == "applied"));
    let rows = told["rows"].as_array().unwrap();
    let unpaid: Vec<&Value> = rows.iter().filter(|row| row["paid"] == false).collect();
    assert!((1..400).contains(&unpaid.len()), "{}", unpaid.len());
    assert_eq!((&unpaid[0]["line"], &unpaid[0]["amount"]), (&json!(2), &json!("1")));
    assert_eq!(unpaid[0]["to"], receiver(1).to_string());
    assert_eq!(unpaid[0]["hash"], told["hashes"][0]);
    assert!(error.contains("another transaction of the account took its place"), "{error}");
    assert!(error.contains("--resume pays those that were not paid"), "{error}");

    // In words, every row that was not paid stands on a line with its own.
    let plan = user.done(&with(&RESUME, &["--dry-run", "--verbose"]));
    let first = plan.lines().find(|line| line.starts_with("line 2: ")).unwrap();
    assert!(first.contains("1 demo") && first.contains("replaced"), "{first}");
    assert!(first.contains(told["hashes"][0].as_str().unwrap()), "{first}");
    assert_eq!(plan.lines().filter(|line| line.starts_with("line ")).count(), 400);
    let refused = user.refused(2, &SEND);
    assert!(refused.contains(&format!("{} not made", unpaid.len())), "{refused}");

    let (again, _) = json_of(&user, 0, &RESUME);
    assert_eq!(again["plan"]["totals"]["rows"], unpaid.len());
    assert_eq!(again["plan"]["transactions"][0]["operations"][0]["actions"][0]["line"], 2);
    sandbox.mine(1);
    all_are_paid(&sandbox);
    let (done, _) = json_of(&user, 0, &with(&RESUME, &["--wait"]));
    assert!(done["rows"].as_array().unwrap().iter().all(|row| row["paid"] == true));
}

#[test]
fn when_the_waiting_ends_what_was_sent_is_said() {
    let (folder, sandbox) = start("payroll-waiting");
    let (node, endpoint) = Liar::before(&sandbox.endpoint);
    let user = User { folder: &folder, endpoint };
    let (late, error) = json_of(&user, 5, &with(&SEND, &["--wait", "--timeout", "1"]));
    assert!(late["hashes"].as_array().unwrap().len() > 1 && late["rows"][0]["result"] == "open");
    assert!(error.contains("400 of 400 payments are not made yet"), "{error}");
    assert!(error.contains("--resume goes on with the same signatures"), "{error}");
    let text = user.run(&with(&RESUME, &["--wait", "--timeout", "0"]));
    let text = String::from_utf8(text.stdout).unwrap();
    assert!(text.contains(late["hashes"][1].as_str().unwrap()), "{text}");

    #[cfg(unix)]
    {
        let child = spawn(&user, &with(&RESUME, &["--wait", "--json"]));
        waits(&node);
        interrupt(&child);
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(130), "{output:?}");
        let told: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(told["hashes"], late["hashes"]);
    }

    let child = spawn(&user, &with(&RESUME, &["--wait", "--json", "--timeout", "30"]));
    waits(&node);
    node.is(Mood::Failing);
    drop(sandbox);
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(4), "{output:?}");
    let told: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(told["hashes"], late["hashes"]);
    assert!(said(&told).contains("what was sent may still be applied"), "{told}");
}

#[test]
fn a_node_that_is_away_for_a_while_is_asked_again() {
    let folder = Folder::new("payroll-away");
    folder.file("pay.csv", file(1..=ROWS));
    let rpc = free_address();
    let options = ["--state", "s", "--rpc", &rpc];
    let sandbox = Sandbox::start(&folder, &options);
    let user = sandbox.user(&folder);
    let child = spawn(&user, &with(&SEND, &["--wait", "--json", "--timeout", TIMEOUT]));
    until("two messages wait", || queue_length(&sandbox) >= 2);
    drop(sandbox);
    thread::sleep(Duration::from_secs(2));
    let sandbox = Sandbox::start(&folder, &options);
    sandbox.mine(1);
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{output:?}");
    all_are_paid(&sandbox);
}

#[test]
fn a_message_that_got_lost_is_told_by_those_that_came_too_early_and_sent_again() {
    let folder = Folder::new("payroll-lost");
    folder.file("pay.csv", file(1..=ROWS));
    let rpc = free_address();
    let sandbox = Sandbox::start(&folder, &["--rpc", &rpc]);
    let user = sandbox.user(&folder);
    let wait = ["--wait", "--json", "--timeout", TIMEOUT];
    let child = spawn(&user, &with(&SEND, &wait));
    until("three messages wait", || queue_length(&sandbox) >= 3);
    // It begins anew without its queue, at the same block.
    drop(sandbox);
    let sandbox = Sandbox::start(&folder, &["--rpc", &rpc]);
    let record = fs::read_dir(folder.0.join("payments")).unwrap().next().unwrap().unwrap().path();
    let record = fs::read_dir(record).unwrap().map(|entry| entry.unwrap().path());
    let record = record.into_iter().find(|path| path.extension().is_some()).unwrap();
    let kept: Value = serde_json::from_str(&fs::read_to_string(record).unwrap()).unwrap();
    // The first one registers the key: the second is signed by somebody who is registered already.
    sandbox.post("/local/batcher/injection", &json!([register()]));
    let second = &kept["messages"][1].as_str().unwrap()[2..];
    sandbox.post("/local/batcher/injection", &json!([second]));
    sandbox.mine(1);
    // It is told at once: when the time is over, the code is another one.
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(3), "{output:?}");
    let told: Value = serde_json::from_slice(&output.stdout).unwrap();
    // The end of the second may be told before the first was looked for once more.
    let first = told["results"][0]["result"].as_str();
    assert!(matches!(first, Some("gone" | "open")), "{first:?}");
    assert_eq!(told["results"][1]["result"], "not applied");
    let error = said(&told);
    assert!(error.contains("counter 1, but the next one is 0"), "{error}");

    // Going on, what came too early before is not taken for the answer.
    let child = spawn(&user, &with(&RESUME, &wait));
    until("three messages wait", || queue_length(&sandbox) >= 3);
    thread::sleep(Duration::from_secs(1));
    sandbox.mine(1);
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let again: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(again["hashes"], told["hashes"]);
    all_are_paid(&sandbox);
}
