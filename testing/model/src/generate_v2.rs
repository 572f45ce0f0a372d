//! Random v2 batches: mostly of people who are registered, mostly right.

use proptest::collection::vec;
use proptest::prelude::*;

use crate::workload::*;

/// People that workloads are about.
const PEOPLE: u8 = 4;

fn amount() -> impl Strategy<Value = u64> {
    prop_oneof![12 => 1..30u64, 1 => Just(0), 1 => Just(2_048), 1 => Just(u64::MAX)]
}

fn signer() -> impl Strategy<Value = Named2> {
    prop_oneof![
        20 => (0..PEOPLE).prop_map(Named2::Person),
        5 => (0..PEOPLE).prop_map(Named2::Address),
        5 => (0..PEOPLE).prop_map(Named2::Registration),
        1 => (0..6u8).prop_map(Named2::Index),
    ]
}

fn receiver() -> impl Strategy<Value = Named2> {
    // One more than there are people: an account that nobody else makes.
    prop_oneof![
        20 => (0..=PEOPLE).prop_map(Named2::Person),
        4 => (0..=PEOPLE).prop_map(Named2::Address),
        4 => (0..=PEOPLE).prop_map(Named2::Registration),
        2 => (0..8u8).prop_map(Named2::Index),
    ]
}

fn what() -> impl Strategy<Value = What> {
    let kind = || {
        prop_oneof![
            20 => Just(Kind::Gold),
            4 => Just(Kind::FoolsGold),
            2 => Just(Kind::Blank),
            2 => Just(Kind::Token),
            2 => Just(Kind::Longest),
        ]
    };
    prop_oneof![
        12 => kind().prop_map(What::Known),
        2 => kind().prop_map(What::Full),
        1 => (0..5u8).prop_map(What::Index),
    ]
}

fn intent() -> impl Strategy<Value = Intent> {
    let counter = prop_oneof![
        16 => Just(0i64),
        1 => Just(-1),
        1 => Just(1),
        1 => Just(i64::MAX),
    ];
    let paid = prop_oneof![
        2 => Just(None),
        1 => (0..PEOPLE).prop_map(|number| Some(Paid::Source(Source::Tz1(number)))),
        1 => (0..PEOPLE).prop_map(|number| Some(Paid::Source(Source::Tz4(number)))),
        1 => Just(Some(Paid::Contract(Contract::Helper))),
    ];
    let to = prop_oneof![4 => receiver().prop_map(To::Account), 1 => paid.prop_map(To::Vault)];
    let one = (to, what(), amount()).boxed();
    // More than an outbox message takes.
    let long = vec![(To::Vault(None), What::Known(Kind::Longest), 1); 3];
    let moves = prop_oneof![12 => vec(one.clone(), 1), 9 => vec(one, 0..4), 3 => Just(long)];
    let memo = prop_oneof![6 => Just(0u8), 1 => 1..=64u8];
    (signer(), counter, memo, any::<bool>(), moves).prop_map(
        |(signer, counter_off_by, memo, individually_signed, moves)| Intent {
            signer,
            counter_off_by,
            memo,
            individually_signed,
            moves,
        },
    )
}

fn expiry() -> impl Strategy<Value = Option<i8>> {
    prop_oneof![10 => Just(None), 2 => (0..3i8).prop_map(Some), 1 => (-2..0i8).prop_map(Some)]
}

fn signed() -> impl Strategy<Value = Signed> {
    let operations = prop_oneof![6 => vec(intent(), 1), 3 => vec(intent(), 2..=3)];
    let signing = prop_oneof![
        60 => Just(Signing::All),
        1 => Just(Signing::NotTheFirst),
        1 => Just(Signing::Stranger),
        1 => Just(Signing::FirstTwice),
    ];
    (any::<bool>(), expiry(), operations, signing).prop_map(
        |(row, expires, operations, signing)| Signed { row, expires, operations, signing },
    )
}

fn registration() -> impl Strategy<Value = Registration> {
    let proof = prop_oneof![
        20 => Just(Proof::Own),
        1 => (0..PEOPLE).prop_map(Proof::Of),
        1 => Just(Proof::NoPoint),
    ];
    (0..=PEOPLE, proptest::bool::weighted(0.96), proof)
        .prop_map(|(of, is_key, proof)| Registration { of, is_key, proof })
}

/// A v2 batch.
pub fn compact() -> impl Strategy<Value = Message> {
    let all = (0..PEOPLE).map(|of| Registration { of, is_key: true, proof: Proof::Own }).collect();
    let registrations =
        prop_oneof![3 => Just(Vec::new()), 3 => Just(all), 2 => vec(registration(), 0..3)];
    let damage = prop_oneof![
        60 => Just(Damage::Sound),
        1 => Just(Damage::Longer),
        1 => Just(Damage::Shorter),
        1 => Just(Damage::NoTransactions),
        1 => Just(Damage::NoOperations),
    ];
    let seal = prop_oneof![
        50 => Just(Seal::Sum),
        1 => Just(Seal::OneMore),
        1 => Just(Seal::NoPoint),
        1 => Just(Seal::Identity),
    ];
    let expires = prop_oneof![8 => Just(None), 1 => expiry()];
    let padding = prop_oneof![8 => Just(0), 1 => 1..400_u16, 1 => Just(4_096)];
    (damage, seal, expires, registrations, padding, vec(signed(), 0..=4)).prop_map(
        |(damage, seal, expires, registrations, padding, transactions)| {
            Message::Compact(Compact {
                damage,
                seal,
                expires,
                registrations,
                padding,
                transactions,
            })
        },
    )
}
