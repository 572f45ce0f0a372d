//! What is known of contracts: told, kept, asked for as of layer 1's node, and held against calls.

use crate::common::Sandbox;
use node::Options;
use serde_json::{Value, json};

const CONTRACT: &str = "KT18amZmM5W7qDWVt2pH6uj7sCEd3kbzLrHT";
const OTHER: &str = "KT1UuCZfusSPmKYDZ9EiP3dafh3QzPDV8tZF";
const EXCHANGER: &str = "parameter (or (pair %burn address (ticket (pair nat (option bytes)))) (address %mint)) ;\n\
    storage unit ; code { UNPAIR ; ASSERT_CMPEQ }";
/// A ticket of the contract's: Pair contract (Pair (Pair 0 None) 5).
const TICKET: &str = "07070a0000001601000000000000000000000000000000000000000000\
    07070707000003060005";
/// tz1Ke2h7sDdakHJQh8WX4Z372du1KChsksyU, as an argument.
const NOBODY: &str = "0a0000001600000000000000000000000000000000000000000000";

const NOBODY_TEXT: &str = "tz1Ke2h7sDdakHJQh8WX4Z372du1KChsksyU";

/// An outbox message whose calls hand the contract's entrypoint `burn` these parameters.
fn message(parameters: &[String]) -> String {
    let call = |parameters: &String| format!("{parameters}01{}00000000046275726e", "00".repeat(20));
    let calls: String = parameters.iter().map(call).collect();
    format!("00{:08x}{calls}", calls.len() / 2)
}

fn paying() -> String {
    format!("0707{NOBODY}{TICKET}")
}

/// The rollup gets tickets of the contract, of whose code nothing is known.
fn deposit(sandbox: &Sandbox, amount: u8) {
    let ticket = TICKET.strip_suffix("05").unwrap();
    let payload = format!("050805050707010000000161{ticket}{amount:02x}");
    let body = json!({"payload": payload, "sender": CONTRACT, "source": NOBODY_TEXT});
    sandbox.done("/dev/deposit", body);
}

fn execute(sandbox: &Sandbox, level: i64) -> (u16, Value) {
    let asked = json!({"outbox_level": level, "message_index": 0});
    let answer = sandbox.post("/dev/execute", asked);
    (answer.status, answer.body)
}

#[test]
fn a_call_that_does_not_fit_is_refused_and_can_be_tried_again() {
    let sandbox = Sandbox::new();
    sandbox.level_with(&message(&[TICKET.to_owned()]));
    sandbox.level_with(&message(&[paying()]));
    sandbox.level_with(&message(&[paying(), TICKET.to_owned(), paying()]));
    sandbox.level_with(&message(&[TICKET.to_owned()]));
    sandbox.done("/dev/mine", json!({"levels": 8}));
    deposit(&sandbox, 10);
    let told = sandbox.done("/dev/contract", json!({"contract": CONTRACT, "script": EXCHANGER}));
    assert!(told["entrypoints"]["burn"].is_object(), "{told}");
    let (status, refused) = execute(&sandbox, 1);
    let words = refused[0]["msg"].as_str().unwrap();
    assert_eq!(status, 409);
    assert!(words.contains(&format!("{CONTRACT}%burn")), "{words}");
    assert!(words.contains("takes pair address (ticket (pair nat (option bytes)))"), "{words}");
    assert!(words.contains("has ticket (pair nat (option bytes))"), "{words}");
    // It is as it was, and so it is the second time.
    assert_eq!(execute(&sandbox, 1).0, 409);
    let executable = sandbox.read("/local/outbox/pending/executable?outbox_level=1");
    assert_eq!(executable[0]["messages"][0]["message_index"], 0);
    // One bad call holds up the others of its message, which is said.
    let words = execute(&sandbox, 3).1[0]["msg"].as_str().unwrap().to_owned();
    assert!(
        words.contains("call 2 of 3") && words.contains("the others of the message wait"),
        "{words}"
    );
    // Who is named is paid.
    let (status, done) = execute(&sandbox, 2);
    assert_eq!(status, 200, "{done}");
    let expected = json!([{
        "destination": CONTRACT,
        "entrypoint": "burn",
        "receiver": NOBODY_TEXT,
        "ticketer": CONTRACT,
        "content": {"prim": "Pair", "args": [{"int": "0"}, {"prim": "None"}]},
        "amount": "5",
        "known": true,
    }]);
    assert_eq!(done["paid"], expected);
    assert_eq!(execute(&sandbox, 2).0, 409);
    // A contract that takes it after all.
    let script = "parameter (ticket %burn (pair nat (option bytes)))";
    sandbox.done("/dev/contract", json!({"contract": CONTRACT, "script": script}));
    let (status, done) = execute(&sandbox, 1);
    assert_eq!((status, &done["paid"][0]["receiver"]), (200, &Value::Null), "{done}");
    // The rollup has no more of the ticket.
    let (status, refused) = execute(&sandbox, 4);
    let words = refused[0]["msg"].as_str().unwrap();
    assert_eq!(status, 409);
    assert!(words.contains("has 0 of the ticket Pair 0 None, and 5 are asked for"), "{words}");
}

