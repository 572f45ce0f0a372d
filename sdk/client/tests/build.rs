//! Batches as they are built: canonical, transfers in order, and nothing but what was put in.

use bls::{Message, Part, SecretKey, Signature, aggregate_verify};
use client::{Assembly, Builder, Missing, Row, registration, sign, sign_individually};
use encoding::{
    AccountIndex, Amount, Counter, Entrypoint, Hash32, Kt1Address, Layer1Address, Level,
    RollupAddress, Source, Ticket, TicketContent, TicketIndex, Tz4Address,
};
use inbox::v2::{
    Action, Batch, IndividuallySigned, Me, Memo, Name, Operation, TicketName, Transaction,
    Transfer, decode_transaction,
};
use proptest::prelude::*;

const ROLLUP: RollupAddress = RollupAddress([9; 20]);

fn name() -> impl Strategy<Value = Name> {
    prop_oneof![
        any::<u32>().prop_map(|n| Name::Index(AccountIndex(n.min(u32::MAX - 2)))),
        any::<[u8; 20]>().prop_map(|hash| Name::Address(Tz4Address(hash))),
        (0..2u32).prop_map(Name::Registration),
    ]
}

fn ticket() -> impl Strategy<Value = TicketName> {
    let content = prop_oneof![
        proptest::collection::vec(any::<u8>(), 0..9).prop_map(TicketContent::String),
        (any::<u64>(), proptest::option::of(proptest::collection::vec(any::<u8>(), 0..9)))
            .prop_map(|(id, bytes)| TicketContent::NatBytes(id.into(), bytes)),
    ];
    prop_oneof![
        any::<u32>().prop_map(|n| TicketName::Index(TicketIndex(n.min(u32::MAX - 1)))),
        (any::<[u8; 20]>(), content).prop_map(|(ticketer, content)| {
            TicketName::Full(Ticket { ticketer: Kt1Address(ticketer), content })
        }),
    ]
}

fn memo() -> impl Strategy<Value = Option<Memo>> {
    proptest::option::of(prop_oneof![
        proptest::collection::vec(any::<u8>(), 1..=64).prop_map(Memo::Bytes),
        any::<[u8; 32]>().prop_map(|hash| Memo::Hash(Hash32(hash))),
    ])
}

fn receiver() -> impl Strategy<Value = Option<Layer1Address>> {
    let implicit = (0..Layer1Address::CURVES, any::<[u8; 20]>())
        .prop_map(|(curve, hash)| Layer1Address::Implicit(Source { curve, hash }));
    let contract = any::<[u8; 20]>().prop_map(|hash| Layer1Address::Contract(Kt1Address(hash)));
    proptest::option::of(prop_oneof![implicit, contract])
}

fn one_move() -> impl Strategy<Value = Action> {
    let amount = any::<u64>().prop_map(Amount::new);
    let to = proptest::collection::vec((name(), amount.clone()), 1..4);
    prop_oneof![
        (ticket(), to).prop_map(|(ticket, to)| Action::Transfers { ticket, to }),
        (ticket(), any::<[u8; 20]>(), "[a-z]{0,31}", receiver(), amount).prop_map(
            |(ticket, to, entrypoint, receiver, amount)| {
                let entrypoint = Entrypoint::new(entrypoint.as_bytes()).expect("a name");
                Action::Withdraw { ticket, to: Kt1Address(to), entrypoint, receiver, amount }
            }
        ),
    ]
}

fn transaction() -> impl Strategy<Value = Transaction> {
    let actions = proptest::collection::vec(one_move(), 0..3);
    let operation =
        (name(), any::<u64>(), memo(), actions).prop_map(|(signer, n, memo, actions)| Operation {
            signer,
            counter: Counter::new(n),
            memo,
            actions,
        });
    (proptest::option::of(0..=i32::MAX), proptest::collection::vec(operation, 1..4))
        .prop_map(|(expires, operations)| Transaction { expires: expires.map(Level), operations })
}

