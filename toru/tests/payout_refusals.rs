//! What a payout is refused for, and what is said to do about it.

use std::fs;

use crate::common::Folder;
use crate::common::sandbox::Sandbox;
use crate::common::user::User;
use serde_json::{Value, json};

const PLAN: [&str; 5] = ["payout", "plan", "pay.csv", "--from", "dev0"];
const RUN: [&str; 4] = ["payout", "run", "pay.plan.json", "--yes"];

fn start(name: &str) -> (Folder, Sandbox) {
    let folder = Folder::new(name);
    let sandbox = Sandbox::start(&folder, &[]);
    folder.file("pay.csv", "to,amount,ticket\ndev1,3,demo\ndev2,4,demo\n");
    (folder, sandbox)
}

/// Plans, with more options, and signs.
fn signed(user: &User<'_>, more: &[&str]) {
    user.done(&[&PLAN[..], more].concat());
    user.done(&["payout", "sign", "pay.plan.json", "--key", "dev0", "--yes"]);
}

/// The error of a command that prints JSON, with its exit code.
fn error(user: &User<'_>, code: i32, args: &[&str]) -> (String, String) {
    let output = user.run(&[args, &["--json"]].concat());
    assert_eq!(output.status.code(), Some(code), "{args:?}: {output:?}");
    let told: Value = serde_json::from_slice(&output.stdout).unwrap();
    let text = |field: &str| told["error"][field].as_str().unwrap_or_default().to_owned();
    (text("code"), format!("{}\n{}", text("message"), text("hint")))
}

#[test]
fn counters_that_something_else_has_used_are_told_with_what_to_do() {
    let (folder, sandbox) = start("payout-counters");
    let user = sandbox.user(&folder);
    signed(&user, &[]);
    // While it waits for a level, it is told as what it is.
    user.done(&["send", "1", "demo", "dev0", "dev3", "--yes"]);
    let (code, said) = error(&user, 5, &RUN);
    assert!(code == "still_waiting" && said.contains("still waits for a level"), "{code}: {said}");
    sandbox.mine(1);
    let (code, said) = error(&user, 2, &RUN);
    assert_eq!(code, "stale_plan");
    assert!(said.contains("begins with counter 0 of dev0, and the next one is 1"), "{said}");
    assert!(
        said.contains("nothing was sent; toru payout plan FILE.csv --from NAME makes a new plan"),
        "{said}"
    );
    // What a plan that was never sent says of itself.
    let status = user.run(&["payout", "status", "pay.plan.json"]);
    assert_eq!(status.status.code(), Some(3), "{status:?}");
    assert!(String::from_utf8(status.stdout).unwrap().contains("replaced"));
    // It is not in the way of a new plan.
    user.done(&[&PLAN[..], &["--out", "new.json"]].concat());
}

#[test]
fn a_plan_whose_last_level_is_over_is_refused() {
    let (folder, sandbox) = start("payout-expired");
    let user = sandbox.user(&folder);
    signed(&user, &["--valid-for", "2"]);
    sandbox.mine(2);
    let (code, said) = error(&user, 2, &RUN);
    assert_eq!(code, "stale_plan");
    assert!(said.contains("the plan expired at level ") && said.contains("a new plan"), "{said}");
}

#[test]
fn an_index_that_is_somebody_elses_by_now_is_not_paid() {
    let (folder, sandbox) = start("payout-index");
    let user = sandbox.user(&folder);
    for name in ["alice", "bob"] {
        folder.file("password", "correct horse battery\n");
        user.done(&["key", "new", name]);
    }
    user.done(&["dev", "snapshot", "before"]);
    // By the node: a batcher would send again what the chain took back.
    user.done(&["send", "1", "demo", "dev1", "alice", "--yes", "--via", "node"]);
    sandbox.mine(4);
    folder.file("pay.csv", "to,amount,ticket\nalice,3,demo\n");
    signed(&user, &[]);
    let plan: Value =
        serde_json::from_slice(&fs::read(folder.0.join("pay.plan.json")).unwrap()).unwrap();
    let index = &plan["plan"]["rows"][0]["index"];
    assert!(index.is_number(), "{index}");
    // The chain goes another way, on which the index is Bob's.
    user.done(&["dev", "revert", "before"]);
    user.done(&["send", "1", "demo", "dev1", "bob", "--yes", "--via", "node"]);
    sandbox.mine(4);
    let (code, said) = error(&user, 2, &RUN);
    assert_eq!(code, "other_account");
    let bob = user.json(&["balance", "bob"])["account"].as_str().unwrap().to_owned();
    assert!(said.contains(&format!("line 2: the plan says that account {index} is tz4")), "{said}");
    assert!(said.contains(&format!("it is {bob}")), "{said}");
    assert!(said.contains("nothing was sent") && said.contains("--by-address"), "{said}");
    // In full, it means Alice whatever index she has.
    fs::remove_file(folder.0.join("pay.plan.json")).unwrap();
    signed(&user, &["--by-address"]);
    let output = sandbox.mining(user.command(&[&RUN[..], &["--wait"]].concat()));
    assert!(output.status.success(), "{output:?}");
    assert_eq!(user.done(&["balance", "alice", "demo"]).trim(), "3");
}

