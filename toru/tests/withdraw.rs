//! `toru withdraw`, `withdrawals` and `execute` as a user runs them: against the sandbox, and against what
//! answers as a rollup node on a real layer 1 does.

use crate::common::Folder;
use crate::common::canned::Canned;
use crate::common::http::call;
use crate::common::real::Real;
use crate::common::sandbox::Sandbox;
use crate::common::user::User;
use client::{Assembly, Builder, registration, sign};
use encoding::{Amount, Counter, Entrypoint, RollupAddress, TicketIndex};
use inbox::v2::{Action, Name, Operation, TicketName, Transaction};
use serde_json::{Value, json};
use toru::dev::{Account, demo_ticket};

/// What a user does here again and again.
trait Withdrawing {
    /// Withdraws from an account of the sandbox; returns the hash.
    fn withdraws(&self, amount: &str, from: &str, to: &str) -> String;

    /// All on record: stage, level and place of each.
    fn stages(&self) -> Vec<(String, Option<i64>, Option<i64>)>;
}

impl Withdrawing for User<'_> {
    fn withdraws(&self, amount: &str, from: &str, to: &str) -> String {
        let sent = self.json(&["withdraw", amount, "demo", "--from", from, "--to", to, "--yes"]);
        assert_eq!(sent["plan"]["outlook"]["executable_for"], 151_200, "{sent}");
        sent["hashes"][0].as_str().unwrap().to_owned()
    }

    fn stages(&self) -> Vec<(String, Option<i64>, Option<i64>)> {
        let told = self.json(&["withdrawals"]);
        let all = told["withdrawals"].as_array().unwrap().iter().map(|one| {
            let stage = one["stage"].as_str().unwrap().to_owned();
            (stage, one["outbox_level"].as_i64(), one["message_index"].as_i64())
        });
        all.collect()
    }
}

fn at(stage: &str, level: i64, index: i64) -> (String, Option<i64>, Option<i64>) {
    (stage.to_owned(), Some(level), Some(index))
}

/// Who is paid: nobody's address.
const NOBODY: &str = "tz1Ke2h7sDdakHJQh8WX4Z372du1KChsksyU";

#[test]
fn from_sent_to_executed_and_nothing_twice() {
    let folder = Folder::new("withdraw-story");
    let sandbox = Sandbox::start(&folder, &[]);
    let user = sandbox.user(&folder);
    let new = user.json(&["withdraw", "5", "demo", "--from", "dev0", "--to", NOBODY, "--dry-run"]);
    assert_eq!(
        (&new["sent"], &new["plan"]["outlook"]["executable_in"]),
        (&json!(false), &Value::Null)
    );
    assert!(!folder.0.join("w").exists());

    let first = user.withdraws("5", "dev0", NOBODY);
    // The same call by somebody else, of another account.
    let second = user.withdraws("5", "dev1", NOBODY);
    let none = |stage: &str| (stage.to_owned(), None, None);
    assert_eq!(user.stages(), [none("sent"), none("sent")]);
    let early = user.refused(5, &["execute", &first]);
    assert!(early.contains("cannot be executed yet: sent"), "{early}");

    // Applied in 2, committed with 2, published in 3, cemented in 6.
    sandbox.mine(1);
    let mut seen = Vec::new();
    for level in 2..=5 {
        let now = user.stages();
        assert_eq!((now[0].1, now[0].2, now[1].1, now[1].2), (Some(2), Some(0), Some(2), Some(1)));
        seen.push(now[0].0.clone());
        let early = user.refused(5, &["execute", &first]);
        assert!(early.contains("level 2, message 0"), "{level}: {early}");
        assert!(user.done(&["execute", "--all"]).starts_with("nothing can be executed now: "));
        sandbox.mine(1);
    }
    // As far as the node tells of commitments.
    let order = ["in the outbox", "committed", "cementing"];
    let places: Vec<_> = seen.iter().map(|one| order.iter().position(|o| o == one)).collect();
    assert!(places.iter().all(Option::is_some) && places.is_sorted(), "{seen:?}");

    assert_eq!(user.stages(), [at("executable", 2, 0), at("executable", 2, 1)]);
    let executed = user.json(&["execute", &first]);
    assert_eq!(executed["executions"][0]["outcome"], "executed", "{executed}");
    assert_eq!(user.stages(), [at("executed", 2, 0), at("executable", 2, 1)]);
    let again = user.json(&["execute", &first, &first]);
    assert_eq!(again["executions"].as_array().unwrap().len(), 1);
    assert_eq!(again["executions"][0]["outcome"], "already", "{again}");

    let only = user.json(&["withdrawals", "--of", "dev1"]);
    assert_eq!(only["withdrawals"].as_array().unwrap().len(), 1);
    assert_eq!(only["withdrawals"][0]["hash"], second.as_str());
    // Two execute it at the same time: one has it executed, and for the other there is nothing to do.
    let execute = || user.done(&["execute", &second]);
    let said: Vec<String> = std::thread::scope(|scope| {
        let all: Vec<_> = (0..4).map(|_| scope.spawn(execute)).collect();
        all.into_iter().map(|one| one.join().unwrap()).collect()
    });
    let are = |words: &str| said.iter().filter(|said| said.contains(words)).count();
    assert_eq!(are(&format!("{second} is executed in level 6")), 1, "{said:?}");
    assert_eq!(are(&format!("{second} needs nothing more: executed in level 6")), 3, "{said:?}");
    assert!(user.done(&["execute", "--all"]).starts_with("nothing can be executed now: "));
    let watched = user.done(&["withdrawals", "--watch"]);
    assert_eq!(watched.matches("executed in level 6").count(), 2, "{watched}");

    // As things go now: cementing is 4 levels behind, and the next level has it.
    let plan = user.json(&["withdraw", "1", "demo", "--from", "dev0", "--to", NOBODY, "--dry-run"]);
    assert_eq!(plan["plan"]["outlook"]["executable_in"], 5, "{plan}");
}

