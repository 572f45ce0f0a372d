//! Payouts from a file to the receipts, as their users make them.

use std::fs;

use crate::common::Folder;
use crate::common::sandbox::Sandbox;
use crate::common::user::User;
use encoding::{Tz4Address, blake2b_256};
use serde_json::{Value, json};
use toru::dev::{Account, FUNDS};

/// Somebody whom nobody else pays.
fn receiver(number: u64) -> Tz4Address {
    let digest = blake2b_256(&[b"payout", &number.to_be_bytes()]).0;
    let mut hash = [0; 20];
    hash.copy_from_slice(&digest[..20]);
    Tz4Address(hash)
}

fn dev(number: u32) -> Tz4Address {
    Account::new(number).unwrap().address
}

/// A file that pays each of these receivers their number.
fn file(numbers: impl Iterator<Item = u64>) -> String {
    let rows = numbers.map(|number| format!("{},{number},demo\n", receiver(number)));
    format!("to,amount,ticket\n{}", rows.collect::<String>())
}

/// Runs while a level comes now and then; returns the object on stdout.
fn while_mining(sandbox: &Sandbox, user: &User<'_>, args: &[&str]) -> Value {
    let output = sandbox.mining(user.command(&[args, &["--json"]].concat()));
    let told: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert!(output.status.success(), "{args:?}: {} {}", told["counts"], told["error"]);
    told
}

#[test]
fn a_file_is_planned_signed_offline_run_once_and_accounted_for() {
    const ROWS: u64 = 400;
    let folder = Folder::new("payout-whole");
    let sandbox = Sandbox::start(&folder, &[]);
    let user = sandbox.user(&folder);
    folder.file("pay.csv", file(1..=ROWS));

    // The same file, state and options make the same plan, whatever it is called and wherever it is written.
    let told = user.json(&["payout", "plan", "pay.csv", "--from", "dev0"]);
    assert_eq!((&told["file"], &told["plan"]["rows"]), (&json!("pay.plan.json"), &json!(ROWS)));
    user.done(&["payout", "plan", "pay.csv", "--from", "dev0", "--out", "again.json"]);
    let plan = fs::read(folder.0.join("pay.plan.json")).unwrap();
    assert_eq!(plan, fs::read(folder.0.join("again.json")).unwrap());
    let again = user.done(&["payout", "plan", "pay.csv", "--from", "dev0"]);
    assert!(again.contains("pay.plan.json is this plan already"), "{again}");
    let kept: Value = serde_json::from_slice(&plan).unwrap();
    assert_eq!((&kept["signatures"], &kept["plan"]["rows"][0]["line"]), (&json!([]), &json!(2)));
    let sum = ROWS * (ROWS + 1) / 2;
    assert_eq!(kept["plan"]["totals"]["sums"][0]["units"], sum.to_string());
    let screen: usize = again.lines().map(|line| line.chars().count().div_ceil(80).max(1)).sum();
    assert!(screen <= 24 && again.lines().all(|line| line.len() <= 88), "{again}");

    // Nothing was signed, and nothing can be sent.
    let refused = user.refused(2, &["payout", "run", "pay.plan.json", "--yes"]);
    assert!(refused.contains("not signed by dev0 (tz4"), "{refused}");
    assert!(refused.contains("toru payout sign pay.plan.json --key dev0"), "{refused}");
    let status = user.done(&["payout", "status", "pay.plan.json"]);
    assert!(status.contains("not sent") && status.contains("next: toru payout sign"), "{status}");

    // It is signed where no node is.
    let offline = User { folder: &folder, endpoint: "127.0.0.1:1".to_owned() };
    let sign = ["payout", "sign", "pay.plan.json", "--key", "dev0", "--yes"];
    let shown = offline.done(&sign);
    for said in ["400 payments to 400 receivers", "in all 80,200 demo", "line 2: 1 demo to tz4"] {
        assert!(shown.contains(said), "{said}: {shown}");
    }
    let signed = fs::read(folder.0.join("pay.plan.json")).unwrap();
    let twice = offline.json(&sign);
    assert_eq!((&twice["changed"], &twice["plan"]["missing"]), (&json!(false), &json!([])));
    assert_eq!(fs::read(folder.0.join("pay.plan.json")).unwrap(), signed);
    let refused =
        offline.refused(2, &["payout", "sign", "pay.plan.json", "--key", "dev1", "--yes"]);
    assert!(refused.contains("has nothing to sign in it"), "{refused}");

    // It is run, and run once.
    let dry = user.done(&["payout", "run", "pay.plan.json", "--dry-run"]);
    assert!(dry.contains("nothing was sent"), "{dry}");
    let run = ["payout", "run", "pay.plan.json", "--yes", "--wait", "final"];
    let done = while_mining(&sandbox, &user, &run);
    assert_eq!(done["sent"], true);
    assert_eq!(done["counts"].as_object().unwrap().len(), 1, "{}", done["counts"]);
    assert!(done["rows"].as_array().unwrap().iter().all(|row| row["paid"] == true));
    let messages = done["messages"].as_array().unwrap().len();
    assert_eq!(kept["plan"]["totals"]["messages"], messages);
    let record = done["records"][0].as_str().unwrap();
    let second = user.json(&run);
    assert_eq!((&second["sent"], &second["messages"]), (&json!(false), &json!([])));
    let words = user.done(&run);
    assert!(words.contains("pay.csv was run before: of 400 payments, 400 "), "{words}");
    assert!(words.contains("record "), "{words}");

    // Neither another plan of the same file nor the file itself is paid again, and the original is named.
    let name = record.rsplit('/').next().unwrap().split('.').next().unwrap();
    folder.file("copy.csv", file(1..=ROWS));
    let plan_copy = ["payout", "plan", "copy.csv", "--from", "dev0"];
    let refused = user.refused(2, &plan_copy);
    assert!(refused.contains("copy.csv was sent before: 400 of 400 payments made"), "{refused}");
    assert!(refused.contains(name) && refused.contains("--again"), "{refused}");
    let refused = user.refused(2, &["send", "--file", "copy.csv", "--from", "dev0", "--yes"]);
    assert!(refused.contains("copy.csv was sent before: 400 of 400"), "{refused}");
    user.done(&[&plan_copy[..], &["--again", "--dry-run"]].concat());

    let report = user.json(&[
        "payout",
        "report",
        "pay.plan.json",
        "--out",
        "receipts.csv",
        "--html",
        "receipts.html",
    ]);
    assert_eq!(report["files"], json!(["receipts.csv", "receipts.html"]));
    let receipts = fs::read_to_string(folder.0.join("receipts.csv")).unwrap();
    let mut lines = receipts.split("\r\n");
    assert_eq!(
        lines.next(),
        Some("line,name,receiver,amount,ticket,ticketer,hash,level,result,final,memo")
    );
    let rows: Vec<Vec<&str>> =
        lines.filter(|line| !line.is_empty()).map(|line| line.split(',').collect()).collect();
    assert_eq!(rows.len(), 400);
    let (third, row) = (&rows[2], &done["rows"][2]);
    let address = receiver(3).to_string();
    let ticketer = kept["plan"]["tickets"][0]["ticketer"].as_str().unwrap();
    assert_eq!(third[..6], ["4", &address, &address, "3", "demo", ticketer]);
    assert_eq!((third[6], third[8], third[9]), (row["hash"].as_str().unwrap(), "applied", "yes"));
    assert_eq!(third[7], row["level"].to_string());
    let html = fs::read_to_string(folder.0.join("receipts.html")).unwrap();
    assert!(html.contains("All 400 payments were made, and all are final."));
    assert!(!html.contains("<script") && !html.contains("http://") && !html.contains("https://"));
    // Each transaction is there once, with its number, and each payment has its number.
    assert_eq!(html.matches(row["hash"].as_str().unwrap()).count(), 1);
    let cells = format!("<td class=\"hash\">{address}</td><td class=\"number\">3</td>");
    assert!(html.contains(&cells), "{cells}");
    let refused = user.refused(2, &["payout", "report", "pay.plan.json", "--out", "pay.csv"]);
    assert!(refused.contains("--overwrite"), "{refused}");
    assert_eq!(fs::read_to_string(folder.0.join("pay.csv")).unwrap(), file(1..=ROWS));

    let balances = sandbox.balances();
    assert!((1..=ROWS).all(|number| balances.get(&receiver(number)) == Some(&number)));
    assert_eq!(balances[&dev(0)], FUNDS - sum);
}

