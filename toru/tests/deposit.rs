//! Deposits from layer 1: made in the sandbox, printed for a real chain, refused where they would fail; what comes in
//! goes out again.

use serde_json::{Value, json};

use crate::common::Folder;
use crate::common::real::Real;
use crate::common::sandbox::Sandbox;
use crate::common::user::User;

/// The sandbox's first two accounts.
const BOOTSTRAP1: &str = "tz1KqTpEZ7Yob7QbPE4Hy4Wo8fHG8LhKxZSx";
const BOOTSTRAP2: &str = "tz1gjaF81ZRRvdzjobyfVNsAeSC6PScjfQwN";
/// An account that has nothing.
const NOBODY: &str = "tz1Ke2h7sDdakHJQh8WX4Z372du1KChsksyU";

fn deposit<'a>(amount: &'a str, ticket: &'a str, rest: &[&'a str]) -> Vec<&'a str> {
    [&["deposit", amount, ticket], rest].concat()
}

/// What an account has of something.
fn has(user: &User<'_>, account: &str, what: &str) -> String {
    user.done(&["balance", account, what]).trim().to_owned()
}

#[test]
fn what_goes_in_is_paid_and_comes_out() {
    let folder = Folder::new("deposit-round");
    let sandbox = Sandbox::start(&folder, &[]);
    let user = sandbox.user(&folder);
    for (ticket, amount, before, spent, after) in [
        ("XTZ", "12.5", "4000000", "3999987.5", "4000005"),
        ("USDt", "100.000001", "1000000", "999899.999999", "1000005"),
        ("tzBTC", "7", "100", "93", "105"),
    ] {
        assert_eq!(has(&user, "bootstrap1", ticket), before);
        let to = ["--from", "bootstrap1", "--to", "dev1", "--yes"];
        let said = user.done(&deposit(amount, ticket, &to));
        assert!(
            said.contains(&format!("bootstrap1 ({BOOTSTRAP1}) deposits {amount} {ticket}")),
            "{said}"
        );
        assert!(said.contains("the sandbox's layer 1 would apply it"), "{said}");
        assert!(said.contains("operation o") && said.contains("has paid"), "{said}");
        assert_eq!(has(&user, BOOTSTRAP1, ticket), spent);
        sandbox.mine(1);
        assert_eq!(has(&user, "dev1", ticket), amount);
        user.done(&["send", "5", ticket, "dev1", "dev2", "--yes"]);
        sandbox.mine(1);
        let withdraw = ["withdraw", "5", ticket, "--from", "dev2", "--to", BOOTSTRAP2, "--yes"];
        user.done(&withdraw);
        sandbox.mine(6);
        let executed = user.done(&["execute", "--all"]);
        assert!(executed.contains(BOOTSTRAP2), "{executed}");
        assert_eq!(has(&user, "bootstrap2", ticket), after);
        assert_eq!(has(&user, "dev2", ticket), "0");
    }
    // Nobody may take anything of the payer's any more.
    let all = user.json(&["balance", "bootstrap1"]);
    assert_eq!((&all["account"], &all["name"]), (&json!(BOOTSTRAP1), &json!("bootstrap1")));
    let names: Vec<&str> =
        all["holds"].as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["tez", "USDt", "tzBTC"]);
}

#[test]
fn a_deposit_is_followed_until_it_is_credited() {
    let folder = Folder::new("deposit-wait");
    let sandbox = Sandbox::start(&folder, &["--block-time", "1"]);
    let user = sandbox.user(&folder);
    let args = deposit("1", "XTZ", &["--from", BOOTSTRAP2, "--to", "dev3", "--yes", "--wait"]);
    let told = user.json(&args);
    assert_eq!(told["sent"], true, "{told}");
    assert_eq!(
        (&told["result"]["result"], &told["result"]["stage"]),
        (&json!("credited"), &json!("included"))
    );
    assert_eq!(has(&user, "dev3", "XTZ"), "1");
    // A level that does not come is not waited for longer than that.
    drop(sandbox);
    let sandbox = Sandbox::start(&folder, &[]);
    let user = sandbox.user(&folder);
    let args = ["--from", "bootstrap1", "--to", "dev3", "--yes", "--wait", "--timeout", "1"];
    let output = user.run(&deposit("1", "XTZ", &args));
    assert_eq!(output.status.code(), Some(5), "{output:?}");
    assert!(String::from_utf8_lossy(&output.stdout).contains("no level has it yet"), "{output:?}");
    sandbox.mine(1);
    assert_eq!(has(&user, "dev3", "XTZ"), "1");
}

