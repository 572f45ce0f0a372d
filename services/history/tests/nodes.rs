//! Nodes that are away, hide things, are others; and indexes that are not what they should be.

use std::sync::atomic::Ordering;
use std::thread;

use encoding::Level;
use history::{HistoryError, Options, Page, Readers, Store, start};
use rusqlite::Connection;
use wallet::rpc::Node;

use crate::common::{World, batch, index, pays, registers, until};
use crate::gate::Gate;
use crate::octez::{Octez, account, ticket};
use crate::tables::assert_same;

const PAGE: Page = Page::first(50);

#[test]
fn a_node_that_is_away_and_comes_back() {
    let world = World::new();
    let gate = Gate::to(&world.octez.endpoint);
    let file = world.folder.path().join("away.sqlite");
    gate.open.store(false, Ordering::SeqCst);
    let running = start(Options::new(file.clone()), Node::new(&gate.endpoint).unwrap()).unwrap();
    let trouble = until(|| running.status().trouble);
    assert!(trouble.text.contains("no answer"), "{}", trouble.text);
    assert_eq!(running.status().behind(), None);
    // Since when is that of the first failure.
    let since = until(|| running.status().trouble.filter(|again| again.text == trouble.text)).since;
    assert_eq!(since, trouble.since);
    gate.open.store(true, Ordering::SeqCst);
    until(|| (running.status().indexed == Some(Level(1))).then_some(()));
    until(|| running.status().trouble.is_none().then_some(()));
    gate.open.store(false, Ordering::SeqCst);
    until(|| running.status().trouble);
    // It is read all the same.
    assert_eq!(running.readers().read(|reader| reader.count_accounts()).unwrap().count, 4);
    world.octez.bake(3);
    gate.open.store(true, Ordering::SeqCst);
    until(|| (running.status().indexed == Some(Level(4))).then_some(()));
    let head = Node::new(&world.octez.endpoint).unwrap().block("head").unwrap();
    until(|| (running.status().settled.as_ref() == Some(&head)).then_some(()));
    running.stop();
    running.join().unwrap();
    world.sync();
    assert_same(&world.file(), &file);
}

#[test]
fn levels_that_are_not_shown_are_rows_and_the_state_is_believed_without_alarm() {
    let world = World::new();
    world.send(&registers());
    world.bake();
    world.octez.hides(Some(4));
    world.send(&batch(vec![pays(1, 0, index(2), 100)], &[], true));
    world.octez.bake(1);
    world.octez.deposit(account(9), &ticket("gold"), 77);
    world.octez.bake(1);
    world.sync();
    // What moved in levels that are not shown is taken from the state.
    assert_eq!((world.gold(1), world.gold(2), world.gold(9)), (900, 1_100, 77));
    world.send(&batch(vec![pays(1, 1, index(2), 1)], &[], true));
    world.bake();
    assert_eq!((world.gold(1), world.gold(2)), (899, 1_101));
    world.ask(|reader| {
        let shown: Vec<bool> = reader.levels(PAGE)?.rows.iter().map(|one| one.shown).collect();
        assert_eq!(shown, [true, false, false, true, true, true]);
        let status = reader.status()?;
        assert_eq!((status.unseen, status.alarms), (2, 0));
        let token = reader.ticket(&ticket("gold").hash())?.unwrap();
        assert_eq!(reader.supplies(token.row, 1)?[0].on_rollup.get(), 4_077);
        Ok(())
    });
}

#[test]
fn a_balance_that_the_moves_do_not_come_to_is_an_alarm_and_the_state_wins() {
    let mut world = World::new();
    world.send(&registers());
    world.bake();
    world.stop();
    let file = Connection::open(world.file()).unwrap();
    file.execute("UPDATE balances SET amount = 5000 WHERE account = 1", []).unwrap();
    file.execute("UPDATE supplies SET deposited = '3999'", []).unwrap();
    drop(file);
    world.start();
    world.send(&batch(vec![pays(1, 0, index(2), 100)], &[], true));
    world.octez.deposit(account(3), &ticket("gold"), 1);
    world.bake();
    assert_eq!((world.gold(1), world.gold(2)), (900, 1_100));
    world.ask(|reader| {
        let alarms = reader.alarms(PAGE)?.rows;
        let facts: Vec<_> = alarms
            .iter()
            .map(|one| (one.level, one.stated.as_str(), one.derived.as_str()))
            .collect();
        assert_eq!(facts, [(Level(3), "4001", "4000"), (Level(3), "900", "4900")]);
        assert!(alarms[1].text.contains(&account(1).to_string()), "{}", alarms[1].text);
        Ok(())
    });
    // It is right from then on.
    world.send(&batch(vec![pays(1, 1, index(2), 100)], &[], true));
    world.bake();
    assert_eq!(world.ask(|reader| reader.status()).alarms, 2);
    // An alarm goes with its level.
    world.octez.revert(2);
    world.sync();
    assert_eq!(world.ask(|reader| reader.status()).alarms, 0);
}

#[test]
fn what_was_killed_goes_on_where_it_was() {
    let mut world = World::new();
    world.send(&registers());
    world.octez.bake(1);
    for counter in 0..60 {
        world.send(&batch(vec![pays(1, counter, index(2), 1)], &[], true));
        world.octez.bake(1);
        if counter % 5 == 0 {
            // Wherever it is: what is not committed is lost.
            world.stop();
            world.start();
        }
    }
    world.sync();
    assert_same(&world.file(), &world.anew());
    assert_eq!(world.gold(2), 1_060);
}

