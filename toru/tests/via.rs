//! Payments by all ways, as their user sends them: through a batcher that is honest, lies, refuses or is gone, by the
//! node, and straight to layer 1.

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::process::{ExitStatus, Stdio};
use std::sync::Mutex;
use std::thread;

use batcher_api::Stage;
use client::Builder;
use encoding::{Counter, Tz4Address};
use inbox::v2::{Name, Transaction, decode_transaction};
use serde_json::{Value, json};
use wallet::session::SIMULATED_ROLLUP;

use crate::common::Folder;
use crate::common::people::balance;
use crate::common::sandbox::Sandbox;
use crate::common::user::User;
use crate::fake_batcher::{FakeBatcher, Manner, wait};

/// A sandbox whose accounts are final, and dev0 registered.
fn sandbox(name: &str) -> (Folder, Sandbox, FakeBatcher) {
    let folder = Folder::new(name);
    folder.file("password", "correct horse battery\n");
    let sandbox = Sandbox::start(&folder, &[]);
    sandbox.user(&folder).done(&["register", "dev0", "--yes"]);
    sandbox.mine(4);
    let fake = FakeBatcher::start(SIMULATED_ROLLUP);
    // Its rounds are as long as the wallet has patience for: a slow machine does all in that time.
    fake.state().quote["round_ms"] = json!(60_000);
    (folder, sandbox, fake)
}

/// What a command has printed until now.
#[derive(Default)]
struct Printed(Mutex<String>);

impl Printed {
    /// Takes in all that comes.
    fn read(&self, from: impl Read) {
        for line in BufReader::new(from).lines().map_while(Result::ok) {
            self.0.lock().unwrap().push_str(&(line + "\n"));
        }
    }

    /// Waits until something was printed.
    fn wait(&self, words: &str) {
        wait(|| self.0.lock().unwrap().contains(words));
    }
}

/// Sends something while the batcher does something. It sees what is printed, and what is printed as an error.
fn sending(
    user: &User<'_>,
    args: &[&str],
    batcher: impl FnOnce(&Printed, &Printed),
) -> (ExitStatus, String, String) {
    let piped = || Stdio::piped();
    let mut child = user.command(args).stdout(piped()).stderr(piped()).spawn().unwrap();
    let (out, err) = (Printed::default(), Printed::default());
    thread::scope(|scope| {
        let (stdout, stderr) = (child.stdout.take().unwrap(), child.stderr.take().unwrap());
        scope.spawn(|| out.read(stdout));
        scope.spawn(|| err.read(stderr));
        batcher(&out, &err);
    });
    let status = child.wait().unwrap();
    (status, out.0.into_inner().unwrap(), err.0.into_inner().unwrap())
}

/// Waits until so many were posted, and returns the last.
fn posted(fake: &FakeBatcher, count: usize) -> (String, Transaction) {
    wait(|| fake.state().posted.len() >= count);
    let one = fake.state().posted[count - 1].clone();
    let bytes = hex::decode(one["transaction"].as_str().unwrap()).unwrap();
    (one["hash"].as_str().unwrap().to_owned(), decode_transaction(&bytes).unwrap())
}

fn dev(number: u32, user: &User<'_>) -> Tz4Address {
    let told = user.json(&["balance", &format!("dev{number}")]);
    Tz4Address::from_base58(told["account"].as_str().unwrap()).unwrap()
}

