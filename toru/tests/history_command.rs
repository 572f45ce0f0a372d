//! `toru history`, and what else a history answers for: commands against a sandbox, which keeps one.

use std::fs;

use serde_json::{Value, json};

use crate::common::liar::{Liar, Mood};
use crate::common::people::people;
use crate::common::sandbox::Sandbox;
use crate::common::user::User;
use crate::common::wait::until;

/// Waits until the history is as far as its node.
fn caught_up(sandbox: &Sandbox) {
    until("a history that has every level", || {
        let head = sandbox.get("/global/tezos_level");
        let told = sandbox.get("/history/status");
        told["last"]["level"] == head && told["alarms"] == json!(0)
    });
}

/// What is printed, without what differs from run to run: times and the address.
fn steady(text: &str, sandbox: &Sandbox) -> String {
    let text = text.replace(&sandbox.endpoint, "ENDPOINT");
    let mut steady = String::new();
    let mut rest = text.as_str();
    while let Some(at) = rest.find("20") {
        let (before, found) = rest.split_at(at);
        steady.push_str(before);
        let form = |c: char| if c.is_ascii_digit() { '0' } else { c };
        let shape: String = found.chars().take(20).map(form).collect();
        let (written, length) = match shape.as_str() {
            "0000-00-00T00:00:00Z" => ("YYYY-MM-DDThh:mm:ssZ", 20),
            shape if shape.starts_with("0000-00-00 00:00") => ("YYYY-MM-DD hh:mm", 16),
            _ => ("20", 2),
        };
        steady.push_str(written);
        rest = &found[length..];
    }
    steady + rest
}

/// Somebody who paid, was paid, had a payment refused, and withdrew.
fn paid(sandbox: &Sandbox, user: &User<'_>) -> String {
    let pay = ["send", "1250", "demo", "dev0", "dev1", "--memo", "rent for November", "--yes"];
    let sent = user.json(&[&pay[..], &["--via", "node"]].concat());
    sandbox.mine(1);
    user.done(&["send", "7", "demo", "dev1", "dev0", "--memo", "=1+1", "--yes", "--via", "node"]);
    sandbox.mine(1);
    user.done(&["dev", "deposit", "dev0", "3"]);
    user.done(&["withdraw", "20", "demo", "--from", "dev0", "--to", "bootstrap1", "--yes"]);
    sandbox.mine(1);
    caught_up(sandbox);
    sent["hashes"][0].as_str().unwrap().to_owned()
}

#[test]
fn an_account_sees_what_it_was_paid_and_paid() {
    let (folder, sandbox) = people("history", &[]);
    let user = sandbox.user(&folder);
    let hash = paid(&sandbox, &user);
    let text = user.done(&["history", "dev0"]);
    assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
    expect_test::expect_file!["golden/history.txt"].assert_eq(&steady(&text, &sandbox));
    let csv = user.done(&["history", "dev0", "--csv"]);
    assert!(csv.ends_with("\r\n") && !csv.replace("\r\n", "").contains(['\r', '\n']), "{csv:?}");
    // A golden file has the line ends of the machine that checks it out.
    let lines = steady(&csv, &sandbox).replace("\r\n", "\n");
    expect_test::expect_file!["golden/history.csv"].assert_eq(&lines);
    assert!(csv.contains("\"'=1+1\""), "{csv}");
    let told = user.json(&["history", "dev0"]);
    let moves = told["moves"].as_array().unwrap();
    assert_eq!((moves.len(), &told["more"]), (5, &json!(false)));
    assert_eq!((&moves[0]["kind"], &moves[0]["direction"]), (&json!("withdrawal"), &json!("out")));
    let pays = moves.iter().find(|one| one["hash"] == json!(hash)).unwrap();
    assert_eq!((&pays["amount"], &pays["account_name"]), (&json!("1250"), &json!("dev1")));
    assert_eq!((&pays["memo"], &pays["state"]), (&json!("rent for November"), &json!("applied")));
    // The other side sees the same, from its side.
    let other = user.json(&["history", "dev1", "--kind", "transfer"]);
    assert_eq!(other["moves"].as_array().unwrap().len(), 2);
    assert_eq!(other["moves"][1]["direction"], "in");
    let verbose = user.done(&["history", "dev0", "--verbose"]);
    assert!(verbose.contains(&hash), "{verbose}");
}

