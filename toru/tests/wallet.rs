//! The wallet as its user has it: commands against a sandbox, files from hand to hand, exit codes.

use std::fs;
use std::thread;

use crate::common::people::{balance, people};
use crate::common::wait::until;
use serde_json::{Value, json};

#[test]
fn a_payment_and_how_far_it_has_come() {
    let (folder, sandbox) = people("pay", &[]);
    let user = sandbox.user(&folder);
    let plan = user.json(&["send", "5", "demo", "dev0", "dev1", "--dry-run"]);
    assert_eq!(plan["sent"], false);
    assert_eq!(plan["plan"]["changes"][0]["before"], "1000000");
    assert_eq!(plan["plan"]["changes"][0]["after"], "999995");
    assert_eq!(plan["plan"]["registers"].as_array().unwrap().len(), 1);

    let pay = ["send", "5", "demo", "dev0", "dev1", "--memo", "INV-881", "--valid-for", "9"];
    let sent = user.json(&[&pay[..], &["--yes"]].concat());
    let hash = sent["hashes"][0].as_str().unwrap().to_owned();
    let unknown = user.refused(5, &["tx", "show", &hash]);
    assert!(unknown.contains("no result"), "{unknown}");
    // The same again would be a mistake, and another payment has to wait.
    let twice = user.refused(5, &[&pay[..], &["--yes"]].concat());
    assert!(twice.contains("was sent before") && twice.contains(&hash), "{twice}");
    let waits = user.refused(5, &["send", "6", "demo", "dev0", "dev1", "--yes"]);
    assert!(waits.contains("still waits for a level"), "{waits}");
    let late = user.refused(5, &["tx", "show", &hash, "--wait", "--timeout", "0"]);
    assert!(late.contains("not included yet"), "{late}");

    for (levels, stage) in [(1, "included"), (2, "committed"), (4, "cemented")] {
        sandbox.mine(levels);
        let shown = user.json(&["tx", "show", &hash, "--wait", stage, "--timeout", "20"]);
        assert_eq!((&shown["stage"], &shown["applied"]), (&json!(stage), &json!(true)));
        assert_eq!(shown["operations"][0]["memo"], "INV-881");
    }
    assert_eq!(balance(&user, "dev0"), "999995");
    assert_eq!(balance(&user, "#1"), "1000005");
    let told = user.json(&["balance", "dev0"]);
    assert_eq!((&told["registered"], &told["counter"]), (&json!(true), &json!("1")));
    let tickets = user.json(&["tickets"]);
    assert_eq!(tickets["tickets"][0]["on_rollup"], "10000000");
    let held = user.json(&["tickets", "dev0"]);
    assert_eq!(
        (&held["tickets"][0]["amount"], &held["tickets"][0]["decimals"]),
        (&json!("999995"), &json!(0))
    );
    let text = user.done(&["tickets", "dev0"]);
    assert!(text.contains("held") && text.contains("999,995"), "{text}");
    assert!(user.done(&["balance", "dev0"]).contains("999,995"));
}