#[test]
fn there_has_to_be_enough_when_it_is_planned_and_when_it_is_run() {
    let (folder, sandbox) = start("payout-balance");
    let user = sandbox.user(&folder);
    let balance: u64 = user.done(&["balance", "dev0", "demo"]).trim().parse().unwrap();
    folder.file("pay.csv", format!("to,amount,ticket\ndev1,1,demo\ndev2,{balance},demo\n"));
    let (code, said) = error(&user, 3, &PLAN);
    assert_eq!(code, "would_be_refused");
    assert!(
        said.contains("not planned, as it would be refused: pay.csv, line 3: balance too low"),
        "{said}"
    );
    assert!(said.contains("dev0 lacks 1 demo: toru balance dev0 shows what it holds"), "{said}");
    // Dev3 gives dev0 one more, and takes it back once it is planned: the chain goes back.
    user.done(&["dev", "snapshot", "before"]);
    user.done(&["send", "1", "demo", "dev3", "dev0", "--yes"]);
    sandbox.mine(1);
    signed(&user, &["--by-address"]);
    user.done(&["dev", "revert", "before"]);
    let (code, said) = error(&user, 3, &RUN);
    assert_eq!(code, "would_be_refused");
    assert!(said.contains("balance too low"), "{said}");
}

#[test]
fn rows_that_are_there_twice_are_told_and_planned_only_if_they_are_meant() {
    let (folder, sandbox) = start("payout-twice");
    let user = sandbox.user(&folder);
    folder.file(
        "pay.csv",
        "to,amount,ticket,memo\ndev1,1,demo,a\ndev2,1,demo,\ndev1,2,demo,\ndev1,1,demo,b\n",
    );
    let (code, said) = error(&user, 2, &PLAN);
    assert_eq!(code, "duplicates");
    assert!(said.contains("pay.csv: the same payment more than once: lines 2, 5"), "{said}");
    let told = user.json(&[&PLAN[..], &["--allow-duplicates"]].concat());
    assert_eq!(told["plan"]["duplicates"], json!([[2, 5]]));
}

#[test]
fn a_node_that_is_away_or_runs_something_else_is_told_and_a_plan_is_not_overwritten() {
    let (folder, sandbox) = start("payout-away");
    let user = sandbox.user(&folder);
    signed(&user, &[]);
    let away = User { folder: &folder, endpoint: "127.0.0.1:1".to_owned() };
    for command in [&RUN[..], &["payout", "status", "pay.plan.json"], &PLAN] {
        assert_eq!(error(&away, 4, command).0, "no_answer", "{command:?}");
    }
    // The file is another one than it was: whoever says which they mean does not sign the plan.
    let sign = ["payout", "sign", "pay.plan.json", "--key", "dev0", "--yes", "--of", "pay.csv"];
    user.done(&sign);
    folder.file("pay.csv", "to,amount,ticket\ndev1,30,demo\n");
    let (code, said) = error(&user, 2, &sign);
    assert!(code == "stale_plan" && said.contains("the plan is of another file"), "{said}");
    // Something else is where the plan would go.
    let (code, said) = error(&user, 2, &PLAN);
    assert!(code == "file" && said.contains("pay.plan.json: it is there already"), "{said}");
    folder.file("notes.txt", "mine");
    let (code, _) = error(&user, 2, &[&PLAN[..], &["--out", "notes.txt"]].concat());
    assert_eq!(
        (code.as_str(), fs::read(folder.0.join("notes.txt")).unwrap()),
        ("file", b"mine".to_vec())
    );
    // Ended by the time to wait, it says so, and goes on.
    let (code, said) = error(&user, 5, &[&RUN[..], &["--wait", "--timeout", "0"]].concat());
    assert!(code == "not_yet" && said.contains("2 of 2 payments are not included yet"), "{said}");
    assert!(said.contains("toru payout run pay.plan.json --wait goes on"), "{said}");
    sandbox.mine(1);
    let done = user.json(&[&RUN[..], &["--wait"]].concat());
    assert_eq!(done["counts"], json!({"included": 2}));
}

