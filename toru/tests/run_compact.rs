//! `toru run` on v2 batches: what is in them, and what became of every operation, whichever way it
//! was signed.

use crate::common::Folder;
use bls::SecretKey;
use client::{Assembly, Builder, registration, sign, sign_individually};
use encoding::{AccountIndex, Amount, Counter, Level, RollupAddress, TicketIndex};
use inbox::v2::{Action, Memo, Name, Operation, TicketName, Transaction, Transfer};
use serde_json::Value;

const ROLLUP: RollupAddress = RollupAddress([0; 20]);
const TICKET: TicketName = TicketName::Index(TicketIndex(0));

fn key(name: &str) -> SecretKey {
    SecretKey::derive(format!("{name:-<32}").as_bytes()).unwrap()
}

fn index(number: u32) -> Name {
    Name::Index(AccountIndex(number))
}

fn pays(signer: Name, counter: u64, to: Name, amount: u64, memo: Option<&str>) -> Transaction {
    let moves = vec![Action::Transfers { ticket: TICKET, to: vec![(to, Amount::new(amount))] }];
    let memo = memo.map(|memo| Memo::Bytes(memo.as_bytes().to_vec()));
    let operation = Operation { signer, counter: Counter::new(counter), memo, actions: moves };
    Transaction { expires: None, operations: vec![operation] }
}

/// A deposit for Alice; then both register, Alice pays Bob in a row that she signs with the batch,
/// and again, too much, in a transaction with a memo that she has signed for herself; Bob pays back.
fn inputs() -> String {
    let (alice, bob) = (key("alice"), key("bob"));
    let payload = format!(
        "Left (Pair \"{}\" (Pair 0x01{}00 (Pair \"GOLD\" 50)))",
        alice.public_key().address(),
        "aa".repeat(20)
    );
    let sender = encoding::Kt1Address([0xaa; 20]).to_string();
    let too_much = pays(index(0), 1, index(1), 90, Some("rent of May"));
    let (counter, amount) = (Counter::FIRST, Amount::new(7));
    let row = Transfer { signer: AccountIndex(0), counter, to: index(1), amount };
    let batch = Builder::new()
        .registration(registration(&alice))
        .registration(registration(&bob))
        .transfer(&TICKET, Some(Level(50)), row)
        .transaction(too_much.clone())
        .transaction(pays(Name::Registration(1), 0, index(0), 2, Some("change")))
        .build();
    let mut assembly = Assembly::new(batch, ROLLUP);
    let claim = assembly.signing_payload();
    assembly.batch_signature(0, sign(&alice, &claim));
    assembly.individual_signature(1, sign_individually(&alice, &too_much, &ROLLUP));
    assembly.batch_signature(2, sign(&bob, &claim));
    let message = assembly.message().unwrap();
    let external = |bytes: &[u8]| serde_json::json!({"external": hex::encode(bytes)});
    let deposit = serde_json::json!({"payload": payload, "sender": sender});
    let cut = &message[1..message.len() - 1];
    serde_json::json!([[deposit], [external(&message[1..])], [external(cut)]]).to_string()
}

#[test]
fn the_results_of_v2_are_found_under_what_was_signed() {
    let folder = Folder::new("compact-json");
    folder.file("i.json", inputs());
    let run = |more: &[&str]| {
        let args = [&["run", "--inputs", "i.json", "--json"], more].concat();
        serde_json::from_str::<Value>(&folder.played(&args)).unwrap()
    };
    let json = run(&[]);
    let level = &json["levels"][1]["results"];
    let results: Vec<[Value; 6]> = level
        .as_array()
        .unwrap()
        .iter()
        .map(|one| {
            ["transaction", "operation", "outcome", "code", "signed", "memo"]
                .map(|field| one[field].clone())
        })
        .collect();
    let null = Value::Null;
    let row =
        |a: Value, b: Value, c: &str, d: &str, e: Value, f: Value| [a, b, c.into(), d.into(), e, f];
    assert_eq!(
        results,
        [
            row(
                null.clone(),
                null.clone(),
                "accepted",
                "BATCH_ACCEPTED",
                null.clone(),
                null.clone()
            ),
            row(0.into(), 0.into(), "applied", "APPLIED", "batch".into(), null.clone()),
            row(
                1.into(),
                0.into(),
                "failed",
                "BALANCE_TOO_LOW",
                "transaction".into(),
                "rent of May".into()
            ),
            row(2.into(), 0.into(), "applied", "APPLIED", "batch".into(), "change".into()),
        ]
    );
    let values = serde_json::json!({"available": "43", "requested": "90"});
    assert_eq!((&level[2]["number"], &level[2]["values"]), (&7.into(), &values));
    let digests: Vec<&str> = (1..4).map(|at| level[at]["digest"].as_str().unwrap()).collect();
    let own = pays(index(0), 1, index(1), 90, Some("rent of May")).signing_payload(&ROLLUP).digest;
    assert_eq!(digests[1], own.to_string());
    assert!(digests[0] == digests[2] && digests[0].len() == 64 && digests[0] != digests[1]);
    // Under these names anybody finds them in durable storage.
    let durable = &json["durable"];
    assert!(durable[format!("/toru/state/results/0/batch/{}", digests[0])].is_string());
    assert!(durable[format!("/toru/state/results/0/transaction/{}", digests[1])].is_string());
    assert_eq!(run(&["--native"])["levels"][1]["results"], *level);
}

#[test]
fn the_table_shows_what_is_in_a_v2_batch_and_what_became_of_it() {
    let folder = Folder::new("compact-table");
    folder.file("i.json", inputs());
    let text = folder.played(&["run", "--inputs", "i.json", "--native"]);
    // Cells are wrapped: their words are looked for, not their lines.
    let words: Vec<&str> =
        text.split_whitespace().filter(|word| !["┆", "│"].contains(word)).collect();
    let text = words.join(" ");
    for expected in [
        "v2 batch: registrations 2, transfers 1, transactions 2",
        "registers tz4",
        "0. account 0 (counter 0) sends 7 of ticket 0 to account 1, expires with",
        "1. account 0 (counter 1) sends 90 of ticket 0 to account",
        "individually signed",
        "balance too low: 43 available, 90 requested",
        "(BALANCE_TOO_LOW); memo: rent of May",
        "memo: change",
        "v2 batch, ",
        "malformed at byte",
    ] {
        assert!(text.contains(expected), "{expected}\n{text}");
    }
}