#[test]
fn a_payment_goes_through_a_batcher_and_by_the_node_it_is_the_same() {
    let (folder, sandbox, fake) = sandbox("via");
    let user = sandbox.user(&folder);
    let pay = ["send", "5", "demo", "dev0", "dev1", "--via", &fake.endpoint];
    let plan = user.json(&[&pay[..], &["--dry-run"]].concat());
    assert_eq!(plan["plan"]["via"]["way"], "batcher");
    assert_eq!(plan["plan"]["via"]["fee"], Value::Null);
    // On the grid, and as a row: named by index, and shown as who that is.
    assert_eq!(plan["plan"]["transactions"][0]["expires"], 180);
    let to = &plan["plan"]["transactions"][0]["operations"][0]["actions"][0]["pay"];
    assert_eq!(*to, dev(1, &user).to_string());

    let yes = [&pay[..], &["--yes"]].concat();
    let (status, out, err) = sending(&user, &yes, |out, err| {
        let (hash, own) = posted(&fake, 1);
        assert!(client::Row::of(&own).is_some(), "{own:?}");
        fake.wait_streams(1);
        // A batch of this alone is signed; one with something more is not, and both are told.
        let offered = Builder::new().transaction(own.clone()).build();
        fake.offer(&offered, &[dev(0, &user)]);
        wait(|| fake.state().signatures.len() == 1);
        let mut more = own.clone();
        more.operations[0].counter = Counter::new(own.operations[0].counter.get() + 1);
        let lie = Builder::new().transaction(own).transaction(more).build();
        fake.offer(&lie, &[dev(0, &user)]);
        err.wait("was NOT signed");
        fake.stage(&hash, Stage::Offered);
        fake.stage(&hash, Stage::Sealed);
        out.wait("sealed in batch");
        fake.stage(&hash, Stage::Sent);
    });
    assert!(status.success(), "{out}{err}");
    let (hash, _) = posted(&fake, 1);
    for words in [
        &format!("through the batcher at {}, no fee", fake.endpoint)[..],
        "queued: in an inbox by level 11",
        "exactly what was sent",
        "sealed in batch",
        "sent to the rollup node",
        &hash,
    ] {
        assert!(out.contains(words), "{words}: {out}");
    }
    assert!(err.contains("was NOT signed:\n  transaction 1 in it uses counter 1"), "{err}");
    assert_eq!(fake.state().signatures.len(), 1);
    let wide = out
        .lines()
        .chain(err.lines())
        .find(|line| line.chars().count() > 80 && !line.contains("KT1") && !line.contains("hash"));
    assert_eq!(wide, None);

    // It is with the batcher alone: whoever asks is told so, and nothing is paid twice.
    let shown = user.refused(5, &["tx", "show", &hash]);
    assert!(shown.contains("is with the batcher at") && shown.contains("sent"), "{shown}");
    let receipts =
        fs::read_to_string(folder.0.join(format!("payments/{SIMULATED_ROLLUP}/receipts.jsonl")));
    assert!(receipts.unwrap().contains(&hash));
    let twice = user.refused(5, &yes);
    assert!(twice.contains("was sent before") && twice.contains(&hash), "{twice}");
    let again = [&pay[..], &["--resume"]].concat();
    let (status, out, err) = sending(&user, &again, |_, _| {});
    assert!(status.success(), "{out}{err}");
    assert_eq!(posted(&fake, 2).0, hash);

    // The batcher never includes it. By the node the same is sent, and applied.
    fake.vanish();
    let gone = user.refused(4, &again);
    assert!(gone.contains("no answer from the batcher"), "{gone}");
    sandbox.mine(8);
    let broken = user.refused(5, &["tx", "show", &hash]);
    assert!(broken.contains("promised level 11"), "{broken}");
    user.done(&["send", "5", "demo", "dev0", "dev1", "--via", "node", "--resume"]);
    sandbox.mine(1);
    let shown = user.json(&["tx", "show", &hash]);
    assert_eq!(shown["applied"], true);
    assert_eq!(balance(&user, "dev1"), "1000005");
}

#[test]
fn what_a_batcher_refuses_drops_or_forges_is_told_with_what_to_do() {
    let (folder, sandbox, fake) = sandbox("via-refused");
    let user = sandbox.user(&folder);
    let pay = |amount: &'static str| {
        vec!["send", amount, "demo", "dev0", "dev1", "--yes", "--via", &fake.endpoint]
    };
    // Before it is signed: nothing is on record.
    fake.state().simulation = json!({"code": "BUSY", "message": "no room", "values": {}});
    let refused = user.refused(3, &pay("1"));
    assert!(refused.contains("not sent, as the batcher would refuse it: no room"), "{refused}");
    fake.state().simulation = Value::Null;
    user.refused(2, &[&pay("1")[..], &["--resume"]].concat());

    // After it is signed: it is on record, and goes by another way.
    fake.state().manner = Manner::Refuses;
    let (status, _, err) = sending(&user, &pay("1"), |_, _| {});
    assert_eq!(status.code(), Some(3), "{err}");
    let hint = "toru send 1 demo dev0 dev1 --via node --resume sends the same";
    assert!(err.contains("(BALANCE_TOO_LOW)") && err.contains(hint), "{err}");
    user.done(&["send", "1", "demo", "dev0", "dev1", "--via", "node", "--resume"]);
    sandbox.mine(1);

    fake.state().manner = Manner::Forged;
    let (status, _, err) = sending(&user, &pay("2"), |_, _| {
        wait(|| !fake.hashes().is_empty());
        let hash = fake.hashes().remove(0);
        let why = serde_json::from_value(json!({"code": "GAP", "message": "gone", "values": {}}));
        fake.state().records.get_mut(&hash).unwrap().why = Some(why.unwrap());
        fake.stage(&hash, Stage::Dropped);
    });
    assert_eq!(status.code(), Some(3), "{err}");
    assert!(err.contains("WARNING: the batcher's receipt of"), "{err}");
    assert!(err.contains("is dropped: gone (GAP)") && err.contains("--via node"), "{err}");
    user.done(&["send", "2", "demo", "dev0", "dev1", "--via", "node", "--resume"]);
    sandbox.mine(1);
    assert_eq!(balance(&user, "dev1"), "1000003");

    // Nobody stays: it is accepted, and that is all.
    fake.state().manner = Manner::Honest;
    let (status, out, err) =
        sending(&user, &[&pay("3")[..], &["--no-cosign", "--json"]].concat(), |_, _| {});
    assert!(status.success(), "{out}{err}");
    let told: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(told["batcher"]["records"][0]["stage"], "queued");
    assert_eq!(told["via"]["batcher"], fake.endpoint);
    // Both of the others were there to sign, and this one was not.
    let asked = fake.state().asked.iter().filter(|one| one.contains("cosign=true")).count();
    assert_eq!(asked, 2);

    // One that has accepted it and is gone: what goes on with it, and what goes on without the batcher.
    fake.state().quote["round_ms"] = json!(100);
    let count = fake.state().posted.len() + 1;
    let other = ["send", "4", "demo", "dev2", "dev1", "--yes", "--via", &fake.endpoint];
    let (status, _, err) = sending(&user, &other, |_, _| {
        posted(&fake, count);
        fake.vanish();
    });
    assert_eq!(status.code(), Some(4), "{err}");
    let by_node = "toru send 4 demo dev2 dev1 --via node --resume sends them by the node, without the batcher";
    assert!(err.contains("--resume goes on") && err.contains(by_node), "{err}");
    user.done(&["send", "4", "demo", "dev2", "dev1", "--via", "node", "--resume"]);
}