#[test]
fn several_payers_sign_their_own_rows_on_copies_of_the_plan() {
    let folder = Folder::new("payout-several");
    let sandbox = Sandbox::start(&folder, &[]);
    let user = sandbox.user(&folder);
    let rows =
        "from;to;amount;ticket;memo\ndev1;dev3;5;demo;rent\n;dev4;1000;demo;\ndev1;dev5;7;demo;\n";
    folder.file("pay.csv", rows);
    let plan = ["payout", "plan", "pay.csv", "--from", "dev0", "--out", "plan.json"];
    let told = user.json(&plan);
    let payers = told["plan"]["payers"].as_array().unwrap();
    assert_eq!(payers.len(), 2);
    assert_eq!((&payers[0]["name"], &payers[1]["name"]), (&json!("dev0"), &json!("dev1")));
    fs::copy(folder.0.join("plan.json"), folder.0.join("copy.json")).unwrap();
    let first = user.done(&["payout", "sign", "plan.json", "--key", "dev0", "--yes"]);
    assert!(first.contains("1 of these payments are from dev0"), "{first}");
    assert!(first.contains("signed; still to sign: dev1"), "{first}");
    let refused = user.refused(2, &["payout", "run", "plan.json", "--yes"]);
    assert!(refused.contains("not signed by dev1"), "{refused}");
    user.done(&["payout", "sign", "copy.json", "--key", "dev1", "--yes"]);
    let run = ["payout", "run", "plan.json", "copy.json", "--yes", "--wait"];
    let done = while_mining(&sandbox, &user, &run);
    assert_eq!(done["records"].as_array().unwrap().len(), 2);
    let rows = done["rows"].as_array().unwrap();
    assert!(rows.iter().all(|row| row["paid"] == true), "{rows:?}");
    let from = |number| json!(dev(number).to_string());
    assert_eq!((&rows[0]["from"], &rows[1]["from"]), (&from(1), &from(0)));
    let balance = |number| sandbox.balance(dev(number));
    assert_eq!([balance(0), balance(1)], [FUNDS - 1_000, FUNDS - 12]);
    assert_eq!([balance(3), balance(4), balance(5)], [FUNDS + 5, FUNDS + 1_000, FUNDS + 7]);
    // The record of each payer is found again.
    assert_eq!(user.json(&run)["records"].as_array().unwrap().len(), 2);
}

