//! Contracts of ours: put on layer 1, and recognised there; and what others take.

use layer1::michelson::parse;
use layer1::script::Script;
use serde_json::{Value, json};

use crate::common::Folder;
use crate::common::sandbox::Sandbox;

const TOKEN: &str = "KT18amZmM5W7qDWVt2pH6uj7sCEd3kbzLrHT";

/// The address of a contract of the sandbox.
fn address(sandbox: &Sandbox, name: &str) -> String {
    let layer1 = sandbox.get("/dev/layer1");
    let all = layer1["contracts"].as_array().unwrap();
    let found = all.iter().find(|one| one["name"] == name);
    found.unwrap_or_else(|| panic!("no {name}: {layer1}"))["address"].as_str().unwrap().to_owned()
}

#[test]
fn a_command_that_makes_it_and_its_script() {
    let folder = Folder::new("ticketer-deploy");
    let said = folder.played(&["ticketer", "deploy", "xtz", "--from", "alice"]);
    let command = "octez-client originate contract xtz_ticketer transferring 0 from alice running \
                   file:xtz_ticketer.tz --init 0 --burn-cap ";
    assert!(said.lines().any(|line| line.starts_with(command)), "{said}");
    assert!(said.contains("toru ticket add XTZ KT1… --helper KT1… --layer1 URL\n"), "{said}");
    let usdt = ["fa", "--token", TOKEN, "--decimals", "6", "--symbol", "USDt", "--from", "alice"];
    let named =
        folder.played(&[&["ticketer", "deploy"], &usdt[..], &["--out", "usdt.tz"]].concat());
    assert!(named.contains("originate contract usdt transferring 0"), "{named}");
    let told = |args: &[&str]| -> Value {
        let args = [&["ticketer", "deploy"], args, &["--json"]].concat();
        serde_json::from_str(&folder.played(&args)).unwrap()
    };
    let helper = told(&["helper", "--from", "alice", "--alias", "helper", "--out", "my helper.tz"]);
    assert_eq!((&helper["storage"], &helper["file"]), (&json!("None"), &json!("my helper.tz")));
    let command = helper["command"].as_str().unwrap();
    assert!(command.contains("contract helper transferring"), "{command}");
    assert!(command.contains("running 'file:my helper.tz' --init None "), "{command}");
    let file = std::fs::read_to_string(folder.0.join("my helper.tz")).unwrap();
    assert_eq!(helper["hash"], Script::of_text(&file).unwrap().hash());

    let fa = |token: &str| {
        let args = ["fa", "--token", token, "--decimals", "6", "--symbol", "USDt", "--from", "a"];
        told(&args)
    };
    let (fa12, fa2) = (fa(TOKEN), fa(&format!("{TOKEN}:7")));
    let storage = |told: &Value| parse(told["storage"].as_str().unwrap()).unwrap();
    let file = std::fs::read_to_string(folder.0.join("fa_ticketer.tz")).unwrap();
    let script = Script::of_text(&file).unwrap();
    for (told, token) in
        [(&fa12, format!("(Left \"{TOKEN}\")")), (&fa2, format!("(Right (Pair \"{TOKEN}\" 7))"))]
    {
        assert!(
            told["storage"].as_str().unwrap().ends_with(&format!("(Pair {token} 0)")),
            "{told}"
        );
        layer1::fits::fits(&storage(told), script.storage().unwrap()).unwrap();
    }
    assert_ne!(fa12["content"], fa2["content"]);
    for (args, words) in [
        (&["xtz", "--from", "a b"][..], "--from: \"a b\" is no account of layer 1"),
        (&["xtz", "--from", "a", "--alias", "x;y"], "--alias: \"x;y\" is no name"),
        (&["xtz", "--from", "a", "--out", "/nowhere/x.tz"], "cannot write"),
        (&["fa", "--token", "KT1", "--decimals", "6", "--symbol", "S", "--from", "a"], "--token"),
        (
            &[
                "fa",
                "--token",
                "KT18amZmM5W7qDWVt2pH6uj7sCEd3kbzLrHT:x",
                "--decimals",
                "6",
                "--symbol",
                "S",
                "--from",
                "a",
            ],
            "no id",
        ),
        (&["fa", "--token", TOKEN, "--decimals", "20", "--symbol", "S", "--from", "a"], "0..=19"),
        (
            &["fa", "--token", TOKEN, "--decimals", "6", "--symbol", "S T", "--from", "a"],
            "--symbol",
        ),
        (
            &[
                "fa",
                "--token",
                TOKEN,
                "--decimals",
                "6",
                "--symbol",
                "S",
                "--name",
                "",
                "--from",
                "a",
            ],
            "--name",
        ),
        (&["fa", "--token", TOKEN, "--decimals", "6", "--from", "a"], "--symbol"),
    ] {
        let text = folder.refused(&[&["ticketer", "deploy"], args].concat());
        assert!(text.contains(words), "{args:?}: {text}");
    }
}

