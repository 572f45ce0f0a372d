//! The sandbox's layer 1, from the outside: tez and tokens go to the rollup, are paid there, come back, and
//! come back by themselves where they cannot be credited. It adds up after every level.

use crate::common::Folder;
use crate::common::sandbox::Sandbox;
use encoding::{Kt1Address, Ticket, TicketContent};
use pvm::{Durable, NativeHost};
use serde_json::{Value, json};
use toru::dev::{Account, BOOTSTRAP, DevContract};
use tx_kernel::view::View;

const ROLLUP: &str = "sr163Lv22CdE8QagCwf48PWDTquk6isQwv57";

fn transaction(source: &str, to: &str, amount: u64, at: &str, value: Value) -> Value {
    json!({
        "kind": "transaction",
        "source": source,
        "destination": to,
        "amount": amount.to_string(),
        "parameters": {"entrypoint": at, "value": value},
    })
}

fn pair(parts: &[Value]) -> Value {
    json!({"prim": "Pair", "args": parts})
}

/// Tez that somebody deposits through the helper.
fn deposit_xtz(source: &str, receiver: &str, mutez: u64) -> Value {
    let ticketer = json!({"string": DevContract::XtzTicketer.address().to_string()});
    let value = pair(&[ticketer, json!({"string": ROLLUP}), json!({"string": receiver})]);
    let helper = DevContract::Helper.address().to_string();
    json!([transaction(source, &helper, mutez, "deposit_xtz", value)])
}

/// A token that somebody deposits, with the rights that the helper needs for it.
fn deposit_fa(source: &str, receiver: &str, ticketer: DevContract, amount: u64) -> Value {
    let helper = DevContract::Helper.address().to_string();
    let (text, number) = (|text: &str| json!({"string": text}), json!({"int": amount.to_string()}));
    let allow = match ticketer {
        DevContract::UsdtTicketer => {
            let right = pair(&[text(source), text(&helper), json!({"int": "0"})]);
            let value = json!([{"prim": "Left", "args": [right]}]);
            let token = DevContract::Usdt.address().to_string();
            transaction(source, &token, 0, "update_operators", value)
        }
        _ => {
            let token = DevContract::Tzbtc.address().to_string();
            transaction(source, &token, 0, "approve", pair(&[text(&helper), number.clone()]))
        }
    };
    let ticketer = ticketer.address().to_string();
    let value = pair(&[text(&ticketer), text(ROLLUP), text(receiver), number]);
    json!([allow, transaction(source, &helper, 0, "deposit_fa", value)])
}

fn operate(sandbox: &Sandbox, contents: Value) -> (u16, Value) {
    sandbox.post("/dev/operation", &json!({"contents": contents}))
}

fn done(sandbox: &Sandbox, contents: Value) {
    let (status, answer) = operate(sandbox, contents);
    assert_eq!(status, 200, "{answer}");
}

fn mutez(sandbox: &Sandbox, account: &str) -> u64 {
    let path = format!("/chains/main/blocks/head/context/contracts/{account}/balance");
    sandbox.get(&path).as_str().unwrap().parse().unwrap()
}

/// A term of a ticket, by the name that the sandbox gives it.
fn term(sandbox: &Sandbox, name: &str, of: &str) -> u64 {
    let told = sandbox.get("/dev/solvency");
    let one = told["tickets"].as_array().unwrap().iter().find(|one| one["name"] == name);
    one.unwrap()[of].as_str().unwrap().parse().unwrap()
}

