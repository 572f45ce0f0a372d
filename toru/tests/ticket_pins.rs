//! `toru ticket`: names that are pinned, listed, shared, and every mistake in them.

use std::fs;

use crate::common::Folder;
use crate::common::sandbox::Sandbox;
use crate::common::user::User;
use crate::octez::node::Octez;
use encoding::{Kt1Address, Ticket, TicketContent};
use serde_json::{Value, json};
use toru::dev::{Account, demo_ticket};

fn start(name: &str) -> (Folder, Sandbox) {
    let folder = Folder::new(name);
    let sandbox = Sandbox::start(&folder, &[]);
    let to = Account::new(0).unwrap().address;
    for (id, decimals) in [(1, 2), (2, 3)] {
        let facts = json!({"symbol": "coin", "decimals": decimals, "token_type": "FA2"});
        let content = TicketContent::NatBytes(id.into(), Some(facts.to_string().into_bytes()));
        sandbox.deposit(to, &Ticket { ticketer: ticketer(), content }, 5_000);
    }
    let content = TicketContent::String(b"gold".to_vec());
    sandbox.deposit(to, &Ticket { ticketer: Kt1Address([0xcb; 20]), content }, 5_000);
    sandbox.mine(1);
    (folder, sandbox)
}

/// A ticketer of two tickets, `#1` and `#2`; `#3` is of another one.
fn ticketer() -> Kt1Address {
    Kt1Address([0xcc; 20])
}

