//! A wallet that pays through a real batcher and signs its batches is killed at each moment of that, and loses what it
//! has written about batches: whatever happens, whoever goes on pays exactly once.

use std::fs;
use std::path::PathBuf;
use std::process::{Child, Stdio};

use batcher_api::{Record, Settled, Stage};
use serde_json::{Value, json};
use wallet::session::SIMULATED_ROLLUP;

use crate::common::Folder;
use crate::common::batcher::{Batcher, LONG_ROUND};
use crate::common::gate::{Gate, Moment};
use crate::common::people::balance;
use crate::common::sandbox::Sandbox;
use crate::common::user::User;
use crate::common::wait::until;

/// What is left of the file that says which batches were signed.
#[derive(Clone, Copy, Debug)]
enum Left {
    All,
    Nothing,
    Damaged,
}

/// A sandbox, and beside it a batcher that is reached through a gate.
struct Setting {
    sandbox: Sandbox,
    batcher: Batcher,
    gate: Gate,
}

impl Setting {
    /// The key of dev0 is registered, and final.
    fn new(folder: &Folder, options: &[&str]) -> Self {
        let sandbox = Sandbox::start(folder, &["--no-batcher"]);
        sandbox.user(folder).done(&["register", "dev0", "--yes"]);
        sandbox.mine(4);
        let batcher = Batcher::start(folder, &sandbox.endpoint, options);
        let gate = Gate::before(&batcher.endpoint);
        Setting { sandbox, batcher, gate }
    }

    fn record(&self, hash: &str) -> Option<Record> {
        let answer = self.batcher.get(&format!("/v1/transactions/{hash}"));
        (answer.status == 200).then(|| serde_json::from_value(answer.body).unwrap())
    }

    /// Has a level as soon as the batcher's node has a transaction, and comes back once it is applied.
    fn applies(&self, hash: &str) -> Record {
        until("the node has it", || {
            self.record(hash).is_some_and(|record| record.stage >= Stage::Sent)
        });
        self.sandbox.mine(1);
        until("it is applied", || {
            self.record(hash).is_some_and(|record| record.result == Some(Settled::Applied))
        });
        self.record(hash).unwrap()
    }

    /// Waits until a command ends. Whatever a node has gets its level meanwhile.
    fn ended(&self, mut child: Child, hash: &str) -> Option<i32> {
        until("the command ends", || {
            let is_sent = self.record(hash).is_some_and(|record| record.stage == Stage::Sent);
            if is_sent {
                self.sandbox.mine(1);
            }
            child.try_wait().unwrap().is_some()
        });
        child.wait().unwrap().code()
    }
}

fn spawned(user: &User<'_>, args: &[&str]) -> Child {
    user.command(args).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}

fn records(folder: &Folder) -> PathBuf {
    folder.0.join("payments").join(SIMULATED_ROLLUP.to_string())
}

/// The hashes that are on record of the payment that was signed last: one for each time that it was signed.
fn recorded(folder: &Folder) -> Vec<String> {
    let files = fs::read_dir(records(folder)).unwrap().map(|entry| entry.unwrap().path());
    let is_record = |path: &PathBuf| path.extension().is_some_and(|extension| extension == "json");
    let last = files.filter(is_record).max().unwrap();
    let record: Value = serde_json::from_slice(&fs::read(last).unwrap()).unwrap();
    let hash = |one: &Value| one["hash"].as_str().unwrap().to_owned();
    record["transactions"].as_array().unwrap().iter().map(hash).collect()
}

#[test]
fn a_wallet_that_is_killed_at_any_moment_of_a_cosigned_payment_pays_exactly_once() {
    let folder = Folder::new("cosigned-kills");
    let setting = Setting::new(&folder, &["--deadline-ms", LONG_ROUND, "--max-wait-ms", "50"]);
    let user = setting.sandbox.user(&folder);
    let log = records(&folder).join("cosigned.jsonl");
    let mut paid = 1_000_000;
    let cases = [
        (Moment::Posting, false, Left::All),
        (Moment::Signed, false, Left::All),
        (Moment::Signed, false, Left::Nothing),
        (Moment::Signed, true, Left::All),
        (Moment::Signed, true, Left::Nothing),
        (Moment::Signed, true, Left::Damaged),
        // Killed while it waits for the last stage, when the batch was applied long ago.
        (Moment::Never, true, Left::Nothing),
        (Moment::Never, true, Left::All),
        // Such a round runs out, and whoever was silent in it is not asked by the next ones.
        (Moment::Signing, true, Left::Nothing),
    ];
    for (number, (moment, is_applied, left)) in (1..).zip(cases) {
        let case = format!("{number}: {moment:?}, applied: {is_applied}, left: {left:?}");
        let amount = number.to_string();
        let pay =
            ["send", &amount, "demo", "dev0", "dev1", "--via", &setting.gate.endpoint, "--yes"];
        setting.gate.holds(moment);
        let mut wallet = spawned(&user, &[&pay[..], &["--wait", "cemented"]].concat());
        if moment == Moment::Never {
            until("it is on record", || is_newest(&folder, &amount));
            let hash = recorded(&folder)[0].clone();
            let record = setting.applies(&hash);
            assert_eq!(record.cosigned, Some(true), "{case}");
        } else {
            until("the moment has come", || setting.gate.has_held());
        }
        wallet.kill().unwrap();
        wallet.wait().unwrap();
        let hash = recorded(&folder)[0].clone();
        if is_applied && moment != Moment::Never {
            let record = setting.applies(&hash);
            assert_eq!(record.cosigned, Some(moment == Moment::Signed), "{case}");
        }
        match left {
            Left::All => {}
            Left::Nothing => fs::remove_file(&log).unwrap(),
            Left::Damaged => fs::write(&log, b"\xff\xfe{\"transaction\"").unwrap(),
        }
        setting.gate.holds(Moment::Never);
        let on = [&pay[..], &["--resume", "--wait"]].concat();
        let code = setting.ended(spawned(&user, &on), &hash);
        assert_eq!(code, Some(0), "{case}");
        paid += number;
        assert_eq!(balance(&user, "dev1"), paid.to_string(), "{case}");
        // It was signed once, and is over: who goes on once more is told so, and nothing is sent.
        assert_eq!(recorded(&folder), [hash], "{case}");
        let told = user.json(&[&pay[..], &["--resume"]].concat());
        assert_eq!(
            (&told["sent"], &told["rows"][0]["paid"]),
            (&json!(false), &json!(true)),
            "{case}"
        );
    }
}

