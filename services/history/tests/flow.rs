//! What people do, from a deposit to an execution on layer 1, as the index has it.

use encoding::{Amount, Hash32, Layer1Address, Level, MessageId, Source};
use history::{Filter, MoveKind, MoveState, Page, ResultKind, WithdrawalWord};
use inbox::v2::{Name, TicketName, Transfer, TransferGroup};
use serde_json::json;
use tx_kernel::results::ResultCode;

use crate::common::{
    World, batch, gold, index, operation, pays, registers, sealed, transaction, transfers,
    withdrawal,
};
use crate::octez::{ROLLUP, account, ticket};

fn rows(rows: usize) -> Page {
    Page::first(rows)
}

#[test]
fn deposits_are_moves_and_balances_and_a_supply() {
    let world = World::new();
    world.sync();
    world.ask(|reader| {
        let moves = reader.moves(Filter::default(), rows(9))?.rows;
        assert_eq!(moves.len(), 4);
        let last = &moves[0];
        assert_eq!((last.kind, last.state), (MoveKind::Deposit, MoveState::Applied));
        assert_eq!((last.receiver, last.amount.get()), (Some(account(4)), 1_000));
        assert_eq!(last.outside.as_deref(), Some("tz1Ke2h7sDdakHJQh8WX4Z372du1KChsksyU"));
        let result = last.result.unwrap();
        assert_eq!((result.outcome.code, result.level), (ResultCode::DepositCredited, Level(1)));
        let of = reader.account(&account(4))?.unwrap();
        assert_eq!(of.index.unwrap().0, 3);
        assert_eq!((of.since, of.registered), (Level(1), None));
        let token = reader.ticket(&ticket("gold").hash())?.unwrap();
        let supplies = reader.supplies(token.row, 9)?;
        assert_eq!(supplies.len(), 1);
        assert_eq!(supplies[0].on_rollup.get(), 4_000);
        assert_eq!(supplies[0].deposited, "4000");
        let status = reader.status()?;
        assert_eq!((status.first, status.alarms, status.unseen), (Some(Level(0)), 0, 0));
        Ok(())
    });
    assert_eq!(world.gold(4), 1_000);
    let following = world.running().status();
    assert_eq!((following.behind(), following.trouble), (Some(0), None));
}

#[test]
fn every_way_to_name_an_account_and_to_sign() {
    let world = World::new();
    world.send(&registers());
    world.bake();
    // A row of a transfer group; by address, with a memo; to somebody who is registered by the batch, who pays too.
    let row = Transfer {
        signer: encoding::AccountIndex(0),
        counter: encoding::Counter::new(0),
        to: index(2),
        amount: Amount::new(7),
    };
    let group = TransferGroup { expires: Some(Level(50)), ticket: gold(), transfers: vec![row] };
    let full = || TicketName::Full(ticket("gold"));
    let named = operation(
        Name::Address(account(2)),
        0,
        Some("rent"),
        vec![transfers(full(), &[(Name::Address(account(6)), 5), (index(3), 1)])],
    );
    let first =
        operation(index(3), 0, None, vec![transfers(gold(), &[(Name::Registration(0), 9)])]);
    let second =
        operation(Name::Registration(0), 0, None, vec![transfers(full(), &[(index(1), 4)])]);
    let mut together = batch(Vec::new(), &[7], true);
    together.transfer_groups = vec![group];
    together.transactions = vec![transaction(vec![named]), transaction(vec![first, second])];
    let together = sealed(&together, &[7], true);
    world.send(&together);
    world.bake();
    world.send(&batch(vec![pays(4, 0, index(1), 3)], &[], false));
    world.bake();
    for (person, has) in [(1, 1_000), (2, 1_001), (3, 992), (4, 997), (6, 5), (7, 5)] {
        assert_eq!(world.gold(person), has, "{person}");
    }
    world.ask(|reader| {
        assert_eq!(reader.status()?.alarms, 0);
        let level = reader.level(Level(3))?.unwrap();
        assert_eq!((level.messages, level.transfers, level.applied), (1, 5, 4));
        assert_eq!((level.failed, level.cosigned), (0, 4));
        let level = reader.level(Level(4))?.unwrap();
        assert_eq!((level.transfers, level.applied, level.cosigned), (1, 1, 0));
        // By the batch's digest, and by each transaction's own.
        let digest = together.signing_payload(&ROLLUP).digest;
        let message = reader.batches(&digest, rows(9))?.rows.remove(0);
        assert_eq!((message.kind.as_str(), message.transactions), ("v2", 3));
        let (kind, settled) = message.result.unwrap();
        assert_eq!((kind, settled.level), (ResultKind::Done, Level(3)));
        let hash = together.signing_payload_of_transaction(1, &ROLLUP).unwrap().digest;
        let found = reader.transactions(&hash, rows(9))?.rows.remove(0);
        assert_eq!((found.number, found.message.id), (1, message.id));
        let operations = reader.operations(found.row)?;
        assert_eq!(operations[0].memo.as_deref(), Some("rent"));
        assert_eq!(operations[0].signer, Some(account(2)));
        assert_eq!(operations[0].moves.len(), 2);
        assert_eq!(operations[0].moves[0].receiver, Some(account(6)));
        let hash = together.signing_payload_of_transaction(0, &ROLLUP).unwrap().digest;
        assert_eq!(reader.transactions(&hash, rows(9))?.rows[0].expires, Some(Level(50)));
        let (six, seven) = (account(6), account(7));
        assert_eq!(reader.account(&seven)?.unwrap().registered, Some(Level(3)));
        assert_eq!(reader.account(&six)?.unwrap().registered, None);
        assert!(reader.account(&six)?.unwrap().index.is_some());
        assert_eq!(reader.account(&account(1))?.unwrap().registered, Some(Level(2)));
        let message = reader.message(MessageId { level: Level(4), index: 2 })?;
        let message = message.or(reader.message(MessageId { level: Level(4), index: 0 })?);
        assert!(reader.body(message.unwrap().row)?.is_some());
        assert_eq!(reader.transactions(&Hash32([1; 32]), rows(9))?.rows, []);
        Ok(())
    });
}

