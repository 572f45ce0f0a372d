//! Wire format v2 end to end: keys become accounts, both ways to sign, and what a batcher who lies
//! gets for it.

use bls::{SecretKey, Suite};
use client::Builder;
use encoding::{Entrypoint, Kt1Address, Level};
use inbox::envelope::framed_v2;
use inbox::v2::{Action, Batch, IndividuallySigned, Memo, Name, Registration, Transaction};
use kit::v2::{
    How, account, forged, operation, row, seal, sealed, ticket_index, together, transfers,
};
use kit::{LevelOutcome, Person, Twin, batch as v1_batch, deposit, pay, tx};
use tx_kernel::results::{MessageResult, Outcome, ResultCode};

const PEOPLE: u16 = 5;

/// Five people with 100 gold each, whose keys are registered: account 0 is person 0.
fn registered() -> (Twin, Vec<Person>) {
    let mut twin = Twin::new();
    let people: Vec<Person> = (0..PEOPLE).map(Person::new).collect();
    let rollup = twin.rollup();
    let deposits: Vec<_> =
        people.iter().map(|person| deposit(&rollup, person, "gold", 100)).collect();
    twin.run_level(&deposits);
    let builder = people.iter().map(Person::registers).fold(Builder::new(), Builder::registration);
    let level = twin.run_level(&[framed_v2(&rollup, &builder.build().encode())]);
    assert_eq!(accepted(&twin, &level), (0, 0));
    (twin, people)
}

/// How many transactions of the level's only message were applied, and how many not.
fn accepted(twin: &Twin, level: &LevelOutcome) -> (u64, u64) {
    match twin.message(level.level, 0) {
        Some(MessageResult::Done(Outcome { code: ResultCode::BatchAccepted, first, second })) => {
            (first, second)
        }
        other => panic!("{other:?}"),
    }
}

fn refused(twin: &Twin, level: &LevelOutcome) -> ResultCode {
    match twin.message(level.level, 0) {
        Some(MessageResult::Refused(reason)) => reason.code,
        other => panic!("{other:?}"),
    }
}

fn gold(twin: &Twin, people: &[Person]) -> Vec<u64> {
    people.iter().map(|person| twin.balance(person, "gold")).collect()
}

/// Everybody but the first pays the first so much.
fn tithe(counter: u64, amount: u64) -> Batch {
    let rows = (1..u32::from(PEOPLE)).map(|signer| row(signer, counter, account(0), amount));
    rows.fold(Builder::new(), |builder, row| builder.transfer(&ticket_index(0), None, row)).build()
}

#[test]
fn a_batch_signed_by_all_by_some_and_by_nobody_does_the_same() {
    let (mut twin, people) = registered();
    let rollup = twin.rollup();
    let payers = &people[1..];
    let ways: [fn(usize) -> bool; 3] = [|_| false, |at| at % 2 == 0, |_| true];
    for (counter, is_late) in (0..).zip(ways) {
        let batch = tithe(counter, 10);
        let how: Vec<How<'_>> = payers
            .iter()
            .enumerate()
            .map(|(at, payer)| if is_late(at) { How::Own(payer) } else { How::Batch(payer) })
            .collect();
        let level = twin.run_level(&[seal(&batch, &rollup, &how)]);
        assert_eq!(accepted(&twin, &level), (4, 0));
        let left = 100 - 10 * (counter + 1);
        let first = 100 + 40 * (counter + 1);
        assert_eq!(gold(&twin, &people), [first, left, left, left, left]);
        let result = twin.view(|view| view.batch(&batch.signing_payload(&rollup).digest).unwrap());
        assert!(result.is_some_and(|result| result.lines.is_empty()), "all were applied");
        for number in 0..4 {
            let own = batch.signing_payload_of_transaction(number, &rollup).unwrap();
            let result = twin.view(|view| view.transaction(&own.digest).unwrap());
            assert_eq!(result.is_some(), is_late(number), "known by what its signer signed");
        }
    }
}

