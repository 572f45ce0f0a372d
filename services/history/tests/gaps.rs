//! What the index has not seen: before it began, while the node hid it, while nobody looked.

use std::sync::atomic::Ordering;

use encoding::{Entrypoint, Level, Ticket, Tz4Address};
use history::{Filter, MoveState, Options, Page, start};
use inbox::deposit;
use inbox::reclaim::Request;
use rusqlite::Connection;
use wallet::rpc::Node;

use crate::common::{World, batch, index, pays, registers, until};
use crate::gate::Gate;
use crate::octez::{Octez, account, ticket};

const PAGE: Page = Page::first(50);

/// What the kernel puts off: 7 batches of 99 payments, each signed for itself, of which a level verifies 640.
fn send_more_than_a_level_verifies(world: &World) {
    for number in 0..7_u64 {
        let first = number * 99;
        let pays = (first..first + 99).map(|counter| pays(1, counter, index(2), 1));
        world.send(&batch(pays.collect(), &[], false));
    }
}

#[test]
fn what_was_put_off_is_settled_behind_a_gap() {
    let mut world = World::new();
    world.send(&registers());
    world.bake();
    send_more_than_a_level_verifies(&world);
    world.bake();
    assert_eq!(world.ask(|reader| reader.count_waiting()).count, 1);
    world.stop();
    world.octez.bake(4);
    world.octez.forgets(Some(6));
    world.start();
    world.sync();
    assert_eq!((world.gold(1), world.gold(2)), (1_000 - 693, 1_693));
    world.ask(|reader| {
        assert!(reader.waiting(PAGE)?.rows.is_empty());
        let messages = reader.messages(Level(3), PAGE)?.rows;
        assert!(messages.iter().all(|one| one.result.is_some() && one.unknown.is_none()));
        assert!(messages.iter().any(|one| one.result.unwrap().1.level == Level(7)));
        let rows = reader.moves(Filter { applied: true, ..Filter::default() }, Page::first(0))?;
        assert!(rows.rows.iter().all(|one| one.state == MoveState::Applied));
        assert_eq!(reader.status()?.alarms, 0);
        Ok(())
    });
}

#[test]
fn what_changed_in_a_gap_is_taken_from_the_state_behind_it() {
    let mut world = World::new();
    world.octez.deposit_for("nobody", &ticket("gold"), 7);
    world.octez.deposit(account(5), &ticket("silver"), 1);
    world.bake();
    world.stop();
    let request = Request {
        number: 0,
        destination: ticket("gold").ticketer,
        entrypoint: Entrypoint::new(b"burn").unwrap(),
        receiver: None,
    };
    world.octez.call(&deposit::encode_bytes(&request.to_bytes()), ticket("gold").ticketer);
    world.octez.deposit(account(3), &ticket("gold"), 5);
    world.octez.deposit(account(5), &ticket("silver"), 2);
    world.octez.bake(4);
    world.octez.forgets(Some(4));
    world.start();
    world.sync();
    let has = |person: u8| {
        world.ask(|reader| {
            let account = reader.account(&account(person))?.unwrap();
            Ok(reader
                .balances(account.row, PAGE)?
                .rows
                .iter()
                .map(|one| one.amount.get())
                .sum::<u64>())
        })
    };
    assert_eq!((has(3), has(5), has(1)), (1_005, 3, 1_000));
    world.ask(|reader| {
        assert_eq!(reader.held(false, PAGE)?.rows[0].paid, Some(Level(5)));
        for (name, on_rollup) in [("gold", 4_005), ("silver", 3)] {
            let token = reader.ticket(&ticket(name).hash())?.unwrap();
            assert_eq!(reader.supplies(token.row, 1)?[0].on_rollup.get(), on_rollup);
        }
        assert_eq!((reader.status()?.unseen, reader.status()?.alarms), (2, 0));
        Ok(())
    });
    // What comes then is held against what was taken over.
    world.octez.deposit(account(3), &ticket("gold"), 1);
    world.bake();
    assert_eq!(has(3), 1_006);
    assert_eq!(world.ask(|reader| reader.status()).alarms, 0);
}