#[test]
fn who_does_not_have_enough_is_told_the_same_by_whichever_way_and_what_helps() {
    let (folder, sandbox, fake) = sandbox("via-funds");
    let user = sandbox.user(&folder);
    // Dev0 is registered, and pays by index through a batcher; dev5 is not.
    for payer in ["dev0", "dev5"] {
        let pay = ["send", "2000000", "demo", payer, "dev1", "--yes"];
        let by_node = user.refused(3, &[&pay[..], &["--via", "node"]].concat());
        let sentence = "not sent, as it would be refused: balance too low: 1,000,000 demo available, 2,000,000 requested";
        assert!(by_node.contains(sentence), "{by_node}");
        let hint =
            format!("hint: {payer} lacks 1,000,000 demo: toru balance {payer} shows what it holds");
        assert!(by_node.contains(&hint), "{by_node}");
        for url in [fake.endpoint.clone(), format!("{}/v1", sandbox.endpoint)] {
            let through = user.refused(3, &[&pay[..], &["--via", &url]].concat());
            assert_eq!(through, by_node);
        }
    }
    assert!(fake.state().posted.is_empty());
}

#[test]
fn a_fee_is_paid_only_if_it_is_confirmed() {
    let (folder, sandbox, fake) = sandbox("via-fee");
    let user = sandbox.user(&folder);
    let tickets = user.json(&["tickets"]);
    let ticket = &tickets["tickets"][0];
    let operator = dev(9, &user);
    fake.state().quote["account"] = json!(operator.to_string());
    fake.state().quote["fees"] = json!([{
        "price": "2",
        "ticket": {"index": 0, "ticketer": ticket["ticketer"], "content": ticket["content"]},
    }]);
    let pay = |more: &[&'static str]| {
        let pay = ["send", "5", "demo", "dev0", "dev1", "--via", &fake.endpoint];
        let all: Vec<String> = pay.iter().chain(more).map(|word| (*word).to_owned()).collect();
        all
    };
    let run = |code: i32, more: &[&'static str]| {
        let args = pay(more);
        user.refused(code, &args.iter().map(String::as_str).collect::<Vec<_>>())
    };
    let unseen = run(2, &["--yes"]);
    assert!(unseen.contains("a fee of 2 demo") && unseen.contains("--max-fee 2 demo"), "{unseen}");
    let above = run(3, &["--yes", "--max-fee", "1", "demo"]);
    assert!(above.contains("asks for 2 demo, and --max-fee allows 1"), "{above}");
    for wrong in [
        &["1"][..],
        &["1 demo"],
        &["demo", "1"],
        &["0.5", "demo"],
        &["1", "gold"],
        &["1", "demo", "--max-fee", "2", "demo"],
    ] {
        let args = pay(&["--yes", "--max-fee"]);
        let args: Vec<&str> =
            args.iter().map(String::as_str).chain(wrong.iter().copied()).collect();
        user.refused(2, &args);
    }
    // What is malformed is told whichever way it goes.
    for way in ["node", "layer1"] {
        let pay = ["send", "5", "demo", "dev0", "dev1", "--yes", "--via", way, "--max-fee"];
        for wrong in [&["x"][..], &["x", "demo"], &["1,000.5", "demo"]] {
            let refused = user.refused(2, &[&pay[..], wrong].concat());
            assert!(refused.contains("--max-fee"), "{refused}");
        }
    }
    assert!(fake.state().posted.is_empty());
    let args = pay(&["--yes", "--max-fee", "2", "demo"]);
    let (status, out, err) =
        sending(&user, &args.iter().map(String::as_str).collect::<Vec<_>>(), |_, _| {
            let (hash, own) = posted(&fake, 1);
            let operation = &own.operations[0];
            assert_eq!(operation.actions.len(), 2, "{own:?}");
            let inbox::v2::Action::Transfers { to, .. } = &operation.actions[1] else { panic!() };
            assert_eq!((to[0].0, to[0].1.get()), (Name::Address(operator), 2));
            fake.stage(&hash, Stage::Sent);
        });
    assert!(status.success() && out.contains("fee 2 demo"), "{out}{err}");
    // Nothing else pays it.
    user.done(&["tx", "craft", "1", "demo", "dev2", "dev3", "--out", "one.json"]);
    user.done(&["tx", "sign", "one.json", "--key", "dev2", "--yes"]);
    let only = user.refused(2, &["tx", "submit", "one.json", "--yes", "--via", &fake.endpoint]);
    assert!(only.contains("only `toru send` pays"), "{only}");
    sandbox.mine(1);
}

