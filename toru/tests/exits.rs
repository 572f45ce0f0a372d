//! Withdrawals that somebody is paid by: through the ticketer's exit, held against what is known of it, and
//! refused by layer 1 where it does not take them.

use crate::common::Folder;
use crate::common::real::Real;
use crate::common::sandbox::Sandbox;
use crate::common::user::User;
use serde_json::{Value, json};
use toru::dev::demo_ticket;

/// Who is paid: nobody's addresses.
const NOBODY: &str = "tz1Ke2h7sDdakHJQh8WX4Z372du1KChsksyU";
/// A contract of which nothing is known.
const VAULT: &str = "KT18amZmM5W7qDWVt2pH6uj7sCEd3kbzLrHT";

/// The withdrawal of 5 demo of dev0 with these options.
fn withdraw<'a>(rest: &[&'a str]) -> Vec<&'a str> {
    [&["withdraw", "5", "demo", "--from", "dev0", "--to"], rest].concat()
}

/// Tells the sandbox what a contract takes.
fn tell(user: &User<'_>, contract: &str, script: &str) -> String {
    std::fs::write(user.folder.0.join("contract.tz"), script).unwrap();
    user.done(&["dev", "contract", contract, "contract.tz", "--endpoint", &user.endpoint])
}

#[test]
fn a_tz1_is_paid_and_that_is_said() {
    let folder = Folder::new("exit-paid");
    let sandbox = Sandbox::start(&folder, &[]);
    let user = sandbox.user(&folder);
    let exit = format!("{}%burn", demo_ticket().ticketer);
    let plan = user.done(&withdraw(&[NOBODY, "--dry-run"]));
    assert!(plan.contains(&format!("{NOBODY} is paid on layer 1, by {exit}")), "{plan}");
    assert!(plan.contains("takes pair address (ticket string)"), "{plan}");
    assert!(!plan.contains("NOT KNOWN") && !plan.contains("NOBODY IS NAMED"), "{plan}");
    // A contract can be paid as well, and a tz4, which is an address of layer 1 too.
    for receiver in [VAULT, "tz4MX1JesazSn8Ru4kNU5eG4Q4NoztBCkvxD"] {
        let plan = user.json(&withdraw(&[receiver, "--dry-run"]));
        assert_eq!(plan["plan"]["outlook"]["receiver"], receiver);
    }
    // The sandbox's layer 1 has accounts with names.
    let plan = user.json(&withdraw(&["bootstrap2", "--dry-run"]));
    let bootstrap2 = "tz1gjaF81ZRRvdzjobyfVNsAeSC6PScjfQwN";
    assert_eq!(plan["plan"]["outlook"]["receiver"], bootstrap2);
    let sent = user.json(&withdraw(&[NOBODY, "--yes"]));
    let outlook = &sent["plan"]["outlook"];
    assert_eq!(
        (&outlook["receiver"], &outlook["entrypoint"], &outlook["bare"]),
        (&json!(NOBODY), &json!("burn"), &json!(false))
    );
    assert_eq!(outlook["known_by"], "the sandbox's layer 1", "{outlook}");
    sandbox.mine(6);
    let hash = sent["hashes"][0].as_str().unwrap();
    let shown = user.done(&["withdrawals"]);
    assert!(shown.contains(&format!("5 demo to {NOBODY}, paid by {exit}")), "{shown}");
    let executed = user.done(&["execute", hash]);
    assert!(executed.contains(&format!("{NOBODY} is paid 5 demo by {exit}\n")), "{executed}");
    let shown = user.json(&["withdrawals"]);
    let one = &shown["withdrawals"][0];
    assert_eq!((&one["stage"], &one["receiver"]), (&json!("executed"), &json!(NOBODY)), "{one}");
}

#[test]
fn tez_are_withdrawn_to_a_contract_only_if_it_takes_tez() {
    let folder = Folder::new("exit-tez");
    let sandbox = Sandbox::start(&folder, &[]);
    let user = sandbox.user(&folder);
    user.done(&["deposit", "5", "XTZ", "--from", "bootstrap1", "--to", "dev0", "--yes"]);
    sandbox.mine(1);
    let tez = ["withdraw", "1", "XTZ", "--from", "dev0", "--dry-run", "--to"];
    let to = |word: &'static str| [&tez[..], &[word]].concat();
    let text = user.refused(3, &to(VAULT));
    assert!(text.contains("has no contract") && text.contains(VAULT), "{text}");
    for (script, takes) in [
        (
            "parameter (or (ticket %keep string) (nat %add)) ; code { FAIL }",
            "or (ticket string) nat",
        ),
        ("parameter (or (nat %default) (unit %pay)) ; code { FAIL }", "nat"),
    ] {
        tell(&user, VAULT, script);
        let text = user.refused(3, &to(VAULT));
        assert!(text.contains(&format!("takes {takes} and no tez")), "{text}");
    }
    for script in ["parameter unit", "parameter (or (unit %default) (nat %add))"] {
        tell(&user, VAULT, script);
        assert!(user.done(&to(VAULT)).contains(&format!("{VAULT} is paid on layer 1")), "{script}");
    }
}