fn batch() -> impl Strategy<Value = Batch> {
    let last = || proptest::option::of(0..=i32::MAX);
    // Few of them, so that some share a group.
    let last_of_group = prop_oneof![3 => Just(None), 1 => Just(Some(Level(7))), 1 => last().prop_map(|last| last.map(Level))];
    let transfer = (ticket(), last_of_group, 0..9u32, 0..300u64, name(), any::<u64>());
    let transfers = proptest::collection::vec(transfer, 0..12);
    let transactions = proptest::collection::vec(transaction(), 0..4);
    (transfers, transactions, last(), any::<u64>()).prop_map(
        |(transfers, transactions, expires, late)| {
            let mut builder = Builder::new();
            for seed in [[1; 32], [2; 32]] {
                builder = builder.registration(registration(&key(&seed)));
            }
            for (ticket, expires, signer, counter, to, amount) in transfers {
                let (signer, counter) = (AccountIndex(signer), Counter::new(counter));
                let transfer = Transfer { signer, counter, to, amount: Amount::new(amount) };
                builder = builder.transfer(&ticket, expires, transfer);
            }
            let builder = transactions.into_iter().fold(builder, Builder::transaction);
            let builder = expires.map(Level).into_iter().fold(builder, Builder::expires);
            let mut batch = builder.build();
            let signings = u32::try_from(batch.signings()).expect("few");
            let numbers: Vec<u32> = (0..signings).filter(|n| late >> (n % 64) & 1 == 1).collect();
            batch.individually_signed = match numbers.len() {
                0 => IndividuallySigned::Nobody,
                all if all == batch.signings() => IndividuallySigned::Everybody,
                _ => IndividuallySigned::Some(numbers),
            };
            batch.signature = (signings > 0).then_some([0xab; 96]);
            batch
        },
    )
}

fn key(seed: &[u8; 32]) -> SecretKey {
    SecretKey::derive(seed).expect("32 bytes")
}

proptest! {
    #[test]
    fn any_batch_there_and_back(batch in batch()) {
        let bytes = batch.encode();
        prop_assert_eq!(Batch::decode(&bytes), Ok(batch.clone()));
        prop_assert_eq!(batch.signing_payload_of_bytes(&bytes, &ROLLUP), batch.signing_payload(&ROLLUP));
        // Who signed how is no part of what they sign, and nothing else is not.
        let other = Batch { individually_signed: IndividuallySigned::Nobody, signature: None, ..batch.clone() };
        prop_assert_eq!(other.signing_payload(&ROLLUP), batch.signing_payload(&ROLLUP));
        prop_assert_ne!(batch.signing_payload(&RollupAddress([8; 20])), batch.signing_payload(&ROLLUP));
    }

    #[test]
    fn a_damaged_batch_is_another_one_or_malformed(
        batch in batch(), at in any::<prop::sample::Index>(), bit in 0..8u32, cut in any::<bool>(),
    ) {
        let mut bytes = batch.encode();
        let at = at.index(bytes.len());
        if cut { bytes.truncate(at) } else { bytes[at] ^= 1 << bit }
        if let Ok(other) = Batch::decode(&bytes) {
            prop_assert_ne!(&other, &batch);
            prop_assert_eq!(other.encode(), bytes);
        }
    }

    #[test]
    fn any_bytes_are_a_batch_of_that_form_or_malformed(
        bytes in proptest::collection::vec(0..40u8, 0..250),
    ) {
        if let Ok(batch) = Batch::decode(&bytes) {
            prop_assert_eq!(batch.encode(), bytes);
        }
    }

    #[test]
    fn a_transaction_for_itself_has_the_payload_of_any_batch(transaction in transaction()) {
        let batch = Builder::new().transaction(transaction.clone()).build();
        let names = transaction.operations.iter().flat_map(|operation| {
            let actions = operation.actions.iter().flat_map(|one| match one {
                Action::Transfers { to, .. } => to.iter().map(|(name, _)| *name).collect(),
                Action::Withdraw { .. } => Vec::new(),
            });
            actions.chain([operation.signer]).collect::<Vec<_>>()
        });
        if names.into_iter().all(|name| !matches!(name, Name::Registration(_))) {
            prop_assert_eq!(batch.signing_payload_of_transaction(0, &ROLLUP), Some(transaction.signing_payload(&ROLLUP)));
            prop_assert_eq!(decode_transaction(&transaction.encode()), Ok(transaction));
        }
    }
}

fn gold() -> TicketName {
    TicketName::Index(TicketIndex(0))
}