#[test]
fn a_plan_whose_record_is_elsewhere_is_asked_of_the_rollup_by_hash() {
    let folder = Folder::new("payout-elsewhere");
    let sandbox = Sandbox::start(&folder, &[]);
    let user = sandbox.user(&folder);
    folder.file("pay.csv", file(1..=3));
    user.done(&["payout", "plan", "pay.csv", "--from", "dev0"]);
    user.done(&["payout", "sign", "pay.plan.json", "--key", "dev0", "--yes"]);
    let run = ["payout", "run", "pay.plan.json", "--yes", "--wait"];
    while_mining(&sandbox, &user, &[&run[..], &["--payments", "first"]].concat());
    let elsewhere = ["--payments", "second"];
    let status = user.json(&[&["payout", "status", "pay.plan.json"][..], &elsewhere].concat());
    assert_eq!(status["records"], json!([]));
    assert!(status["rows"].as_array().unwrap().iter().all(|row| row["paid"] == true));
    let again = user.json(&[&run[..], &elsewhere].concat());
    assert_eq!((&again["sent"], again["records"].as_array().unwrap().len()), (&json!(false), 1));
    assert_eq!(sandbox.balance(dev(0)), FUNDS - 6);
}

#[test]
fn what_a_run_has_left_unpaid_is_planned_anew_and_nothing_else() {
    const ROWS: u64 = 400;
    let folder = Folder::new("payout-unpaid");
    let sandbox = Sandbox::start(&folder, &[]);
    let user = sandbox.user(&folder);
    folder.file("pay.csv", file(1..=ROWS));
    let none = user.refused(2, &["payout", "plan", "pay.csv", "--from", "dev0", "--unpaid"]);
    assert!(none.contains("was not sent before by dev0"), "{none}");
    user.done(&["payout", "plan", "pay.csv", "--from", "dev0"]);
    user.done(&["payout", "sign", "pay.plan.json", "--key", "dev0", "--yes"]);
    user.done(&["payout", "run", "pay.plan.json", "--yes"]);
    // Another transaction comes first in the level, with the counter of the first message.
    let other = crate::common::payroll::payload(0);
    let (status, _) = sandbox.post("/local/batcher/injection?order=0", &json!([other]));
    assert_eq!(status, 200);
    sandbox.mine(1);
    let output = user.run(&["payout", "run", "pay.plan.json", "--yes", "--wait", "--json"]);
    let told: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(3), "{} {}", told["counts"], told["error"]);
    let rows = told["rows"].as_array().unwrap();
    let unpaid: Vec<&Value> = rows.iter().filter(|row| row["paid"] == false).collect();
    assert!((1..400).contains(&unpaid.len()), "{}", unpaid.len());
    assert!(unpaid.iter().all(|row| row["result"] == "replaced"));
    let hint = told["error"]["hint"].as_str().unwrap();
    assert!(hint.contains("toru payout plan FILE.csv --from NAME --unpaid"), "{hint}");
    sandbox.mine(2);

    // A plain plan of it is refused, and one of what is left has the rows that are left.
    let refused =
        user.refused(2, &["payout", "plan", "pay.csv", "--from", "dev0", "--out", "no.json"]);
    assert!(refused.contains("toru payout plan FILE.csv --from NAME --unpaid"), "{refused}");
    let rest = ["payout", "plan", "pay.csv", "--from", "dev0", "--unpaid", "--out", "rest.json"];
    let planned = user.json(&rest);
    assert_eq!(planned["plan"]["rows"], unpaid.len());
    user.done(&["payout", "sign", "rest.json", "--key", "dev0", "--yes"]);
    let run = ["payout", "run", "rest.json", "--yes", "--wait"];
    let done = while_mining(&sandbox, &user, &run);
    assert_eq!(done["rows"].as_array().unwrap().len(), unpaid.len());
    assert!(done["rows"].as_array().unwrap().iter().all(|row| row["paid"] == true));
    assert_eq!(user.json(&run)["sent"], false);
    // The first plan says it too, with the transactions that count.
    let status = user.json(&["payout", "status", "pay.plan.json"]);
    assert!(status["rows"].as_array().unwrap().iter().all(|row| row["paid"] == true));
    let balances = sandbox.balances();
    assert!((1..=ROWS).all(|number| balances.get(&receiver(number)) == Some(&number)));
    let none = user.refused(2, &rest);
    assert!(none.contains("all of it is paid"), "{none}");
}
