//! Files of transactions and batches: what is read is what was written, and nothing else is read.

use crate::common::{ROLLUP, account, secret, ticket};
use encoding::{AccountIndex, Amount, Counter, Level, RollupAddress, Tz4Address};
use inbox::v2::{Action, Batch, Name, Operation, TicketName, Transaction};
use inbox::{Envelope, MessageKind, envelope};
use proptest::prelude::*;
use serde_json::Value;
use wallet::bundle::bundle;
use wallet::error::{BundleError, FileError};
use wallet::signature_collection::SignatureCollection;
use wallet::transaction::Signable;

fn gives(from: u8, counter: u64, to: Tz4Address, amount: u64) -> Operation {
    let to = vec![(Name::Address(to), Amount::new(amount))];
    let moves = vec![Action::Transfers { ticket: TicketName::Full(ticket("gold")), to }];
    let signer = Name::Address(account(from));
    Operation { signer, counter: Counter::new(counter), memo: None, actions: moves }
}

fn signable(operations: Vec<Operation>) -> Signable {
    Signable::new(ROLLUP, Transaction { expires: Some(Level(9)), operations }).unwrap()
}

/// Accounts 1 and 2 swap.
fn swap() -> Signable {
    signable(vec![gives(1, 0, account(2), 5), gives(2, 4, account(1), 7)])
}

#[test]
fn a_transaction_goes_from_signer_to_signer() {
    let mut offer = swap();
    assert_eq!(offer.missing(), [account(1), account(2)]);
    offer.sign(&secret(1)).unwrap();
    assert_eq!(offer.sign(&secret(3)), Err(FileError::NotASigner(account(3))));
    let mut accepted = Signable::from_json(offer.to_json().as_bytes()).unwrap();
    assert_eq!(accepted, offer);
    accepted.sign(&secret(2)).unwrap();
    accepted.sign(&secret(2)).unwrap();
    assert!(accepted.missing().is_empty());
    assert_eq!(accepted.hash(), offer.hash());

    let messages = bundle(&ROLLUP, &[accepted], &[account(1)]).unwrap();
    let Envelope::External { kind: MessageKind::V2, body } = envelope(&messages[0], &ROLLUP, false)
    else {
        panic!("no batch")
    };
    let batch = Batch::decode(body).unwrap();
    // Account 1 is registered already.
    let key = secret(2).public_key().to_compressed();
    assert_eq!(batch.registrations.iter().map(|one| one.key).collect::<Vec<_>>(), [key]);
    assert_eq!(batch.transactions, [swap().transaction().clone()]);
}

#[test]
fn what_was_changed_on_the_way_is_refused() {
    let mut offer = swap();
    offer.sign(&secret(1)).unwrap();
    let good: Value = serde_json::from_str(&offer.to_json()).unwrap();
    let refused = |change: &dyn Fn(&mut Value)| {
        let mut json = good.clone();
        change(&mut json);
        Signable::from_json(json.to_string().as_bytes()).unwrap_err()
    };
    let other = signable(vec![gives(1, 0, account(2), 6), gives(2, 4, account(1), 7)]);
    let other = hex::encode(other.transaction().encode());
    assert!(matches!(
        refused(&|json| json["transaction"] = other.clone().into()),
        FileError::OtherHash(_)
    ));
    let elsewhere = RollupAddress([1; 20]).to_string();
    assert!(matches!(
        refused(&|json| json["rollup"] = elsewhere.clone().into()),
        FileError::OtherHash(_)
    ));
    // The hash too: then the signature is of something else.
    let changed = signable(vec![gives(1, 0, account(2), 6), gives(2, 4, account(1), 7)]);
    let error = refused(&|json| {
        json["transaction"] = other.clone().into();
        json["hash"] = changed.hash().to_string().into();
    });
    assert!(error.to_string().contains("not a signature of what is in the file"), "{error}");
    let mut theirs = swap();
    theirs.sign(&secret(2)).unwrap();
    let theirs: Value = serde_json::from_str(&theirs.to_json()).unwrap();
    for (field, problem) in [
        ("account", "another account"),
        ("key", "another account"),
        ("proof", "not by its key"),
        ("signature", "not a signature of what is in the file"),
    ] {
        let error = refused(&|json| {
            json["signatures"][0][field] = theirs["signatures"][0][field].clone();
        });
        assert!(error.to_string().contains(problem), "{field}: {error}");
    }
    // Twice the same signature, and one of somebody who is not in it.
    let twice = good["signatures"][0].clone();
    let error = refused(&|json| {
        json["signatures"].as_array_mut().unwrap().push(twice.clone());
    });
    assert_eq!(error, FileError::NotASigner(account(1)));
    assert!(matches!(refused(&|json| json["version"] = 2.into()), FileError::Version { .. }));
    assert!(matches!(refused(&|json| json["toru"] = "batch".into()), FileError::OtherKind { .. }));
    assert!(matches!(refused(&|json| json["more"] = 1.into()), FileError::Json(_)));
    assert!(matches!(refused(&|json| json["transaction"] = "0".into()), FileError::Field { .. }));
    assert!(matches!(refused(&|json| json["transaction"] = "00".into()), FileError::Malformed(_)));
}