#[test]
fn every_argument_is_checked_before_anything_is_done() {
    let (folder, sandbox) = start("payout-arguments");
    let user = sandbox.user(&folder);
    folder.file("empty.csv", "");
    folder.file("renamed.csv", "recipient,amount,ticket\ndev1,1,demo\n");
    folder.file("excel.csv", "to;amount;ticket\r\ndev1;1.000;demo\r\ndev2;1,5;demo\r\n");
    folder.file("thousands.csv", "to,amount,ticket\ndev1,\"1,000\",demo\n");
    folder.file("other.json", "{\"toru\": \"transaction\", \"version\": 1}");
    let plan = |file| ["payout", "plan", file, "--from", "dev0"];
    let refusals: [(&[&str], &str); 13] = [
        (&["payout"], "toru payout has commands of its own"),
        (&["payout", "plan"], "<FILE.csv>"),
        (&["payout", "plan", "pay.csv"], "it is not said who pays"),
        (&["payout", "plan", "pay.csv", "--from", "nobody"], "\"nobody\" is no account"),
        (&plan("none.csv"), "cannot read none.csv"),
        (&plan("empty.csv"), "expected the titles to,amount,ticket"),
        (&plan("renamed.csv"), "there is no to in \"recipient,amount,ticket\""),
        (&plan("thousands.csv"), "\"1,000\" has separators in it: write 1000"),
        (&["payout", "sign", "pay.csv", "--key", "dev0"], "not the file of a payout plan"),
        (&["payout", "sign", "other.json", "--key", "dev0"], "the file of a transaction, not of a"),
        (&["payout", "run", "none.json"], "cannot read none.json"),
        (&["payout", "run"], "<PLAN.json>..."),
        (&["payout", "report", "pay.csv"], "--out <FILE.csv>"),
    ];
    for (args, said) in refusals {
        let output = user.run(args);
        assert_eq!(output.status.code(), Some(2), "{args:?}: {output:?}");
        let text = String::from_utf8(output.stderr).unwrap();
        assert!(text.contains(said), "{args:?}: {text}");
    }
    let excel = user.run(&plan("excel.csv"));
    let text = String::from_utf8(excel.stderr).unwrap();
    assert!(text.contains("line 2: ") && text.contains("line 3: "), "{text}");
    // Nothing of it was written.
    let left: Vec<_> = fs::read_dir(&folder.0)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.contains("plan"))
        .collect();
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn a_plan_is_neither_written_over_nor_signed_for_another_rollup() {
    let (folder, sandbox) = start("payout-apart");
    let user = sandbox.user(&folder);
    user.done(&PLAN);
    let sign = ["payout", "sign", "pay.plan.json", "--key", "dev0", "--yes"];
    let other = "sr168fzzSa1h32J7tTvLxwSzcD17kX624zF3";
    let (code, said) = error(&user, 2, &[&sign[..], &["--rollup", other]].concat());
    assert!(code == "other_rollup" && said.contains(other), "{said}");
    user.done(&sign);
    let plan = fs::read(folder.0.join("pay.plan.json")).unwrap();
    for option in ["--out", "--html"] {
        let report = ["payout", "report", "pay.plan.json", option, "./pay.plan.json"];
        let (code, said) = error(&user, 2, &[&report[..], &["--overwrite"]].concat());
        assert!(code == "file" && said.contains("is the plan itself"), "{said}");
    }
    let both = ["payout", "report", "pay.plan.json", "--out", "both", "--html", "both"];
    let (code, said) = error(&user, 2, &both);
    assert!(code == "file" && said.contains("--out and --html both name both"), "{said}");
    assert_eq!(fs::read(folder.0.join("pay.plan.json")).unwrap(), plan);
    assert!(!folder.0.join("both").exists());
}