/// That the sandbox, which reads only what changes, knows what the whole state says.
fn assert_as_the_state_says(sandbox: &Sandbox) {
    let mut durable = Durable::default();
    for part in ["/toru/state", "/toru/inbox"] {
        let values = sandbox
            .get(&format!("/global/block/head/durable/wasm_2_0_0/values?key={part}"));
        for value in values.as_array().unwrap() {
            let bytes = hex::decode(value["value"].as_str().unwrap()).unwrap();
            durable.set(value["key"].as_str().unwrap(), &bytes).unwrap();
        }
    }
    let owed = View::new(&NativeHost::over(durable)).owed(None).unwrap();
    assert_eq!(owed.unreadable, 0);
    let told = sandbox.get("/dev/solvency");
    let mut found = 0;
    for (ticket, owed) in owed.of {
        let content = hex::encode(ticket.content.to_micheline());
        let is_it = |one: &&Value| {
            one["ticketer"] == ticket.ticketer.to_string() && one["content"] == content
        };
        let one = told["tickets"].as_array().unwrap().iter().find(is_it).unwrap();
        for (of, amount) in [
            ("on_rollup", owed.on_rollup),
            ("held", owed.held),
            ("refunds", owed.refunds),
            ("collected", owed.collected),
        ] {
            assert_eq!(one[of], amount.to_string(), "{of}: {one}");
        }
        found += 1;
    }
    assert!(found > 0);
}

/// What a user has of tez, mutez.
const BEGIN: u64 = 4_000_000_000_000;

#[test]
fn tez_and_tokens_go_there_and_come_back() {
    let folder = Folder::new("layer1-story");
    let sandbox = Sandbox::start(&folder, &["--state", "s"]);
    let user = sandbox.user(&folder);
    let (alice, bob) = (BOOTSTRAP[0], BOOTSTRAP[1]);
    let dev0 = Account::new(0).unwrap().address.to_string();
    done(&sandbox, deposit_xtz(alice, &dev0, 12_500_000));
    done(&sandbox, deposit_fa(alice, &dev0, DevContract::UsdtTicketer, 70));
    done(&sandbox, deposit_fa(alice, &dev0, DevContract::TzbtcTicketer, 9));
    assert_eq!(mutez(&sandbox, alice), BEGIN - 12_500_000);
    // It waits for the next level, and that is counted.
    assert_eq!(term(&sandbox, "XTZ", "waiting"), 12_500_000);
    sandbox.assert_solvent();
    sandbox.mine(1);
    for (name, amount) in [("XTZ", 12_500_000), ("USDt", 70), ("tzBTC", 9)] {
        let now = ["waiting", "on_rollup", "locked"].map(|of| term(&sandbox, name, of));
        assert_eq!(now, [0, amount, amount], "{name}");
    }
    // Through the ticketer's exit, to somebody else on layer 1.
    user.done(&["withdraw", "2.5", "XTZ", "--from", "dev0", "--to", bob, "--yes"]);
    sandbox.mine(1);
    assert_eq!(term(&sandbox, "XTZ", "in_outboxes"), 2_500_000);
    sandbox.mine(5);
    sandbox.assert_solvent();
    assert_as_the_state_says(&sandbox);
    let executed = user.json(&["execute", "--all"]);
    assert_eq!(executed["executions"][0]["outcome"], "executed", "{executed}");
    assert_eq!(mutez(&sandbox, bob), BEGIN + 2_500_000);
    let now = ["in_outboxes", "supply", "locked"].map(|of| term(&sandbox, "XTZ", of));
    assert_eq!(now, [0, 10_000_000, 10_000_000]);
    let shown = user.done(&["dev", "operations", "2", "--endpoint", &sandbox.endpoint]);
    assert!(shown.contains("bootstrap2: 4,000,000 -> 4,000,002.5 tez\n"), "{shown}");
    assert!(shown.contains("rollup: 12.5 -> 10 XTZ tickets\n"), "{shown}");
    assert!(shown.lines().all(|line| line.chars().count() <= 80), "{shown}");
    drop(sandbox);
    // Another process knows all of it, and going back takes it back.
    let sandbox = Sandbox::start(&folder, &["--state", "s"]);
    assert_eq!(mutez(&sandbox, bob), BEGIN + 2_500_000);
    assert_eq!(sandbox.post("/dev/revert", &json!({"to": "6"})).0, 200);
    assert_eq!((mutez(&sandbox, bob), term(&sandbox, "XTZ", "in_outboxes")), (BEGIN, 2_500_000));
}

