//! Limits of the mempool, and what it does when something fails again and again.

use std::collections::BTreeSet;

use encoding::{Level, MessageId};
use tx_kernel::results::{Outcome, ResultCode};

use super::chain::address;
use super::signatures::{payment, seal};
use super::world::World;
use crate::limits::{
    AFTER_REFUSAL, FAILING_LEVELS, INDIVIDUAL_PER_BATCH, INJECTION_PAUSE, MAX_INJECTION_PAUSE,
    RESEND_LEVELS,
};
use crate::pool::Ending;
use crate::rounds::Progress;

const LAST: i32 = 10_000;

/// Seals everything as its own signatures have it, and gives it to the node.
fn send(world: &mut World) {
    world.wait(1_000);
    for job in std::mem::take(&mut world.seals) {
        world.sealed(seal(&job, &BTreeSet::new()));
    }
    // The node is given messages one after the other.
    while let Some(numbers) = world.injections.pop() {
        world.inject(&numbers, true, false);
    }
}

#[test]
fn no_more_is_pending_than_there_is_room_for() {
    let mut world = World::new();
    world.settings.pending = 5;
    world.settings.pending_per_account = 3;
    world.restart();
    world.tell_head();
    for counter in 0..3 {
        world.accept(payment(0, counter, 1, 1, LAST)).unwrap();
    }
    let refused = world.accept(payment(0, 3, 1, 1, LAST)).unwrap_err();
    assert_eq!(refused.error.code, "TOO_MANY_PENDING_OF_ACCOUNT");
    world.accept(payment(1, 0, 0, 1, LAST)).unwrap();
    world.accept(payment(2, 0, 0, 1, LAST)).unwrap();
    let refused = world.accept(payment(3, 0, 0, 1, LAST)).unwrap_err();
    assert_eq!((refused.error.code.as_str(), refused.retry_after), ("BUSY", Some(1)));
    send(&mut world);
    world.chain.bake(|| false);
    world.tell_head();
    world.accept(payment(3, 0, 0, 1, LAST)).unwrap();
}

#[test]
fn one_that_has_its_batch_refused_is_found_by_smaller_and_smaller_ones() {
    let mut world = World::new();
    let people = u32::try_from(AFTER_REFUSAL).unwrap() + 50;
    for person in 0..people {
        world.mempool.presence(address(person), true, world.now);
        world.accept(payment(person, 0, (person + 1) % people, 1, LAST)).unwrap();
    }
    world.wait(1_000);
    let mut sizes = Vec::new();
    for _ in 0..5 {
        let (number, size) = world
            .mempool
            .batches()
            .filter(|(_, batch)| batch.progress == Progress::Offered)
            .map(|(number, batch)| (number, batch.transactions.len()))
            .max_by_key(|(number, size)| (*size, std::cmp::Reverse(*number)))
            .unwrap();
        sizes.push(size);
        for person in 0..people {
            let _ = world.sign(number, person);
        }
        send(&mut world);
        let id = world.mempool.batch(number).unwrap().id;
        // The kernel refuses it whole, for something that is in it.
        world.chain.queue.clear();
        world.chain.bake(|| false);
        let level = world.chain.head();
        let refused = (MessageId { level, index: 2 }, Outcome::plain(ResultCode::WrongSignature));
        world.chain.blocks.last_mut().unwrap().refused.insert(id, refused);
        world.tell_head();
    }
    assert_eq!(sizes[1..], [AFTER_REFUSAL, 64, 16, 4]);
}

#[test]
fn a_node_that_takes_nothing_is_asked_less_and_less_often() {
    let mut world = World::new();
    world.accept(payment(0, 0, 1, 1, LAST)).unwrap();
    world.wait(1_000);
    for job in std::mem::take(&mut world.seals) {
        world.sealed(seal(&job, &BTreeSet::new()));
    }
    let mut pauses = Vec::new();
    for _ in 0..7 {
        let numbers = world.injections.pop().unwrap();
        world.inject(&numbers, false, false);
        assert!(world.injections.is_empty());
        let next = world.mempool.next_tick().unwrap();
        pauses.push(next.since(world.now));
        world.now = next;
        world.tick();
    }
    assert_eq!(pauses[..3], [INJECTION_PAUSE, INJECTION_PAUSE * 2, INJECTION_PAUSE * 4]);
    assert_eq!(pauses[6], MAX_INJECTION_PAUSE);
}

#[test]
fn a_message_that_leaves_no_trace_is_given_to_the_node_again() {
    let mut world = World::new();
    world.accept(payment(0, 0, 1, 1, LAST)).unwrap();
    world.wait(1_000);
    for job in std::mem::take(&mut world.seals) {
        world.sealed(seal(&job, &BTreeSet::new()));
    }
    let numbers = world.injections.pop().unwrap();
    world.inject(&numbers, true, true);
    for _ in 1..RESEND_LEVELS {
        world.chain.bake(|| false);
        world.tell_head();
        assert!(world.injections.is_empty());
    }
    world.chain.bake(|| false);
    world.tell_head();
    assert_eq!(world.injections, [numbers]);
}

#[test]
fn what_the_kernel_would_refuse_is_dropped_with_the_kernels_reason() {
    let mut world = World::new();
    let tx = payment(0, 1, 1, 90, LAST);
    // The counter before it is used by a payment past the batcher, and what it needs is gone.
    world.accept(payment(0, 0, 1, 5, LAST)).unwrap();
    world.accept(tx.clone()).unwrap();
    let past = payment(0, 0, 2, 50, LAST);
    world.chain.queue.push(super::chain::Message {
        id: encoding::Hash32([1; 32]),
        transactions: vec![(past.hash, past.transaction.clone())],
        individual: vec![true],
    });
    for _ in 0..FAILING_LEVELS {
        world.chain.bake(|| false);
        world.tell_head();
        let entry = world.mempool.entry(&tx.hash).unwrap();
        assert_eq!(entry.why.as_ref().unwrap().code, "BALANCE_TOO_LOW");
    }
    world.chain.bake(|| false);
    world.tell_head();
    world.chain.bake(|| false);
    world.tell_head();
    assert_eq!(world.finals.get(&tx.hash), Some(&Ending::Dropped));
    assert!(world.chain.head() > Level(FAILING_LEVELS));
}

#[test]
fn a_batch_has_no_more_individual_signings_than_the_kernel_takes() {
    let mut world = World::new();
    let people = u32::try_from(INDIVIDUAL_PER_BATCH).unwrap() * 2 + 1;
    for person in 0..people {
        world.accept(payment(person, 0, (person + 1) % people, 1, LAST)).unwrap();
    }
    world.wait(1_000);
    let sizes: Vec<usize> = world.seals.iter().map(|job| job.signings.len()).collect();
    assert_eq!(sizes, [INDIVIDUAL_PER_BATCH, INDIVIDUAL_PER_BATCH, 1]);
}