#[test]
fn a_withdrawal_until_it_is_executed() {
    let world = World::new();
    world.octez.lists(json!([]));
    world.send(&registers());
    world.bake();
    let receiver = Layer1Address::Implicit(Source { curve: 0, hash: [4; 20] });
    let leaves = vec![withdrawal(20, Some(receiver)), withdrawal(1, None)];
    let one = transaction(vec![operation(index(1), 0, None, leaves)]);
    let two = transaction(vec![operation(index(2), 0, None, vec![withdrawal(20, None)])]);
    world.send(&batch(vec![one, two], &[], true));
    let at = |stage| {
        world.ask(|reader| {
            let all = reader.withdrawals(false, rows(9))?.rows;
            assert_eq!(all.len(), 3);
            for one in &all {
                assert_eq!(one.stage, stage);
                assert_eq!(one.outbox.unwrap().0, Level(3));
            }
            // The two of one operation share a message.
            assert_eq!(all[2].outbox, all[1].outbox);
            assert_ne!(all[0].outbox, all[1].outbox);
            assert_eq!(all[2].moved.pays, Some(wallet::outbox::receiver_text(receiver)));
            assert_eq!(all[2].moved.entrypoint.as_deref(), Some("burn"));
            Ok(all[0].outbox.unwrap().1)
        })
    };
    world.bake();
    // The node's commitments are published at once: see how it answers.
    at(WithdrawalWord::Outbox);
    let open = |index: u32| json!({"outbox_level": 3, "messages": [{"message_index": index}]});
    world.octez.lists(json!([open(0), open(1)]));
    for stage in [WithdrawalWord::Outbox, WithdrawalWord::Committed] {
        world.bake();
        at(stage);
    }
    world.octez.bake(2);
    world.sync();
    at(WithdrawalWord::Executable);
    world.octez.lists(json!([]));
    world.bake();
    at(WithdrawalWord::Executed);
    world.ask(|reader| {
        assert_eq!(reader.status()?.alarms, 0);
        assert!(reader.withdrawals(true, rows(9))?.rows.is_empty());
        let token = reader.ticket(&ticket("gold").hash())?.unwrap();
        let last = reader.supplies(token.row, 1)?.remove(0);
        assert_eq!((last.on_rollup.get(), last.withdrawn.as_str()), (3_959, "41"));
        Ok(())
    });
}

#[test]
fn what_is_sent_again_moves_once() {
    let world = World::new();
    world.send(&registers());
    world.bake();
    // The second transaction comes too early, until its counter is the next one.
    let both = batch(vec![pays(1, 0, index(2), 5), pays(1, 2, index(2), 50)], &[], true);
    world.send(&both);
    world.bake();
    world.send(&batch(vec![pays(1, 1, index(2), 500)], &[], true));
    world.send(&both);
    world.bake();
    assert_eq!((world.gold(1), world.gold(2)), (445, 1_555));
    world.ask(|reader| {
        assert_eq!(reader.status()?.alarms, 0);
        let hash = both.signing_payload_of_transaction(0, &ROLLUP).unwrap().digest;
        let all = reader.transactions(&hash, rows(9))?.rows;
        assert_eq!(all.len(), 2);
        let state = |row| reader.operations(row).map(|all| all[0].moves[0].state);
        assert_eq!(state(all[0].row)?, MoveState::Applied);
        assert_eq!(state(all[1].row)?, MoveState::NotApplied);
        let hash = both.signing_payload_of_transaction(1, &ROLLUP).unwrap().digest;
        let all = reader.transactions(&hash, rows(9))?.rows;
        assert_eq!(state(all[0].row)?, MoveState::NotApplied);
        assert_eq!(state(all[1].row)?, MoveState::Applied);
        Ok(())
    });
    // Once more, when nothing of it can be applied any more.
    world.send(&both);
    world.bake();
    assert_eq!((world.gold(1), world.gold(2)), (445, 1_555));
    world.ask(|reader| {
        assert_eq!(reader.status()?.alarms, 0);
        let refused = reader.refused(rows(9))?.rows;
        assert_eq!(refused[0].result.unwrap().1.outcome.code, ResultCode::AllStale);
        Ok(())
    });
}