#[test]
fn what_cannot_be_credited_comes_back_to_who_sent_it() {
    let folder = Folder::new("layer1-refund");
    let sandbox = Sandbox::start(&folder, &[]);
    let alice = BOOTSTRAP[0];
    // A tz1 is no account of the rollup, and the helper does not read it.
    done(&sandbox, deposit_xtz(alice, alice, 800));
    done(&sandbox, deposit_fa(alice, alice, DevContract::UsdtTicketer, 30));
    assert_eq!(mutez(&sandbox, alice), BEGIN - 800);
    sandbox.mine(1);
    // Held, and on its way back at once.
    let there = |name| ["on_rollup", "held", "in_outboxes"].map(|of| term(&sandbox, name, of));
    assert_eq!((there("XTZ"), there("USDt")), ([0, 0, 800], [0, 0, 30]));
    assert_as_the_state_says(&sandbox);
    // A ticket of a ticketer without an exit stays.
    let stranger = Ticket {
        ticketer: Kt1Address([0x77; 20]),
        content: TicketContent::String(b"text".to_vec()),
    };
    for _ in 0..2 {
        let payload = inbox::deposit::encode(alice, &stranger, &7u32.into());
        let body = json!({
            "payload": hex::encode(payload),
            "sender": stranger.ticketer.to_string(),
            "source": alice,
        });
        assert_eq!(sandbox.post("/dev/deposit", &body).0, 200);
        sandbox.mine(1);
        assert_as_the_state_says(&sandbox);
    }
    let told = sandbox.get("/dev/solvency");
    let of_stranger = |one: &&Value| one["ticketer"] == stranger.ticketer.to_string();
    let one = told["tickets"].as_array().unwrap().iter().find(of_stranger).unwrap();
    assert_eq!((&one["held"], &one["of_rollup"], &one["locked"]), (&json!("14"), &json!("14"), &Value::Null));
    sandbox.mine(3);
    for index in 0..2 {
        let (status, told) =
            sandbox.post("/dev/execute", &json!({"outbox_level": 2, "message_index": index}));
        assert_eq!((status, &told["paid"][0]["receiver"]), (200, &json!(alice)), "{told}");
    }
    assert_eq!(mutez(&sandbox, alice), BEGIN);
    assert_eq!((there("XTZ"), there("USDt")), ([0, 0, 0], [0, 0, 0]));
    assert_eq!((term(&sandbox, "XTZ", "supply"), term(&sandbox, "USDt", "locked")), (0, 0));
}

#[test]
fn layer_1_refuses_with_the_reason_and_nothing_changes() {
    let folder = Folder::new("layer1-refusals");
    let sandbox = Sandbox::start(&folder, &[]);
    let alice = BOOTSTRAP[0];
    for (contents, expected) in [
        (deposit_xtz(alice, "x", 0), "NOTHING_TO_DEPOSIT"),
        (deposit_xtz(alice, "x", BEGIN + 1), "has 4000000000000 mutez"),
        (deposit_fa(alice, "x", DevContract::TzbtcTicketer, 100_000_000_000), "NotEnoughBalance"),
        (json!([]), "one source"),
    ] {
        let (status, answer) = operate(&sandbox, contents);
        let words = answer[0]["msg"].as_str().unwrap();
        assert!(status == 409 && words.contains(expected), "{words}");
    }
    assert_eq!(mutez(&sandbox, alice), BEGIN);
    // What anybody could be told of is refused as well: a contract's code is known.
    let told = json!({"contract": DevContract::Usdt.address().to_string(), "script": "parameter unit"});
    assert_eq!(sandbox.post("/dev/contract", &told).0, 409);
    // A rollup that was played without this layer 1 has what it has.
    folder.file("inputs.json", "[[], []]");
    folder.played(&["run", "--inputs", "inputs.json", "--state", "played"]);
    let sandbox = Sandbox::start(&folder, &["--state", "played"]);
    sandbox.mine(1);
    assert_eq!(sandbox.get("/dev/solvency")["since"], Value::Null);
    done(&sandbox, deposit_xtz(alice, &Account::new(0).unwrap().address.to_string(), 5));
    sandbox.mine(2);
    assert_eq!(term(&sandbox, "XTZ", "on_rollup"), 5);
}
