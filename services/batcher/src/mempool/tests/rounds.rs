//! Rounds, to the millisecond.

use std::collections::BTreeSet;

use batcher_api::Code;

use super::chain::address;
use super::signatures::{given_in, payment, seal};
use super::world::World;
use crate::limits::{
    INDIVIDUAL_PER_BATCH, MAX_WAIT, QUORUM, ROUND, SILENCES, UNHEARD_SIGNERS, WINDOW,
};
use crate::pool::Status;
use crate::rounds::Progress;

pub(super) const LAST: i32 = 240;

pub(super) fn millis(time: std::time::Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap()
}

/// A world in which so many people are there and pay once; their batch is offered.
pub(super) fn offered(people: u32) -> World {
    let mut world = World::new();
    for person in 0..people {
        world.mempool.presence(address(person), true, world.now);
    }
    for person in 0..people {
        world.accept(payment(person, 0, (person + 1) % people, 1, LAST)).unwrap();
    }
    assert!(world.offers.is_empty(), "there is room for more");
    world.wait(millis(MAX_WAIT));
    assert_eq!(world.offers, [0]);
    world
}

pub(super) fn no_one() -> BTreeSet<encoding::Tz4Address> {
    BTreeSet::new()
}

#[test]
fn all_have_signed_and_it_is_sealed_at_once() {
    let mut world = offered(20);
    for person in 0..20 {
        assert!(world.seals.is_empty());
        world.sign(0, person).unwrap();
    }
    let job = world.seals.pop().unwrap();
    assert_eq!(given_in(&job), 20);
    assert_eq!(world.mempool.batch(0).unwrap().progress, Progress::Closing);
    world.sealed(seal(&job, &no_one()));
    assert_eq!(world.injections, [[0]]);
    assert_eq!(world.mempool.batch(0).unwrap().is_cosigned(3), Some(true));
}

#[test]
fn a_quorum_is_followed_by_a_window_and_no_more() {
    let mut world = offered(20);
    let quorum = 20 * QUORUM / 100;
    for person in 0..quorum {
        world.wait(1);
        world.sign(0, person).unwrap();
    }
    world.wait(millis(WINDOW) - 1);
    assert!(world.seals.is_empty());
    world.wait(1);
    let job = world.seals.pop().unwrap();
    assert_eq!(u32::try_from(given_in(&job)).unwrap(), quorum);
    // Whoever comes now is late, and that costs nothing but the pairing.
    let late = world.sign(0, quorum).unwrap_err();
    assert_eq!(late.code_of::<Code>(), Some(Code::OfferClosed));
    world.sealed(seal(&job, &no_one()));
    let batch = world.mempool.batch(0).unwrap();
    assert_eq!(batch.individual.len(), 2);
}

#[test]
fn the_deadline_is_for_all_who_do_not_answer() {
    let mut world = offered(20);
    world.sign(0, 7).unwrap();
    world.wait(millis(ROUND) - 1);
    assert!(world.seals.is_empty());
    assert_eq!(world.mempool.next_tick(), Some(crate::moment::Moment(world.now.0 + 1)));
    world.wait(1);
    let job = world.seals.pop().unwrap();
    assert_eq!(given_in(&job), 1);
    world.sealed(seal(&job, &no_one()));
    assert_eq!(world.mempool.batch(0).unwrap().individual.len(), 19);
}

#[test]
fn one_who_is_not_there_is_not_waited_for() {
    let mut world = World::new();
    world.accept(payment(0, 0, 1, 1, LAST)).unwrap();
    world.wait(millis(MAX_WAIT));
    assert!(world.offers.is_empty());
    let job = world.seals.pop().unwrap();
    assert_eq!(given_in(&job), 0);
    world.sealed(seal(&job, &no_one()));
    assert_eq!(world.injections, [[0]]);
}

