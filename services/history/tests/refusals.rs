//! What is not applied, not yet, or held: as the index has it.

use std::collections::BTreeMap;

use encoding::{Entrypoint, Hash32, Kt1Address, Level};
use history::{Filter, MoveState, Page, ResultKind};
use inbox::envelope::framed_v1;
use inbox::reclaim::Request;
use inbox::v2::Name;
use inbox::{deposit, v1};
use tx_kernel::layout::{ACCEPT_V1, exit_path};
use tx_kernel::results::ResultCode;

use crate::common::{World, batch, index, operation, pays, registers, transaction};
use crate::octez::{Octez, ROLLUP, account, secret, ticket};

const PAGE: Page = Page::first(50);

#[test]
fn what_fails_moves_nothing_and_says_why() {
    let world = World::new();
    world.send(&registers());
    world.bake();
    let unknown = Name::Index(encoding::AccountIndex(999));
    let mut expired = pays(3, 0, index(1), 5);
    expired.expires = Some(Level(2));
    let withdraws = operation(index(4), 0, None, vec![crate::common::withdrawal(2_000, None)]);
    world.send(&batch(
        vec![
            pays(1, 0, index(2), 1_001),
            pays(2, 7, index(1), 1),
            expired,
            transaction(vec![withdraws, operation(index(1), 1, Some("no"), vec![])]),
            pays(1, 2, unknown, 5),
        ],
        &[],
        true,
    ));
    world.octez.send(b"garbage for somebody");
    world.octez.send(&inbox::envelope::framed_v2(&ROLLUP, b"malformed")[1..]);
    // Signed by the wrong people.
    let mut forged = batch(vec![pays(1, 3, index(2), 1)], &[], true);
    forged.signature = batch(vec![pays(1, 3, index(2), 2)], &[], true).signature;
    world.send(&forged);
    world.bake();
    world.ask(|reader| {
        let moves = reader.moves(Filter { since: Some(Level(3)), ..Filter::default() }, PAGE)?.rows;
        let codes: BTreeMap<i64, ResultCode> =
            moves.iter().map(|one| (one.row, one.result.unwrap().outcome.code)).collect();
        assert!(moves.iter().all(|one| one.state == MoveState::NotApplied));
        assert_eq!(
            codes.into_values().collect::<Vec<_>>(),
            [
                ResultCode::BalanceTooLow,
                ResultCode::CounterMismatch,
                ResultCode::TransactionExpired,
                ResultCode::BalanceTooLow,
                ResultCode::UnknownAccount,
                ResultCode::WrongSignature,
            ]
        );
        let level = reader.level(Level(3))?.unwrap();
        assert_eq!((level.messages, level.others), (3, 1));
        assert_eq!((level.applied, level.failed, level.transfers), (0, 6, 0));
        let refused = reader.refused(PAGE)?.rows;
        let kinds: Vec<&str> = refused.iter().map(|one| one.kind.as_str()).collect();
        assert_eq!(kinds, ["v2", "malformed"]);
        // The receiver that an index does not name is nobody.
        let last = moves.iter().find(|one| one.amount.get() == 5 && one.receiver.is_none());
        assert_eq!(last.unwrap().sender, Some(account(1)));
        assert_eq!(reader.status()?.alarms, 0);
        Ok(())
    });
    assert_eq!(world.gold(1), 1_000);
}

#[test]
fn what_the_kernel_puts_off_waits_and_is_settled_by_a_later_level() {
    let world = World::new();
    world.send(&registers());
    world.bake();
    // A level verifies 640 signings at most.
    for number in 0..7_u8 {
        let first = u64::from(number) * 100;
        let all = (first..first + 100).map(|counter| pays(1, counter, index(2), 1));
        world.send(&batch(all.collect(), &[], false));
    }
    world.bake();
    let count = |state| {
        world.ask(|reader| {
            let mut page = Page::first(200);
            let mut found = 0;
            loop {
                let some = reader.moves(Filter::default(), page)?;
                found += some.rows.iter().filter(|one| one.state == state).count();
                match some.next {
                    Some(after) => page.after = Some(after),
                    None => return Ok(found),
                }
            }
        })
    };
    assert_eq!((count(MoveState::Waits), world.gold(2)), (100, 1_600));
    assert_eq!(world.ask(|reader| reader.waiting(PAGE)).rows.len(), 1);
    world.bake();
    assert_eq!((count(MoveState::Waits), world.gold(2)), (0, 1_700));
    world.ask(|reader| {
        assert!(reader.waiting(PAGE)?.rows.is_empty());
        assert_eq!(reader.status()?.alarms, 0);
        let (before, after) = (reader.level(Level(3))?.unwrap(), reader.level(Level(4))?.unwrap());
        assert_eq!((before.messages, before.transfers), (7, 600));
        assert_eq!((after.messages, after.transfers, after.applied), (0, 100, 100));
        let late = reader.moves(Filter::default(), Page::first(1))?.rows.remove(0);
        assert_eq!((late.message.level, late.result.unwrap().level), (Level(3), Level(4)));
        Ok(())
    });
}