#[test]
fn contracts_of_layer_1_are_recognised_or_described() {
    let folder = Folder::new("ticketer-check");
    let sandbox = Sandbox::start(&folder, &[]);
    let user = sandbox.user(&folder);
    user.done(&["deposit", "12.5", "XTZ", "--from", "bootstrap1", "--to", "dev1", "--yes"]);
    user.done(&["deposit", "3", "USDt", "--from", "bootstrap1", "--to", "dev1", "--yes"]);
    for (name, ours, stands_for, supply) in [
        ("XTZ ticketer", "xtz_ticketer", json!("tez"), json!("12500000")),
        (
            "USDt ticketer",
            "fa_ticketer",
            json!(format!("the FA2 token 0 of {}", address(&sandbox, "USDt"))),
            json!("3000000"),
        ),
        (
            "tzBTC ticketer",
            "fa_ticketer",
            json!(format!("the FA1.2 token {}", address(&sandbox, "tzBTC"))),
            json!("0"),
        ),
        ("deposit helper", "deposit_helper", Value::Null, Value::Null),
    ] {
        let contract = address(&sandbox, name);
        let told = user.json(&["ticketer", "check", &contract]);
        assert_eq!(told["ours"], ours, "{told}");
        assert_eq!((&told["stands_for"], &told["supply_units"]), (&stands_for, &supply), "{told}");
        assert_eq!(told["locked_units"], supply);
        let said = user.done(&["ticketer", "check", &contract, "--layer1", &sandbox.endpoint]);
        assert!(
            said.contains("one of ours") && said.contains(told["hash"].as_str().unwrap()),
            "{said}"
        );
    }
    // Another contract is described by its types.
    let demo = address(&sandbox, "demo ticketer");
    let told = user.json(&["ticketer", "check", &demo]);
    assert_eq!(told["ours"], Value::Null);
    assert_eq!(told["takes"]["exits"], json!([{"content_type": "string", "entrypoint": "burn"}]));
    let said = user.done(&["ticketer", "check", &demo]);
    assert!(said.contains("withdrawals that pay somebody, at burn, of ticket (string)"), "{said}");
    assert!(said.contains("no deposits by our helper"), "{said}");
    for (code, contract, words) in [
        (3, TOKEN, "has no contract"),
        (2, "tz1KqTpEZ7Yob7QbPE4Hy4Wo8fHG8LhKxZSx", "not a contract address"),
        (2, "KT18amZmM5W7qDWVt2pH6uj7sCEd3kbzLrHU", "wrong checksum"),
    ] {
        let text = user.refused(code, &["ticketer", "check", contract]);
        assert!(text.contains(words), "{contract}: {text}");
    }
    let text = user.refused(4, &["ticketer", "check", TOKEN, "--layer1", "127.0.0.1:9"]);
    assert!(text.contains("no answer"), "{text}");
    let away = ["ticketer", "check", TOKEN, "--endpoint", "127.0.0.1:9"];
    assert!(user.refused(4, &away).contains("no answer"));
}
