//! Chains that go another way: short of the beginning of an index, beyond it, and where the node cannot tell.

use encoding::Level;
use history::{Options, Page, Readers, WithdrawalWord, start};
use serde_json::json;
use wallet::rpc::Node;

use crate::common::{
    World, batch, index, operation, pays, registers, transaction, until, withdrawal,
};
use crate::octez::{Octez, account, ticket};
use crate::tables::assert_same;

/// An index that begins with level 5, of a chain up to level 14.
fn begun() -> World {
    let octez = Octez::start();
    octez.deposit(account(1), &ticket("gold"), 10);
    octez.bake(14);
    octez.forgets(Some(4));
    let world = World::over(octez);
    world.sync();
    world
}

fn first_and_last(world: &World) -> (Option<Level>, Option<String>) {
    world.ask(|reader| {
        let status = reader.status()?;
        Ok((status.first, status.last.map(|last| last.block)))
    })
}

/// Every block of the index is the node's of the same level.
fn assert_in_chain(world: &World) {
    let node = Node::new(&world.octez.endpoint).unwrap();
    for level in world.ask(|reader| reader.levels(Page::first(0))).rows {
        let hash: String = node.get(&format!("/global/block/{}/hash", level.level)).unwrap();
        assert_eq!(level.block, hash);
    }
}

#[test]
fn a_chain_that_leaves_the_index_close_to_its_beginning_is_followed_from_there() {
    for kept in [5, 6, 7, 12, 13] {
        let world = begun();
        world.octez.revert(kept);
        world.octez.bake(2);
        world.sync();
        // One that was made anew would begin with what the node has now.
        assert_eq!(first_and_last(&world).0, Some(Level(5)), "{kept}");
        assert_in_chain(&world);
    }
}

#[test]
fn a_chain_that_leaves_the_index_before_its_beginning_is_indexed_anew() {
    for (kept, more) in [(4, 20), (4, 0), (3, 4), (0, 2)] {
        let world = begun();
        world.octez.revert(kept);
        world.octez.bake(more);
        world.sync();
        assert_eq!(first_and_last(&world).0, Some(Level(0)), "{kept}");
        assert_in_chain(&world);
    }
}

/// Another chain, of which the node has what comes after a level alone: none of it is in the index, or it cannot be known
/// whether it is.
#[test]
fn where_the_node_cannot_tell_nothing_of_before_is_believed() {
    for forgotten in [8, 13, 14] {
        let mut world = begun();
        world.stop();
        world.octez.restart();
        world.octez.bake(16);
        world.octez.forgets(Some(forgotten));
        world.start();
        world.sync();
        assert_eq!(first_and_last(&world).0, Some(Level(forgotten + 1)));
        assert_in_chain(&world);
    }
}

/// An index that is told to end in the middle has what its last level says, and goes on from there.
#[test]
fn an_index_that_was_ended_on_its_way_is_what_one_is_that_was_not() {
    let world = World::over(Octez::start());
    world.octez.lists(json!([]));
    world.fund();
    world.send(&registers());
    world.octez.bake(1);
    let leaves = vec![withdrawal(20, None)];
    world.send(&batch(vec![transaction(vec![operation(index(1), 0, None, leaves)])], &[], true));
    world.octez.bake(1_200);
    world.sync();
    let file = world.folder.path().join("ended.sqlite");
    let node = Node::new(&world.octez.endpoint).unwrap();
    let head = node.block("head").unwrap();
    let running = start(Options::new(file.clone()), node.clone()).unwrap();
    let changes = running.changes();
    until(|| changes.borrow().head.is_some().then_some(()));
    let handle = running.handle();
    running.stop();
    running.join().unwrap();
    let readers = Readers::open(&file).unwrap();
    let (last, one) = readers
        .read(|reader| {
            let last = reader.status()?.last.unwrap();
            Ok((last, reader.withdrawals(false, Page::first(1))?.rows.remove(0)))
        })
        .unwrap();
    assert!(last.level < head.level, "it was at its end before it was told to end");
    // What it has told is what it has.
    assert_eq!(changes.borrow().head.as_ref().map(|head| head.level), Some(last.level));
    assert_eq!(handle.status().settled, None);
    assert_eq!((one.stage, one.ended), (WithdrawalWord::Outbox, None));
    drop(readers);
    let running = start(Options::new(file.clone()), node).unwrap();
    until(|| (running.status().settled.as_ref() == Some(&head)).then_some(()));
    running.stop();
    running.join().unwrap();
    assert_same(&world.file(), &file);
}

/// Messages that wait for several levels, and an index that is ended after each of those.
#[test]
fn what_waits_is_settled_by_an_index_that_was_ended_meanwhile() {
    const BATCHES: u64 = 26;
    const EACH: u64 = 99;
    let mut world = World::new();
    world.octez.lists(json!([]));
    world.send(&registers());
    world.bake();
    // A level verifies 640 of them.
    for number in 0..BATCHES {
        let first = number * EACH;
        let pays = (first..first + EACH - 1).map(|counter| pays(1, counter, index(2), 1));
        let leaves = operation(index(1), first + EACH - 1, None, vec![withdrawal(1, None)]);
        world.send(&batch(pays.chain([transaction(vec![leaves])]).collect(), &[], false));
    }
    let (mut waits, mut sees) = (Vec::new(), false);
    loop {
        world.octez.bake(1);
        // Now it has seen the level before it ends, and now it has not.
        sees = !sees;
        if sees {
            world.sync();
        }
        world.stop();
        world.start();
        world.sync();
        waits.push(world.ask(|reader| reader.count_waiting()).count);
        if waits.last() == Some(&0) {
            break;
        }
    }
    assert!(waits.len() > 3, "{waits:?}");
    world.stop();
    assert_same(&world.file(), &world.anew());
}
