//! What others put into the inbox: messages for other rollups, nonsense, deposits that cannot be
//! credited.

use encoding::{Kt1Address, RollupAddress, Source, Ticket, TicketContent};
use inbox::envelope::{framed_v1, transfer_message};
use kit::{Person, Twin, batch, deposit, pay, sign, ticket, tx};
use num_bigint::BigInt;
use proptest::prelude::*;
use tx_kernel::layout::ACCEPT_V1;
use tx_kernel::results::ResultCode;

const OTHER: RollupAddress = RollupAddress([0x66; 20]);

fn call(rollup: &RollupAddress, payload: &[u8], curve: u8) -> Vec<u8> {
    transfer_message(payload, &Kt1Address([0xbb; 20]), &Source { curve, hash: [9; 20] }, rollup)
}

#[test]
fn messages_of_other_rollups_are_counted_and_leave_no_trace() {
    let mut twin = Twin::new();
    let alice = Person::new(1);
    let payment = sign(vec![(tx(vec![alice.does(0, vec![])]), vec![&alice])]);
    let ours = deposit(&twin.rollup(), &alice, "gold", 1);
    let level = twin.run_level(&[
        deposit(&OTHER, &alice, "gold", 1),
        framed_v1(&OTHER, &payment.encode()),
        b"\x01hello".to_vec(),
        b"\x01\x00".to_vec(),
        vec![0x01],
        vec![0x00, 0x77, 1, 2, 3],
        ours,
    ]);
    assert_eq!(twin.view(|view| view.not_ours()), Ok(6));
    assert!((0..6).all(|number| twin.message(level.level, number).is_none()));
    assert_eq!(twin.balance(&alice, "gold"), 1);
    assert_eq!(twin.counter(&alice), 0);
}

#[test]
fn protocol_messages_are_no_trouble() {
    let mut twin = Twin::new();
    let alice = Person::new(1);
    let hex = |text: &str| -> Vec<u8> {
        let digits = text.as_bytes().chunks(2);
        digits.filter_map(|pair| u8::from_str_radix(str::from_utf8(pair).ok()?, 16).ok()).collect()
    };
    let rollup = twin.rollup();
    twin.run_level(&[
        hex("000400000008753032355f303235"),
        deposit(&rollup, &alice, "gold", 1),
        hex("00050000000800100001efe01000000000160002298c03ed7d454a101eb7022bc95f7e5f41ac7810"),
    ]);
    assert_eq!(twin.balance(&alice, "gold"), 1);
}

#[test]
fn deposits_of_every_source_and_shape() {
    let mut twin = Twin::new();
    let alice = Person::new(1);
    let rollup = twin.rollup();
    let receiver = alice.address().to_string();
    let token = Ticket {
        ticketer: Kt1Address([0xcc; 20]),
        content: TicketContent::NatBytes(BigInt::from(7), Some(b"meta".to_vec())),
    };
    let gold = ticket("gold");
    let mut messages: Vec<Vec<u8>> = (0..=4)
        .map(|curve| call(&rollup, &inbox::deposit::encode(&receiver, &gold, &1.into()), curve))
        .collect();
    messages.push(call(&rollup, &inbox::deposit::encode_unwrapped(&receiver, &gold, &1.into()), 0));
    messages.push(call(&rollup, &inbox::deposit::encode(&receiver, &token, &3.into()), 0));
    let level = twin.run_level(&messages);
    for number in 0..7 {
        assert_eq!(twin.message_code(level.level, number), ResultCode::DepositCredited, "{number}");
    }
    assert_eq!(twin.balance(&alice, "gold"), 6);
    let tickets = twin.view(|view| view.tickets()).unwrap_or_default();
    assert_eq!((&tickets[1].0, tickets[1].1.on_rollup.get()), (&token, 3));
}

#[test]
fn what_cannot_be_credited_is_held_with_its_reason() {
    let mut twin = Twin::new();
    let alice = Person::new(1);
    let rollup = twin.rollup();
    let tz4 = alice.address().to_string();
    let gold = ticket("gold");
    let huge = BigInt::from(u64::MAX) + 1;
    let long = ticket(&"x".repeat(2_000));
    let shapes: Vec<(Vec<u8>, ResultCode)> = vec![
        (inbox::deposit::encode(&tz4, &gold, &u64::MAX.into()), ResultCode::DepositCredited),
        (inbox::deposit::encode(&tz4, &gold, &1.into()), ResultCode::SupplyTooLarge),
        (inbox::deposit::encode(&tz4, &gold, &huge), ResultCode::AmountOutOfRange),
        (inbox::deposit::encode(&tz4, &gold, &(-1).into()), ResultCode::AmountOutOfRange),
        (inbox::deposit::encode(&tz4, &gold, &0.into()), ResultCode::ZeroAmount),
        (inbox::deposit::encode(&tz4, &long, &1.into()), ResultCode::TicketContentTooLarge),
        (
            inbox::deposit::encode("tz1Ke2h7sDdakHJQh8WX4Z372du1KChsksyU", &gold, &1.into()),
            ResultCode::ReceiverNotTz4,
        ),
        (inbox::deposit::encode(&tz4[..30], &gold, &1.into()), ResultCode::ReceiverNotTz4),
        (b"\x03\x0b".to_vec(), ResultCode::WrongPayloadType),
        (vec![0x07; 3_000], ResultCode::WrongPayloadType),
        (Vec::new(), ResultCode::WrongPayloadType),
        (inbox::deposit::encode_bytes(b"hi"), ResultCode::BytesIgnored),
    ];
    let messages: Vec<_> = shapes.iter().map(|(payload, _)| call(&rollup, payload, 4)).collect();
    let level = twin.run_level(&messages);
    for (number, (payload, code)) in (0..).zip(&shapes) {
        assert_eq!(twin.message_code(level.level, number), *code, "{number}: {payload:02x?}");
    }
    let held = twin.view(|view| view.held()).unwrap_or_default();
    assert_eq!(held.len(), shapes.len() - 2);
    for deposit in &held {
        let number = deposit.message.index as usize - 2;
        assert_eq!(deposit.bytes.as_ref(), Some(&messages[number]), "kept whole");
    }
    assert_eq!(twin.balance(&alice, "gold"), u64::MAX);
}

