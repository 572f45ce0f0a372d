//! Why a v1 batch is refused whole.

use Fault::{BadKey, BadSignature, Duplicate, Format, NotAccepted, Stale, Unknown, Version, Wrong};
use bls::{SecretKey, Signature, Suite};
use encoding::Counter;
use inbox::envelope::framed_v1;
use inbox::v1::{Batch, Operation, Signer, Transaction};
use tx_kernel::layout::ACCEPT_V1;
use tx_kernel::results::ResultCode;

use crate::rollup::{NO_KEY, NO_SIGNATURE, ROLLUP, Rollup, address, key, other_signature, person};
use crate::{Order, each_two};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    Version,
    NotAccepted,
    Format,
    Duplicate,
    Unknown,
    Stale,
    BadSignature,
    BadKey,
    Wrong,
}

/// `BUSY`, behind `ALL_STALE`, takes a level that is asked for too much: see below.
const ORDER: &Order<Fault> = &[
    (Version, ResultCode::UnknownVersion),
    (NotAccepted, ResultCode::V1NotAccepted),
    (Format, ResultCode::Malformed),
    (Duplicate, ResultCode::DuplicateSigner),
    (Unknown, ResultCode::UnknownSigner),
    (Stale, ResultCode::AllStale),
    (BadSignature, ResultCode::InvalidSignature),
    (BadKey, ResultCode::InvalidPublicKey),
    (Wrong, ResultCode::WrongSignature),
];

fn does_nothing(signer: Signer, counter: u64) -> Operation {
    Operation { signer, counter: Counter::new(counter), contents: Vec::new() }
}

fn sign(person: &SecretKey, transactions: &[Transaction]) -> [u8; 96] {
    let sign = |one: &Transaction| person.sign(Suite::Aug, &one.signed_bytes());
    let signatures: Vec<Signature> = transactions.iter().map(sign).collect();
    Signature::aggregate(&signatures).unwrap().to_compressed()
}

fn message(batch: &Batch) -> Vec<u8> {
    framed_v1(&ROLLUP, &batch.encode())
}

/// A batch of transactions in which somebody does nothing.
fn batch_of(person: &SecretKey, counters: impl Iterator<Item = u64>) -> Batch {
    let signer = Signer::Key(key(person));
    let one = |counter| Transaction { operations: vec![does_nothing(signer, counter)] };
    let transactions: Vec<Transaction> = counters.map(one).collect();
    Batch { signature: sign(person, &transactions), transactions }
}

#[test]
fn a_batch_is_refused_for_the_first_fault() {
    let alice = person(1);
    let mut rollup = Rollup::new();
    assert_eq!(rollup.code(message(&batch_of(&alice, 0..1))), ResultCode::BatchAccepted);
    rollup.keep();
    let together = |one, other| {
        let pair = [one, other];
        // There is one version and one signature, and a key that nobody has has used no counter.
        !(pair.contains(&Version) && pair.contains(&NotAccepted)
            || pair.contains(&BadSignature) && pair.contains(&Wrong)
            || pair.contains(&Stale) && pair.contains(&BadKey))
    };
    each_two(ORDER, together, |faults| {
        let has = |fault| faults.contains(&fault);
        rollup.again();
        rollup.set(ACCEPT_V1, &[u8::from(!has(NotAccepted))]);
        let counter = u64::from(!has(Stale));
        let mut batch = batch_of(&alice, counter..=counter);
        if has(Duplicate) {
            batch.transactions[0].operations.push(does_nothing(Signer::Key(key(&alice)), counter));
        }
        let stranger = Signer::Address(address(&person(2)));
        for (fault, signer) in [(Unknown, stranger), (BadKey, Signer::Key(NO_KEY))] {
            if has(fault) {
                batch.transactions.push(Transaction { operations: vec![does_nothing(signer, 0)] });
            }
        }
        if has(BadSignature) {
            batch.signature = NO_SIGNATURE;
        }
        if has(Wrong) {
            batch.signature = other_signature();
        }
        let mut message = message(&batch);
        if has(Version) {
            message[22] = 9;
        }
        if has(Format) {
            message.pop();
        }
        rollup.code(message)
    });
}

#[test]
fn each_operation_is_looked_at_in_turn() {
    let alice = person(1);
    let twice = vec![does_nothing(Signer::Key(key(&alice)), 0); 2];
    let stranger = vec![does_nothing(Signer::Address(address(&person(2))), 0)];
    for (transactions, code) in [
        ([twice.clone(), stranger.clone()], ResultCode::DuplicateSigner),
        ([stranger, twice], ResultCode::UnknownSigner),
    ] {
        let transactions = transactions.map(|operations| Transaction { operations }).to_vec();
        let batch = Batch { transactions, signature: other_signature() };
        assert_eq!(Rollup::new().code(message(&batch)), code);
    }
}

#[test]
fn a_batch_that_its_level_cannot_afford_is_refused_before_its_points_are_read() {
    let (alice, bob) = (person(1), person(2));
    let mut rollup = Rollup::new();
    rollup.level(&[message(&batch_of(&bob, 0..1))]);
    // Each asks for 62 units and more. A level has 640, and 150 batches may wait.
    let flood = message(&Batch { signature: other_signature(), ..batch_of(&alice, 0..60) });
    let mut messages = vec![flood; 170];
    let stale = batch_of(&bob, 0..60).transactions.into_iter().map(|mut one| {
        one.operations[0].counter = Counter::new(0);
        one
    });
    let stale = Batch { transactions: stale.collect(), signature: NO_SIGNATURE };
    let unread = Batch { signature: NO_SIGNATURE, ..batch_of(&alice, 0..60) };
    messages.extend([message(&unread), message(&stale)]);
    let results = rollup.level(&messages);
    let code = |at: usize| results[at].map(|result| result.outcome().code);
    assert_eq!(code(0), Some(ResultCode::WrongSignature));
    assert_eq!(code(169), Some(ResultCode::Busy));
    assert_eq!(code(170), Some(ResultCode::Busy), "before INVALID_SIGNATURE");
    assert_eq!(code(171), Some(ResultCode::AllStale), "before BUSY and INVALID_SIGNATURE");
}