#[test]
fn a_bare_ticket_is_asked_for_and_held_against_the_contract() {
    let folder = Folder::new("exit-bare");
    let sandbox = Sandbox::start(&folder, &[]);
    let user = sandbox.user(&folder);
    let exit = format!("{}%burn", demo_ticket().ticketer);
    let text = user.refused(2, &withdraw(&[&exit, "--yes"]));
    assert!(text.contains("names nobody") && text.contains("--bare"), "{text}");
    // The ticketer pays out to somebody, and takes no ticket alone.
    let text = user.refused(3, &withdraw(&[&exit, "--bare", "--yes"]));
    let both = "takes pair address (ticket string), and the call has ticket string";
    assert!(text.contains(both), "{text}");
    let text =
        user.refused(3, &withdraw(&[&demo_ticket().ticketer.to_string(), "--bare", "--yes"]));
    assert!(text.contains("%default takes or (pair address"), "{text}");
    assert!(!folder.0.join("w").exists(), "nothing of that was recorded");
    // Of another contract nothing is known, and nobody can miss that.
    let plan = user.done(&withdraw(&[VAULT, "--bare", "--dry-run"]));
    assert!(plan.contains("NOBODY IS NAMED IN THIS"), "{plan}");
    assert!(plan.contains(&format!("WHETHER {VAULT}%default TAKES THIS IS NOT KNOWN")), "{plan}");
    let told =
        tell(&user, VAULT, "parameter (or (ticket %keep string) (unit %burn)) ; code { FAIL }");
    assert!(told.contains("keep  ticket string"), "{told}");
    let keep = format!("{VAULT}%keep");
    let plan = user.done(&withdraw(&[&keep, "--bare", "--dry-run"]));
    assert!(plan.contains("NOBODY IS NAMED") && !plan.contains("NOT KNOWN"), "{plan}");
    let text = user.refused(3, &withdraw(&[&format!("{VAULT}%steal"), "--bare", "--yes"]));
    assert!(
        text.contains("has no entrypoint steal, but burn of unit, keep of ticket string"),
        "{text}"
    );
}

#[test]
fn exits_are_found_by_type_or_named_and_what_is_not_known_is_asked_for() {
    let folder = Folder::new("exit-found");
    let sandbox = Sandbox::start(&folder, &[]);
    let user = sandbox.user(&folder);
    let ticketer = demo_ticket().ticketer.to_string();
    let exits = |script: &str| {
        tell(&user, &ticketer, script);
        user.run(&withdraw(&[NOBODY, "--dry-run", "--json"]))
    };
    for (script, expected) in [
        ("parameter (or (pair %withdraw address (ticket string)) (nat %burn))", "withdraw"),
        ("parameter (or (pair %burn (contract unit) (ticket string)) (nat %withdraw))", "burn"),
    ] {
        let output = exits(script);
        let plan: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(plan["plan"]["outlook"]["entrypoint"], expected, "{script}");
    }
    let pays_out = "parameter (or (pair %pay_out address (ticket string)) (ticket %burn string))";
    assert_eq!(exits(pays_out).status.code(), Some(3));
    let text = user.refused(3, &withdraw(&[NOBODY, "--yes"]));
    assert!(text.contains("pay_out of pair address (ticket string)"), "{text}");
    let text = user.refused(3, &withdraw(&[NOBODY, "--exit", "burn", "--yes"]));
    assert!(text.contains("takes ticket string, and the call has pair address"), "{text}");
    let plan = user.json(&withdraw(&[NOBODY, "--exit", "pay_out", "--dry-run"]));
    assert_eq!(plan["plan"]["outlook"]["entrypoint"], "pay_out");

    // A rollup node knows nothing of contracts: who does is named, or the entrypoint is.
    let behind = User { folder: &folder, endpoint: Real::default().before(&sandbox) };
    let rollup = ["--rollup", "sr163Lv22CdE8QagCwf48PWDTquk6isQwv57"];
    std::fs::write(folder.0.join("password"), "a password\n").unwrap();
    behind.done(&["key", "new", "alice"]);
    let from = |rest: &[&str]| -> Vec<String> {
        let args = [&["withdraw", "5", "demo", "--from", "alice", "--to", NOBODY], rest, &rollup];
        args.concat().into_iter().map(str::to_owned).collect()
    };
    let refused = |code: i32, rest: &[&str]| {
        let args = from(rest);
        behind.refused(code, &args.iter().map(String::as_str).collect::<Vec<_>>())
    };
    let text = refused(2, &["--dry-run"]);
    assert!(text.contains("is not known") && text.contains("--layer1"), "{text}");
    let at = sandbox.endpoint.as_str();
    let text = refused(3, &["--exit", "burn", "--layer1", at, "--dry-run"]);
    assert!(text.contains("takes ticket string"), "{text}");
    let text = behind.refused(
        3,
        &["withdraw", "5", "demo", "--from", "alice", "--to", VAULT, "--bare", "--layer1", at],
    );
    assert!(text.contains(&format!("has no contract {VAULT}")), "{text}");
    let args = from(&["--exit", "burn", "--dry-run"]);
    let output = behind.run(&args.iter().map(String::as_str).collect::<Vec<_>>());
    let plan = String::from_utf8_lossy(&output.stdout).into_owned();
    // It has nothing to withdraw, and the plan is shown all the same where it can be made.
    assert!(output.status.code() == Some(3) || plan.contains("NOT KNOWN"), "{output:?}");
}