#[test]
fn mistakes_and_what_to_do_about_them() {
    let (folder, sandbox) = people("mistakes", &[]);
    let user = sandbox.user(&folder);
    let contract = "KT1UuCZfusSPmKYDZ9EiP3dafh3QzPDV8tZF";
    folder.file("bad.csv", "to,amount,ticket\ndev1,1,demo\ndev2,0.5,demo\n");
    folder.file("titles.csv", "who,amount\n");
    folder.file("self.csv", "to,amount,ticket\ndev0,1,demo\n");
    folder.file("empty.csv", "to,amount,ticket\n");
    folder.file("no.json", "{}");
    let nowhere = "--endpoint=127.0.0.1:9";
    for (code, args, said) in [
        (2, &["send", "5", "demo", "dev0", contract][..], "toru withdraw"),
        (
            2,
            &["send", "5", "demo", "dev0", "tz1Ke2h7sDdakHJQh8WX4Z372du1KChsksyU"],
            "toru withdraw",
        ),
        (2, &["send", "5", "demo", "dev0", "nobody"], "toru key list"),
        (2, &["send", "5", "demo", "dev0", "dev10"], "is no account"),
        (2, &["send", "5", "demo", "dev0", "#77"], "has no account #77"),
        (2, &["send", "5", "gold", "dev0", "dev1"], "toru tickets"),
        (2, &["send", "0.5", "demo", "dev0", "dev1"], "this ticket has none"),
        (2, &["send", "-5", "demo", "dev0", "dev1"], "\"-5\" is no amount"),
        (2, &["send", "5", "demo", "dev0", "dev+1"], "is no account"),
        (2, &["send", "5", "demo", "dev0", "dev01"], "is no account"),
        (2, &["send", "5", "demo", "dev0", "#+1"], "has no account #+1"),
        (2, &["send", "5", "#+0", "dev0", "dev1"], "no ticket \"#+0\""),
        (2, &["send", "5", "demo", "dev0"], "write '#1'"),
        (2, &["send", "5"], "write '#0'"),
        (
            2,
            &["tx", "craft", "5", "demo", "dev0", "dev1", "--out", "no.json"],
            "cannot write no.json: it is there already",
        ),
        (2, &["key", "new", contract], "looks like an address"),
        (2, &["send", "1e3", "demo", "dev0", "dev1"], "expected digits"),
        (2, &["send", "5", "demo", "#1", "dev0", "--rollup", "sr1"], "has 3 characters"),
        (2, &["send", "5", "demo", "dev0", "dev1"], "--yes"),
        (2, &["send", "5", "demo", "dev0", "dev1", "--memo", ""], "1 to 64 bytes"),
        (2, &["send", "--file", "bad.csv", "--from", "dev0"], "bad.csv, line 3: 0.5 has decimals"),
        (2, &["send", "--file", "titles.csv", "--from", "dev0"], "line 1: expected the titles"),
        (2, &["send", "--file", "self.csv", "--from", "dev0"], "line 2: the payer pays themselves"),
        (2, &["send", "--file", "empty.csv", "--from", "dev0"], "no payment"),
        (2, &["send", "--file", "none.csv", "--from", "dev0"], "cannot read none.csv"),
        (2, &["tx", "submit", "no.json"], "not the file of a transaction"),
        (2, &["tx", "show", "abcd"], "64 hexadecimal digits"),
        (
            2,
            &[
                "swap", "offer", "1", "demo", "for", "1", "demo", "--with", "dev0", "--from",
                "dev0", "--out", "x.json",
            ],
            "both are the same",
        ),
        (
            3,
            &["send", "1000001", "demo", "dev0", "dev1", "--yes"],
            "balance too low: 1,000,000 demo available, 1,000,001 requested",
        ),
        (3, &["send", "0", "demo", "dev0", "dev1", "--yes"], "the amount is zero"),
        (3, &["send", "1", "demo", "dev0", "dev0", "--yes"], "the same"),
        (4, &["balance", "dev0", nowhere], "toru dev starts a sandbox"),
        (4, &["register", "dev0", nowhere], "no answer from http://127.0.0.1:9"),
    ] {
        let stderr = user.refused(code, args);
        assert!(stderr.contains(said), "{args:?}: {stderr}");
        assert!(stderr.lines().count() <= 2, "{args:?}: {stderr}");
    }
    // A refusal has its code in JSON too, and nothing was sent by any of them.
    let output = user.run(&["send", "0", "demo", "dev0", "dev1", "--json"]);
    let told: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(
        (output.status.code(), &told["plan"]["refusal"]["code"]),
        (Some(3), &json!("ZERO_AMOUNT"))
    );
    sandbox.mine(1);
    assert_eq!(user.json(&["balance", "dev0"])["counter"], "0");
}

/// Alice offers Bob five for seven.
const OFFER: [&str; 13] = [
    "swap",
    "offer",
    "5",
    "demo",
    "for",
    "7",
    "demo",
    "--with",
    "bob",
    "--from",
    "alice",
    "--out=offer.json",
    "--yes",
];

