//! `toru receipt` as a user runs it: made from a sandbox, checked with nothing but a commitment's hash.

use std::fs;

use crate::common::Folder;
use crate::common::sandbox::Sandbox;
use serde_json::{Value, json};

/// A hash that nothing has.
const NOTHING: &str = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";

/// A text in hexadecimal with one digit changed.
fn with_a_digit_changed(text: &str, at: usize) -> String {
    let digit = if text.as_bytes()[at] == b'0' { "1" } else { "0" };
    format!("{}{digit}{}", &text[..at], &text[at + 1..])
}

#[test]
fn a_payment_is_shown_to_somebody_who_asks_no_node() {
    let folder = Folder::new("receipt-story");
    let sandbox = Sandbox::start(&folder, &["--receipts-every", "4", "--no-batcher"]);
    let user = sandbox.user(&folder);
    let sent = user.json(&["send", "5", "demo", "dev0", "dev1", "--yes", "--via", "node"]);
    let hash = sent["hashes"][0].as_str().unwrap();
    let early = user.refused(5, &["receipt", hash]);
    assert!(early.contains("no result of"), "{early}");
    sandbox.mine(1);
    let early = user.refused(5, &["receipt", hash]);
    assert!(early.contains("levels up to"), "{early}");
    sandbox.mine(20);

    let made = user.json(&["receipt", hash]);
    assert_eq!((&made["verified"], &made["applied"]), (&json!(true), &json!(true)));
    let (file, commitment) = (made["file"].as_str().unwrap(), made["commitment"].as_str().unwrap());
    assert_eq!(file, format!("{hash}.receipt.json"));
    // The commitment is what the simulated layer 1 has cemented.
    let known = sandbox.get(&format!("/local/commitments/{commitment}"));
    assert_eq!(known["commitment"]["inbox_level"], made["inbox_level"]);
    assert!(made["root"]["results"].as_u64() > Some(1), "{made}");

    let there = user.refused(2, &["receipt", hash]);
    assert!(there.contains("receipt.json"), "a receipt that is there is not written over: {there}");

    // Whoever checks it has no node, and no other file.
    drop(sandbox);
    let checked = user.json(&["receipt", "verify", file, "--commitment", commitment]);
    assert_eq!(checked["digest"], made["digest"]);
    assert_eq!(checked["proven"], made["proven"]);
    let words = user.done(&["receipt", "verify", file, "--commitment", commitment]);
    assert!(words.contains("then that rollup has applied this payment"), "{words}");
    assert!(words.contains("Not proven:"), "{words}");

    let other = "src12UJzB8mg7yU6nWPzicH7ofJbFjyJEbHvwtZdfRXi8DQHNp1LY8";
    let refused = user.refused(1, &["receipt", "verify", file, "--commitment", other]);
    assert!(refused.contains("leads to the commitment"), "{refused}");
    let wrong = user.refused(2, &["receipt", "verify", file, "--commitment", "src1"]);
    assert!(wrong.contains("--commitment"), "{wrong}");

    // Somebody claims that more was paid, or that it came from somebody else.
    let path = folder.0.join(file);
    let text = fs::read_to_string(&path).unwrap();
    let receipt: Value = serde_json::from_str(&text).unwrap();
    let batch = receipt["payment"]["batch"].as_str().unwrap();
    let changes: [(&str, Value); 4] = [
        // The last byte of the payment, before the signature of 96 bytes.
        ("/payment/batch", json!(with_a_digit_changed(batch, batch.len() - 193))),
        ("/payment/transaction", json!(7)),
        ("/commitment/inbox_level", json!(3)),
        ("/output_proof", json!("03")),
    ];
    for (field, value) in changes {
        let mut forged = receipt.clone();
        *forged.pointer_mut(field).unwrap() = value;
        fs::write(&path, forged.to_string()).unwrap();
        let refused = user.refused(1, &["receipt", "verify", file, "--commitment", commitment]);
        assert!(refused.contains("proves nothing"), "{field}: {refused}");
    }
    for (text, problem) in [
        ("", "not a receipt"),
        ("{}", "missing field"),
        (&text.replace("\"toru_receipt\": 1", "\"toru_receipt\": 2"), "of version 2"),
        (&text.replace("srs1", "srs2"), "commitment.compressed_state"),
    ] {
        fs::write(&path, text).unwrap();
        let refused = user.refused(2, &["receipt", "verify", file, "--commitment", commitment]);
        assert!(refused.contains(problem), "{problem}: {refused}");
    }
}

#[test]
fn what_has_no_receipt_is_said_with_why() {
    let folder = Folder::new("receipt-none");
    let sandbox = Sandbox::start(&folder, &["--no-batcher"]);
    let user = sandbox.user(&folder);
    sandbox.mine(8);
    let without = user.refused(3, &["receipt", NOTHING]);
    assert!(without.contains("writes no roots of results"), "{without}");
    assert!(user.refused(2, &["receipt", "12"]).contains("is no hash"));
    assert!(user.refused(2, &["receipt", NOTHING, "--at", "a/b"]).contains("--at"));
    assert!(user.refused(2, &["receipt"]).contains("HASH"));
    drop(sandbox);

    let kept = ["--state", "kept", "--receipts-every", "4"];
    drop(Sandbox::start(&folder, &kept));
    let again = user.refused(2, &["dev", "--state", "kept", "--receipts-every", "5"]);
    assert!(again.contains("writes roots over 4 levels"), "{again}");
    let wrong = user.refused(2, &["dev", "--receipts-every", "7201"]);
    assert!(wrong.contains("--receipts-every"), "{wrong}");
}