#[test]
fn a_key_and_its_first_operation_come_in_one_batch() {
    let mut twin = Twin::new();
    let (alice, bob) = (Person::new(1), Person::new(2));
    let rollup = twin.rollup();
    twin.run_level(&[deposit(&rollup, &alice, "gold", 100)]);
    // Bob has no account yet: the batch makes it, and names it by its place. What Alice does beside
    // it fails.
    let batch = Builder::new()
        .registration(alice.registers())
        .registration(bob.registers())
        .registration(alice.registers())
        .transaction(together(vec![operation(
            Name::Address(alice.address()),
            0,
            vec![transfers(0, &[(Name::Registration(1), 70), (Name::Registration(1), 70)])],
        )]))
        .transaction(together(vec![operation(
            Name::Registration(0),
            1,
            vec![transfers(0, &[(Name::Registration(1), 60)])],
        )]))
        .transaction(together(vec![operation(
            Name::Registration(1),
            0,
            vec![transfers(0, &[(account(0), 5)])],
        )]))
        .build();
    let message = seal(&batch, &rollup, &[How::Batch(&alice), How::Own(&alice), How::Batch(&bob)]);
    let level = twin.run_level(std::slice::from_ref(&message));
    assert_eq!(accepted(&twin, &level), (2, 1));
    assert_eq!((twin.balance(&alice, "gold"), twin.balance(&bob, "gold")), (45, 55));
    assert_eq!((twin.counter(&alice), twin.counter(&bob)), (2, 1));
    // Sent again it is stale; registered again, nothing happens.
    let level = twin.run_level(&[message]);
    assert_eq!(refused(&twin, &level), ResultCode::AllStale);
    let again = Builder::new().registration(bob.registers()).build();
    let level = twin.run_level(&[framed_v2(&rollup, &again.encode())]);
    assert_eq!(accepted(&twin, &level), (0, 0));
}

#[test]
fn a_key_that_was_only_shown_in_v1_must_be_proven_first() {
    let mut twin = Twin::new();
    let (alice, bob) = (Person::new(1), Person::new(2));
    let rollup = twin.rollup();
    let v1 = tx(vec![alice.does(0, vec![pay(&bob, "gold", 1)])]);
    twin.run_level(&[deposit(&rollup, &alice, "gold", 9), v1_batch(vec![(v1, vec![&alice])])]);
    let rows = Builder::new().transfer(&ticket_index(0), None, row(0, 1, account(1), 1));
    let level = twin.run_level(&[seal(&rows.clone().build(), &rollup, &[How::Batch(&alice)])]);
    assert_eq!(refused(&twin, &level), ResultCode::KeyNotRegistered);
    let with_proof = rows.registration(alice.registers()).build();
    let level = twin.run_level(&[seal(&with_proof, &rollup, &[How::Batch(&alice)])]);
    assert_eq!(accepted(&twin, &level), (1, 0));
    assert_eq!(twin.balance(&bob, "gold"), 2);
}

#[test]
fn a_key_that_is_made_to_cancel_out_others_is_never_registered() {
    let (mut twin, people) = registered();
    let rollup = twin.rollup();
    let before = gold(&twin, &people);
    // The rogue key is some key of the attacker's less everybody else's. Its proof cannot be made;
    // any other signature of the attacker's is none.
    let attacker = SecretKey::derive(&[66; 32]).unwrap();
    let rogue = people[2].registers().key;
    for proof in [
        attacker.prove_possession(),
        attacker.sign(Suite::Pop, &rogue),
        people[1].secret().prove_possession(),
    ] {
        let key = Person::new(99).registers().key;
        let registration = Registration { key, proof: proof.to_compressed() };
        let batch = Builder::new().registration(registration).build();
        let level = twin.run_level(&[framed_v2(&rollup, &batch.encode())]);
        assert_eq!(refused(&twin, &level), ResultCode::WrongSignature);
    }
    // Nor does it help to spread what is missing over two proofs.
    let [one, two] = [Person::new(98), Person::new(97)];
    let swapped = |of: &Person, proof: &Person| Registration {
        proof: proof.registers().proof,
        ..of.registers()
    };
    let sums = Builder::new().registration(one.registers()).registration(two.registers()).build();
    let batch =
        Builder::new().registration(swapped(&one, &one)).registration(swapped(&two, &one)).build();
    let level = twin.run_level(&[framed_v2(&rollup, &batch.encode())]);
    assert_eq!(refused(&twin, &level), ResultCode::WrongSignature);
    assert_eq!(twin.view(|view| view.accounts().unwrap()).len(), usize::from(PEOPLE));
    let level = twin.run_level(&[framed_v2(&rollup, &sums.encode())]);
    assert_eq!(accepted(&twin, &level), (0, 0));
    assert_eq!(gold(&twin, &people), before);
}