/// The names that the user has pinned; the sandbox has others.
fn own(told: &Value) -> Vec<String> {
    let all = told["tickets"].as_array().unwrap().iter();
    let own = all.filter(|one| one["pinned_by"] == "you");
    own.map(|one| one["ticket"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn every_way_to_name_the_ticket_and_every_mistake_in_it() {
    let (folder, sandbox) = start("pins-add");
    let user = sandbox.user(&folder);
    let (demo, coin) = (demo_ticket().ticketer.to_string(), ticketer().to_string());
    let spoilt = format!("{}z", &coin[..35]);
    let of = |content: &str| format!("{coin}/{content}");
    for (args, said) in [
        (&["demo", "demo"][..], "\"demo\" names no ticketer"),
        (&["a", "KT1"], "the ticketer: \"KT1\""),
        (&["a", &spoilt], "wrong checksum"),
        (&["a", &Kt1Address([0xab; 20]).to_string()], "the rollup has never held a ticket of KT1"),
        (&["a", &coin], "has several tickets on the rollup: #1 (id 1, bytes "),
        (&["a", &of("coin")], "has several tickets on the rollup: #1 (id 1, bytes "),
        (&["a", &of("#0")], "#0 is not a ticket of KT1"),
        (&["a", &of("#9")], "the rollup has no ticket \"#9\""),
        (&["a", "#9"], "the rollup has no ticket \"#9\""),
        (&["a", &of("tin")], "the rollup has never held a ticket \"tin\" of KT1"),
        (&["a", &of("")], "the rollup has never held a ticket \"\" of KT1"),
        (&["a b", &demo], "invalid name"),
        (&["", &demo], "invalid name"),
        (&["KT1a", &demo], "invalid name"),
        (&["g\u{f6}ld", &demo], "invalid name"),
        (&["a", &demo, "--decimals", "20"], "--decimals"),
        (&["a", &demo, "--decimals=-1"], "--decimals"),
        (&["a", &demo, "--kind", "gold"], "expected tez, fa or other"),
        (&["a", &demo, "--helper", "tz1"], "--helper: \"tz1\""),
    ] {
        let refused = user.refused(2, &[&["ticket", "add"][..], args].concat());
        assert!(refused.contains(said), "{args:?}: {refused}");
    }
    assert!(own(&user.json(&["ticket", "list"])).is_empty());

    // The content's decimals, or those that are given.
    let told = user.json(&["ticket", "add", "one", &of("#1"), "--helper", &demo]);
    assert_eq!((&told["kind"], &told["helper"]), (&json!("fa"), &json!(demo)));
    assert_eq!(
        (&told["ticket"]["decimals"], &told["ticket"]["ticket_index"]),
        (&json!(2), &json!(1))
    );
    let said = user.done(&["ticket", "add", "two", "#2", "--decimals", "1"]);
    assert!(said.contains("decimals  1 (its content says 3)"), "{said}");
    assert!(said.contains("called    \"coin\" by its ticketer"), "{said}");
    assert_eq!(user.done(&["balance", "dev0", "one"]), "50\n");
    assert_eq!(user.done(&["balance", "dev0", "two"]), "500\n");
    let difference = "two has 1 decimal as pinned; its content says 3";
    let plan = user.done(&["send", "1.5", "two", "dev0", "dev1", "--dry-run"]);
    assert!(plan.contains(difference), "{plan}");
    for command in [&["tickets"][..], &["balance", "dev0"], &["ticket", "list"]] {
        assert!(user.done(command).contains(difference), "{command:?}");
    }
    assert!(user.refused(2, &["send", "1.55", "two", "dev0", "dev1"]).contains("one decimal"));

    // One that the rollup has never held.
    let tez = of("Pair 0 None");
    let said = user.done(&["ticket", "add", "TEZ", &tez]);
    assert!(said.contains("id 0, no bytes (the rollup has never held it)"), "{said}");
    assert_eq!(user.done(&["balance", "dev0", "TEZ"]), "0\n");
    let refused = user.refused(3, &["send", "1", "TEZ", "dev0", "dev1", "--yes"]);
    assert!(refused.contains("the rollup has never held this ticket"), "{refused}");

    // What is pinned stays as it is, and the same once more is no mistake.
    for args in [&["TEZ", &tez][..], &["one", "#1"], &["two", "#2", "--decimals", "1"]] {
        let said = user.done(&[&["ticket", "add"][..], args].concat());
        assert!(said.contains("pinned to that ticket already"), "{said}");
    }
    for (args, said) in [
        (&["TEZ", &demo][..], "the name \"TEZ\" is pinned already, to another ticket"),
        (
            &["one", &of("#1"), "--decimals", "5"],
            "the name \"one\" is pinned already, to another ticket or with other",
        ),
        (&["tez", &demo], "the name \"tez\" looks like \"TEZ\""),
        (&["mutez", &tez], "the ticket is pinned already, as \"TEZ\""),
    ] {
        let refused = user.refused(2, &[&["ticket", "add"][..], args].concat());
        assert!(refused.contains(said) && refused.contains("nothing was pinned"), "{refused}");
    }
    let list = user.done(&["ticket", "list"]);
    assert!(list.lines().all(|line| line.chars().count() <= 80), "{list}");
    assert_eq!(own(&user.json(&["ticket", "list"])), ["one", "two", "TEZ"]);
    assert!(user.refused(2, &["ticket", "rm", "tez"]).contains("no ticket is pinned as \"tez\""));
    assert_eq!(user.json(&["ticket", "rm", "TEZ"])["removed"], "TEZ");
    assert_eq!(own(&user.json(&["ticket", "list"])), ["one", "two"]);
}

#[test]
fn pinned_tickets_are_shared_in_a_file_that_changes_nothing_unsaid() {
    let (folder, sandbox) = start("pins-share");
    let user = sandbox.user(&folder);
    let coin = ticketer().to_string();
    assert!(
        user.refused(2, &["ticket", "export", "--out", "p.json"])
            .contains("you have pinned no ticket")
    );
    user.done(&["ticket", "add", "one", "#1"]);
    user.done(&["ticket", "add", "two", "#2"]);
    assert_eq!(user.json(&["ticket", "export", "--out", "p.json"])["tickets"], 2);
    let refused = user.refused(2, &["ticket", "export", "--out", "p.json"]);
    assert!(refused.contains("it is there already"), "{refused}");

    // Somebody else, who has pinned nothing, or one of them.
    let other = |args: &[&str]| user.json(&[args, &["--tickets", "other"]].concat());
    let refuse = |args: &[&str]| user.refused(2, &[args, &["--tickets", "other"]].concat());
    assert!(refuse(&["ticket", "import", "p.json"]).contains("not confirmed"));
    let shown = other(&["ticket", "import", "p.json", "--dry-run"]);
    assert_eq!((&shown["added"][1]["ticket"], &shown["written"]), (&json!("two"), &json!(false)));
    assert!(own(&other(&["ticket", "list"])).is_empty());
    other(&["ticket", "add", "one", "#1"]);
    let imported = other(&["ticket", "import", "p.json", "--yes"]);
    assert_eq!((&imported["here_already"], &imported["written"]), (&json!(["one"]), &json!(true)));
    assert_eq!(own(&other(&["ticket", "list"])), ["one", "two"]);
    assert_eq!(imported["added"][0]["ticketer"], coin);
    let again = other(&["ticket", "import", "p.json", "--yes"]);
    assert_eq!((&again["added"], &again["written"]), (&json!([]), &json!(false)));

    // A name is never changed by a file, and then nothing of the file is pinned.
    other(&["ticket", "rm", "one"]);
    other(&["ticket", "rm", "two"]);
    other(&["ticket", "add", "TWO", "#3"]);
    let refused = refuse(&["ticket", "import", "p.json", "--yes"]);
    assert!(refused.contains("p.json: the name \"two\" looks like \"TWO\""), "{refused}");
    assert_eq!(own(&other(&["ticket", "list"])), ["TWO"]);

    // Files that are not what they are to be: each is named, with the entry.
    let good: Value = serde_json::from_slice(&fs::read(folder.0.join("p.json")).unwrap()).unwrap();
    let mut spoilt = good.clone();
    spoilt["tickets"][1]["decimals"] = json!(77);
    let mut elsewhere = good.clone();
    elsewhere["rollup"] = json!(encoding::RollupAddress([9; 20]).to_string());
    let mut nowhere = good.clone();
    nowhere["rollup"] = Value::Null;
    for (text, said) in [
        (String::new(), "bad.json: invalid file of pinned tickets"),
        ("[]".to_owned(), "bad.json: invalid file of pinned tickets"),
        (json!({"version": 9}).to_string(), "bad.json: version 9"),
        (spoilt.to_string(), "bad.json: ticket 2, \"two\": 77 decimals"),
        (elsewhere.to_string(), "bad.json: the tickets are pinned for sr1"),
        (nowhere.to_string(), "bad.json: the file does not say for which rollup it is"),
    ] {
        folder.file("bad.json", text);
        let refused = refuse(&["ticket", "import", "bad.json", "--yes"]);
        assert!(refused.contains(said), "{refused}");
    }
    other(&["ticket", "rm", "TWO"]);
    let rollup = good["rollup"].as_str().unwrap();
    let named = other(&["ticket", "import", "bad.json", "--yes", "--rollup", rollup]);
    assert_eq!(named["added"].as_array().unwrap().len(), 2);

    // One's own file that is damaged stops what relies on it.
    let file = user.json(&["ticket", "list"])["file"].as_str().unwrap().to_owned();
    fs::write(folder.0.join(&file), "{").unwrap();
    let refused = user.refused(2, &["send", "1", "one", "dev0", "dev1", "--yes"]);
    assert!(refused.contains("invalid file of pinned tickets"), "{refused}");
}

#[test]
fn a_rollups_configuration_comes_with_its_tickets() {
    let folder = Folder::new("pins-install");
    let pin = |name: &str| {
        json!({
            "name": name, "ticketer": ticketer().to_string(), "content": "070700000306",
            "content_type": "pair nat (option bytes)", "decimals": 6, "kind": "tez", "helper": null,
        })
    };
    let rollup = encoding::RollupAddress([9; 20]).to_string();
    folder.file(
        "t.json",
        json!({"version": 1, "rollup": null, "tickets": [pin("mutez")]}).to_string(),
    );
    folder.file(
        "of.json",
        json!({"version": 1, "rollup": rollup, "tickets": [pin("mutez")]}).to_string(),
    );
    folder.file("none.json", json!({"version": 1, "rollup": null, "tickets": []}).to_string());
    folder.file("bad.json", json!({"version": 1, "tickets": [pin("a b")]}).to_string());
    let install = |file: &'static str| ["kernel", "install", "--out", "dist", "--tickets", file];
    for (file, said) in [
        ("of.json", "a new rollup has another address"),
        ("none.json", "there is no ticket in it"),
        ("bad.json", "bad.json: ticket 1, \"a b\": invalid name"),
        ("gone.json", "cannot read gone.json"),
    ] {
        let refused = folder.refused(&install(file));
        assert!(refused.contains(said), "{refused}");
        assert!(!folder.0.join("dist").exists(), "{file}");
    }
    let words = folder.played(&install("t.json"));
    assert!(words.contains("toru ticket import dist/tickets.json --rollup sr1…"), "{words}");
    let told: Value =
        serde_json::from_str(&folder.played(&[&install("t.json")[..], &["--json"]].concat()))
            .unwrap();
    assert_eq!(told["tickets"], "dist/tickets.json");

    // A user imports it, saying which rollup it is.
    let sandbox = Sandbox::start(&folder, &[]);
    let user = sandbox.user(&folder);
    let rollup = encoding::RollupAddress([0; 20]).to_string();
    let import = ["ticket", "import", "dist/tickets.json", "--yes"];
    assert!(user.refused(2, &import).contains("does not say for which rollup"));
    let imported = user.json(&[&import[..], &["--rollup", &rollup]].concat());
    assert_eq!(imported["added"][0]["ticket"], "mutez");
}

#[test]
fn a_ticketer_is_looked_at_on_layer_1_before_a_name_is_pinned() {
    let folder = Folder::new("pins-layer1");
    // A rollup that has held nothing, on a node that is no sandbox; the sandbox is its layer 1.
    let octez = Octez::start();
    octez.bake(1);
    let sandbox = Sandbox::start(&folder, &[]);
    let user = User { folder: &folder, endpoint: octez.endpoint.clone() };
    let told = sandbox.get("/dev/layer1");
    let contract = |name: &str| {
        let all = told["contracts"].as_array().unwrap();
        let found = all.iter().find(|one| one["name"] == name).unwrap();
        found["address"].as_str().unwrap().to_owned()
    };
    let (tez, dollar) = (contract("XTZ ticketer"), contract("USDt ticketer"));
    let layer1 = ["--layer1", &sandbox.endpoint];
    let add = |name: &'static str, ticket: &str| {
        user.json(&[&["ticket", "add", name, ticket][..], &layer1].concat())
    };
    let refused = user.refused(2, &["ticket", "add", "XTZ", &tez]);
    assert!(refused.contains("never held a ticket") && refused.contains("--layer1"), "{refused}");

    // What it mints and stands for is what it says there.
    let added = add("XTZ", &tez);
    assert_eq!((&added["ours"], &added["stands_for"]), (&json!("xtz_ticketer"), &json!("tez")));
    assert_eq!((&added["kind"], &added["ticket"]["decimals"]), (&json!("tez"), &json!(6)));
    let added = add("USDt", &dollar);
    assert_eq!((&added["ours"], &added["kind"]), (&json!("fa_ticketer"), &json!("fa")));
    assert!(added["stands_for"].as_str().unwrap().contains(&contract("USDt")), "{added}");
    assert_eq!(
        (&added["ticket"]["claims"], &added["ticket"]["decimals"]),
        (&json!("USDt"), &json!(6))
    );
    let list = user.json(&["ticket", "list"]);
    let pinned = &told["tickets"][0];
    assert_eq!(list["tickets"][0]["content"], pinned["content"]);

    // What one of ours never mints is not pinned; what is none of ours may be anything.
    for (ticket, said) in [
        (format!("{tez}/Pair 1 None"), "the content of its tickets is id 0, no bytes"),
        (format!("{}/\"x\"", contract("deposit helper")), "it mints none"),
    ] {
        let add = [&["ticket", "add", "x", &ticket][..], &layer1].concat();
        let refused = user.refused(2, &add);
        assert!(
            refused.contains("does not mint this ticket") && refused.contains(said),
            "{refused}"
        );
    }
    let ticket = format!("{}/\"x\"", ticketer());
    let add = [&["ticket", "add", "x", &ticket][..], &layer1].concat();
    let said = user.done(&add);
    assert!(said.contains("contract  not known: layer 1 at http"), "{said}");

    // A ticket of one of ours that nobody has pinned is known, and its name is still its ticketer's word.
    user.done(&["ticket", "rm", "XTZ"]);
    user.done(&["ticket", "rm", "USDt"]);
    let pin = &told["tickets"][1];
    let content = hex::decode(pin["content"].as_str().unwrap()).unwrap();
    let content = encoding::whole(&content, TicketContent::read).unwrap();
    let ticketer = Kt1Address::from_base58(&dollar).unwrap();
    octez.deposit(Account::new(0).unwrap().address, &Ticket { ticketer, content }, 7);
    octez.bake(1);
    let of = |more: &[&str]| {
        let told = user.json(&[&["tickets"][..], more].concat());
        told["tickets"][0]["standing"].clone()
    };
    assert_eq!((of(&[]), of(&layer1)), (json!("unknown"), json!("known")));
    let words = user.done(&[&["tickets"][..], &layer1].concat());
    assert!(words.starts_with("known: ") && words.contains(" \"USDt\" "), "{words}");
}
