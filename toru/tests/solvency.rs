//! `toru solvency`: the chain of terms is closed at every step of a ticket's way, and what is missing is said.

use serde_json::{Value, json};

use crate::common::Folder;
use crate::common::real::Real;
use crate::common::sandbox::Sandbox;
use crate::common::user::User;

/// What a user is told, which is that every chain is closed.
fn closed(user: &User<'_>, step: &str) -> Value {
    let told = user.json(&["solvency"]);
    assert_eq!(told["closed"], true, "{step}: {told}");
    for ticket in told["tickets"].as_array().unwrap() {
        assert_eq!(ticket["state"], "closed", "{step}: {ticket}");
    }
    told
}

/// A term of a ticket.
fn term<'v>(told: &'v Value, ticket: &str, name: &str) -> &'v str {
    let one = told["tickets"].as_array().unwrap().iter().find(|one| one["ticket"] == ticket);
    let terms = one.unwrap_or_else(|| panic!("no {ticket}: {told}"))["terms"].as_array().unwrap();
    let found = terms.iter().find(|one| one["term"] == name);
    found.unwrap_or_else(|| panic!("no {name}: {terms:?}"))["units"].as_str().unwrap()
}

#[test]
fn it_closes_at_every_step() {
    let folder = Folder::new("solvency-steps");
    let sandbox = Sandbox::start(&folder, &[]);
    let user = sandbox.user(&folder);
    closed(&user, "at first");
    for (ticket, units) in [("XTZ", "12000000"), ("USDt", "12000000"), ("tzBTC", "1200000000")] {
        user.done(&["deposit", "12", ticket, "--from", "bootstrap1", "--to", "dev1", "--yes"]);
        let told = closed(&user, "deposited");
        assert_eq!((term(&told, ticket, "locked"), term(&told, ticket, "supply")), (units, units));
        assert_eq!((term(&told, ticket, "sent"), term(&told, ticket, "on_rollup")), (units, "0"));
        sandbox.mine(1);
        let told = closed(&user, "credited");
        assert_eq!((term(&told, ticket, "sent"), term(&told, ticket, "on_rollup")), ("0", units));
        user.done(&["send", "5", ticket, "dev1", "dev2", "--yes"]);
        sandbox.mine(1);
        closed(&user, "paid");
        let to = "tz1gjaF81ZRRvdzjobyfVNsAeSC6PScjfQwN";
        user.done(&["withdraw", "5", ticket, "--from", "dev2", "--to", to, "--yes"]);
        sandbox.mine(1);
        let told = closed(&user, "withdrawn");
        assert_ne!(term(&told, ticket, "in_outboxes"), "0");
        sandbox.mine(6);
        closed(&user, "executable");
        user.done(&["execute", "--all"]);
        let told = closed(&user, "executed");
        assert_eq!(term(&told, ticket, "in_outboxes"), "0");
        assert_eq!(term(&told, ticket, "locked"), term(&told, ticket, "on_rollup"));
    }
    let words = user.done(&["solvency"]);
    assert!(words.contains("XTZ, of KT1") && words.contains("CLOSED"), "{words}");
    assert!(words.contains("stands for nothing; what the rollup owes is all there is"), "{words}");
    // What is 0 takes no line, and a screen is enough for most.
    assert!(!words.contains("held deposits") && words.lines().count() < 40, "{words}");
    for line in words.lines() {
        assert!(line.chars().count() <= 80 || line.contains("block B"), "{line}");
    }
    let words = user.done(&["solvency", "--ticket", "XTZ", "--verbose"]);
    assert!(words.contains("locked at the ticketer: layer 1's balance of KT1"), "{words}");
    assert!(words.contains("held deposits, not paid back\n"), "{words}");
    assert!(!words.contains("USDt"), "{words}");
}