#[test]
fn one_of_the_same_call_later_is_another_message() {
    let folder = Folder::new("withdraw-equal");
    let sandbox = Sandbox::start(&folder, &[]);
    let user = sandbox.user(&folder);
    for expected in [at("in the outbox", 2, 0), at("in the outbox", 3, 0)] {
        user.withdraws("5", "dev0", NOBODY);
        sandbox.mine(1);
        let last = user.stages().pop().unwrap();
        assert_eq!((last.1, last.2), (expected.1, expected.2));
    }
    // Without the record, everything is still there to be seen and executed.
    sandbox.mine(6);
    std::fs::remove_dir_all(folder.0.join("w")).unwrap();
    assert!(user.done(&["withdrawals"]).starts_with("no withdrawals on record in w/sr1"));
    let all = user.json(&["withdrawals", "--all", "--levels", "50"]);
    let messages = all["messages"].as_array().unwrap();
    assert_eq!(messages.len(), 2);
    assert!(messages.iter().all(|one| one["stage"] == "executable"), "{all}");
    assert_eq!(user.json(&["withdrawals", "--all", "--up-to", "2"])["messages"][0], messages[0]);
    let text = user.done(&["withdrawals", "--all"]);
    let paid = format!("  5 demo to {NOBODY}, paid by {}%burn\n", demo_ticket().ticketer);
    assert!(text.contains(&paid), "{text}");
    let execute = ["execute", "--level", "3", "--index", "0"];
    assert!(user.done(&execute).contains("is executed in level 9"));
    assert!(user.done(&execute).contains("needs nothing more: executed in level 9"));
}

/// A message of so many withdrawals of one unit each by dev0, without its tag, in hex.
fn many(from: u64, count: u64) -> String {
    let account = Account::new(0).unwrap();
    let secret = keys::read_secret(&account.text).unwrap();
    let mut builder = Builder::new().registration(registration(secret.key()));
    for counter in from..from + count {
        let withdraws = Action::Withdraw {
            receiver: None,
            ticket: TicketName::Index(TicketIndex(0)),
            to: demo_ticket().ticketer,
            entrypoint: Entrypoint::new(b"").unwrap(),
            amount: Amount::new(1),
        };
        let operation = Operation {
            signer: Name::Registration(0),
            counter: Counter::new(counter),
            memo: None,
            actions: vec![withdraws],
        };
        builder = builder.transaction(Transaction { expires: None, operations: vec![operation] });
    }
    let mut assembly = Assembly::new(builder.build(), RollupAddress([0; 20]));
    let signature = sign(secret.key(), &assembly.signing_payload());
    (0..usize::try_from(count).unwrap()).for_each(|one| assembly.batch_signature(one, signature));
    hex::encode(&assembly.message().unwrap()[1..])
}