#[test]
fn a_swap_between_two_people() {
    let (folder, sandbox) = people("swap", &["alice", "bob"]);
    let user = sandbox.user(&folder);
    let dry = user.json(&[&OFFER[..], &["--dry-run"]].concat());
    assert_eq!(
        (&dry["written"], &dry["plan"]["changes"][0]["after"]),
        (&json!(false), &json!("102"))
    );
    assert!(!folder.0.join("offer.json").exists());
    user.done(&OFFER);
    // What is written stays as it is.
    assert!(user.refused(2, &OFFER).contains("cannot write offer.json"));
    let good = fs::read_to_string(folder.0.join("offer.json")).unwrap();
    let mut json: Value = serde_json::from_str(&good).unwrap();
    let bytes = json["transaction"].as_str().unwrap().replacen("00a0", "00c0", 1);
    json["transaction"] = json!(bytes);
    folder.file("changed.json", json.to_string());
    let changed = user.refused(2, &["swap", "accept", "changed.json", "--key", "bob"]);
    assert!(changed.contains("changed since it was made"), "{changed}");
    let other = user.refused(2, &["swap", "accept", "offer.json", "--key", "dev3"]);
    assert!(other.contains("nothing to sign"), "{other}");

    let accept = ["swap", "accept", "offer.json", "--key", "bob", "--yes"];
    let sent = user.json(&accept);
    sandbox.mine(1);
    let hash = sent["hashes"][0].as_str().unwrap();
    let shown = user.json(&["tx", "show", hash]);
    assert_eq!(shown["operations"].as_array().unwrap().len(), 2);
    assert_eq!(balance(&user, "alice"), "102");
    assert_eq!(balance(&user, "bob"), "98");
    // Accepted once: what came of it is told, and nothing is sent.
    let again = user.json(&accept);
    assert_eq!((&again["sent"], &again["results"][0]["applied"]), (&json!(false), &json!(true)));
    assert_eq!(again["results"][0]["hash"], hash);
    sandbox.mine(1);
    assert_eq!(balance(&user, "alice"), "102");
}

#[test]
fn an_offer_that_was_taken_back() {
    let (folder, sandbox) = people("back", &["alice", "bob"]);
    let user = sandbox.user(&folder);
    user.done(&OFFER);
    user.done(&["send", "1", "demo", "alice", "dev1", "--yes"]);
    // Not played yet: it can be accepted, and the kernel says which of the two came first.
    let sent = user.json(&["swap", "accept", "offer.json", "--key", "bob", "--yes"]);
    sandbox.mine(1);
    let hash = sent["hashes"][0].as_str().unwrap();
    let stale = user.refused(3, &["tx", "show", hash]);
    assert!(stale.contains("counter 0, but the next one is 1"), "{stale}");
    assert_eq!(balance(&user, "bob"), "100");
}

#[test]
fn a_message_that_is_refused_whole_is_told_with_its_reason() {
    let (folder, sandbox) = people("whole", &[]);
    let user = sandbox.user(&folder);
    for (file, to) in [("a.json", "dev1"), ("b.json", "dev2")] {
        user.done(&["tx", "craft", "3", "demo", "dev0", to, "--out", file]);
        user.done(&["tx", "sign", file, "--key", "dev0", "--yes"]);
    }
    // Two of the same counter, the second of which the kernel does not look at.
    user.done(&["tx", "submit", "a.json", "--yes"]);
    let submit = ["tx", "submit", "b.json", "--yes", "--wait", "--timeout", "300"];
    let refused = thread::scope(|scope| {
        let waiting = scope.spawn(|| user.refused(3, &submit));
        until("both wait for a level", || {
            sandbox.get("/local/batcher/queue").as_array().unwrap().len() == 2
        });
        sandbox.mine(1);
        waiting.join().unwrap()
    });
    assert!(refused.contains("was refused whole: every transaction has a counter"), "{refused}");
    let again = user.refused(3, &["tx", "submit", "b.json", "--yes"]);
    assert!(again.contains("counter"), "{again}");
}

#[test]
fn a_message_is_filled_up_where_that_is_asked_for_and_does_the_same() {
    let (folder, sandbox) = people("pad", &[]);
    let user = sandbox.user(&folder);
    let send = ["send", "5", "demo", "dev0", "dev1", "--yes", "--pad"];
    let sent = user.done(&send);
    assert!(sent.contains("sent 1 message, 4096 bytes"), "{sent}");
    sandbox.mine(1);
    assert_eq!(balance(&user, "#1"), "1000005");
    // It is found by its hash whatever follows it.
    let hash = sent.lines().find_map(|line| line.strip_prefix("toru tx show ")).unwrap();
    let shown = user.json(&["tx", "show", hash]);
    assert_eq!(shown["payments"][0]["amount"], "5", "{shown}");
}