#[test]
fn a_batcher_can_neither_add_nor_drop_nor_reorder_nor_show_another_bitmap() {
    let (mut twin, people) = registered();
    let rollup = twin.rollup();
    let how: Vec<How<'_>> = people[1..].iter().map(How::Batch).collect();
    let good = sealed(&tithe(0, 10), &rollup, &how);
    let changed = |change: &dyn Fn(&mut Batch)| {
        let mut batch = good.clone();
        change(&mut batch);
        framed_v2(&rollup, &batch.encode())
    };
    let lies: [Vec<u8>; 8] = [
        changed(&|batch| batch.transfer_groups[0].transfers.truncate(3)),
        changed(&|batch| batch.transfer_groups[0].transfers[0].amount = encoding::Amount::new(11)),
        changed(&|batch| batch.transfer_groups[0].transfers[0].to = account(4)),
        changed(&|batch| batch.expires = Some(Level(i32::MAX))),
        changed(&|batch| batch.individually_signed = IndividuallySigned::Some(vec![2])),
        changed(&|batch| batch.individually_signed = IndividuallySigned::Everybody),
        changed(&|batch| {
            batch.transactions.push(together(vec![operation(account(0), 0, vec![])]));
        }),
        changed(&|batch| {
            let rows = batch.transfer_groups[0].transfers.split_off(2);
            let ticket = ticket_index(0);
            batch
                .transfer_groups
                .insert(0, inbox::v2::TransferGroup { expires: None, ticket, transfers: rows });
        }),
    ];
    for lie in lies {
        let level = twin.run_level(&[lie]);
        assert_eq!(refused(&twin, &level), ResultCode::WrongSignature);
        assert_eq!(gold(&twin, &people), [100; 5]);
    }
    let level = twin.run_level(&[framed_v2(&rollup, &good.encode())]);
    assert_eq!(accepted(&twin, &level), (4, 0));
}

#[test]
fn a_batch_is_nothing_on_another_rollup() {
    let (mut twin, people) = registered();
    let other = encoding::RollupAddress([3; 20]);
    let how: Vec<How<'_>> = people[1..].iter().map(How::Own).collect();
    let batch = sealed(&tithe(0, 10), &other, &how);
    let level = twin.run_level(&[framed_v2(&twin.rollup(), &batch.encode())]);
    assert_eq!(refused(&twin, &level), ResultCode::WrongSignature);
}

#[test]
fn a_signer_who_moves_their_counter_spoils_only_their_own() {
    let (mut twin, people) = registered();
    let rollup = twin.rollup();
    let how: Vec<How<'_>> = people[1..].iter().map(How::Batch).collect();
    let message = seal(&tithe(0, 10), &rollup, &how);
    let mine = Builder::new().transfer(&ticket_index(0), None, row(3, 0, account(4), 1)).build();
    let moved = seal(&mine, &rollup, &[How::Own(&people[3])]);
    let level = twin.run_level(&[moved, message]);
    let result = twin.message(level.level, 1);
    let expected = Outcome::new(ResultCode::BatchAccepted, 3, 1);
    assert_eq!(result, Some(MessageResult::Done(expected)));
    assert_eq!(gold(&twin, &people), [130, 90, 90, 99, 91]);
    let digest = tithe(0, 10).signing_payload(&rollup).digest;
    let result = twin.view(|view| view.batch(&digest).unwrap()).unwrap();
    assert_eq!(result.outcome(2, 0), Outcome::new(ResultCode::CounterMismatch, 1, 0));
    assert_eq!(result.outcome(1, 0), Outcome::plain(ResultCode::Applied));
}

#[test]
fn one_intent_signed_both_ways_applies_once() {
    let (mut twin, people) = registered();
    let rollup = twin.rollup();
    let payment = row(1, 0, account(0), 10);
    let own = seal(
        &Builder::new().transfer(&ticket_index(0), None, payment).build(),
        &rollup,
        &[How::Own(&people[1])],
    );
    let shared = Builder::new()
        .transfer(&ticket_index(0), None, payment)
        .transfer(&ticket_index(0), None, row(2, 0, account(0), 10))
        .build();
    let shared = seal(&shared, &rollup, &[How::Batch(&people[1]), How::Batch(&people[2])]);
    twin.run_level(&[shared.clone(), own.clone()]);
    assert_eq!(gold(&twin, &people), [120, 90, 90, 100, 100]);
    twin.run_level(&[own, shared]);
    assert_eq!(gold(&twin, &people), [120, 90, 90, 100, 100]);
}

#[test]
fn what_has_expired_changes_nothing() {
    let (mut twin, people) = registered();
    let rollup = twin.rollup();
    let now = twin.view(|view| view.level().unwrap()).0;
    let mut late = tithe(0, 10);
    late.expires = Some(Level(now));
    let how: Vec<How<'_>> = people[1..].iter().map(How::Batch).collect();
    let level = twin.run_level(&[seal(&late, &rollup, &how)]);
    assert_eq!(refused(&twin, &level), ResultCode::BatchExpired);

    let own = |expires: i32| Transaction {
        expires: Some(Level(expires)),
        operations: vec![operation(account(1), 0, vec![transfers(0, &[(account(0), 7)])])],
    };
    let batch = Builder::new().transaction(own(now)).transaction(own(now + 9)).build();
    let both = [How::Own(&people[1]), How::Own(&people[1])];
    let level = twin.run_level(&[seal(&batch, &rollup, &both)]);
    assert_eq!(accepted(&twin, &level), (1, 1));
    let result = |expires| {
        let digest = own(expires).signing_payload(&rollup).digest;
        twin.view(|view| view.transaction(&digest).unwrap()).unwrap().lines[0].outcome.code
    };
    assert_eq!(
        (result(now), result(now + 9)),
        (ResultCode::TransactionExpired, ResultCode::Applied)
    );
}