#[test]
fn in_a_full_queue_it_waits_and_says_so() {
    let folder = Folder::new("withdraw-queue");
    let sandbox = Sandbox::start(&folder, &[]);
    let user = sandbox.user(&folder);
    let messages = json!([many(0, 90), many(90, 90), many(180, 90)]);
    let path = "/local/batcher/injection";
    let answer = call(&sandbox.endpoint, "POST", path, Some(&messages)).unwrap();
    assert_eq!(answer.status, 200, "{answer:?}");
    sandbox.mine(1);
    // Of 270, the first 100 have left.
    let ahead =
        user.json(&["withdraw", "5", "demo", "--from", "dev0", "--to", NOBODY, "--dry-run"]);
    assert_eq!(ahead["plan"]["outlook"]["waiting"], 170, "{ahead}");
    let hash = user.withdraws("5", "dev0", NOBODY);
    sandbox.mine(1);
    assert_eq!(user.stages(), [("accepted".to_owned(), None, None)]);
    let text = user.done(&["withdrawals"]);
    assert!(text.contains("71 messages in all, 1 level at 100 a level"), "{text}");
    assert!(user.refused(5, &["execute", &hash]).contains("accepted"));
    sandbox.mine(1);
    let last = user.stages().pop().unwrap();
    assert_eq!((last.1, last.2), (Some(4), Some(70)));
}

#[test]
fn refusals_say_what_to_do() {
    let folder = Folder::new("withdraw-refusals");
    let sandbox = Sandbox::start(&folder, &[]);
    let user = sandbox.user(&folder);
    let withdraw = |amount: &str, to: &str, code: i32, expected: &str| {
        let args = ["withdraw", amount, "demo", "--from", "dev0", "--to", to, "--yes"];
        let text = user.refused(code, &args);
        assert!(text.contains(expected), "{to}: {text}");
    };
    let contract = demo_ticket().ticketer.to_string();
    withdraw("1", "dev1", 2, "toru send");
    withdraw("1", "sr163Lv22CdE8QagCwf48PWDTquk6isQwv57", 2, "nobody on layer 1");
    withdraw("1", "xyz", 2, "nobody on layer 1");
    withdraw("-1", NOBODY, 2, "is no amount");
    let mistyped = NOBODY.replace("7sDd", "7sDe");
    withdraw("1", &mistyped, 2, "has a wrong checksum: a character is mistyped");
    withdraw("1", &format!("{}%burn", contract.replace('3', "4")), 2, "checksum");
    withdraw("1", &format!("{contract}%burn"), 2, "--bare");
    withdraw("1", &contract, 2, "cannot be who is paid");
    withdraw("1.5", NOBODY, 2, "this ticket has none");
    withdraw("0", NOBODY, 3, "the amount is zero");
    withdraw("9999999", NOBODY, 3, "balance too low");
    let bare = |to: &str, expected: &str| {
        let text = user.refused(
            2,
            &["withdraw", "1", "demo", "--from", "dev0", "--to", to, "--bare", "--yes"],
        );
        assert!(text.contains(expected), "{to}: {text}");
    };
    bare(NOBODY, "handed to a contract");
    bare("dev1", "toru send");
    bare(&format!("{contract}%"), "nobody on layer 1");
    bare(&format!("{contract}%a b"), "nobody on layer 1");
    assert!(!folder.0.join("w").exists(), "nothing of that was recorded");
    assert!(user.refused(2, &["execute", "xyz"]).contains("no hash"));
    assert!(user.refused(2, &["execute", &"ab".repeat(32)]).contains("--all"));
    assert!(user.refused(2, &["execute", "--level", "9", "--index", "0"]).contains("no message 0"));
    assert!(user.refused(2, &["execute"]).contains("required"));

    // What is never included expires, and the watch ends with it.
    user.withdraws("1", "dev0", NOBODY);
    assert!(user.refused(5, &["withdrawals", "--watch", "--timeout", "0"]).contains("yet: 1"));
    let twice = ["withdraw", "2", "demo", "--from", "dev0", "--to", NOBODY, "--yes"];
    assert!(user.refused(5, &twice).contains("still waits"));

    let record = folder.0.join("w/sr163Lv22CdE8QagCwf48PWDTquk6isQwv57.jsonl");
    let mut lines = std::fs::read_to_string(&record).unwrap();
    lines.push_str("{\"sent\":{\"ha");
    std::fs::write(&record, &lines).unwrap();
    assert_eq!(user.stages().len(), 1);
    std::fs::write(&record, "no JSON\n").unwrap();
    assert!(user.refused(2, &["withdrawals"]).contains("line 1"));
}