#[test]
fn what_does_not_close_is_said() {
    let folder = Folder::new("solvency-open");
    let sandbox = Sandbox::start(&folder, &[]);
    let user = sandbox.user(&folder);
    user.done(&["deposit", "12", "XTZ", "--from", "bootstrap1", "--to", "dev1", "--yes"]);
    sandbox.mine(1);
    // Another sandbox's layer 1 knows nothing of that block.
    let other = Sandbox::start(&folder, &[]);
    let away = ["solvency", "--layer1", &other.endpoint, "--timeout", "1"];
    let text = user.refused(5, &away);
    assert!(text.contains("layer 1 does not know block"), "{text}");
    // A call from a contract that backs nothing makes no tez.
    let real = Real::default();
    real.lists(Some(json!([])));
    let behind = User { folder: &folder, endpoint: real.before(&sandbox) };
    let layer1 = sandbox.get("/dev/layer1");
    let pins = json!({"version": 1, "rollup": "sr163Lv22CdE8QagCwf48PWDTquk6isQwv57", "tickets": layer1["tickets"]});
    folder.file("tickets.json", pins.to_string());
    let text = behind.refused(2, &["solvency", "--layer1", &sandbox.endpoint]);
    assert!(text.contains("no ticket is pinned"), "{text}");
    behind.done(&["ticket", "import", "tickets.json", "--yes"]);
    let text = behind.refused(2, &["solvency"]);
    assert!(text.contains("no node of layer 1 was named"), "{text}");
    let at = ["solvency", "--layer1", &sandbox.endpoint];
    let xtz = |args: &[&str]| -> Vec<String> {
        [&at[..], &["--ticket", "XTZ"], args].concat().into_iter().map(str::to_owned).collect()
    };
    let run = |args: &[&str]| {
        let args = xtz(args);
        behind.run(&args.iter().map(String::as_str).collect::<Vec<_>>())
    };
    assert_eq!(run(&[]).status.code(), Some(0), "{:?}", run(&[]));
    // What the demo ticket stands for is not known on a chain that is no sandbox.
    let output = behind.run(&[&at[..], &["--ticket", "demo"]].concat());
    assert_eq!(output.status.code(), Some(5), "{output:?}");
    // A message that left, and that the node lists no more, without that layer 1 has executed it.
    let to = "tz1gjaF81ZRRvdzjobyfVNsAeSC6PScjfQwN";
    user.done(&["withdraw", "5", "XTZ", "--from", "dev1", "--to", to, "--yes"]);
    sandbox.mine(4);
    let output = run(&["--json"]);
    assert_eq!(output.status.code(), Some(3), "{output:?}");
    let told: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&told["closed"], &told["error"]["code"]), (&json!(false), &json!("not_closed")));
    let links = told["tickets"][0]["links"].as_array().unwrap();
    let open: Vec<&Value> = links.iter().filter(|link| link["state"] == "open").collect();
    assert_eq!(open.len(), 1, "{links:?}");
    assert_eq!(
        (&open[0]["link"], &open[0]["units"]),
        (&json!("rollup_beyond_owed"), &json!("5000000"))
    );
    let words = String::from_utf8(run(&[]).stdout).unwrap();
    assert!(words.contains("DOES NOT CLOSE") && words.contains("exactly 0  NO"), "{words}");
    // One that does not list anything says nothing, and nothing is concluded.
    real.lists(None);
    let output = run(&["--json"]);
    assert_eq!(output.status.code(), Some(5), "{output:?}");
    let told: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(
        (&told["closed"], &told["tickets"][0]["state"]),
        (&json!(false), &json!("not known"))
    );
    for (code, args, words) in [
        (2, &["solvency", "--ticket", "gold"][..], "no ticket \"gold\""),
        (4, &["solvency", "--layer1", "127.0.0.1:9"], "no answer"),
        (2, &["solvency", "--timeout", "x"], "--timeout"),
    ] {
        let text = user.refused(code, args);
        assert!(text.contains(words), "{args:?}: {text}");
    }
}

#[test]
fn what_was_in_pruned_outboxes_is_not_known() {
    let folder = Folder::new("solvency-pruned");
    let mut sandbox = Sandbox::start(&folder, &["--state", "s"]);
    let user = sandbox.user(&folder);
    user.done(&["deposit", "10", "XTZ", "--from", "bootstrap1", "--to", "dev0", "--yes"]);
    sandbox.mine(1);
    user.done(&["withdraw", "3", "XTZ", "--from", "dev0", "--to", "bootstrap2", "--yes"]);
    sandbox.mine(20);
    user.done(&["solvency", "--ticket", "XTZ"]);
    user.done(&["dev", "stop", "--endpoint", &user.endpoint]);
    sandbox.child.wait().unwrap();
    folder.played(&["state", "prune", "s", "10"]);
    let sandbox = Sandbox::start(&folder, &["--state", "s"]);
    let user = sandbox.user(&folder);
    let output = user.run(&["solvency", "--ticket", "XTZ"]);
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(5), "{text}");
    assert!(text.contains("in outboxes that were pruned"), "{text}");
    // Of the other tickets nothing was in them.
    user.done(&["solvency", "--ticket", "demo"]);
}
