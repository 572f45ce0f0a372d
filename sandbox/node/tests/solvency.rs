//! Whether what layer 1 has locked is what the rollup owes is looked at after every level, and told once.

use layer1::michelson::parse;
use mockup::Ticket;
use mockup::genesis::ticket_of;
use node::Owed;
use serde_json::{Value, json};

use crate::common::{ALICE, HELPER, Sandbox, XTZ_TICKETER, genesis, kt1};

const ROLLUP: &str = "sr163Lv22CdE8QagCwf48PWDTquk6isQwv57";

fn deposit(sandbox: &Sandbox, mutez: u32) {
    let value = json!({"prim": "Pair", "args": [
        {"string": kt1(XTZ_TICKETER)}, {"string": ROLLUP}, {"string": "anybody"},
    ]});
    let call = json!({
        "kind": "transaction",
        "source": ALICE,
        "destination": kt1(HELPER),
        "amount": mutez.to_string(),
        "parameters": {"entrypoint": "deposit_xtz", "value": value},
    });
    sandbox.done("/dev/operation", json!({"contents": [call]}));
}

/// The rollup says that it owes so much.
fn owes(sandbox: &Sandbox, mutez: u32) {
    let state = genesis();
    let hash = [XTZ_TICKETER; 20];
    let ticket = ticket_of(&hash, state.contract(&hash).unwrap()).unwrap();
    let owed = Owed { on_rollup: mutez.into(), ..Owed::default() };
    sandbox.owed.lock().unwrap().insert(ticket, owed);
}

fn term(report: &Value, of: &str) -> String {
    let tickets = report["tickets"].as_array().unwrap();
    let one = tickets.iter().find(|one| one["name"] == "XTZ").unwrap();
    one[of].as_str().map_or_else(|| one[of].to_string(), str::to_owned)
}

#[test]
fn terms_close_until_something_is_missing_and_that_is_told_once() {
    let sandbox = Sandbox::new();
    let report = || sandbox.read("/dev/solvency");
    deposit(&sandbox, 70);
    let waiting = report();
    assert_eq!((&waiting["closed"], term(&waiting, "waiting").as_str()), (&json!(true), "70"));
    owes(&sandbox, 70);
    sandbox.done("/dev/mine", json!({"levels": 3}));
    let there = report();
    assert_eq!((&there["closed"], &there["since"]), (&json!(true), &Value::Null));
    for (of, expected) in [
        ("locked", "70"),
        ("supply", "70"),
        ("of_rollup", "70"),
        ("waiting", "0"),
        ("on_rollup", "70"),
    ] {
        assert_eq!(term(&there, of), expected, "{of}");
    }
    assert!(sandbox.alarms.lock().unwrap().is_empty());
    // A unit is gone, and nobody knows where to.
    owes(&sandbox, 69);
    sandbox.done("/dev/mine", json!({"levels": 2}));
    owes(&sandbox, 70);
    sandbox.done("/dev/mine", json!({"levels": 1}));
    let after = report();
    // Now it closes; that it did not is known all the same.
    assert_eq!((&after["closed"], &after["since"]), (&json!(true), &json!(4)));
    let alarms = sandbox.alarms.lock().unwrap().clone();
    let [alarm] = alarms.as_slice() else { panic!("{alarms:?}") };
    assert!(alarm.starts_with("SOLVENCY: after level 4 "), "{alarm}");
    assert!(alarm.contains("supply 70, of the rollup 70, found 69"), "{alarm}");
    // One ticket that does not close hides no other, and a second loss is said as well.
    owes(&sandbox, 68);
    sandbox.done("/dev/mine", json!({"levels": 1}));
    let unheard = Ticket::new([9; 20], &parse("string").unwrap(), parse("\"x\"").unwrap());
    let five = Owed { on_rollup: 5_u32.into(), ..Owed::default() };
    sandbox.owed.lock().unwrap().insert(unheard, five);
    sandbox.done("/dev/mine", json!({"levels": 2}));
    let alarms = sandbox.alarms.lock().unwrap().clone();
    let [_, again, other] = alarms.as_slice() else { panic!("{alarms:?}") };
    assert!(again.contains("after level 7 ") && again.contains("found 68"), "{again}");
    assert!(other.contains("after level 8 ") && other.contains("found 5;"), "{other}");
    sandbox.owed.lock().unwrap().clear();
    owes(&sandbox, 70);
    // Before that level, nothing was wrong.
    sandbox.done("/dev/revert", json!({"to": "3"}));
    assert_eq!(report()["since"], Value::Null);
}

#[test]
fn what_is_in_an_outbox_is_counted_until_it_is_executed_and_after_another_start() {
    let sandbox = Sandbox::new();
    // Pair alice (Pair ticketer (Pair (Pair 0 None) 30)), to the ticketer's burn.
    let alice = "0a00000016000002298c03ed7d454a101eb7022bc95f7e5f41ac78";
    let ticketer = format!("01{}00", hex_of(XTZ_TICKETER));
    let ticket = format!("07070a00000016{ticketer}0707070700000306001e");
    let call = format!("0707{alice}{ticket}{ticketer}000000046275726e");
    sandbox.level_with(&format!("00{:08x}{call}", call.len() / 2));
    deposit(&sandbox, 70);
    owes(&sandbox, 40);
    sandbox.done("/dev/mine", json!({"levels": 8}));
    let report = |sandbox: &Sandbox| sandbox.read("/dev/solvency");
    assert_eq!(term(&report(&sandbox), "in_outboxes"), "30");
    assert_eq!(report(&sandbox)["closed"], true);
    let sandbox = sandbox.again();
    owes(&sandbox, 40);
    assert_eq!(
        (term(&report(&sandbox), "in_outboxes"), report(&sandbox)["closed"].clone()),
        ("30".to_owned(), json!(true))
    );
    let balance = |sandbox: &Sandbox| {
        let path = format!("/chains/main/blocks/head/context/contracts/{ALICE}/balance");
        sandbox.read(&path).as_str().unwrap().parse::<u64>().unwrap()
    };
    let before = balance(&sandbox);
    let done = sandbox.done("/dev/execute", json!({"outbox_level": 1, "message_index": 0}));
    assert_eq!(done["paid"][0]["receiver"], ALICE, "{done}");
    assert_eq!(balance(&sandbox), before + 30);
    let done = report(&sandbox);
    assert_eq!(
        (term(&done, "in_outboxes"), term(&done, "supply")),
        ("0".to_owned(), "40".to_owned())
    );
    assert_eq!((term(&done, "locked"), done["closed"].clone()), ("40".to_owned(), json!(true)));
    // Going back takes the execution back.
    sandbox.done("/dev/revert", json!({"to": "8"}));
    assert_eq!(
        (balance(&sandbox), term(&report(&sandbox), "in_outboxes")),
        (before, "30".to_owned())
    );
}

fn hex_of(byte: u8) -> String {
    format!("{byte:02x}").repeat(20)
}
