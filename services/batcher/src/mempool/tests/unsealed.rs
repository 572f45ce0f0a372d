//! Transactions of which there is no message: each ends, and says why, and nothing else does.

use std::collections::BTreeSet;
use std::sync::Arc;

use encoding::Hash32;

use super::chain::{FINALITY, Message, address};
use super::rounds::{LAST, millis, offered};
use super::signatures::{payment, seal};
use super::world::World;
use crate::limits::{FAILING_LEVELS, GAP_TIME, MAX_WAIT, ROUND};
use crate::pool::{Ending, Status};
use crate::rounds::seal::{SealJob, Sealing, Unsealed};

/// There is no message of a batch that pays this much.
fn refuses(job: &SealJob, amount: u64) -> Sealing {
    let moved = job.content.transfer_groups.iter().flat_map(|group| &group.transfers);
    match moved.into_iter().any(|one| one.amount.get() == amount) {
        true => {
            let mut sealing = seal(job, &[].into());
            sealing.sealed = Err(Unsealed::Unsigned(1));
            sealing
        }
        false => seal(job, &[].into()),
    }
}

/// The next batch is sealed, and the node takes its message.
fn send_next(world: &mut World) {
    let job = world.seals.pop().unwrap();
    world.sealed(seal(&job, &[].into()));
    let numbers = world.injections.pop().unwrap();
    world.inject(&numbers, true, false);
}

/// Seals until nothing is left to be sealed. Returns of how many batches there was no message.
fn seal_all(world: &mut World, amount: u64) -> usize {
    let mut refused = 0;
    while let Some(job) = world.seals.pop() {
        let sealing = refuses(&job, amount);
        refused += usize::from(sealing.sealed.is_err());
        assert!(refused < 100, "it goes round and round");
        world.sealed(sealing);
    }
    refused
}

#[test]
fn of_one_that_can_never_be_in_a_message_the_end_is_told_and_all_others_are_sealed() {
    for people in [1, 2, 20, 300] {
        let mut world = offered(people);
        let never = payment(0, 1, 1, 7, LAST);
        world.accept(Arc::clone(&never)).unwrap();
        (0..people).for_each(|person| world.sign(0, person).unwrap());
        seal_all(&mut world, 7);
        for _ in 0..20 {
            world.wait(millis(MAX_WAIT));
            world.wait(millis(ROUND));
            seal_all(&mut world, 7);
        }
        let entry = world.mempool.entry(&never.hash).unwrap();
        assert_eq!(entry.status, Status::Ended(Ending::Dropped), "{people}");
        let why = entry.why.clone().unwrap();
        assert_eq!(why.code, "TOO_LARGE");
        assert!(why.message.contains("1 of its signings have no signature"), "{}", why.message);
        for person in 0..people {
            let account = address(person);
            let mut entries = world.mempool.of_account(&account);
            assert!(
                entries.all(|entry| matches!(entry.status, Status::InBatch { .. })),
                "{person}"
            );
        }
        assert_eq!(world.mempool.pending(), usize::try_from(people).unwrap());
    }
}

#[test]
fn one_that_a_message_has_had_is_not_dropped_while_that_message_may_be_applied() {
    let mut world = World::new();
    let paid = payment(0, 0, 1, 7, LAST);
    world.accept(Arc::clone(&paid)).unwrap();
    world.wait(millis(MAX_WAIT));
    send_next(&mut world);
    // The kernel refuses the message as busy, and of its next batch there is no message.
    world.chain.bake(|| true);
    world.tell_head();
    let before = world.chain.head();
    world.wait(millis(MAX_WAIT));
    assert_eq!(seal_all(&mut world, 7), 1);
    let status = |world: &World| world.mempool.entry(&paid.hash).unwrap().status.clone();
    assert!(matches!(status(&world), Status::Failing { .. }), "{:?}", status(&world));
    // It is not tried again all the time.
    world.wait(millis(MAX_WAIT));
    assert!(world.seals.is_empty());
    // On another branch the first message is applied.
    world.revert(encoding::Level(before.0 - 1), true);
    world.chain.bake(|| false);
    world.chain.bake(|| false);
    world.tell_head();
    let ended = status(&world);
    assert!(matches!(ended, Status::Ended(Ending::Result { .. })), "{ended:?}");
}

