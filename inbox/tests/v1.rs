//! The v1 layout: golden bytes, round trips over random batches, and every kind of damage.
#![expect(clippy::unwrap_used, reason = "a test stops where it goes wrong")]

use encoding::{Amount, Counter, Entrypoint, Kt1Address, Tz4Address};
use inbox::v1::{Batch, Content, Operation, Signer, Transaction, text_ticket};
use proptest::prelude::*;

fn golden() -> Batch {
    let ticket = text_ticket(Kt1Address([0xaa; 20]), "x");
    Batch {
        transactions: vec![
            Transaction {
                operations: vec![Operation {
                    signer: Signer::Key([0x11; 48]),
                    counter: Counter::FIRST,
                    contents: vec![Content::Transfer {
                        to: Tz4Address([0x22; 20]),
                        ticket: ticket.clone(),
                        amount: Amount::new(100),
                    }],
                }],
            },
            Transaction {
                operations: vec![Operation {
                    signer: Signer::Address(Tz4Address([0x33; 20])),
                    counter: Counter::new(7),
                    contents: vec![Content::Withdraw {
                        to: Kt1Address([0x44; 20]),
                        ticket,
                        amount: Amount::new(1),
                        entrypoint: Entrypoint::new(b"burn").unwrap(),
                    }],
                }],
            },
        ],
        signature: [0x55; 96],
    }
}

/// Written by hand from the layout, not by the encoder.
fn golden_hex() -> String {
    let ticketer = format!("07070a0000001601{}00", "aa".repeat(20));
    let transfer = format!("01{}{ticketer}0707010000000178{}", "22".repeat(20), "00a401");
    let withdraw =
        format!("00{}{ticketer}0707010000000178{}00000004{}", "44".repeat(20), "0001", "6275726e");
    let sized = |hex: String| format!("{:08x}{hex}", hex.len() / 2);
    let first = sized(format!("00{}0000000000000000{}", "11".repeat(48), sized(transfer)));
    let second = sized(format!("01{}0000000000000007{}", "33".repeat(20), sized(withdraw)));
    format!("{}{}", sized(format!("{first}{second}")), "55".repeat(96))
}

#[test]
fn golden_bytes() {
    assert_eq!(hex::encode(golden().encode()), golden_hex());
    assert_eq!(Batch::decode(&hex::decode(golden_hex()).unwrap()), Ok(golden()));
    assert_eq!(golden().parts(), 2);
}

#[test]
fn each_kind_of_damage_is_named() {
    let good = golden().encode();
    let refused = |bytes: &[u8]| Batch::decode(bytes).unwrap_err().to_string();
    let with = |at: usize, byte: u8| {
        let mut bytes = good.clone();
        bytes[at] = byte;
        refused(&bytes)
    };
    assert_eq!(refused(&[]), "malformed at byte 0: expected a u32 length");
    assert_eq!(with(0, 0xff), "malformed at byte 0: expected a length within the message");
    assert!(with(8, 2).contains("a signer"), "{}", with(8, 2));
    assert!(with(57, 0x80).contains("not negative"), "{}", with(57, 0x80));
    assert!(with(69, 2).contains("a content"), "{}", with(69, 2));
    let mut long = good.clone();
    long.push(0);
    assert!(refused(&long).contains("the end"));
    assert!(refused(&good[..good.len() - 1]).contains("signature"));
    let empty = [&[0; 4][..], &[0; 96]].concat();
    assert!(refused(&empty).contains("at least one transaction"));
    let empty = [&[0, 0, 0, 4, 0, 0, 0, 0][..], &[0; 96]].concat();
    assert!(refused(&empty).contains("at least one operation"));
}

#[test]
fn a_result_is_found_however_the_signer_is_named() {
    let mut operation = golden().transactions.remove(0).operations.remove(0);
    let hash = operation.hash();
    operation.signer = Signer::Address(operation.signer.address());
    assert_eq!(operation.hash(), hash);
    operation.counter = Counter::new(1);
    assert_ne!(operation.hash(), hash);
}

fn any_content() -> impl Strategy<Value = Content> {
    let ticket =
        (any::<[u8; 20]>(), "[a-z]{0,8}").prop_map(|(t, s)| text_ticket(Kt1Address(t), &s));
    (any::<[u8; 20]>(), ticket, any::<u64>(), proptest::option::of("[a-z_]{0,31}")).prop_map(
        |(to, ticket, amount, entrypoint)| match entrypoint {
            None => Content::Transfer { to: Tz4Address(to), ticket, amount: Amount::new(amount) },
            Some(name) => Content::Withdraw {
                to: Kt1Address(to),
                ticket,
                amount: Amount::new(amount),
                entrypoint: Entrypoint::new(name.as_bytes()).unwrap(),
            },
        },
    )
}

fn any_batch() -> impl Strategy<Value = Batch> {
    let signer = prop_oneof![
        proptest::array::uniform32(any::<u8>()).prop_map(|half| {
            let mut key = [7; 48];
            key[..32].copy_from_slice(&half);
            Signer::Key(key)
        }),
        any::<[u8; 20]>().prop_map(|hash| Signer::Address(Tz4Address(hash))),
    ];
    let operation = (signer, 0..i64::MAX as u64, proptest::collection::vec(any_content(), 0..3))
        .prop_map(|(signer, counter, contents)| Operation {
            signer,
            counter: Counter::new(counter),
            contents,
        });
    let transaction = proptest::collection::vec(operation, 1..3)
        .prop_map(|operations| Transaction { operations });
    proptest::collection::vec(transaction, 1..4)
        .prop_map(|transactions| Batch { transactions, signature: [9; 96] })
}

proptest! {
    #[test]
    fn any_batch_there_and_back(batch in any_batch()) {
        prop_assert_eq!(Batch::decode(&batch.encode()), Ok(batch));
    }

    #[test]
    fn a_flipped_byte_is_another_batch_or_malformed(batch in any_batch(), at in any::<prop::sample::Index>(), bit in 0..8u8) {
        let mut bytes = batch.encode();
        let at = at.index(bytes.len());
        bytes[at] ^= 1 << bit;
        if let Ok(other) = Batch::decode(&bytes) {
            prop_assert_eq!(other.encode(), bytes);
        }
    }

    #[test]
    fn any_bytes_are_a_batch_or_malformed(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        if let Ok(batch) = Batch::decode(&bytes) {
            prop_assert_eq!(batch.encode(), bytes);
        }
    }
}
