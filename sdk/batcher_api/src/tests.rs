//! What is read from a client, and what is refused.

use bls::SecretKey;
use encoding::{AccountIndex, Amount, Counter, Level, RollupAddress, TicketIndex, Tz4Address};
use inbox::v2::{Action, Name, Operation, TicketName, Transaction};

use crate::{
    Code, OperationSigner, SignedTransaction, Stage, SubmissionError, SubmittedTransaction,
    batch_of_content,
};

const ROLLUP: RollupAddress = RollupAddress([7; 20]);

fn operation(signer: Name) -> Operation {
    let ticket = TicketName::Index(TicketIndex(0));
    let to = vec![(Name::Index(AccountIndex(5)), Amount::new(3))];
    let actions = vec![Action::Transfers { ticket, to }];
    Operation { signer, counter: Counter::FIRST, memo: None, actions }
}

fn signed(keys: &[(&SecretKey, Name)]) -> SignedTransaction {
    let operations = keys.iter().map(|(_, name)| operation(*name)).collect();
    let transaction = Transaction { expires: Some(Level(60)), operations };
    let payload = transaction.signing_payload(&ROLLUP);
    let signer = |(key, name): &(&SecretKey, Name)| OperationSigner {
        account: key.public_key().address(),
        key: key.public_key(),
        counter: Counter::FIRST,
        name: *name,
        signature: client::sign(key, &payload),
        proof: Some(key.prove_possession()),
    };
    let signers = keys.iter().map(signer).collect();
    SignedTransaction { transaction, payload, signers }
}

fn key(seed: u8) -> SecretKey {
    SecretKey::derive(&[seed; 32]).unwrap()
}

fn refused(submitted: &SubmittedTransaction) -> SubmissionError {
    SignedTransaction::read(submitted, &ROLLUP).unwrap_err()
}

#[test]
fn what_is_submitted_is_read_back() {
    let (alice, bob) = (key(1), key(2));
    let by_index = Name::Index(AccountIndex(1));
    let by_address = Name::Address(bob.public_key().address());
    let transaction = signed(&[(&alice, by_index), (&bob, by_address)]);
    let submitted = transaction.to_submitted();
    let read = SignedTransaction::read(&submitted, &ROLLUP).unwrap();
    assert_eq!(read, transaction);
    assert!(read.is_signed());

    let mut swapped = transaction.clone();
    let first = swapped.signers[0].signature;
    swapped.signers[0].signature = swapped.signers[1].signature;
    swapped.signers[1].signature = first;
    assert!(!swapped.is_signed());
    let mut unproven = transaction;
    unproven.signers[0].proof = Some(bob.prove_possession());
    assert!(!unproven.is_signed());
}

#[test]
fn each_mistake_has_its_code() {
    let (alice, bob) = (key(1), key(2));
    let by_address = Name::Address(alice.public_key().address());
    let good = signed(&[(&alice, by_address)]).to_submitted();
    let change = |change: &dyn Fn(&mut SubmittedTransaction)| {
        let mut submitted = good.clone();
        change(&mut submitted);
        refused(&submitted).to_api().code_of::<Code>().unwrap()
    };
    let bob_account = bob.public_key().address();
    type Change<'a> = &'a dyn Fn(&mut SubmittedTransaction);
    let cases: [(Code, Change<'_>); 13] = [
        (Code::Malformed, &|one| one.transaction.push('0')),
        (Code::Malformed, &|one| one.transaction.push_str("00")),
        (Code::Malformed, &|one| one.toru = Some("batch".into())),
        (Code::Malformed, &|one| one.version = Some(2)),
        (Code::Malformed, &|one| one.hash = Some("00".into())),
        (Code::Malformed, &|one| one.signatures.clear()),
        (Code::Malformed, &|one| one.signatures[0].account = "tz1".into()),
        (Code::Malformed, &|one| one.signatures[0].key = "BLpk".into()),
        (Code::Malformed, &|one| one.signatures[0].signature = "00".into()),
        (Code::OtherRollup, &|one| one.rollup = Some(RollupAddress([8; 20]).to_string())),
        (Code::InvalidPublicKey, &|one| one.signatures[0].key = "00".repeat(48)),
        (Code::InvalidSignature, &|one| one.signatures[0].proof = Some("00".repeat(96))),
        (Code::NotTheSigner, &|one| one.signatures[0].account = bob_account.to_string()),
    ];
    for (number, (code, mistake)) in cases.into_iter().enumerate() {
        assert_eq!(change(mistake), code, "case {number}");
    }
    // Another's key and account, where the transaction names Alice.
    let other = signed(&[(&bob, by_address)]).to_submitted();
    assert_eq!(refused(&other).to_api().code_of::<Code>(), Some(Code::NotTheSigner));
    // An index may be anybody's: it is looked up later.
    let by_index = signed(&[(&bob, Name::Index(AccountIndex(1)))]).to_submitted();
    assert!(SignedTransaction::read(&by_index, &ROLLUP).is_ok());
    // One signer, one operation.
    let twice = signed(&[(&alice, by_address), (&alice, Name::Index(AccountIndex(0)))]);
    let error = refused(&twice.to_submitted());
    assert_eq!(error, SubmissionError::TwoOperations(alice.public_key().address()));
}

#[test]
fn an_offer_is_the_batch_that_its_id_names() {
    let to = Name::Address(Tz4Address([9; 20]));
    let transaction =
        Transaction { expires: None, operations: vec![operation(Name::Index(AccountIndex(1)))] };
    let row = client::Row::of(&transaction).unwrap();
    assert_eq!(row.transfer.to, Name::Index(AccountIndex(5)));
    let batch = client::Builder::new().transaction(transaction).build();
    let batch = inbox::v2::Batch { signature: Some([0; 96]), ..batch };
    let encoded = batch.encode();
    let content = &encoded[..encoded.len() - 96];
    let id = batch.signing_payload(&ROLLUP).digest;
    assert_eq!(batch_of_content(content, &id, &ROLLUP).unwrap(), batch);
    let other = RollupAddress([8; 20]);
    assert!(batch_of_content(content, &id, &other).is_err());
    assert!(batch_of_content(&content[1..], &id, &ROLLUP).is_err());

    // What has no place in a group.
    let mut two = Transaction { expires: None, operations: vec![operation(to)] };
    assert_eq!(client::Row::of(&two), None);
    two.operations[0].signer = Name::Index(AccountIndex(1));
    assert!(client::Row::of(&two).is_some());
    two.operations[0].memo = Some(inbox::v2::Memo::Bytes(vec![1]));
    assert_eq!(client::Row::of(&two), None);
}

#[test]
fn names_of_stages_and_codes_are_unique() {
    let mut words: Vec<&str> = Stage::ALL.into_iter().map(Stage::word).collect();
    words.extend(Code::ALL.into_iter().map(Code::name));
    let count = words.len();
    words.sort_unstable();
    words.dedup();
    assert_eq!(words.len(), count);
    for stage in Stage::ALL {
        let json = serde_json::to_string(&stage).unwrap();
        assert_eq!(json, format!("\"{}\"", stage.word()));
    }
}