#[test]
fn a_transaction_file_may_begin_with_a_mark_and_utf_16_is_named() {
    let (folder, sandbox) = people("mark", &["alice"]);
    let user = sandbox.user(&folder);
    user.done(&["tx", "craft", "3", "demo", "alice", "dev1", "--out", "t.json"]);
    let path = folder.0.join("t.json");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, format!("\u{feff}{text}")).unwrap();
    assert!(user.done(&["tx", "show", "t.json"]).contains("pays 3 demo"));
    let utf_16: Vec<u8> =
        std::iter::once(0xfeff).chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    fs::write(&path, utf_16).unwrap();
    let refused = user.refused(2, &["tx", "show", "t.json"]);
    assert!(refused.contains("UTF-16"), "{refused}");
}

#[test]
fn signed_on_a_machine_without_a_network() {
    let (folder, sandbox) = people("offline", &["alice"]);
    let user = sandbox.user(&folder);
    let craft = ["tx", "craft", "3", "demo", "alice", "dev1", "--memo", "rent", "--out", "t.json"];
    user.done(&craft);
    let missing = user.refused(2, &["tx", "submit", "t.json", "--yes"]);
    assert!(missing.contains("has not signed it"), "{missing}");
    let nowhere = "--endpoint=127.0.0.1:9";
    let shown = user.done(&["tx", "show", "t.json", nowhere]);
    assert!(shown.contains("pays 3 demo") && shown.contains("still to sign: alice"), "{shown}");
    let sign = ["tx", "sign", "t.json", "--key", "alice", "--dry-run", nowhere];
    assert!(user.done(&sign).contains("nothing was signed"));
    // An account means its key, where that is here.
    let account = user.json(&["key", "show", "alice"])["tz4"].as_str().unwrap().to_owned();
    let by_account = ["tx", "sign", "t.json", "--key", &account, "--dry-run", nowhere];
    assert!(user.done(&by_account).contains("nothing was signed"));
    let other = "tz4Br16zXvddzJGoByAAHBRu4wVNpFm7HSLi";
    let not_theirs = user.refused(2, &["tx", "sign", "t.json", "--key", other, nowhere]);
    assert!(not_theirs.contains("nothing to sign in it"), "{not_theirs}");
    let shown = user.run(&["tx", "sign", "t.json", "--key", other, nowhere]).stdout;
    assert!(shown.is_empty(), "{}", String::from_utf8_lossy(&shown));
    let nobody = "tz4TYiivcsKEiRbEhEqVZWqCCVJnPVT6fT6i";
    let no_key = user.refused(2, &["tx", "sign", "t.json", "--key", nobody, nowhere]);
    assert!(no_key.contains(&format!("there is no key for {nobody} here")), "{no_key}");
    let signed = user.done(&["tx", "sign", "t.json", "--key", "alice", "--yes", nowhere]);
    assert!(signed.contains("memo rent") && signed.contains("can be sent"), "{signed}");

    let submit = ["tx", "submit", "t.json", "--yes"];
    assert_eq!(user.json(&submit)["sent"], true);
    sandbox.mine(1);
    let again = user.json(&submit);
    assert_eq!((&again["sent"], &again["results"][0]["applied"]), (&json!(false), &json!(true)));
    assert_eq!(balance(&user, "alice"), "97");
}

