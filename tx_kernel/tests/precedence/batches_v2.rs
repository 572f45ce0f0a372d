//! Why a v2 batch is refused whole.

use Fault::{
    BadKey, BadProof, BadSignature, Duplicate, Expired, Format, Individual, NotRegistered, Stale,
    Unknown, Wrong,
};
use bls::Suite;
use encoding::{AccountIndex, Counter, Level};
use inbox::envelope::framed_v1;
use inbox::v1;
use inbox::v2::{Batch, IndividuallySigned, Name, Operation, Registration, Transaction};
use tx_kernel::results::ResultCode;

use crate::rollup::{
    NO_KEY, NO_SIGNATURE, ROLLUP, Rollup, framed, key, other_signature, person, sign_batch,
};
use crate::{Order, each_two};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    Format,
    Expired,
    Individual,
    Unknown,
    NotRegistered,
    Duplicate,
    Stale,
    BadSignature,
    BadKey,
    BadProof,
    Wrong,
}

/// `BUSY`, behind `ALL_STALE`, is in `batches_v1.rs`: it is the same for both.
const ORDER: &Order<Fault> = &[
    (Format, ResultCode::Malformed),
    (Expired, ResultCode::BatchExpired),
    (Individual, ResultCode::TooManyIndividualSignings),
    (Unknown, ResultCode::UnknownSigner),
    (NotRegistered, ResultCode::KeyNotRegistered),
    (Duplicate, ResultCode::DuplicateSigner),
    (Stale, ResultCode::AllStale),
    (BadSignature, ResultCode::InvalidSignature),
    (BadKey, ResultCode::InvalidPublicKey),
    (BadProof, ResultCode::InvalidSignature),
    (Wrong, ResultCode::WrongSignature),
];

fn does_nothing(signer: u32, counter: u64) -> Operation {
    let signer = Name::Index(AccountIndex(signer));
    Operation { signer, counter: Counter::new(counter), memo: None, actions: Vec::new() }
}

fn transaction(operations: Vec<Operation>) -> Transaction {
    Transaction { expires: None, operations }
}

fn batch(transactions: Vec<Transaction>) -> Batch {
    Batch {
        expires: None,
        registrations: Vec::new(),
        transfer_groups: Vec::new(),
        transactions,
        individually_signed: IndividuallySigned::Nobody,
        signature: None,
    }
}

/// Alice is account 0 and registered, and her counter is 1. Bob is account 1, and v1 has shown his key.
fn rollup() -> Rollup {
    let (alice, bob) = (person(1), person(2));
    let mut first = batch(vec![transaction(vec![does_nothing(0, 0)])]);
    first.registrations = vec![client::registration(&alice)];
    first.transactions[0].operations[0].signer = Name::Registration(0);
    first.signature = Some(sign_batch(&alice, &first));
    let shown = v1::Transaction {
        operations: vec![v1::Operation {
            signer: v1::Signer::Key(key(&bob)),
            counter: Counter::new(0),
            contents: Vec::new(),
        }],
    };
    let signature = bob.sign(Suite::Aug, &shown.signed_bytes()).to_compressed();
    let second = v1::Batch { transactions: vec![shown], signature };
    let mut rollup = Rollup::new();
    let messages = [framed(&first), framed_v1(&ROLLUP, &second.encode())];
    for result in rollup.level(&messages) {
        assert_eq!(result.unwrap().outcome().code, ResultCode::BatchAccepted);
    }
    rollup.keep();
    rollup
}

#[test]
fn a_batch_is_refused_for_the_first_fault() {
    let alice = person(1);
    let mut rollup = rollup();
    let together = |one, other| {
        let pair = [one, other];
        // There is one signature, and a batch with a new registration is never stale.
        !(pair.contains(&BadSignature) && pair.contains(&Wrong)
            || pair.contains(&Stale) && (pair.contains(&BadKey) || pair.contains(&BadProof)))
    };
    each_two(ORDER, together, |faults| {
        let has = |fault| faults.contains(&fault);
        rollup.again();
        let counter = u64::from(!has(Stale));
        let mut batch = batch(vec![transaction(vec![does_nothing(0, counter)])]);
        if has(Expired) {
            batch.expires = Some(Level(0));
        }
        for (fault, signers) in [(Unknown, &[999][..]), (NotRegistered, &[1]), (Duplicate, &[0, 0])]
        {
            if has(fault) {
                let operations = signers.iter().map(|signer| does_nothing(*signer, counter));
                batch.transactions.push(transaction(operations.collect()));
            }
        }
        if has(BadKey) {
            batch.registrations.push(Registration { key: NO_KEY, proof: other_signature() });
        }
        if has(BadProof) {
            batch.registrations.push(Registration { key: key(&person(3)), proof: NO_SIGNATURE });
        }
        if has(Individual) {
            let more = (1..=101).map(|more| transaction(vec![does_nothing(0, counter + more)]));
            batch.transactions.extend(more);
            batch.individually_signed = IndividuallySigned::Everybody;
        }
        batch.signature = Some(match (has(BadSignature), has(Wrong)) {
            (true, _) => NO_SIGNATURE,
            (_, true) => other_signature(),
            _ => sign_batch(&alice, &batch),
        });
        let mut message = framed(&batch);
        if has(Format) {
            message.pop();
        }
        rollup.code(message)
    });
}

#[test]
fn each_signing_is_looked_at_in_turn() {
    let mut rollup = rollup();
    let of = |signers: &[u32]| {
        transaction(signers.iter().map(|signer| does_nothing(*signer, 1)).collect())
    };
    for (transactions, code) in [
        (vec![of(&[1]), of(&[999])], ResultCode::KeyNotRegistered),
        (vec![of(&[0, 0]), of(&[1])], ResultCode::DuplicateSigner),
        (vec![of(&[0, 0, 999])], ResultCode::DuplicateSigner),
        (vec![of(&[0, 999, 0])], ResultCode::UnknownSigner),
        (vec![of(&[1, 1])], ResultCode::KeyNotRegistered),
    ] {
        rollup.again();
        let batch = Batch { signature: Some(other_signature()), ..batch(transactions) };
        assert_eq!(rollup.code(framed(&batch)), code);
    }
}