#[test]
fn a_real_node_is_asked_for_proofs_and_remembered() {
    let folder = Folder::new("withdraw-real");
    let sandbox = Sandbox::start(&folder, &[]);
    let hash = {
        let user = sandbox.user(&folder);
        user.withdraws("5", "dev0", NOBODY)
    };
    sandbox.mine(5);
    let real = Real::default();
    let user = User { folder: &folder, endpoint: real.before(&sandbox) };

    // It does not list what is left: the line is to be had all the same.
    assert_eq!(user.stages(), [at("executable or executed", 2, 0)]);
    assert!(user.done(&["withdrawals"]).contains("the node does not tell"));
    let listed = json!([{"outbox_level": 2, "status": "executable",
                         "messages": [{"message_index": 0, "message": {}}]}]);
    real.lists(Some(listed.clone()));
    assert_eq!(user.stages(), [at("executable", 2, 0)]);
    let line = |proof: &str, source: &str| {
        format!(
            "octez-client execute outbox message of smart rollup \
             sr163Lv22CdE8QagCwf48PWDTquk6isQwv57 from {source} for commitment hash src1commitment \
             and output proof {proof}\n"
        )
    };
    let text = user.done(&["execute", &hash]);
    assert!(text.starts_with("# ") && text.ends_with(&line("0x03ab", "SOURCE")), "{text}");
    let text = user.done(&["execute", "--all", "--from", "me", "--out", "proof"]);
    assert!(text.ends_with(&line("\"$(cat proof)\"", "me")), "{text}");
    assert_eq!(std::fs::read_to_string(folder.0.join("proof")).unwrap(), "0x03ab");

    // Where it is was looked for once.
    let record = folder.0.join("w/sr163Lv22CdE8QagCwf48PWDTquk6isQwv57.jsonl");
    let lines = std::fs::read_to_string(&record).unwrap();
    assert_eq!(lines.lines().filter(|line| line.contains("\"found\"")).count(), 1, "{lines}");
    real.asked.lock().unwrap().clear();
    assert_eq!(user.stages(), [at("executable", 2, 0)]);
    let outboxes = |asked: &[String]| {
        let of = |path: &&String| path.contains("/outbox/") && path.ends_with("/messages");
        asked.iter().filter(of).cloned().collect::<Vec<_>>()
    };
    let asked = outboxes(&real.asked.lock().unwrap());
    assert!(asked.len() == 1 && asked[0].contains("/outbox/2/"), "{asked:?}");

    // Lists that hold nothing of it: somebody has executed it, and that stays known.
    real.lists(Some(json!([])));
    assert_eq!(user.stages(), [at("executed", 2, 0)]);
    real.lists(None);
    assert_eq!(user.stages(), [at("executed", 2, 0)]);
    assert!(user.done(&["execute", &hash]).contains("needs nothing more: executed"));
    // A list that was not whole is corrected by one that is.
    real.lists(Some(listed));
    assert_eq!(user.stages(), [at("executable", 2, 0)]);
}