#[test]
fn too_many_individual_signings_where_nobody_is_asked_come_to_an_end() {
    // Nobody is there, so that another round would be the same.
    let mut world = World::new();
    let all: Vec<_> = (0..8).map(|person| payment(person, 0, person + 1, 1, LAST)).collect();
    all.iter().for_each(|one| world.accept(Arc::clone(one)).unwrap());
    world.wait(millis(MAX_WAIT));
    for _ in 0..20 {
        while let Some(job) = world.seals.pop() {
            let mut sealing = seal(&job, &[].into());
            sealing.sealed = Err(Unsealed::TooManyAlone(101));
            world.sealed(sealing);
        }
        world.wait(millis(MAX_WAIT));
    }
    for one in &all {
        let entry = world.mempool.entry(&one.hash).unwrap();
        assert_eq!(entry.status, Status::Ended(Ending::Dropped));
        assert!(entry.why.clone().unwrap().message.contains("101 individual signatures"));
    }
    assert_eq!(world.mempool.pending(), 0);
}

#[test]
fn one_that_was_applied_meanwhile_stays_so_if_there_is_no_message_of_its_next_batch() {
    for unsealed in [Unsealed::Unsigned(1), Unsealed::TooManyAlone(101)] {
        let mut world = offered(2);
        let all: Vec<_> = world.accepted().copied().collect();
        (0..2).for_each(|person| world.sign(0, person).unwrap());
        world.wait(millis(ROUND));
        send_next(&mut world);
        // The kernel refuses the message as busy, so that they go into another batch.
        world.chain.bake(|| true);
        world.tell_head();
        let before = world.chain.head();
        world.wait(millis(MAX_WAIT));
        world.wait(millis(ROUND));
        let again = world.seals.pop().expect("another batch is to be sealed");
        // On another branch the first message is applied, while the other one is being sealed.
        world.revert(encoding::Level(before.0 - 1), true);
        world.chain.bake(|| false);
        world.chain.bake(|| false);
        world.tell_head();
        let mut sealing = seal(&again, &[].into());
        sealing.sealed = Err(unsealed);
        world.sealed(sealing);
        for _ in 0..FAILING_LEVELS {
            world.chain.bake(|| false);
            world.tell_head();
        }
        for hash in &all {
            let ended = world.finals.get(hash);
            assert!(matches!(ended, Some(Ending::Result { .. })), "{ended:?}");
        }
    }
}

#[test]
fn the_next_batch_of_what_was_refused_has_another_digest() {
    let mut world = World::new();
    world.accept(payment(0, 0, 1, 7, LAST)).unwrap();
    let mut ids = BTreeSet::new();
    for _ in 0..4 {
        world.wait(millis(MAX_WAIT));
        let job = world.seals.pop().expect("a batch is to be sealed");
        let batch = world.mempool.batch(job.batch).unwrap();
        assert!(batch.batch.expires.is_none_or(|last| last.0 > LAST), "{:?}", batch.batch.expires);
        assert!(ids.insert(batch.id));
        world.seals.push(job);
        send_next(&mut world);
        // The kernel refuses the message as busy.
        world.chain.bake(|| true);
        world.tell_head();
    }
}

#[test]
fn one_that_a_message_has_had_waits_for_its_counter_while_that_message_may_be_applied() {
    let mut world = World::new();
    let past = payment(0, 0, 1, 1, LAST);
    let transactions = vec![(past.hash, past.transaction.clone())];
    world.chain.queue.push(Message { id: Hash32([7; 32]), transactions, individual: vec![true] });
    world.chain.bake(|| false);
    world.tell_head();
    let before = world.chain.head();
    let paid = payment(0, 1, 1, 7, LAST);
    world.accept(Arc::clone(&paid)).unwrap();
    world.wait(millis(MAX_WAIT));
    send_next(&mut world);
    // The payment before it is taken back, so that the message comes too early.
    world.revert(encoding::Level(before.0 - 1), false);
    world.chain.bake(|| false);
    world.chain.bake(|| false);
    world.tell_head();
    let status = |world: &World| world.mempool.entry(&paid.hash).map(|entry| entry.status.clone());
    let waits = |world: &World| matches!(status(world), Some(Status::AwaitsCounter { .. }));
    assert!(waits(&world), "{:?}", status(&world));
    world.wait(millis(GAP_TIME));
    assert!(waits(&world), "{:?}", status(&world));
    // Once that is final, it waits no longer than others.
    for _ in 0..=FINALITY {
        world.chain.bake(|| false);
        world.tell_head();
    }
    world.wait(millis(GAP_TIME));
    assert_eq!(world.finals.get(&paid.hash).or(Some(&Ending::Dropped)), Some(&Ending::Dropped));
    assert!(!waits(&world), "{:?}", status(&world));
}