#[test]
fn a_mistake_in_any_argument_is_told() {
    let folder = Folder::new("deposit-mistakes");
    let sandbox = Sandbox::start(&folder, &[]);
    let user = sandbox.user(&folder);
    let token = "KT1S3ZaD3ZrcnXrhVH4NcVcAUGKpp82dCuGS";
    let one = |from: &'static str, to: &'static str| ["1", "XTZ", from, to];
    for (code, [amount, ticket, from, to], words) in [
        (2, ["x", "XTZ", "bootstrap1", "dev1"], "\"x\" is no amount"),
        (2, ["-1", "XTZ", "bootstrap1", "dev1"], "\"-1\" is no amount"),
        (2, ["0", "XTZ", "bootstrap1", "dev1"], "the amount is 0"),
        (2, ["1.0000001", "XTZ", "bootstrap1", "dev1"], "more than 6 decimals"),
        (2, ["99999999999999", "XTZ", "bootstrap1", "dev1"], "more than the largest amount"),
        (
            3,
            ["5000000", "XTZ", "bootstrap1", "dev1"],
            "has 4,000,000 tez, and deposits 5,000,000 tez",
        ),
        (3, ["101", "tzBTC", "bootstrap1", "dev1"], "has 100 tzBTC, and deposits 101 tzBTC"),
        (2, ["1", "xtz", "bootstrap1", "dev1"], "no ticket \"xtz\" is pinned"),
        (2, ["1", "demo", "bootstrap1", "dev1"], "stands for nothing"),
        (2, ["1", "#99", "bootstrap1", "dev1"], "no ticket \"#99\""),
        (2, one("bootstrap6", "dev1"), "it has bootstrap1, bootstrap2"),
        (2, one(BOOTSTRAP1, "dev10"), "\"dev10\" is no account"),
        (2, one("tz1KqTpEZ7Yob7QbPE4Hy4Wo8fHG8LhKxZSy", "dev1"), "wrong checksum"),
        (2, one("KT1S3ZaD3ZrcnXrhVH4NcVcAUGKpp82dCuGS", "dev1"), "cannot sign an operation"),
        (2, one("bootstrap1", "tz4Br16zXvddzJGoByAAHBRu4wVNpFm7HSLj"), "wrong checksum"),
        (2, one("bootstrap1", BOOTSTRAP2), "is an address of layer 1"),
        (3, one(NOBODY, "dev1"), "has 0 tez, and deposits 1 tez"),
    ] {
        let args = deposit(amount, ticket, &["--from", from, "--to", to, "--yes"]);
        let text = user.refused(code, &args);
        assert!(text.contains(words), "{args:?}: {text}");
    }
    let to = |rest: &[&'static str]| -> Vec<&'static str> {
        [&["--from", "bootstrap1", "--to", "dev1"], rest].concat()
    };
    let text = user.refused(2, &deposit("1", "XTZ", &to(&["--helper", "KT1x"])));
    assert!(text.contains("--helper"), "{text}");
    let text = user.refused(2, &deposit("1", "XTZ", &to(&["--layer1", "ftp://x", "--yes"])));
    assert!(text.contains("no endpoint"), "{text}");
    let text = user.refused(4, &deposit("1", "XTZ", &to(&["--layer1", "127.0.0.1:9", "--yes"])));
    assert!(text.contains("layer 1") && text.contains("TORU_LAYER1"), "{text}");
    // What layer 1 would refuse is shown, and not made.
    for (rest, code) in [
        (vec!["--helper", token, "--yes"], 3),
        (vec!["--helper", token, "--yes", "--json"], 3),
        (vec!["--dry-run"], 0),
        (vec![], 2),
    ] {
        let output = user.run(&deposit("1", "XTZ", &to(&rest)));
        assert_eq!(output.status.code(), Some(code), "{rest:?}: {output:?}");
    }
    assert_eq!(has(&user, "bootstrap1", "XTZ"), "4000000");
    let operations = sandbox.get("/dev/operations");
    let theirs = operations.as_array().unwrap().iter().filter(|one| one["source"] == BOOTSTRAP1);
    assert_eq!(theirs.count(), 0, "something was made");
}

/// Somebody whose node is as on a real chain, with the tickets of the sandbox pinned.
fn on_a_real_chain<'f>(folder: &'f Folder, sandbox: &Sandbox) -> User<'f> {
    let layer1 = sandbox.get("/dev/layer1");
    let pins = json!({"version": 1, "rollup": "sr163Lv22CdE8QagCwf48PWDTquk6isQwv57", "tickets": layer1["tickets"]});
    folder.file("tickets.json", pins.to_string());
    folder.file("password", "a password\n");
    let user = User { folder, endpoint: Real::default().before(sandbox) };
    user.done(&["key", "new", "alice"]);
    user.done(&["ticket", "import", "tickets.json", "--yes"]);
    user
}