#[test]
fn who_cannot_vouch_for_themselves_is_no_signer_of_a_file() {
    let by_index = Operation { signer: Name::Registration(0), ..gives(1, 0, account(2), 5) };
    let twice = vec![gives(1, 0, account(2), 5), gives(1, 1, account(2), 5)];
    let new = |operations| Signable::new(ROLLUP, Transaction { expires: None, operations });
    assert_eq!(new(vec![by_index]), Err(FileError::SignerByRegistration));
    let by_index = Operation { signer: Name::Index(AccountIndex(3)), ..gives(1, 0, account(2), 5) };
    assert_eq!(new(vec![by_index]), Err(FileError::SignerByIndex(AccountIndex(3))));
    assert_eq!(new(twice), Err(FileError::TwoOperations(account(1))));
}

#[test]
fn a_batch_gathers_signatures_of_both_kinds() {
    let mut early = signable(vec![gives(2, 0, account(9), 1)]);
    early.sign(&secret(2)).unwrap();
    let transactions = vec![signable(vec![gives(1, 0, account(9), 1)]), early, swap_of(3, 4)];
    let collection =
        SignatureCollection::new(ROLLUP, Some(Level(7)), transactions, &[account(1), account(3)])
            .unwrap();
    let collection = collection.registering(client::registration(&secret(4)));
    assert_eq!(collection.registers(), [account(2), account(4)]);
    assert_eq!(collection.missing(), [account(1), account(3), account(4)]);

    let copy = |signers: &[u8]| {
        let mut copy = SignatureCollection::from_json(collection.to_json().as_bytes()).unwrap();
        assert_eq!(copy, collection);
        signers.iter().for_each(|signer| copy.sign(&secret(*signer)).unwrap());
        SignatureCollection::from_json(copy.to_json().as_bytes()).unwrap()
    };
    let mut all = copy(&[1, 3]);
    assert_eq!(all.message(), Err(account(4)));
    assert_eq!(all.sign(&secret(8)), Err(FileError::NotASigner(account(8))));
    all.join(&copy(&[4, 1])).unwrap();
    assert!(all.missing().is_empty());
    let other = SignatureCollection::new(ROLLUP, None, vec![swap_of(3, 4)], &[]).unwrap();
    assert!(matches!(all.join(&other), Err(FileError::OtherBatch { .. })));

    // Account 2 signs the batch as well: one pairing fewer, and the same hash.
    let with_late = all.message().unwrap();
    all.sign(&secret(2)).unwrap();
    let without = all.message().unwrap();
    let batch = |message: &[u8]| {
        let Envelope::External { body, .. } = envelope(message, &ROLLUP, false) else {
            panic!("no batch")
        };
        Batch::decode(body).unwrap()
    };
    let late =
        |message: &[u8]| batch(message).each_individually_signed().filter(|late| *late).count();
    assert_eq!((late(&with_late), late(&without)), (1, 0));
    for message in [&with_late, &without] {
        assert_eq!(batch(message).signing_payload(&ROLLUP).digest, all.hash());
    }
}