#[test]
fn what_layer_1_refuses_stays_executable_and_says_which_types_differ() {
    let folder = Folder::new("exit-refused");
    let sandbox = Sandbox::start(&folder, &[]);
    let user = sandbox.user(&folder);
    let ticketer = demo_ticket().ticketer.to_string();
    let sent = user.json(&withdraw(&[NOBODY, "--yes"]));
    let hash = sent["hashes"][0].as_str().unwrap();
    sandbox.mine(6);
    // It has another type by now, as if it had been another one all along.
    tell(&user, &ticketer, "parameter (ticket %burn string)");
    for _ in 0..2 {
        let text = user.refused(3, &["execute", hash]);
        let both = "takes ticket string, and the call has pair address (ticket string)";
        assert!(text.contains("call 1 of 1") && text.contains(both), "{text}");
        assert_eq!(user.json(&["withdrawals"])["withdrawals"][0]["stage"], "executable");
    }
    // On a real node, layer 1 is asked before there is anything to run.
    let real = Real::default();
    real.lists(Some(json!([{"outbox_level": 2, "status": "executable",
                            "messages": [{"message_index": 0, "message": {}}]}])));
    let behind = User { folder: &folder, endpoint: real.before(&sandbox) };
    let execute = ["execute", "--level", "2", "--index", "0"];
    let asked = [&execute[..], &["--layer1", &sandbox.endpoint]].concat();
    let text = behind.refused(3, &asked);
    assert!(
        text.contains("layer 1 would refuse call 1 of 1") && text.contains("ticket string"),
        "{text}"
    );
    assert!(behind.done(&execute).contains("octez-client execute outbox message"));

    tell(&user, &ticketer, "parameter (pair %burn address (ticket string))");
    assert!(behind.done(&asked).contains("octez-client execute outbox message"));
    assert!(user.done(&["execute", hash]).contains(&format!("{NOBODY} is paid 5")));
}

#[test]
fn contracts_are_asked_for_and_kept_and_bad_scripts_refused() {
    let folder = Folder::new("exit-contracts");
    let sandbox = Sandbox::start(&folder, &["--state", "s"]);
    let user = sandbox.user(&folder);
    let ask = |user: &User<'_>, contract: &str| {
        user.run(&["dev", "contract", contract, "--endpoint", &user.endpoint])
    };
    let shown = ask(&user, &demo_ticket().ticketer.to_string());
    assert!(
        String::from_utf8_lossy(&shown.stdout)
            .contains("burn  pair (address %receiver) (ticket %ticket string)"),
        "{shown:?}"
    );
    let ticketer = demo_ticket().ticketer.to_string();
    let told = user.json(&["dev", "contract", &ticketer, "--endpoint", &user.endpoint]);
    let burn = "pair (address %receiver) (ticket %ticket string)";
    assert_eq!((&told["contract"], &told["entrypoints"]["burn"]), (&json!(ticketer), &json!(burn)));
    assert_eq!(ask(&user, VAULT).status.code(), Some(3));
    assert_eq!(ask(&user, NOBODY).status.code(), Some(2));
    tell(&user, VAULT, "\u{feff}storage unit;\nparameter (nat %add);\ncode { CDAR ; ASSERT_NONE }");
    std::fs::write(folder.0.join("bad.tz"), "storage unit").unwrap();
    let args = ["dev", "contract", VAULT, "bad.tz", "--endpoint", &user.endpoint];
    assert!(user.refused(2, &args).contains("no section \"parameter\""));
    drop(sandbox);
    let sandbox = Sandbox::start(&folder, &["--state", "s"]);
    let user = sandbox.user(&folder);
    let shown = ask(&user, VAULT);
    assert!(String::from_utf8_lossy(&shown.stdout).contains("add  nat\n"), "{shown:?}");
}