#[test]
fn v1_is_accepted_only_where_the_configuration_says_so() {
    let mut twin = Twin::new();
    let (alice, bob) = (Person::new(1), Person::new(2));
    twin.set(ACCEPT_V1, &[0]);
    let rollup = twin.rollup();
    let payment = sign(vec![(tx(vec![alice.does(0, vec![pay(&bob, "gold", 1)])]), vec![&alice])]);
    let unframed = inbox::envelope::unframed_v1(&payment.encode());
    let framed = framed_v1(&rollup, &payment.encode());
    let level = twin.run_level(&[deposit(&rollup, &alice, "gold", 5), unframed, framed.clone()]);
    assert!(twin.message(level.level, 1).is_none(), "unframed, it is nobody's");
    assert_eq!(twin.message_code(level.level, 2), ResultCode::V1NotAccepted);
    assert_eq!(twin.balance(&bob, "gold"), 0);

    twin.set(ACCEPT_V1, &[1]);
    let mut newer = framed.clone();
    newer[22] = 9;
    let level = twin.run_level(&[framed, newer]);
    assert_eq!(twin.message_code(level.level, 0), ResultCode::BatchAccepted);
    assert_eq!(twin.message_code(level.level, 1), ResultCode::UnknownVersion);
    assert_eq!(twin.balance(&bob, "gold"), 1);
}

#[test]
fn a_state_of_a_newer_kernel_is_left_alone_and_the_messages_are_kept() {
    let mut twin = Twin::new();
    let alice = Person::new(1);
    let rollup = twin.rollup();
    twin.run_level(&[]);
    twin.set("/toru/state/version", &2u32.to_be_bytes());
    let before: Vec<_> = twin.durable().values_under("/toru/state").collect();
    let payment = tx(vec![alice.does(0, vec![pay(&Person::new(2), "gold", 1)])]);
    let payment = batch(vec![(payment, vec![&alice])]);
    twin.run_level(&[deposit(&rollup, &alice, "gold", 2), payment]);
    twin.run_level(&[deposit(&rollup, &alice, "gold", 3)]);
    assert_eq!(twin.durable().values_under("/toru/state").collect::<Vec<_>>(), before);
    twin.set("/toru/state/version", &1u32.to_be_bytes());
    twin.run_level(&[deposit(&rollup, &alice, "gold", 4)]);
    assert_eq!(twin.balance(&alice, "gold"), 8, "what was taken in is worked off later");
    assert_eq!(twin.durable().values_under("/toru/inbox/parked").count(), 0);
}

fn any_message(rollup: RollupAddress) -> impl Strategy<Value = Vec<u8>> {
    let alice = Person::new(1);
    let good = vec![
        deposit(&rollup, &alice, "gold", 7),
        batch(vec![(tx(vec![alice.does(0, vec![pay(&Person::new(2), "gold", 1)])]), vec![&alice])]),
    ];
    let bytes = || proptest::collection::vec(any::<u8>(), 0..400);
    prop_oneof![
        bytes(),
        bytes().prop_map(move |payload| call(&rollup, &payload, 0)),
        bytes().prop_map(move |body| framed_v1(&rollup, &body)),
        // A good message with a few bytes changed.
        (
            proptest::sample::select(good),
            proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4)
        )
            .prop_map(|(mut message, changes)| {
                for (at, byte) in changes {
                    let at = at.index(message.len());
                    message[at] = byte;
                }
                message
            }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn any_bytes_leave_the_kernel_running(
        levels in proptest::collection::vec(
            proptest::collection::vec(any_message(RollupAddress(pvm::DEBUGGER_ROLLUP)), 0..6),
            1..4,
        )
    ) {
        let mut twin = Twin::native_only();
        for messages in &levels {
            let level = twin.run_level(messages);
            prop_assert!(!level.native.stuck);
            prop_assert!(level.native.first_trap().is_none());
        }
        let carol = Person::new(3);
        let message = deposit(&twin.rollup(), &carol, "lead", 3);
        twin.run_level(&[message]);
        prop_assert_eq!(twin.balance(&carol, "lead"), 3);
    }
}