#[test]
fn too_many_silent_ones_go_alone_and_those_who_answered_are_asked_once_more() {
    let people = u32::try_from(INDIVIDUAL_PER_BATCH).unwrap() + 50;
    let mut world = offered(people);
    for person in 0..30 {
        world.sign(0, person).unwrap();
    }
    world.wait(millis(ROUND));
    let job = world.seals.pop().unwrap();
    world.sealed(seal(&job, &no_one()));
    // Batch 0 is gone. The silent ones are sealed at once, as many as may be individual in a batch; the others have
    // an offer of half the time.
    assert!(world.mempool.batch(0).is_none());
    assert_eq!(world.seals.len(), 2);
    let sizes: Vec<usize> = world.seals.iter().map(|job| job.signings.len()).collect();
    assert_eq!(sizes, [INDIVIDUAL_PER_BATCH, 20]);
    assert!(world.seals.iter().all(|job| given_in(job) == 0));
    assert_eq!(world.offers, [0, 3]);
    let second = world.mempool.batch(3).unwrap();
    assert_eq!((second.transactions.len(), second.second), (30, true));
    assert_eq!(second.closes.0, world.now.0 + millis(ROUND) / 2);
    // There is no third round: whoever is silent now is individual.
    world.wait(millis(ROUND) / 2);
    let job = world.seals.pop().unwrap();
    world.sealed(seal(&job, &no_one()));
    assert_eq!(world.mempool.batch(3).unwrap().individual.len(), 30);
}

#[test]
fn a_second_round_without_answers_is_the_last() {
    let people = u32::try_from(INDIVIDUAL_PER_BATCH).unwrap() * 2 + 10;
    let mut world = offered(people);
    for person in 0..u32::try_from(INDIVIDUAL_PER_BATCH).unwrap() + 5 {
        world.sign(0, person).unwrap();
    }
    world.wait(millis(ROUND));
    let job = world.seals.pop().unwrap();
    world.sealed(seal(&job, &no_one()));
    let second = *world.offers.last().unwrap();
    assert!(world.mempool.batch(second).unwrap().second);
    world.seals.clear();
    world.wait(millis(ROUND) / 2);
    let job = world.seals.pop().unwrap();
    world.sealed(seal(&job, &no_one()));
    assert!(world.mempool.batch(second).is_none());
    assert_eq!(world.offers.last(), Some(&second), "nobody is asked a third time");
    let sizes: Vec<usize> = world.seals.iter().map(|job| job.signings.len()).collect();
    assert_eq!(sizes, [INDIVIDUAL_PER_BATCH, 5]);
}

/// Rounds of so many people, one after the other, as many as cool a silent one down. Of each round the first so many
/// answer. Who is cooling down after that.
fn cooling_after(people: u32, answering: u32) -> Vec<u32> {
    let mut world = offered(people);
    for counter in 0..u64::from(SILENCES) {
        if counter > 0 {
            for person in 0..people {
                world.accept(payment(person, counter, (person + 1) % people, 1, LAST)).unwrap();
            }
            world.wait(millis(MAX_WAIT));
        }
        let number = *world.offers.last().unwrap();
        (0..answering).for_each(|person| world.sign(number, person).unwrap());
        world.wait(millis(ROUND));
        while let Some(job) = world.seals.pop() {
            world.sealed(seal(&job, &no_one()));
        }
    }
    let cooldowns = &world.mempool.cooldowns;
    (0..people).filter(|one| cooldowns.is_cooling(&address(*one), world.now)).collect()
}

#[test]
fn silence_is_told_against_those_who_could_have_answered() {
    let few = u32::try_from(UNHEARD_SIGNERS).unwrap();
    assert_eq!(cooling_after(few, 1), (1..few).collect::<Vec<_>>());
    // The offer came too late to all of them.
    assert!(cooling_after(few, 0).is_empty());
    // So few may well have gone away.
    assert_eq!(cooling_after(few - 1, 0), (0..few - 1).collect::<Vec<_>>());
}