fn transfer(signer: u32, counter: u64, amount: u64) -> Transfer {
    let to = Name::Index(AccountIndex(99));
    let (signer, counter) = (AccountIndex(signer), Counter::new(counter));
    Transfer { signer, counter, to, amount: Amount::new(amount) }
}

#[test]
fn golden_bytes() {
    // The example of docs/protocol.md.
    let transfer = |signer, to, amount| Transfer {
        to: Name::Index(AccountIndex(to)),
        ..transfer(signer, 0, amount)
    };
    let mut batch = Builder::new()
        .transfer(&gold(), Some(Level(1_000)), transfer(0, 5, 3))
        .transfer(&gold(), Some(Level(1_000)), transfer(1, 0, 20))
        .build();
    batch.individually_signed = IndividuallySigned::Some(vec![1]);
    batch.signature = Some([0xab; 96]);
    let expected =
        ["1401", "01000003e8", "0102", "0000070060", "0000020041", "02", &"ab".repeat(96)].concat();
    assert_eq!(hex::encode(batch.encode()), expected);
    let own = batch.transaction(1).map(|own| hex::encode(own.encode()));
    let expected = ["01000003e8", "01", "030000", "01", "0001", "01", "020041"].concat();
    assert_eq!(own, Some(expected));
    let rollup = RollupAddress([1; 20]);
    assert_eq!(
        batch.signing_payload(&rollup).digest.to_string(),
        "5de05546c73027f195b58ed9e2ab9c73aef76a34bd147add0936f86bbe596bb8"
    );
    assert_eq!(
        batch.signing_payload_of_transaction(1, &rollup).expect("it has one").digest.to_string(),
        "0f23ed2b7462e1f392336e4a60123531bed1b91fe28a4b53bd25f520a20023fe"
    );
}

#[test]
fn rows_stand_in_order_and_a_signers_second_row_in_another_run() {
    let silver = TicketName::Index(TicketIndex(1));
    let batch = Builder::new()
        .transfer(&gold(), None, transfer(5, 7, 1))
        .transfer(&silver, None, transfer(5, 6, 2))
        .transfer(&gold(), None, transfer(2, 0, 3))
        .transfer(&gold(), None, transfer(9, 0, 4))
        .build();
    let order: Vec<_> = batch.each_signing().map(|s| (s.signer, s.counter.get())).collect();
    let name = |index| Name::Index(AccountIndex(index));
    assert_eq!(order, [(name(2), 0), (name(9), 0), (name(5), 6), (name(5), 7)]);
    assert_eq!(batch.transfer_groups.len(), 3);
}

#[test]
fn transfers_of_one_expiry_share_a_group_and_its_expiry_is_part_of_what_is_signed() {
    let (soon, later) = (Some(Level(5)), Some(Level(6)));
    let batch = Builder::new()
        .transfer(&gold(), soon, transfer(1, 0, 1))
        .transfer(&gold(), None, transfer(2, 0, 2))
        .transfer(&gold(), soon, transfer(3, 0, 3))
        .transfer(&gold(), later, transfer(4, 0, 4))
        .build();
    let groups = batch.transfer_groups.iter().map(|group| (group.expires, group.transfers.len()));
    assert_eq!(groups.collect::<Vec<_>>(), [(soon, 2), (None, 1), (later, 1)]);
    let own = |expires| transfer(3, 0, 3).to_transaction(&gold(), expires);
    assert_eq!(own(soon).expires, soon);
    // Whoever has signed that transaction has signed the row, in the group of its expiry alone.
    let row = Row { ticket: gold(), expires: soon, transfer: transfer(3, 0, 3) };
    assert_eq!(Row::of(&own(soon)), Some(row));
    assert_eq!(batch.transaction(1).as_deref(), Some(&own(soon)));
    let payload = batch.signing_payload_of_transaction(1, &ROLLUP);
    assert_eq!(payload, Some(own(soon).signing_payload(&ROLLUP)));
    for other in [own(None), own(later)] {
        assert_ne!(payload, Some(other.signing_payload(&ROLLUP)));
    }
    // Nor can the expiry be changed in a batch that is signed.
    let mut longer = batch.clone();
    longer.transfer_groups[0].expires = later;
    assert_ne!(longer.signing_payload(&ROLLUP), batch.signing_payload(&ROLLUP));
}