#[test]
fn what_is_wanted_is_chosen_and_comes_page_by_page() {
    let (folder, sandbox) = people("history-pages", &[]);
    let user = sandbox.user(&folder);
    let rows: String = (0..230).map(|_| "dev1,1,demo\n").collect();
    folder.file("many.csv", format!("to,amount,ticket\n{rows}"));
    user.done(&["send", "--file", "many.csv", "--from", "dev0", "--yes", "--via", "node"]);
    sandbox.mine(2);
    caught_up(&sandbox);
    let count = |args: &[&str]| {
        let told = user.json(&[&["history", "dev1"], args].concat());
        (told["moves"].as_array().unwrap().len(), told["more"] == json!(true))
    };
    for (args, expected) in [
        (&[][..], (20, true)),
        (&["--limit", "231"], (231, false)),
        (&["--limit", "0"], (231, false)),
        (&["--limit", "201"], (201, true)),
        (&["--kind", "deposit"], (1, false)),
        (&["--kind", "withdrawal"], (0, false)),
        (&["--since", "2", "--limit", "0"], (230, false)),
        (&["--since", "2000-01-01", "--kind", "deposit"], (1, false)),
        (&["--since", "2100-01-01T00:00:00Z"], (0, false)),
        (&["--ticket", "demo", "--limit", "0"], (231, false)),
        (&["--ticket", "#0", "--applied", "--limit", "3"], (3, true)),
    ] {
        assert_eq!(count(args), expected, "{args:?}");
    }
    let all = user.done(&["history", "dev1", "--limit", "0"]);
    assert_eq!(all.matches("         from dev0").count(), 230);
    assert_eq!(all.matches("when (UTC)").count(), 1, "{all}");
    let csv = user.done(&["history", "dev1", "--limit", "0", "--csv"]);
    assert_eq!(csv.matches("\r\n").count(), 232);
    let some = user.done(&["history", "dev1"]);
    assert!(some.ends_with("the last 20; --limit 0 shows all\n"), "{some}");
    assert!(user.done(&["history", "dev9", "--kind", "transfer"]).contains("no such moves"));
}

#[test]
fn every_mistake_is_told() {
    let (folder, sandbox) = people("history-mistakes", &[]);
    let user = sandbox.user(&folder);
    caught_up(&sandbox);
    let elsewhere = format!("--history=http://{}/v1", sandbox.endpoint);
    for (code, args, said) in [
        (2, &["history", "nobody"][..], "toru key list"),
        (2, &["history", "tz1Ke2h7sDdakHJQh8WX4Z372du1KChsksyU"], "layer 1"),
        (2, &["history", "#77"], "has no account #77"),
        (2, &["history", "dev0", "--ticket", "gold"], "toru tickets"),
        (2, &["history", "dev0", "--since", "yesterday"], "is not a level, a date"),
        (2, &["history", "dev0", "--since", "2026-02-30"], "is not a level, a date"),
        (2, &["history", "dev0", "--since", "-5"], "is not a level, a date"),
        (2, &["history", "dev0", "--kind", "gift"], "deposit, transfer, withdrawal"),
        (2, &["history", "dev0", "--limit", "-1"], "--limit"),
        (2, &["history", "dev0", "--history", "ftp://x"], "--history"),
        (4, &["history", "dev0", "--history", "127.0.0.1:9"], "no answer from the history"),
        (4, &["history", "dev0", &elsewhere], "serves no history"),
        (4, &["history", "dev0", "--endpoint", "127.0.0.1:9"], "no answer from"),
    ] {
        let refused = user.refused(code, args);
        assert!(refused.contains(said), "{args:?}: {refused}");
    }
    let both = user.run(&["history", "dev0", "--csv", "--json"]);
    assert_eq!(both.status.code(), Some(2));
    let told: Value = serde_json::from_slice(&both.stdout).unwrap();
    assert_eq!(told["error"]["code"], "usage");
}

#[test]
fn a_node_that_keeps_no_history_says_how_to_get_one() {
    let (folder, sandbox) = people("history-none", &[]);
    let (liar, endpoint) = Liar::before(&sandbox.endpoint);
    liar.is(Mood::Octez);
    let user = User { folder: &folder, endpoint };
    let refused = user.refused(4, &["history", "dev0"]);
    assert!(refused.contains("serves no history"), "{refused}");
    assert!(refused.contains("toru explorer --endpoint"), "{refused}");
    assert!(refused.contains("--history URL"), "{refused}");
    // One that is named is asked.
    caught_up(&sandbox);
    let told = user.json(&["history", "dev0", "--history", &sandbox.endpoint]);
    assert_eq!(told["moves"].as_array().unwrap().len(), 1);
}

#[test]
fn an_explorer_touches_no_file_but_an_index() {
    let (folder, sandbox) = people("history-files", &[]);
    let user = sandbox.user(&folder);
    folder.file("letter.txt", "Dear Sir");
    let explorer = ["explorer", "--listen", "127.0.0.1:0", "--data", "letter.txt"];
    for more in [&[][..], &["--rebuild"]] {
        let refused = user.refused(2, &[&explorer, more].concat());
        assert!(refused.contains("letter.txt is no index"), "{refused}");
        assert!(refused.contains("--data takes the file of an index"), "{refused}");
        assert_eq!(fs::read_to_string(folder.0.join("letter.txt")).unwrap(), "Dear Sir");
    }
    // Where a sandbox keeps its own: also one that begins anew.
    folder.file("sandbox.db.history.sqlite", "Dear Sir");
    let dev = ["dev", "--rpc", "127.0.0.1:0", "--state", "sandbox.db"];
    let refused = user.refused(2, &dev);
    assert!(refused.contains("move the file away"), "{refused}");
    let kept = fs::read_to_string(folder.0.join("sandbox.db.history.sqlite")).unwrap();
    assert_eq!(kept, "Dear Sir");
}