#[test]
fn a_message_whose_result_is_not_kept_any_more_is_unknown() {
    let mut world = World::new();
    world.bake();
    world.stop();
    // It was put off so long ago that the state keeps no results of its level.
    let file = Connection::open(world.file()).unwrap();
    file.execute_batch(
        "INSERT INTO levels VALUES (-30000, 'BLold', NULL, 1, 1, 9, 0, NULL, 0, 0, 0, 0);
         INSERT INTO messages (id, level, place, kind, text, length, transactions, registrations)
            VALUES (900, -30000, 2, 'v2', 'of long ago', 9, 1, 0);
         INSERT INTO bodies VALUES (900, x'01');
         INSERT INTO transactions VALUES (900, 900, 0, NULL, NULL);
         INSERT INTO operations (id, tx, number, counter, individual) VALUES (900, 900, 0, 0, 0);
         INSERT INTO moves (id, level, message, operation, kind, sender, receiver, ticket, amount, state)
            VALUES (900, -30000, 900, 900, 'transfer', 1, 2, 1, 5, 0);",
    )
    .unwrap();
    drop(file);
    world.start();
    world.bake();
    let id = encoding::MessageId { level: Level(-30_000), index: 2 };
    let read = |world: &World| {
        world.ask(|reader| {
            let message = reader.message(id)?.unwrap();
            let states: Vec<MoveState> =
                reader.operations(900)?[0].moves.iter().map(|one| one.state).collect();
            Ok((
                message.unknown,
                message.result.is_some(),
                states,
                reader.waiting(PAGE)?.rows.len(),
            ))
        })
    };
    assert_eq!(read(&world), (Some(Level(3)), false, vec![MoveState::Unknown], 0));
    assert_eq!((world.gold(1), world.gold(2)), (1_000, 1_000));
    // The level that said so says it again when it comes again.
    world.octez.revert(2);
    world.sync();
    assert_eq!(read(&world), (None, false, vec![MoveState::Waits], 1));
    world.bake();
    assert_eq!(read(&world).0, Some(Level(3)));
}

fn numbered(number: u16) -> Tz4Address {
    let mut address = [9; 20];
    address[..2].copy_from_slice(&number.to_be_bytes());
    Tz4Address(address)
}

/// More balances than one level asks for are there before the index begins: all of them come, with later levels.
#[test]
fn balances_of_before_the_first_level_come_with_later_ones_beyond_a_limit() {
    const ACCOUNTS: u16 = 320;
    let tokens: Vec<Ticket> = (0..20).map(|number| ticket(&format!("token {number}"))).collect();
    let octez = Octez::start();
    for token in &tokens {
        octez.deposit(numbered(1), token, 1);
    }
    octez.bake(1);
    for number in 1..=ACCOUNTS {
        octez.deposit(numbered(number), &tokens[19], number.into());
    }
    octez.bake(2);
    octez.forgets(Some(2));
    let world = World::over(octez);
    world.sync();
    let known = |world: &World| {
        world.ask(|reader| {
            let mut known = 0;
            for number in 1..=ACCOUNTS {
                let Some(account) = reader.account(&numbered(number))? else { continue };
                let has: u64 = reader
                    .balances(account.row, PAGE)?
                    .rows
                    .iter()
                    .map(|one| one.amount.get())
                    .sum();
                known += u16::from(has >= u64::from(number));
            }
            assert_eq!(reader.status()?.alarms, 0);
            Ok(known)
        })
    };
    let first = known(&world);
    assert!((1..ACCOUNTS).contains(&first), "{first}");
    // What is taken back with its level is asked for again.
    world.bake();
    world.octez.forgets(Some(2));
    assert_eq!(known(&world), ACCOUNTS);
    let open = Connection::open(world.file()).unwrap();
    let sql = "SELECT count(*) FROM accounts WHERE holdings IS NULL";
    assert_eq!(open.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap(), 0);
}

/// Levels to which nothing was sent cost nothing, also after one that was not shown.
#[test]
fn a_level_that_was_not_shown_is_made_good_once() {
    let world = World::new();
    world.send(&registers());
    world.octez.bake(1);
    let gate = Gate::to(&world.octez.endpoint);
    let file = world.folder.path().join("counted.sqlite");
    let running = start(Options::new(file), Node::new(&gate.endpoint).unwrap()).unwrap();
    let bake = || {
        let before = gate.values.load(Ordering::SeqCst);
        world.octez.bake(1);
        let head = Node::new(&world.octez.endpoint).unwrap().block("head").unwrap();
        running.handle().look();
        until(|| (running.status().settled.as_ref() == Some(&head)).then_some(()));
        gate.values.load(Ordering::SeqCst) - before
    };
    bake();
    assert_eq!(bake(), 0);
    let head = Node::new(&world.octez.endpoint).unwrap().level("head").unwrap();
    world.octez.hides(Some(head.0 + 1));
    world.send(&batch(vec![pays(1, 0, index(2), 100)], &[], true));
    assert!(bake() > 0);
    bake();
    assert_eq!(bake(), 0);
    running
        .readers()
        .read(|reader| {
            let status = reader.status()?;
            assert_eq!((status.unseen, status.alarms), (1, 0));
            let of = reader.account(&account(2))?.unwrap();
            assert_eq!(reader.balances(of.row, PAGE)?.rows[0].amount.get(), 1_100);
            Ok(())
        })
        .unwrap();
    running.stop();
    running.join().unwrap();
}