#[test]
fn on_a_real_chain_the_command_and_the_operation_are_printed() {
    let folder = Folder::new("deposit-real");
    let sandbox = Sandbox::start(&folder, &[]);
    let user = on_a_real_chain(&folder, &sandbox);
    let at = sandbox.endpoint.as_str();
    let args = ["--from", BOOTSTRAP1, "--to", "alice", "--layer1", at];
    let said = user.done(&deposit("12.5", "XTZ", &args));
    let command = said.lines().last().unwrap();
    let start = format!("octez-client transfer 12.5 from {BOOTSTRAP1} to KT1");
    assert!(command.starts_with(&start), "{said}");
    assert!(command.contains(" --entrypoint deposit_xtz --arg 'Pair \"KT1"), "{command}");
    assert!(command.ends_with("' --fee-cap 0.1 --burn-cap 0.2"), "{command}");
    assert!(said.contains(&format!("layer 1 at http://{at} would apply it")), "{said}");
    // What others sign is what layer 1 takes.
    for (ticket, calls) in [("XTZ", 1), ("USDt", 3), ("tzBTC", 3)] {
        let told = user.json(&deposit("2", ticket, &args));
        assert_eq!(told["sent"], false);
        let contents = &told["operation"]["octez"]["contents"];
        assert_eq!(contents.as_array().unwrap().len(), calls, "{told}");
        assert_eq!(told["operation"]["taquito"].as_array().unwrap().len(), calls);
        assert_eq!(told["operation"]["taquito"][0]["parameter"], contents[0]["parameters"]);
        let (status, answer) = sandbox.post("/dev/operation", &json!({"contents": contents}));
        assert_eq!(status, 200, "{ticket}: {answer}");
        sandbox.mine(1);
        assert_eq!(has(&user, "alice", ticket), "2");
    }
    // A name that only octez-client knows, and a layer 1 that nobody asks.
    let said = user.done(&deposit("1", "XTZ", &["--from", "my-ledger", "--to", "alice"]));
    assert!(said.contains("WHETHER LAYER 1 WOULD TAKE IT IS NOT KNOWN"), "{said}");
    assert!(
        said.lines().last().unwrap().starts_with("octez-client transfer 1 from my-ledger to "),
        "{said}"
    );
    let told = user.json(&deposit("1", "tzBTC", &["--from", "my-ledger", "--to", "alice"]));
    // An allowance of before is not known: it is taken away first.
    assert_eq!(told["operation"]["octez"], Value::Null);
    let taquito = told["operation"]["taquito"].as_array().unwrap();
    let names: Vec<&str> =
        taquito.iter().map(|one| one["parameter"]["entrypoint"].as_str().unwrap()).collect();
    assert_eq!(names, ["approve", "approve", "deposit_fa", "approve"]);
    for (code, rest, words) in [
        (2, &["--from", "my-ledger", "--to", "alice", "--wait"][..], "--wait is for the sandbox"),
        (2, &["--from", "-x", "--to", "alice"], "unexpected argument"),
        (2, &["--from", "a b", "--to", "alice"], "is no account of layer 1"),
        (3, &["--from", NOBODY, "--to", "alice", "--layer1", at], "has 0 tez"),
        (2, &["--from", BOOTSTRAP1, "--to", "dev1"], "this node is no sandbox"),
    ] {
        let text = user.refused(code, &deposit("1", "XTZ", rest));
        assert!(text.contains(words), "{rest:?}: {text}");
    }
    let text = user.refused(2, &deposit("1", "USDt", &["--from", "my-ledger", "--to", "alice"]));
    assert!(text.contains("names its owner by address") && text.contains("tz1"), "{text}");
    let text = user.refused(2, &["balance", BOOTSTRAP1]);
    assert!(text.contains("no node of layer 1 was named"), "{text}");
    assert_eq!(user.done(&["balance", BOOTSTRAP1, "XTZ", "--layer1", at]).trim(), "3999998");
}