#[test]
fn a_deposit_is_held_and_paid_back() {
    let mut installed = Vec::new();
    // Silver's ticketer has an exit, and gold's has none.
    let silver = encoding::Ticket { ticketer: Kt1Address([0xcc; 20]), ..ticket("silver") };
    installed.push((exit_path(&silver.ticketer), b"burn".to_vec()));
    let world = World::over(Octez::with(installed));
    world.octez.deposit_for("tz1 nobody", &ticket("gold"), 7);
    world.octez.deposit_for("tz1 nobody", &silver, 8);
    world.octez.call(b"unreadable", Kt1Address([0xdd; 20]));
    world.bake();
    world.ask(|reader| {
        let held = reader.held(false, PAGE)?.rows;
        let facts: Vec<_> = held
            .iter()
            .map(|one| (one.number, one.amount.as_deref(), one.paid, one.outcome.code))
            .collect();
        assert_eq!(
            facts,
            [
                (2, None, None, ResultCode::WrongPayloadType),
                (1, Some("8"), Some(Level(1)), ResultCode::ReceiverNotTz4),
                (0, Some("7"), None, ResultCode::ReceiverNotTz4),
            ]
        );
        assert_eq!(held[2].ticket, Some(ticket("gold")));
        let moves = reader.moves(Filter::default(), PAGE)?.rows;
        assert!(moves.iter().all(|one| one.state == MoveState::NotApplied));
        assert_eq!(moves.len(), 2);
        Ok(())
    });
    let request = Request {
        number: 0,
        destination: ticket("gold").ticketer,
        entrypoint: Entrypoint::new(b"burn").unwrap(),
        receiver: None,
    };
    world.octez.call(&deposit::encode_bytes(&request.to_bytes()), ticket("gold").ticketer);
    world.bake();
    world.ask(|reader| {
        let open: Vec<u64> = reader.held(true, PAGE)?.rows.iter().map(|one| one.number).collect();
        assert_eq!(open, [2]);
        let held = reader.held(false, PAGE)?.rows;
        assert_eq!(held[2].paid, Some(Level(2)));
        let message = reader.messages(Level(2), PAGE)?.rows.remove(0);
        assert_eq!(message.kind, "request");
        assert_eq!(message.result.unwrap().0, ResultKind::Done);
        assert_eq!(reader.status()?.alarms, 0);
        Ok(())
    });
}

/// A v1 payment of gold by person 1.
fn v1_pays(counter: u64, amount: u64) -> v1::Transaction {
    let to = v1::Content::Transfer {
        to: account(2),
        ticket: ticket("gold"),
        amount: encoding::Amount::new(amount),
    };
    let signer = v1::Signer::Key(secret(1).public_key().to_compressed());
    let counter = encoding::Counter::new(counter);
    v1::Transaction { operations: vec![v1::Operation { signer, counter, contents: vec![to] }] }
}

fn v1_batch(transactions: Vec<v1::Transaction>) -> Vec<u8> {
    let signatures: Vec<bls::Signature> = transactions
        .iter()
        .map(|one| secret(1).sign(bls::Suite::Aug, &one.signed_bytes()))
        .collect();
    let signature = bls::Signature::aggregate(&signatures).unwrap().to_compressed();
    framed_v1(&ROLLUP, &v1::Batch { transactions, signature }.encode())[1..].to_vec()
}

#[test]
fn batches_of_v1() {
    let world = World::over(Octez::with(vec![(ACCEPT_V1.to_owned(), vec![1])]));
    world.fund();
    let (good, bad) = (v1_pays(0, 5), v1_pays(1, 2_000));
    world.octez.send(&v1_batch(vec![good.clone(), bad.clone()]));
    world.bake();
    // The first is sent again beside something new.
    world.octez.send(&v1_batch(vec![good.clone(), v1_pays(2, 10)]));
    world.bake();
    assert_eq!((world.gold(1), world.gold(2)), (985, 1_015));
    world.ask(|reader| {
        assert_eq!(reader.status()?.alarms, 0);
        let hash: Hash32 = good.operations[0].hash();
        let all = reader.transactions(&hash, PAGE)?.rows;
        assert_eq!(all.len(), 2);
        let first = reader.operations(all[0].row)?.remove(0);
        assert_eq!(first.hash, Some(hash));
        assert_eq!(first.moves[0].state, MoveState::Applied);
        let again = reader.operations(all[1].row)?.remove(0);
        assert_eq!(again.moves[0].state, MoveState::NotApplied);
        assert_eq!(again.result.unwrap().outcome.code, ResultCode::CounterMismatch);
        let failed = reader.transactions(&bad.operations[0].hash(), PAGE)?.rows.remove(0);
        let failed = reader.operations(failed.row)?.remove(0);
        assert_eq!(failed.result.unwrap().outcome.code, ResultCode::BalanceTooLow);
        assert_eq!(reader.messages(Level(2), PAGE)?.rows[0].kind, "v1");
        Ok(())
    });
}