/// Whether there is a record, and the newest is of that amount.
fn is_newest(folder: &Folder, amount: &str) -> bool {
    let Ok(files) = fs::read_dir(records(folder)) else { return false };
    let files = files.map(|entry| entry.unwrap().path());
    let last = files.filter(|path| path.extension().is_some_and(|one| one == "json")).max();
    let text = last.and_then(|path| fs::read(path).ok());
    let record: Option<Value> = text.and_then(|text| serde_json::from_slice(&text).ok());
    record.is_some_and(|record| record["rows"][0]["units"].as_u64() == amount.parse().ok())
}

#[test]
fn a_file_that_was_paid_through_a_batcher_is_not_planned_as_unpaid_when_the_batches_are_lost() {
    let folder = Folder::new("cosigned-plan");
    let setting = Setting::new(&folder, &["--deadline-ms", LONG_ROUND, "--max-wait-ms", "50"]);
    let user = setting.sandbox.user(&folder);
    folder.file("pay.csv", "to,amount,ticket\ndev1,3,demo\n");
    let pay =
        ["send", "--file", "pay.csv", "--from", "dev0", "--yes", "--via", &setting.gate.endpoint];
    user.done(&pay);
    let hash = recorded(&folder)[0].clone();
    assert_eq!(setting.applies(&hash).cosigned, Some(true));
    fs::remove_file(records(&folder).join("cosigned.jsonl")).unwrap();
    let plan = ["payout", "plan", "pay.csv", "--from", "dev0"];
    let told = user.refused(2, &[&plan[..], &["--unpaid"]].concat());
    assert!(told.contains("all of it is paid"), "{told}");
    let told = user.refused(2, &plan);
    assert!(told.contains("was sent before: 1 of 1 payment made"), "{told}");
    assert_eq!(balance(&user, "dev1"), "1000003");
}

#[test]
fn a_fee_goes_from_the_payer_to_the_batcher_and_never_more_than_was_confirmed() {
    let folder = Folder::new("cosigned-fee");
    let account = crate::common::batcher::dev(9);
    let fee = ["--fee", "2", "demo", "--account", &account];
    let setting = Setting::new(
        &folder,
        &[&["--deadline-ms", LONG_ROUND, "--max-wait-ms", "50"][..], &fee].concat(),
    );
    let user = setting.sandbox.user(&folder);
    let quote = setting.batcher.get("/v1/quote").body;
    assert_eq!((&quote["account"], &quote["fees"][0]["price"]), (&json!(account), &json!("2")));
    let holds = || ["dev0", "dev1", "dev9"].map(|name| balance(&user, name));
    let before = holds();
    let pay = ["send", "5", "demo", "dev0", "dev1", "--yes", "--via", &setting.gate.endpoint];

    // Too little is refused, before anything is signed: nothing is on record, and nobody is paid.
    let refused = user.refused(3, &[&pay[..], &["--max-fee", "1", "demo"]].concat());
    assert!(refused.contains("asks for 2 demo, and --max-fee allows 1"), "{refused}");
    user.refused(2, &pay);
    setting.sandbox.mine(1);
    assert_eq!(holds(), before);
    assert!(user.refused(2, &[&pay[..], &["--resume"]].concat()).contains("no record"));
    let shown = user.json(&[
        "send",
        "5",
        "demo",
        "dev0",
        "dev1",
        "--dry-run",
        "--via",
        &setting.gate.endpoint,
    ]);
    assert_eq!(shown["plan"]["via"]["fee"]["amount"], "2");

    // The batcher would not take it without the fee, nor for less than it asks.
    let by_hand = ["tx", "craft", "5", "demo", "dev0", "dev1", "--out", "free.json"];
    user.done(&[&by_hand[..], &["--valid-for", "240"]].concat());
    user.done(&["tx", "sign", "free.json", "--key", "dev0", "--yes"]);
    let free: Value =
        serde_json::from_slice(&fs::read(folder.0.join("free.json")).unwrap()).unwrap();
    let answer = crate::common::batcher::submit(&setting.batcher.endpoint, &[free]);
    assert!(answer[0]["error"]["code"].as_str().unwrap().contains("FEE"), "{answer:?}");

    let paying = spawned(&user, &[&pay[..], &["--max-fee", "2", "demo", "--wait"]].concat());
    until("it is on record", || is_newest(&folder, "5"));
    let hash = recorded(&folder)[0].clone();
    assert_eq!(setting.ended(paying, &hash), Some(0));
    let units = |text: &String| text.parse::<u64>().unwrap();
    let [payer, receiver, batcher] = before.each_ref().map(units);
    assert_eq!(holds().each_ref().map(units), [payer - 7, receiver + 5, batcher + 2]);
    assert_eq!(setting.record(&hash).unwrap().cosigned, Some(true));
}