#[test]
fn what_strangers_write_steers_nothing() {
    let (folder, sandbox) = people("history-hostile", &[]);
    let user = sandbox.user(&folder);
    let hostile = ["\u{1b}[2J\u{202e}x", "=HYPERLINK(\"http://x\")", "a\r\nb,c", "<b>\u{200b}"];
    for (at, memo) in hostile.iter().enumerate() {
        let amount = (at + 1).to_string();
        let pay = ["send", &amount, "demo", "dev0", "dev1", "--memo", memo];
        user.done(&[&pay[..], &["--yes", "--via", "node"]].concat());
        sandbox.mine(1);
    }
    caught_up(&sandbox);
    for args in
        [&["history", "dev1"][..], &["history", "dev1", "--csv"], &["history", "dev1", "--json"]]
    {
        let text = user.done(args);
        let plain = text.replace("\r\n", "\n").replace('\n', "");
        assert!(!plain.contains(char::is_control), "{text:?}");
        assert!(!plain.contains(['\u{202e}', '\u{200b}']), "{text:?}");
        assert!(!text.lines().any(|line| line.starts_with('=') || line.contains(",=")), "{text}");
    }
    let csv = user.done(&["history", "dev1", "--csv"]);
    assert_eq!(csv.matches("\r\n").count(), hostile.len() + 2, "{csv}");
    assert!(csv.contains("\"'=HYPERLINK(\"\"http://x\"\")\""), "{csv}");
}

#[test]
fn a_history_knows_what_the_node_has_forgotten() {
    let (folder, sandbox) = people("history-old", &[]);
    let (liar, endpoint) = Liar::before(&sandbox.endpoint);
    let user = User { folder: &folder, endpoint };
    let hash = paid(&sandbox, &user);
    folder.file("pay.csv", "to,amount,ticket,memo\ndev2,5,demo,one\ndev3,6,demo,two\n");
    let plan = ["payout", "plan", "pay.csv", "--from", "dev0", "--out", "plan.json"];
    user.done(&plan);
    user.done(&["payout", "sign", "plan.json", "--key", "dev0", "--yes"]);
    user.done(&["payout", "run", "plan.json", "--yes"]);
    // More than the levels whose inboxes a hash is looked for in.
    sandbox.mine(310);
    caught_up(&sandbox);
    let known = user.json(&["tx", "show", &hash]);
    assert_eq!((&known["source"], &known["applied"]), (&json!("node"), &json!(true)));
    liar.is(Mood::Forgetful);
    let shown = user.done(&["tx", "show", &hash]);
    for part in ["from the history of", "operation 0 applied, memo rent for November", "cemented"] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
    assert!(shown.contains("pays 1,250 demo") && shown.contains("dev1"), "{shown}");
    let told = user.json(&["tx", "show", &hash]);
    assert_eq!((&told["source"], &told["applied"]), (&json!("history"), &json!(true)));
    for field in ["hash", "level", "message", "stage", "final", "result", "batch_of"] {
        assert_eq!(told[field], known[field], "{field}");
    }
    assert_eq!(told["payments"][0]["units"], "1250");
    let waited = user.json(&["tx", "show", &hash, "--wait", "--timeout", "5"]);
    assert_eq!(waited["source"], "history");
    let unknown = user.refused(5, &["tx", "show", &"77".repeat(32)]);
    assert!(unknown.contains("no result"), "{unknown}");
    // Payments of a generation ago are too old for the node.
    liar.is(Mood::Aged);
    let report = ["payout", "report", "plan.json", "--out", "report.csv"];
    let told = user.json(&report);
    assert_eq!(told["from_history"], json!(2), "{told}");
    let csv = fs::read_to_string(folder.0.join("report.csv")).unwrap();
    assert_eq!(csv.matches(",applied,yes,").count(), 2, "{csv}");
    // Without a history, nobody knows.
    liar.is(Mood::ForgetfulOctez);
    assert!(user.refused(5, &["tx", "show", &hash]).contains("no result"));
    let named = ["--history", &sandbox.endpoint];
    assert!(user.done(&[&["tx", "show", &hash], &named[..]].concat()).contains("from the history"));
}

#[test]
fn a_level_that_was_just_baked_or_taken_back_is_looked_for() {
    let (folder, sandbox) = people("history-at-once", &[]);
    let user = sandbox.user(&folder);
    let paid =
        || user.json(&["history", "dev1", "--kind", "transfer"])["moves"].as_array().map(Vec::len);
    user.done(&["dev", "snapshot", "before"]);
    for number in 1..=5 {
        user.done(&["send", "7", "demo", "dev0", "dev1", "--yes", "--via", "node"]);
        sandbox.mine(1);
        assert_eq!(paid(), Some(number));
    }
    user.done(&["dev", "revert", "before"]);
    assert_eq!(paid(), Some(0));
}