#[test]
fn a_swap_is_atomic_and_withdrawals_of_different_signers_never_share_a_message() {
    let (mut twin, people) = registered();
    let rollup = twin.rollup();
    let leave = |amount| Action::Withdraw {
        receiver: None,
        ticket: ticket_index(0),
        to: Kt1Address([4; 20]),
        entrypoint: Entrypoint::new(b"burn").unwrap(),
        amount: encoding::Amount::new(amount),
    };
    let mut swap = together(vec![
        operation(account(1), 0, vec![leave(10), leave(11)]),
        operation(account(2), 0, vec![leave(12), transfers(0, &[(account(1), 200)])]),
    ]);
    let how = [How::Batch(&people[1]), How::Own(&people[2])];
    let batch = Builder::new().transaction(swap.clone()).build();
    let level = twin.run_level(&[seal(&batch, &rollup, &how)]);
    assert_eq!(accepted(&twin, &level), (0, 1));
    assert_eq!(gold(&twin, &people), [100; 5]);
    assert!(level.outbox.is_empty());

    swap.operations[1].actions.pop();
    swap.operations.iter_mut().for_each(|operation| operation.counter = encoding::Counter::new(1));
    swap.operations[0].memo = Some(Memo::Bytes(b"invoice 7".to_vec()));
    let batch = Builder::new().transaction(swap).build();
    let level = twin.run_level(&[seal(&batch, &rollup, &how)]);
    assert_eq!(accepted(&twin, &level), (1, 0));
    assert_eq!(level.outbox.len(), 2);
    assert_eq!(gold(&twin, &people), [100, 79, 88, 100, 100]);
    let result =
        twin.view(|view| view.batch(&batch.signing_payload(&rollup).digest).unwrap()).unwrap();
    let memos: Vec<_> = result.lines.iter().map(|(_, _, line)| line.memo.clone()).collect();
    assert_eq!(memos, [Some(Memo::Bytes(b"invoice 7".to_vec()))]);
}

#[test]
fn keys_that_cancel_out_sign_nothing() {
    let (mut twin, people) = registered();
    let rollup = twin.rollup();
    // The order of the group, little-endian; five, and five less than it.
    const ORDER: &str = "01000000fffffffffe5bfeff02a4bd5305d8a10908d83933487d9d2953a7ed73";
    let mut scalar: [u8; 32] = hex::decode(ORDER).unwrap().try_into().unwrap();
    let five = core::array::from_fn(|at| if at == 0 { 5 } else { 0 });
    // 2^32 and one more less five: the lowest byte has to borrow.
    scalar[..5].copy_from_slice(&[0xfc, 0xff, 0xff, 0xff, 0xfe]);
    let pair = [five, scalar].map(|bytes| SecretKey::from_little_endian(&bytes).unwrap());
    let [one, other] = [&pair[0], &pair[1]];
    let builder = pair.iter().map(client::registration).fold(Builder::new(), Builder::registration);
    let level = twin.run_level(&[framed_v2(&rollup, &builder.build().encode())]);
    assert_eq!(accepted(&twin, &level), (0, 0));
    let (x, y) = (one.public_key().to_stored(), other.public_key().to_stored());
    assert_eq!(x[..48], y[..48], "one is the other's opposite");

    // The two sum to nothing: whatever stands in the place of their signature, it is not theirs.
    let rows = [row(5, 0, account(0), 1), row(6, 0, account(0), 1)];
    let batch = rows
        .into_iter()
        .fold(Builder::new(), |b, row| b.transfer(&ticket_index(0), None, row))
        .build();
    for secrets in [vec![one, other, people[0].secret()], vec![people[0].secret()]] {
        let level = twin.run_level(&[forged(&batch, &rollup, &secrets)]);
        assert_eq!(refused(&twin, &level), ResultCode::WrongSignature);
    }
    let mut identity = [0; 96];
    identity[0] = 0xc0;
    let unsigned = Batch { signature: Some(identity), ..batch };
    let level = twin.run_level(&[framed_v2(&rollup, &unsigned.encode())]);
    assert_eq!(refused(&twin, &level), ResultCode::InvalidSignature);
}