#[test]
fn everything_that_is_signed_for_itself_goes_through_a_batcher() {
    let (folder, sandbox, fake) = sandbox("via-tx");
    let user = sandbox.user(&folder);
    user.done(&["tx", "craft", "1", "demo", "dev0", "dev3", "--out", "one.json"]);
    user.done(&["tx", "sign", "one.json", "--key", "dev0", "--yes"]);
    let submit = ["tx", "submit", "one.json", "--yes", "--via", &fake.endpoint];
    let (status, out, err) = sending(&user, &submit, |_, _| {
        let (hash, _) = posted(&fake, 1);
        fake.stage(&hash, Stage::Sent);
    });
    assert!(status.success() && out.contains("toru tx show"), "{out}{err}");
    let refused = |args: &[&str], words: &str| {
        let all = [args, &["--yes", "--via", &fake.endpoint]].concat();
        let said = user.refused(2, &all);
        assert!(said.contains(words), "{args:?}: {said}");
    };
    refused(&["register", "dev4"], "a registration is no transaction");
    refused(&["send", "1", "demo", "dev0", "dev1", "--pad"], "a batcher fills messages itself");
    refused(&["send", "1", "demo", "dev0", "dev1", "--valid-for", "0"], "that never expires");
    // What the environment says for all commands does not stop those that cannot go that way.
    let mut register = user.command(&["register", "dev4", "--yes"]);
    let output = register.env("TORU_BATCHER", &fake.endpoint).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let odd = user.refused(2, &["send", "1", "demo", "dev0", "dev1", "--via", "ftp://x"]);
    assert!(odd.contains("--via takes the URL of a batcher"), "{odd}");
    let away = user.refused(4, &["send", "1", "demo", "dev0", "dev1", "--via", "127.0.0.1:9"]);
    assert!(away.contains("--via node"), "{away}");
    fake.state().quote["rollup"] = json!("sr168fzzSa1h32J7tTvLxwSzcD17kX624zF3");
    refused(&["send", "1", "demo", "dev0", "dev1"], "is for sr168fzzSa1h32J7tTvLxwSzcD17kX624zF3");
}

#[test]
fn a_command_puts_it_into_an_inbox_past_everybody() {
    let (folder, sandbox, _) = sandbox("via-layer1");
    let user = sandbox.user(&folder);
    let pay = ["send", "5", "demo", "dev0", "dev1", "--yes", "--via", "layer1"];
    let told = user.json(&pay);
    assert_eq!((&told["sent"], &told["via"]["way"]), (&json!(false), &json!("layer1")));
    let command = told["commands"][0].as_str().unwrap();
    let payload = command.strip_prefix("octez-client send smart rollup message 'hex:[\"").unwrap();
    let payload = payload.strip_suffix("\"]' from SOURCE").unwrap();
    // It is signed and on record, and nobody has it.
    let queue = sandbox.get("/local/batcher/queue");
    assert_eq!(queue, json!([]));
    assert!(user.refused(5, &pay).contains("was sent before"));
    let (status, answer) = sandbox.post("/local/batcher/injection", &json!([payload]));
    assert_eq!(status, 200, "{answer}");
    sandbox.mine(1);
    let shown = user.json(&["tx", "show", told["hashes"][0].as_str().unwrap()]);
    assert_eq!(shown["applied"], true);
    let printed = user.done(&["register", "dev5", "--yes", "--via", "layer1"]);
    assert!(printed.contains("octez-client send smart rollup message"), "{printed}");
}
