//! Batches that nothing of ours made: encoded by a script from the documented layout and signed with
//! py_ecc. They give exactly the balances, counters and outbox that they imply.

use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

const ALICE: &str = "tz4KgLG5kuN3xjp9EjZLsQv8TFtjXeZvE4X4";
const BOB: &str = "tz4AnNAR17z2qra1LpWVUZRdSUTkVkhTpKmK";

fn play(options: &[&str]) -> Value {
    let inputs = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/elsewhere/inputs.json");
    let output = Command::new(env!("CARGO_BIN_EXE_toru"))
        .args(["run", "--accept-v1", "--json", "--inputs"])
        .arg(inputs)
        .args(options)
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    serde_json::from_slice(&output.stdout).unwrap()
}

/// A call in an outbox message, by hand from the layout.
fn call(text: &str, zarith: &str, entrypoint: &str) -> String {
    let sized = |text: &str| format!("{:08x}{}", text.len(), hex::encode(text));
    let ticketer = format!("07070a0000001601{}00", "cd".repeat(20));
    let content = format!("070701{}", sized(text));
    let destination = format!("01{}00", "11".repeat(20));
    format!("{ticketer}{content}00{zarith}{destination}{}", sized(entrypoint))
}

fn message(calls: &[String]) -> String {
    let calls = calls.concat();
    format!("00{:08x}{calls}", calls.len() / 2)
}

#[test]
fn balances_counters_and_outbox_of_batches_made_elsewhere() {
    for options in [&[][..], &["--native"]] {
        let result = play(options);
        let outbox: Vec<&Value> =
            result["levels"].as_array().unwrap().iter().map(|level| &level["outbox"]).collect();
        let second = message(&[call("eur", "07", "burn")]);
        // 2^63 + 5 - 2^40, then 301, as Micheline integers.
        let third = message(&[
            call("usd", "8580808080c0ffffff01", ""),
            call("eur", "ad04", &"x".repeat(31)),
        ]);
        assert_eq!(outbox, [&json!([]), &json!([second]), &json!([third])]);

        let balances: Vec<(&str, &str)> = result["balances"]
            .as_array()
            .unwrap()
            .iter()
            .map(|balance| {
                assert_eq!(balance["account"], ALICE);
                (balance["content"].as_str().unwrap(), balance["amount"].as_str().unwrap())
            })
            .collect();
        assert_eq!(balances, [("0100000003657572", "692"), ("0100000003757364", "1099511627776")]);
        assert_eq!(result["counters"], json!({ALICE: 2, BOB: 2}));
    }
}