#[test]
fn messages_go_in_the_order_in_which_their_batches_were_made() {
    let mut world = offered(2);
    // A third person's payment is sealed while the first batch is still open.
    world.accept(payment(50, 0, 1, 1, LAST)).unwrap();
    world.wait(millis(MAX_WAIT));
    let job = world.seals.pop().unwrap();
    world.sealed(seal(&job, &no_one()));
    assert!(world.injections.is_empty());
    assert!(
        world.mempool.next_tick() > Some(world.now),
        "it has nothing to do before the deadline"
    );
    world.wait(millis(ROUND));
    let job = world.seals.pop().unwrap();
    world.sealed(seal(&job, &no_one()));
    assert_eq!(world.injections, [[0, 1]]);
}

#[test]
fn what_was_sealed_before_a_restart_waits_for_a_head_and_not_for_time() {
    let mut world = offered(2);
    world.wait(millis(ROUND));
    let job = world.seals.pop().unwrap();
    world.sealed(seal(&job, &no_one()));
    assert_eq!(world.injections, [[0]]);
    // While the node is being given the messages there is nothing to do either.
    assert_eq!(world.mempool.next_tick(), None);
    world.restart();
    world.tick();
    assert!(world.injections.is_empty());
    assert_eq!(world.mempool.next_tick(), None);
    world.tell_head();
    assert_eq!(world.injections, [[0]]);
}

#[test]
fn a_gap_waits_and_its_end_is_told() {
    let mut world = World::new();
    let (late, early) = (payment(0, 2, 1, 1, LAST), payment(0, 0, 1, 1, LAST));
    world.accept(late.clone()).unwrap();
    let status = world.mempool.entry(&late.hash).unwrap().status.clone();
    assert!(matches!(status, Status::AwaitsCounter { counter, .. } if counter.get() == 0));
    world.accept(early).unwrap();
    let status = world.mempool.entry(&late.hash).unwrap().status.clone();
    assert!(matches!(status, Status::AwaitsCounter { .. }));
    world.accept(payment(0, 1, 1, 1, LAST)).unwrap();
    assert_eq!(world.mempool.entry(&late.hash).unwrap().status, Status::Ready);

    let never = payment(3, 5, 1, 1, LAST);
    world.accept(never.clone()).unwrap();
    world.wait(millis(world.settings.gap_time) - 1);
    assert!(!world.mempool.entry(&never.hash).unwrap().status.is_ended());
    world.wait(1);
    let entry = world.mempool.entry(&never.hash).unwrap();
    assert!(entry.status.is_ended());
    let why = entry.why.clone().unwrap();
    assert_eq!(why.code, "COUNTER_MISMATCH");
    assert_eq!((why.values["expected"].as_str(), why.values["provided"].as_str()), ("0", "5"));
}

#[test]
fn what_cannot_be_taken_in_is_refused_with_what_is_expected() {
    let mut world = World::new();
    let refused = |world: &mut World, tx| world.accept(tx).unwrap_err().error;
    let wide = refused(&mut world, payment(0, 9, 1, 1, LAST));
    assert_eq!((wide.code.as_str(), wide.values["expected"].as_str()), ("GAP_TOO_WIDE", "0"));
    let poor = refused(&mut world, payment(0, 0, 1, 101, LAST));
    assert_eq!((poor.code.as_str(), poor.values["available"].as_str()), ("BALANCE_TOO_LOW", "100"));
    let first = payment(0, 0, 1, 100, LAST);
    world.accept(first.clone()).unwrap();
    let taken = refused(&mut world, payment(0, 0, 1, 2, LAST));
    assert_eq!(
        (taken.code.as_str(), taken.values["hash"].clone()),
        ("COUNTER_TAKEN", first.hash.to_string())
    );
    // What the first one leaves is what there is; and nothing of a refusal is kept.
    let poor = refused(&mut world, payment(0, 1, 1, 1, LAST));
    assert_eq!(poor.values["available"], "0");
    world.accept(payment(1, 0, 0, 200, LAST)).unwrap();
    world.accept(payment(0, 1, 1, 200, LAST)).unwrap();
    assert_eq!(world.mempool.pending(), 3);
}
