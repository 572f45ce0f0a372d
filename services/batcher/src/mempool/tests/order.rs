//! The order of what is ready: a transaction comes after all that it needs, whatever has happened to these.

use std::collections::BTreeSet;

use super::signatures::{payment, seal};
use super::world::World;
use crate::limits::INDIVIDUAL_PER_BATCH;

const LAST: i32 = 10_000;

/// What is sealed, and what the node is given, goes well.
fn send(world: &mut World) {
    for job in std::mem::take(&mut world.seals) {
        world.sealed(seal(&job, &BTreeSet::new()));
    }
    for numbers in std::mem::take(&mut world.injections) {
        world.inject(&numbers, true, false);
    }
}

#[test]
fn what_comes_back_from_a_lost_batch_goes_before_more_than_a_message_of_what_needs_it() {
    let mut world = World::new();
    let full = u64::try_from(INDIVIDUAL_PER_BATCH).unwrap();
    let all = 5 * full / 2;
    let pay = |world: &mut World, counters: std::ops::Range<u64>| {
        counters.for_each(|counter| world.accept(payment(0, counter, 1, 0, LAST)).unwrap());
    };
    // The payer is not there: a batch takes so many of its transactions, and no more. The first is sent.
    pay(&mut world, 0..full);
    world.wait(1_000);
    assert_eq!(world.mempool.batches().count(), 1);
    send(&mut world);
    pay(&mut world, full..all);
    // The batcher is killed before another one is sealed, and the first is refused before it knows anything again.
    world.restart();
    world.chain.bake(|| true);
    world.tell_head();
    for _ in 0..all / full + 3 {
        world.wait(1_000);
        send(&mut world);
        world.chain.bake(|| false);
        world.tell_head();
    }
    assert_eq!(world.chain.tip().ledger.counter(0), all);
    assert_eq!(world.mempool.pending(), 0);
}