fn swap_of(first: u8, second: u8) -> Signable {
    signable(vec![gives(first, 0, account(second), 5), gives(second, 0, account(first), 7)])
}

#[test]
fn bundles_are_full_and_in_order() {
    let many: Vec<Signable> = (0..100)
        .map(|counter| {
            let mut one = signable(vec![gives(1, counter, account(2), 5)]);
            one.sign(&secret(1)).unwrap();
            one
        })
        .collect();
    let messages = bundle(&ROLLUP, &many, &[]).unwrap();
    assert!(messages.len() > 1);
    let mut seen = Vec::new();
    for (number, message) in messages.iter().enumerate() {
        assert!(message.len() <= 4_096);
        // The next transaction would not have fitted.
        assert!(number + 1 == messages.len() || message.len() > 3_900, "{}", message.len());
        let Envelope::External { body, .. } = envelope(message, &ROLLUP, false) else {
            panic!("no batch")
        };
        let batch = Batch::decode(body).unwrap();
        assert_eq!(batch.registrations.len(), usize::from(number == 0));
        seen.extend(batch.transactions);
    }
    let expected: Vec<Transaction> = many.iter().map(|one| one.transaction().clone()).collect();
    assert_eq!(seen, expected);

    let unsigned = bundle(&ROLLUP, &[swap()], &[]);
    assert!(matches!(unsigned, Err(BundleError::NotSigned { number: 0, .. })));
    let elsewhere = bundle(&RollupAddress([1; 20]), &many, &[]);
    assert!(matches!(elsewhere, Err(BundleError::OtherRollup { .. })));
    let to: Vec<(Name, Amount)> =
        (0..200).map(|n| (Name::Address(Tz4Address([n; 20])), Amount::new(1))).collect();
    let moves = vec![Action::Transfers { ticket: TicketName::Full(ticket("gold")), to }];
    let mut long = signable(vec![Operation { actions: moves, ..gives(1, 0, account(2), 1) }]);
    long.sign(&secret(1)).unwrap();
    let long = bundle(&ROLLUP, &[many[0].clone(), long], &[]);
    assert!(matches!(long, Err(BundleError::TooLong { number: 1, bytes: 4_097.. })), "{long:?}");
}

proptest! {
    /// Whatever a stranger sends: an error, or a file whose signatures are good.
    #[test]
    fn files_with_any_byte_changed_are_refused_or_the_same(at in 0_usize..2_000, byte: u8) {
        let mut offer = swap();
        offer.sign(&secret(1)).unwrap();
        let mut text = offer.to_json().into_bytes();
        let at = at % text.len();
        text[at] = byte;
        if let Ok(read) = Signable::from_json(&text) {
            prop_assert_eq!(read, offer);
        }
    }

    #[test]
    fn any_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(Signable::from_json(&bytes).is_err());
        prop_assert!(SignatureCollection::from_json(&bytes).is_err());
    }
}

#[test]
fn how_many_messages_there_are_is_known_before_anybody_signs() {
    let secret = secret(1);
    for count in [1_u64, 2, 30, 300] {
        let plain: Vec<Signable> =
            (0..count).map(|counter| signable(vec![gives(1, counter, account(2), 5)])).collect();
        let mut signed = plain.clone();
        signed.iter_mut().for_each(|one| one.sign(&secret).unwrap());
        for registered in [&[][..], &[account(1)]] {
            let made = bundle(&ROLLUP, &signed, registered).unwrap().len();
            let key = secret.public_key();
            let known = wallet::bundle::messages(&ROLLUP, &plain, registered, &key).unwrap();
            assert_eq!(known, made, "{count}");
        }
    }
}
