//! The wallet among others: batches with people who are not ready, what is mistyped, junk that strangers
//! send.

use std::fs;

use crate::common::people::{balance, people};
use serde_json::{Value, json};

#[test]
fn a_batch_of_several_people_is_not_stopped_by_one_of_them() {
    let (folder, sandbox) = people("several", &["alice", "bob", "carol"]);
    let user = sandbox.user(&folder);
    for name in ["alice", "bob"] {
        user.done(&["register", name, "--yes"]);
    }
    sandbox.mine(1);
    let craft = |file: &str, amount: &str, name: &str| {
        user.done(&["tx", "craft", amount, "demo", name, "dev5", "--out", file]);
    };
    for name in ["alice", "bob", "carol"] {
        craft(&format!("{name}.json"), "2", name);
    }
    // Carol's key is not known: the kernel would refuse all of it, so she is named, before anybody signs.
    let make = ["batch", "make", "alice.json", "bob.json"];
    let unregistered = user.refused(3, &[&make[..], &["carol.json", "--out", "no.json"]].concat());
    assert!(unregistered.contains("error: not registered: carol (tz4"), "{unregistered}");
    assert!(unregistered.contains("toru register carol"), "{unregistered}");
    assert!(!folder.0.join("no.json").exists());

    user.done(&[&make[..], &["--out", "all.json"]].concat());
    for name in ["alice", "bob"] {
        user.done(&["batch", "sign", "all.json", "--key", name, "--yes"]);
    }
    // Alice sends something else meanwhile: hers is stale, and Bob's is not.
    user.done(&["send", "1", "demo", "alice", "dev1", "--yes"]);
    sandbox.mine(1);
    let submit = ["batch", "submit", "all.json"];
    let plan = user.json(&[&submit[..], &["--dry-run"]].concat())["plan"].clone();
    assert_eq!((&plan["refusal"], &plan["failures"][0]["transaction"]), (&Value::Null, &json!(0)));
    assert_eq!(plan["failures"].as_array().unwrap().len(), 1);
    let told = user.done(&[&submit[..], &["--dry-run"]].concat());
    assert!(told.contains("transaction 0, of alice (tz4"), "{told}");
    assert!(told.contains("would not be applied: counter 0, but the next one is 1"), "{told}");
    // It is asked first.
    user.refused(2, &submit);
    user.done(&[&submit[..], &["--yes"]].concat());
    sandbox.mine(1);
    assert_eq!(
        (balance(&user, "alice"), balance(&user, "bob")),
        ("99".to_owned(), "98".to_owned())
    );
    // Nothing of it would be applied any more.
    craft("late.json", "2", "alice");
    craft("much.json", "2", "bob");
    user.done(&["send", "1", "demo", "alice", "dev1", "--yes"]);
    user.done(&["send", "98", "demo", "bob", "dev1", "--yes"]);
    sandbox.mine(1);
    let none = user.refused(3, &["batch", "make", "late.json", "much.json", "--out", "n.json"]);
    assert!(none.contains("not sent, as it would be refused"), "{none}");
}