#[test]
fn an_index_of_another_version_or_rollup_is_an_error_or_made_anew() {
    let world = World::new();
    world.sync();
    let node = || Node::new(&world.octez.endpoint).unwrap();
    let file = world.folder.path().join("other.sqlite");
    drop(Store::open(&file, "sr1Another").unwrap());
    let running = start(Options::new(file.clone()), node()).unwrap();
    let ended = running.join();
    assert!(matches!(ended, Err(HistoryError::OtherRollup { .. })), "{ended:?}");
    let rebuilt = |options: Options| {
        let running = start(options, node()).unwrap();
        let head = node().block("head").unwrap();
        until(|| (running.status().settled.as_ref() == Some(&head)).then_some(()));
        running.stop();
        running.join().unwrap();
        assert_same(&world.file(), &file);
        let readers = Readers::open(&file).unwrap();
        assert_eq!(readers.read(|reader| reader.count_accounts()).unwrap().count, 4);
    };
    rebuilt(Options { rebuild: true, ..Options::new(file.clone()) });
    let index = Connection::open(&file).unwrap();
    index.execute("UPDATE meta SET value = '0' WHERE name = 'version'", []).unwrap();
    index.execute_batch("CREATE TABLE of_before (a)").unwrap();
    drop(index);
    let refused = start(Options::new(file.clone()), node());
    assert!(matches!(refused, Err(HistoryError::Version { .. })), "{refused:?}");
    let refused = Readers::open(&file);
    assert!(matches!(refused, Err(HistoryError::Version { .. })), "{refused:?}");
    let missing = Readers::open(&world.folder.path().join("missing"));
    assert!(matches!(missing, Err(HistoryError::File { .. })), "{missing:?}");
    rebuilt(Options { rebuild: true, ..Options::new(file.clone()) });
}

#[cfg(unix)]
#[test]
fn files_without_names_are_written_and_read_all_the_same() {
    let world = World::new();
    let folder = tempfile::tempdir().unwrap();
    let options = Options::new(folder.path().join("gone"));
    let node = Node::new(&world.octez.endpoint).unwrap();
    let running = start(options, node.clone()).unwrap();
    let readers = running.readers();
    readers.open_all().unwrap();
    drop(folder);
    let wait = || {
        let head = node.block("head").unwrap();
        until(|| (running.status().settled.as_ref() == Some(&head)).then_some(()));
    };
    wait();
    for _ in 0..3 {
        world.octez.bake(400);
        wait();
        world.octez.revert(3);
        wait();
    }
    // All at once: none of them opens a file.
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                assert_eq!(readers.read(|reader| reader.count_accounts()).unwrap().count, 4);
            });
        }
    });
    assert_eq!(running.status().trouble, None);
    running.stop();
    running.join().unwrap();
}

#[test]
fn an_index_that_begins_later_takes_what_there_is_from_the_state() {
    let world = World::over(Octez::start());
    world.fund();
    world.send(&registers());
    world.octez.bake(4);
    // The node has thrown away what was before.
    world.octez.forgets(Some(4));
    let file = world.folder.path().join("late.sqlite");
    let node = Node::new(&world.octez.endpoint).unwrap();
    let running = start(Options::new(file.clone()), node.clone()).unwrap();
    let wait = || {
        let head = node.block("head").unwrap();
        running.handle().look();
        until(|| (running.status().settled.as_ref() == Some(&head)).then_some(()));
    };
    wait();
    running
        .readers()
        .read(|reader| {
            assert_eq!(reader.status()?.first, Some(Level(5)));
            assert_eq!(reader.count_accounts()?.count, 4);
            let of = reader.account(&account(2))?.unwrap();
            assert_eq!(reader.balances(of.row, Page::first(9))?.rows[0].amount.get(), 1_000);
            let token = reader.ticket(&ticket("gold").hash())?.unwrap();
            assert_eq!(reader.supplies(token.row, 9)?[0].deposited, "4000");
            Ok(())
        })
        .unwrap();
    world.send(&batch(vec![pays(1, 0, index(2), 10)], &[], true));
    world.octez.bake(1);
    wait();
    running
        .readers()
        .read(|reader| {
            let of = reader.account(&account(2))?.unwrap();
            assert_eq!(reader.balances(of.row, Page::first(9))?.rows[0].amount.get(), 1_010);
            assert_eq!(reader.status()?.alarms, 0);
            Ok(())
        })
        .unwrap();
    // Away for so long that the node has thrown away levels meanwhile.
    running.stop();
    running.join().unwrap();
    world.send(&batch(vec![pays(1, 1, index(2), 10)], &[], true));
    world.octez.bake(4);
    world.octez.forgets(Some(8));
    let running = start(Options::new(file), node.clone()).unwrap();
    let head = node.block("head").unwrap();
    until(|| (running.status().settled.as_ref() == Some(&head)).then_some(()));
    running
        .readers()
        .read(|reader| {
            let levels = reader.levels(PAGE)?.rows;
            let shown: Vec<bool> = levels.iter().map(|one| one.shown).collect();
            assert_eq!(shown, [true, true, false, false, true, true]);
            assert_eq!(levels[2].block, "unknown-8");
            let of = reader.account(&account(2))?.unwrap();
            assert_eq!(reader.balances(of.row, Page::first(9))?.rows[0].amount.get(), 1_020);
            let status = reader.status()?;
            assert_eq!((status.unseen, status.alarms), (2, 0));
            Ok(())
        })
        .unwrap();
    running.stop();
    running.join().unwrap();
}
