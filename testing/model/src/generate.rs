//! Random workloads: few people, few tickets, amounts near the limits, mostly right and often wrong.

use proptest::collection::vec;
use proptest::prelude::*;

use crate::generate_v2::compact;
use crate::workload::*;

/// People that workloads are about.
const PEOPLE: u8 = 4;

fn amount() -> impl Strategy<Value = u64> {
    prop_oneof![
        12 => 1..30u64,
        1 => Just(0),
        1 => Just(u64::MAX),
        1 => Just(u64::MAX - 1),
        1 => Just(u64::MAX / 2 + 1),
    ]
}

fn deposit() -> impl Strategy<Value = Message> {
    let to = prop_oneof![
        20 => (0..PEOPLE).prop_map(Receiver::Account),
        1 => (0..PEOPLE).prop_map(Receiver::Mistyped),
        1 => Just(Receiver::Tz1),
        1 => Just(Receiver::Nobody),
    ];
    let ticket = prop_oneof![
        12 => Just(Kind::Gold),
        4 => Just(Kind::FoolsGold),
        2 => Just(Kind::Blank),
        2 => Just(Kind::Token),
        1 => Just(Kind::Longest),
        1 => Just(Kind::TooLong),
    ];
    let huge = i128::from(u64::MAX) + 1;
    let amount = prop_oneof![
        20 => (10..90u64).prop_map(i128::from),
        8 => amount().prop_map(i128::from),
        1 => Just(huge),
        1 => Just(-1),
        1 => Just(i128::MIN + 1),
    ];
    let form = prop_oneof![
        20 => Just(Form::Branch),
        2 => Just(Form::Unwrapped),
        1 => Just(Form::WrongBranch),
        1 => Just(Form::ByteTooMany),
        1 => Just(Form::NoDeposit),
        1 => Just(Form::Elsewhere),
    ];
    (to, ticket, amount, form, route()).prop_map(|(to, ticket, amount, form, by)| {
        Message::Deposit { to, ticket, amount, form, by }
    })
}

/// Few contracts and sources, so that whoever asks for a held deposit is often its depositor.
fn route() -> impl Strategy<Value = Route> {
    let sender = prop_oneof![5 => Just(Contract::Helper), 1 => Just(Contract::Stranger)];
    let source = prop_oneof![
        6 => (0..2u8).prop_map(Source::Tz4),
        1 => (0..2u8).prop_map(Source::Tz1),
    ];
    (sender, source).prop_map(|(sender, source)| Route { sender, source })
}

fn reclaim() -> impl Strategy<Value = Message> {
    let consent = prop_oneof![
        12 => Just(Consent::Given),
        1 => Just(Consent::Forged),
        1 => Just(Consent::Misdirected),
        1 => Just(Consent::NoSignature),
        1 => Just(Consent::NoKey),
        1 => Just(Consent::Cut),
    ];
    let asking = prop_oneof![
        route().prop_map(Asking::ByCall),
        (0..2u8, consent).prop_map(|(of, consent)| Asking::Signed(of, consent)),
    ];
    let number = prop_oneof![12 => 0..3u64, 1 => 3..6u64, 1 => Just(u64::MAX)];
    (number, asking).prop_map(|(number, asking)| Message::Reclaim(number, asking))
}

fn content() -> impl Strategy<Value = Content> {
    let ticket = || {
        prop_oneof![
            20 => Just(Kind::Gold),
            3 => Just(Kind::FoolsGold),
            2 => Just(Kind::Blank),
            1 => Just(Kind::Longest),
        ]
    };
    // One receiver more than there are people: an account that nobody else makes.
    prop_oneof![
        3 => (0..=PEOPLE, ticket(), amount()).prop_map(|(to, what, n)| Content::Pay(to, what, n)),
        1 => (ticket(), amount()).prop_map(|(what, n)| Content::Withdraw(what, n)),
    ]
}

fn operation() -> impl Strategy<Value = Operation> {
    let named = prop_oneof![
        40 => Just(Named::ByKey),
        15 => Just(Named::ByAddress),
        1 => Just(Named::ByNonsense(0xff)),
        1 => Just(Named::ByIdentity),
    ];
    let counter = prop_oneof![
        16 => Just(0i64),
        1 => Just(-1),
        1 => Just(1),
        1 => Just(i64::MAX),
    ];
    (0..PEOPLE, named, counter, vec(content(), 0..4)).prop_map(
        |(signer, named, counter_off_by, contents)| Operation {
            signer,
            named,
            counter_off_by,
            contents,
        },
    )
}

fn transaction() -> impl Strategy<Value = Transaction> {
    let operations = prop_oneof![
        // Mostly one signer.
        6 => vec(operation(), 1),
        4 => vec(operation(), 2..=3),
    ];
    let signing = prop_oneof![
        60 => Just(Signing::All),
        1 => Just(Signing::NotTheFirst),
        1 => Just(Signing::Stranger),
        1 => Just(Signing::FirstTwice),
    ];
    (operations, signing).prop_map(|(operations, signing)| Transaction { operations, signing })
}

fn batch() -> impl Strategy<Value = Message> {
    let frame = prop_oneof![
        20 => Just(Frame::Unframed),
        20 => Just(Frame::Framed),
        1 => Just(Frame::Foreign),
        1 => Just(Frame::Version9),
    ];
    let damage = prop_oneof![
        50 => Just(Damage::Sound),
        1 => Just(Damage::Longer),
        1 => Just(Damage::Shorter),
        1 => Just(Damage::NoTransactions),
        1 => Just(Damage::NoOperations),
        1 => Just(Damage::NegativeCounter),
        1 => Just(Damage::UnknownContent),
    ];
    let seal = prop_oneof![
        50 => Just(Seal::Sum),
        1 => Just(Seal::OneMore),
        1 => Just(Seal::NoPoint),
        1 => Just(Seal::Identity),
    ];
    (frame, damage, seal, vec(transaction(), 1..=4)).prop_map(
        |(frame, damage, seal, transactions)| Message::Batch { frame, damage, seal, transactions },
    )
}

/// The messages of a level: deposits and at most three batches, in any order.
pub fn messages() -> impl Strategy<Value = Vec<Message>> {
    let other = prop_oneof![
        12 => deposit(),
        4 => reclaim(),
        1 => Just(Message::Bytes),
        2 => any::<u8>().prop_map(|number| Message::Again(number.into())),
        1 => Just(Message::EmptyFrame),
        1 => any::<u8>().prop_map(Message::Nonsense),
    ];
    let batch = prop_oneof![batch().boxed(), compact().boxed()];
    (vec(other, 0..4), vec(batch, 0..=3))
        .prop_map(|(others, batches)| [others, batches].concat())
        .prop_shuffle()
}

/// Workloads of two to four levels; of 100, `crowded` start with a queue.
pub fn workload(crowded: u32) -> impl Strategy<Value = Workload> {
    let weighted = |percent: u32| proptest::bool::weighted(f64::from(percent) / 100.0);
    let start = weighted(crowded).prop_map(|crowded| match crowded {
        true => Start::Crowded,
        false => Start::Fresh,
    });
    (start, weighted(98), weighted(30), vec(messages(), 2..=4)).prop_map(
        |(start, accept_v1, exits, levels)| {
            // What crowds it are v1 batches.
            let accept_v1 = accept_v1 || start == Start::Crowded;
            Workload { start, accept_v1, exits, levels }
        },
    )
}
