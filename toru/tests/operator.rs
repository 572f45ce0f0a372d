//! `toru operator` before a sandbox: it executes what can be executed, tells what it should, and goes on whatever
//! happens to the node, to the chain, or to itself.

use std::fs;
use std::thread::sleep;
use std::time::Duration;

use serde_json::{Value, json};

use crate::common::Folder;
use crate::common::canned::Canned;
use crate::common::operator::Operator;
use crate::common::ports::free_address;
use crate::common::real::Real;
use crate::common::sandbox::Sandbox;
use crate::common::user::User;
use crate::common::wait::until;
use toru::dev::demo_ticket;

/// Who is paid: nobody's addresses.
const NOBODY: &str = "tz1Ke2h7sDdakHJQh8WX4Z372du1KChsksyU";
const SOMEBODY: &str = "tz1burnburnburnburnburnburnburjAYjjX";

fn withdraw(user: &User<'_>, from: &str, to: &str) -> String {
    let sent = user.json(&["withdraw", "5", "demo", "--from", from, "--to", to, "--yes"]);
    sent["hashes"][0].as_str().unwrap().to_owned()
}

fn stages(user: &User<'_>) -> Vec<String> {
    let told = user.json(&["withdrawals"]);
    let all = told["withdrawals"].as_array().unwrap().iter();
    all.map(|one| one["stage"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn withdrawals_are_executed_without_anybody_and_that_is_told() {
    let folder = Folder::new("operator-story");
    let sandbox = Sandbox::start(&folder, &[]);
    let user = sandbox.user(&folder);
    let hook = Canned::default();
    // It is down at first.
    hook.answers("/hook", 503, json!({}));
    let url = format!("{}/hook", hook.serve());
    let operator = Operator::start(&user, &["--webhook", &url]);
    let health = operator.get("/health");
    assert!(health.status == 200 || health.body["ready"] == false, "{health:?}");
    let hash = withdraw(&user, "dev0", NOBODY);
    withdraw(&user, "dev1", NOBODY);
    sandbox.mine(1);
    let found = operator.wait("found", 2);
    assert_eq!((&found["outbox_level"], &found["message_index"]), (&json!(2), &json!(1)));
    let shown = operator.get("/v1/withdrawals").body;
    let rows = shown["withdrawals"].as_array().unwrap();
    assert_eq!(rows.len(), 2, "{shown}");
    assert_eq!((&rows[0]["hash"], &rows[0]["tries"]), (&json!(hash), &json!(0)), "{shown}");
    let pays = rows[0]["pays"].as_str().unwrap();
    assert!(pays.starts_with(&format!("5 demo to {NOBODY}")), "{pays}");

    sandbox.mine(4);
    operator.wait("executed", 2);
    assert_eq!(stages(&user), ["executed", "executed"]);
    let executed = operator.wait("executed", 1);
    assert_eq!((&executed["hash"], &executed["by_us"]), (&json!(hash), &json!(true)));
    assert_eq!(executed["executed_at"], 6, "{executed}");
    assert_eq!((operator.count("executing"), operator.count("failed")), (2, 0));
    let health = operator.get("/health");
    assert_eq!((health.status, &health.body["level"]), (200, &json!(6)), "{health:?}");
    assert_eq!(operator.get("/nothing").status, 404);

    // The webhook comes back, and has everything in order.
    operator.wait("webhook_away", 1);
    hook.answers("/hook", 200, json!({}));
    until("both are sent", || hook.sent().len() >= 2);
    let sent: Vec<Value> = hook.sent().iter().map(|notice| notice["event"].clone()).collect();
    assert_eq!(sent, ["executed", "executed"]);
    assert_eq!(operator.interrupt(), Some(0));
}

#[test]
fn only_those_that_are_meant_are_executed() {
    let folder = Folder::new("operator-for");
    let sandbox = Sandbox::start(&folder, &[]);
    let user = sandbox.user(&folder);
    withdraw(&user, "dev0", NOBODY);
    withdraw(&user, "dev1", SOMEBODY);
    withdraw(&user, "dev2", SOMEBODY);
    sandbox.mine(5);
    let once = |whose: &[&str], executed: u64| {
        let base = ["operator", "--withdrawals", "--once", "--json"];
        let output = user.run(&[&base[..], whose].concat());
        assert!(output.status.success(), "{output:?}");
        let text = String::from_utf8(output.stdout).unwrap();
        let last: Value = serde_json::from_str(text.lines().last().unwrap()).unwrap();
        assert_eq!(last["executed"], executed, "{whose:?}: {text}");
    };
    once(&["--for", "dev3"], 0);
    once(&["--for", "dev1"], 1);
    assert_eq!(stages(&user), ["executable", "executed", "executable"]);
    // Without the record: by whom they pay, and by whom they call.
    let record = folder.0.join("w");
    fs::rename(&record, folder.0.join("kept")).unwrap();
    once(&[], 0);
    once(&["--for", SOMEBODY], 1);
    once(&["--for", "KT1Hkg5qeNhfwpKW4fXvq7HGZB9z2EnmCCA9"], 0);
    once(&["--for", &demo_ticket().ticketer.to_string(), "dev9"], 1);
    once(&["--for", "all"], 0);
    fs::rename(folder.0.join("kept"), &record).unwrap();
    assert_eq!(stages(&user), ["executed", "executed", "executed"]);
}

#[test]
fn what_a_contract_refuses_is_tried_again_and_holds_up_nobody() {
    let folder = Folder::new("operator-refused");
    let sandbox = Sandbox::start(&folder, &[]);
    let user = sandbox.user(&folder);
    let vault = "KT1Hkg5qeNhfwpKW4fXvq7HGZB9z2EnmCCA9";
    let bare = ["withdraw", "5", "demo", "--from", "dev0", "--to", vault, "--bare", "--yes"];
    user.done(&bare);
    withdraw(&user, "dev1", NOBODY);
    let contract = |parameter: &str| {
        let script = format!("parameter {parameter}; storage unit; code {{ FAIL }}");
        folder.file("vault.tz", script);
        user.done(&["dev", "contract", vault, "vault.tz"]);
    };
    contract("nat");
    sandbox.mine(5);
    let operator = Operator::start(&user, &[]);
    let failed = operator.wait("failed", 2);
    assert_eq!((&failed["outbox_level"], &failed["tries"]), (&json!(2), &json!(2)), "{failed}");
    assert!(failed["why"].as_str().unwrap().contains("layer 1 refuses call 1 of 1"), "{failed}");
    assert_eq!(operator.count("executed"), 1);
    let shown = operator.get("/v1/withdrawals").body;
    let row = &shown["withdrawals"][0];
    assert!(row["last_error"].as_str().unwrap().contains("nat"), "{shown}");
    assert!(row["next_try"].is_string(), "{shown}");
    contract("(ticket string)");
    operator.wait("executed", 2);
    assert_eq!(stages(&user), ["executed", "executed"]);
}

#[test]
fn a_chain_that_goes_back_and_a_node_that_is_away() {
    let folder = Folder::new("operator-revert");
    let endpoint = free_address();
    let options = ["--state", "s", "--rpc", &endpoint];
    let mut sandbox = Sandbox::start(&folder, &options);
    let user = sandbox.user(&folder);
    withdraw(&user, "dev0", NOBODY);
    sandbox.mine(2);
    sandbox.mine(3);
    let operator = Operator::start(&user, &[]);
    operator.wait("executed", 1);
    // What was executed is to be executed again, once that is possible again.
    user.done(&["dev", "revert", "3"]);
    operator.wait("found", 2);
    sandbox.mine(5);
    operator.wait("executed", 2);
    // All of it is taken back, with the message itself.
    user.done(&["dev", "revert", "1"]);
    assert_eq!(stages(&user), ["sent"]);
    withdraw(&user, "dev1", SOMEBODY);
    sandbox.mine(2);
    // Another message is where the other one was.
    let found = operator.wait("found", 3);
    assert!(found["pays"].as_str().unwrap().contains(SOMEBODY), "{found}");

    // The sandbox is killed, and comes back at the same place.
    sandbox.child.kill().unwrap();
    sandbox.child.wait().unwrap();
    let away = operator.wait("node_away", 1);
    assert!(away["why"].as_str().unwrap().contains("no answer"), "{away}");
    assert_eq!(operator.count("node_away"), 1);
    sandbox = Sandbox::start(&folder, &options);
    operator.wait("node_back", 1);
    sandbox.mine(5);
    operator.wait("executed", 3);
    assert_eq!(operator.interrupt(), Some(0));
}

#[test]
fn deadlines_and_losses_are_told_and_end_a_run_with_a_code() {
    let folder = Folder::new("operator-deadline");
    let sandbox = Sandbox::start(&folder, &[]);
    withdraw(&sandbox.user(&folder), "dev0", NOBODY);
    sandbox.mine(5);
    let real = Real::default();
    let user = User { folder: &folder, endpoint: real.before(&sandbox) };
    let listed = |status: &str| json!([{"outbox_level": 2, "status": status, "messages": [{"message_index": 0}]}]);
    let once = |options: &[&str], code: i32| -> Value {
        let base = ["operator", "--withdrawals", "--once", "--json"];
        let output = user.run(&[&base[..], options].concat());
        assert_eq!(output.status.code(), Some(code), "{output:?}");
        let text = String::from_utf8(output.stdout).unwrap();
        serde_json::from_str(text.lines().last().unwrap()).unwrap()
    };
    real.lists(Some(listed("executable")));
    // Executable from 6 on for 151,200 levels: not close to two days before its end.
    once(&[], 0);
    once(&["--warn-before", "151199"], 0);
    let close = once(&["--warn-before", "151200"], 5);
    assert_eq!(close["error"]["code"], "deadline", "{close}");
    assert_eq!(close["close"][0]["outbox_level"], 2, "{close}");
    // Six seconds a level, where nobody says how long one takes.
    once(&["--warn-before", "10d"], 0);
    once(&["--warn-before", "11d"], 5);
    let hook = Canned::default();
    hook.answers("/", 200, json!({}));
    let url = format!("{}/", hook.serve());
    once(&["--warn-before", "11d", "--webhook", &url], 5);
    assert_eq!(hook.sent()[0]["event"], "deadline");
    assert_eq!(hook.sent()[0]["levels_left"], 151_200);
    // It can be executed, and nobody is told to: the operator tells all the same, once.
    let operator = Operator::start(&user, &["--warn-before", "200000"]);
    operator.wait("deadline", 1);
    assert_eq!(operator.get("/health").status, 200);
    sleep(Duration::from_secs(4));
    assert_eq!((operator.count("deadline"), operator.count("executing")), (1, 0));
    real.lists(Some(listed("lost")));
    operator.wait("lost", 1);
    operator.kill();
    // A loss is told once.
    fs::remove_dir_all(folder.0.join("data")).unwrap();
    fs::remove_dir_all(folder.0.join("w")).unwrap();
    let lost = once(&["--for", "all"], 1);
    assert_eq!(
        (&lost["error"]["code"], &lost["lost"][0]["message_index"]),
        (&json!("lost"), &json!(0))
    );
    once(&["--for", "all"], 0);
}

#[test]
fn mistakes_on_the_command_line() {
    let folder = Folder::new("operator-usage");
    let sandbox = Sandbox::start(&folder, &[]);
    let user = sandbox.user(&folder);
    let refused = |code: i32, args: &[&str], expected: &str| {
        let output = user.run(&[&["operator"], args].concat());
        let text = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(code), "{args:?}: {text}");
        assert!(text.contains(expected), "{args:?}: {text}");
        assert!(!text.contains("hint: \n"), "{args:?}: {text}");
    };
    let real = Real::default().before(&sandbox);
    let w = "--withdrawals";
    refused(2, &[], "--withdrawals");
    for (args, expected) in [
        (&["--for", "nobody"][..], "nobody"),
        (&["--for", "tz4Uzyxg26DJyM4pc1V2pUvLpdsR5jdyzYsW"], "checksum"),
        (&["--for", "sr163Lv22CdE8QagCwf48PWDTquk6isQwv57"], "is nobody who is paid"),
        (&["--for"], "--for"),
        (&["--fee-cap", "1,5"], "six decimals"),
        (&["--burn-cap", "0.0000001"], "six decimals"),
        (&["--daily-cap=-1"], "six decimals"),
        (&["--warn-before", "soon"], "36h or 2d"),
        (&["--command", "octez-client"], "--from"),
        (&["--from", "me"], "--command"),
        (&["--command", "octez-client", "--from", "me"], "for a real layer 1"),
        (&["--command-time", "0"], "--command-time"),
        (&["--settle", "x"], "--settle"),
        (&["--retry-after", "0"], "--retry-after"),
        (&["--webhook", "hook.example"], "expected http://"),
        (&["--listen", "localhost"], "--listen"),
        (&["--listen", "0.0.0.0:0"], "--allow-remote"),
        (&["--once", "--listen", "127.0.0.1:0"], "--once"),
        (&["--layer1", "x y"], "is no endpoint"),
        (&["--state", "/proc/nowhere/x", "--once"], "--state FILE"),
    ] {
        let code = if args.contains(&"/proc/nowhere/x") { 70 } else { 2 };
        refused(code, &[&[w], args].concat(), expected);
    }
    refused(4, &[w, "--endpoint", "127.0.0.1:1", "--once"], "no answer");
    for (args, expected) in [
        (&["--command", "'octez", "--from", "me"][..], "has no end"),
        (&["--command", " ", "--from", "me"], "expected a command"),
        (&["--command", "octez-client", "--from=-me"], "--from"),
        (&["--command", "sh", "--from", "me", "--daily-cap", "0.1"], "one execution may cost"),
        (&["--command", "nosuch-client -e x", "--from", "me"], "no program \"nosuch-client\""),
        (&["--command", "/nowhere/octez-client", "--from", "me"], "no program"),
    ] {
        refused(2, &[&[w, "--endpoint", &real], args].concat(), expected);
    }
    // A journal of something else, and one that is in use.
    folder.file("j", "hello\n");
    refused(2, &[w, "--endpoint", &real, "--state", "j", "--once"], "line 1");
    let held = Operator::start(&user, &["--state", "k"]);
    held.wait("serving", 1);
    refused(2, &[w, "--state", "k", "--once"], "another operator uses k");
    let at = held.wait("serving", 1)["address"].as_str().unwrap().to_owned();
    refused(2, &[w, "--listen", &at], "cannot listen on");
}