#[test]
fn times_stand_beside_levels_where_layer_1_tells_how_long_a_level_takes() {
    let folder = Folder::new("withdraw-times");
    let sandbox = Sandbox::start(&folder, &[]);
    let user = sandbox.user(&folder);
    sandbox.mine(6);
    let first = user.withdraws("5", "dev0", NOBODY);
    sandbox.mine(1);
    let layer1 = Canned::default();
    let head = "/chains/main/blocks/head";
    let header = json!({"level": 8, "timestamp": "2026-11-29T22:00:00Z"});
    layer1.answers(&format!("{head}/header"), 200, header);
    let constants = json!({"minimal_block_delay": "6"});
    layer1.answers(&format!("{head}/context/constants"), 200, constants);
    let at = layer1.serve();

    // Of level 8, committed with 8, cemented in 12.
    let told = user.json(&["withdrawals", "--layer1", &at]);
    let one = &told["withdrawals"][0];
    assert_eq!((&told["seconds_a_level"], &told["seconds_from"]), (&json!(6), &json!("layer1")));
    assert_eq!(one["executable_in"], 4, "{told}");
    assert_eq!(one["executable_at"], "2026-11-29T22:00:24Z", "{told}");
    // 151,204 levels after the head.
    assert_eq!(one["executable_until"], 151_212, "{told}");
    assert_eq!(one["expires_at"], "2026-12-10T10:00:24Z", "{told}");
    let text = user.done(&["withdrawals", "--layer1", &at]);
    let words = "executable in about 4 levels (≈ 24 seconds, Sun 29 Nov 22:00 UTC)\n\
                 times are estimates, with a level every 6 seconds, as layer 1 aims at\n";
    assert!(text.ends_with(words), "{text}");
    let early = user.refused(5, &["execute", &first, "--layer1", &at]);
    assert!(early.contains("in about 4 levels (≈ 24 seconds, "), "{early}");
    let burn = json!({"prim": "pair", "args": [
        {"prim": "address"}, {"prim": "ticket", "args": [{"prim": "string"}]},
    ]});
    let ticketer = demo_ticket().ticketer;
    let entrypoints = format!("{head}/context/contracts/{ticketer}/entrypoints");
    layer1.answers(&entrypoints, 200, json!({"entrypoints": {"burn": burn}}));
    let plan = ["withdraw", "1", "demo", "--from", "dev1", "--to", NOBODY, "--dry-run"];
    let told = user.json(&[&plan[..], &["--layer1", &at]].concat());
    let outlook = &told["plan"]["outlook"];
    assert_eq!(outlook["executable_at"], "2026-11-29T22:00:30Z", "{told}");
    assert_eq!(outlook["seconds_a_level"], 6, "{told}");
    sandbox.mine(4);
    let text = user.done(&["withdrawals", "--layer1", &at, "--all"]);
    assert!(text.contains("for about 151,200 levels (≈ 11 days, Thu 10 Dec "), "{text}");

    // The sandbox tells times of its own, where no node is named.
    let own = user.json(&["withdrawals"]);
    assert_eq!((&own["seconds_a_level"], &own["seconds_from"]), (&json!(6), &json!("layer1")));
    let expires = own["withdrawals"][0]["expires_at"].as_str().unwrap();
    assert!(expires.ends_with('Z') && expires.len() == 20, "{own}");

    // One that tells no times is no failure, and one that is not there is.
    layer1.answers(&format!("{head}/context/constants"), 404, json!([]));
    let told = user.json(&["withdrawals", "--layer1", &at]);
    assert_eq!((&told["seconds_a_level"], &told["seconds_from"]), (&Value::Null, &Value::Null));
    let gone = user.refused(4, &["withdrawals", "--layer1", "http://127.0.0.1:1"]);
    assert!(gone.contains("no answer from http://127.0.0.1:1"), "{gone}");
    let bad = user.refused(2, &["withdrawals", "--layer1", "x y"]);
    assert!(bad.contains("is no endpoint"), "{bad}");
}

#[test]
fn what_is_lost_is_said_to_be() {
    let folder = Folder::new("withdraw-lost");
    let sandbox = Sandbox::start(&folder, &[]);
    let hash = {
        let user = sandbox.user(&folder);
        user.withdraws("5", "dev0", NOBODY)
    };
    sandbox.mine(5);
    let real = Real::default();
    let user = User { folder: &folder, endpoint: real.before(&sandbox) };
    real.lists(Some(
        json!([{"outbox_level": 2, "status": "lost", "messages": [{"message_index": 0}]}]),
    ));
    let text = user.refused(3, &["execute", &hash]);
    assert!(text.contains("cannot be executed any more: lost"), "{text}");
    let text = user.refused(3, &["execute", "--level", "2", "--index", "0"]);
    assert!(text.contains("cannot be executed any more: lost"), "{text}");
    let shown = user.json(&["withdrawals", "--watch"]);
    assert_eq!(shown["withdrawals"][0]["stage"], "lost");
}
