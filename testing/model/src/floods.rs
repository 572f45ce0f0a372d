//! Random floods: more signed work than a level can afford, so that batches wait, small ones pass
//! large ones, and some are refused as the rollup is too busy.

use proptest::collection::vec;
use proptest::prelude::*;

use crate::script::SOMEBODY;
use crate::workload::*;

/// People who flood.
const PEOPLE: u8 = 3;

fn operation(signer: u8, named: Named) -> Operation {
    Operation { signer, named, counter_off_by: 0, contents: Vec::new() }
}

fn batch(transactions: Vec<Transaction>, seal: Seal) -> Message {
    Message::Batch { frame: Frame::Framed, damage: Damage::Sound, seal, transactions }
}

fn single(operation: Operation) -> Transaction {
    Transaction { operations: vec![operation], signing: Signing::All }
}

/// The same kind of batch several times: so many transactions without contents by one person.
fn some() -> impl Strategy<Value = Vec<Message>> {
    // Few large ones, many of middle size, small ones.
    let shape = prop_oneof![
        4 => (40..100usize, 1..3usize),
        2 => (5..9usize, 1..90usize),
        3 => (1..5usize, 1..40usize),
    ];
    let seal = prop_oneof![
        12 => Just(Seal::Sum),
        1 => Just(Seal::OneMore),
        1 => Just(Seal::NoPoint),
    ];
    let named = prop_oneof![8 => Just(Named::ByAddress), 1 => Just(Named::ByNonsense(0xff))];
    (0..PEOPLE, shape, seal, named).prop_map(|(signer, (size, times), seal, first)| {
        let later = (1..size).map(|_| single(operation(signer, Named::ByAddress)));
        let transactions: Vec<Transaction> =
            std::iter::once(single(operation(signer, first))).chain(later).collect();
        vec![batch(transactions, seal); times]
    })
}

/// Zeros that lift a message into a higher class.
fn padding() -> impl Strategy<Value = u16> {
    prop_oneof![3 => Just(0), 2 => 1..3_000_u16, 1 => Just(4_096)]
}

/// The same kind of v2 batch several times: so many transactions by one person, who has signed each of
/// them, or the batch.
fn compact() -> impl Strategy<Value = Vec<Message>> {
    let shape = prop_oneof![
        2 => (40..120usize, 1..12usize, Just(true)),
        2 => (1..9usize, 1..30usize, Just(true)),
        1 => (1..60usize, 1..40usize, Just(false)),
    ];
    let seal =
        prop_oneof![12 => Just(Seal::Sum), 1 => Just(Seal::OneMore), 1 => Just(Seal::NoPoint)];
    let expires = prop_oneof![4 => Just(None), 1 => Just(Some(0))];
    (0..PEOPLE, shape, seal, expires, padding()).prop_map(
        |(signer, shape, seal, expires, padding)| {
            let (size, times, individually_signed) = shape;
            let intent = Intent {
                signer: Named2::Person(signer),
                counter_off_by: 0,
                memo: 0,
                individually_signed,
                moves: Vec::new(),
            };
            let operations = vec![intent];
            let one = Signed { row: false, expires: None, operations, signing: Signing::All };
            let transactions = vec![one; size];
            let (damage, registrations) = (Damage::Sound, Vec::new());
            let batch = Compact { damage, seal, expires, registrations, padding, transactions };
            vec![Message::Compact(batch); times]
        },
    )
}

/// Registrations alone, the last one's proof perhaps none.
fn registrations() -> impl Strategy<Value = Vec<Message>> {
    let proof = prop_oneof![Just(Proof::Own), Just(Proof::NoPoint)];
    (40..100u8, 1..28u8, proof, 1..8usize, padding()).prop_map(
        |(first, count, proof, times, padding)| {
            let own = |of| Registration { of, is_key: true, proof: Proof::Own };
            let mut registrations: Vec<Registration> = (first..first + count).map(own).collect();
            registrations.push(Registration { proof, ..own(first + count) });
            let (damage, seal) = (Damage::Sound, Seal::Sum);
            let (expires, transactions) = (None, Vec::new());
            let batch = Compact { damage, seal, expires, registrations, padding, transactions };
            vec![Message::Compact(batch); times]
        },
    )
}

/// Everybody new in one transaction: keys that cost units of their own.
fn newcomers() -> impl Strategy<Value = Vec<Message>> {
    (10..40u8, 1..30u8).prop_map(|(first, count)| {
        let operations = (first..first + count).map(|signer| operation(signer, Named::ByKey));
        let together = Transaction { operations: operations.collect(), signing: Signing::All };
        vec![batch(vec![together], Seal::Sum)]
    })
}

fn request() -> impl Strategy<Value = Vec<Message>> {
    let consent = prop_oneof![Just(Consent::Given), Just(Consent::NoSignature)];
    (0..3u64, consent, 1..4usize).prop_map(|(number, consent, times)| {
        vec![Message::Reclaim(number, Asking::Signed(0, consent)); times]
    })
}

/// Workloads that flood: everybody shows a key, deposits are held; then two levels of too much,
/// and two in which what waits is done.
pub fn flood() -> impl Strategy<Value = Workload> {
    let piece = prop_oneof![
        6 => some().boxed(),
        2 => compact().boxed(),
        1 => registrations().boxed(),
        1 => newcomers().boxed(),
        1 => request().boxed(),
    ];
    let level = vec(piece, 3..12).prop_map(|pieces| pieces.concat());
    let introduced = (0..PEOPLE).map(|signer| single(operation(signer, Named::ByKey))).collect();
    let held = Message::Deposit {
        to: Receiver::Tz1,
        ticket: Kind::Gold,
        amount: 5,
        form: Form::Branch,
        by: SOMEBODY,
    };
    let proven = (0..PEOPLE).map(|of| Registration { of, is_key: true, proof: Proof::Own });
    let proven = Message::Compact(Compact {
        damage: Damage::Sound,
        seal: Seal::Sum,
        expires: None,
        padding: 0,
        registrations: proven.collect(),
        transactions: Vec::new(),
    });
    let first = vec![batch(introduced, Seal::Sum), proven, held.clone(), held];
    vec(level, 2).prop_map(move |floods| Workload {
        start: Start::Fresh,
        accept_v1: true,
        exits: false,
        levels: [vec![first.clone()], floods, vec![Vec::new()]].concat(),
    })
}