#[test]
fn of_other_contracts_nothing_is_known() {
    let sandbox = Sandbox::new();
    sandbox.level_with(&message(&[TICKET.to_owned()]));
    sandbox.done("/dev/mine", json!({"levels": 8}));
    let path = |contract: &str, rest: &str| {
        format!("/chains/main/blocks/head/context/contracts/{contract}/entrypoints{rest}")
    };
    assert_eq!(sandbox.get(&path(CONTRACT, "")).status, 404);
    assert_eq!(sandbox.get(&path("KT1", "")).status, 400);
    assert_eq!(sandbox.get(&path("tz1Ke2h7sDdakHJQh8WX4Z372du1KChsksyU", "")).status, 400);
    assert_eq!(execute(&sandbox, 1).0, 409);
    deposit(&sandbox, 5);
    let (status, done) = execute(&sandbox, 1);
    assert_eq!((status, &done["paid"][0]["known"]), (200, &json!(false)));
}

#[test]
fn layer_1_can_be_asked_and_what_was_told_is_kept() {
    let sandbox = Sandbox::new();
    sandbox.done("/dev/mine", json!({"levels": 2}));
    sandbox.done("/dev/contract", json!({"contract": CONTRACT, "script": EXCHANGER}));
    sandbox.done("/dev/mine", json!({"levels": 2}));
    sandbox.done("/dev/contract", json!({"contract": OTHER, "script": "parameter nat"}));
    let base = "/chains/main/blocks/head/context/contracts";
    let ticket = json!({"prim": "ticket", "args": [{"prim": "pair", "args": [
        {"prim": "nat"}, {"prim": "option", "args": [{"prim": "bytes"}]},
    ]}]});
    let burn = json!({"prim": "pair", "args": [{"prim": "address"}, ticket]});
    let mint = json!({"prim": "address"});
    let all = json!({"entrypoints": {"burn": burn, "mint": mint}});
    let sandbox = sandbox.again();
    assert_eq!(sandbox.read(&format!("{base}/{CONTRACT}/entrypoints")), all);
    let one = |name: &str| format!("{base}/{CONTRACT}/entrypoints/{name}");
    assert_eq!(sandbox.read(&one("burn")), burn);
    assert_eq!(sandbox.read(&one("default"))["prim"], "or");
    assert_eq!(sandbox.read(&format!("{}?normalize_types=true", one("burn"))), burn);
    assert_eq!(sandbox.get(&one("withdraw")).status, 404);
    // Nothing but the whole has no name.
    assert_eq!(sandbox.read(&format!("{base}/{OTHER}/entrypoints")), json!({"entrypoints": {}}));
    // What was told after a level is not known after going back to it.
    sandbox.done("/dev/revert", json!({"to": "2"}));
    assert_eq!(sandbox.read(&format!("{base}/{CONTRACT}/entrypoints")), all);
    assert_eq!(sandbox.get(&format!("{base}/{OTHER}/entrypoints")).status, 404);
    for (contract, script) in [
        ("KT1", "parameter unit"),
        (CONTRACT, "storage unit"),
        (CONTRACT, "parameter (unit"),
        (CONTRACT, "parameter (Pair 1 2)"),
        (CONTRACT, "parameter (or (nat %a) (nat %a))"),
    ] {
        let answer = sandbox.post("/dev/contract", json!({"contract": contract, "script": script}));
        assert_eq!(answer.status, 400, "{script}");
    }
    let plain = std::env::temp_dir().join(format!("node-test-contracts-{}", std::process::id()));
    let sandbox = Sandbox::at(plain, Options::default());
    assert_eq!(sandbox.post("/dev/contract", json!({})).status, 404);
}