#[test]
fn the_expiry_of_a_group_has_one_form() {
    let batch = |expires: &str| {
        hex::decode(["0401", expires, "0101", "0000070060", &"ab".repeat(96)].concat()).unwrap()
    };
    let group =
        |expires: &str| Batch::decode(&batch(expires)).map(|b| b.transfer_groups[0].expires);
    assert_eq!(group("00"), Ok(None));
    assert_eq!(group("0100000000"), Ok(Some(Level(0))));
    assert_eq!(group("017fffffff"), Ok(Some(Level(i32::MAX))));
    let why = |expires: &str| group(expires).unwrap_err();
    assert_eq!((why("02").at, why("02").expected), (2, "00, or 01 and a level".into()));
    let negative = why("0180000000");
    assert_eq!((negative.at, negative.expected), (3, "a level of 4 bytes below 2^31".into()));
}

#[test]
fn a_signer_is_shown_all_that_a_batch_would_make_them_do() {
    let me = Me { address: key(&[1; 32]).public_key().address(), index: Some(AccountIndex(5)) };
    let by_address = Operation {
        signer: Name::Address(me.address),
        counter: Counter::new(8),
        memo: None,
        actions: Vec::new(),
    };
    let by_index =
        Operation { signer: Name::Registration(0), counter: Counter::new(9), ..by_address.clone() };
    let other = Operation { signer: Name::Index(AccountIndex(6)), ..by_address.clone() };
    let of =
        |operations: &[Operation]| Transaction { expires: None, operations: operations.to_vec() };
    let batch = Builder::new()
        .registration(registration(&key(&[1; 32])))
        .transfer(&gold(), None, transfer(4, 0, 1))
        .transfer(&gold(), Some(Level(9)), transfer(5, 7, 1))
        .transaction(of(&[other.clone(), by_address]))
        .transaction(of(&[other]))
        .transaction(of(&[by_index]))
        .build();
    let (intents, signing_payload) = batch.for_signer(&me, &ROLLUP);
    let places: Vec<_> =
        intents.iter().map(|i| (i.transaction, i.operation, i.counter.get())).collect();
    assert_eq!(places, [(1, 0, 7), (2, 1, 8), (4, 0, 9)]);
    assert_eq!(signing_payload, batch.signing_payload(&ROLLUP));
    assert_eq!(intents[0].what, transfer(5, 7, 1).to_transaction(&gold(), Some(Level(9))));
}

#[test]
fn both_kinds_of_signatures_sum_into_one() -> Result<(), Missing> {
    let [alice, bob] = [[1; 32], [2; 32]].map(|seed| key(&seed));
    let transfers = [transfer(0, 0, 10), transfer(1, 0, 20)];
    let batch = Builder::new()
        .transfer(&gold(), None, transfers[0])
        .transfer(&gold(), None, transfers[1])
        .build();
    let mut assembly = Assembly::new(batch, ROLLUP);
    assert_eq!(assembly.message(), Err(Missing(vec![0, 1])));
    let own = transfers[1].to_transaction(&gold(), None);
    assembly.individual_signature(1, sign_individually(&bob, &own, &ROLLUP));
    assert_eq!(assembly.message(), Err(Missing(vec![0])));
    assembly.batch_signature(0, sign(&alice, &assembly.signing_payload()));
    let sealed = assembly.sealed()?;
    assert_eq!(sealed.individually_signed, IndividuallySigned::Some(vec![1]));

    let signature =
        Signature::from_compressed(&sealed.signature.expect("signed")).expect("a point");
    let (of_batch, of_bob) =
        (assembly.signing_payload().to_sign(), own.signing_payload(&ROLLUP).to_sign());
    let parts = [
        Part { key: alice.public_key(), message: Message::Pop(&of_batch) },
        Part { key: bob.public_key(), message: Message::Pop(&of_bob) },
    ];
    assert!(aggregate_verify(&parts, &signature));
    // Once Bob has signed the batch, his own signature is not needed.
    assembly.batch_signature(1, sign(&bob, &assembly.signing_payload()));
    assert_eq!(assembly.sealed()?.individually_signed, IndividuallySigned::Nobody);
    Ok(())
}