#[test]
fn a_batch_that_several_people_sign() {
    let (folder, sandbox) = people("batch", &["alice", "bob", "carol"]);
    let user = sandbox.user(&folder);
    for name in ["alice", "bob"] {
        user.done(&["register", name, "--yes"]);
    }
    sandbox.mine(1);
    let already = user.done(&["register", "alice", "--yes"]);
    assert!(already.contains("registered already"), "{already}");
    for name in ["alice", "bob", "carol"] {
        let file = format!("{name}.json");
        user.done(&["tx", "craft", "2", "demo", name, "dev5", "--out", &file]);
    }
    // Carol is not going to be there, and not registered either: she signs hers beforehand.
    user.done(&["tx", "sign", "carol.json", "--key", "carol", "--yes"]);
    let make = ["batch", "make", "alice.json", "bob.json", "carol.json", "--valid-for", "50"];
    let made = user.done(&[&make[..], &["--out", "all.json"]].concat());
    assert!(made.contains("registers the key of carol"), "{made}");
    fs::copy(folder.0.join("all.json"), folder.0.join("copy.json")).unwrap();
    let missing = user.refused(2, &["batch", "submit", "all.json", "--yes"]);
    assert!(missing.contains("alice"), "{missing}");

    let nowhere = "--endpoint=127.0.0.1:9";
    let sign = |file, name| user.done(&["batch", "sign", file, "--key", name, "--yes", nowhere]);
    let signed = sign("all.json", "alice");
    assert!(
        signed.contains("and 2 of others") && signed.contains("still to sign: bob"),
        "{signed}"
    );
    sign("copy.json", "bob");
    let nothing = user.refused(2, &["batch", "sign", "all.json", "--key", "dev1", "--yes"]);
    assert!(nothing.contains("nothing to sign"), "{nothing}");
    let submit = ["batch", "submit", "all.json", "copy.json", "--yes"];
    let sent = user.json(&submit);
    sandbox.mine(1);
    let shown = user.json(&["tx", "show", sent["hashes"][0].as_str().unwrap()]);
    assert_eq!((&shown["batch_of"], &shown["applied"]), (&json!(3), &json!(true)));
    assert_eq!(balance(&user, "dev5"), "1000006");
    assert_eq!(user.json(&submit)["sent"], false);
}

#[test]
fn a_file_of_payments() {
    let (folder, sandbox) = people("file", &[]);
    let user = sandbox.user(&folder);
    let rows: String = (1..=400).map(|n| format!("dev{},{n},demo\n", 1 + n % 9)).collect();
    folder.file("pay.csv", format!("To, Amount, Ticket\n{rows}"));
    let pay = ["send", "--file", "pay.csv", "--from", "dev0", "--yes"];
    let sent = user.json(&pay);
    let messages = sent["messages"].as_array().unwrap().len();
    assert!((2..=4).contains(&messages), "{messages}");
    sandbox.mine(1);
    // By place they are smaller, once the places are final.
    sandbox.mine(2);
    let small = user.json(&[&pay[..], &["--by-index", "--again"]].concat());
    assert_eq!(small["messages"].as_array().unwrap().len(), 1);
    sandbox.mine(1);
    for sent in [sent, small] {
        for hash in sent["hashes"].as_array().unwrap() {
            let shown = user.json(&["tx", "show", hash.as_str().unwrap()]);
            assert_eq!(shown["applied"], true);
        }
    }
    let paid: u64 = (1..=400).sum();
    assert_eq!(balance(&user, "dev0"), (1_000_000 - 2 * paid).to_string());
    let second: u64 = (1..=400).filter(|n| n % 9 == 1).sum();
    assert_eq!(balance(&user, "dev2"), (1_000_000 + 2 * second).to_string());
}

#[test]
fn secrets_are_not_shown_and_questions_are_not_answered_by_nobody() {
    let (folder, sandbox) = people("secrets", &["alice"]);
    let user = sandbox.user(&folder);
    for args in [
        &["send", "1", "demo", "alice", "dev1"][..],
        &["register", "alice"],
        &[
            "swap", "offer", "1", "demo", "for", "1", "demo", "--with", "dev1", "--from", "alice",
            "--out", "x.json",
        ],
    ] {
        let stderr = user.refused(2, args);
        assert!(stderr.contains("not confirmed"), "{args:?}: {stderr}");
    }
    // Nobody was asked for a password before it was clear what for: there is none yet.
    folder.file("password", "another one\n");
    let wrong = user.refused(2, &["send", "1", "demo", "alice", "dev1", "--yes"]);
    assert!(wrong.contains("password") && !wrong.contains("another one"), "{wrong}");
    let lines = fs::read_to_string(folder.0.join("keys/alice.json")).unwrap();
    assert!(!lines.contains("BLsk"), "{lines}");
}
