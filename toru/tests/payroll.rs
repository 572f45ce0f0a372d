//! Payments are made once: a file that was sent before is refused, and what was begun is gone on with.

use std::fs;
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::common::Folder;
use crate::common::sandbox::Sandbox;
use crate::common::user::User;
use client::{Assembly, Builder, registration, sign};
use encoding::{Amount, Counter, RollupAddress, Tz4Address, blake2b_256};
use inbox::v2::{Action, Name, Operation, TicketName, Transaction};
use serde_json::{Value, json};
use toru::dev::{Account, demo_ticket};

const SEND: [&str; 6] = ["send", "--file", "pay.csv", "--from", "dev0", "--yes"];
const RESUME: [&str; 5] = ["send", "--file", "pay.csv", "--resume", "--yes"];

fn with<'a>(args: &[&'a str], more: &[&'a str]) -> Vec<&'a str> {
    [args, more].concat()
}

/// Somebody whom nobody else pays.
fn receiver(number: u64) -> Tz4Address {
    let digest = blake2b_256(&[b"payroll", &number.to_be_bytes()]).0;
    let mut hash = [0; 20];
    hash.copy_from_slice(&digest[..20]);
    Tz4Address(hash)
}

/// A file that pays each of these receivers their number.
fn file(numbers: impl Iterator<Item = u64>) -> String {
    let rows = numbers.map(|number| format!("{},{number},demo\n", receiver(number)));
    format!("to,amount,ticket\n{}", rows.collect::<String>())
}

/// 400 rows are three messages.
const ROWS: u64 = 400;

fn start(name: &str) -> (Folder, Sandbox) {
    let folder = Folder::new(name);
    let sandbox = Sandbox::start(&folder, &[]);
    folder.file("pay.csv", file(1..=ROWS));
    (folder, sandbox)
}

/// Everybody was paid once.
fn all_are_paid(sandbox: &Sandbox) {
    let balances = sandbox.balances();
    for number in 1..=ROWS {
        assert_eq!(balances.get(&receiver(number)), Some(&number), "{number}");
    }
}

/// Runs and expects an object on standard output, with this exit code, and nothing else; returns it, and
/// what is said in it of what went wrong.
fn json_of(user: &User<'_>, code: i32, args: &[&str]) -> (Value, String) {
    let output = user.run(&with(args, &["--json"]));
    let text = String::from_utf8(output.stdout.clone()).unwrap();
    assert_eq!(output.status.code(), Some(code), "{args:?}: {output:?}");
    let told: Value =
        serde_json::from_str(&text).unwrap_or_else(|e| panic!("{args:?}: {e}: {text:?}"));
    let error = said(&told);
    (told, error)
}

/// What an object says went wrong, and what to do.
fn said(told: &Value) -> String {
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

fn queue_length(sandbox: &Sandbox) -> usize {
    sandbox.get("/local/batcher/queue").as_array().unwrap().len()
}

fn until(what: impl Fn() -> bool) {
    let begin = Instant::now();
    while !what() {
        assert!(begin.elapsed() < Duration::from_secs(60), "it never came");
        thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn a_file_is_paid_once_however_often_it_is_sent() {
    let (folder, sandbox) = start("payroll-once");
    let user = sandbox.user(&folder);
    let (sent, _) = json_of(&user, 0, &SEND);
    let totals = &sent["plan"]["totals"];
    assert_eq!((&totals["rows"], &totals["receivers"]), (&json!(ROWS), &json!(ROWS)));
    let count = sent["messages"].as_array().unwrap().len();
    assert!((2..=5).contains(&count), "{count}");
    let record = folder.0.join(sent["record"].as_str().unwrap());
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(fs::metadata(&record).unwrap().permissions().mode() & 0o777, 0o600);
    }
    let kept: Value = serde_json::from_str(&fs::read_to_string(&record).unwrap()).unwrap();
    assert_eq!(kept["rows"].as_array().unwrap().len(), 400);
    assert_eq!(kept["messages"].as_array().unwrap().len(), count);

    // In no level yet, under another name, with other bytes, in another order, in part.
    let open = user.refused(5, &SEND);
    assert!(open.contains("pay.csv was sent before: 0 of 400 payments made"), "{open}");
    assert!(open.contains("toru send --file pay.csv --resume goes on with it"), "{open}");
    let text = fs::read_to_string(folder.0.join("pay.csv")).unwrap();
    folder.file("renamed.csv", &text);
    folder.file("spaced.csv", text.replace(',', ", "));
    let mut lines: Vec<&str> = text.lines().collect();
    lines[1..].reverse();
    folder.file("reversed.csv", lines.join("\r\n"));
    folder.file("part.csv", lines[..2].join("\n"));
    for name in ["renamed.csv", "spaced.csv", "reversed.csv", "part.csv"] {
        let refused = user.refused(5, &["send", "--file", name, "--from", "dev0", "--yes"]);
        assert!(refused.contains("was sent before"), "{name}: {refused}");
    }
    // Nothing is sent twice by going on with it.
    let before = queue_length(&sandbox);
    let (again, _) = json_of(&user, 0, &RESUME);
    assert_eq!((queue_length(&sandbox), &again["hashes"]), (before, &sent["hashes"]));
    sandbox.mine(1);
    all_are_paid(&sandbox);

    let paid = user.refused(2, &SEND);
    assert!(paid.contains("400 of 400 payments made") && paid.contains("--again"), "{paid}");
    let (done, _) = json_of(&user, 0, &RESUME);
    assert_eq!((&done["sent"], &done["rows"][399]["result"]), (&json!(false), &json!("applied")));
    assert_eq!(done["rows"][0]["line"], 2);
    // Other files with one of its rows are new payments by now.
    user.done(&["send", "--file", "part.csv", "--from", "dev0", "--yes"]);
    sandbox.mine(1);
    user.done(&with(&SEND, &["--again"]));
    sandbox.mine(1);
    assert_eq!(sandbox.balance(receiver(400)), 400 * 3);
    let nothing = user.refused(2, &["send", "--file", "spaced.csv", "--resume"]);
    assert!(nothing.contains("no record of spaced.csv here"), "{nothing}");
}

#[test]
fn a_single_payment_is_not_made_twice_while_the_first_can_still_come() {
    let (folder, sandbox) = start("payroll-single");
    let user = sandbox.user(&folder);
    let pay = ["send", "5", "demo", "--from", "dev0", "--to", "dev1", "--yes"];
    user.done(&pay);
    let twice = user.refused(5, &pay);
    assert!(twice.contains("the same payment was sent before"), "{twice}");
    assert!(twice.contains("toru send 5 demo --from dev0 --to dev1 --resume"), "{twice}");
    assert!(
        user.refused(5, &["send", "6", "demo", "dev0", "dev1", "--yes"]).contains("still waits")
    );
    let (again, _) = json_of(&user, 0, &["send", "5", "demo", "dev0", "dev1", "--resume"]);
    assert_eq!(again["hashes"].as_array().unwrap().len(), 1);
    sandbox.mine(1);
    assert_eq!(sandbox.balance(Account::new(1).unwrap().address), 1_000_005);
    // It is over: the same once more is another one.
    user.done(&pay);
    sandbox.mine(1);
    assert_eq!(sandbox.balance(Account::new(1).unwrap().address), 1_000_010);
    let nothing = user.refused(2, &["send", "9", "demo", "dev0", "dev1", "--resume"]);
    assert!(nothing.contains("no record of the payment here"), "{nothing}");
    for (args, said) in [
        (&["send", "5", "demo", "--to", "dev1"][..], "--from FROM"),
        (&["send", "5", "demo", "dev0"], "--to TO"),
        (&["send", "5", "demo", "dev0", "dev1", "--from", "dev2"], "cannot be used with"),
    ] {
        let usage = user.refused(2, args);
        assert!(usage.contains(said), "{args:?}: {usage}");
    }
}

#[test]
fn what_another_transaction_took_the_place_of_is_told_at_once_and_paid_by_going_on() {
    let (folder, sandbox) = start("payroll-stale");
    let user = sandbox.user(&folder);
    let wait = with(&SEND, &["--wait", "--timeout", "100"]);
    let begin = Instant::now();
    let (told, error) = thread::scope(|scope| {
        let waiting = scope.spawn(|| json_of(&user, 3, &wait));
        until(|| queue_length(&sandbox) >= 2);
        // It comes first in the level, with the counter of the first message.
        let (status, _) = sandbox.post("/local/batcher/injection?order=0", &json!([payload(0)]));
        assert_eq!(status, 200);
        sandbox.mine(1);
        waiting.join().unwrap()
    });
    assert!(begin.elapsed() < Duration::from_secs(90), "it was not told at once");
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
    let user = sandbox.user(&folder);
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
        thread::sleep(Duration::from_secs(2));
        let pid = child.id().to_string();
        assert!(Command::new("kill").args(["-INT", &pid]).status().unwrap().success());
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(130), "{output:?}");
        let told: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(told["hashes"], late["hashes"]);
    }

    let child = spawn(&user, &with(&RESUME, &["--wait", "--json", "--timeout", "4"]));
    thread::sleep(Duration::from_secs(2));
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
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let rpc = format!("127.0.0.1:{port}");
    let options = ["--state", "s", "--rpc", &rpc];
    let sandbox = Sandbox::start(&folder, &options);
    let user = sandbox.user(&folder);
    let child = spawn(&user, &with(&SEND, &["--wait", "--json", "--timeout", "100"]));
    until(|| queue_length(&sandbox) >= 2);
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
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let rpc = format!("127.0.0.1:{port}");
    let sandbox = Sandbox::start(&folder, &["--rpc", &rpc]);
    let user = sandbox.user(&folder);
    let wait = ["--wait", "--json", "--timeout", "100"];
    let child = spawn(&user, &with(&SEND, &wait));
    until(|| queue_length(&sandbox) >= 3);
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
    let begin = Instant::now();
    sandbox.mine(1);
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(3), "{output:?}");
    assert!(begin.elapsed() < Duration::from_secs(60), "it was not told at once");
    let told: Value = serde_json::from_slice(&output.stdout).unwrap();
    // The end of the second may be told before the first was looked for once more.
    let first = told["results"][0]["result"].as_str();
    assert!(matches!(first, Some("gone" | "open")), "{first:?}");
    assert_eq!(told["results"][1]["result"], "not applied");
    let error = said(&told);
    assert!(error.contains("counter 1, but the next one is 0"), "{error}");

    // Going on, what came too early before is not taken for the answer.
    let child = spawn(&user, &with(&RESUME, &wait));
    until(|| queue_length(&sandbox) >= 3);
    thread::sleep(Duration::from_secs(1));
    sandbox.mine(1);
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let again: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(again["hashes"], told["hashes"]);
    all_are_paid(&sandbox);
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

/// The command that a hint says goes on with a payment, as a shell runs it.
fn run_hint(folder: &Folder, refusal: &str, more: &str) -> std::process::Output {
    let hint = refusal.lines().find_map(|line| line.strip_prefix("hint: ")).unwrap();
    let (command, _) = hint.split_once(" goes on with ").unwrap();
    let command = command.strip_prefix("toru ").unwrap();
    Command::new("sh")
        .args(["-c", &format!("{} {command} {more}", env!("CARGO_BIN_EXE_toru"))])
        .current_dir(&folder.0)
        .env("XDG_DATA_HOME", folder.0.join("data"))
        .env("TORU_KEYS", folder.0.join("keys"))
        .env("TORU_WITHDRAWALS", "w")
        .env("TORU_ENDPOINT", "127.0.0.1:1")
        .stdin(Stdio::null())
        .output()
        .unwrap()
}

#[test]
#[cfg(unix)]
fn what_a_hint_says_goes_on_with_the_payment_that_was_meant() {
    let folder = Folder::new("payroll-hints");
    let sandbox = Sandbox::start(&folder, &[]);
    let endpoint = sandbox.endpoint.clone();
    let where_ = ["--endpoint", &endpoint, "--payments", "my records"];
    let waits = ["--yes", "--wait", "--timeout", "0"];
    // With a remark, from a node and in a folder that the command line alone names.
    let one = ["send", "7", "#0", "dev1", "dev2", "--memo", "it's June"];
    let refused = |args: &[&str]| {
        let elsewhere = User { folder: &folder, endpoint: "127.0.0.1:1".to_owned() };
        let output = elsewhere.run(args);
        assert_eq!(output.status.code(), Some(5), "{args:?}: {output:?}");
        String::from_utf8(output.stderr).unwrap()
    };
    let late = refused(&with(&with(&one, &where_), &waits));
    folder.file("my pay.csv", file(1..=3));
    let many = ["send", "--file", "my pay.csv", "--from", "dev0"];
    let late_file = refused(&with(&with(&many, &where_), &waits));
    // The batcher gives the node its message once the round is over.
    crate::common::batcher::until("both wait for a level", || {
        let queue = crate::common::http::call(&endpoint, "GET", "/local/batcher/queue", None);
        queue.unwrap().body.as_array().is_some_and(|queue| queue.len() == 2)
    });
    sandbox.mine(1);
    // By now all is paid. That is said, and nobody is told to pay it once more.
    for (late, said) in [(&late, "1 of 1 payment made"), (&late_file, "3 of 3 payments made")] {
        for more in ["", "--yes --wait"] {
            let output = run_hint(&folder, late, more);
            let text = String::from_utf8(output.stdout.clone()).unwrap();
            assert!(output.status.success() && text.contains(said), "{late}: {output:?}");
        }
    }
    sandbox.mine(2);
    assert_eq!(sandbox.balance(receiver(3)), 3);
    let two = Account::new(2).unwrap();
    assert_eq!(sandbox.balance(two.address), 1_000_007);
}