#[test]
fn what_is_mistyped_is_told_as_that() {
    let (folder, sandbox) = people("mistyped", &["alice"]);
    let user = sandbox.user(&folder);
    let account = user.json(&["key", "show", "alice"]);
    let typo = |text: &str| {
        let other = if text.ends_with('a') { "b" } else { "a" };
        format!("{}{other}", &text[..text.len() - 1])
    };
    let tz4 = typo(account["tz4"].as_str().unwrap());
    let key = typo(account["public_key"].as_str().unwrap());
    let (kt1, sr1) =
        ("KT1UuCZfusSPmKYDZ9EiP3dafh3QzPDV8tZG", "sr163Lv22CdE8QagCwf48PWDTquk6isQwv58");
    let named = format!("{kt1}/demo");
    let contract = format!("--to={kt1}%burn");
    let rollup = format!("--rollup={sr1}");
    folder.file("pay.csv", format!("to,amount,ticket\n{tz4},1,demo\n"));
    user.done(&["tx", "craft", "1", "demo", "alice", "dev1", "--out", "t.json"]);
    user.done(&["tx", "sign", "t.json", "--key", "alice", "--yes"]);
    let text = fs::read_to_string(folder.0.join("t.json")).unwrap();
    let changed = |name: &str, field: &str| {
        let mut json: Value = serde_json::from_str(&text).unwrap();
        let place = match field {
            "rollup" => &mut json["rollup"],
            field => &mut json["signatures"][0][field],
        };
        *place = json!(typo(place.as_str().unwrap()));
        folder.file(name, json.to_string());
    };
    for field in ["rollup", "account", "key"] {
        changed(&format!("{field}.json"), field);
    }
    for args in [
        &["send", "1", "demo", "alice", &tz4][..],
        &["send", "1", "demo", "alice", &key],
        &["send", "1", "demo", &tz4, "alice"],
        &["send", "1", &named, "alice", "dev1"],
        &["send", "1", kt1, "alice", "dev1"],
        &["send", "--file", "pay.csv", "--from", "alice"],
        &["balance", &tz4],
        &["balance", "alice", &named],
        &["tickets", &tz4],
        &["register", &tz4],
        &["tx", "craft", "1", "demo", &tz4, "dev1", "--out", "x.json"],
        &["tx", "sign", "t.json", "--key", &tz4],
        &["tx", "submit", "rollup.json"],
        &["tx", "submit", "account.json"],
        &["tx", "submit", "key.json"],
        &["tx", "show", "key.json"],
        &[
            "swap", "offer", "1", "demo", "for", "1", "demo", "--with", &tz4, "--from", "alice",
            "--out", "x.json",
        ],
        &["withdraw", "1", "demo", "--from", &tz4, "--to=KT1UuCZfusSPmKYDZ9EiP3dafh3QzPDV8tZF"],
        &["withdraw", "1", "demo", "--from", "alice", &contract],
        &["withdrawals", "--of", &tz4],
        &["balance", "alice", &rollup],
        &["dev", "deposit", &tz4, "1"],
    ] {
        let said = user.refused(2, args);
        assert!(said.contains("has a wrong checksum: a character is mistyped"), "{args:?}: {said}");
    }
    // A public key means its account, and a secret one is not shown once more.
    let paid = ["balance", account["public_key"].as_str().unwrap(), "demo"];
    assert_eq!(user.done(&paid), "100\n");
    let secret = user.done(&["key", "export", "alice", "--format", "BLsk", "--yes"]);
    let refused = user.refused(2, &["send", "1", "demo", "alice", secret.trim()]);
    assert!(refused.contains("secret key") && !refused.contains(secret.trim()), "{refused}");
    // The number sign begins a comment in a shell.
    let several = user.refused(2, &["balance", "alice", "gold"]);
    assert!(several.contains("'#N'"), "{several}");
}

#[test]
fn junk_in_the_queue_does_not_keep_anybody_from_paying() {
    let (folder, sandbox) = people("junk", &[]);
    let user = sandbox.user(&folder);
    user.done(&["tx", "craft", "3", "demo", "dev0", "dev1", "--out", "t.json"]);
    user.done(&["tx", "sign", "t.json", "--key", "dev0", "--yes"]);
    let text = fs::read(folder.0.join("t.json")).unwrap();
    let signed = wallet::transaction::Signable::from_json(&text).unwrap();
    let message =
        wallet::bundle::bundle(signed.rollup(), std::slice::from_ref(&signed), &[]).unwrap();
    // The same with a signature that is none: anybody can send that.
    let mut junk = message[0][1..].to_vec();
    let end = junk.len() - 96;
    junk[end..].fill(7);
    assert_eq!(sandbox.post("/local/batcher/injection", &json!([hex::encode(junk)])).0, 200);
    let output = user.run(&["send", "1", "demo", "dev0", "dev1", "--yes"]);
    let noted = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success() && noted.contains("without a good signature"), "{noted}");
    sandbox.mine(1);
    assert_eq!(balance(&user, "dev0"), "999999");
}
